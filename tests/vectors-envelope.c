/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The checks of messages: envelope, stanza, chunked. */

#include "config.h"

#include <string.h>

#include "vector-case.h"
#include "xim-chunked.h"
#include "xim-codec.h"
#include "xim-envelope-private.h"
#include "xim-unwrapped-private.h"

#define NOW_S 1795512600 /* nothing here depends on it */
#define LIFE_S 86400
#define SEEN_LEN 32

/* "ADDRESS ID" or "ADDRESS ID KEY". */
typedef struct
{
  char *jid;
  XimDeviceId id;
  guint8 key[XIM_KEY_LEN];
} Party;

static void
party_clear (gpointer data)
{
  g_free (((Party *)data)->jid);
}

/* Every line called @name, or NULL if one cannot be read. */
static GArray *
read_parties (const VectorCase *vector, const char *name, GError **error)
{
  g_autoptr (GArray) parties = g_array_new (FALSE, TRUE, sizeof (Party));
  g_array_set_clear_func (parties, party_clear);
  for (guint i = 0; i < vector_case_count (vector, name); i++)
    {
      g_auto (GStrv) fields
          = g_strsplit (vector_case_bytes (vector, name, i, NULL), " ", -1);
      guint n = g_strv_length (fields);
      Party party = { .jid = n > 0 ? g_strdup (fields[0]) : NULL };
      gboolean ok
          = n >= 2
            && xim_codec_hex_decode_exact (fields[1], strlen (fields[1]),
                                           party.id.bytes, sizeof party.id,
                                           error)
            && (n == 2
                || xim_codec_hex_decode_exact (fields[2], strlen (fields[2]),
                                               party.key, sizeof party.key,
                                               error));
      g_array_append_val (parties, party);
      if (ok)
        continue;
      vector_blame (name, error);
      return NULL;
    }
  return g_steal_pointer (&parties);
}

static XimSecret *
read_secret (const VectorCase *vector, const char *name, GError **error)
{
  gsize len;
  g_autoptr (GBytes) bytes = vector_case_hex (vector, name, error);
  if (bytes == NULL)
    return NULL;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  XimSecret *secret = xim_secret_new (len);
  memcpy (xim_secret_data (secret), data, len);
  return secret;
}

static XimKeyring *
read_ring (const VectorCase *vector, GError **error)
{
  g_autoptr (GArray) readers = read_parties (vector, "reader", error);
  if (readers == NULL || readers->len == 0)
    return NULL;
  const Party *reader = &g_array_index (readers, Party, 0);
  g_autoptr (XimKeyring) ring = xim_keyring_new (reader->jid, &reader->id);
  guint32 n = vector_case_count (vector, "own");
  for (guint i = 0; i < n; i++)
    {
      gsize len;
      const char *hex = vector_case_bytes (vector, "own", i, &len);
      g_autoptr (XimSecret) own = xim_secret_new (XIM_KEY_LEN);
      if (!xim_codec_hex_decode_exact (hex, len, xim_secret_data (own),
                                       XIM_KEY_LEN, error))
        {
          vector_blame ("own", error);
          return NULL;
        }
      xim_keyring_add (ring, g_steal_pointer (&own), n - i, NOW_S,
                       NOW_S + LIFE_S);
    }
  return g_steal_pointer (&ring);
}

static char *
hex_of (const XimSecret *secret)
{
  return xim_codec_hex_encode (xim_secret_peek (secret),
                               xim_secret_len (secret));
}

static gboolean
has_line (const VectorCase *vector, const char *name, const char *value)
{
  for (guint i = 0; i < vector_case_count (vector, name); i++)
    if (strcmp (vector_case_bytes (vector, name, i, NULL), value) == 0)
      return TRUE;
  return FALSE;
}

/* What a client does with the stanza and the verified bundle. */
static gboolean
find_signer (const VectorCase *vector, const XimUnwrapped *unwrapped,
             XimEd25519Public *signer, GError **error)
{
  const char *jid = xim_unwrapped_jid (unwrapped);
  g_autoptr (GArray) senders = read_parties (vector, "sender", error);
  if (senders == NULL)
    return FALSE;
  if (!has_line (vector, "from", jid))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected a sender that the stanza may be from, got %s",
                   jid);
      return FALSE;
    }
  for (guint i = 0; i < senders->len; i++)
    {
      const Party *sender = &g_array_index (senders, Party, i);
      if (strcmp (sender->jid, jid) != 0
          || xim_device_id_compare (&sender->id,
                                    xim_unwrapped_device (unwrapped))
                 != 0)
        continue;
      memcpy (signer->bytes, sender->key, sizeof sender->key);
      return TRUE;
    }
  g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
               "expected a device of a verified bundle, got another");
  return FALSE;
}

