/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What an exported file holds, and its bytes. */

#include "config.h"

#include "export.h"

#include <string.h>

#include "xim-buffer.h"

#define FAMILY "X-IM export "
#define MAGIC FAMILY "1\n"
#define INFO "x-im export v1"
#define MIB (1024 * 1024)
#define CHECK_LEN 16
#define MAGIC_LEN (sizeof MAGIC - 1)
#define HEADER_LEN (MAGIC_LEN + XIM_ARGON2_SALT_LEN + 2 + 2 + CHECK_LEN + 8)

static void
key_free (gpointer data)
{
  XimExportKey *key = data;
  xim_secret_free (key->key);
  g_free (key);
}

XimExport *
xim_export_new (const char *jid, const XimDeviceId *device)
{
  XimExport *exported = g_new0 (XimExport, 1);
  exported->jid = g_strdup (jid);
  exported->device = *device;
  exported->versions = g_ptr_array_new_with_free_func (g_free);
  exported->keys = g_ptr_array_new_with_free_func (key_free);
  return exported;
}

void
xim_export_free (XimExport *exported)
{
  if (exported == NULL)
    return;
  xim_secret_free (exported->seed);
  g_clear_pointer (&exported->versions, g_ptr_array_unref);
  g_ptr_array_unref (exported->keys);
  g_free (exported->account);
  g_free (exported->jid);
  g_free (exported);
}

void
xim_export_add_key (XimExport *exported, guint32 serial, gint64 created_s,
                    gint64 expires_s, XimSecret *key)
{
  XimExportKey *added = g_new0 (XimExportKey, 1);
  added->serial = serial;
  added->created_s = created_s;
  added->expires_s = expires_s;
  added->key = key;
  g_ptr_array_add (exported->keys, added);
}

/* Writing. */

static void
put_number (XimBuffer *buffer, guint64 number, guint len)
{
  guint8 bytes[8];
  for (guint i = 0; i < len; i++)
    bytes[i] = (guint8)(number >> (8 * (len - 1 - i)));
  xim_buffer_append (buffer, bytes, len);
}

static void
put_text (XimBuffer *buffer, const char *text)
{
  put_number (buffer, strlen (text), 2);
  xim_buffer_append_text (buffer, text);
}

static void
put_key (XimBuffer *buffer, const XimExportKey *key)
{
  put_number (buffer, key->serial, 8);
  put_number (buffer, (guint64)key->created_s, 8);
  put_number (buffer, (guint64)key->expires_s, 8);
  xim_buffer_append (buffer, xim_secret_peek (key->key), XIM_KEY_LEN);
}

XimSecret *
xim_export_encode (const XimExport *exported, GError **error)
{
  XimBuffer *buffer = xim_buffer_new (XIM_EXPORT_MAX - HEADER_LEN
                                      - XIM_GCM_NONCE_LEN - XIM_GCM_TAG_LEN);
  put_text (buffer, exported->jid);
  put_text (buffer, exported->account);
  xim_buffer_append (buffer, exported->device.bytes, XIM_DEVICE_ID_LEN);
  xim_buffer_append (buffer, xim_secret_peek (exported->seed), XIM_KEY_LEN);
  put_number (buffer, exported->versions->len, 2);
  for (guint i = 0; i < exported->versions->len; i++)
    put_text (buffer, g_ptr_array_index (exported->versions, i));
  put_number (buffer, exported->keys->len, 2);
  for (guint i = 0; i < exported->keys->len; i++)
    put_key (buffer, g_ptr_array_index (exported->keys, i));
  return xim_buffer_finish (buffer, error);
}

/* Reading. */

static char *
take_text (XimReader *reader, const char *what, GError **error)
{
  guint16 len = 0;
  if (!xim_reader_u16 (reader, &len, what, error))
    return NULL;
  const guint8 *bytes = xim_reader_bytes (reader, len, what, error);
  if (bytes == NULL)
    return NULL;
  if (len <= XIM_NOTE_MAX
      && g_utf8_validate_len ((const char *)bytes, len, NULL))
    return g_strndup ((const char *)bytes, len);
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "%s should be at most %d bytes of UTF-8", what, XIM_NOTE_MAX);
  return NULL;
}

