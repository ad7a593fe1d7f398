/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Proofs of addresses: who said over XMPP that a note is theirs. */

#pragma once

#include "xim-crypto.h"

/**
 * XimKsProofs:
 * Pairs of (bare address, SHA-256 of a note's text), each kept 120 s, at most
 * 3 for an address.  In memory only: a restart costs a client one more proof.
 * For all threads.
 * Source: PROTOCOL.md, section 6.1.
 */
typedef struct _XimKsProofs XimKsProofs;

/**
 * xim_ks_proofs_new:
 * @max_addresses: more addresses than this are refused until others expire
 */
XimKsProofs *xim_ks_proofs_new (guint max_addresses);
void xim_ks_proofs_free (XimKsProofs *proofs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsProofs, xim_ks_proofs_free)

/**
 * xim_ks_proofs_add:
 * @jid: prepared and of the local domain; the XMPP server vouched for it
 * @now_us: a clock that does not jump, microseconds
 *
 * Keeps the proof; when the address has 3, the oldest goes.  The same digest
 * again only lives longer.
 * Errors: TOO_MANY.
 */
gboolean xim_ks_proofs_add (XimKsProofs *proofs, const char *jid,
                            const XimHash *digest, gint64 now_us,
                            GError **error);

/**
 * xim_ks_proofs_has:
 * Returns: whether there is such a proof; it stays
 */
gboolean xim_ks_proofs_has (XimKsProofs *proofs, const char *jid,
                            const XimHash *digest, gint64 now_us);

/**
 * xim_ks_proofs_take:
 * Returns: whether there was such a proof; it is used up
 */
gboolean xim_ks_proofs_take (XimKsProofs *proofs, const char *jid,
                             const XimHash *digest, gint64 now_us);
