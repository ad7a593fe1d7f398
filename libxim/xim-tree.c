/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Merkle trees of RFC 6962: hashes, and proofs made and verified. */

#include "config.h"

#include "xim-tree.h"

#include <string.h>

#include "xim-error.h"

#define HASH_LEN sizeof (XimHash)

/* Leaves from start to before end: a subtree that a proof speaks of. */
typedef struct
{
  guint64 start;
  guint64 end;
} Range;

gboolean
xim_tree_head_equal (const XimTreeHead *a, const XimTreeHead *b)
{
  return a->size == b->size
         && memcmp (&a->root, &b->root, sizeof a->root) == 0;
}

void
xim_tree_leaf (const guint8 *entry, gsize len, XimHash *out)
{
  guint8 bytes[1 + XIM_ENTRY_MAX] = { 0x00 };
  if (len > XIM_ENTRY_MAX)
    {
      const XimPiece pieces[] = { { bytes, 1 }, { entry, len } };
      xim_crypto_sha256 (pieces, G_N_ELEMENTS (pieces), out);
      return;
    }
  if (len > 0)
    memcpy (bytes + 1, entry, len);
  const XimPiece piece = { bytes, 1 + len };
  xim_crypto_sha256 (&piece, 1, out);
}

void
xim_tree_node (const XimHash *left, const XimHash *right, XimHash *out)
{
  guint8 bytes[1 + 2 * HASH_LEN] = { 0x01 };
  memcpy (bytes + 1, left, HASH_LEN);
  memcpy (bytes + 1 + HASH_LEN, right, HASH_LEN);
  const XimPiece piece = { bytes, sizeof bytes };
  xim_crypto_sha256 (&piece, 1, out);
}

void
xim_tree_empty (XimHash *out)
{
  const XimPiece nothing = { "", 0 };
  xim_crypto_sha256 (&nothing, 1, out);
}

/* The largest k with 2^k <= @n, which is not 0. */
static guint
log2_floor (guint64 n)
{
  guint k = 0;
  while (n >>= 1)
    k++;
  return k;
}

/* Where the tree over @range, of two leaves or more, is split. */
static guint64
split (const Range *range)
{
  guint64 n = range->end - range->start;
  return range->start + (G_GUINT64_CONSTANT (1) << log2_floor (n - 1));
}

/* The root over @range, which begins where a subtree of its size may: the
 * complete subtrees in it, the largest first, joined from the right. */
static gboolean
range_root (const XimTreeReader *reader, const Range *range, XimHash *out,
            GError **error)
{
  XimHash parts[XIM_TREE_LEVELS];
  guint n = 0;
  for (guint64 at = range->start; at < range->end; n++)
    {
      guint level = log2_floor (range->end - at);
      if (!reader->read (reader->user_data, level, at >> level, &parts[n],
                         error))
        return FALSE;
      at += G_GUINT64_CONSTANT (1) << level;
    }
  *out = parts[--n];
  while (n > 0)
    xim_tree_node (&parts[--n], out, out);
  return TRUE;
}

gboolean
xim_tree_root (const XimTreeReader *reader, guint64 size, XimHash *out,
               GError **error)
{
  g_return_val_if_fail (size < XIM_TREE_SIZE_MAX, FALSE);
  const Range all = { 0, size };
  if (size > 0)
    return range_root (reader, &all, out, error);
  xim_tree_empty (out);
  return TRUE;
}

/* Proofs are found from the root down and told from the leaf up. */
static gboolean
read_ranges (const XimTreeReader *reader, const Range *ranges, guint n,
             XimTreeProof *out, GError **error)
{
  XimTreeProof proof = { 0 };
  while (n > 0)
    if (!range_root (reader, &ranges[--n], &proof.hashes[proof.n++], error))
      return FALSE;
  *out = proof;
  return TRUE;
}

gboolean
xim_tree_prove_inclusion (const XimTreeReader *reader, guint64 leaf,
                          guint64 size, XimTreeProof *out, GError **error)
{
  g_return_val_if_fail (leaf < size && size < XIM_TREE_SIZE_MAX, FALSE);
  Range ranges[XIM_TREE_PROOF_MAX];
  Range at = { 0, size };
  guint n = 0;
  while (at.end - at.start > 1)
    {
      guint64 middle = split (&at);
      gboolean is_left = leaf < middle;
      Range sibling
          = { is_left ? middle : at.start, is_left ? at.end : middle };
      ranges[n++] = sibling;
      at.start = is_left ? at.start : middle;
      at.end = is_left ? middle : at.end;
    }
  return read_ranges (reader, ranges, n, out, error);
}

