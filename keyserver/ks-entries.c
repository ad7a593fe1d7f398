/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The log in the store: entries, full tiles, the newest checkpoint. */

#include "config.h"

#include "ks-entries.h"

#include <string.h>

#include "xim-error.h"

#include "ks-store-inner.h"

#define LEVEL_SHIFT 48 /* of the ids of tiles: below are their numbers */

static gint64
tile_id (guint level, guint64 n)
{
  return (gint64)((guint64)level << LEVEL_SHIFT | n);
}

/* Entries that follow each other without a gap. */
typedef struct
{
  guint64 next;
  guint64 end;
  gpointer data;
  void (*take) (gpointer data, const guint8 *entry, gsize len);
} Range;

static gboolean
keep_entry (const XimKsSqlRow *row, gpointer data)
{
  Range *range = data;
  XimPiece entry = xim_ks_sql_piece (row, 1);
  if ((guint64)xim_ks_sql_number (row, 0) != range->next || entry.len == 0
      || entry.len > XIM_ENTRY_MAX)
    return FALSE;
  range->take (range->data, entry.data, entry.len);
  range->next++;
  return TRUE;
}

static gboolean
read_range (XimKsSql *sql, Range *range, GError **error)
{
  if (!xim_ks_sql_rows (sql, ENTRIES, (XimKsSqlInto){ keep_entry, range },
                        error, "ii", (gint64)range->next, (gint64)range->end))
    return FALSE;
  if (range->next == range->end)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "the log lacks entry %" G_GUINT64_FORMAT, range->next);
  return FALSE;
}

static gboolean
keep_tile (const XimKsSqlRow *row, gpointer bytes)
{
  XimPiece hashes = xim_ks_sql_piece (row, 0);
  if (hashes.len != XIM_TILE_BYTES_MAX)
    return FALSE;
  g_clear_pointer ((GBytes **)bytes, g_bytes_unref);
  *(GBytes **)bytes = g_bytes_new (hashes.data, hashes.len);
  return TRUE;
}

static GBytes *
read_tile (XimKsSql *sql, guint level, guint64 n, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  if (!xim_ks_sql_rows (sql, TILE, (XimKsSqlInto){ keep_tile, &bytes }, error,
                        "i", tile_id (level, n)))
    return NULL;
  if (bytes == NULL)
    g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                 "the log lacks tile %" G_GUINT64_FORMAT " of level %u", n,
                 level);
  return g_steal_pointer (&bytes);
}

/* A tile that is being read. */
typedef struct
{
  XimKsNodes *nodes;
  guint n;
} Tile;

static void
take_leaf (gpointer data, const guint8 *entry, gsize len)
{
  Tile *tile = data;
  XimHash hash;
  xim_tree_leaf (entry, len, &hash);
  xim_ks_nodes_add (tile->nodes, tile->n++, &hash);
}

static gboolean
load_leaves (XimKsSql *sql, XimKsEdge *edge, GError **error)
{
  Tile tile = { &edge->tiles[0], 0 };
  Range range = {
    .next = edge->size - xim_ks_edge_width (edge, 0),
    .end = edge->size,
    .data = &tile,
    .take = take_leaf,
  };
  return read_range (sql, &range, error);
}

static void
fill_nodes (XimKsNodes *nodes, GBytes *tile)
{
  const XimHash *hashes = g_bytes_get_data (tile, NULL);
  for (guint i = 0; i < XIM_TILE_WIDTH; i++)
    xim_ks_nodes_add (nodes, i, &hashes[i]);
}

/* Each hash stands for a full tile of the level below. */
static gboolean
load_level (XimKsSql *sql, XimKsEdge *edge, guint level, GError **error)
{
  guint64 count = edge->size >> (XIM_TILE_HEIGHT * level);
  guint64 first = count - count % XIM_TILE_WIDTH;
  for (guint64 i = first; i < count; i++)
    {
      XimKsNodes below;
      g_autoptr (GBytes) tile = read_tile (sql, level - 1, i, error);
      if (tile == NULL)
        return FALSE;
      fill_nodes (&below, tile);
      xim_ks_nodes_add (&edge->tiles[level], (guint)(i - first),
                        xim_ks_nodes_root (&below));
    }
  return TRUE;
}

gboolean
xim_ks_entries_size (XimKsStore *store, guint64 *size, GError **error)
{
  gint64 number = 0;
  if (!xim_ks_sql_rows (store->writer, LOG_SIZE,
                        (XimKsSqlInto){ xim_ks_sql_keep_number, &number },
                        error, ""))
    return FALSE;
  *size = (guint64)number;
  return TRUE;
}

gboolean
xim_ks_entries_load (XimKsStore *store, guint64 size, XimKsEdge *edge,
                     GError **error)
{
  memset (edge, 0, sizeof *edge);
  edge->size = size;
  if (!load_leaves (store->writer, edge, error))
    return FALSE;
  for (guint level = 1; level < XIM_TILE_LEVELS; level++)
    if (!load_level (store->writer, edge, level, error))
      return FALSE;
  return TRUE;
}

