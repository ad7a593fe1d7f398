/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Signing keys and verifier keys with the names that notes know them by. */

#include "config.h"

#include "xim-key.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

#define DEVICE_PREFIX "dev/"
#define KEY_TYPE_ED25519 0x01 /* C2SP signed-note */
#define FINGERPRINT_GROUP 4

struct _XimSignKey
{
  XimVerifyKey *public_key;
  XimSecret *seed;
  XimSecret *expanded;
};

void
xim_device_id_name (const XimDeviceId *id, char out[XIM_DEVICE_NAME_LEN + 1])
{
  static const char digits[] = "0123456789abcdef";
  char *p = g_stpcpy (out, DEVICE_PREFIX);
  for (gsize i = 0; i < sizeof id->bytes; i++)
    {
      *p++ = digits[id->bytes[i] >> 4];
      *p++ = digits[id->bytes[i] & 0x0f];
    }
  *p = '\0';
}

void
xim_device_id_generate (XimDeviceId *out)
{
  xim_crypto_random (out->bytes, sizeof out->bytes);
}

int
xim_device_id_compare (const XimDeviceId *a, const XimDeviceId *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes);
}

static gboolean
check_name (const char *name, GError **error)
{
  const char *p = name;
  while (*p > ' ' && *p <= '~' && *p != '+')
    p++;
  if (p > name && *p == '\0')
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a key name of printable ASCII without '+'");
  return FALSE;
}

static void
compute_id (const char *name, const XimEd25519Public *key,
            guint8 out[XIM_NOTE_KEY_ID_LEN])
{
  const guint8 between[] = { '\n', KEY_TYPE_ED25519 };
  const XimPiece pieces[] = {
    { name, strlen (name) },
    { between, sizeof between },
    { key->bytes, sizeof key->bytes },
  };
  XimHash hash;
  xim_crypto_sha256 (pieces, G_N_ELEMENTS (pieces), &hash);
  memcpy (out, hash.bytes, XIM_NOTE_KEY_ID_LEN);
}

static XimVerifyKey *
new_checked (const char *name, const XimEd25519Public *key)
{
  XimVerifyKey *self = g_new0 (XimVerifyKey, 1);
  self->name = g_strdup (name);
  self->key = *key;
  compute_id (name, key, self->id);
  return self;
}

XimVerifyKey *
xim_verify_key_new (const char *name, const XimEd25519Public *key,
                    GError **error)
{
  if (!check_name (name, error) || !xim_crypto_ed25519_check (key, error))
    return NULL;
  return new_checked (name, key);
}

XimVerifyKey *
xim_verify_key_new_device (const XimDeviceId *id, const XimEd25519Public *key)
{
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_name (id, name);
  return new_checked (name, key);
}

/* The last part of a vkey: base64 of the type and the key. */
static gboolean
decode_typed_key (const char *text, XimEd25519Public *out, GError **error)
{
  g_autoptr (GBytes) bytes
      = xim_codec_base64_decode (text, strlen (text), XIM_NOTE_MAX, error);
  if (bytes == NULL)
    return FALSE;
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  if (len > 0 && data[0] != KEY_TYPE_ED25519)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "expected a key of type 1, Ed25519, got type %u", data[0]);
      return FALSE;
    }
  if (len != 1 + sizeof out->bytes)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a type and 32 bytes of a key, got "
                   "%" G_GSIZE_FORMAT " bytes",
                   len);
      return FALSE;
    }
  memcpy (out->bytes, data + 1, sizeof out->bytes);
  return TRUE;
}

XimVerifyKey *
xim_verify_key_decode (const char *vkey, GError **error)
{
  /* Base64 may hold a '+' too: only the first two divide. */
  g_auto (GStrv) parts = g_strsplit (vkey, "+", 3);
  if (g_strv_length (parts) != 3)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected a verifier key NAME+ID+KEY");
      return NULL;
    }
  guint8 id[XIM_NOTE_KEY_ID_LEN];
  XimEd25519Public key;
  if (!xim_codec_hex_decode_exact (parts[1], strlen (parts[1]), id, sizeof id,
                                   error)
      || !decode_typed_key (parts[2], &key, error))
    return NULL;
  g_autoptr (XimVerifyKey) self = xim_verify_key_new (parts[0], &key, error);
  if (self == NULL)
    return NULL;
  if (memcmp (self->id, id, sizeof id) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected the id of the name and key of %s, got %s",
                   parts[0], parts[1]);
      return NULL;
    }
  return g_steal_pointer (&self);
}

