/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Opens an envelope: slot, session key, sender, signature, replay, payload. */

#include "config.h"

#include "xim-unwrapped.h"

#include <string.h>

#include "xim-chunked.h"
#include "xim-codec.h"
#include "xim-envelope-private.h"
#include "xim-error.h"
#include "xim-jid.h"
#include "xim-slot.h"
#include "xim-unwrapped-private.h"

struct _XimUnwrapped
{
  XimEnvelope *envelope;
  XimKeyringEntry entry;
  XimHpke *context; /* new and not yet kept; NULL if it was cached */
  XimSecret *session_key;
  XimGcm *signature_gcm; /* under k_signature */
  XimChunked *chunked;   /* NULL once it has been used */
  XimDeviceId device;
  char *jid;
};

/* Tags are public, so the search may branch on them. */
static const guint8 *
find_slot (const XimEnvelope *envelope, const guint8 *tag)
{
  guint low = 0;
  guint high = envelope->n_slots;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      const guint8 *slot = envelope->slots + middle * (gsize)XIM_SLOT_LEN;
      int order = memcmp (slot, tag, XIM_TAG_LEN);
      if (order == 0)
        return slot;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

/* Tries one own key.  Returns FALSE only with @error set; without a slot for
 * this key the session key stays NULL. */
static gboolean
try_key (XimUnwrapped *unwrapped, XimKeyring *ring, guint i, gint64 now_s,
         GError **error)
{
  const XimEnvelope *envelope = unwrapped->envelope;
  g_autoptr (XimHpke) made = NULL;
  const XimHpke *context = xim_keyring_find (ring, i, &envelope->enc, now_s);
  if (context == NULL)
    context = made = xim_keyring_derive (ring, i, &envelope->enc, error);
  if (context == NULL)
    return FALSE;

  XimSlotKey key;
  xim_slot_key (context, envelope->nonce, &key);
  const guint8 *slot = find_slot (envelope, key.tag);
  if (slot != NULL)
    {
      unwrapped->session_key
          = xim_slot_unwrap (&key, envelope->data, slot, error);
      unwrapped->entry = *xim_keyring_entry (ring, i);
      unwrapped->context = g_steal_pointer (&made);
    }
  xim_secret_wipe (&key, sizeof key);
  return slot == NULL || unwrapped->session_key != NULL;
}

static gboolean
unwrap_key (XimUnwrapped *unwrapped, XimKeyring *ring, gint64 now_s,
            GError **error)
{
  for (guint i = 0; i < xim_keyring_n (ring); i++)
    {
      if (!try_key (unwrapped, ring, i, now_s, error))
        return FALSE;
      if (unwrapped->session_key != NULL)
        return TRUE;
    }
  g_set_error (
      error, XIM_ERROR, XIM_ERROR_NOT_FOR_US,
      "expected a slot for one of %u own keys, found none in %u slots",
      xim_keyring_n (ring), unwrapped->envelope->n_slots);
  return FALSE;
}

static XimChunked *
take_chunked (XimUnwrapped *unwrapped)
{
  if (unwrapped->chunked != NULL)
    return g_steal_pointer (&unwrapped->chunked);
  return xim_chunked_new (xim_secret_peek (unwrapped->session_key),
                          unwrapped->envelope->payload, XIM_PAYLOAD_CONTEXT);
}

/* The commitment ties the payload to one key: without this a sender could
 * make one ciphertext that two recipients read differently. */
static gboolean
check_commitment (XimUnwrapped *unwrapped, GError **error)
{
  unwrapped->chunked = take_chunked (unwrapped);
  if (xim_crypto_equal (unwrapped->envelope->payload + XIM_CHUNKED_SALT_LEN,
                        xim_chunked_commitment (unwrapped->chunked),
                        XIM_CHUNKED_COMMITMENT_LEN))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected the commitment of the session key, found another");
  return FALSE;
}

static gboolean
is_zero (const guint8 *data, gsize len)
{
  guint8 all = 0;
  for (gsize i = 0; i < len; i++)
    all |= data[i];
  return all == 0;
}

static gboolean
decode_block (XimUnwrapped *unwrapped, const guint8 *block, gsize len,
              GError **error)
{
  guint16 jid_len;
  XimReader reader = { block, len };
  const guint8 *id
      = xim_reader_bytes (&reader, XIM_DEVICE_ID_LEN, "sending device", error);
  if (id == NULL
      || !xim_reader_u16 (&reader, &jid_len, "length of the sender", error))
    return FALSE;
  const guint8 *jid
      = xim_reader_bytes (&reader, jid_len, "address of the sender", error);
  if (jid == NULL || !xim_jid_check ((const char *)jid, jid_len, error))
    return FALSE;
  if (reader.len >= XIM_SENDER_BLOCK_LEN || !is_zero (reader.data, reader.len))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected fewer than %d zeros behind the sender, found "
                   "%" G_GSIZE_FORMAT " bytes",
                   XIM_SENDER_BLOCK_LEN, reader.len);
      return FALSE;
    }
  memcpy (unwrapped->device.bytes, id, XIM_DEVICE_ID_LEN);
  unwrapped->jid = g_strndup ((const char *)jid, jid_len);
  return TRUE;
}

