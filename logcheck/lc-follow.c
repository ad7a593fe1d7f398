/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Follows a log from where the last run ended. */

#include "config.h"

#include "lc-follow.h"

#include <string.h>

#include "lc-tiles.h"
#include "xim-codec.h"
#include "xim-error.h"

#define CHECKPOINT_MAX XIM_NOTE_MAX
#define FAULTS_MAX 16 /* told one by one */

/* The rightmost tile of a level, as far as it has been read. */
typedef struct
{
  guint64 n;
  guint width;
  XimHash hashes[XIM_TILE_WIDTH];
} Row;

typedef struct
{
  XimLcState *state;
  XimLcFetch *fetch;
  XimCheckpoint *newer;
  XimFrontier frontier;
  Row rows[XIM_TILE_LEVELS];
  XimLcReport *report;
  guint n_faults;
  GError *unknown; /* (nullable): the first entry that cannot be judged */
} Run;

static void
run_clear (Run *run)
{
  xim_checkpoint_free (run->newer);
  g_clear_error (&run->unknown);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

void
xim_lc_report_clear (XimLcReport *report)
{
  if (report->evidence != NULL)
    g_string_free (report->evidence, TRUE);
}

/* Something of the log that it signed and must not have. */
static void G_GNUC_PRINTF (2, 3) add_fault (Run *run, const char *format, ...)
{
  va_list arguments;
  if (++run->n_faults > FAULTS_MAX)
    return;
  va_start (arguments, format);
  g_string_append (run->report->evidence, "fault ");
  g_string_append_vprintf (run->report->evidence, format, arguments);
  g_string_append_c (run->report->evidence, '\n');
  va_end (arguments);
}

static void
add_note (Run *run, const char *title, const XimCheckpoint *checkpoint)
{
  if (checkpoint == NULL)
    return;
  g_autofree char *note = xim_note_encode (checkpoint->note);
  g_string_append_printf (run->report->evidence, "\n%s:\n%s", title, note);
}

/* Ends a run that found a lie. */
static gboolean
misconduct (const char *what, GError **error)
{
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED, what);
  return FALSE;
}

static gboolean
get_checkpoint (Run *run, const XimVerifyKey *log, GError **error)
{
  g_autoptr (GByteArray) bytes
      = xim_lc_fetch_get (run->fetch, "checkpoint", CHECKPOINT_MAX, error);
  if (bytes == NULL)
    return FALSE;
  run->newer
      = xim_checkpoint_decode ((const char *)bytes->data, bytes->len, error);
  if (run->newer == NULL || !xim_checkpoint_check (run->newer, log, error))
    return FALSE;
  if (run->newer->head.size <= XIM_LC_LEAVES_MAX)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
               "expected at most %u entries, the log has %" G_GUINT64_FORMAT,
               XIM_LC_LEAVES_MAX, run->newer->head.size);
  return FALSE;
}

/* The bytes of a leaf, if they are still served. */
static gboolean
find_entry (Run *run, guint64 leaf, GString *out, GError **error)
{
  guint64 n = leaf / XIM_TILE_WIDTH;
  guint width = xim_tile_width (XIM_TILE_ENTRIES, n, run->newer->head.size);
  g_autoptr (GByteArray) bytes
      = xim_lc_tiles_entries (run->fetch, n, width, error);
  if (bytes == NULL)
    return FALSE;
  XimEntries entries = { bytes->data, bytes->len };
  const guint8 *entry;
  gsize len;
  for (guint64 i = n * XIM_TILE_WIDTH; i <= leaf; i++)
    if (!xim_entries_next (&entries, &entry, &len, error))
      return FALSE;
  g_autofree char *hex = xim_codec_hex_encode (entry, len);
  g_string_append_printf (out, "entry %s\n", hex);
  return TRUE;
}

static gboolean
find_proof (Run *run, guint64 leaf, GString *out, GError **error)
{
  g_auto (XimLcTree) tree = { 0 };
  XimTreeProof proof;
  xim_lc_tree_init (&tree, run->fetch, run->newer->head.size);
  const XimTreeReader reader = xim_tiles_reader (&tree.tiles);
  if (!xim_tree_prove_inclusion (&reader, leaf, run->newer->head.size, &proof,
                                 error))
    return FALSE;
  for (guint i = 0; i < proof.n; i++)
    {
      g_autofree char *hash = xim_codec_base64_encode (
          proof.hashes[i].bytes, sizeof proof.hashes[i].bytes);
      g_string_append_printf (out, "hash %s\n", hash);
    }
  return TRUE;
}

