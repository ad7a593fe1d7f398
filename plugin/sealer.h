/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Content to envelope to stanza, for one account. */

#pragma once

#include "enrol.h"
#include "peers.h"
#include "xmlnode.h"

typedef struct _XimSealer XimSealer;

/**
 * XimSealer:
 * Keeps the sessions of conversations and knows the envelopes it made.
 * @jid: own bare address, prepared
 */
XimSealer *xim_sealer_new (const char *jid, XimEnrol *enrol, XimPeers *peers);
void xim_sealer_free (XimSealer *sealer);

/* Forgets the sessions: the keys are locked. */
void xim_sealer_lock (XimSealer *sealer);

/**
 * xim_sealer_ready:
 * @reason: (out): why not
 * Returns: whether the own keys and the own bundle can be used; looks the
 * latter up when it is missing or old
 */
gboolean xim_sealer_ready (XimSealer *sealer, gint64 now_s,
                           XimHoldReason *reason);

/**
 * xim_sealer_is_stopped:
 * Returns: whether the own keyserver was caught with two logs: what it says of
 * the own devices counts for nothing
 */
gboolean xim_sealer_is_stopped (XimSealer *sealer);

/**
 * xim_sealer_seal:
 * @message: reduced to the allow list; gets the envelope
 * @jid: the recipient, prepared
 * @children: (transfer full): what xim_xmlnode_take_content() returned
 *
 * Errors: UNAVAILABLE, no own keys or no bundle; EXPIRED, KEY_CHANGED,
 * NOT_FOUND as xim_trust_recipients(); TOO_LARGE; MALFORMED.
 */
gboolean xim_sealer_seal (XimSealer *sealer, xmlnode *message, const char *jid,
                          XimSecret *children, gint64 now_s, GError **error);

/**
 * xim_sealer_fits:
 * @html: as a conversation has it
 * Returns: whether @html can be sealed within the limit of a stanza
 */
gboolean xim_sealer_fits (XimSealer *sealer, const char *jid, const char *html,
                          gint64 now_s);

/**
 * xim_sealer_made:
 * Returns: whether @base64 is an envelope that this process made
 */
gboolean xim_sealer_made (const XimSealer *sealer, const char *base64);
