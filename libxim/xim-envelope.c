/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Envelopes: sealed to devices, written, and parsed whole. */

#include "config.h"

#include "xim-envelope.h"

#include <stdlib.h>
#include <string.h>

#include "xim-chunked.h"
#include "xim-codec.h"
#include "xim-envelope-private.h"
#include "xim-error.h"
#include "xim-slot.h"

#define MAGIC "XIM1"
#define MAGIC_LEN 4
#define KEYS_LABEL "x-im keys v1"
#define SENDER_HEADER_LEN (XIM_DEVICE_ID_LEN + 2)

/* Where everything of an envelope goes. */
typedef struct
{
  gsize block_len; /* sender block */
  gsize plain_len; /* padded */
  gsize sender;    /* offset of the length of the sealed sender */
  gsize payload;
  gsize signature;
  gsize total;
} Layout;

void
xim_envelope_derive_keys (const XimSecret *session_key, XimEnvelopeKeys *out)
{
  G_STATIC_ASSERT (sizeof *out == 2 * XIM_KEY_LEN);
  xim_crypto_hkdf_sha512_expand (
      xim_secret_peek (session_key), XIM_KEY_LEN, (const guint8 *)KEYS_LABEL,
      sizeof KEYS_LABEL - 1, (guint8 *)out, sizeof *out);
}

void
xim_envelope_signed_text (const XimDigest *digest, guint8 *out)
{
  memcpy (out, XIM_SIGNED_PREFIX, sizeof XIM_SIGNED_PREFIX - 1);
  memcpy (out + sizeof XIM_SIGNED_PREFIX - 1, digest->bytes,
          sizeof digest->bytes);
}

static guint
log2_floor (guint64 value)
{
  guint bits = 0;
  while (value > 1)
    {
      value >>= 1;
      bits++;
    }
  return bits;
}

guint64
xim_envelope_padded_len (guint64 len)
{
  guint64 step = XIM_PAD_STEP;
  if (len > XIM_PAD_SMALL_MAX)
    {
      guint exponent = log2_floor (len);
      step = G_GUINT64_CONSTANT (1) << (exponent - log2_floor (exponent) - 1);
    }
  return (MAX (len, 1) + step - 1) / step * step;
}

/* Everything has a bound before anything is allocated. */
static gboolean
plan (Layout *layout, guint n_slots, gsize jid_len, gsize content_len,
      GError **error)
{
  layout->sender = XIM_ENVELOPE_HEADER_LEN + n_slots * (gsize)XIM_SLOT_LEN;
  layout->total = layout->sender;
  if (content_len <= XIM_CONTENT_MAX)
    {
      gsize blocks = (SENDER_HEADER_LEN + jid_len + XIM_SENDER_BLOCK_LEN - 1)
                     / XIM_SENDER_BLOCK_LEN;
      layout->block_len = blocks * XIM_SENDER_BLOCK_LEN;
      layout->plain_len
          = xim_envelope_padded_len (XIM_PLAIN_HEADER_LEN + content_len);
      layout->payload
          = layout->sender + 2 + layout->block_len + XIM_GCM_TAG_LEN;
      layout->signature = layout->payload + XIM_CHUNKED_HEADER_LEN
                          + xim_chunked_sealed_len (layout->plain_len);
      layout->total = layout->signature + XIM_SEALED_SIGNATURE_LEN;
    }
  if (content_len <= XIM_CONTENT_MAX && layout->total <= XIM_ENVELOPE_MAX)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
               "expected an envelope of at most %d bytes, %" G_GSIZE_FORMAT
               " bytes of content for %u devices need more",
               XIM_ENVELOPE_MAX, content_len, n_slots);
  return FALSE;
}

static void
put_u16 (guint8 *out, gsize value)
{
  out[0] = (guint8)(value >> 8);
  out[1] = (guint8)value;
}

static void
write_header (guint8 *out, const guint8 *nonce, guint n_slots,
              const XimX25519Public *enc)
{
  memcpy (out, MAGIC, MAGIC_LEN);
  out[MAGIC_LEN] = XIM_SUITE_1;
  out += MAGIC_LEN + 1;
  if (nonce != NULL)
    memcpy (out, nonce, XIM_ENVELOPE_NONCE_LEN);
  else
    xim_crypto_random (out, XIM_ENVELOPE_NONCE_LEN);
  out += XIM_ENVELOPE_NONCE_LEN;
  put_u16 (out, n_slots);
  memcpy (out + 2, enc->bytes, sizeof enc->bytes);
}

static int
compare_tags (const void *a, const void *b)
{
  return memcmp (((const XimSlotKey *)a)->tag, ((const XimSlotKey *)b)->tag,
                 XIM_TAG_LEN);
}