/* An entry and its inclusion in the new tree, for whoever does not believe
 * it. */
static void
add_leaf (Run *run, guint64 leaf)
{
  g_autoptr (GError) failure = NULL;
  if (run->n_faults > FAULTS_MAX)
    return;
  GString *out = run->report->evidence;
  g_string_append_printf (out, "leaf %" G_GUINT64_FORMAT "\n", leaf);
  if (!find_entry (run, leaf, out, &failure)
      || !find_proof (run, leaf, out, &failure))
    g_string_append_printf (out, "not served any more: %s\n",
                            failure->message);
}

/* What is signed stays signed even if it has no form: the tree goes on. */
static void
judge_index (Run *run, guint64 leaf, const XimEntry *entry)
{
  static const XimIndex none;
  if (memcmp (&entry->index, &none, sizeof none) == 0)
    {
      add_fault (run, "leaf %" G_GUINT64_FORMAT " has an index of zeros",
                 leaf);
      add_leaf (run, leaf);
    }
  guint64 earlier = xim_lc_indices_add (run->state->indices, &entry->index);
  if (earlier == XIM_LC_NO_LEAF)
    return;
  add_fault (run,
             "leaves %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT
             " have the same index",
             earlier, leaf);
  add_leaf (run, earlier);
  add_leaf (run, leaf);
}

/* A type of later hides nothing of what else stands in the log. */
static void
add_unknown (Run *run, guint64 leaf, GError *failure)
{
  if (run->unknown == NULL)
    g_propagate_prefixed_error (&run->unknown, failure,
                                "leaf %" G_GUINT64_FORMAT ": ", leaf);
  else
    g_error_free (failure);
}

static void
judge_entry (Run *run, const guint8 *data, gsize len)
{
  g_autoptr (GError) failure = NULL;
  guint64 leaf = run->frontier.size;
  XimEntry entry = { .type = XIM_ENTRY_SERVER };
  gboolean ok = xim_entry_decode (data, len, &entry, &failure);
  if (!ok && g_error_matches (failure, XIM_ERROR, XIM_ERROR_UNSUPPORTED))
    add_unknown (run, leaf, g_steal_pointer (&failure));
  else if (!ok)
    {
      add_fault (run, "leaf %" G_GUINT64_FORMAT ": %s", leaf,
                 failure->message);
      add_leaf (run, leaf);
    }
  else if (leaf == 0 && entry.type != XIM_ENTRY_SERVER)
    add_fault (run, "leaf 0 is not that of a server note");
  if (ok && entry.type == XIM_ENTRY_ACCOUNT)
    judge_index (run, leaf, &entry);
  else
    xim_lc_indices_add (run->state->indices, NULL);
}

static void
push_hash (gpointer user_data, guint level, guint64 index, const XimHash *hash)
{
  Run *run = user_data;
  if (level % XIM_TILE_HEIGHT != 0)
    return;
  Row *row = &run->rows[level / XIM_TILE_HEIGHT];
  row->n = index / XIM_TILE_WIDTH;
  row->hashes[index % XIM_TILE_WIDTH] = *hash;
  row->width = (guint)(index % XIM_TILE_WIDTH) + 1;
}

static gboolean
check_row (Run *run, guint level, GError **error)
{
  const Row *row = &run->rows[level];
  const XimTile tile = { level, row->n, row->width };
  g_autoptr (GByteArray) bytes
      = xim_lc_tiles_hashes (run->fetch, &tile, error);
  if (bytes == NULL)
    return FALSE;
  if (memcmp (bytes->data, row->hashes, bytes->len) == 0)
    return TRUE;
  char path[XIM_TILE_PATH_MAX];
  xim_tile_path (&tile, path);
  g_autofree char *what
      = g_strdup_printf ("%s does not hold the hashes of the entries", path);
  g_autofree char *served = xim_codec_hex_encode (bytes->data, bytes->len);
  g_string_append_printf (run->report->evidence, "tile %s\n", served);
  return misconduct (what, error);
}