static XimSecret *
take_secret (XimReader *reader, const char *what, GError **error)
{
  const guint8 *bytes = xim_reader_bytes (reader, XIM_KEY_LEN, what, error);
  if (bytes == NULL)
    return NULL;
  XimSecret *secret = xim_secret_new (XIM_KEY_LEN);
  memcpy (xim_secret_data (secret), bytes, XIM_KEY_LEN);
  return secret;
}

/* Ascending serials, and a life that a device note may have. */
static gboolean
is_key_in_order (const XimExport *exported, guint64 serial, guint64 created_s,
                 guint64 expires_s)
{
  const XimExportKey *before
      = exported->keys->len > 0
            ? g_ptr_array_index (exported->keys, exported->keys->len - 1)
            : NULL;
  return serial > (before != NULL ? before->serial : 0)
         && serial <= XIM_NUMBER_MAX && created_s < expires_s
         && expires_s <= G_MAXINT64 / 2;
}

static gboolean
take_key (XimReader *reader, XimExport *exported, GError **error)
{
  guint64 serial = 0;
  guint64 created_s = 0;
  guint64 expires_s = 0;
  if (!xim_reader_u64 (reader, &serial, "a serial", error)
      || !xim_reader_u64 (reader, &created_s, "a time", error)
      || !xim_reader_u64 (reader, &expires_s, "a time", error))
    return FALSE;
  if (!is_key_in_order (exported, serial, created_s, expires_s))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "exported key %u should come in its order with its life",
                   exported->keys->len);
      return FALSE;
    }
  XimSecret *key = take_secret (reader, "a decryption key", error);
  if (key == NULL)
    return FALSE;
  xim_export_add_key (exported, (guint32)serial, (gint64)created_s,
                      (gint64)expires_s, key);
  return TRUE;
}

static gboolean
take_lists (XimReader *reader, XimExport *exported, GError **error)
{
  guint16 n = 0;
  if (!xim_reader_u16 (reader, &n, "the number of versions", error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      char *text = take_text (reader, "a version", error);
      if (text == NULL)
        return FALSE;
      g_ptr_array_add (exported->versions, text);
    }
  if (!xim_reader_u16 (reader, &n, "the number of keys", error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!take_key (reader, exported, error))
      return FALSE;
  return TRUE;
}

/* The history of @account: each version names the text of the one before. */
static gboolean
check_versions (const XimExport *exported, const XimAccount *account,
                GError **error)
{
  g_autoptr (XimAccount) before = NULL;
  for (guint i = 0; i < exported->versions->len; i++)
    {
      XimAccount *next = xim_account_decode_text (
          g_ptr_array_index (exported->versions, i), error);
      if (next == NULL)
        return FALSE;
      gboolean fits = strcmp (next->jid, exported->jid) == 0
                      && (before == NULL || next->version > before->version);
      xim_account_free (before);
      before = next;
      if (fits)
        continue;
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "exported version %u should continue those before it", i);
      return FALSE;
    }
  if (before == NULL || before->version <= account->version)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "no exported version should be after the newest");
  return FALSE;
}

static gboolean
check_device (const XimExport *exported, const XimAccount *account,
              GError **error)
{
  XimEd25519Public key;
  const XimAccountDevice *listed
      = xim_account_find (account, &exported->device);
  xim_crypto_ed25519_public (exported->seed, &key);
  if (strcmp (account->jid, exported->jid) == 0 && listed != NULL
      && memcmp (&listed->key, &key, sizeof key) == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "the exported account note should list the exported"
                       " device");
  return FALSE;
}

