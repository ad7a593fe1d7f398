/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Opening: from an envelope that is for us to the content that was signed. */

#pragma once

#include "xim-envelope.h"
#include "xim-keyring.h"

/**
 * XimUnwrapped:
 * An envelope of which a slot was ours: the session key and a sender who is
 * named and not yet proven.
 */
typedef struct _XimUnwrapped XimUnwrapped;

/**
 * xim_envelope_unwrap:
 * @envelope: (transfer full): freed also when this fails
 *
 * Finds the slot, unwraps, compares the commitment, opens the sender block.
 * Errors: NOT_FOR_US; MALFORMED.
 */
XimUnwrapped *xim_envelope_unwrap (XimEnvelope *envelope, XimKeyring *ring,
                                   gint64 now_s, GError **error);

/* Whom the sender block names, D, and the own key that opened the slot; all
 * belong to @unwrapped. */
const char *xim_unwrapped_jid (const XimUnwrapped *unwrapped);
const XimDeviceId *xim_unwrapped_device (const XimUnwrapped *unwrapped);
const XimDigest *xim_unwrapped_digest (const XimUnwrapped *unwrapped);
const XimKeyringEntry *xim_unwrapped_entry (const XimUnwrapped *unwrapped);
void xim_unwrapped_free (XimUnwrapped *unwrapped);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimUnwrapped, xim_unwrapped_free)

/* Asked before the payload is decrypted: was this digest seen? */
typedef struct
{
  gboolean (*seen) (const XimDigest *digest, gpointer user_data);
  gpointer user_data;
} XimReplayOps;

/**
 * xim_envelope_open:
 * @sender: the verified bundle of the address that @unwrapped names; the
 * caller compared that address with the stanza before it fetched this
 * @ring: keeps the context after a good signature
 *
 * Errors: WRONG_NAME, @sender is somebody else; NOT_FOUND, the device is not
 * listed; SIGNATURE; REPLAYED; MALFORMED; UNSUPPORTED, another kind than 1.
 * Returns: (transfer full): the content
 */
XimSecret *xim_envelope_open (XimUnwrapped *unwrapped,
                              const XimVerified *sender, XimKeyring *ring,
                              const XimReplayOps *replay, gint64 now_s,
                              GError **error);