/* Rows that @all or that are full are compared with the tiles. */
static gboolean
check_rows (Run *run, gboolean all, GError **error)
{
  for (guint level = 0; level < XIM_TILE_LEVELS; level++)
    {
      Row *row = &run->rows[level];
      if (row->width == 0 || (!all && row->width < XIM_TILE_WIDTH))
        continue;
      if (!check_row (run, level, error))
        return FALSE;
      row->width = 0;
    }
  return TRUE;
}

static gboolean
take_entry (Run *run, const guint8 *data, gsize len, GError **error)
{
  const XimTreeWriter writer = { push_hash, run };
  XimHash leaf;
  judge_entry (run, data, len);
  xim_tree_leaf (data, len, &leaf);
  xim_frontier_append (&run->frontier, &leaf, &writer);
  run->report->n_new++;
  return check_rows (run, FALSE, error);
}

/* An entry that was seen before must be the one that was seen. */
static gboolean
again (Run *run, guint64 leaf, const guint8 *data, gsize len, GError **error)
{
  XimHash hash;
  xim_tree_leaf (data, len, &hash);
  if (memcmp (&hash, &run->rows[0].hashes[leaf % XIM_TILE_WIDTH], sizeof hash)
      == 0)
    return TRUE;
  g_autofree char *what = g_strdup_printf (
      "leaf %" G_GUINT64_FORMAT " is not the entry that it was before", leaf);
  return misconduct (what, error);
}

/* A tile has the entries of its name; a full one may stand for it. */
static gboolean
check_rest (XimEntries *entries, guint width, GError **error)
{
  guint n = width;
  const guint8 *entry;
  gsize len;
  while (n < XIM_TILE_WIDTH && xim_entries_next (entries, &entry, &len, NULL))
    n++;
  return (entries->len == 0 && (n == width || n == XIM_TILE_WIDTH))
         || misconduct ("a tile of entries goes on behind its end", error);
}

static gboolean
take_bundle (Run *run, guint64 n, GError **error)
{
  guint width = xim_tile_width (XIM_TILE_ENTRIES, n, run->newer->head.size);
  guint64 first = n * XIM_TILE_WIDTH;
  guint64 start = run->frontier.size;
  g_autoptr (GByteArray) bytes
      = xim_lc_tiles_entries (run->fetch, n, width, error);
  if (bytes == NULL)
    return FALSE;
  XimEntries entries = { bytes->data, bytes->len };
  for (guint64 leaf = first; leaf < first + width; leaf++)
    {
      const guint8 *entry;
      gsize len;
      if (!xim_entries_next (&entries, &entry, &len, NULL))
        return misconduct ("a tile of entries ends too early", error);
      if (!(leaf < start ? again (run, leaf, entry, len, error)
                         : take_entry (run, entry, len, error)))
        return FALSE;
    }
  return check_rest (&entries, width, error);
}

static const XimHash *
load_row (gpointer user_data, const XimTile *tile,
          GError **error G_GNUC_UNUSED)
{
  Run *run = user_data;
  return run->rows[tile->level].hashes;
}

/* The tiles at the right edge of the tree of before, which the new ones must
 * begin with: they lead to the root of before. */
static gboolean
take_edge (Run *run, GError **error)
{
  guint64 size = run->frontier.size;
  for (guint level = 0; level < XIM_TILE_LEVELS; level++)
    {
      Row *row = &run->rows[level];
      guint64 n = (size >> (level * XIM_TILE_HEIGHT)) / XIM_TILE_WIDTH;
      guint width = xim_tile_width (level, n, size);
      const XimTile tile
          = { level, n, xim_tile_width (level, n, run->newer->head.size) };
      if (width == 0)
        continue;
      g_autoptr (GByteArray) bytes
          = xim_lc_tiles_hashes (run->fetch, &tile, error);
      if (bytes == NULL)
        return FALSE;
      row->n = n;
      row->width = width;
      memcpy (row->hashes, bytes->data, width * sizeof (XimHash));
    }
  XimTiles tiles = { size, load_row, run };
  const XimTreeReader reader = xim_tiles_reader (&tiles);
  XimFrontier edge;
  return xim_frontier_load (&reader, size, &edge, error)
         && (memcmp (&edge, &run->frontier, sizeof edge) == 0
             || misconduct ("the tiles do not continue the tree that was "
                            "seen before",
                            error));
}

