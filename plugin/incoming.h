/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Stanza to envelope to sender to content to text. */
/* Connect `jabber-receiving-message` at PURPLE_SIGNAL_PRIORITY_LOWEST, so that
 * other plugins see a normal message. */

#pragma once

#include "enrol.h"
#include "peers.h"
#include "witness.h"

typedef struct _XimIncoming XimIncoming;

XimIncoming *xim_incoming_new (PurpleAccount *account, const char *jid,
                               XimStore *store, XimEnrol *enrol,
                               XimPeers *peers, XimWitness *witness);

/**
 * xim_incoming_message:
 * From `jabber-receiving-message`; edits the children of @message in place.
 * Returns: TRUE when the stanza is to be swallowed (a replay, or an envelope
 * that waits for its sender's bundle)
 */
gboolean xim_incoming_message (XimIncoming *incoming, const char *type,
                               const char *from, const char *to,
                               xmlnode *message);

/**
 * xim_incoming_allow:
 * The user asked to open what the stranger @jid sent: its keys are looked up.
 * What devices sent that @jid has removed is shown, marked as that.
 */
void xim_incoming_allow (XimIncoming *incoming, const char *jid);
guint xim_incoming_n_waiting (XimIncoming *incoming, const char *jid);
guint xim_incoming_n_removed (XimIncoming *incoming, const char *jid);

/* A lookup ended, or the keys are here: what waits is tried again. */
void xim_incoming_retry (XimIncoming *incoming, const char *jid);
void xim_incoming_free (XimIncoming *incoming);
