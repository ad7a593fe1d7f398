/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-hpke.c. */

#include "config.h"

#include "xim-hpke.h"

#include <string.h>

#include "test-vector.h"

#define PUBLISHED "cfrg-base-x25519-aes256gcm.txt"

static XimSecret *
secret_of (GStrv lines, const char *name)
{
  g_autoptr (GByteArray) bytes = test_vector_bytes (lines, name, 0);
  return xim_secret_new_take (bytes->data, bytes->len);
}

static XimX25519Public
public_of (GStrv lines, const char *name)
{
  XimX25519Public key;
  test_hex (test_vector_value (lines, name, 0), key.bytes, 32);
  return key;
}

static void
assert_exports (const XimHpke *hpke, GStrv lines)
{
  guint n = 0;

  for (; test_vector_value (lines, "exporter_context", n) != NULL; n++)
    {
      g_autoptr (GByteArray) context
          = test_vector_bytes (lines, "exporter_context", n);
      guint8 out[32];
      xim_hpke_export (hpke, context->data, context->len, out, sizeof out);
      test_assert_hex (out, sizeof out,
                       test_vector_value (lines, "exported_value", n));
    }
  g_assert_cmpuint (n, ==, 3);
}

static void
test_published (void)
{
  g_auto (GStrv) lines = test_vector_load (PUBLISHED);
  g_autoptr (GByteArray) info = test_vector_bytes (lines, "info", 0);
  g_autoptr (XimSecret) ephemeral = secret_of (lines, "skEm");
  g_autoptr (XimSecret) own = secret_of (lines, "skRm");
  XimX25519Public enc = public_of (lines, "enc");
  XimX25519Public recipient = public_of (lines, "pkRm");
  XimX25519Public derived;

  xim_crypto_x25519_public (ephemeral, &derived);
  g_assert_cmpmem (derived.bytes, 32, enc.bytes, 32);
  g_autoptr (XimHpke) sender = xim_hpke_new_sender (
      ephemeral, &enc, &recipient, info->data, info->len, NULL);
  assert_exports (sender, lines);
  g_autoptr (XimHpke) receiver = xim_hpke_new_recipient (
      own, &recipient, &enc, info->data, info->len, NULL);
  assert_exports (receiver, lines);
}

/* The longest address that an info can hold, and the longest output. */
static void
test_long_info (void)
{
  g_autoptr (XimSecret) ephemeral = xim_crypto_x25519_generate ();
  g_autoptr (XimSecret) own = xim_crypto_x25519_generate ();
  XimX25519Public enc, recipient;
  guint8 info[2068] = { 0 }, a[8160], b[8160];

  xim_crypto_x25519_public (ephemeral, &enc);
  xim_crypto_x25519_public (own, &recipient);
  g_autoptr (XimHpke) sender = xim_hpke_new_sender (
      ephemeral, &enc, &recipient, info, sizeof info, NULL);
  g_autoptr (XimHpke) receiver = xim_hpke_new_recipient (
      own, &recipient, &enc, info, sizeof info, NULL);
  xim_hpke_export (sender, info, XIM_HPKE_CONTEXT_MAX, a, sizeof a);
  xim_hpke_export (receiver, info, XIM_HPKE_CONTEXT_MAX, b, sizeof b);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
  xim_hpke_export (receiver, info, XIM_HPKE_CONTEXT_MAX - 1, b, sizeof b);
  g_assert_cmpint (memcmp (a, b, sizeof a), !=, 0);
}

static void
test_info_binds (void)
{
  g_auto (GStrv) lines = test_vector_load (PUBLISHED);
  g_autoptr (GByteArray) info = test_vector_bytes (lines, "info", 0);
  g_autoptr (XimSecret) own = secret_of (lines, "skRm");
  XimX25519Public enc = public_of (lines, "enc");
  XimX25519Public recipient = public_of (lines, "pkRm");
  guint8 out[32];

  info->data[0] ^= 1;
  g_autoptr (XimHpke) other = xim_hpke_new_recipient (
      own, &recipient, &enc, info->data, info->len, NULL);
  xim_hpke_export (other, NULL, 0, out, sizeof out);
  g_autofree char *hex = xim_codec_hex_encode (out, sizeof out);
  g_assert_cmpstr (hex, !=, test_vector_value (lines, "exported_value", 0));
}

static void
test_refuses_low_order (void)
{
  g_autoptr (XimSecret) key = xim_crypto_x25519_generate ();
  XimX25519Public own, zero = { { 0 } }, one = { { 1 } };
  g_autoptr (GError) sender_error = NULL;
  g_autoptr (GError) receiver_error = NULL;

  xim_crypto_x25519_public (key, &own);
  g_assert_null (
      xim_hpke_new_sender (key, &own, &zero, NULL, 0, &sender_error));
  g_assert_error (sender_error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_assert_null (
      xim_hpke_new_recipient (key, &own, &one, NULL, 0, &receiver_error));
  g_assert_error (receiver_error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/hpke/published", test_published);
  g_test_add_func ("/hpke/long-info", test_long_info);
  g_test_add_func ("/hpke/info-binds", test_info_binds);
  g_test_add_func ("/hpke/refuses-low-order", test_refuses_low_order);
  return g_test_run ();
}