static gboolean
was_seen (const XimDigest *digest, gpointer user_data)
{
  g_autofree char *hex = xim_codec_hex_encode (digest->bytes, SEEN_LEN);
  return has_line (user_data, "seen", hex);
}

static gboolean
open_envelope (const VectorCase *vector, VectorResults *results,
               GError **error)
{
  const XimReplayOps replay = { was_seen, (gpointer)vector };
  XimEd25519Public signer;
  g_autoptr (XimKeyring) ring = read_ring (vector, error);
  g_autoptr (GBytes) bytes
      = ring != NULL ? vector_case_hex (vector, "envelope", error) : NULL;
  XimEnvelope *envelope
      = bytes != NULL ? xim_envelope_decode (bytes, error) : NULL;
  if (envelope == NULL)
    return FALSE;
  g_autoptr (XimUnwrapped) unwrapped
      = xim_envelope_unwrap (envelope, ring, NOW_S, error);
  if (unwrapped == NULL || !find_signer (vector, unwrapped, &signer, error))
    return FALSE;
  g_autoptr (XimSecret) content = xim_envelope_open_with (
      unwrapped, &signer, ring, &replay, NOW_S, error);
  if (content == NULL)
    return FALSE;
  vector_result (results, "content", hex_of (content));
  vector_result (results, "digest",
                 xim_codec_hex_encode (xim_unwrapped_digest (unwrapped)->bytes,
                                       sizeof (XimDigest)));
  return TRUE;
}

static GBytes *
seal_to_recipients (const VectorCase *vector, XimMaking *making,
                    const XimSender *sender, GError **error)
{
  g_autoptr (GArray) recipients = read_parties (vector, "recipient", error);
  g_autoptr (XimSecret) content = read_secret (vector, "content", error);
  XimSecret *ephemeral = recipients != NULL && content != NULL
                             ? read_secret (vector, "ephemeral-private", error)
                             : NULL;
  if (ephemeral == NULL)
    return NULL;
  g_autoptr (XimSession) session = xim_session_new_fixed (ephemeral);
  g_autofree XimSessionDevice *devices
      = g_new0 (XimSessionDevice, recipients->len);
  for (guint i = 0; i < recipients->len; i++)
    {
      const Party *recipient = &g_array_index (recipients, Party, i);
      devices[i].jid = recipient->jid;
      devices[i].device = recipient->id;
      memcpy (devices[i].key.bytes, recipient->key, XIM_KEY_LEN);
    }
  making->devices = devices;
  making->n_devices = recipients->len;
  return xim_envelope_seal_to (session, making, sender, content, NOW_S, error);
}

/* With everything random given, sealing must give the same bytes. */
static gboolean
seal_again (const VectorCase *vector, GError **error)
{
  guint8 nonce[XIM_ENVELOPE_NONCE_LEN];
  guint8 salt[XIM_CHUNKED_SALT_LEN];
  g_autoptr (GArray) senders = read_parties (vector, "sender", error);
  g_autoptr (GBytes) wanted = vector_case_hex (vector, "envelope", error);
  g_autoptr (XimSecret) session_key
      = read_secret (vector, "session-key", error);
  if (senders == NULL || wanted == NULL || session_key == NULL
      || !vector_case_hex_exact (vector, "nonce", nonce, sizeof nonce, error)
      || !vector_case_hex_exact (vector, "salt", salt, sizeof salt, error))
    return FALSE;
  XimSecret *seed = read_secret (vector, "sender-private", error);
  g_autoptr (XimSignKey) key
      = seed != NULL ? xim_sign_key_new ("dev/0000000000000000", seed, error)
                     : NULL;
  if (key == NULL)
    return FALSE;
  const Party *party = &g_array_index (senders, Party, 0);
  const XimSender sender = { party->jid, party->id, key };
  XimMaking making = { NULL, 0, session_key, salt, nonce };
  g_autoptr (GBytes) sealed
      = seal_to_recipients (vector, &making, &sender, error);
  if (sealed != NULL && !g_bytes_equal (sealed, wanted))
    g_set_error (error, VECTOR_ERROR, 0, "sealing gives another envelope");
  return sealed != NULL && g_bytes_equal (sealed, wanted);
}

static gboolean
check_envelope (const VectorCase *vector, VectorResults *results,
                GError **error)
{
  return open_envelope (vector, results, error)
         && (vector_case_count (vector, "ephemeral-private") == 0
             || seal_again (vector, error));
}

static gboolean
check_stanza (const VectorCase *vector, VectorResults *results G_GNUC_UNUSED,
              GError **error)
{
  gsize len;
  if (vector_case_get (vector, "text", error) == NULL)
    return FALSE;
  const char *text = vector_case_bytes (vector, "text", 0, &len);
  g_autoptr (XimEnvelope) envelope
      = xim_envelope_decode_text (text, len, error);
  return envelope != NULL;
}

