/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the last run found, in a file: a line, the checkpoint behind its
 * length, the hashes of the frontier, the indices, and SHA-256 of all that. */

#include "config.h"

#include "lc-state.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

#define TITLE "x-im log-check state v1\n"
#define TITLE_LEN (sizeof TITLE - 1)

XimLcState *
xim_lc_state_new (void)
{
  XimLcState *state = g_new0 (XimLcState, 1);
  state->indices = xim_lc_indices_new ();
  return state;
}

void
xim_lc_state_free (XimLcState *state)
{
  if (state == NULL)
    return;
  xim_checkpoint_free (state->checkpoint);
  xim_lc_indices_free (state->indices);
  g_free (state);
}

static gboolean
read_title (XimReader *reader, GError **error)
{
  const guint8 *title = xim_reader_bytes (reader, TITLE_LEN, "a title", error);
  if (title == NULL)
    return FALSE;
  if (memcmp (title, TITLE, TITLE_LEN) == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a state of this program");
  return FALSE;
}

static gboolean
read_checkpoint (XimReader *reader, const char *origin, XimLcState *state,
                 GError **error)
{
  guint16 len;
  if (!xim_reader_u16 (reader, &len, "the length of a note", error))
    return FALSE;
  const guint8 *note = xim_reader_bytes (reader, len, "a note", error);
  if (note == NULL)
    return FALSE;
  state->checkpoint = xim_checkpoint_decode ((const char *)note, len, error);
  if (state->checkpoint == NULL)
    return FALSE;
  if (strcmp (state->checkpoint->origin, origin) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a state of the log %s, got one of %s", origin,
               state->checkpoint->origin);
  return FALSE;
}

static gboolean
read_frontier (XimReader *reader, XimLcState *state, GError **error)
{
  const XimTreeHead *expected = &state->checkpoint->head;
  XimTreeHead head;
  state->frontier.size = expected->size;
  for (guint level = 0; level < XIM_TREE_LEVELS; level++)
    {
      if ((expected->size >> level & 1) == 0)
        continue;
      const guint8 *hash
          = xim_reader_bytes (reader, sizeof (XimHash), "a hash", error);
      if (hash == NULL)
        return FALSE;
      memcpy (&state->frontier.nodes[level], hash, sizeof (XimHash));
    }
  xim_frontier_head (&state->frontier, &head);
  if (xim_tree_head_equal (&head, expected))
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected hashes that lead to the checkpoint");
  return FALSE;
}

static gboolean
read_indices (XimReader *reader, XimLcState *state, GError **error)
{
  static const XimIndex none;
  for (guint64 i = 0; i < state->frontier.size; i++)
    {
      const XimIndex *index = (gconstpointer)xim_reader_bytes (
          reader, sizeof *index, "an index", error);
      if (index == NULL)
        return FALSE;
      gboolean has_none = memcmp (index, &none, sizeof none) == 0;
      xim_lc_indices_add (state->indices, has_none ? NULL : index);
    }
  if (reader->len == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected nothing behind the indices");
  return FALSE;
}

/* What a broken disk changes is found before it looks like a lie. */
static gboolean
check_sum (XimReader *reader, GError **error)
{
  XimHash sum;
  gsize len = reader->len > sizeof sum ? reader->len - sizeof sum : 0;
  const XimPiece piece = { reader->data, len };
  xim_crypto_sha256 (&piece, 1, &sum);
  if (len > 0 && memcmp (reader->data + len, &sum, sizeof sum) == 0)
    {
      reader->len = len;
      return TRUE;
    }
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a state as it was written, it is damaged");
  return FALSE;
}

static XimLcState *
decode (const char *data, gsize len, const char *origin, GError **error)
{
  XimReader reader = { (const guint8 *)data, len };
  g_autoptr (XimLcState) state = xim_lc_state_new ();
  if (!check_sum (&reader, error) || !read_title (&reader, error)
      || !read_checkpoint (&reader, origin, state, error)
      || !read_frontier (&reader, state, error)
      || !read_indices (&reader, state, error))
    return NULL;
  return g_steal_pointer (&state);
}

XimLcState *
xim_lc_state_load (const char *path, const char *origin, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *data = NULL;
  gsize len;
  if (!g_file_get_contents (path, &data, &len, &failure))
    {
      if (g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return xim_lc_state_new ();
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE,
                           failure->message);
      return NULL;
    }
  XimLcState *state = decode (data, len, origin, error);
  if (state == NULL)
    g_prefix_error (error, "%s: ", path);
  return state;
}

static void
append (GByteArray *out, gconstpointer data, gsize len)
{
  g_byte_array_append (out, data, (guint)len);
}

gboolean
xim_lc_state_save (const XimLcState *state, const char *path, GError **error)
{
  g_return_val_if_fail (state->checkpoint != NULL, FALSE);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autofree char *note = xim_note_encode (state->checkpoint->note);
  guint16 len_be = GUINT16_TO_BE ((guint16)strlen (note));
  append (out, TITLE, TITLE_LEN);
  append (out, &len_be, sizeof len_be);
  append (out, note, strlen (note));
  for (guint level = 0; level < XIM_TREE_LEVELS; level++)
    if ((state->frontier.size >> level & 1) != 0)
      append (out, &state->frontier.nodes[level], sizeof (XimHash));
  append (out, xim_lc_indices_peek (state->indices),
          xim_lc_indices_size (state->indices) * sizeof (XimIndex));
  XimHash sum;
  const XimPiece piece = { out->data, out->len };
  xim_crypto_sha256 (&piece, 1, &sum);
  append (out, &sum, sizeof sum);
  g_autoptr (GError) failure = NULL;
  if (g_file_set_contents_full (path, (const char *)out->data, out->len,
                                G_FILE_SET_CONTENTS_CONSISTENT
                                    | G_FILE_SET_CONTENTS_DURABLE,
                                0600, &failure))
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE, failure->message);
  return FALSE;
}
