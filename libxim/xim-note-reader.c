/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Reads the text of a note, line by line, in its exact order. */

#include "config.h"

#include "xim-note-reader.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-jid.h"

#define DEVICE_ID_HEX_LEN (2 * XIM_DEVICE_ID_LEN)

/* Takes the next line without its newline. */
static gboolean
take_line (XimNoteReader *reader, const char *what, const char **line,
           gsize *len, GError **error)
{
  const char *newline = strchr (reader->rest, '\n');
  if (newline == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected the line \"%s\", got the end of the text", what);
      return FALSE;
    }
  *line = reader->rest;
  *len = (gsize)(newline - reader->rest);
  reader->rest = newline + 1;
  return TRUE;
}

gboolean
xim_note_reader_title (XimNoteReader *reader, const char *kind, GError **error)
{
  const char *line;
  gsize len;
  if (!take_line (reader, kind, &line, &len, error))
    return FALSE;
  g_autofree char *start = g_strdup_printf ("x-im %s v", kind);
  gsize start_len = strlen (start);
  if (len <= start_len || memcmp (line, start, start_len) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a first line \"%s1\", got another kind", start);
      return FALSE;
    }
  guint64 version;
  if (!xim_codec_decimal_decode (line + start_len, len - start_len, 1,
                                 XIM_NUMBER_MAX, &version, error))
    return FALSE;
  if (version == 1)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
               "expected version 1 of the %s note, got %" G_GUINT64_FORMAT,
               kind, version);
  return FALSE;
}

gboolean
xim_note_reader_line (XimNoteReader *reader, const char *name,
                      const char **value, gsize *value_len, GError **error)
{
  const char *line;
  gsize len;
  if (!take_line (reader, name, &line, &len, error))
    return FALSE;
  gsize name_len = strlen (name);
  if (len <= name_len + 1 || memcmp (line, name, name_len) != 0
      || line[name_len] != ' ')
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected the line \"%s\", got another", name);
      return FALSE;
    }
  *value = line + name_len + 1;
  *value_len = len - name_len - 1;
  return TRUE;
}

gboolean
xim_note_reader_peek (const XimNoteReader *reader, const char *name)
{
  gsize name_len = strlen (name);
  return strncmp (reader->rest, name, name_len) == 0
         && reader->rest[name_len] == ' ';
}

gboolean
xim_note_reader_jid (XimNoteReader *reader, const char *name, char **out,
                     GError **error)
{
  const char *value;
  gsize len;
  if (!xim_note_reader_line (reader, name, &value, &len, error)
      || !xim_jid_check (value, len, error))
    return FALSE;
  *out = g_strndup (value, len);
  return TRUE;
}

gboolean
xim_note_reader_number (XimNoteReader *reader, const char *name, guint32 *out,
                        GError **error)
{
  const char *value;
  gsize len;
  guint64 number;
  if (!xim_note_reader_line (reader, name, &value, &len, error)
      || !xim_codec_decimal_decode (value, len, 1, XIM_NUMBER_MAX, &number,
                                    error))
    return FALSE;
  *out = (guint32)number;
  return TRUE;
}

gboolean
xim_note_reader_time (XimNoteReader *reader, const char *name, gint64 *out_s,
                      GError **error)
{
  const char *value;
  gsize len;
  return xim_note_reader_line (reader, name, &value, &len, error)
         && xim_codec_time_decode (value, len, out_s, error);
}

gboolean
xim_note_reader_hash (XimNoteReader *reader, const char *name, XimHash *out,
                      GError **error)
{
  const char *value;
  gsize len;
  return xim_note_reader_line (reader, name, &value, &len, error)
         && xim_codec_base64_decode_exact (value, len, out->bytes,
                                           sizeof out->bytes, error);
}

gboolean
xim_note_reader_previous (XimNoteReader *reader, guint32 number, XimHash *out,
                          GError **error)
{
  XimNoteReader ahead = *reader;
  const char *value;
  gsize len;
  if (!xim_note_reader_line (&ahead, "previous", &value, &len, error))
    return FALSE;
  gboolean is_none = len == 1 && value[0] == '-';
  if (is_none != (number == 1))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected \"previous -\" in the first note and only "
                   "there, got number %u",
                   number);
      return FALSE;
    }
  if (!is_none)
    return xim_note_reader_hash (reader, "previous", out, error);
  memset (out, 0, sizeof *out);
  *reader = ahead;
  return TRUE;
}

/* Decodes "TYPE KEY". */
static gboolean
decode_key (const char *value, gsize len, const char *type,
            guint8 out[XIM_KEY_LEN], GError **error)
{
  const char *space = memchr (value, ' ', len);
  if (space == NULL || space == value)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a key \"%s BASE64\", got no type", type);
      return FALSE;
    }
  gsize type_len = (gsize)(space - value);
  if (type_len != strlen (type) || memcmp (value, type, type_len) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "expected a key of type %s, got %.*s", type, (int)type_len,
                   value);
      return FALSE;
    }
  return xim_codec_base64_decode_exact (space + 1, len - type_len - 1, out,
                                        XIM_KEY_LEN, error);
}

gboolean
xim_note_reader_key (XimNoteReader *reader, const char *name, const char *type,
                     guint8 out[XIM_KEY_LEN], GError **error)
{
  const char *value;
  gsize len;
  return xim_note_reader_line (reader, name, &value, &len, error)
         && decode_key (value, len, type, out, error);
}

gboolean
xim_note_reader_device (XimNoteReader *reader, const char *name,
                        XimDeviceId *id, const char *type, guint8 *key,
                        GError **error)
{
  const char *value;
  gsize len;
  if (!xim_note_reader_line (reader, name, &value, &len, error))
    return FALSE;
  gsize id_len = type != NULL ? MIN (len, DEVICE_ID_HEX_LEN) : len;
  if (!xim_codec_hex_decode_exact (value, id_len, id->bytes, sizeof id->bytes,
                                   error))
    return FALSE;
  if (type == NULL)
    return TRUE;
  if (len == id_len || value[id_len] != ' ')
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected \"%s ID %s KEY\", got no key", name, type);
      return FALSE;
    }
  return decode_key (value + id_len + 1, len - id_len - 1, type, key, error);
}

gboolean
xim_note_reader_end (const XimNoteReader *reader, GError **error)
{
  if (*reader->rest == '\0')
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected the end of the text, got one more line");
  return FALSE;
}
