/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The right edge of a Merkle tree: all that appending needs of it. */

#include "config.h"

#include "xim-frontier.h"

static gboolean
has_level (guint64 size, guint level)
{
  return (size >> level & 1) != 0;
}

/* The complete subtree of @level in a tree of @size leaves that has one:
 * what is left of it is made of larger ones. */
static guint64
edge_index (guint64 size, guint level)
{
  return (size >> level) - 1;
}

gboolean
xim_frontier_load (const XimTreeReader *reader, guint64 size, XimFrontier *out,
                   GError **error)
{
  g_return_val_if_fail (size < XIM_TREE_SIZE_MAX, FALSE);
  XimFrontier frontier = { .size = size };
  for (guint level = 0; level < XIM_TREE_LEVELS; level++)
    if (has_level (size, level)
        && !reader->read (reader->user_data, level, edge_index (size, level),
                          &frontier.nodes[level], error))
      return FALSE;
  *out = frontier;
  return TRUE;
}

void
xim_frontier_append (XimFrontier *frontier, const XimHash *leaf,
                     const XimTreeWriter *writer)
{
  g_return_if_fail (frontier->size < XIM_TREE_SIZE_MAX - 1);
  XimHash node = *leaf;
  guint64 index = frontier->size;
  guint level = 0;
  for (;; level++, index >>= 1)
    {
      if (writer != NULL)
        writer->write (writer->user_data, level, index, &node);
      if (!has_level (frontier->size, level))
        break;
      xim_tree_node (&frontier->nodes[level], &node, &node);
    }
  frontier->nodes[level] = node;
  frontier->size++;
}

void
xim_frontier_head (const XimFrontier *frontier, XimTreeHead *out)
{
  gboolean is_first = TRUE;
  out->size = frontier->size;
  xim_tree_empty (&out->root);
  for (guint level = 0; level < XIM_TREE_LEVELS; level++)
    {
      if (!has_level (frontier->size, level))
        continue;
      if (is_first)
        out->root = frontier->nodes[level];
      else
        xim_tree_node (&frontier->nodes[level], &out->root, &out->root);
      is_first = FALSE;
    }
}

const XimHash *
xim_frontier_find (const XimFrontier *frontier, guint level, guint64 index)
{
  if (level < XIM_TREE_LEVELS && has_level (frontier->size, level)
      && index == edge_index (frontier->size, level))
    return &frontier->nodes[level];
  return NULL;
}
