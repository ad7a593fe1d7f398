/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-tree.c and xim-frontier.c. */

#include "config.h"

#include "xim-frontier.h"

#include "test-vector.h"

#define SIZES 70 /* trees of 0 to so many leaves are tried */

static XimHash leaves[SIZES];

/* RFC 6962, section 2.1, word for word. */
static void
merkle (guint start, guint n, XimHash *out)
{
  if (n == 0)
    {
      xim_tree_empty (out);
      return;
    }
  if (n == 1)
    {
      *out = leaves[start];
      return;
    }
  guint k = 1;
  XimHash left, right;
  while (2 * k < n)
    k *= 2;
  merkle (start, k, &left);
  merkle (start + k, n - k, &right);
  xim_tree_node (&left, &right, out);
}

static gboolean
read_node (gpointer user_data, guint level, guint64 index, XimHash *out,
           GError **error G_GNUC_UNUSED)
{
  const guint *size = user_data;
  guint64 n = G_GUINT64_CONSTANT (1) << level;
  g_assert_cmpuint ((index + 1) * n, <=, *size);
  merkle ((guint)(index * n), (guint)n, out);
  return TRUE;
}

static void
make_leaves (void)
{
  for (guint i = 0; i < SIZES; i++)
    xim_tree_leaf ((const guint8 *)&i, sizeof i, &leaves[i]);
}

static void
make_head (guint size, XimTreeHead *out)
{
  out->size = size;
  merkle (0, size, &out->root);
}

/* The customary eight leaves: every root, by reading and by appending. */
static void
test_rfc6962 (void)
{
  g_auto (GStrv) lines = test_vector_load ("rfc6962-tree.txt");
  XimFrontier frontier = { 0 };
  for (guint size = 0; size <= 8; size++)
    {
      g_autofree char *root_name = g_strdup_printf ("root %u", size);
      const char *root = test_vector_value (lines, root_name, 0);
      XimTreeReader reader = { read_node, &size };
      XimTreeHead head;
      XimHash read;
      xim_frontier_head (&frontier, &head);
      g_assert_cmpuint (head.size, ==, size);
      test_assert_hex (&head.root, sizeof head.root, root);
      g_assert_true (xim_tree_root (&reader, size, &read, NULL));
      test_assert_hex (&read, sizeof read, root);
      if (size == 8)
        break;
      g_autofree char *leaf_name = g_strdup_printf ("leaf %u", size);
      g_autoptr (GByteArray) leaf = test_vector_bytes (lines, leaf_name, 0);
      xim_tree_leaf (leaf->data, leaf->len, &leaves[size]);
      xim_frontier_append (&frontier, &leaves[size], NULL);
    }
}

static void
test_long_leaf (void)
{
  guint8 bytes[1000] = { 0 };
  XimHash got, expected;
  xim_tree_leaf (bytes + 1, sizeof bytes - 1, &got);
  const XimPiece piece = { bytes, sizeof bytes };
  xim_crypto_sha256 (&piece, 1, &expected);
  g_assert_cmpmem (&got, sizeof got, &expected, sizeof expected);
}

/* The proof is taken for this leaf and for no other, and not when a hash of it
 * is left out, added or changed. */
static void
check_inclusion (const XimTreeHead *head, guint leaf,
                 const XimTreeProof *proof)
{
  XimTreeProof wrong = *proof;
  g_assert_true (xim_tree_verify_inclusion (&leaves[leaf], leaf, head,
                                            proof->hashes, proof->n, NULL));
  for (guint other = 0; other <= head->size; other++)
    g_assert_true ((other == leaf)
                   == xim_tree_verify_inclusion (&leaves[leaf], other, head,
                                                 proof->hashes, proof->n,
                                                 NULL));
  for (guint i = 0; i < proof->n; i++)
    {
      wrong.hashes[i].bytes[i % 32] ^= 1;
      g_assert_false (xim_tree_verify_inclusion (&leaves[leaf], leaf, head,
                                                 wrong.hashes, wrong.n, NULL));
      wrong.hashes[i].bytes[i % 32] ^= 1;
      g_assert_false (xim_tree_verify_inclusion (&leaves[leaf], leaf, head,
                                                 proof->hashes, i, NULL));
    }
  g_autoptr (GError) error = NULL;
  g_assert_false (xim_tree_verify_inclusion (
      &leaves[leaf], leaf, head, wrong.hashes, wrong.n + 1, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
}

static void
test_inclusion (void)
{
  make_leaves ();
  for (guint size = 1; size <= SIZES; size++)
    for (guint leaf = 0; leaf < size; leaf++)
      {
        XimTreeReader reader = { read_node, &size };
        XimTreeHead head;
        XimTreeProof proof;
        make_head (size, &head);
        g_assert_true (
            xim_tree_prove_inclusion (&reader, leaf, size, &proof, NULL));
        check_inclusion (&head, leaf, &proof);
      }
}

static gboolean
is_consistent (const XimTreeHead *older, const XimTreeHead *newer,
               const XimTreeProof *proof, guint n)
{
  g_autoptr (GError) error = NULL;
  if (xim_tree_verify_consistency (older, newer, proof->hashes, n, &error))
    return TRUE;
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
  return FALSE;
}

static void
check_consistency (guint size_1, guint size_2, const XimTreeProof *proof)
{
  XimTreeHead older, newer;
  XimTreeProof wrong = *proof;
  make_head (size_1, &older);
  make_head (size_2, &newer);
  g_assert_true (is_consistent (&older, &newer, proof, proof->n));
  g_assert_true ((size_1 == size_2)
                 == is_consistent (&newer, &older, proof, proof->n));
  g_assert_false (is_consistent (&older, &newer, proof, proof->n + 1));
  for (guint i = 0; i < proof->n; i++)
    {
      wrong.hashes[i].bytes[i % 32] ^= 1;
      g_assert_false (is_consistent (&older, &newer, &wrong, wrong.n));
      wrong.hashes[i].bytes[i % 32] ^= 1;
      g_assert_false (is_consistent (&older, &newer, proof, i));
    }
  older.root.bytes[0] ^= 1;
  g_assert_false (is_consistent (&older, &newer, proof, proof->n));
  older.root.bytes[0] ^= 1;
  newer.root.bytes[0] ^= 1;
  g_assert_true ((size_1 == 0 && size_2 > 0)
                 == is_consistent (&older, &newer, proof, proof->n));
}

static void
test_consistency (void)
{
  make_leaves ();
  for (guint size_2 = 0; size_2 <= SIZES; size_2++)
    for (guint size_1 = 0; size_1 <= size_2; size_1++)
      {
        XimTreeReader reader = { read_node, &size_2 };
        XimTreeProof proof;
        g_assert_true (xim_tree_prove_consistency (&reader, size_1, size_2,
                                                   &proof, NULL));
        check_consistency (size_1, size_2, &proof);
      }
}

/* A disk that fails at the @left-th read. */
static gboolean
read_failing (gpointer user_data, guint level G_GNUC_UNUSED,
              guint64 index G_GNUC_UNUSED, XimHash *out, GError **error)
{
  guint *left = user_data;
  if (*left == 0)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE, "no disk");
      return FALSE;
    }
  (*left)--;
  *out = leaves[0];
  return TRUE;
}

