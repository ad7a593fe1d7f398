/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The inside of envelopes: for libxim and its tests alone. */

#pragma once

#include "xim-envelope.h"

#define XIM_PAYLOAD_CONTEXT "x-im payload v1"
#define XIM_KIND_CHAT 1

/* What an envelope is made of besides its sender and its content. */
typedef struct
{
  const XimSessionDevice *devices;
  guint n_devices;
  const XimSecret *session_key; /* 32 bytes */
  const guint8 *salt;           /* 24 bytes */
  const guint8 *nonce;          /* 16 bytes; NULL: drawn */
} XimMaking;

/**
 * XimEnvelope:
 * Every pointer points into `bytes`.
 */
struct _XimEnvelope
{
  GBytes *bytes;
  const guint8 *data;
  const guint8 *nonce;
  XimX25519Public enc;
  guint n_slots;
  const guint8 *slots;
  const guint8 *sender; /* sealed */
  gsize sender_len;
  const guint8 *payload; /* salt, commitment, chunks */
  gsize chunks_len;
  const guint8 *signature; /* sealed */
  XimDigest digest;
};

/* The two keys that a session key gives besides the payload's. */
typedef struct
{
  guint8 sender[XIM_KEY_LEN];
  guint8 signature[XIM_KEY_LEN];
} XimEnvelopeKeys;

#define XIM_SIGNED_PREFIX "x-im envelope v1\n"
#define XIM_SIGNED_LEN (sizeof XIM_SIGNED_PREFIX - 1 + sizeof (XimDigest))

/**
 * xim_envelope_derive_keys:
 * @out: (out): wipe it after use
 */
void xim_envelope_derive_keys (const XimSecret *session_key,
                               XimEnvelopeKeys *out);

/**
 * xim_envelope_signed_text:
 * @out: (out): the XIM_SIGNED_LEN bytes that the sender signs
 */
void xim_envelope_signed_text (const XimDigest *digest, guint8 *out);

/**
 * xim_envelope_padded_len:
 * @len: bytes of kind, length and content
 * Returns: bytes of the plaintext that they are padded to
 * Source: PROTOCOL.md, section 5.
 */
guint64 xim_envelope_padded_len (guint64 len);

/**
 * xim_envelope_seal_to:
 * As xim_envelope_seal(), to devices that nobody has verified and with what is
 * random given.
 */
GBytes *xim_envelope_seal_to (XimSession *session, const XimMaking *making,
                              const XimSender *sender,
                              const XimSecret *content, gint64 now_s,
                              GError **error);
