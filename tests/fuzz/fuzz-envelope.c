/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-envelope.c and xim-unwrapped.c: raw bytes, and what is inside. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "../test-sealed.h"
#include "xim-codec.h"
#include "xim-error.h"
#include "xim-unwrapped-private.h"

#define NOW 1795512600
#define JID "bob@example.org"
#define BLOCK_LEN 64 /* of the inputs that are sealed here */

/* The keys of tests/vectors/envelope-one-device.txt, so that it opens. */
#define OWN "227d895fb72cf87d0292f839dc7c8fa49a81cafadb55ccd8a56d50b2d81a851c"
#define SENDER                                                                \
  "cb5f07be59f5436b9531044e4d6fa1d42fcc76727816ba968ae9aaf565b14c31"
#define EPHEMERAL                                                             \
  "00f7e891d81dbfc087194caa6f43e70db825644fdfba3decfeab2c1d927184fc"
static XimKeyring *ring;
static XimSignKey *sign_key;
static TestSealed spec;
static const XimDeviceId device
    = { { 0x69, 0xa9, 0x28, 0xb3, 0x71, 0x1a, 0xf5, 0xea } };

static XimSecret *
fixed (const char *hex)
{
  XimSecret *secret = xim_secret_new (XIM_KEY_LEN);
  g_assert_true (xim_codec_hex_decode_exact (
      hex, strlen (hex), xim_secret_data (secret), XIM_KEY_LEN, NULL));
  return secret;
}

static void
make_keys (void)
{
  gsize len;
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (XimSecret) ephemeral = fixed (EPHEMERAL);
  ring = xim_keyring_new (JID, &device);
  xim_keyring_add (ring, fixed (OWN), 1, NOW, NOW + 1);
  sign_key = xim_sign_key_new ("dev/c3676d823a925a18", fixed (SENDER), NULL);
  spec.key = sign_key;
  xim_crypto_x25519_public (ephemeral, &spec.enc);
  g_autoptr (GBytes) info = xim_slot_info (JID, &device);
  const guint8 *data = g_bytes_get_data (info, &len);
  spec.context = xim_hpke_new_sender (ephemeral, &spec.enc,
                                      &xim_keyring_entry (ring, 0)->key, data,
                                      len, NULL);
  g_assert_nonnull (spec.context);
}

static gboolean
never_seen (const XimDigest *digest G_GNUC_UNUSED,
            gpointer user_data G_GNUC_UNUSED)
{
  return FALSE;
}

static XimSecret *
open (GBytes *bytes, GError **error)
{
  const XimReplayOps replay = { never_seen, NULL };
  XimEnvelope *envelope = xim_envelope_decode (bytes, error);
  if (envelope == NULL)
    return NULL;
  g_autoptr (XimUnwrapped) unwrapped
      = xim_envelope_unwrap (envelope, ring, NOW, error);
  if (unwrapped == NULL)
    return NULL;
  g_assert_nonnull (xim_unwrapped_jid (unwrapped));
  return xim_envelope_open_with (unwrapped,
                                 &xim_sign_key_public (sign_key)->key, ring,
                                 &replay, NOW, error);
}

/* The first byte says what the rest is: 0, an envelope; else a sender block
 * and a plaintext, which is padded with zeros to the next length that padding
 * gives unless that byte is 2. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gsize once = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  if (g_once_init_enter (&once))
    {
      make_keys ();
      g_once_init_leave (&once, 1);
    }
  if (size < 1 || size > XIM_ENVELOPE_MAX)
    return 0;
  if (data[0] == 0)
    bytes = g_bytes_new (data + 1, size - 1);
  else if (size < 1 + BLOCK_LEN)
    return 0;
  else
    {
      gsize len = size - 1 - BLOCK_LEN;
      gsize padded = data[0] == 2 ? len : xim_envelope_padded_len (len);
      g_autofree guint8 *plain = g_malloc0 (padded + 1);
      memcpy (plain, data + 1 + BLOCK_LEN, len);
      spec.block = data + 1;
      spec.block_len = BLOCK_LEN;
      spec.plain = plain;
      spec.plain_len = padded;
      bytes = test_sealed (&spec);
    }
  g_autoptr (XimSecret) content = open (bytes, &error);
  g_assert_true ((content == NULL) == (error != NULL));
  return 0;
}
