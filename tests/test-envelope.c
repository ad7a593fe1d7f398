/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-envelope.c and xim-unwrapped.c. */

#include "config.h"

#include "xim-envelope-private.h"
#include "xim-unwrapped-private.h"

#include "test-sealed.h"
#include "test-util.h"

#define NOW 1795512600
#define DAY 86400

/* A device that seals and opens. */
typedef struct
{
  const char *jid;
  XimDeviceId id;
  XimSignKey *sign_key;
  XimKeyring *ring;
} Device;

static void
device_init (Device *device, const char *jid, guint8 id)
{
  g_autoptr (GError) error = NULL;
  memset (device, 0, sizeof *device);
  device->jid = jid;
  device->id.bytes[0] = id;
  device->sign_key = xim_sign_key_generate ("dev/0000000000000000", &error);
  g_assert_no_error (error);
  device->ring = xim_keyring_new (jid, &device->id);
  xim_keyring_add (device->ring, xim_crypto_x25519_generate (), 1, NOW - DAY,
                   NOW + DAY);
}

static void
device_clear (Device *device)
{
  xim_sign_key_free (device->sign_key);
  xim_keyring_free (device->ring);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Device, device_clear)

/* An address of @len bytes, both of its parts within their limit. */
static char *
long_jid (gsize len)
{
  g_autoptr (GString) jid = g_string_new (NULL);
  while (jid->len < (len - 1) / 2)
    g_string_append_c (jid, 'l');
  g_string_append_c (jid, '@');
  for (guint i = 1; jid->len < len; i++)
    g_string_append_c (jid, i % 50 == 0 && jid->len + 1 < len ? '.' : 'd');
  return g_strdup (jid->str);
}

static XimSessionDevice
target (const Device *device)
{
  XimSessionDevice out
      = { device->jid, device->id, xim_keyring_entry (device->ring, 0)->key };
  return out;
}

static XimSecret *
pattern (gsize len)
{
  XimSecret *secret = xim_secret_new (len);
  for (gsize i = 0; i < len; i++)
    xim_secret_data (secret)[i] = (guint8)(i % 251 + 1);
  return secret;
}

static GBytes *
seal (XimSession *session, const Device *from, const XimSessionDevice *to,
      guint n, gsize content_len, GError **error)
{
  guint8 salt[XIM_CHUNKED_SALT_LEN];
  g_autoptr (XimSecret) content = pattern (content_len);
  g_autoptr (XimSecret) session_key = xim_secret_new (XIM_KEY_LEN);
  const XimSender sender = { from->jid, from->id, from->sign_key };
  const XimMaking making = { to, n, session_key, salt, NULL };
  xim_crypto_random (salt, sizeof salt);
  xim_crypto_random (xim_secret_data (session_key), XIM_KEY_LEN);
  return xim_envelope_seal_to (session, &making, &sender, content, NOW, error);
}

static gboolean
never_seen (const XimDigest *digest G_GNUC_UNUSED,
            gpointer user_data G_GNUC_UNUSED)
{
  return FALSE;
}

static gboolean
always_seen (const XimDigest *digest G_GNUC_UNUSED, gpointer user_data)
{
  *(guint *)user_data += 1;
  return TRUE;
}

static XimUnwrapped *
unwrap (GBytes *bytes, const Device *to, GError **error)
{
  XimEnvelope *envelope = xim_envelope_decode (bytes, error);
  return envelope != NULL
             ? xim_envelope_unwrap (envelope, to->ring, NOW, error)
             : NULL;
}

static XimSecret *
open (GBytes *bytes, const Device *from, const Device *to, GError **error)
{
  const XimReplayOps replay = { never_seen, NULL };
  g_autoptr (XimUnwrapped) unwrapped = unwrap (bytes, to, error);
  if (unwrapped == NULL)
    return NULL;
  g_assert_cmpstr (xim_unwrapped_jid (unwrapped), ==, from->jid);
  return xim_envelope_open_with (unwrapped,
                                 &xim_sign_key_public (from->sign_key)->key,
                                 to->ring, &replay, NOW, error);
}

