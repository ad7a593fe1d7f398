/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The verbs of the command /xim, by subject. */

#pragma once

#include "account.h"

/* One call of the command. */
typedef struct
{
  PurpleConversation *conv;
  XimAccountState *state;
  char *jid;   /* (nullable): the contact; NULL in rooms */
  GStrv words; /* behind the verb */
} XimCall;

/* One verb.  @run returns (transfer full) (nullable) what the user reads. */
typedef struct
{
  const char *word;
  char *(*run) (const XimCall *call);
  const char *help; /* a line or more, to be translated; NULL: part of another
                       verb's */
} XimVerb;

/* Each ends with a verb without a word: verbs that look at a contact or set
 * what holds for it, the one that compares keys with it, verbs about the own
 * keys, and where keyservers are. */
extern const XimVerb xim_verbs_contact[];
extern const XimVerb xim_verbs_verify[];
extern const XimVerb xim_verbs_keys[];
extern const XimVerb xim_verbs_keyserver[];

/* About the own devices. */
extern const XimVerb xim_verbs_devices[];

/* What proves that keys are in the log. */
extern const XimVerb xim_verbs_log[];
