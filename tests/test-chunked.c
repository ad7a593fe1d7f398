/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-chunked.c. */

#include "config.h"

#include "xim-chunked.h"

#include <string.h>

#include "test-vector.h"

#define SEALED_CHUNK_LEN (XIM_CHUNK_LEN + XIM_GCM_TAG_LEN)

static const guint8 test_key[32] = { 1 };
static const guint8 test_salt[XIM_CHUNKED_SALT_LEN] = { 2 };

/* Salt, commitment and chunks of @len bytes, byte i is i mod 251. */
static GByteArray *
seal_pattern (const guint8 *key, const guint8 *salt, const char *context,
              gsize len)
{
  g_autoptr (XimChunked) chunked = xim_chunked_new (key, salt, context);
  GByteArray *out = g_byte_array_new ();
  guint8 plain[XIM_CHUNK_LEN], sealed[SEALED_CHUNK_LEN];
  gboolean last = FALSE;

  g_byte_array_append (out, salt, XIM_CHUNKED_SALT_LEN);
  g_byte_array_append (out, xim_chunked_commitment (chunked),
                       XIM_CHUNKED_COMMITMENT_LEN);
  for (gsize at = 0; !last; at += XIM_CHUNK_LEN)
    {
      gsize part = MIN (len - at, XIM_CHUNK_LEN);
      last = part < XIM_CHUNK_LEN;
      for (gsize i = 0; i < part; i++)
        plain[i] = (guint8)((at + i) % 251);
      xim_chunked_seal (chunked, plain, part, last, sealed);
      g_byte_array_append (out, sealed, (guint)part + XIM_GCM_TAG_LEN);
    }
  return out;
}

/* Opens all chunks after the header; FALSE when one does not open. */
static gboolean
open_pattern (const guint8 *key, const char *context, const GByteArray *bytes,
              GError **error)
{
  const guint8 *salt = bytes->data;
  g_autoptr (XimChunked) chunked = xim_chunked_new (key, salt, context);
  const guint8 *sealed = bytes->data + XIM_CHUNKED_HEADER_LEN;
  gsize rest = bytes->len - XIM_CHUNKED_HEADER_LEN;
  guint8 plain[XIM_CHUNK_LEN];
  guint64 plain_len;
  gsize at = 0;

  if (!xim_crypto_equal (xim_chunked_commitment (chunked),
                         bytes->data + XIM_CHUNKED_SALT_LEN,
                         XIM_CHUNKED_COMMITMENT_LEN))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "the commitment is of another key");
      return FALSE;
    }
  if (!xim_chunked_plain_len (rest, &plain_len, error))
    return FALSE;
  for (gboolean last = FALSE; !last;)
    {
      gsize part = MIN (rest, SEALED_CHUNK_LEN);
      last = part < SEALED_CHUNK_LEN;
      if (!xim_chunked_open (chunked, sealed, part, last, plain, error))
        return FALSE;
      for (gsize i = 0; i < part - XIM_GCM_TAG_LEN; i++, at++)
        g_assert_cmpuint (plain[i], ==, at % 251);
      sealed += part;
      rest -= part;
    }
  g_assert_cmpuint (at, ==, plain_len);
  return TRUE;
}

static void
test_vector (gconstpointer name)
{
  g_auto (GStrv) lines = test_vector_load (name);
  g_autoptr (GByteArray) key = test_vector_bytes (lines, "key", 0);
  g_autoptr (GByteArray) salt = test_vector_bytes (lines, "salt", 0);
  const char *context = test_vector_value (lines, "context", 0);
  gsize len
      = g_ascii_strtoull (test_vector_value (lines, "length", 0), NULL, 10);
  g_autoptr (GError) error = NULL;
  XimHash hash;

  g_autoptr (GByteArray) out
      = seal_pattern (key->data, salt->data, context, len);
  g_assert_cmpuint (
      out->len, ==,
      g_ascii_strtoull (test_vector_value (lines, "ciphertext-length", 0),
                        NULL, 10));
  g_assert_cmpuint (xim_chunked_sealed_len (len), ==,
                    out->len - XIM_CHUNKED_HEADER_LEN);
  xim_crypto_sha256 (&(XimPiece){ out->data, out->len }, 1, &hash);
  test_assert_hex (hash.bytes, 32,
                   test_vector_value (lines, "ciphertext-sha256", 0));
  test_assert_hex (out->data + XIM_CHUNKED_SALT_LEN,
                   XIM_CHUNKED_COMMITMENT_LEN,
                   test_vector_value (lines, "commitment", 0));
  g_assert_true (open_pattern (key->data, context, out, &error));
  g_assert_no_error (error);
}