static gboolean
check_content (const XimExport *exported, GError **error)
{
  g_autoptr (XimNote) note
      = xim_note_decode (exported->account, strlen (exported->account), error);
  g_autoptr (XimAccount) account
      = note != NULL ? xim_account_decode (note, error) : NULL;
  return account != NULL && check_device (exported, account, error)
         && check_versions (exported, account, error);
}

static gboolean
take_all (XimReader *reader, XimExport *exported, GError **error)
{
  exported->account = take_text (reader, "the account note", error);
  if (exported->account == NULL)
    return FALSE;
  const guint8 *id
      = xim_reader_bytes (reader, XIM_DEVICE_ID_LEN, "the device", error);
  if (id == NULL)
    return FALSE;
  memcpy (exported->device.bytes, id, XIM_DEVICE_ID_LEN);
  exported->seed = take_secret (reader, "the signing key", error);
  if (exported->seed == NULL || !take_lists (reader, exported, error))
    return FALSE;
  if (reader->len == 0)
    return check_content (exported, error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "an export should end here, has %" G_GSIZE_FORMAT " bytes more",
               reader->len);
  return FALSE;
}

XimExport *
xim_export_decode (const XimSecret *content, GError **error)
{
  XimReader reader = { xim_secret_peek (content), xim_secret_len (content) };
  g_autofree char *jid = take_text (&reader, "the address", error);
  if (jid == NULL)
    return NULL;
  const XimDeviceId none = { 0 };
  g_autoptr (XimExport) exported = xim_export_new (jid, &none);
  return take_all (&reader, exported, error) ? g_steal_pointer (&exported)
                                             : NULL;
}

/* The file around it. */

XimStretchHow
xim_export_how (void)
{
  XimStretchHow how = { .bytes = XIM_EXPORT_ARGON2_BYTES,
                        .passes = XIM_EXPORT_ARGON2_PASSES };
  xim_crypto_random (how.salt, sizeof how.salt);
  return how;
}

/* The key that seals, and behind it the check. */
static XimSecret *
expand (const XimSecret *key)
{
  XimSecret *both = xim_secret_new (XIM_KEY_LEN + CHECK_LEN);
  xim_crypto_hkdf_sha512_expand (
      xim_secret_peek (key), xim_secret_len (key), (const guint8 *)INFO,
      strlen (INFO), xim_secret_data (both), xim_secret_len (both));
  return both;
}

static void
append_number (GByteArray *out, guint64 number, guint len)
{
  while (len-- > 0)
    {
      guint8 byte = (guint8)(number >> (8 * len));
      g_byte_array_append (out, &byte, 1);
    }
}

GBytes *
xim_export_seal (const XimExport *exported, const XimSecret *key,
                 const XimStretchHow *how, GError **error)
{
  g_autoptr (XimSecret) content = xim_export_encode (exported, error);
  if (content == NULL)
    return NULL;
  g_autoptr (XimSecret) both = expand (key);
  const gsize sealed_len = xim_secret_len (content) + XIM_GCM_TAG_LEN;
  GByteArray *out = g_byte_array_new ();
  g_byte_array_append (out, (const guint8 *)MAGIC, MAGIC_LEN);
  g_byte_array_append (out, how->salt, sizeof how->salt);
  append_number (out, how->bytes / MIB, 2);
  append_number (out, how->passes, 2);
  g_byte_array_append (out, xim_secret_peek (both) + XIM_KEY_LEN, CHECK_LEN);
  append_number (out, XIM_GCM_NONCE_LEN + sealed_len, 8);
  g_byte_array_set_size (out,
                         (guint)(HEADER_LEN + XIM_GCM_NONCE_LEN + sealed_len));
  guint8 *nonce = out->data + HEADER_LEN;
  XimPiece ad = { out->data, HEADER_LEN };
  XimPiece plain = { xim_secret_peek (content), xim_secret_len (content) };
  g_autoptr (XimGcm) gcm = xim_gcm_new (xim_secret_peek (both));
  xim_crypto_random (nonce, XIM_GCM_NONCE_LEN);
  xim_gcm_seal (gcm, nonce, &ad, &plain, nonce + XIM_GCM_NONCE_LEN);
  return g_byte_array_free_to_bytes (out);
}

