/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Envelopes: one message, sealed to devices, signed by one. */

#pragma once

#include "xim-keyring.h"
#include "xim-trust.h"

/**
 * XimSession:
 * The ephemeral key and the contexts that a sender keeps in memory for one
 * conversation, for at most one hour; never on disk.
 */
typedef struct _XimSession XimSession;
XimSession *xim_session_new (void);
void xim_session_free (XimSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimSession, xim_session_free)

/* Who signs. */
typedef struct
{
  const char *jid;
  XimDeviceId device;
  const XimSignKey *key;
} XimSender;

/**
 * xim_envelope_seal:
 * @session: renewed by itself when it is an hour old
 * @content: of kind 1, a chat message
 *
 * Errors: TOO_LARGE.
 * Returns: (transfer full): the bytes of the envelope
 * Source: PROTOCOL.md, section 5.
 */
GBytes *xim_envelope_seal (XimSession *session,
                           const XimRecipients *recipients,
                           const XimSender *sender, const XimSecret *content,
                           gint64 now_s, GError **error);

/**
 * XimEnvelope:
 * Parsed whole; not yet opened.
 */
typedef struct _XimEnvelope XimEnvelope;

/**
 * xim_envelope_decode:
 * Errors: MALFORMED; UNSUPPORTED, another suite; TOO_LARGE.
 */
XimEnvelope *xim_envelope_decode (GBytes *bytes, GError **error);

/**
 * xim_envelope_decode_text:
 * @text: the text of the <sealed/> element: at most 131,072 characters
 * Errors: as above, MALFORMED also for another base64, TOO_LARGE.
 */
XimEnvelope *xim_envelope_decode_text (const char *text, gsize len,
                                       GError **error);

/**
 * xim_envelope_encode_text:
 * Errors: TOO_LARGE, over 131,072 characters.
 */
char *xim_envelope_encode_text (GBytes *bytes, GError **error);

/**
 * xim_envelope_digest:
 * Returns: (transfer none): D of section 5; its first 32 bytes name the
 * envelope in the replay memory
 */
const XimDigest *xim_envelope_digest (const XimEnvelope *envelope);
void xim_envelope_free (XimEnvelope *envelope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimEnvelope, xim_envelope_free)

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
 * listed; SIGNATURE; REPLAYED; MALFORMED; UNSUPPORTED.
 * Returns: (transfer full): the content
 */
XimSecret *xim_envelope_open (XimUnwrapped *unwrapped,
                              const XimVerified *sender, XimKeyring *ring,
                              const XimReplayOps *replay, gint64 now_s,
                              GError **error);
