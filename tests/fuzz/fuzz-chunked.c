/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-chunked.c: what was sealed opens, what was changed does not. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-chunked.h"
#include "xim-error.h"

#define SEALED_CHUNK_LEN (XIM_CHUNK_LEN + XIM_GCM_TAG_LEN)

static const guint8 key[XIM_KEY_LEN] = { 1 };
static const guint8 salt[XIM_CHUNKED_SALT_LEN] = { 2 };

static GByteArray *
seal (const guint8 *plain, gsize len)
{
  g_autoptr (XimChunked) chunked = xim_chunked_new (key, salt, "fuzz");
  GByteArray *out = g_byte_array_new ();
  gboolean last = FALSE;

  g_byte_array_set_size (out, (guint)xim_chunked_sealed_len (len));
  for (guint8 *to = out->data; !last; to += SEALED_CHUNK_LEN)
    {
      gsize part = MIN (len, XIM_CHUNK_LEN);
      last = part < XIM_CHUNK_LEN;
      xim_chunked_seal (chunked, plain, part, last, to);
      plain += part;
      len -= part;
    }
  return out;
}

static GByteArray *
open_chunks (const guint8 *sealed, gsize len)
{
  g_autoptr (XimChunked) chunked = xim_chunked_new (key, salt, "fuzz");
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint64 plain_len;

  if (!xim_chunked_plain_len (len, &plain_len, NULL))
    return NULL;
  g_byte_array_set_size (out, (guint)plain_len + 1);
  guint8 *to = out->data;
  for (gboolean last = FALSE; !last; to += XIM_CHUNK_LEN)
    {
      gsize part = MIN (len, SEALED_CHUNK_LEN);
      last = part < SEALED_CHUNK_LEN;
      g_autoptr (GError) error = NULL;
      if (!xim_chunked_open (chunked, sealed, part, last, to, &error))
        {
          g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
          return NULL;
        }
      sealed += part;
      len -= part;
    }
  g_byte_array_set_size (out, (guint)plain_len);
  return g_steal_pointer (&out);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size < 3)
    return 0;
  g_autoptr (GByteArray) anything = open_chunks (data, size);
  g_autoptr (GByteArray) sealed = seal (data, size);
  g_autoptr (GByteArray) opened = open_chunks (sealed->data, sealed->len);
  gsize at = ((gsize)data[0] << 8 | data[1]) % sealed->len;

  g_assert_null (anything);
  g_assert_nonnull (opened);
  g_assert_cmpuint (opened->len, ==, size);
  g_assert_true (memcmp (opened->data, data, size) == 0);
  sealed->data[at] ^= (guint8)(data[2] | 1);
  g_autoptr (GByteArray) forged = open_chunks (sealed->data, sealed->len);
  g_assert_null (forged);
  return 0;
}