static gboolean
open_sender (XimUnwrapped *unwrapped, GError **error)
{
  const XimEnvelope *envelope = unwrapped->envelope;
  gsize block_len = envelope->sender_len - XIM_GCM_TAG_LEN;
  g_autofree guint8 *block = g_malloc (block_len);
  XimEnvelopeKeys keys;
  xim_envelope_derive_keys (unwrapped->session_key, &keys);
  g_autoptr (XimGcm) gcm = xim_gcm_new (keys.sender);
  unwrapped->signature_gcm = xim_gcm_new (keys.signature);
  xim_secret_wipe (&keys, sizeof keys);
  gsize ad_len = (gsize)(envelope->sender - envelope->data) - 2;
  const XimPiece ad = { envelope->data, ad_len };
  const XimPiece sealed = { envelope->sender, envelope->sender_len };
  if (xim_gcm_open (gcm, NULL, &ad, &sealed, block, error)
      && decode_block (unwrapped, block, block_len, error))
    return TRUE;
  g_prefix_error (error, "opening the sender block: ");
  return FALSE;
}

XimUnwrapped *
xim_envelope_unwrap (XimEnvelope *envelope, XimKeyring *ring, gint64 now_s,
                     GError **error)
{
  g_autoptr (XimUnwrapped) unwrapped = g_new0 (XimUnwrapped, 1);
  unwrapped->envelope = envelope;
  if (!unwrap_key (unwrapped, ring, now_s, error)
      || !check_commitment (unwrapped, error)
      || !open_sender (unwrapped, error))
    return NULL;
  return g_steal_pointer (&unwrapped);
}

const char *
xim_unwrapped_jid (const XimUnwrapped *unwrapped)
{
  return unwrapped->jid;
}

const XimDeviceId *
xim_unwrapped_device (const XimUnwrapped *unwrapped)
{
  return &unwrapped->device;
}

const XimDigest *
xim_unwrapped_digest (const XimUnwrapped *unwrapped)
{
  return &unwrapped->envelope->digest;
}

const XimKeyringEntry *
xim_unwrapped_entry (const XimUnwrapped *unwrapped)
{
  return &unwrapped->entry;
}

void
xim_unwrapped_free (XimUnwrapped *unwrapped)
{
  if (unwrapped == NULL)
    return;
  xim_envelope_free (unwrapped->envelope);
  xim_hpke_free (unwrapped->context);
  xim_secret_free (unwrapped->session_key);
  xim_gcm_free (unwrapped->signature_gcm);
  xim_chunked_free (unwrapped->chunked);
  g_free (unwrapped->jid);
  g_free (unwrapped);
}

/* The signature is sealed so that nobody but the recipients can test whose it
 * is; one that does not open is as bad as one that does not verify. */
static gboolean
check_signature (const XimUnwrapped *unwrapped, const XimEd25519Public *signer,
                 GError **error)
{
  const XimEnvelope *envelope = unwrapped->envelope;
  XimSignature signature;
  const XimPiece sealed = { envelope->signature, XIM_SEALED_SIGNATURE_LEN };
  if (!xim_gcm_open (unwrapped->signature_gcm, NULL, NULL, &sealed,
                     signature.bytes, NULL))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                   "expected a signature sealed with the session key, this "
                   "one does not open");
      return FALSE;
    }
  guint8 text[XIM_SIGNED_LEN];
  xim_envelope_signed_text (&envelope->digest, text);
  return xim_crypto_ed25519_verify (signer, text, sizeof text, &signature,
                                    error);
}

