/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* C2SP signed notes: a text and the signature lines under it. */

#include "config.h"

#include "xim-note.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

#define LINE_START "\xe2\x80\x94 " /* an em dash and a space */
#define LINE_START_LEN (sizeof LINE_START - 1)

/* One signature line.  The signature of a key that nobody here knows may have
 * any length from 1. */
typedef struct
{
  char *name;
  guint8 id[XIM_NOTE_KEY_ID_LEN];
  GBytes *signature;
} Line;

struct _XimNote
{
  char *text;
  gsize text_len;
  GPtrArray *lines; /* of Line */
};

static Line *
line_new (const char *name, gsize name_len,
          const guint8 id[XIM_NOTE_KEY_ID_LEN], const guint8 *signature,
          gsize signature_len)
{
  Line *line = g_new0 (Line, 1);
  line->name = g_strndup (name, name_len);
  memcpy (line->id, id, XIM_NOTE_KEY_ID_LEN);
  line->signature = g_bytes_new (signature, signature_len);
  return line;
}

static Line *
line_copy (const Line *line)
{
  Line *copy = g_new0 (Line, 1);
  copy->name = g_strdup (line->name);
  memcpy (copy->id, line->id, sizeof copy->id);
  copy->signature = g_bytes_ref (line->signature);
  return copy;
}

static void
line_free (gpointer data)
{
  Line *line = data;
  g_free (line->name);
  g_bytes_unref (line->signature);
  g_free (line);
}

static gboolean
line_is_of (const Line *line, const char *name,
            const guint8 id[XIM_NOTE_KEY_ID_LEN])
{
  return memcmp (line->id, id, XIM_NOTE_KEY_ID_LEN) == 0
         && strcmp (line->name, name) == 0;
}

static void
line_append (const Line *line, GString *out)
{
  gsize len;
  const guint8 *signature = g_bytes_get_data (line->signature, &len);
  g_autofree guint8 *bytes = g_malloc (sizeof line->id + len);
  memcpy (bytes, line->id, sizeof line->id);
  memcpy (bytes + sizeof line->id, signature, len);
  g_autofree char *base64
      = xim_codec_base64_encode (bytes, sizeof line->id + len);
  g_string_append_printf (out, LINE_START "%s %s\n", line->name, base64);
}

static gboolean
check_characters (const char *data, gsize len, GError **error)
{
  if (!g_utf8_validate (data, (gssize)len, NULL))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected a note in UTF-8");
      return FALSE;
    }
  for (gsize i = 0; i < len; i++)
    if ((guchar)data[i] < ' ' && data[i] != '\n')
      {
        g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                     "expected no control character but newline in a note, "
                     "got %u",
                     (guchar)data[i]);
        return FALSE;
      }
  if (len > 0 && data[len - 1] == '\n')
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a note that ends in a newline");
  return FALSE;
}

static gboolean
check_size (gsize len, GError **error)
{
  if (len <= XIM_NOTE_MAX)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
               "expected a note of at most %d bytes, got %" G_GSIZE_FORMAT,
               XIM_NOTE_MAX, len);
  return FALSE;
}

static XimNote *
note_new (const char *text, gsize len)
{
  XimNote *note = g_new0 (XimNote, 1);
  note->text = g_strndup (text, len);
  note->text_len = len;
  note->lines = g_ptr_array_new_with_free_func (line_free);
  return note;
}

XimNote *
xim_note_new (const char *text, GError **error)
{
  gsize len = strlen (text);
  if (!check_size (len, error) || !check_characters (text, len, error))
    return NULL;
  return note_new (text, len);
}

static const Line *
find_line (const XimNote *note, const char *name,
           const guint8 id[XIM_NOTE_KEY_ID_LEN])
{
  for (guint i = 0; i < note->lines->len; i++)
    if (line_is_of (note->lines->pdata[i], name, id))
      return note->lines->pdata[i];
  return NULL;
}

/* The length of the key name at the start of @line, 0 when there is none that
 * a space follows. */