static gboolean
open_chunks (const guint8 *key, const char *context, const GByteArray *sealed,
             GError **error)
{
  guint8 plain[XIM_CHUNK_LEN];
  g_autoptr (XimChunked) chunked
      = xim_chunked_new (key, sealed->data, context);
  if (!xim_crypto_equal (sealed->data + XIM_CHUNKED_SALT_LEN,
                         xim_chunked_commitment (chunked),
                         XIM_CHUNKED_COMMITMENT_LEN))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected the commitment of this key, got another");
      return FALSE;
    }
  const guint8 *in = sealed->data + XIM_CHUNKED_HEADER_LEN;
  gsize left = sealed->len - XIM_CHUNKED_HEADER_LEN;
  gboolean last = FALSE;
  while (!last)
    {
      gsize len = MIN (left, XIM_CHUNK_LEN + XIM_GCM_TAG_LEN);
      last = len < XIM_CHUNK_LEN + XIM_GCM_TAG_LEN;
      if (!xim_chunked_open (chunked, in, len, last, plain, error))
        return FALSE;
      in += len;
      left -= len;
    }
  return TRUE;
}

/* Byte i of the plaintext is i mod 251. */
static GByteArray *
seal_chunks (const guint8 *key, const char *context, const guint8 *salt,
             gsize plain_len)
{
  guint8 plain[XIM_CHUNK_LEN], sealed[XIM_CHUNK_LEN + XIM_GCM_TAG_LEN];
  g_autoptr (XimChunked) chunked = xim_chunked_new (key, salt, context);
  GByteArray *out = g_byte_array_new ();
  g_byte_array_append (out, salt, XIM_CHUNKED_SALT_LEN);
  g_byte_array_append (out, xim_chunked_commitment (chunked),
                       XIM_CHUNKED_COMMITMENT_LEN);
  gboolean last = FALSE;
  for (gsize at = 0; !last;)
    {
      gsize len = MIN (plain_len - at, XIM_CHUNK_LEN);
      last = len < XIM_CHUNK_LEN;
      for (gsize i = 0; i < len; i++)
        plain[i] = (guint8)((at + i) % 251);
      xim_chunked_seal (chunked, plain, len, last, sealed);
      g_byte_array_append (out, sealed, (guint)len + XIM_GCM_TAG_LEN);
      at += len;
    }
  return out;
}

static GByteArray *
read_or_seal (const VectorCase *vector, const guint8 *key, const char *context,
              GError **error)
{
  guint64 len;
  guint8 salt[XIM_CHUNKED_SALT_LEN];
  if (vector_case_count (vector, "ciphertext") > 0)
    {
      GBytes *bytes = vector_case_hex (vector, "ciphertext", error);
      return bytes != NULL ? g_bytes_unref_to_array (bytes) : NULL;
    }
  const char *text = vector_case_get (vector, "length", error);
  if (text == NULL
      || !vector_case_hex_exact (vector, "salt", salt, sizeof salt, error))
    return NULL;
  if (xim_codec_decimal_decode (text, strlen (text), 0, 1000000, &len, error))
    return seal_chunks (key, context, salt, len);
  vector_blame ("length", error);
  return NULL;
}

static gboolean
check_chunked (const VectorCase *vector, VectorResults *results,
               GError **error)
{
  guint8 key[XIM_KEY_LEN];
  const char *context = vector_case_get (vector, "context", error);
  if (context == NULL
      || !vector_case_hex_exact (vector, "key", key, sizeof key, error))
    return FALSE;
  g_autoptr (GByteArray) sealed = read_or_seal (vector, key, context, error);
  if (sealed == NULL)
    return FALSE;
  if (sealed->len < XIM_CHUNKED_HEADER_LEN)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected salt and commitment, got %u bytes", sealed->len);
      return FALSE;
    }
  if (!open_chunks (key, context, sealed, error))
    return FALSE;
  XimHash hash;
  const XimPiece all = { sealed->data, sealed->len };
  xim_crypto_sha256 (&all, 1, &hash);
  vector_result (results, "ciphertext-sha256",
                 xim_codec_hex_encode (hash.bytes, sizeof hash.bytes));
  vector_result (results, "ciphertext-length",
                 g_strdup_printf ("%u", sealed->len));
  return TRUE;
}

const VectorCheck vectors_envelope[] = {
  { "envelope", check_envelope, { "content", "digest" } },
  { "stanza", check_stanza, { NULL } },
  { "chunked", check_chunked, { "ciphertext-length", "ciphertext-sha256" } },
  { NULL, NULL, { NULL } },
};