/* The whole padded plaintext. */
static XimSecret *
decrypt (XimUnwrapped *unwrapped, GError **error)
{
  const XimEnvelope *envelope = unwrapped->envelope;
  const guint8 *sealed = envelope->payload + XIM_CHUNKED_HEADER_LEN;
  guint64 plain_len;
  if (!xim_chunked_plain_len (envelope->chunks_len, &plain_len, error))
    return NULL;
  g_autoptr (XimSecret) plain = xim_secret_new (plain_len);
  g_autoptr (XimChunked) chunked = take_chunked (unwrapped);
  guint8 *out = xim_secret_data (plain);
  gboolean last = FALSE;
  for (gsize left = envelope->chunks_len; !last;)
    {
      gsize len = MIN (left, XIM_CHUNK_LEN + XIM_GCM_TAG_LEN);
      last = len < XIM_CHUNK_LEN + XIM_GCM_TAG_LEN;
      if (!xim_chunked_open (chunked, sealed, len, last, out, error))
        return NULL;
      left -= len;
      sealed += len;
      out += len - XIM_GCM_TAG_LEN;
    }
  return g_steal_pointer (&plain);
}

static gboolean
check_padding (const XimSecret *plain, guint64 content_len, GError **error)
{
  gsize plain_len = xim_secret_len (plain);
  if (content_len > plain_len - XIM_PLAIN_HEADER_LEN
      || xim_envelope_padded_len (XIM_PLAIN_HEADER_LEN + content_len)
             != plain_len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected the padding of %" G_GUINT64_FORMAT
                   " bytes of content, found %" G_GSIZE_FORMAT
                   " bytes of plaintext",
                   content_len, plain_len);
      return FALSE;
    }
  gsize used = XIM_PLAIN_HEADER_LEN + content_len;
  if (is_zero (xim_secret_peek (plain) + used, plain_len - used))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected nothing but zeros as padding");
  return FALSE;
}

/* Turns the plaintext into the content that is in it. */
static gboolean
strip (XimSecret *plain, GError **error)
{
  guint8 kind;
  guint64 content_len;
  guint8 *data = xim_secret_data (plain);
  XimReader reader = { data, xim_secret_len (plain) };
  if (!xim_reader_u8 (&reader, &kind, "kind", error)
      || !xim_reader_u64 (&reader, &content_len, "length", error)
      || !check_padding (plain, content_len, error))
    return FALSE;
  if (kind != XIM_KIND_CHAT)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "expected a payload of kind %d, found kind %d",
                   XIM_KIND_CHAT, kind);
      return FALSE;
    }
  memmove (data, data + XIM_PLAIN_HEADER_LEN, content_len);
  xim_secret_truncate (plain, content_len);
  return TRUE;
}

XimSecret *
xim_envelope_open_with (XimUnwrapped *unwrapped,
                        const XimEd25519Public *signer, XimKeyring *ring,
                        const XimReplayOps *replay, gint64 now_s,
                        GError **error)
{
  const XimEnvelope *envelope = unwrapped->envelope;
  if (!check_signature (unwrapped, signer, error))
    return NULL;
  if (unwrapped->context != NULL)
    xim_keyring_keep (ring, unwrapped->entry.serial, &envelope->enc,
                      g_steal_pointer (&unwrapped->context), now_s);
  if (replay->seen (&envelope->digest, replay->user_data))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_REPLAYED,
                   "expected an envelope that was not seen before");
      return NULL;
    }
  g_autoptr (XimSecret) plain = decrypt (unwrapped, error);
  if (plain == NULL || !strip (plain, error))
    {
      g_prefix_error (error, "opening the payload: ");
      return NULL;
    }
  return g_steal_pointer (&plain);
}

XimSecret *
xim_envelope_open (XimUnwrapped *unwrapped, const XimVerified *sender,
                   XimKeyring *ring, const XimReplayOps *replay, gint64 now_s,
                   GError **error)
{
  if (strcmp (xim_verified_jid (sender), unwrapped->jid) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected an envelope from %s, it names %s",
                   xim_verified_jid (sender), unwrapped->jid);
      return NULL;
    }
  const XimEd25519Public *signer
      = xim_verified_signer (sender, &unwrapped->device);
  if (signer != NULL)
    return xim_envelope_open_with (unwrapped, signer, ring, replay, now_s,
                                   error);
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_name (&unwrapped->device, name);
  g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
               "expected a device that %s lists, %s signs", unwrapped->jid,
               name);
  return NULL;
}