static gsize
name_len (const char *line, gsize len)
{
  gsize i = 0;
  while (i < len && line[i] > ' ' && line[i] <= '~' && line[i] != '+')
    i++;
  return i < len && line[i] == ' ' ? i : 0;
}

/* Takes one line without its newline. */
static gboolean
decode_line (XimNote *note, const char *line, gsize len, GError **error)
{
  gboolean has_start = len >= LINE_START_LEN
                       && memcmp (line, LINE_START, LINE_START_LEN) == 0;
  const char *name = line + LINE_START_LEN;
  gsize n = has_start ? name_len (name, len - LINE_START_LEN) : 0;
  if (n == 0)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected a signature line: an em dash, a key "
                           "name and base64");
      return FALSE;
    }
  const char *base64 = name + n + 1;
  gsize base64_len = len - LINE_START_LEN - n - 1;
  g_autoptr (GBytes) bytes
      = xim_codec_base64_decode (base64, base64_len, XIM_NOTE_MAX, error);
  if (bytes == NULL)
    return FALSE;
  gsize bytes_len;
  const guint8 *data = g_bytes_get_data (bytes, &bytes_len);
  if (bytes_len <= XIM_NOTE_KEY_ID_LEN)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a key id and a signature, got %" G_GSIZE_FORMAT
                   " bytes",
                   bytes_len);
      return FALSE;
    }
  g_ptr_array_add (note->lines,
                   line_new (name, n, data, data + XIM_NOTE_KEY_ID_LEN,
                             bytes_len - XIM_NOTE_KEY_ID_LEN));
  return TRUE;
}

static gboolean
check_not_twice (const XimNote *note, GError **error)
{
  const Line *last = note->lines->pdata[note->lines->len - 1];
  if (find_line (note, last->name, last->id) == last)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected one signature line of each key, got two of %s",
               last->name);
  return FALSE;
}

static gboolean
decode_lines (XimNote *note, const char *data, gsize len, GError **error)
{
  for (const char *end = data + len; data < end;)
    {
      if (note->lines->len == XIM_NOTE_SIGNATURES_MAX)
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                       "expected at most %d signature lines, got more",
                       XIM_NOTE_SIGNATURES_MAX);
          return FALSE;
        }
      const char *newline = memchr (data, '\n', (gsize)(end - data));
      if (!decode_line (note, data, (gsize)(newline - data), error)
          || !check_not_twice (note, error))
        return FALSE;
      data = newline + 1;
    }
  return TRUE;
}

/* The length of the text with its last newline: everything before the last
 * blank line.  0 when there is no blank line or no text. */
static gsize
find_text_end (const char *data, gsize len)
{
  for (gsize i = len; i >= 2; i--)
    if (data[i - 1] == '\n' && data[i - 2] == '\n')
      return i - 1;
  return 0;
}

XimNote *
xim_note_decode (const char *data, gsize len, GError **error)
{
  if (!check_size (len, error) || !check_characters (data, len, error))
    return NULL;
  gsize text_len = find_text_end (data, len);
  if (text_len == 0 || text_len + 1 == len)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected a text, a blank line and at least one "
                           "signature line");
      return NULL;
    }
  g_autoptr (XimNote) note = note_new (data, text_len);
  if (!decode_lines (note, data + text_len + 1, len - text_len - 1, error))
    return NULL;
  return g_steal_pointer (&note);
}

char *
xim_note_encode (const XimNote *note)
{
  GString *out = g_string_new_len (note->text, (gssize)note->text_len);
  g_string_append_c (out, '\n');
  for (guint i = 0; i < note->lines->len; i++)
    line_append (note->lines->pdata[i], out);
  return g_string_free (out, FALSE);
}

XimNote *
xim_note_copy (const XimNote *note)
{
  XimNote *copy = note_new (note->text, note->text_len);
  for (guint i = 0; i < note->lines->len; i++)
    g_ptr_array_add (copy->lines, line_copy (note->lines->pdata[i]));
  return copy;
}

