/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Erase notes: a member leaves, and all keys go. */

#include "config.h"

#include "xim-erase.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-note-reader.h"

static gboolean
read_version (XimErase *self, XimNoteReader *reader, GError **error)
{
  if (!xim_note_reader_number (reader, "version", &self->version, error))
    return FALSE;
  if (self->version > 1)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a version above that of an account note, "
                       "got 1");
  return FALSE;
}

static gboolean
read_text (XimErase *self, GError **error)
{
  XimNoteReader reader = { self->text };
  return xim_note_reader_title (&reader, "erase", error)
         && xim_note_reader_jid (&reader, "jid", &self->jid, error)
         && read_version (self, &reader, error)
         && xim_note_reader_hash (&reader, "previous", &self->previous, error)
         && xim_note_reader_time (&reader, "time", &self->time_s, error)
         && xim_note_reader_end (&reader, error);
}

/* A text has no blank line; the lines of signatures stand behind one. */
static XimNote *
read_note (const char *data, gsize len, gboolean *is_signed, GError **error)
{
  *is_signed = len > 0 && g_strstr_len (data, (gssize)len, "\n\n") != NULL;
  if (len == 0 || *is_signed)
    return xim_note_decode (data, len, error);
  g_autofree char *text = g_strndup (data, len);
  if (strlen (text) == len)
    return xim_note_new (text, error);
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected text, got a NUL in it");
  return NULL;
}

XimErase *
xim_erase_decode (const char *data, gsize len, GError **error)
{
  g_autoptr (XimErase) self = g_new0 (XimErase, 1);
  gboolean is_signed = FALSE;
  g_autoptr (XimNote) note = read_note (data, len, &is_signed, error);
  if (note == NULL)
    return NULL;
  self->text = g_strdup (xim_note_text (note));
  if (!read_text (self, error))
    {
      g_prefix_error (error, "erase note: ");
      return NULL;
    }
  xim_note_hash (note, &self->hash);
  if (is_signed)
    self->note = g_steal_pointer (&note);
  return g_steal_pointer (&self);
}

char *
xim_erase_encode (const XimErase *erase)
{
  g_autofree char *time = xim_codec_time_encode (erase->time_s);
  g_autofree char *previous = xim_codec_base64_encode (
      erase->previous.bytes, sizeof erase->previous.bytes);
  return g_strdup_printf ("x-im erase v1\n"
                          "jid %s\n"
                          "version %u\n"
                          "previous %s\n"
                          "time %s\n",
                          erase->jid, erase->version, previous, time);
}

void
xim_erase_free (XimErase *erase)
{
  if (erase == NULL)
    return;
  g_free (erase->jid);
  g_free (erase->text);
  xim_note_free (erase->note);
  g_free (erase);
}

gboolean
xim_erase_needs_proof (const XimErase *erase)
{
  return erase->note == NULL;
}

static gboolean
check_lines (const XimErase *erase, const XimAccount *newest, GError **error)
{
  g_autoptr (GPtrArray) keys
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_verify_key_free);
  for (guint i = 0; i < newest->n_devices; i++)
    g_ptr_array_add (keys,
                     xim_verify_key_new_device (&newest->devices[i].id,
                                                &newest->devices[i].key));
  return xim_note_verify (erase->note,
                          (const XimVerifyKey *const *)keys->pdata, keys->len,
                          NULL, error);
}

static gboolean
check_time (const XimErase *erase, gint64 now_s, GError **error)
{
  gint64 off_s = erase->time_s - now_s;
  if (off_s >= -XIM_CLOCK_SKEW_S && off_s <= XIM_CLOCK_SKEW_S)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED,
               "expected an erase note at most %d s from this clock, got "
               "%" G_GINT64_FORMAT " s",
               XIM_CLOCK_SKEW_S, off_s);
  return FALSE;
}

static gboolean
check_follows (const XimErase *erase, const XimAccount *newest, GError **error)
{
  if (erase->version - 1 != newest->version)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected an erase note of the version after %u, got %u",
                   newest->version, erase->version);
      return FALSE;
    }
  if (memcmp (erase->previous.bytes, newest->hash.bytes,
              sizeof newest->hash.bytes)
      == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "expected an erase note that follows version %u, got another "
               "hash",
               newest->version);
  return FALSE;
}

gboolean
xim_erase_check_server (const XimErase *erase, const XimAccount *newest,
                        gint64 now_s, GError **error)
{
  if (strcmp (erase->jid, newest->jid) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected the erase note of %s, got that of %s",
                   newest->jid, erase->jid);
      return FALSE;
    }
  return (erase->note == NULL || check_lines (erase, newest, error))
         && check_time (erase, now_s, error)
         && check_follows (erase, newest, error);
}