static void
test_refuse_vector (gconstpointer name)
{
  g_auto (GStrv) lines = test_vector_load (name);
  g_autoptr (GByteArray) key = test_vector_bytes (lines, "key", 0);
  g_autoptr (GByteArray) bytes = test_vector_bytes (lines, "ciphertext", 0);
  const char *context = test_vector_value (lines, "context", 0);
  g_autoptr (GError) error = NULL;

  g_assert_false (open_pattern (key->data, context, bytes, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static void
assert_does_not_open (const GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (open_pattern (test_key, "test", bytes, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

/* Chunks swapped, dropped, cut at a boundary, doubled, forged. */
static void
test_refuses_moved (void)
{
  g_autoptr (GByteArray) bytes
      = seal_pattern (test_key, test_salt, "test", 3 * XIM_CHUNK_LEN + 5);
  guint8 *first = bytes->data + XIM_CHUNKED_HEADER_LEN;

  g_assert_true (open_pattern (test_key, "test", bytes, NULL));
  g_autoptr (GByteArray) swapped = g_byte_array_new ();
  g_byte_array_append (swapped, bytes->data, XIM_CHUNKED_HEADER_LEN);
  g_byte_array_append (swapped, first + SEALED_CHUNK_LEN, SEALED_CHUNK_LEN);
  g_byte_array_append (swapped, first, SEALED_CHUNK_LEN);
  g_byte_array_append (swapped, first + 2 * SEALED_CHUNK_LEN,
                       SEALED_CHUNK_LEN + 5 + XIM_GCM_TAG_LEN);
  g_assert_cmpuint (swapped->len, ==, bytes->len);
  assert_does_not_open (swapped);
  g_byte_array_remove_range (swapped, XIM_CHUNKED_HEADER_LEN,
                             SEALED_CHUNK_LEN);
  assert_does_not_open (swapped);
  g_autofree guint8 *third
      = g_memdup2 (first + 2 * SEALED_CHUNK_LEN, SEALED_CHUNK_LEN);
  g_byte_array_append (bytes, third, SEALED_CHUNK_LEN);
  assert_does_not_open (bytes);
}

static void
test_refuses_cut (void)
{
  g_autoptr (GByteArray) bytes
      = seal_pattern (test_key, test_salt, "test", XIM_CHUNK_LEN + 5);

  while (bytes->len > XIM_CHUNKED_HEADER_LEN)
    {
      g_byte_array_set_size (bytes, bytes->len - 1);
      if (bytes->len == XIM_CHUNKED_HEADER_LEN + SEALED_CHUNK_LEN - 32)
        g_byte_array_set_size (bytes, XIM_CHUNKED_HEADER_LEN + 40);
      assert_does_not_open (bytes);
    }
}

static void
test_refuses_length (void)
{
  static const guint64 bad[] = { 0,
                                 15,
                                 SEALED_CHUNK_LEN,
                                 SEALED_CHUNK_LEN + 15,
                                 2 * SEALED_CHUNK_LEN,
                                 G_MAXUINT64 };
  guint64 len = 7;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_false (xim_chunked_plain_len (bad[i], &len, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_cmpuint (len, ==, 7);
    }
  for (guint64 i = 0; i < 3 * XIM_CHUNK_LEN; i++)
    {
      g_assert_true (
          xim_chunked_plain_len (xim_chunked_sealed_len (i), &len, NULL));
      g_assert_cmpuint (len, ==, i);
    }
}

/* A full last chunk, and a short one that is not the last. */
static void
test_refuses_chunk_length (void)
{
  static const struct
  {
    gsize len;
    gboolean last;
  } bad[] = { { SEALED_CHUNK_LEN, TRUE },
              { SEALED_CHUNK_LEN + 1, TRUE },
              { SEALED_CHUNK_LEN - 1, FALSE },
              { SEALED_CHUNK_LEN + 1, FALSE },
              { 0, FALSE },
              { 15, TRUE } };
  guint8 sealed[SEALED_CHUNK_LEN + 1] = { 0 }, plain[SEALED_CHUNK_LEN + 1];

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (XimChunked) chunked
          = xim_chunked_new (test_key, test_salt, "test");
      g_assert_false (xim_chunked_open (chunked, sealed, bad[i].len,
                                        bad[i].last, plain, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

static void
test_wipes_what_does_not_open (void)
{
  g_autoptr (XimChunked) chunked
      = xim_chunked_new (test_key, test_salt, "test");
  guint8 sealed[100] = { 0 }, plain[100 - XIM_GCM_TAG_LEN];

  memset (plain, 0xa5, sizeof plain);
  g_assert_false (
      xim_chunked_open (chunked, sealed, sizeof sealed, TRUE, plain, NULL));
  for (gsize i = 0; i < sizeof plain; i++)
    g_assert_cmpuint (plain[i], ==, 0);
}

int
main (int argc, char *argv[])
{
  static const char *const good[]
      = { "chunked-0.txt",     "chunked-1.txt",     "chunked-16383.txt",
          "chunked-16384.txt", "chunked-16385.txt", "chunked-40000.txt" };
  static const char *const bad[]
      = { "refuse/chunked-no-chunk.txt", "refuse/chunked-other-context.txt",
          "refuse/chunked-other-key.txt", "refuse/chunked-tag-cut.txt" };

  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strdup_printf ("/chunked/vector/%s", good[i]);
      g_test_add_data_func (path, good[i], test_vector);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strdup_printf ("/chunked/vector/%s", bad[i]);
      g_test_add_data_func (path, bad[i], test_refuse_vector);
    }
  g_test_add_func ("/chunked/open/refuses-moved", test_refuses_moved);
  g_test_add_func ("/chunked/open/refuses-cut", test_refuses_cut);
  g_test_add_func ("/chunked/open/refuses-chunk-length",
                   test_refuses_chunk_length);
  g_test_add_func ("/chunked/open/wipes", test_wipes_what_does_not_open);
  g_test_add_func ("/chunked/plain-len/refuses", test_refuses_length);
  return g_test_run ();
}