static void
test_reader_fails (void)
{
  for (guint reads = 0; reads < 3; reads++)
    {
      guint left = reads;
      const XimTreeReader reader = { read_failing, &left };
      g_autoptr (GError) error = NULL;
      XimTreeProof proof = { 0 };
      XimFrontier frontier = { 0 };
      XimHash root;
      g_assert_false (xim_tree_root (&reader, 7, &root, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
      left = reads;
      g_assert_false (xim_frontier_load (&reader, 7, &frontier, NULL));
      left = reads;
      g_assert_false (xim_tree_prove_inclusion (&reader, 6, 15, &proof, NULL));
      left = reads;
      g_assert_false (
          xim_tree_prove_consistency (&reader, 6, 15, &proof, NULL));
      g_assert_cmpuint (proof.n, ==, 0);
      g_assert_cmpuint (frontier.size, ==, 0);
    }
}

/* Where in the tree a subtree was said to be complete, and how often. */
typedef struct
{
  guint size;
  guint n;
} Written;

static void
write_node (gpointer user_data, guint level, guint64 index,
            const XimHash *hash)
{
  Written *written = user_data;
  XimHash expected;
  g_assert_true (read_node (&written->size, level, index, &expected, NULL));
  g_assert_cmpmem (hash, sizeof *hash, &expected, sizeof expected);
  g_assert_cmpuint ((index + 1) << level, ==, written->size);
  written->n++;
}

static void
check_edge (const XimFrontier *frontier, guint size)
{
  XimTreeReader reader = { read_node, &size };
  XimFrontier loaded;
  XimHash expected;
  g_assert_true (xim_frontier_load (&reader, size, &loaded, NULL));
  g_assert_cmpuint (loaded.size, ==, size);
  guint n = 0;
  for (guint level = 0; level < XIM_TREE_LEVELS; level++)
    for (guint64 index = 0; index <= (guint64)size >> level; index++)
      {
        const XimHash *hash = xim_frontier_find (frontier, level, index);
        if (hash == NULL)
          continue;
        g_assert_true (read_node (&size, level, index, &expected, NULL));
        g_assert_cmpmem (hash, sizeof *hash, &expected, sizeof expected);
        hash = xim_frontier_find (&loaded, level, index);
        g_assert_cmpmem (hash, sizeof *hash, &expected, sizeof expected);
        n++;
      }
  for (guint level = 0; level < XIM_TREE_LEVELS; level++)
    n -= (guint)((guint64)size >> level & 1);
  g_assert_cmpuint (n, ==, 0);
}

static void
test_frontier (void)
{
  make_leaves ();
  XimFrontier frontier = { 0 };
  Written written = { 0 };
  const XimTreeWriter writer = { write_node, &written };
  for (guint size = 1; size <= SIZES; size++)
    {
      XimTreeHead head, expected;
      written.size = size;
      xim_frontier_append (&frontier, &leaves[size - 1], &writer);
      xim_frontier_head (&frontier, &head);
      make_head (size, &expected);
      g_assert_cmpmem (&head.root, sizeof head.root, &expected.root,
                       sizeof expected.root);
      check_edge (&frontier, size);
    }
  guint nodes = 0;
  for (guint level = 0; SIZES >> level > 0; level++)
    nodes += SIZES >> level;
  g_assert_cmpuint (written.n, ==, nodes);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/tree/rfc6962", test_rfc6962);
  g_test_add_func ("/tree/leaf/long", test_long_leaf);
  g_test_add_func ("/tree/inclusion", test_inclusion);
  g_test_add_func ("/tree/consistency", test_consistency);
  g_test_add_func ("/tree/reader-fails", test_reader_fails);
  g_test_add_func ("/frontier/append", test_frontier);
  return g_test_run ();
}
