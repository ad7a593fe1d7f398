/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The tiles of a log, fetched. */

#include "config.h"

#include "lc-tiles.h"

#include "xim-error.h"

/* "MAY delete any partial tile once the full tile is available". */
static GByteArray *
get (XimLcFetch *fetch, const XimTile *tile, gsize max_len, GError **error)
{
  g_autoptr (GError) failure = NULL;
  char path[XIM_TILE_PATH_MAX];
  xim_tile_path (tile, path);
  GByteArray *bytes = xim_lc_fetch_get (fetch, path, max_len, &failure);
  if (bytes != NULL)
    return bytes;
  if (tile->width == XIM_TILE_WIDTH
      || !g_error_matches (failure, XIM_ERROR, XIM_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  const XimTile full = { tile->level, tile->n, XIM_TILE_WIDTH };
  xim_tile_path (&full, path);
  return xim_lc_fetch_get (fetch, path, max_len, error);
}

GByteArray *
xim_lc_tiles_hashes (XimLcFetch *fetch, const XimTile *tile, GError **error)
{
  gsize len = tile->width * sizeof (XimHash);
  g_autoptr (GByteArray) bytes = get (fetch, tile, XIM_TILE_BYTES_MAX, error);
  if (bytes == NULL)
    return NULL;
  if (bytes->len == len || bytes->len == XIM_TILE_BYTES_MAX)
    {
      g_byte_array_set_size (bytes, (guint)len);
      return g_steal_pointer (&bytes);
    }
  char path[XIM_TILE_PATH_MAX];
  xim_tile_path (tile, path);
  g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
               "expected %u hashes in %s, got %u bytes", tile->width, path,
               bytes->len);
  return NULL;
}

GByteArray *
xim_lc_tiles_entries (XimLcFetch *fetch, guint64 n, guint width,
                      GError **error)
{
  const XimTile tile = { XIM_TILE_ENTRIES, n, width };
  /* Entries of other lengths than the known are for others to judge. */
  return get (fetch, &tile, XIM_TILE_WIDTH * (2 + (gsize)G_MAXUINT16), error);
}

static gboolean
same_tile (const XimTile *a, const XimTile *b)
{
  return a->level == b->level && a->n == b->n && a->width == b->width;
}

static const XimHash *
load_tile (gpointer user_data, const XimTile *tile, GError **error)
{
  XimLcTree *tree = user_data;
  if (tree->bytes == NULL || !same_tile (tile, &tree->last))
    {
      g_clear_pointer (&tree->bytes, g_byte_array_unref);
      tree->bytes = xim_lc_tiles_hashes (tree->fetch, tile, error);
      tree->last = *tile;
    }
  return tree->bytes != NULL
             ? (const XimHash *)(gconstpointer)tree->bytes->data
             : NULL;
}

void
xim_lc_tree_init (XimLcTree *tree, XimLcFetch *fetch, guint64 size)
{
  *tree = (XimLcTree){ .fetch = fetch, .tiles = { size, load_tile, tree } };
}

void
xim_lc_tree_clear (XimLcTree *tree)
{
  g_clear_pointer (&tree->bytes, g_byte_array_unref);
}
