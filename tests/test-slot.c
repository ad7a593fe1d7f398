/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-slot.c. */

#include "config.h"

#include "xim-slot.h"

#include "test-vector.h"
#include "xim-limits.h"

#define VECTOR "envelope-three-devices.txt"

/* The recipient's context as the vector makes it. */
static XimHpke *
vector_context (GStrv lines, const char *jid, const char *id_hex,
                const char *private_name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) bytes = test_vector_bytes (lines, private_name, 0);
  g_autoptr (XimSecret) own = xim_secret_new_take (bytes->data, bytes->len);
  XimX25519Public own_public, enc;
  XimDeviceId id;
  gsize len;
  xim_crypto_x25519_public (own, &own_public);
  test_hex (test_vector_value (lines, "enc", 0), &enc, sizeof enc);
  test_hex (id_hex, &id, sizeof id);
  g_autoptr (GBytes) info = xim_slot_info (jid, &id);
  const guint8 *data = g_bytes_get_data (info, &len);
  XimHpke *hpke
      = xim_hpke_new_recipient (own, &own_public, &enc, data, len, &error);
  g_assert_no_error (error);
  return hpke;
}

static void
test_info (void)
{
  g_auto (GStrv) lines = test_vector_load (VECTOR);
  XimDeviceId id;
  gsize len;
  test_hex ("69a928b3711af5ea", &id, sizeof id);
  g_autoptr (GBytes) info = xim_slot_info ("bob@example.org", &id);
  const guint8 *data = g_bytes_get_data (info, &len);
  test_assert_hex (data, len,
                   test_vector_value (lines, "recipient-1-info", 0));
}

static void
test_key_and_wrap (void)
{
  g_auto (GStrv) lines = test_vector_load (VECTOR);
  g_autoptr (XimHpke) hpke = vector_context (
      lines, "bob@example.org", "69a928b3711af5ea", "recipient-1-private");
  g_autoptr (GByteArray) nonce = test_vector_bytes (lines, "nonce", 0);
  g_autoptr (GByteArray) header = test_vector_bytes (lines, "header", 0);
  g_autoptr (GByteArray) bytes = test_vector_bytes (lines, "session-key", 0);
  g_autoptr (GError) error = NULL;
  XimSlotKey key;
  xim_slot_key (hpke, nonce->data, &key);
  test_assert_hex (key.tag, sizeof key.tag,
                   test_vector_value (lines, "recipient-1-tag", 0));
  test_assert_hex (key.w, sizeof key.w,
                   test_vector_value (lines, "recipient-1-w", 0));

  guint8 slot[XIM_SLOT_LEN];
  g_autoptr (XimSecret) session_key
      = xim_secret_new_take (bytes->data, bytes->len);
  xim_slot_wrap (&key, header->data, session_key, slot);
  g_assert_cmpmem (slot, XIM_TAG_LEN, key.tag, XIM_TAG_LEN);
  test_assert_hex (slot + XIM_TAG_LEN, XIM_WRAPPED_LEN,
                   test_vector_value (lines, "recipient-1-wrapped", 0));

  g_autoptr (XimSecret) opened
      = xim_slot_unwrap (&key, header->data, slot, &error);
  g_assert_no_error (error);
  test_assert_hex (xim_secret_peek (opened), xim_secret_len (opened),
                   test_vector_value (lines, "session-key", 0));
}

static void
test_unwrap_refuses (void)
{
  g_autoptr (XimSecret) session_key = xim_secret_new (XIM_KEY_LEN);
  guint8 header[XIM_ENVELOPE_HEADER_LEN] = { 0 };
  guint8 slot[XIM_SLOT_LEN];
  XimSlotKey key = { { 1 }, { 2 } };
  xim_slot_wrap (&key, header, session_key, slot);
  for (gsize i = XIM_TAG_LEN; i < sizeof slot; i++)
    {
      g_autoptr (GError) error = NULL;
      slot[i] ^= 1;
      g_assert_null (xim_slot_unwrap (&key, header, slot, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      slot[i] ^= 1;
    }
  for (gsize i = 0; i < sizeof header; i++)
    {
      g_autoptr (GError) error = NULL;
      header[i] ^= 1;
      g_assert_null (xim_slot_unwrap (&key, header, slot, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      header[i] ^= 1;
    }
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  xim_secret_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/slot/info", test_info);
  g_test_add_func ("/slot/key-and-wrap", test_key_and_wrap);
  g_test_add_func ("/slot/unwrap-refuses", test_unwrap_refuses);
  return g_test_run ();
}
