/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The new device asks the old ones to sign that it is one of them. */

#pragma once

#include "iq.h"
#include "resources.h"
#include "xim.h"

#define XIM_JOIN_TIMEOUT_S 600 /* no answer by then is a refusal */

/* The payload of all stanzas about joining; section 7.4. */
extern const XimIqElement xim_join_element;

/**
 * xim_join_decode:
 * @text: of a <join/>: base64 of a signed account note
 * Errors: MALFORMED; UNSUPPORTED; TOO_LARGE.
 * Returns: (transfer full): the note; nothing in it is trusted
 */
XimAccount *xim_join_decode (const char *text, GError **error);

/**
 * xim_join_encode:
 * Returns: (transfer full): the text of a <join/>
 */
char *xim_join_encode (const XimNote *note);

/* How asking went. */
typedef enum
{
  XIM_JOIN_SIGNED,  /* `note` has the line of an old device */
  XIM_JOIN_NOBODY,  /* no other client of the address is online */
  XIM_JOIN_REFUSED, /* by the user of an old device, or three wrong codes */
  XIM_JOIN_TIMEOUT, /* no answer within ten minutes */
  XIM_JOIN_CANNOT,  /* none of those that are online can approve now */
  XIM_JOIN_CHANGED, /* the list of devices is another one now */
  XIM_JOIN_LIED,    /* what an old device answered does not fit */
} XimJoinEnd;

/**
 * XimJoinCallback:
 * @note: (nullable): of XIM_JOIN_SIGNED, to be registered
 */
typedef void (*XimJoinCallback) (XimJoinEnd end, const char *note,
                                 gpointer user_data);

typedef struct _XimJoin XimJoin;

/**
 * xim_join_new:
 * @iq, @resources: outlive it
 */
XimJoin *xim_join_new (XimIq *iq, XimResources *resources,
                       XimJoinCallback ended, gpointer user_data);
void xim_join_free (XimJoin *join);

/**
 * xim_join_ask:
 * @present: the newest version of the own account note
 * @own: this device, which is not in it
 * Asks every other client that is online, and those that come online while it
 * goes on.  What was asked before is withdrawn.
 * Errors: KEY_CHANGED; TOO_LARGE, there are 16 devices already.
 */
gboolean xim_join_ask (XimJoin *join, const XimAccount *present,
                       const XimSender *own, gint64 now_s, GError **error);

/**
 * xim_join_code_shown:
 * Returns: (transfer full) (nullable): the code to be typed on an old device,
 * in groups; NULL while nothing is asked
 */
char *xim_join_code_shown (const XimJoin *join);

/* A client came online, while something is asked. */
void xim_join_came (XimJoin *join, const char *full);

/* The question is over, whatever became of it; nobody is to answer it. */
void xim_join_stop (XimJoin *join);

/**
 * xim_join_announce:
 * The list of devices has changed, or a question is withdrawn: every other
 * client that is online is told to look.
 */
void xim_join_announce (XimJoin *join);