/* The slot keys for the nonce in @header, ascending by tag.  Returns FALSE if
 * two tags are equal: a binary search could then miss one. */
static gboolean
make_slot_keys (const guint8 *header, const GPtrArray *contexts,
                XimSlotKey *keys)
{
  for (guint i = 0; i < contexts->len; i++)
    xim_slot_key (g_ptr_array_index (contexts, i), header + MAGIC_LEN + 1,
                  &keys[i]);
  qsort (keys, contexts->len, sizeof *keys, compare_tags);
  for (guint i = 1; i < contexts->len; i++)
    if (compare_tags (&keys[i - 1], &keys[i]) == 0)
      return FALSE;
  return TRUE;
}

static gboolean
write_slots (guint8 *out, const GPtrArray *contexts,
             const XimX25519Public *enc, const XimMaking *making,
             GError **error)
{
  g_autoptr (XimSecret) room
      = xim_secret_new (contexts->len * sizeof (XimSlotKey));
  XimSlotKey *keys = (XimSlotKey *)xim_secret_data (room);
  write_header (out, making->nonce, contexts->len, enc);
  while (!make_slot_keys (out, contexts, keys))
    {
      if (making->nonce != NULL)
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a nonce that gives different tags");
          return FALSE;
        }
      write_header (out, NULL, contexts->len, enc);
    }
  for (guint i = 0; i < contexts->len; i++)
    xim_slot_wrap (&keys[i], out, making->session_key,
                   out + XIM_ENVELOPE_HEADER_LEN + i * (gsize)XIM_SLOT_LEN);
  return TRUE;
}

static void
write_sender (guint8 *out, const Layout *layout, const XimSender *sender,
              const guint8 *key)
{
  g_autoptr (XimGcm) gcm = xim_gcm_new (key);
  g_autofree guint8 *block = g_malloc0 (layout->block_len);
  gsize jid_len = strlen (sender->jid);
  memcpy (block, sender->device.bytes, XIM_DEVICE_ID_LEN);
  put_u16 (block + XIM_DEVICE_ID_LEN, jid_len);
  memcpy (block + SENDER_HEADER_LEN, sender->jid, jid_len);
  put_u16 (out + layout->sender, layout->block_len + XIM_GCM_TAG_LEN);
  xim_gcm_seal (gcm, NULL, &(XimPiece){ out, layout->sender },
                &(XimPiece){ block, layout->block_len },
                out + layout->sender + 2);
}

static void
write_payload (guint8 *out, const Layout *layout, const XimSecret *content,
               const XimMaking *making)
{
  g_autoptr (XimSecret) plain = xim_secret_new (layout->plain_len);
  guint8 *text = xim_secret_data (plain);
  gsize content_len = xim_secret_len (content);
  guint64 length = GUINT64_TO_BE (content_len);
  text[0] = XIM_KIND_CHAT;
  memcpy (text + 1, &length, sizeof length);
  if (content_len > 0)
    memcpy (text + XIM_PLAIN_HEADER_LEN, xim_secret_peek (content),
            content_len);

  g_autoptr (XimChunked) chunked
      = xim_chunked_new (xim_secret_peek (making->session_key), making->salt,
                         XIM_PAYLOAD_CONTEXT);
  out += layout->payload;
  memcpy (out, making->salt, XIM_CHUNKED_SALT_LEN);
  memcpy (out + XIM_CHUNKED_SALT_LEN, xim_chunked_commitment (chunked),
          XIM_CHUNKED_COMMITMENT_LEN);
  out += XIM_CHUNKED_HEADER_LEN;
  gboolean last = FALSE;
  for (gsize left = layout->plain_len; !last;)
    {
      gsize len = MIN (left, XIM_CHUNK_LEN);
      last = len < XIM_CHUNK_LEN;
      xim_chunked_seal (chunked, text, len, last, out);
      left -= len;
      text += len;
      out += len + XIM_GCM_TAG_LEN;
    }
}

static void
write_signature (guint8 *out, const Layout *layout, const XimSender *sender,
                 const guint8 *key)
{
  XimDigest digest;
  XimSignature signature;
  guint8 text[XIM_SIGNED_LEN];
  const XimPiece all = { out, layout->signature };
  xim_crypto_sha512 (&all, 1, &digest);
  xim_envelope_signed_text (&digest, text);
  xim_sign_key_sign (sender->key, text, sizeof text, &signature);
  g_autoptr (XimGcm) gcm = xim_gcm_new (key);
  xim_gcm_seal (gcm, NULL, NULL,
                &(XimPiece){ signature.bytes, sizeof signature.bytes },
                out + layout->signature);
}

