/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tiles of the log, C2SP tlog-tiles v0.1: paths, hashes, entries. */

#pragma once

#include "xim-tree.h"

#define XIM_TILE_ENTRIES G_MAXUINT /* a level: the tile holds entries */

/* Names a tile: @n of @level, of which the first @width hashes or entries. */
typedef struct
{
  guint level; /* below XIM_TILE_LEVELS, or XIM_TILE_ENTRIES */
  guint64 n;
  guint width; /* 1 to 255, or XIM_TILE_WIDTH: a full tile */
} XimTile;

/**
 * xim_tile_width:
 * @level: or XIM_TILE_ENTRIES
 * Returns: how wide tile @n is in a tree of @size leaves; 0: there is none
 */
guint xim_tile_width (guint level, guint64 n, guint64 size);

/**
 * xim_tile_path:
 * @out: (out): for example "tile/0/x001/x234/067.p/8", with a NUL
 */
void xim_tile_path (const XimTile *tile, char out[XIM_TILE_PATH_MAX]);

/**
 * xim_tile_path_decode:
 * @path: as xim_tile_path() makes it; any other form is refused
 * Errors: MALFORMED.
 */
gboolean xim_tile_path_decode (const char *path, XimTile *out, GError **error);

/**
 * xim_tile_of:
 * @level, @index: a subtree as a #XimTreeReader names it
 * @size: of the tree
 * @out: (out): the tile that its hash is made of
 * @first: (out): the first of the hashes in it that are below the subtree
 * Returns: how many of them, a power of 2
 */
guint xim_tile_of (guint level, guint64 index, guint64 size, XimTile *out,
                   guint *first);

/**
 * XimTiles:
 * A tree of @size leaves in tiles.  @load gives the tile->width hashes of the
 * tile that @tile names, (transfer none), good until it is called again.  A
 * loader that has wider tiles gives those.
 */
typedef struct
{
  guint64 size;
  const XimHash *(*load) (gpointer user_data, const XimTile *tile,
                          GError **error);
  gpointer user_data;
} XimTiles;

/**
 * xim_tiles_read:
 * @tiles: a #XimTiles
 *
 * The read function of a #XimTreeReader that reads from tiles.
 * Errors: those of the loader.
 */
gboolean xim_tiles_read (gpointer tiles, guint level, guint64 index,
                         XimHash *out, GError **error);

/**
 * xim_tiles_reader:
 * Returns: a reader of @tiles, which must outlive it
 */
XimTreeReader xim_tiles_reader (XimTiles *tiles);

/**
 * xim_entries_append:
 * @len: of the entry, at most 65,535
 * Adds an entry to the bytes of a tile of entries.
 */
void xim_entries_append (GByteArray *entries, const guint8 *entry, gsize len);

/**
 * XimEntries:
 * Takes the entries out of the bytes of a tile of entries, one by one.
 */
typedef struct
{
  const guint8 *data;
  gsize len; /* bytes not yet read */
} XimEntries;

/**
 * xim_entries_next:
 * @entry: (out) (transfer none); @entry_len: (out)
 * Errors: MALFORMED, the bytes end within an entry or there is none left.
 */
gboolean xim_entries_next (XimEntries *entries, const guint8 **entry,
                           gsize *entry_len, GError **error);
