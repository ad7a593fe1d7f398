/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The published log: its newest checkpoint, proofs, and what is served. */

#include "config.h"

#include "ks-tiles.h"

#include <string.h>

#include "xim-error.h"

#include "ks-cache.h"
#include "ks-entries.h"

#define CHECKPOINT_MAX_AGE_S 2
#define CACHED_FOR_S G_GINT64_CONSTANT (315360000)

struct _XimKsTiles
{
  XimKsStore *store;
  XimKsCache *served; /* by path */
  XimKsCache *nodes;  /* of full tiles, by path */
  GMutex lock;
  XimKsHead *head;         /* NULL: nothing is published */
  XimKsAnswer *checkpoint; /* of the head */
};

XimKsHead *
xim_ks_head_ref (XimKsHead *head)
{
  g_atomic_int_inc (&head->refs);
  return head;
}

void
xim_ks_head_unref (XimKsHead *head)
{
  if (head == NULL || !g_atomic_int_dec_and_test (&head->refs))
    return;
  xim_checkpoint_free (head->checkpoint);
  g_free (head);
}

static XimKsAnswer *make_served (const char *path, gconstpointer hint,
                                 gpointer user_data, gint64 now_s,
                                 gint64 *life_s, GError **error);
static XimKsAnswer *make_nodes (const char *path, gconstpointer hint,
                                gpointer user_data, gint64 now_s,
                                gint64 *life_s, GError **error);

XimKsTiles *
xim_ks_tiles_new (XimKsStore *store, gsize cache_bytes)
{
  XimKsTiles *tiles = g_new0 (XimKsTiles, 1);
  tiles->store = store;
  tiles->served = xim_ks_cache_new (cache_bytes / 2, make_served, tiles);
  tiles->nodes = xim_ks_cache_new (cache_bytes / 2, make_nodes, tiles);
  g_mutex_init (&tiles->lock);
  return tiles;
}

void
xim_ks_tiles_free (XimKsTiles *tiles)
{
  if (tiles == NULL)
    return;
  xim_ks_cache_free (tiles->served);
  xim_ks_cache_free (tiles->nodes);
  xim_ks_answer_unref (tiles->checkpoint);
  xim_ks_head_unref (tiles->head);
  g_mutex_clear (&tiles->lock);
  g_free (tiles);
}

gboolean
xim_ks_tiles_publish (XimKsTiles *tiles, const XimKsEdge *edge,
                      const char *note, GError **error)
{
  XimCheckpoint *checkpoint
      = xim_checkpoint_decode (note, strlen (note), error);
  if (checkpoint == NULL)
    return FALSE;
  XimKsHead *head = g_new (XimKsHead, 1);
  head->refs = 1;
  head->checkpoint = checkpoint;
  head->edge = *edge;
  xim_ks_edge_head (edge, &head->tree);
  XimKsAnswer *answer
      = xim_ks_answer_new (200, XIM_KS_TYPE_TEXT, g_strdup (note));
  xim_ks_answer_cacheable (answer, CHECKPOINT_MAX_AGE_S);

  g_mutex_lock (&tiles->lock);
  XimKsHead *old_head = tiles->head;
  XimKsAnswer *old_answer = tiles->checkpoint;
  tiles->head = head;
  tiles->checkpoint = answer;
  g_mutex_unlock (&tiles->lock);
  xim_ks_head_unref (old_head);
  xim_ks_answer_unref (old_answer);
  return TRUE;
}

static void
nothing_yet (GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
               "the log has no checkpoint yet");
}

XimKsHead *
xim_ks_tiles_head (XimKsTiles *tiles, GError **error)
{
  g_mutex_lock (&tiles->lock);
  XimKsHead *head = tiles->head != NULL ? xim_ks_head_ref (tiles->head) : NULL;
  g_mutex_unlock (&tiles->lock);
  if (head == NULL)
    nothing_yet (error);
  return head;
}