gboolean
xim_tree_prove_consistency (const XimTreeReader *reader, guint64 size_1,
                            guint64 size_2, XimTreeProof *out, GError **error)
{
  g_return_val_if_fail (size_1 <= size_2 && size_2 < XIM_TREE_SIZE_MAX, FALSE);
  Range ranges[XIM_TREE_PROOF_MAX];
  Range at = { 0, size_1 > 0 ? size_2 : size_1 };
  guint n = 0;
  while (at.end != size_1)
    {
      guint64 middle = split (&at);
      gboolean is_left = size_1 <= middle;
      Range sibling
          = { is_left ? middle : at.start, is_left ? at.end : middle };
      ranges[n++] = sibling;
      at.start = is_left ? at.start : middle;
      at.end = is_left ? middle : at.end;
    }
  /* The older tree itself, if it is a subtree of the newer, is known. */
  if (at.start > 0)
    ranges[n++] = at;
  return read_ranges (reader, ranges, n, out, error);
}

static gboolean
refuse (const char *what, GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED, "expected %s", what);
  return FALSE;
}

static gboolean
hash_equal (const XimHash *a, const XimHash *b)
{
  return memcmp (a, b, HASH_LEN) == 0;
}

/* The place on the way up: the node and the last node of its level. */
typedef struct
{
  guint64 node;
  guint64 last;
} Place;

static void
place_up (Place *place)
{
  place->node >>= 1;
  place->last >>= 1;
}

/* Whether the next hash of a proof is of the left sibling.  A last node
 * without a sibling rises until it is a right one. */
static gboolean
place_is_right (Place *place)
{
  if ((place->node & 1) == 0 && place->node != place->last)
    return FALSE;
  while ((place->node & 1) == 0 && place->node != 0)
    place_up (place);
  return TRUE;
}

gboolean
xim_tree_verify_inclusion (const XimHash *hash, guint64 leaf,
                           const XimTreeHead *head, const XimHash *proof,
                           guint n_proof, GError **error)
{
  if (leaf >= head->size)
    return refuse ("a leaf of the tree, got a number beyond its size", error);
  Place place = { leaf, head->size - 1 };
  XimHash root = *hash;
  for (guint i = 0; i < n_proof; i++)
    {
      if (place.last == 0)
        return refuse ("an inclusion proof with fewer hashes", error);
      if (place_is_right (&place))
        xim_tree_node (&proof[i], &root, &root);
      else
        xim_tree_node (&root, &proof[i], &root);
      place_up (&place);
    }
  if (place.last != 0)
    return refuse ("an inclusion proof with more hashes", error);
  return hash_equal (&root, &head->root)
         || refuse ("an inclusion proof that leads to the root, it does not",
                    error);
}

/* Both roots from a proof between two sizes of which neither is 0. */
static gboolean
walk_consistency (const XimTreeHead *older, const XimTreeHead *newer,
                  const XimHash *proof, guint n_proof, GError **error)
{
  Place place = { older->size - 1, newer->size - 1 };
  while (place.node & 1)
    place_up (&place);
  /* A complete older tree stands for itself at the start. */
  gboolean is_complete = (older->size & (older->size - 1)) == 0;
  guint i = is_complete ? 0 : 1;
  if (n_proof < i)
    return refuse ("a consistency proof with a first hash", error);
  XimHash root_1 = is_complete ? older->root : proof[0];
  XimHash root_2 = root_1;
  for (; i < n_proof; i++)
    {
      if (place.last == 0)
        return refuse ("a consistency proof with fewer hashes", error);
      if (place_is_right (&place))
        {
          xim_tree_node (&proof[i], &root_1, &root_1);
          xim_tree_node (&proof[i], &root_2, &root_2);
        }
      else
        xim_tree_node (&root_2, &proof[i], &root_2);
      place_up (&place);
    }
  if (place.last != 0)
    return refuse ("a consistency proof with more hashes", error);
  return (hash_equal (&root_1, &older->root)
          && hash_equal (&root_2, &newer->root))
         || refuse ("a consistency proof that leads to both roots, it does "
                    "not",
                    error);
}

gboolean
xim_tree_verify_consistency (const XimTreeHead *older,
                             const XimTreeHead *newer, const XimHash *proof,
                             guint n_proof, GError **error)
{
  if (newer->size < older->size)
    return refuse ("a newer tree that is no smaller", error);
  if (older->size > 0 && older->size < newer->size)
    return walk_consistency (older, newer, proof, n_proof, error);
  if (n_proof > 0)
    return refuse ("an empty consistency proof where none is needed", error);
  XimHash empty;
  xim_tree_empty (&empty);
  if (older->size == 0 && !hash_equal (&older->root, &empty))
    return refuse ("the root of the empty tree with size 0", error);
  return older->size < newer->size || hash_equal (&older->root, &newer->root)
         || refuse ("one root of one size, got two", error);
}
