/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A tree of any small size whose leaves are numbers, for tests. */

#pragma once

#include "xim-checkpoint.h"

/* A tree whose leaves from @fork on are other ones. */
typedef struct
{
  guint64 fork;
} TestTree;

static inline void
test_tree_node (const TestTree *tree, guint level, guint64 index, XimHash *out)
{
  if (level == 0)
    {
      const guint8 leaf[] = { (guint8)index, index >= tree->fork };
      xim_tree_leaf (leaf, sizeof leaf, out);
      return;
    }
  XimHash left, right;
  test_tree_node (tree, level - 1, 2 * index, &left);
  test_tree_node (tree, level - 1, 2 * index + 1, &right);
  xim_tree_node (&left, &right, out);
}

static inline gboolean
test_tree_read (gpointer user_data, guint level, guint64 index, XimHash *out,
                GError **error)
{
  (void)error;
  test_tree_node (user_data, level, index, out);
  return TRUE;
}

static inline XimTreeHead
test_tree_head (TestTree tree, guint64 size)
{
  const XimTreeReader reader = { test_tree_read, &tree };
  XimTreeHead head = { .size = size };
  g_assert_true (xim_tree_root (&reader, size, &head.root, NULL));
  return head;
}

static inline XimTreeProof
test_tree_proof (TestTree tree, guint64 size_1, guint64 size_2)
{
  const XimTreeReader reader = { test_tree_read, &tree };
  XimTreeProof proof = { .n = 0 };
  g_assert_true (
      xim_tree_prove_consistency (&reader, size_1, size_2, &proof, NULL));
  return proof;
}

#define TEST_TREE ((TestTree){ .fork = G_MAXUINT64 })
