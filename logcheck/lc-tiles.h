/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The tiles of a log, fetched. */

#pragma once

#include "lc-fetch.h"
#include "xim-tile.h"

/**
 * xim_lc_tiles_hashes:
 * @tile: of hashes
 *
 * A partial tile that is gone is taken from the full one.
 * Errors: those of xim_lc_fetch_get(); NOT_LOGGED, not tile->width hashes.
 * Returns: (transfer full): the bytes of tile->width hashes
 */
GByteArray *xim_lc_tiles_hashes (XimLcFetch *fetch, const XimTile *tile,
                                 GError **error);

/**
 * xim_lc_tiles_entries:
 * @n, @width: which entries
 *
 * Errors: as above; the entries are not looked at.
 * Returns: (transfer full): the bytes of at least @width entries
 */
GByteArray *xim_lc_tiles_entries (XimLcFetch *fetch, guint64 n, guint width,
                                  GError **error);

/**
 * XimLcTree:
 * The tree of a log as its tiles show it; the last tile is kept.
 */
typedef struct
{
  XimLcFetch *fetch;
  XimTiles tiles;
  XimTile last;
  GByteArray *bytes; /* (nullable) */
} XimLcTree;

/**
 * xim_lc_tree_init:
 * @size: of the tree; @tree must stay where it is
 */
void xim_lc_tree_init (XimLcTree *tree, XimLcFetch *fetch, guint64 size);
void xim_lc_tree_clear (XimLcTree *tree);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (XimLcTree, xim_lc_tree_clear)
