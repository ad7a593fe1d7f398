/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Runs the cases of envelopes, stanzas and chunked payloads. */

#include "config.h"

#include "vectors-envelope.h"

#include "test-vector.h"
#include "xim-chunked.h"
#include "xim-envelope-private.h"
#include "xim-unwrapped-private.h"

#define NOW 1795512600
#define DAY 86400

/* "ADDRESS ID KEY" of a line; the key may be missing. */
typedef struct
{
  GStrv fields;
  XimDeviceId id;
  guint8 key[XIM_KEY_LEN];
} Party;

static void
party_clear (Party *party)
{
  g_strfreev (party->fields);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Party, party_clear)

static Party
party_of (const char *line)
{
  Party party = { .fields = g_strsplit (line, " ", -1) };
  guint n = g_strv_length (party.fields);
  g_assert_cmpuint (n, >=, 2);
  test_hex (party.fields[1], &party.id, sizeof party.id);
  if (n > 2)
    test_hex (party.fields[2], party.key, sizeof party.key);
  return party;
}

static XimSecret *
secret_of (GStrv lines, const char *name)
{
  g_autoptr (GByteArray) bytes = test_vector_bytes (lines, name, 0);
  return xim_secret_new_take (bytes->data, bytes->len);
}

static GBytes *
bytes_of (GStrv lines, const char *name)
{
  return g_byte_array_free_to_bytes (test_vector_bytes (lines, name, 0));
}

static void
put_hex (GHashTable *results, const char *name, const void *data, gsize len)
{
  g_hash_table_insert (results, g_strdup (name),
                       xim_codec_hex_encode (data, len));
}

static XimKeyring *
ring_of (GStrv lines)
{
  g_auto (Party) reader = party_of (test_vector_value (lines, "reader", 0));
  XimKeyring *ring = xim_keyring_new (reader.fields[0], &reader.id);
  guint32 serial = 1000;
  for (guint i = 0; test_vector_value (lines, "own", i) != NULL; i++)
    {
      g_autoptr (GByteArray) own = test_vector_bytes (lines, "own", i);
      xim_keyring_add (ring, xim_secret_new_take (own->data, own->len),
                       serial--, NOW - DAY, NOW + DAY);
    }
  return ring;
}

static gboolean
is_from (GStrv lines, const char *jid)
{
  const char *from;
  for (guint i = 0; (from = test_vector_value (lines, "from", i)) != NULL; i++)
    if (strcmp (from, jid) == 0)
      return TRUE;
  return FALSE;
}

/* What the client does with the stanza and the verified bundle. */
static gboolean
find_signer (GStrv lines, const XimUnwrapped *unwrapped,
             XimEd25519Public *signer, GError **error)
{
  const char *line;
  if (!is_from (lines, xim_unwrapped_jid (unwrapped)))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected a sender that the stanza may be from, found %s",
                   xim_unwrapped_jid (unwrapped));
      return FALSE;
    }
  for (guint i = 0; (line = test_vector_value (lines, "sender", i)); i++)
    {
      g_auto (Party) sender = party_of (line);
      if (strcmp (sender.fields[0], xim_unwrapped_jid (unwrapped)) != 0
          || xim_device_id_compare (&sender.id,
                                    xim_unwrapped_device (unwrapped))
                 != 0)
        continue;
      memcpy (signer->bytes, sender.key, sizeof sender.key);
      return TRUE;
    }
  g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
               "expected a device of a verified bundle, found another");
  return FALSE;
}