static gboolean
load (XimKsTiles *tiles, const char *note, GError **error)
{
  g_autoptr (XimCheckpoint) checkpoint
      = xim_checkpoint_decode (note, strlen (note), error);
  g_autofree XimKsEdge *edge = g_new (XimKsEdge, 1);
  XimTreeHead head;
  if (checkpoint == NULL
      || !xim_ks_entries_load (tiles->store, checkpoint->head.size, edge,
                               error))
    return FALSE;
  xim_ks_edge_head (edge, &head);
  if (xim_tree_head_equal (&head, &checkpoint->head))
    return xim_ks_tiles_publish (tiles, edge, note, error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "the entries of the log are not those of its checkpoint");
  return FALSE;
}

XimKsHead *
xim_ks_tiles_load (XimKsTiles *tiles, char **note, GError **error)
{
  g_autofree char *found = NULL;
  if (!xim_ks_entries_checkpoint (tiles->store, &found, error))
    return NULL;
  if (found == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "the log has no checkpoint yet; `run` makes the first");
      return NULL;
    }
  if (!load (tiles, found, error))
    return NULL;
  if (note != NULL)
    *note = g_steal_pointer (&found);
  return xim_ks_tiles_head (tiles, error);
}

static XimKsAnswer *
make_nodes (const char *path, gconstpointer hint, gpointer user_data,
            gint64 now_s, gint64 *life_s, GError **error)
{
  (void)hint;
  (void)now_s;
  XimKsTiles *tiles = user_data;
  XimTile tile;
  g_autofree XimKsNodes *nodes = g_new (XimKsNodes, 1);
  if (!xim_tile_path_decode (path, &tile, error)
      || !xim_ks_entries_nodes (tiles->store, tile.level, tile.n, nodes,
                                error))
    return NULL;
  *life_s = CACHED_FOR_S;
  return xim_ks_answer_new_bytes (
      200, XIM_KS_TYPE_BYTES,
      g_bytes_new_take (g_steal_pointer (&nodes), sizeof *nodes));
}

/* Where one proof reads from. */
typedef struct
{
  XimKsTiles *tiles;
  const XimKsEdge *edge;
} Source;

static gboolean
read_full (Source *source, const XimTile *tile, guint height, guint index,
           XimHash *out, GError **error)
{
  gboolean hit = FALSE;
  char path[XIM_TILE_PATH_MAX];
  xim_tile_path (tile, path);
  g_autoptr (XimKsAnswer) held
      = xim_ks_cache_get (source->tiles->nodes, path, NULL, 0, &hit, error);
  if (held == NULL)
    return FALSE;
  const XimKsNodes *nodes = g_bytes_get_data (xim_ks_answer_body (held), NULL);
  *out = *xim_ks_nodes_find (nodes, height, index);
  return TRUE;
}

static gboolean
read_node (gpointer user_data, guint level, guint64 index, XimHash *out,
           GError **error)
{
  Source *source = user_data;
  guint height = level % XIM_TILE_HEIGHT;
  guint in_tile = XIM_TILE_WIDTH >> height;
  guint at = (guint)(index % in_tile);
  XimTile tile = { level / XIM_TILE_HEIGHT, index / in_tile, XIM_TILE_WIDTH };
  const XimKsNodes *nodes
      = xim_ks_edge_tile (source->edge, tile.level, tile.n);
  if (nodes == NULL)
    return read_full (source, &tile, height, at, out, error);
  *out = *xim_ks_nodes_find (nodes, height, at);
  return TRUE;
}

gboolean
xim_ks_tiles_inclusion (XimKsTiles *tiles, const XimKsHead *head, guint64 leaf,
                        XimTreeProof *out, GError **error)
{
  Source source = { tiles, &head->edge };
  const XimTreeReader reader = { read_node, &source };
  if (leaf < head->tree.size)
    return xim_tree_prove_inclusion (&reader, leaf, head->tree.size, out,
                                     error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "entry %" G_GUINT64_FORMAT " is beyond the published log",
               leaf);
  return FALSE;
}

