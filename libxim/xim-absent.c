/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Absence notes: the keyserver's word that an address has no keys. */

#include "config.h"

#include "xim-absent.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-note-reader.h"

static gboolean
read_size (XimNoteReader *reader, guint64 *out, GError **error)
{
  const char *value;
  gsize len;
  return xim_note_reader_line (reader, "size", &value, &len, error)
         && xim_codec_decimal_decode (value, len, 0, XIM_TREE_SIZE_MAX - 1,
                                      out, error);
}

static gboolean
check_root (const XimAbsent *self, GError **error)
{
  XimHash empty;
  xim_crypto_sha256 (NULL, 0, &empty);
  if (self->size > 0
      || memcmp (self->root.bytes, empty.bytes, sizeof empty.bytes) == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected the root of the empty tree with size 0");
  return FALSE;
}

static gboolean
read_text (XimAbsent *self, const char *text, GError **error)
{
  XimNoteReader reader = { text };
  return xim_note_reader_title (&reader, "absent", error)
         && xim_note_reader_jid (&reader, "jid", &self->jid, error)
         && xim_note_reader_time (&reader, "time", &self->time_s, error)
         && read_size (&reader, &self->size, error)
         && xim_note_reader_hash (&reader, "root", &self->root, error)
         && check_root (self, error) && xim_note_reader_end (&reader, error);
}

XimAbsent *
xim_absent_decode (const XimNote *note, GError **error)
{
  g_autoptr (XimAbsent) self = g_new0 (XimAbsent, 1);
  if (!read_text (self, xim_note_text (note), error))
    {
      g_prefix_error (error, "absence note: ");
      return NULL;
    }
  self->note = xim_note_copy (note);
  return g_steal_pointer (&self);
}

char *
xim_absent_encode (const XimAbsent *absent)
{
  g_autofree char *time = xim_codec_time_encode (absent->time_s);
  g_autofree char *root = xim_codec_base64_encode (absent->root.bytes,
                                                   sizeof absent->root.bytes);
  return g_strdup_printf ("x-im absent v1\n"
                          "jid %s\n"
                          "time %s\n"
                          "size %" G_GUINT64_FORMAT "\n"
                          "root %s\n",
                          absent->jid, time, absent->size, root);
}

gboolean
xim_absent_check (const XimAbsent *absent, const char *jid,
                  const XimVerifyKey *server, gint64 now_s, GError **error)
{
  g_return_val_if_fail (absent->note != NULL && server != NULL, FALSE);
  if (strcmp (absent->jid, jid) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected the absence of %s, got that of %s", jid,
                   absent->jid);
      return FALSE;
    }
  if (!xim_note_verify (absent->note, &server, 1, NULL, error))
    return FALSE;
  gint64 off_s = absent->time_s - now_s;
  if (off_s >= -XIM_CLOCK_SKEW_S && off_s <= XIM_CLOCK_SKEW_S)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED,
               "expected an absence note at most %d s off, got "
               "%" G_GINT64_FORMAT " s",
               XIM_CLOCK_SKEW_S, off_s);
  return FALSE;
}

void
xim_absent_free (XimAbsent *absent)
{
  if (absent == NULL)
    return;
  g_free (absent->jid);
  xim_note_free (absent->note);
  g_free (absent);
}
