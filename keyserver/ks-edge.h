/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The nodes of the log's tree, tile by tile, and its right edge. */

#pragma once

#include "xim-tile.h"

#define XIM_KS_TILE_NODES (2 * XIM_TILE_WIDTH - 1)

/* All nodes of one tile: its hashes, then those that are made of two of them,
 * and so on; the last one is made of all when the tile is full. */
typedef struct
{
  XimHash hashes[XIM_KS_TILE_NODES];
} XimKsNodes;

/**
 * xim_ks_nodes_add:
 * @at: how many hashes the tile has
 * Adds one more hash with the nodes that it completes.
 */
void xim_ks_nodes_add (XimKsNodes *nodes, guint at, const XimHash *hash);

/**
 * xim_ks_nodes_find:
 * @height: 0 for the hashes of the tile, up to XIM_TILE_HEIGHT
 */
const XimHash *xim_ks_nodes_find (const XimKsNodes *nodes, guint height,
                                  guint index);

/**
 * xim_ks_nodes_root:
 * Returns: of a full tile: a hash of the level above
 */
const XimHash *xim_ks_nodes_root (const XimKsNodes *nodes);

/**
 * XimKsEdge:
 * The tiles of a tree of @size leaves that are not full: that of level L has
 * the first (@size >> 8 L) mod 256 hashes.  A plain value of some 114 KB: copy
 * it to try something out.
 */
typedef struct
{
  guint64 size;
  XimKsNodes tiles[XIM_TILE_LEVELS];
} XimKsEdge;

/* Takes a tile that an append filled: @nodes of tile @n of @level. */
typedef struct
{
  gboolean (*full) (gpointer user_data, guint level, guint64 n,
                    const XimKsNodes *nodes, GError **error);
  gpointer user_data;
} XimKsEdgeSink;

/**
 * xim_ks_edge_append:
 * @leaf: the hash of the leaf
 * Errors: those of @sink, after which @edge is of no use.
 */
gboolean xim_ks_edge_append (XimKsEdge *edge, const XimHash *leaf,
                             const XimKsEdgeSink *sink, GError **error);

/**
 * xim_ks_edge_width:
 * Returns: how many hashes the tile of @level on the edge has, 0 to 255
 */
guint xim_ks_edge_width (const XimKsEdge *edge, guint level);

/**
 * xim_ks_edge_tile:
 * Returns: (transfer none) (nullable): tile @n of @level when it is on the
 * edge, NULL when it is full or beyond
 */
const XimKsNodes *xim_ks_edge_tile (const XimKsEdge *edge, guint level,
                                    guint64 n);

/**
 * xim_ks_edge_head:
 * @out: (out): size and root
 */
void xim_ks_edge_head (const XimKsEdge *edge, XimTreeHead *out);