GBytes *
xim_envelope_seal_to (XimSession *session, const XimMaking *making,
                      const XimSender *sender, const XimSecret *content,
                      gint64 now_s, GError **error)
{
  g_return_val_if_fail (
      making->n_devices > 0 && making->n_devices <= XIM_SLOTS_MAX, NULL);

  Layout layout;
  XimX25519Public enc;
  gsize jid_len = strlen (sender->jid);
  gsize content_len = xim_secret_len (content);
  if (!plan (&layout, making->n_devices, jid_len, content_len, error))
    return NULL;
  g_autoptr (GPtrArray) contexts = xim_session_contexts (
      session, making->devices, making->n_devices, now_s, &enc, error);
  if (contexts == NULL
      || !plan (&layout, contexts->len, jid_len, content_len, error))
    return NULL;
  g_autofree guint8 *out = g_malloc (layout.total);
  if (!write_slots (out, contexts, &enc, making, error))
    return NULL;

  XimEnvelopeKeys keys;
  xim_envelope_derive_keys (making->session_key, &keys);
  write_sender (out, &layout, sender, keys.sender);
  write_payload (out, &layout, content, making);
  write_signature (out, &layout, sender, keys.signature);
  xim_secret_wipe (&keys, sizeof keys);
  return g_bytes_new_take (g_steal_pointer (&out), layout.total);
}

GBytes *
xim_envelope_seal (XimSession *session, const XimRecipients *recipients,
                   const XimSender *sender, const XimSecret *content,
                   gint64 now_s, GError **error)
{
  guint n = xim_recipients_n (recipients);
  g_autofree XimSessionDevice *devices = g_new (XimSessionDevice, n);
  for (guint i = 0; i < n; i++)
    {
      devices[i].jid = xim_recipients_jid (recipients, i);
      devices[i].device = *xim_recipients_device (recipients, i);
      devices[i].key = *xim_recipients_key (recipients, i);
    }
  guint8 salt[XIM_CHUNKED_SALT_LEN];
  g_autoptr (XimSecret) session_key
      = xim_secret_new (XIM_KEY_LEN + sizeof salt);
  xim_crypto_random (xim_secret_data (session_key), XIM_KEY_LEN + sizeof salt);
  memcpy (salt, xim_secret_peek (session_key) + XIM_KEY_LEN, sizeof salt);
  xim_secret_truncate (session_key, XIM_KEY_LEN);
  const XimMaking making = { devices, n, session_key, salt, NULL };
  return xim_envelope_seal_to (session, &making, sender, content, now_s,
                               error);
}

static gboolean
decode_header (XimEnvelope *envelope, XimReader *reader, GError **error)
{
  guint8 suite;
  guint16 n;
  const guint8 *magic = xim_reader_bytes (reader, MAGIC_LEN, "magic", error);
  if (magic == NULL)
    return FALSE;
  if (memcmp (magic, MAGIC, MAGIC_LEN) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected an envelope that begins with " MAGIC
                   ", found %02x%02x%02x%02x",
                   magic[0], magic[1], magic[2], magic[3]);
      return FALSE;
    }
  if (!xim_reader_u8 (reader, &suite, "suite", error))
    return FALSE;
  if (suite != XIM_SUITE_1)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "expected an envelope of suite %d, found suite %d",
                   XIM_SUITE_1, suite);
      return FALSE;
    }
  envelope->nonce
      = xim_reader_bytes (reader, XIM_ENVELOPE_NONCE_LEN, "nonce", error);
  if (envelope->nonce == NULL
      || !xim_reader_u16 (reader, &n, "number of slots", error))
    return FALSE;
  envelope->n_slots = n;
  if (n >= 1 && n <= XIM_SLOTS_MAX)
    return TRUE;
  g_set_error (error, XIM_ERROR,
               n == 0 ? XIM_ERROR_MALFORMED : XIM_ERROR_TOO_LARGE,
               "expected 1 to %d slots, found %u", XIM_SLOTS_MAX, n);
  return FALSE;
}

static gboolean
decode_slots (XimEnvelope *envelope, XimReader *reader, GError **error)
{
  const guint8 *enc
      = xim_reader_bytes (reader, XIM_KEY_LEN, "ephemeral key", error);
  if (enc == NULL)
    return FALSE;
  memcpy (envelope->enc.bytes, enc, XIM_KEY_LEN);
  const guint8 *slots = xim_reader_bytes (
      reader, envelope->n_slots * (gsize)XIM_SLOT_LEN, "slots", error);
  if (slots == NULL)
    return FALSE;
  envelope->slots = slots;
  for (guint i = 1; i < envelope->n_slots; i++, slots += XIM_SLOT_LEN)
    if (memcmp (slots, slots + XIM_SLOT_LEN, XIM_TAG_LEN) >= 0)
      {
        g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                     "expected slots in ascending order of different tags, "
                     "slot %u is not",
                     i);
        return FALSE;
      }
  return TRUE;
}

