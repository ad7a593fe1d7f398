/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The nodes of the log's tree, tile by tile, and its right edge. */

#include "config.h"

#include "ks-edge.h"

#include <string.h>

/* The nodes of one height stand together, behind those of the height below. */
static guint
place_of (guint height, guint index)
{
  return 2u * XIM_TILE_WIDTH - (2u * XIM_TILE_WIDTH >> height) + index;
}

void
xim_ks_nodes_add (XimKsNodes *nodes, guint at, const XimHash *hash)
{
  nodes->hashes[at] = *hash;
  for (guint height = 0; at % 2 == 1; height++, at /= 2)
    xim_tree_node (&nodes->hashes[place_of (height, at - 1)],
                   &nodes->hashes[place_of (height, at)],
                   &nodes->hashes[place_of (height + 1, at / 2)]);
}

const XimHash *
xim_ks_nodes_find (const XimKsNodes *nodes, guint height, guint index)
{
  return &nodes->hashes[place_of (height, index)];
}

const XimHash *
xim_ks_nodes_root (const XimKsNodes *nodes)
{
  return &nodes->hashes[XIM_KS_TILE_NODES - 1];
}

static guint64
count_at (const XimKsEdge *edge, guint level)
{
  return edge->size >> (XIM_TILE_HEIGHT * level);
}

guint
xim_ks_edge_width (const XimKsEdge *edge, guint level)
{
  return (guint)(count_at (edge, level) % XIM_TILE_WIDTH);
}

gboolean
xim_ks_edge_append (XimKsEdge *edge, const XimHash *leaf,
                    const XimKsEdgeSink *sink, GError **error)
{
  XimHash hash = *leaf;
  for (guint level = 0; level < XIM_TILE_LEVELS; level++)
    {
      XimKsNodes *nodes = &edge->tiles[level];
      guint at = xim_ks_edge_width (edge, level);
      xim_ks_nodes_add (nodes, at, &hash);
      if (at != XIM_TILE_WIDTH - 1)
        break;
      if (!sink->full (sink->user_data, level,
                       count_at (edge, level) / XIM_TILE_WIDTH, nodes, error))
        return FALSE;
      hash = *xim_ks_nodes_root (nodes);
    }
  edge->size++;
  return TRUE;
}

const XimKsNodes *
xim_ks_edge_tile (const XimKsEdge *edge, guint level, guint64 n)
{
  return level < XIM_TILE_LEVELS && xim_ks_edge_width (edge, level) != 0
                 && n == count_at (edge, level) / XIM_TILE_WIDTH
             ? &edge->tiles[level]
             : NULL;
}

static gboolean
read_node (gpointer edge, guint level, guint64 index, XimHash *out,
           GError **error)
{
  (void)error;
  guint height = level % XIM_TILE_HEIGHT;
  guint in_tile = XIM_TILE_WIDTH >> height;
  const XimKsNodes *nodes
      = xim_ks_edge_tile (edge, level / XIM_TILE_HEIGHT, index / in_tile);
  g_return_val_if_fail (nodes != NULL, FALSE); /* no root needs a full tile */
  *out = *xim_ks_nodes_find (nodes, height, (guint)(index % in_tile));
  return TRUE;
}

void
xim_ks_edge_head (const XimKsEdge *edge, XimTreeHead *out)
{
  XimTreeReader reader = { read_node, (XimKsEdge *)edge };
  out->size = edge->size;
  if (!xim_tree_root (&reader, edge->size, &out->root, NULL))
    g_assert_not_reached ();
}
