/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Current notes: the keyserver's word that a version is the newest. */

#include "config.h"

#include "xim-current.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-note-reader.h"

static gboolean
read_text (XimCurrent *self, const char *text, GError **error)
{
  XimNoteReader reader = { text };
  return xim_note_reader_title (&reader, "current", error)
         && xim_note_reader_jid (&reader, "jid", &self->jid, error)
         && xim_note_reader_number (&reader, "version", &self->version, error)
         && xim_note_reader_hash (&reader, "account", &self->account, error)
         && xim_note_reader_time (&reader, "time", &self->time_s, error)
         && xim_note_reader_end (&reader, error);
}

XimCurrent *
xim_current_decode (const XimNote *note, GError **error)
{
  g_autoptr (XimCurrent) self = g_new0 (XimCurrent, 1);
  if (!read_text (self, xim_note_text (note), error))
    {
      g_prefix_error (error, "current note: ");
      return NULL;
    }
  self->note = xim_note_copy (note);
  return g_steal_pointer (&self);
}

char *
xim_current_encode (const XimCurrent *current)
{
  g_autofree char *account = xim_codec_base64_encode (
      current->account.bytes, sizeof current->account.bytes);
  g_autofree char *time = xim_codec_time_encode (current->time_s);
  return g_strdup_printf ("x-im current v1\n"
                          "jid %s\n"
                          "version %u\n"
                          "account %s\n"
                          "time %s\n",
                          current->jid, current->version, account, time);
}

gboolean
xim_current_check (const XimCurrent *current, const char *jid,
                   const XimVerifyKey *server, gint64 now_s, GError **error)
{
  g_return_val_if_fail (current->note != NULL && server != NULL, FALSE);
  if (strcmp (current->jid, jid) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected the current note of %s, got that of %s", jid,
                   current->jid);
      return FALSE;
    }
  if (!xim_note_verify (current->note, &server, 1, NULL, error))
    return FALSE;
  gint64 age_s = now_s - current->time_s;
  if (age_s >= -XIM_CLOCK_SKEW_S && age_s <= XIM_CURRENT_LIFE_S)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED,
               "expected a current note of at most %d s, got one of "
               "%" G_GINT64_FORMAT " s",
               XIM_CURRENT_LIFE_S, age_s);
  return FALSE;
}

void
xim_current_free (XimCurrent *current)
{
  if (current == NULL)
    return;
  g_free (current->jid);
  xim_note_free (current->note);
  g_free (current);
}