gboolean
xim_ks_tiles_logged (XimKsTiles *tiles, const XimKsHead *head,
                     const XimKsRecord *record, XimLogged *out,
                     GError **error)
{
  if (!record->is_logged)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "this account is not in the log yet");
      return FALSE;
    }
  out->leaf = record->logged.leaf;
  out->index = record->logged.proof;
  out->next = record->logged.next;
  out->opening = record->logged.opening;
  out->checkpoint = head->checkpoint;
  return xim_ks_tiles_inclusion (tiles, head, out->leaf, &out->inclusion,
                                 error);
}

gboolean
xim_ks_tiles_consistency (XimKsTiles *tiles, const XimKsEdge *edge,
                          guint64 size, XimTreeProof *out, GError **error)
{
  Source source = { tiles, edge };
  const XimTreeReader reader = { read_node, &source };
  return xim_tree_prove_consistency (&reader, size, edge->size, out, error);
}

gboolean
xim_ks_tiles_root (XimKsTiles *tiles, const XimKsEdge *edge, guint64 size,
                   XimHash *out, GError **error)
{
  Source source = { tiles, edge };
  const XimTreeReader reader = { read_node, &source };
  return xim_tree_root (&reader, size, out, error);
}

static GBytes *
read_hashes (XimKsTiles *tiles, const XimKsHead *head, const XimTile *tile,
             GError **error)
{
  gsize len = tile->width * sizeof (XimHash);
  const XimKsNodes *nodes
      = xim_ks_edge_tile (&head->edge, tile->level, tile->n);
  if (nodes != NULL)
    return g_bytes_new (nodes->hashes, len);
  g_autoptr (GBytes) full
      = xim_ks_entries_tile (tiles->store, tile->level, tile->n, error);
  return full != NULL ? g_bytes_new_from_bytes (full, 0, len) : NULL;
}

GBytes *
xim_ks_tiles_bytes (XimKsTiles *tiles, const XimKsHead *head,
                    const XimTile *tile, GError **error)
{
  if (tile->width > xim_tile_width (tile->level, tile->n, head->tree.size))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "the log has no such tile yet");
      return NULL;
    }
  if (tile->level == XIM_TILE_ENTRIES)
    return xim_ks_entries_read (tiles->store, tile->n * XIM_TILE_WIDTH,
                                tile->width, error);
  return read_hashes (tiles, head, tile, error);
}

/* What a path names never changes, so it may be kept for ever. */
static XimKsAnswer *
make_served (const char *path, gconstpointer hint, gpointer user_data,
             gint64 now_s, gint64 *life_s, GError **error)
{
  (void)hint;
  (void)now_s;
  XimKsTiles *tiles = user_data;
  XimTile tile;
  g_autoptr (XimKsHead) head = xim_ks_tiles_head (tiles, error);
  if (head == NULL || !xim_tile_path_decode (path, &tile, error))
    return NULL;
  GBytes *bytes = xim_ks_tiles_bytes (tiles, head, &tile, error);
  if (bytes == NULL)
    return NULL;
  *life_s = CACHED_FOR_S;
  XimKsAnswer *answer
      = xim_ks_answer_new_bytes (200, XIM_KS_TYPE_BYTES, bytes);
  xim_ks_answer_cacheable (answer, XIM_KS_FOREVER_S);
  return answer;
}

XimKsAnswer *
xim_ks_tiles_answer (XimKsTiles *tiles, const char *path, gint64 now_s,
                     GError **error)
{
  gboolean hit = FALSE;
  return xim_ks_cache_get (tiles->served, path, NULL, now_s, &hit, error);
}

XimKsAnswer *
xim_ks_tiles_checkpoint (XimKsTiles *tiles, GError **error)
{
  g_mutex_lock (&tiles->lock);
  XimKsAnswer *answer = tiles->checkpoint != NULL
                            ? xim_ks_answer_ref (tiles->checkpoint)
                            : NULL;
  g_mutex_unlock (&tiles->lock);
  if (answer == NULL)
    nothing_yet (error);
  return answer;
}
