/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Makes envelopes in which everything is right but, perhaps, what is inside.
 */

#pragma once

#include <string.h>

#include "xim-chunked.h"
#include "xim-envelope-private.h"
#include "xim-slot.h"

#define TEST_SALT_BYTE 9

/* From whom to whom, and what is sealed, well-formed or not. */
typedef struct
{
  const XimHpke *context; /* of the only recipient */
  XimX25519Public enc;
  const XimSignKey *key;
  const guint8 *block; /* sender block */
  gsize block_len;     /* a multiple of 64 */
  const guint8 *plain; /* kind, length, content, padding */
  gsize plain_len;
} TestSealed;

static inline void
test_append (GByteArray *out, const void *data, gsize len)
{
  g_byte_array_append (out, data, (guint)len);
}

static inline void
test_append_gcm (GByteArray *out, const guint8 *key, gsize ad_len,
                 const XimPiece *plain)
{
  g_autoptr (XimGcm) gcm = xim_gcm_new (key);
  g_autofree guint8 *sealed = g_malloc (plain->len + XIM_GCM_TAG_LEN);
  const XimPiece ad = { out->data, ad_len };
  xim_gcm_seal (gcm, NULL, ad_len > 0 ? &ad : NULL, plain, sealed);
  test_append (out, sealed, plain->len + XIM_GCM_TAG_LEN);
}

static inline void
test_append_payload (GByteArray *out, const XimSecret *session_key,
                     const TestSealed *spec)
{
  guint8 salt[XIM_CHUNKED_SALT_LEN];
  guint8 sealed[XIM_CHUNK_LEN + XIM_GCM_TAG_LEN];
  memset (salt, TEST_SALT_BYTE, sizeof salt);
  g_autoptr (XimChunked) chunked = xim_chunked_new (
      xim_secret_peek (session_key), salt, XIM_PAYLOAD_CONTEXT);
  test_append (out, salt, sizeof salt);
  test_append (out, xim_chunked_commitment (chunked),
               XIM_CHUNKED_COMMITMENT_LEN);
  gboolean last = FALSE;
  for (gsize at = 0; !last; at += XIM_CHUNK_LEN)
    {
      gsize part = MIN (spec->plain_len - at, XIM_CHUNK_LEN);
      last = part < XIM_CHUNK_LEN;
      xim_chunked_seal (chunked, spec->plain + at, part, last, sealed);
      test_append (out, sealed, part + XIM_GCM_TAG_LEN);
    }
}

static inline void
test_append_slot (GByteArray *out, const XimSecret *session_key,
                  const TestSealed *spec)
{
  guint8 header[XIM_ENVELOPE_HEADER_LEN] = { 'X', 'I', 'M', '1', XIM_SUITE_1 };
  guint8 slot[XIM_SLOT_LEN];
  XimSlotKey key;
  header[22] = 1;
  memcpy (header + 23, &spec->enc, sizeof spec->enc);
  xim_slot_key (spec->context, header + 5, &key);
  xim_slot_wrap (&key, header, session_key, slot);
  test_append (out, header, sizeof header);
  test_append (out, slot, sizeof slot);
}

/**
 * test_sealed:
 * Returns: (transfer full): the envelope; nonce, session key and salt are the
 * same in each
 */
static inline GBytes *
test_sealed (const TestSealed *spec)
{
  GByteArray *out = g_byte_array_new ();
  g_autoptr (XimSecret) session_key = xim_secret_new (XIM_KEY_LEN);
  XimEnvelopeKeys keys;
  XimDigest digest;
  XimSignature signature;
  guint8 text[XIM_SIGNED_LEN];
  gsize sender_len = spec->block_len + XIM_GCM_TAG_LEN;
  const guint8 length[] = { (guint8)(sender_len >> 8), (guint8)sender_len };
  xim_envelope_derive_keys (session_key, &keys);
  test_append_slot (out, session_key, spec);
  gsize ad_len = out->len;
  test_append (out, length, sizeof length);
  test_append_gcm (out, keys.sender, ad_len,
                   &(XimPiece){ spec->block, spec->block_len });
  test_append_payload (out, session_key, spec);

  const XimPiece all = { out->data, out->len };
  xim_crypto_sha512 (&all, 1, &digest);
  xim_envelope_signed_text (&digest, text);
  xim_sign_key_sign (spec->key, text, sizeof text, &signature);
  test_append_gcm (out, keys.signature, 0,
                   &(XimPiece){ &signature, sizeof signature });
  return g_byte_array_free_to_bytes (out);
}