static gboolean
put_tile (gpointer store, guint level, guint64 n, const XimKsNodes *nodes,
          GError **error)
{
  XimPiece bytes = { nodes->hashes, XIM_TILE_BYTES_MAX };
  return xim_ks_sql_run (((XimKsStore *)store)->writer, PUT_TILE, error, "ib",
                         tile_id (level, n), &bytes);
}

typedef struct
{
  gint64 seq;
  guint8 entry[XIM_ENTRY_MAX];
  gsize len;
} Unplaced;

static gboolean
keep_unplaced (const XimKsSqlRow *row, gpointer rows)
{
  Unplaced kept = { .seq = xim_ks_sql_number (row, 0) };
  XimPiece entry = xim_ks_sql_piece (row, 1);
  if (entry.len == 0 || entry.len > sizeof kept.entry)
    return FALSE;
  memcpy (kept.entry, entry.data, entry.len);
  kept.len = entry.len;
  g_array_append_val ((GArray *)rows, kept);
  return TRUE;
}

static gboolean
place (XimKsStore *store, XimKsEdge *edge, const Unplaced *row, GError **error)
{
  const XimKsEdgeSink sink = { put_tile, store };
  XimPiece entry = { row->entry, row->len };
  gint64 leaf = (gint64)edge->size;
  XimHash hash;
  xim_tree_leaf (row->entry, row->len, &hash);
  return xim_ks_sql_run (store->writer, PUT_ENTRY, error, "ib", leaf, &entry)
         && xim_ks_sql_run (store->writer, PLACE, error, "ii", row->seq, leaf)
         && xim_ks_edge_append (edge, &hash, &sink, error);
}

gboolean
xim_ks_entries_place (XimKsStore *store, XimKsEdge *edge, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (Unplaced));
  if (!xim_ks_sql_rows (store->writer, UNPLACED,
                        (XimKsSqlInto){ keep_unplaced, rows }, error, ""))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    if (!place (store, edge, &g_array_index (rows, Unplaced, i), error))
      return FALSE;
  return TRUE;
}

gboolean
xim_ks_entries_cut (XimKsStore *store, guint64 size, GError **error)
{
  XimKsSql *sql = store->writer;
  for (guint level = 0; level < XIM_TILE_LEVELS; level++)
    {
      guint64 full = size >> (XIM_TILE_HEIGHT * (level + 1));
      if (!xim_ks_sql_run (sql, DROP_TILES, error, "ii", tile_id (level, full),
                           tile_id (level + 1, 0)))
        return FALSE;
    }
  return xim_ks_sql_run (sql, DROP_ENTRIES, error, "i", (gint64)size)
         && xim_ks_sql_run (sql, UNPLACE, error, "");
}

GBytes *
xim_ks_entries_tile (XimKsStore *store, guint level, guint64 n, GError **error)
{
  XimKsSql *sql = xim_ks_store_take (store, error);
  GBytes *bytes = sql != NULL ? read_tile (sql, level, n, error) : NULL;
  xim_ks_store_give (store, sql);
  return bytes;
}

gboolean
xim_ks_entries_nodes (XimKsStore *store, guint level, guint64 n,
                      XimKsNodes *nodes, GError **error)
{
  g_autoptr (GBytes) tile = xim_ks_entries_tile (store, level, n, error);
  if (tile != NULL)
    fill_nodes (nodes, tile);
  return tile != NULL;
}

static void
take_entry (gpointer data, const guint8 *entry, gsize len)
{
  xim_entries_append (data, entry, len);
}

GBytes *
xim_ks_entries_read (XimKsStore *store, guint64 first, guint n, GError **error)
{
  GByteArray *bytes = g_byte_array_sized_new (n * (2 + XIM_ENTRY_MAX));
  Range range = {
    .next = first,
    .end = first + n,
    .data = bytes,
    .take = take_entry,
  };
  XimKsSql *sql = xim_ks_store_take (store, error);
  gboolean ok = sql != NULL && read_range (sql, &range, error);
  xim_ks_store_give (store, sql);
  g_autoptr (GBytes) read = g_byte_array_free_to_bytes (bytes);
  return ok ? g_steal_pointer (&read) : NULL;
}

gboolean
xim_ks_entries_checkpoint (XimKsStore *store, char **note, GError **error)
{
  XimKsSql *sql = xim_ks_store_take (store, error);
  *note = NULL;
  gboolean ok = sql != NULL
                && xim_ks_sql_rows (
                    sql, ABOUT, (XimKsSqlInto){ xim_ks_sql_keep_text, note },
                    error, "t", "checkpoint");
  xim_ks_store_give (store, sql);
  return ok;
}

gboolean
xim_ks_entries_put_checkpoint (XimKsStore *store, const char *note,
                               GError **error)
{
  return xim_ks_sql_run (store->writer, PUT_ABOUT, error, "tt", "checkpoint",
                         note);
}
