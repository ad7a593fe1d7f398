/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The two gates: text to recipients to content to envelope to stanza. */
/* Connect `sending-im-msg` and `jabber-sending-xmlnode` at
 * PURPLE_SIGNAL_PRIORITY_HIGHEST: the gates come after other plugins. */

#pragma once

#include "enrol.h"
#include "peers.h"

typedef struct _XimOutgoing XimOutgoing;

XimOutgoing *xim_outgoing_new (PurpleAccount *account, const char *jid,
                               XimStore *store, XimKeystore *keystore,
                               XimEnrol *enrol, XimPeers *peers);

/**
 * xim_outgoing_im:
 * Gate 1, from `sending-im-msg`; sets *@html to NULL when it takes the text.
 */
void xim_outgoing_im (XimOutgoing *outgoing, const char *who, char **html);

/**
 * xim_outgoing_stanza:
 * Gate 2, from `jabber-sending-xmlnode`; edits @stanza in place.
 */
void xim_outgoing_stanza (XimOutgoing *outgoing, xmlnode *stanza);

/**
 * xim_outgoing_text:
 * Raw XML, from `jabber-sending-text`; sets *@text to NULL to drop it.
 */
void xim_outgoing_text (XimOutgoing *outgoing, char **text);

/**
 * xim_outgoing_conversation:
 * From `conversation-created` and `chat-joined`: looks the contact up before
 * something is written; a room says once that it is not encrypted.
 */
void xim_outgoing_conversation (XimOutgoing *outgoing,
                                PurpleConversation *conv);

/**
 * xim_outgoing_online:
 * The account is online; while it has no keys, every open conversation says
 * that it is not encrypted.
 */
void xim_outgoing_online (XimOutgoing *outgoing);

/* Something changed: what can go, goes, in order.  @jid NULL means all. */
void xim_outgoing_flush (XimOutgoing *outgoing, const char *jid);

/**
 * xim_outgoing_decide:
 * The decision for @who as of now, for the gates, commands and faces.
 */
XimDecision xim_outgoing_decide (XimOutgoing *outgoing, const char *who,
                                 XimHoldReason *reason);

/* Returns: how many messages to @jid that waited were thrown away. */
guint xim_outgoing_discard (XimOutgoing *outgoing, const char *jid);
guint xim_outgoing_n_held (XimOutgoing *outgoing, const char *jid);
void xim_outgoing_free (XimOutgoing *outgoing);
