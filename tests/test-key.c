/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-key.c. */

#include "config.h"

#include "xim-key.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

/* From the C2SP specification of signed notes. */
#define C2SP_VKEY                                                             \
  "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define VKEY_START "example.com/foo+530d903a+"

static void
test_device_id (void)
{
  const XimDeviceId id
      = { { 0x1f, 0x2e, 0x3d, 0x4c, 0x5b, 0x6a, 0x79, 0x80 } };
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_name (&id, name);
  g_assert_cmpstr (name, ==, "dev/1f2e3d4c5b6a7980");

  XimDeviceId other = id;
  g_assert_cmpint (xim_device_id_compare (&id, &other), ==, 0);
  other.bytes[0] = 0x80; /* compared as unsigned bytes */
  g_assert_cmpint (xim_device_id_compare (&id, &other), <, 0);
  g_assert_cmpint (xim_device_id_compare (&other, &id), >, 0);

  XimDeviceId first, second;
  xim_device_id_generate (&first);
  xim_device_id_generate (&second);
  g_assert_cmpint (xim_device_id_compare (&first, &second), !=, 0);
}

static void
test_vkey (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) key = xim_verify_key_decode (C2SP_VKEY, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (key->name, ==, "example.com/foo");
  g_autofree char *vkey = xim_verify_key_encode (key);
  g_assert_cmpstr (vkey, ==, C2SP_VKEY);

  g_autoptr (XimVerifyKey) again
      = xim_verify_key_new ("example.com/foo", &key->key, &error);
  g_assert_no_error (error);
  g_assert_true (xim_verify_key_equal (key, again));
  g_assert_cmpmem (key->id, sizeof key->id, again->id, sizeof again->id);
}

static void
assert_vkey_refused (const char *vkey, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_verify_key_decode (vkey, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_vkey_refuses (void)
{
  const char *const bad[] = {
    "",
    "example.com/foo",
    "example.com/foo+530d903a",
    "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "exa mple+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "ex\xc3\xa4+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    VKEY_START,
    VKEY_START "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
    VKEY_START "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==",
    VKEY_START "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2kAA==",
    C2SP_VKEY "\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_vkey_refused (bad[i], XIM_ERROR_MALFORMED);
  assert_vkey_refused (VKEY_START
                       "AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                       XIM_ERROR_UNSUPPORTED);
}

static void
test_vkey_refuses_key (void)
{
  g_autoptr (GError) error = NULL;
  const XimEd25519Public identity = { { 1 } };
  g_assert_null (xim_verify_key_new ("a", &identity, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static void
test_vkey_refuses_name (void)
{
  g_autoptr (XimVerifyKey) key = xim_verify_key_decode (C2SP_VKEY, NULL);
  g_autoptr (XimVerifyKey) limits
      = xim_verify_key_new ("!*,~", &key->key, NULL);
  g_assert_cmpstr (limits->name, ==, "!*,~");
  const char *const bad[] = { "", "a b", "a+b", "a\n", "a\x7f", "\xc3\xa4" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (xim_verify_key_new (bad[i], &key->key, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

static void
test_copy_and_equal (void)
{
  g_autoptr (XimVerifyKey) key = xim_verify_key_decode (C2SP_VKEY, NULL);
  g_autoptr (XimVerifyKey) copy = xim_verify_key_copy (key);
  g_assert_true (xim_verify_key_equal (key, copy));
  copy->key.bytes[31] ^= 1;
  g_assert_false (xim_verify_key_equal (key, copy));
  copy->key.bytes[31] ^= 1;
  g_free (copy->name);
  copy->name = g_strdup ("example.com/fop");
  g_assert_false (xim_verify_key_equal (key, copy));
  xim_verify_key_free (NULL);
}

static void
test_device_key (void)
{
  const XimDeviceId id = { { 1, 2, 3, 4, 5, 6, 7, 8 } };
  g_autoptr (XimVerifyKey) key = xim_verify_key_decode (C2SP_VKEY, NULL);
  g_autoptr (XimVerifyKey) device = xim_verify_key_new_device (&id, &key->key);
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) same
      = xim_verify_key_new ("dev/0102030405060708", &key->key, &error);
  g_assert_no_error (error);
  g_assert_true (xim_verify_key_equal (device, same));
  g_assert_cmpmem (device->id, sizeof device->id, same->id, sizeof same->id);
}

/* SHA-256 of the key of the example, computed with sha256sum. */
static void
test_fingerprint (void)
{
  g_autoptr (XimVerifyKey) key = xim_verify_key_decode (C2SP_VKEY, NULL);
  g_autofree char *text = xim_verify_key_fingerprint (key);
  g_assert_cmpstr (text, ==,
                   "75be 0ebd 4485 da8d 0280 aab4 22d6 6b87 "
                   "0226 4283 29b3 c2bf 0c79 65b0 9101 88fe");
}

static void
test_sign (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) key = xim_sign_key_generate ("a", &error);
  g_assert_no_error (error);
  const guint8 data[] = { 1, 2, 3 };
  XimSignature signature;
  xim_sign_key_sign (key, data, sizeof data, &signature);
  const XimVerifyKey *public_key = xim_sign_key_public (key);
  g_assert_true (xim_crypto_ed25519_verify (&public_key->key, data,
                                            sizeof data, &signature, &error));
  g_assert_no_error (error);
  signature.bytes[0] ^= 1;
  g_assert_false (xim_crypto_ed25519_verify (&public_key->key, data,
                                             sizeof data, &signature, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE);
}

static void
test_sign_from_seed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) key = xim_sign_key_generate ("a", &error);
  g_assert_no_error (error);
  XimSecret *seed = xim_secret_new (XIM_KEY_LEN);
  memcpy (xim_secret_data (seed), xim_secret_peek (xim_sign_key_seed (key)),
          XIM_KEY_LEN);
  g_autoptr (XimSignKey) again = xim_sign_key_new ("a", seed, &error);
  g_assert_no_error (error);
  g_assert_true (xim_verify_key_equal (xim_sign_key_public (key),
                                       xim_sign_key_public (again)));
}

static void
test_sign_refuses_name (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_sign_key_generate ("a b", &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  xim_sign_key_free (NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/key/device-id", test_device_id);
  g_test_add_func ("/key/vkey/accepts", test_vkey);
  g_test_add_func ("/key/vkey/refuses", test_vkey_refuses);
  g_test_add_func ("/key/vkey/refuses-key", test_vkey_refuses_key);
  g_test_add_func ("/key/vkey/refuses-name", test_vkey_refuses_name);
  g_test_add_func ("/key/vkey/copy-and-equal", test_copy_and_equal);
  g_test_add_func ("/key/vkey/device", test_device_key);
  g_test_add_func ("/key/fingerprint", test_fingerprint);
  g_test_add_func ("/key/sign/verifies", test_sign);
  g_test_add_func ("/key/sign/from-seed", test_sign_from_seed);
  g_test_add_func ("/key/sign/refuses-name", test_sign_refuses_name);
  return g_test_run ();
}