static void
assert_opens (GBytes *bytes, const Device *from, const Device *to,
              gsize content_len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) expected = pattern (content_len);
  g_autoptr (XimSecret) content = open (bytes, from, to, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (xim_secret_peek (content), xim_secret_len (content),
                   xim_secret_peek (expected), content_len);
}

static void
test_lengths (void)
{
  static const gsize lens[]
      = { 0, 1, 502, 503, 504, 8183, 8184, 16375, 16376, 30000, 65000 };
  g_auto (Device) alice, bob;
  g_autoptr (XimSession) session = xim_session_new ();
  device_init (&alice, "alice@example.org", 1);
  device_init (&bob, "bob@example.org", 2);
  const XimSessionDevice to = target (&bob);
  for (gsize i = 0; i < G_N_ELEMENTS (lens); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes
          = seal (session, &alice, &to, 1, lens[i], &error);
      g_assert_no_error (error);
      assert_opens (bytes, &alice, &bob, lens[i]);
    }
}

static void
test_padded_len (void)
{
  static const guint64 pairs[][2]
      = { { 9, 512 },         { 512, 512 },
          { 513, 1024 },      { 8192, 8192 },
          { 8193, 8704 },     { 9000, 9216 },
          { 16384, 16384 },   { 33000, 34816 },
          { 200000, 200704 }, { 16385, 17408 },
          { 65536, 65536 },   { 65537, 67584 },
          { 131081, 135168 }, { 5000000000, 5033164800 } };
  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    g_assert_cmpuint (xim_envelope_padded_len (pairs[i][0]), ==, pairs[i][1]);
  for (guint64 len = 1; len < 300000; len += 7)
    {
      guint64 padded = xim_envelope_padded_len (len);
      g_assert_cmpuint (padded, >=, len);
      g_assert_cmpuint (padded, ==, xim_envelope_padded_len (padded));
    }
}

static void
test_many_devices (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSession) session = xim_session_new ();
  g_autofree Device *devices = g_new (Device, 40);
  g_autofree XimSessionDevice *to = g_new (XimSessionDevice, 40);
  for (guint i = 0; i < 40; i++)
    {
      device_init (&devices[i], i < 20 ? "a@x.test" : "b@x.test", (guint8)i);
      to[i] = target (&devices[i]);
    }
  g_autoptr (GBytes) bytes = seal (session, &devices[0], to, 39, 100, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 39; i++)
    assert_opens (bytes, &devices[0], &devices[i], 100);
  g_assert_null (open (bytes, &devices[0], &devices[39], &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_FOR_US);
  for (guint i = 0; i < 40; i++)
    device_clear (&devices[i]);
}

/* The second message of a conversation opens with the kept context, which is
 * kept only once a signature was good. */
static void
test_contexts_kept (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Device) alice, bob, eve;
  g_autoptr (XimSession) session = xim_session_new ();
  device_init (&alice, "alice@example.org", 1);
  device_init (&bob, "bob@example.org", 2);
  device_init (&eve, "alice@example.org", 1);
  const XimSessionDevice to = target (&bob);
  g_autoptr (GBytes) first = seal (session, &alice, &to, 1, 10, &error);
  g_autoptr (GBytes) second = seal (session, &alice, &to, 1, 20, &error);
  g_autoptr (XimEnvelope) parsed = xim_envelope_decode (second, &error);
  g_assert_null (open (first, &eve, &bob, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE);
  g_assert_null (xim_keyring_find (bob.ring, 0, &parsed->enc, NOW));
  assert_opens (first, &alice, &bob, 10);
  g_assert_nonnull (xim_keyring_find (bob.ring, 0, &parsed->enc, NOW));
  assert_opens (second, &alice, &bob, 20);
}