void
xim_note_free (XimNote *note)
{
  if (note == NULL)
    return;
  g_free (note->text);
  g_ptr_array_unref (note->lines);
  g_free (note);
}

const char *
xim_note_text (const XimNote *note)
{
  return note->text;
}

void
xim_note_hash (const XimNote *note, XimHash *out)
{
  const XimPiece piece = { note->text, note->text_len };
  xim_crypto_sha256 (&piece, 1, out);
}

static gboolean
check_encoded_size (const XimNote *note, GError **error)
{
  g_autofree char *encoded = xim_note_encode (note);
  return check_size (strlen (encoded), error);
}

static Line *
line_sign (const XimNote *note, const XimSignKey *key)
{
  const XimVerifyKey *public_key = xim_sign_key_public (key);
  XimSignature signature;
  xim_sign_key_sign (key, (const guint8 *)note->text, note->text_len,
                     &signature);
  return line_new (public_key->name, strlen (public_key->name), public_key->id,
                   signature.bytes, sizeof signature.bytes);
}

gboolean
xim_note_sign (XimNote *note, const XimSignKey *key, GError **error)
{
  const XimVerifyKey *public_key = xim_sign_key_public (key);
  g_autoptr (XimNote) signed_note = xim_note_copy (note);
  const Line *old = find_line (signed_note, public_key->name, public_key->id);
  if (old != NULL)
    g_ptr_array_remove (signed_note->lines, (gpointer)old);
  if (signed_note->lines->len == XIM_NOTE_SIGNATURES_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected room for one of %d signature lines, got none",
                   XIM_NOTE_SIGNATURES_MAX);
      return FALSE;
    }
  g_ptr_array_add (signed_note->lines, line_sign (note, key));
  if (!check_encoded_size (signed_note, error))
    return FALSE;
  GPtrArray *lines = note->lines;
  note->lines = signed_note->lines;
  signed_note->lines = lines;
  return TRUE;
}

static gboolean
verify_line (const XimNote *note, const Line *line, const XimVerifyKey *key,
             GError **error)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (line->signature, &len);
  XimSignature signature;
  if (len != sizeof signature.bytes)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                   "expected a signature of 64 bytes of %s, got "
                   "%" G_GSIZE_FORMAT,
                   key->name, len);
      return FALSE;
    }
  memcpy (signature.bytes, data, len);
  if (xim_crypto_ed25519_verify (&key->key, (const guint8 *)note->text,
                                 note->text_len, &signature, error))
    return TRUE;
  g_prefix_error (error, "signature line of %s: ", key->name);
  return FALSE;
}

gboolean
xim_note_verify (const XimNote *note, const XimVerifyKey *const *keys,
                 guint n_keys, guint64 *good, GError **error)
{
  g_return_val_if_fail (n_keys <= 64, FALSE);
  guint64 verified = 0;
  for (guint i = 0; i < n_keys; i++)
    {
      const Line *line = find_line (note, keys[i]->name, keys[i]->id);
      if (line == NULL)
        continue;
      if (!verify_line (note, line, keys[i], error))
        return FALSE;
      verified |= G_GUINT64_CONSTANT (1) << i;
    }
  if (verified == 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                   "expected a signature line of one of %u known keys, got "
                   "%u lines of others",
                   n_keys, note->lines->len);
      return FALSE;
    }
  if (good != NULL)
    *good = verified;
  return TRUE;
}

void
xim_note_keep (XimNote *note, const XimVerifyKey *const *keys, guint n_keys)
{
  GPtrArray *kept = g_ptr_array_new_with_free_func (line_free);
  for (guint i = 0; i < n_keys; i++)
    {
      const Line *line = find_line (note, keys[i]->name, keys[i]->id);
      if (line != NULL)
        g_ptr_array_add (kept, line_copy (line));
    }
  g_ptr_array_unref (note->lines);
  note->lines = kept;
}

void
xim_note_drop (XimNote *note, const XimVerifyKey *key)
{
  g_ptr_array_remove (note->lines,
                      (gpointer)find_line (note, key->name, key->id));
}
