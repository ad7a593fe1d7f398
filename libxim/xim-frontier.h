/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The right edge of a Merkle tree: all that appending needs of it. */

#pragma once

#include "xim-tree.h"

/**
 * XimFrontier:
 * The roots of the complete subtrees that a tree of @size leaves is made of:
 * nodes[k], of 2^k leaves, counts where bit k of @size is set.  A plain value:
 * copy it to try something out.
 */
typedef struct
{
  guint64 size;
  XimHash nodes[XIM_TREE_LEVELS];
} XimFrontier;

/**
 * XimTreeWriter:
 * Called for each subtree that an appended leaf completes, also for the leaf
 * itself with level 0; levels that are multiples of XIM_TILE_HEIGHT go into
 * tiles.
 */
typedef struct
{
  void (*write) (gpointer user_data, guint level, guint64 index,
                 const XimHash *hash);
  gpointer user_data;
} XimTreeWriter;

/* The frontier of the empty tree is one of zeros. */

/**
 * xim_frontier_load:
 * @out: (out): the frontier of the tree of @size leaves
 * Errors: those of @reader.
 */
gboolean xim_frontier_load (const XimTreeReader *reader, guint64 size,
                            XimFrontier *out, GError **error);

/**
 * xim_frontier_append:
 * @leaf: the hash of the leaf
 * @writer: (nullable)
 */
void xim_frontier_append (XimFrontier *frontier, const XimHash *leaf,
                          const XimTreeWriter *writer);

/**
 * xim_frontier_head:
 * @out: (out): size and root
 */
void xim_frontier_head (const XimFrontier *frontier, XimTreeHead *out);

/**
 * xim_frontier_find:
 * Returns: (transfer none) (nullable): the root of that subtree if the
 * frontier has it; what is on the edge need not be read elsewhere
 */
const XimHash *xim_frontier_find (const XimFrontier *frontier, guint level,
                                  guint64 index);