/* The fields of the header behind the magic. */
typedef struct
{
  XimStretchHow how;
  const guint8 *check;
  guint64 len; /* of what follows */
} Header;

static gboolean
take_header (XimReader *reader, Header *out)
{
  guint16 mib = 0;
  guint16 passes = 0;
  const guint8 *salt
      = xim_reader_bytes (reader, sizeof out->how.salt, "the salt", NULL);
  if (salt == NULL || !xim_reader_u16 (reader, &mib, "memory", NULL)
      || !xim_reader_u16 (reader, &passes, "passes", NULL))
    return FALSE;
  memcpy (out->how.salt, salt, sizeof out->how.salt);
  out->how.bytes = (guint64)mib * MIB;
  out->how.passes = passes;
  out->check = xim_reader_bytes (reader, CHECK_LEN, "the check", NULL);
  return out->check != NULL
         && xim_reader_u64 (reader, &out->len, "the length", NULL);
}

static gboolean
check_magic (const guint8 *data, gsize len, GError **error)
{
  const gsize family_len = strlen (FAMILY);
  if (len < family_len || memcmp (data, FAMILY, family_len) != 0)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "the file should begin as an export of X-IM does");
      return FALSE;
    }
  if (memcmp (data, MAGIC, MIN (len, MAGIC_LEN)) == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                       "the export should have version 1");
  return FALSE;
}

static gboolean
read_header (GBytes *file, Header *out, GError **error)
{
  gsize len = 0;
  const guint8 *data = g_bytes_get_data (file, &len);
  if (!check_magic (data, len, error))
    return FALSE;
  if (len > XIM_EXPORT_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "an export should have at most %d bytes, has more",
                   XIM_EXPORT_MAX);
      return FALSE;
    }
  XimReader reader = { data, len };
  if (xim_reader_bytes (&reader, MAGIC_LEN, "the magic", NULL) == NULL
      || !take_header (&reader, out) || len - HEADER_LEN < out->len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "the export should go on after %" G_GSIZE_FORMAT " bytes",
                   len);
      return FALSE;
    }
  if (len - HEADER_LEN == out->len
      && out->len >= XIM_GCM_NONCE_LEN + XIM_GCM_TAG_LEN)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE,
                       "the export should have the length that it says");
  return FALSE;
}

gboolean
xim_export_peek (GBytes *file, XimStretchHow *how, GError **error)
{
  Header header = { 0 };
  if (!read_header (file, &header, error)
      || !xim_stretch_check (&header.how, error))
    return FALSE;
  *how = header.how;
  return TRUE;
}

XimExport *
xim_export_open (GBytes *file, const XimSecret *key, GError **error)
{
  Header header = { 0 };
  if (!read_header (file, &header, error))
    return NULL;
  g_autoptr (XimSecret) both = expand (key);
  if (!xim_crypto_equal (xim_secret_peek (both) + XIM_KEY_LEN, header.check,
                         CHECK_LEN))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                           "the export should open with this passphrase and"
                           " does not");
      return NULL;
    }
  const guint8 *data = g_bytes_get_data (file, NULL);
  XimPiece ad = { data, HEADER_LEN };
  XimPiece sealed = { data + HEADER_LEN + XIM_GCM_NONCE_LEN,
                      (gsize)header.len - XIM_GCM_NONCE_LEN };
  g_autoptr (XimSecret) content
      = xim_secret_new (sealed.len - XIM_GCM_TAG_LEN);
  g_autoptr (XimGcm) gcm = xim_gcm_new (xim_secret_peek (both));
  if (!xim_gcm_open (gcm, data + HEADER_LEN, &ad, &sealed,
                     xim_secret_data (content), NULL))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE,
                           "the export should be as it was written, is not");
      return NULL;
    }
  return xim_export_decode (content, error);
}