static gboolean
seen (const XimDigest *digest, gpointer user_data)
{
  GStrv lines = user_data;
  const char *hex;
  for (guint i = 0; (hex = test_vector_value (lines, "seen", i)) != NULL; i++)
    {
      guint8 known[32];
      test_hex (hex, known, sizeof known);
      if (memcmp (known, digest->bytes, sizeof known) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
open_case (GStrv lines, GHashTable *results, GError **error)
{
  g_autoptr (XimKeyring) ring = ring_of (lines);
  g_autoptr (GBytes) bytes = bytes_of (lines, "envelope");
  const XimReplayOps replay = { seen, lines };
  XimEd25519Public signer;
  XimEnvelope *envelope = xim_envelope_decode (bytes, error);
  if (envelope == NULL)
    return FALSE;
  g_autoptr (XimUnwrapped) unwrapped
      = xim_envelope_unwrap (envelope, ring, NOW, error);
  if (unwrapped == NULL || !find_signer (lines, unwrapped, &signer, error))
    return FALSE;
  g_autoptr (XimSecret) content
      = xim_envelope_open_with (unwrapped, &signer, ring, &replay, NOW, error);
  if (content == NULL)
    return FALSE;
  put_hex (results, "content", xim_secret_peek (content),
           xim_secret_len (content));
  put_hex (results, "digest", xim_unwrapped_digest (unwrapped),
           sizeof (XimDigest));
  return TRUE;
}

static GBytes *
seal_to_recipients (GStrv lines, XimMaking *making, const XimSender *sender,
                    GError **error)
{
  g_autoptr (XimSession) session
      = xim_session_new_fixed (secret_of (lines, "ephemeral-private"));
  g_autoptr (XimSecret) content = secret_of (lines, "content");
  Party parties[XIM_DEVICES_MAX];
  XimSessionDevice devices[XIM_DEVICES_MAX];
  const char *line;
  guint n = 0;
  while ((line = test_vector_value (lines, "recipient", n)) != NULL)
    {
      g_assert_cmpuint (n, <, XIM_DEVICES_MAX);
      parties[n] = party_of (line);
      devices[n].jid = parties[n].fields[0];
      devices[n].device = parties[n].id;
      memcpy (devices[n].key.bytes, parties[n].key, XIM_KEY_LEN);
      n++;
    }
  making->devices = devices;
  making->n_devices = n;
  GBytes *bytes
      = xim_envelope_seal_to (session, making, sender, content, NOW, error);
  while (n > 0)
    party_clear (&parties[--n]);
  return bytes;
}

static gboolean
seal_case (GStrv lines, GHashTable *results, GError **error)
{
  g_auto (Party) party = party_of (test_vector_value (lines, "sender", 0));
  g_autoptr (XimSignKey) key = xim_sign_key_new (
      "dev/0000000000000000", secret_of (lines, "sender-private"), error);
  if (key == NULL)
    return FALSE;
  g_autoptr (GByteArray) nonce = test_vector_bytes (lines, "nonce", 0);
  g_autoptr (GByteArray) salt = test_vector_bytes (lines, "salt", 0);
  g_autoptr (XimSecret) session_key = secret_of (lines, "session-key");
  const XimSender sender = { party.fields[0], party.id, key };
  XimMaking making = { NULL, 0, session_key, salt->data, nonce->data };
  g_autoptr (GBytes) bytes
      = seal_to_recipients (lines, &making, &sender, error);
  if (bytes == NULL)
    return FALSE;
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  put_hex (results, "envelope", data, len);
  g_hash_table_insert (results, g_strdup ("envelope-base64"),
                       xim_envelope_encode_text (bytes, NULL));
  return TRUE;
}

gboolean
vectors_envelope (GStrv lines, GHashTable *results, GError **error)
{
  if (!open_case (lines, results, error))
    return FALSE;
  return test_vector_value (lines, "ephemeral-private", 0) == NULL
         || seal_case (lines, results, error);
}

gboolean
vectors_stanza (GStrv lines, GHashTable *results G_GNUC_UNUSED, GError **error)
{
  const char *text = test_vector_value (lines, "text", 0);
  g_assert_nonnull (text);
  g_autoptr (XimEnvelope) envelope
      = xim_envelope_decode_text (text, strlen (text), error);
  return envelope != NULL;
}

static gboolean
open_chunks (const guint8 *key, const char *context, const GByteArray *sealed,
             GError **error)
{
  g_autoptr (XimChunked) chunked
      = xim_chunked_new (key, sealed->data, context);
  if (!xim_crypto_equal (sealed->data + XIM_CHUNKED_SALT_LEN,
                         xim_chunked_commitment (chunked),
                         XIM_CHUNKED_COMMITMENT_LEN))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected the commitment of this key, found another");
      return FALSE;
    }
  guint8 plain[XIM_CHUNK_LEN];
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

static GByteArray *
seal_chunks (const guint8 *key, const char *context, const guint8 *salt,
             gsize plain_len)
{
  g_autoptr (XimChunked) chunked = xim_chunked_new (key, salt, context);
  guint8 plain[XIM_CHUNK_LEN], sealed[XIM_CHUNK_LEN + XIM_GCM_TAG_LEN];
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

gboolean
vectors_chunked (GStrv lines, GHashTable *results, GError **error)
{
  g_autoptr (GByteArray) key = test_vector_bytes (lines, "key", 0);
  const char *context = test_vector_value (lines, "context", 0);
  const char *length = test_vector_value (lines, "length", 0);
  g_autoptr (GByteArray) sealed = NULL;
  if (length == NULL)
    sealed = test_vector_bytes (lines, "ciphertext", 0);
  else
    {
      g_autoptr (GByteArray) salt = test_vector_bytes (lines, "salt", 0);
      sealed = seal_chunks (key->data, context, salt->data,
                            (gsize)g_ascii_strtoull (length, NULL, 10));
    }
  g_assert_cmpuint (sealed->len, >=, XIM_CHUNKED_HEADER_LEN);
  if (!open_chunks (key->data, context, sealed, error))
    return FALSE;

  XimHash hash;
  const XimPiece all = { sealed->data, sealed->len };
  xim_crypto_sha256 (&all, 1, &hash);
  put_hex (results, "ciphertext-sha256", &hash, sizeof hash);
  g_hash_table_insert (results, g_strdup ("ciphertext-length"),
                       g_strdup_printf ("%u", sealed->len));
  return TRUE;
}
