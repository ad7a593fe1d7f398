/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* An old device is asked by a new one, and asks its user for the code. */

#pragma once

#include "enrol.h"
#include "resources.h"

#define XIM_APPROVE_TRIES 3
#define XIM_APPROVE_TIMEOUT_S 600
#define XIM_APPROVE_MAX 4 /* new devices that ask at the same time */

typedef struct _XimApprove XimApprove;

/* A line for the user. */
typedef void (*XimApproveTell) (const char *text, gpointer user_data);

/**
 * xim_approve_new:
 * @jid: own bare address; @store, @iq, @enrol, @resources: outlive it
 */
XimApprove *xim_approve_new (PurpleAccount *account, const char *jid,
                             XimStore *store, XimIq *iq, XimEnrol *enrol,
                             XimResources *resources);
void xim_approve_free (XimApprove *approve);

void xim_approve_set_tell (XimApprove *approve, XimApproveTell tell,
                           gpointer user_data);

/**
 * xim_approve_receive:
 * From `jabber-receiving-iq`: a <join/> from another client of the own address
 * opens a dialog in which the code has to be typed; there is no other yes.
 * Source: PROTOCOL.md, section 7.4.
 * Returns: TRUE when it was a <join/>: it is answered, or will be
 */
gboolean xim_approve_receive (XimApprove *approve, const char *type,
                              const char *id, const char *from,
                              xmlnode *stanza);

/* The own list of devices was looked up: what waited for that goes on, what
 * does not fit it any more closes. */
void xim_approve_looked (XimApprove *approve);

/* The client @full is gone: it does not ask any more. */
void xim_approve_gone (XimApprove *approve, const char *full);

/* The account is offline, or locked: nothing can be approved now. */
void xim_approve_stop (XimApprove *approve);

/**
 * xim_approve_has_signed:
 * @text: SHA-256 of the text of an account note
 * Returns: whether it was signed here since the start, for a code that the
 * user typed
 */
gboolean xim_approve_has_signed (const XimApprove *approve,
                                 const XimHash *text);
