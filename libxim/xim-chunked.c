/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* C2SP chunked encryption v1 with AES-256-GCM. */

#include "config.h"

#include "xim-chunked.h"

#include <string.h>

#include "xim-error.h"

#define LABEL "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"
#define SEALED_CHUNK_LEN (XIM_CHUNK_LEN + XIM_GCM_TAG_LEN)
#define CHUNKS_MAX (G_GUINT64_CONSTANT (1) << 38)

struct _XimChunked
{
  XimGcm *gcm;
  guint8 base_nonce[XIM_GCM_NONCE_LEN];
  guint8 commitment[XIM_CHUNKED_COMMITMENT_LEN];
  guint64 n_chunks; /* done so far */
  gboolean finished;
};

/* What one HKDF-Expand gives, in this order. */
typedef struct
{
  guint8 key[XIM_KEY_LEN];
  guint8 base_nonce[XIM_GCM_NONCE_LEN];
  guint8 commitment[XIM_CHUNKED_COMMITMENT_LEN];
} Derived;
G_STATIC_ASSERT (sizeof (Derived) == 76);

XimChunked *
xim_chunked_new (const guint8 *key, const guint8 *salt, const char *context)
{
  guint8 info[sizeof LABEL + XIM_CHUNKED_SALT_LEN + XIM_CHUNKED_CONTEXT_MAX];
  gsize context_len = strlen (context);
  XimChunked *chunked = g_new0 (XimChunked, 1);
  Derived derived;

  g_assert (context_len <= XIM_CHUNKED_CONTEXT_MAX);
  memcpy (info, LABEL, sizeof LABEL); /* with the zero byte at its end */
  memcpy (info + sizeof LABEL, salt, XIM_CHUNKED_SALT_LEN);
  memcpy (info + sizeof LABEL + XIM_CHUNKED_SALT_LEN, context, context_len);
  xim_crypto_hkdf_sha512_expand (key, XIM_KEY_LEN, info,
                                 sizeof LABEL + XIM_CHUNKED_SALT_LEN
                                     + context_len,
                                 (guint8 *)&derived, sizeof derived);
  chunked->gcm = xim_gcm_new (derived.key);
  memcpy (chunked->base_nonce, derived.base_nonce, XIM_GCM_NONCE_LEN);
  memcpy (chunked->commitment, derived.commitment, XIM_CHUNKED_COMMITMENT_LEN);
  xim_secret_wipe (&derived, sizeof derived);
  return chunked;
}

void
xim_chunked_free (XimChunked *chunked)
{
  if (chunked == NULL)
    return;
  xim_gcm_free (chunked->gcm);
  xim_secret_wipe (chunked, sizeof *chunked);
  g_free (chunked);
}

const guint8 *
xim_chunked_commitment (const XimChunked *chunked)
{
  return chunked->commitment;
}

/* The nonce of the chunk that comes next: its number in the last bytes. */
static void
next_nonce (XimChunked *chunked, guint8 *nonce)
{
  guint64 number = chunked->n_chunks++;

  memcpy (nonce, chunked->base_nonce, XIM_GCM_NONCE_LEN);
  for (guint i = XIM_GCM_NONCE_LEN; number != 0; number >>= 8)
    nonce[--i] ^= (guint8)number;
}

void
xim_chunked_seal (XimChunked *chunked, const guint8 *plain, gsize len,
                  gboolean last, guint8 *out)
{
  guint8 nonce[XIM_GCM_NONCE_LEN];

  g_return_if_fail (!chunked->finished && chunked->n_chunks < CHUNKS_MAX);
  g_return_if_fail (last ? len < XIM_CHUNK_LEN : len == XIM_CHUNK_LEN);
  next_nonce (chunked, nonce);
  chunked->finished = last;
  xim_gcm_seal (chunked->gcm, nonce, NULL, &(XimPiece){ plain, len }, out);
}

gboolean
xim_chunked_open (XimChunked *chunked, const guint8 *sealed, gsize sealed_len,
                  gboolean last, guint8 *out, GError **error)
{
  guint8 nonce[XIM_GCM_NONCE_LEN];

  g_return_val_if_fail (!chunked->finished, FALSE);
  chunked->finished = TRUE;
  if (last ? sealed_len >= SEALED_CHUNK_LEN : sealed_len != SEALED_CHUNK_LEN)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected %s chunk of %s%d bytes, got %" G_GSIZE_FORMAT,
                   last ? "a last" : "a", last ? "fewer than " : "",
                   SEALED_CHUNK_LEN, sealed_len);
      return FALSE;
    }
  if (chunked->n_chunks >= CHUNKS_MAX)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected at most 2^38 chunks, got another one");
      return FALSE;
    }
  next_nonce (chunked, nonce);
  if (!xim_gcm_open (chunked->gcm, nonce, NULL,
                     &(XimPiece){ sealed, sealed_len }, out, error))
    {
      g_prefix_error (error, "chunk %" G_GUINT64_FORMAT " of the payload: ",
                      chunked->n_chunks - 1);
      return FALSE;
    }
  chunked->finished = last;
  return TRUE;
}

guint64
xim_chunked_sealed_len (guint64 plain_len)
{
  return plain_len + (plain_len / XIM_CHUNK_LEN + 1) * XIM_GCM_TAG_LEN;
}

gboolean
xim_chunked_plain_len (guint64 sealed_len, guint64 *plain_len, GError **error)
{
  guint64 n_full = sealed_len / SEALED_CHUNK_LEN;
  guint64 rest = sealed_len % SEALED_CHUNK_LEN;

  if (rest < XIM_GCM_TAG_LEN || n_full >= CHUNKS_MAX)
    {
      g_set_error (
          error, XIM_ERROR, XIM_ERROR_MALFORMED,
          "expected chunks that end with a short one, got %" G_GUINT64_FORMAT
          " bytes",
          sealed_len);
      return FALSE;
    }
  *plain_len = n_full * XIM_CHUNK_LEN + rest - XIM_GCM_TAG_LEN;
  return TRUE;
}