char *
xim_verify_key_encode (const XimVerifyKey *key)
{
  guint8 typed[1 + sizeof key->key.bytes] = { KEY_TYPE_ED25519 };
  memcpy (typed + 1, key->key.bytes, sizeof key->key.bytes);
  g_autofree char *id = xim_codec_hex_encode (key->id, sizeof key->id);
  g_autofree char *base64 = xim_codec_base64_encode (typed, sizeof typed);
  return g_strjoin ("+", key->name, id, base64, NULL);
}

XimVerifyKey *
xim_verify_key_copy (const XimVerifyKey *key)
{
  XimVerifyKey *copy = g_new (XimVerifyKey, 1);
  *copy = *key;
  copy->name = g_strdup (key->name);
  return copy;
}

gboolean
xim_verify_key_equal (const XimVerifyKey *a, const XimVerifyKey *b)
{
  return strcmp (a->name, b->name) == 0
         && memcmp (a->key.bytes, b->key.bytes, sizeof a->key.bytes) == 0;
}

void
xim_verify_key_free (XimVerifyKey *key)
{
  if (key == NULL)
    return;
  g_free (key->name);
  g_free (key);
}

char *
xim_verify_key_fingerprint (const XimVerifyKey *key)
{
  const XimPiece piece = { key->key.bytes, sizeof key->key.bytes };
  XimHash hash;
  xim_crypto_sha256 (&piece, 1, &hash);
  g_autofree char *hex = xim_codec_hex_encode (hash.bytes, sizeof hash.bytes);
  GString *text = g_string_new (NULL);
  for (gsize i = 0; i < 2 * sizeof hash.bytes; i += FINGERPRINT_GROUP)
    {
      if (i > 0)
        g_string_append_c (text, ' ');
      g_string_append_len (text, hex + i, FINGERPRINT_GROUP);
    }
  return g_string_free (text, FALSE);
}

XimSignKey *
xim_sign_key_new (const char *name, XimSecret *seed, GError **error)
{
  g_autoptr (XimSecret) owned = seed;
  g_return_val_if_fail (xim_secret_len (seed) == XIM_KEY_LEN, NULL);
  XimEd25519Public public_key;
  xim_crypto_ed25519_public (seed, &public_key);
  g_autoptr (XimVerifyKey) verifier
      = xim_verify_key_new (name, &public_key, error);
  if (verifier == NULL)
    return NULL;
  XimSignKey *self = g_new0 (XimSignKey, 1);
  self->public_key = g_steal_pointer (&verifier);
  self->expanded = xim_crypto_ed25519_expand (seed);
  self->seed = g_steal_pointer (&owned);
  return self;
}

XimSignKey *
xim_sign_key_generate (const char *name, GError **error)
{
  XimSecret *seed = xim_secret_new (XIM_KEY_LEN);
  xim_crypto_random (xim_secret_data (seed), XIM_KEY_LEN);
  return xim_sign_key_new (name, seed, error);
}

XimSignKey *
xim_sign_key_rename (const XimSignKey *key, const char *name, GError **error)
{
  XimSecret *seed = xim_secret_new (XIM_KEY_LEN);
  memcpy (xim_secret_data (seed), xim_secret_peek (key->seed), XIM_KEY_LEN);
  return xim_sign_key_new (name, seed, error);
}

const XimVerifyKey *
xim_sign_key_public (const XimSignKey *key)
{
  return key->public_key;
}

const XimSecret *
xim_sign_key_seed (const XimSignKey *key)
{
  return key->seed;
}

void
xim_sign_key_sign (const XimSignKey *key, const guint8 *data, gsize len,
                   XimSignature *out)
{
  xim_crypto_ed25519_sign (key->expanded, data, len, out);
}

void
xim_sign_key_free (XimSignKey *key)
{
  if (key == NULL)
    return;
  xim_verify_key_free (key->public_key);
  xim_secret_free (key->seed);
  xim_secret_free (key->expanded);
  g_free (key);
}
