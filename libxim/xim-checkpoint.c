/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Checkpoints: the signed word for how the log is now. */

#include "config.h"

#include "xim-checkpoint.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

char *
xim_checkpoint_text (const char *origin, const XimTreeHead *head)
{
  g_autofree char *root
      = xim_codec_base64_encode (head->root.bytes, sizeof head->root.bytes);
  return g_strdup_printf ("%s\n%" G_GUINT64_FORMAT "\n%s\n", origin,
                          head->size, root);
}

/* Takes one line; its length, without the newline, goes to @len. */
static const char *
take_line (const char **rest, gsize *len, GError **error)
{
  const char *line = *rest;
  const char *end = strchr (line, '\n');
  if (end == NULL || end == line)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected the three lines origin, size and root");
      return NULL;
    }
  *len = (gsize)(end - line);
  *rest = end + 1;
  return line;
}

static gboolean
check_empty (const XimTreeHead *head, GError **error)
{
  XimHash empty;
  xim_tree_empty (&empty);
  if (head->size > 0 || memcmp (&head->root, &empty, sizeof empty) == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected the root of the empty tree for a log "
                       "of size 0");
  return FALSE;
}

static gboolean
read_head (const char **rest, XimTreeHead *head, GError **error)
{
  gsize size_len, root_len;
  const char *size = take_line (rest, &size_len, error);
  if (size == NULL
      || !xim_codec_decimal_decode (size, size_len, 0, XIM_TREE_SIZE_MAX - 1,
                                    &head->size, error))
    return FALSE;
  const char *root = take_line (rest, &root_len, error);
  return root != NULL
         && xim_codec_base64_decode_exact (root, root_len, head->root.bytes,
                                           sizeof head->root.bytes, error)
         && check_empty (head, error);
}

static gboolean
read_text (XimCheckpoint *self, const char *text, GError **error)
{
  gsize len;
  const char *origin = take_line (&text, &len, error);
  if (origin == NULL)
    return FALSE;
  self->origin = g_strndup (origin, len);
  if (!read_head (&text, &self->head, error))
    return FALSE;
  if (*text == '\0')
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected no line after the root");
  return FALSE;
}

XimCheckpoint *
xim_checkpoint_decode_text (const char *text, GError **error)
{
  g_autoptr (XimCheckpoint) self = g_new0 (XimCheckpoint, 1);
  if (read_text (self, text, error))
    return g_steal_pointer (&self);
  g_prefix_error (error, "checkpoint: ");
  return NULL;
}

XimCheckpoint *
xim_checkpoint_decode (const char *data, gsize len, GError **error)
{
  g_autoptr (XimNote) note = xim_note_decode (data, len, error);
  if (note == NULL)
    {
      g_prefix_error (error, "checkpoint: ");
      return NULL;
    }
  XimCheckpoint *self
      = xim_checkpoint_decode_text (xim_note_text (note), error);
  if (self != NULL)
    self->note = g_steal_pointer (&note);
  return self;
}

gboolean
xim_checkpoint_check (const XimCheckpoint *checkpoint, const XimVerifyKey *log,
                      GError **error)
{
  g_return_val_if_fail (checkpoint->note != NULL && log != NULL, FALSE);
  if (strcmp (checkpoint->origin, log->name) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected the checkpoint of %s, got that of %s", log->name,
                   checkpoint->origin);
      return FALSE;
    }
  if (xim_note_verify (checkpoint->note, &log, 1, NULL, error))
    return TRUE;
  g_prefix_error (error, "checkpoint: ");
  return FALSE;
}

XimCheckpoint *
xim_checkpoint_copy (const XimCheckpoint *checkpoint)
{
  XimCheckpoint *copy = g_new0 (XimCheckpoint, 1);
  copy->origin = g_strdup (checkpoint->origin);
  copy->head = checkpoint->head;
  copy->note
      = checkpoint->note != NULL ? xim_note_copy (checkpoint->note) : NULL;
  return copy;
}

void
xim_checkpoint_free (XimCheckpoint *checkpoint)
{
  if (checkpoint == NULL)
    return;
  g_free (checkpoint->origin);
  xim_note_free (checkpoint->note);
  g_free (checkpoint);
}
