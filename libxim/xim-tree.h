/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Merkle trees of RFC 6962: hashes, and proofs made and verified. */

#pragma once

#include "xim-crypto.h"

/* A tree by its size and its root. */
typedef struct
{
  guint64 size;
  XimHash root;
} XimTreeHead;

/* Whether size and root are the same. */
gboolean xim_tree_head_equal (const XimTreeHead *a, const XimTreeHead *b);

/* A proof that was made; XIM_TREE_PROOF_MAX is more than any needs. */
typedef struct
{
  guint n;
  XimHash hashes[XIM_TREE_PROOF_MAX];
} XimTreeProof;

/**
 * XimTreeReader:
 * Where the hashes of a tree come from.  @read gives the root of the complete
 * subtree of 2^@level leaves that begins at leaf @index * 2^@level; it is
 * asked for nothing beyond the size that the proof is about.  Level 0 are the
 * leaf hashes.  xim_tiles_read() reads from tiles.
 *
 * Which hashes are asked for depends on the sizes alone: a reader that notes
 * what it is asked for and gives zeros finds out what to fetch first.
 */
typedef struct
{
  gboolean (*read) (gpointer user_data, guint level, guint64 index,
                    XimHash *out, GError **error);
  gpointer user_data;
} XimTreeReader;

/* SHA-256 of 0x00 and the entry, and of 0x01 and two hashes. */
void xim_tree_leaf (const guint8 *entry, gsize len, XimHash *out);
void xim_tree_node (const XimHash *left, const XimHash *right, XimHash *out);

/**
 * xim_tree_empty:
 * @out: (out): the root of the tree without leaves
 */
void xim_tree_empty (XimHash *out);

/**
 * xim_tree_root:
 * Errors: those of @reader.
 */
gboolean xim_tree_root (const XimTreeReader *reader, guint64 size,
                        XimHash *out, GError **error);

/**
 * xim_tree_prove_inclusion:
 * @leaf: below @size
 * @out: (out): from the leaf's sibling upwards
 * Errors: those of @reader.
 */
gboolean xim_tree_prove_inclusion (const XimTreeReader *reader, guint64 leaf,
                                   guint64 size, XimTreeProof *out,
                                   GError **error);

/**
 * xim_tree_prove_consistency:
 * @size_1: at most @size_2
 * @out: (out): empty when @size_1 is 0 or @size_2
 * Errors: those of @reader.
 */
gboolean xim_tree_prove_consistency (const XimTreeReader *reader,
                                     guint64 size_1, guint64 size_2,
                                     XimTreeProof *out, GError **error);

/**
 * xim_tree_verify_inclusion:
 * @hash: of the leaf
 * @proof: @n_proof hashes, from the leaf upwards
 * Errors: NOT_LOGGED.
 * Source: RFC 6962, section 2.1.1; PROTOCOL.md, section 8.
 */
gboolean xim_tree_verify_inclusion (const XimHash *hash, guint64 leaf,
                                    const XimTreeHead *head,
                                    const XimHash *proof, guint n_proof,
                                    GError **error);

/**
 * xim_tree_verify_consistency:
 * @proof: @n_proof hashes that show that @older is a beginning of @newer;
 * none when the older size is 0 or both are of one size
 * Errors: NOT_LOGGED, also when @newer is smaller.
 * Source: RFC 6962, section 2.1.2; PROTOCOL.md, section 8.
 */
gboolean xim_tree_verify_consistency (const XimTreeHead *older,
                                      const XimTreeHead *newer,
                                      const XimHash *proof, guint n_proof,
                                      GError **error);
