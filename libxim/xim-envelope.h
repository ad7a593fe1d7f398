/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Envelopes: one message, sealed to devices, signed by one. */

#pragma once

#include "xim-session.h"
#include "xim-trust.h"

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
 * Errors: TOO_LARGE, the base64 of the envelope would have over 131,072
 * characters; MALFORMED, a device key of low order.
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
 * Errors: MALFORMED; UNSUPPORTED, another suite; TOO_LARGE, over 2048 slots or
 * 98,304 bytes.
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