static gboolean
decode_sender (XimEnvelope *envelope, XimReader *reader, GError **error)
{
  guint16 len;
  if (!xim_reader_u16 (reader, &len, "length of the sealed sender", error))
    return FALSE;
  gsize block = len - (gsize)XIM_GCM_TAG_LEN;
  if (len <= XIM_GCM_TAG_LEN || block % XIM_SENDER_BLOCK_LEN != 0
      || block / XIM_SENDER_BLOCK_LEN > XIM_SENDER_BLOCKS_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a sealed sender of 16 + 64 k bytes, k from 1 to "
                   "%d, found %u",
                   XIM_SENDER_BLOCKS_MAX, len);
      return FALSE;
    }
  envelope->sender_len = len;
  envelope->sender = xim_reader_bytes (reader, len, "sealed sender", error);
  return envelope->sender != NULL;
}

/* Padding makes few lengths, and a padded length stays as it is. */
static gboolean
decode_payload (XimEnvelope *envelope, XimReader *reader, GError **error)
{
  const gsize around = XIM_CHUNKED_HEADER_LEN + XIM_SEALED_SIGNATURE_LEN;
  guint64 plain_len;
  if (reader->len < around)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected salt, commitment, chunks and signature behind "
                   "the sender, found %" G_GSIZE_FORMAT " bytes",
                   reader->len);
      return FALSE;
    }
  envelope->chunks_len = reader->len - around;
  envelope->payload = reader->data;
  envelope->signature
      = reader->data + XIM_CHUNKED_HEADER_LEN + envelope->chunks_len;
  if (!xim_chunked_plain_len (envelope->chunks_len, &plain_len, error))
    return FALSE;
  if (plain_len >= XIM_PAD_STEP
      && plain_len == xim_envelope_padded_len (plain_len))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected a payload of a length that padding gives, found "
               "%" G_GUINT64_FORMAT " bytes",
               plain_len);
  return FALSE;
}

XimEnvelope *
xim_envelope_decode (GBytes *bytes, GError **error)
{
  g_autoptr (XimEnvelope) envelope = g_new0 (XimEnvelope, 1);
  XimReader reader;
  envelope->bytes = g_bytes_ref (bytes);
  envelope->data = g_bytes_get_data (bytes, &reader.len);
  reader.data = envelope->data;
  if (reader.len > XIM_ENVELOPE_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected an envelope of at most %d bytes, found "
                   "%" G_GSIZE_FORMAT,
                   XIM_ENVELOPE_MAX, reader.len);
      return NULL;
    }
  if (!decode_header (envelope, &reader, error)
      || !decode_slots (envelope, &reader, error)
      || !decode_sender (envelope, &reader, error)
      || !decode_payload (envelope, &reader, error))
    return NULL;
  const XimPiece all
      = { envelope->data, (gsize)(envelope->signature - envelope->data) };
  xim_crypto_sha512 (&all, 1, &envelope->digest);
  return g_steal_pointer (&envelope);
}

XimEnvelope *
xim_envelope_decode_text (const char *text, gsize len, GError **error)
{
  if (len > XIM_STANZA_BASE64_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected an envelope of at most %d characters of base64, "
                   "found %" G_GSIZE_FORMAT,
                   XIM_STANZA_BASE64_MAX, len);
      return NULL;
    }
  g_autoptr (GBytes) bytes
      = xim_codec_base64_decode (text, len, XIM_ENVELOPE_MAX, error);
  return bytes != NULL ? xim_envelope_decode (bytes, error) : NULL;
}

char *
xim_envelope_encode_text (GBytes *bytes, GError **error)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  if (len <= XIM_ENVELOPE_MAX)
    return xim_codec_base64_encode (data, len);
  g_set_error (
      error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
      "expected at most %d bytes for a stanza, found %" G_GSIZE_FORMAT,
      XIM_ENVELOPE_MAX, len);
  return NULL;
}

const XimDigest *
xim_envelope_digest (const XimEnvelope *envelope)
{
  return &envelope->digest;
}

void
xim_envelope_free (XimEnvelope *envelope)
{
  if (envelope == NULL)
    return;
  g_bytes_unref (envelope->bytes);
  g_free (envelope);
}