static gboolean
check_root (Run *run, GError **error)
{
  XimTreeHead head;
  xim_frontier_head (&run->frontier, &head);
  if (!xim_tree_head_equal (&head, &run->newer->head))
    return misconduct ("the entries do not lead to the root that the log "
                       "signed",
                       error);
  if (run->n_faults == 0 && run->unknown == NULL)
    return TRUE;
  if (run->n_faults == 0)
    {
      g_propagate_error (error, g_steal_pointer (&run->unknown));
      return FALSE;
    }
  if (run->n_faults > FAULTS_MAX)
    g_string_append_printf (run->report->evidence, "and %u more\n",
                            run->n_faults - FAULTS_MAX);
  return misconduct ("the log signed entries that must not be", error);
}

static gboolean
go_on (Run *run, GError **error)
{
  guint64 size = run->newer->head.size;
  if (!take_edge (run, error))
    return FALSE;
  for (guint64 n = run->frontier.size / XIM_TILE_WIDTH;
       n * XIM_TILE_WIDTH < size; n++)
    if (!take_bundle (run, n, error))
      return FALSE;
  return check_rows (run, TRUE, error) && check_root (run, error);
}

/* A smaller checkpoint than was seen before: old, or of another tree. */
static gboolean
look_back (Run *run, GError **error)
{
  g_auto (XimLcTree) tree = { 0 };
  const XimTreeHead *seen = &run->state->checkpoint->head;
  const XimTreeHead *now = &run->newer->head;
  XimTreeProof proof;
  xim_lc_tree_init (&tree, run->fetch, seen->size);
  const XimTreeReader reader = xim_tiles_reader (&tree.tiles);
  if (!xim_tree_prove_consistency (&reader, now->size, seen->size, &proof,
                                   error))
    {
      g_prefix_error (error,
                      "the checkpoint is an older one of %" G_GUINT64_FORMAT
                      " entries and the tree of %" G_GUINT64_FORMAT
                      " is gone: ",
                      now->size, seen->size);
      return FALSE;
    }
  if (!xim_tree_verify_consistency (now, seen, proof.hashes, proof.n, NULL))
    return misconduct ("the log went back to a smaller tree that is not the "
                       "beginning of the one seen before",
                       error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
               "expected a checkpoint of at least %" G_GUINT64_FORMAT
               " entries, got an older one of %" G_GUINT64_FORMAT,
               seen->size, now->size);
  return FALSE;
}

static gboolean
follow (Run *run, GError **error)
{
  const XimCheckpoint *seen = run->state->checkpoint;
  guint64 size = run->newer->head.size;
  if (size < run->frontier.size)
    return look_back (run, error);
  if (seen != NULL && size == run->frontier.size)
    return xim_tree_head_equal (&seen->head, &run->newer->head)
           || misconduct ("the log signed two trees of one size", error);
  return go_on (run, error);
}

/* The two checkpoints are what proves most lies. */
static void
conclude (Run *run, const XimVerifyKey *log, const char *what)
{
  g_autofree char *vkey = xim_verify_key_encode (log);
  g_string_append_printf (run->report->evidence, "fault %s\nlog %s\n", what,
                          vkey);
  add_note (run, "checkpoint seen before", run->state->checkpoint);
  add_note (run, "checkpoint seen now", run->newer);
}

gboolean
xim_lc_follow (XimLcState *state, XimLcFetch *fetch, const XimVerifyKey *log,
               XimLcReport *report, GError **error)
{
  g_auto (Run) run = { .state = state,
                       .fetch = fetch,
                       .frontier = state->frontier,
                       .report = report };
  g_autoptr (GError) failure = NULL;
  *report = (XimLcReport){ .evidence = g_string_new (NULL) };
  if (!get_checkpoint (&run, log, error))
    return FALSE;
  if (!follow (&run, &failure))
    {
      if (g_error_matches (failure, XIM_ERROR, XIM_ERROR_NOT_LOGGED))
        conclude (&run, log, failure->message);
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  state->frontier = run.frontier;
  xim_checkpoint_free (state->checkpoint);
  state->checkpoint = g_steal_pointer (&run.newer);
  return TRUE;
}
