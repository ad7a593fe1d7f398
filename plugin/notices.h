/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Lines for users in the conversation, one for each thing that happens. */

#pragma once

#include <purple.h>

#include "decide.h"
#include "face.h"
#include "places.h"
#include "xim-error.h"

/**
 * xim_notices_line:
 * @text: plain text
 * Writes a system line into the conversation with @who; opens none unless
 * @open is set.
 */
void xim_notices_line (PurpleAccount *account, const char *who, gboolean open,
                       const char *text);

/**
 * xim_notices_once:
 * @key: static; what is said once in each conversation
 * Returns: whether the line was written now
 */
gboolean xim_notices_once (PurpleConversation *conv, const char *key,
                           const char *text);

/**
 * xim_notices_state:
 * @reason: of a decision to hold
 * @text: what the user reads when the state or the reason is another one than
 * the last that this conversation has shown
 * Tells the faces too.
 */
void xim_notices_state (PurpleAccount *account, const char *who,
                        XimFaceState state, XimHoldReason reason,
                        const char *text);

/**
 * xim_notices_not_sent:
 * @html: what was typed; @why: plain text
 * The text stays with the user: in the entry if a face can put it back, else
 * in a line.
 */
void xim_notices_not_sent (PurpleAccount *account, const char *who,
                           const char *html, const char *why);

/* Texts, translated, in plain words.  (transfer full) */
char *xim_notices_hold_text (XimHoldReason reason, const char *who);
char *xim_notices_sealed_text (gboolean verified, const char *who);
char *xim_notices_unmarked_text (const char *who);
char *xim_notices_plain_text (gboolean enrolled, XimPolicy policy,
                              const char *who);
char *xim_notices_failure_text (XimError code, const char *who);

/**
 * xim_notices_evidence_text:
 * @code: what does not fit of what the keyserver said of @who
 */
char *xim_notices_evidence_text (XimError code, const char *who);

/**
 * xim_notices_alarm_text:
 * A message of @from contradicts the keyserver.
 * @own: about the own keys, else about those of @from
 */
char *xim_notices_alarm_text (gboolean own, const char *from);

/**
 * xim_notices_forked_text:
 * The keyserver of @domain has two logs.
 */
char *xim_notices_forked_text (const char *domain);

/**
 * xim_notices_log_alarm_text:
 * Returns: (transfer none) (nullable): what the log shows of the own address
 */
const char *xim_notices_log_alarm_text (XimPlacesAlarm alarm);

/**
 * xim_notices_unload:
 * Every conversation that has shown a state says that X-IM is off.
 */
void xim_notices_unload (void);