static void
test_older_key (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Device) alice, bob;
  g_autoptr (XimSession) session = xim_session_new ();
  device_init (&alice, "alice@example.org", 1);
  device_init (&bob, "bob@example.org", 2);
  const XimSessionDevice to = target (&bob);
  xim_keyring_add (bob.ring, xim_crypto_x25519_generate (), 2, NOW, NOW + DAY);
  g_autoptr (GBytes) bytes = seal (session, &alice, &to, 1, 10, &error);
  g_autoptr (XimUnwrapped) unwrapped = unwrap (bytes, &bob, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (xim_unwrapped_entry (unwrapped)->serial, ==, 1);
  xim_keyring_remove (bob.ring, 1);
  g_assert_cmpuint (xim_unwrapped_entry (unwrapped)->serial, ==, 1);
  g_assert_null (unwrap (bytes, &bob, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_FOR_US);
}

static void
test_replay_before_payload (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Device) alice, bob;
  g_autoptr (XimSession) session = xim_session_new ();
  guint asked = 0;
  const XimReplayOps replay = { always_seen, &asked };
  device_init (&alice, "alice@example.org", 1);
  device_init (&bob, "bob@example.org", 2);
  const XimSessionDevice to = target (&bob);
  g_autoptr (GBytes) bytes = seal (session, &alice, &to, 1, 10, &error);
  g_autoptr (XimUnwrapped) unwrapped = unwrap (bytes, &bob, &error);
  g_assert_null (xim_envelope_open_with (
      unwrapped, &xim_sign_key_public (bob.sign_key)->key, bob.ring, &replay,
      NOW, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE);
  g_assert_cmpuint (asked, ==, 0);
  g_clear_error (&error);
  g_assert_null (xim_envelope_open_with (
      unwrapped, &xim_sign_key_public (alice.sign_key)->key, bob.ring, &replay,
      NOW, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_REPLAYED);
  g_assert_cmpuint (asked, ==, 1);
}

/* Every bit of an envelope counts. */
static void
test_refuses_every_flip (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Device) alice, bob;
  g_autoptr (XimSession) session = xim_session_new ();
  device_init (&alice, "alice@example.org", 1);
  device_init (&bob, "bob@example.org", 2);
  const XimSessionDevice to = target (&bob);
  g_autoptr (GBytes) bytes = seal (session, &alice, &to, 1, 10, &error);
  assert_opens (bytes, &alice, &bob, 10);
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  for (gsize i = 0; i < len; i++)
    {
      g_autoptr (GError) refused = NULL;
      guint8 *copy = g_memdup2 (data, len);
      copy[i] ^= (guint8)(1 << (i % 8));
      g_autoptr (GBytes) flipped = g_bytes_new_take (copy, len);
      g_assert_null (open (flipped, &alice, &bob, &refused));
      g_assert_nonnull (refused);
    }
  for (gsize cut = 0; cut < len; cut++)
    {
      g_autoptr (GError) refused = NULL;
      g_autoptr (GBytes) shorter = g_bytes_new_from_bytes (bytes, 0, cut);
      g_assert_null (open (shorter, &alice, &bob, &refused));
      g_assert_error (refused, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

static void
test_refuses_too_large (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Device) alice, bob;
  g_autoptr (XimSession) session = xim_session_new ();
  device_init (&alice, "alice@example.org", 1);
  device_init (&bob, "bob@example.org", 2);
  const XimSessionDevice to = target (&bob);
  g_assert_null (seal (session, &alice, &to, 1, 98304, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (seal (session, &alice, &to, 1, XIM_CONTENT_MAX + 1, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
  g_clear_error (&error);

  g_autoptr (GBytes) large = g_bytes_new_take (
      g_malloc0 (XIM_ENVELOPE_MAX + 1), XIM_ENVELOPE_MAX + 1);
  g_assert_null (xim_envelope_decode (large, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (xim_envelope_encode_text (large, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
  g_clear_error (&error);

  g_autoptr (GBytes) fits
      = g_bytes_new_from_bytes (large, 0, XIM_ENVELOPE_MAX);
  g_autofree char *text = xim_envelope_encode_text (fits, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (text), ==, XIM_STANZA_BASE64_MAX);
  g_assert_null (
      xim_envelope_decode_text (text, XIM_STANZA_BASE64_MAX, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

/* Addresses that fill the sender block up to its end, and one byte more. */
static void
test_sender_lengths (void)
{
  static const gsize lens[] = { 5, 53, 54, 55, 117, 118, 119, 1100, 2046 };
  for (gsize i = 0; i < G_N_ELEMENTS (lens); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (Device) alice, bob;
      g_autoptr (XimSession) session = xim_session_new ();
      g_autofree char *jid = long_jid (lens[i]);
      device_init (&alice, jid, 1);
      device_init (&bob, "bob@example.org", 2);
      const XimSessionDevice to = target (&bob);
      g_autoptr (GBytes) bytes = seal (session, &alice, &to, 1, 10, &error);
      g_assert_no_error (error);
      gsize expected = (10 + lens[i] + 63) / 64 * 64 + 16;
      g_autoptr (XimEnvelope) envelope = xim_envelope_decode (bytes, &error);
      g_assert_cmpuint (envelope->sender_len, ==, expected);
      assert_opens (bytes, &alice, &bob, 10);
    }
}

/* What bob makes of an envelope with this inside; the error, or -1. */
static int
open_crafted (const guint8 *block, gsize block_len, const guint8 *plain,
              gsize plain_len)
{
  gsize len;
  g_autoptr (GError) error = NULL;
  g_auto (Device) alice, bob;
  device_init (&alice, "alice@example.org", 1);
  device_init (&bob, "bob@example.org", 2);
  g_autoptr (XimSecret) ephemeral = xim_crypto_x25519_generate ();
  TestSealed spec = { .key = alice.sign_key,
                      .block = block,
                      .block_len = block_len,
                      .plain = plain,
                      .plain_len = plain_len };
  xim_crypto_x25519_public (ephemeral, &spec.enc);
  g_autoptr (GBytes) info = xim_slot_info (bob.jid, &bob.id);
  const guint8 *data = g_bytes_get_data (info, &len);
  g_autoptr (XimHpke) context = xim_hpke_new_sender (
      ephemeral, &spec.enc, &xim_keyring_entry (bob.ring, 0)->key, data, len,
      &error);
  spec.context = context;
  g_autoptr (GBytes) bytes = test_sealed (&spec);
  g_autoptr (XimSecret) content = open (bytes, &alice, &bob, &error);
  if (content != NULL)
    return -1;
  g_assert_true (error->domain == XIM_ERROR);
  return error->code;
}

static void
make_block (guint8 *block, const char *jid, gsize jid_len)
{
  memset (block, 0, 128);
  block[8] = (guint8)(jid_len >> 8);
  block[9] = (guint8)jid_len;
  memcpy (block + 10, jid, strlen (jid));
}

static void
test_refuses_blocks (void)
{
  guint8 block[128];
  const guint8 plain[512] = { 1 };
  const char *jid = "alice@example.org";
  g_autofree char *full = long_jid (54);
  make_block (block, jid, strlen (jid));
  g_assert_cmpint (open_crafted (block, 64, plain, 512), ==, -1);
  g_assert_cmpint (open_crafted (block, 70, plain, 512), ==,
                   XIM_ERROR_MALFORMED);
  g_assert_cmpint (open_crafted (block, 0, plain, 512), ==,
                   XIM_ERROR_MALFORMED);
  block[63] = 1;
  g_assert_cmpint (open_crafted (block, 64, plain, 512), ==,
                   XIM_ERROR_MALFORMED);
  make_block (block, jid, strlen (jid));
  g_assert_cmpint (open_crafted (block, 128, plain, 512), ==,
                   XIM_ERROR_MALFORMED);
  make_block (block, full, 54);
  g_assert_cmpint (open_crafted (block, 128, plain, 512), ==,
                   XIM_ERROR_MALFORMED);
  make_block (block, full, 55);
  g_assert_cmpint (open_crafted (block, 64, plain, 512), ==,
                   XIM_ERROR_MALFORMED);
  make_block (block, jid, 0);
  g_assert_cmpint (open_crafted (block, 64, plain, 512), ==,
                   XIM_ERROR_MALFORMED);
}

static int
open_plain (guint8 kind, guint64 length, gsize nonzero, gsize plain_len)
{
  guint8 block[128];
  g_autofree guint8 *plain = g_malloc0 (plain_len + 1 + sizeof length);
  guint64 big = GUINT64_TO_BE (length);
  make_block (block, "alice@example.org", 17);
  plain[0] = kind;
  memcpy (plain + 1, &big, sizeof big);
  plain[nonzero] |= 1;
  return open_crafted (block, 64, plain, plain_len);
}

static void
test_refuses_plaintexts (void)
{
  const guint64 huge = G_MAXUINT64;
  g_assert_cmpint (open_plain (1, 503, 511, 512), ==, -1);
  g_assert_cmpint (open_plain (1, 0, 0, 512), ==, -1);
  g_assert_cmpint (open_plain (1, 502, 511, 512), ==, XIM_ERROR_MALFORMED);
  g_assert_cmpint (open_plain (1, 0, 9, 512), ==, XIM_ERROR_MALFORMED);
  g_assert_cmpint (open_plain (1, 504, 0, 512), ==, XIM_ERROR_MALFORMED);
  g_assert_cmpint (open_plain (1, 504, 0, 1024), ==, -1);
  g_assert_cmpint (open_plain (1, 503, 0, 1024), ==, XIM_ERROR_MALFORMED);
  g_assert_cmpint (open_plain (1, huge, 0, 512), ==, XIM_ERROR_MALFORMED);
  g_assert_cmpint (open_plain (1, huge - 8, 0, 512), ==, XIM_ERROR_MALFORMED);
  g_assert_cmpint (open_plain (1, 10, 0, 511), ==, XIM_ERROR_MALFORMED);
  g_assert_cmpint (open_plain (1, 10, 0, 0), ==, XIM_ERROR_MALFORMED);
  g_assert_cmpint (open_plain (3, 10, 0, 512), ==, XIM_ERROR_UNSUPPORTED);
  g_assert_cmpint (open_plain (0, 10, 1, 512), ==, XIM_ERROR_MALFORMED);
}

static void
test_same_device_twice (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Device) alice, bob;
  g_autoptr (XimSession) session = xim_session_new ();
  device_init (&alice, "alice@example.org", 1);
  device_init (&bob, "bob@example.org", 2);
  const XimSessionDevice to[] = { target (&bob), target (&bob) };
  g_autoptr (GBytes) bytes = seal (session, &alice, to, 2, 10, &error);
  g_assert_no_error (error);
  g_autoptr (XimEnvelope) envelope = xim_envelope_decode (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (envelope->n_slots, ==, 1);
}

static void
test_text (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Device) alice, bob;
  g_autoptr (XimSession) session = xim_session_new ();
  device_init (&alice, "alice@example.org", 1);
  device_init (&bob, "bob@example.org", 2);
  const XimSessionDevice to = target (&bob);
  g_autoptr (GBytes) bytes = seal (session, &alice, &to, 1, 10, &error);
  g_autofree char *text = xim_envelope_encode_text (bytes, &error);
  g_assert_no_error (error);
  g_autoptr (XimEnvelope) envelope
      = xim_envelope_decode_text (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (envelope->bytes, bytes));
  g_assert_null (xim_envelope_decode_text (text, strlen (text) - 1, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_clear_error (&error);
  g_assert_null (xim_envelope_decode_text (text, 0, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  xim_secret_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/envelope/lengths", test_lengths);
  g_test_add_func ("/envelope/padded-len", test_padded_len);
  g_test_add_func ("/envelope/many-devices", test_many_devices);
  g_test_add_func ("/envelope/contexts-kept", test_contexts_kept);
  g_test_add_func ("/envelope/older-key", test_older_key);
  g_test_add_func ("/envelope/replay-before-payload",
                   test_replay_before_payload);
  g_test_add_func ("/envelope/refuses-every-flip", test_refuses_every_flip);
  g_test_add_func ("/envelope/refuses-too-large", test_refuses_too_large);
  g_test_add_func ("/envelope/same-device-twice", test_same_device_twice);
  g_test_add_func ("/envelope/sender-lengths", test_sender_lengths);
  g_test_add_func ("/envelope/refuses-blocks", test_refuses_blocks);
  g_test_add_func ("/envelope/refuses-plaintexts", test_refuses_plaintexts);
  g_test_add_func ("/envelope/text", test_text);
  return g_test_run ();
}
