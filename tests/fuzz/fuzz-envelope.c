/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-envelope.c and xim-unwrapped.c: raw bytes, and what is inside. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-chunked.h"
#include "xim-codec.h"
#include "xim-envelope-private.h"
#include "xim-error.h"
#include "xim-slot.h"
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
static XimSecret *ephemeral;
static XimHpke *context;
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
  XimX25519Public enc;
  g_assert_true (xim_secret_init (NULL));
  ring = xim_keyring_new (JID, &device);
  xim_keyring_add (ring, fixed (OWN), 1, NOW, NOW + 1);
  sign_key = xim_sign_key_new ("dev/c3676d823a925a18", fixed (SENDER), NULL);
  ephemeral = fixed (EPHEMERAL);
  xim_crypto_x25519_public (ephemeral, &enc);
  g_autoptr (GBytes) info = xim_slot_info (JID, &device);
  const guint8 *data = g_bytes_get_data (info, &len);
  context = xim_hpke_new_sender (
      ephemeral, &enc, &xim_keyring_entry (ring, 0)->key, data, len, NULL);
  g_assert_nonnull (context);
}

static void
append (GByteArray *out, const void *data, gsize len)
{
  g_byte_array_append (out, data, (guint)len);
}

static void
append_sealed (GByteArray *out, const guint8 *key, gsize ad_len,
               const void *data, gsize len)
{
  g_autoptr (XimGcm) gcm = xim_gcm_new (key);
  g_autofree guint8 *sealed = g_malloc (len + XIM_GCM_TAG_LEN);
  const XimPiece ad = { out->data, ad_len };
  const XimPiece plain = { data, len };
  xim_gcm_seal (gcm, NULL, ad_len > 0 ? &ad : NULL, &plain, sealed);
  append (out, sealed, len + XIM_GCM_TAG_LEN);
}

static void
append_payload (GByteArray *out, const XimSecret *session_key,
                const guint8 *plain, gsize len)
{
  const guint8 salt[XIM_CHUNKED_SALT_LEN] = { 9 };
  guint8 sealed[XIM_CHUNK_LEN + XIM_GCM_TAG_LEN];
  g_autoptr (XimChunked) chunked = xim_chunked_new (
      xim_secret_peek (session_key), salt, XIM_PAYLOAD_CONTEXT);
  append (out, salt, sizeof salt);
  append (out, xim_chunked_commitment (chunked), XIM_CHUNKED_COMMITMENT_LEN);
  gboolean last = FALSE;
  while (!last)
    {
      gsize part = MIN (len, XIM_CHUNK_LEN);
      last = part < XIM_CHUNK_LEN;
      xim_chunked_seal (chunked, plain, part, last, sealed);
      append (out, sealed, part + XIM_GCM_TAG_LEN);
      plain += part;
      len -= part;
    }
}

/* An envelope in which everything is right but, perhaps, the sender block and
 * the plaintext. */
static GBytes *
seal_around (const guint8 *block, const guint8 *plain, gsize len)
{
  GByteArray *out = g_byte_array_new ();
  guint8 header[XIM_ENVELOPE_HEADER_LEN] = { 'X', 'I', 'M', '1', XIM_SUITE_1 };
  guint8 slot[XIM_SLOT_LEN];
  const guint8 sender_len[] = { 0, BLOCK_LEN + XIM_GCM_TAG_LEN };
  XimX25519Public enc;
  XimSlotKey key;
  XimEnvelopeKeys keys;
  g_autoptr (XimSecret) session_key = fixed (OWN);
  header[22] = 1;
  xim_crypto_x25519_public (ephemeral, &enc);
  memcpy (header + 23, &enc, sizeof enc);
  xim_slot_key (context, header + 5, &key);
  xim_slot_wrap (&key, header, session_key, slot);
  xim_envelope_derive_keys (session_key, &keys);
  append (out, header, sizeof header);
  append (out, slot, sizeof slot);
  gsize ad_len = out->len;
  append (out, sender_len, sizeof sender_len);
  append_sealed (out, keys.sender, ad_len, block, BLOCK_LEN);
  append_payload (out, session_key, plain, len);

  XimDigest digest;
  XimSignature signature;
  guint8 text[XIM_SIGNED_LEN];
  const XimPiece all = { out->data, out->len };
  xim_crypto_sha512 (&all, 1, &digest);
  xim_envelope_signed_text (&digest, text);
  xim_sign_key_sign (sign_key, text, sizeof text, &signature);
  append_sealed (out, keys.signature, 0, &signature, sizeof signature);
  return g_byte_array_free_to_bytes (out);
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
      bytes = seal_around (data + 1, plain, padded);
    }
  g_autoptr (XimSecret) content = open (bytes, &error);
  g_assert_true ((content == NULL) == (error != NULL));
  return 0;
}
