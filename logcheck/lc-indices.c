/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The indices of all entries of a log, each once. */

#include "config.h"

#include "lc-indices.h"

#include <string.h>

#include "xim-crypto.h"

#define SLOTS_MIN 1024

/* Numbers of leaves, plus one, in a table with open addresses. */
struct _XimLcIndices
{
  GArray *leaves; /* of XimIndex */
  guint32 *slots;
  guint64 n_slots; /* a power of 2, over twice the leaves */
  guint64 seed[4]; /* so that nobody can choose indices that collide */
};

static const XimIndex none;

XimLcIndices *
xim_lc_indices_new (void)
{
  XimLcIndices *indices = g_new0 (XimLcIndices, 1);
  indices->leaves = g_array_new (FALSE, FALSE, sizeof (XimIndex));
  indices->n_slots = SLOTS_MIN;
  indices->slots = g_new0 (guint32, indices->n_slots);
  xim_crypto_random ((guint8 *)indices->seed, sizeof indices->seed);
  return indices;
}

void
xim_lc_indices_free (XimLcIndices *indices)
{
  if (indices == NULL)
    return;
  g_array_unref (indices->leaves);
  g_free (indices->slots);
  g_free (indices);
}

static const XimIndex *
leaf_index (const XimLcIndices *indices, guint64 leaf)
{
  return &g_array_index (indices->leaves, XimIndex, leaf);
}

/* The slot that holds @index, or the empty one where it belongs. */
static guint32 *
find_slot (const XimLcIndices *indices, const XimIndex *index)
{
  guint64 words[4], hash = 0;
  memcpy (words, index->bytes, sizeof words);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    hash += words[i] * (indices->seed[i] | 1);
  guint64 at = hash >> 20;
  for (;; at++)
    {
      guint32 *slot = &indices->slots[at & (indices->n_slots - 1)];
      if (*slot == 0
          || memcmp (leaf_index (indices, *slot - 1), index, sizeof *index)
                 == 0)
        return slot;
    }
}

static void
grow (XimLcIndices *indices)
{
  g_free (indices->slots);
  indices->n_slots *= 2;
  indices->slots = g_new0 (guint32, indices->n_slots);
  for (guint32 leaf = 0; leaf < indices->leaves->len; leaf++)
    {
      const XimIndex *index = leaf_index (indices, leaf);
      guint32 *slot = find_slot (indices, index);
      if (*slot == 0 && memcmp (index, &none, sizeof none) != 0)
        *slot = leaf + 1;
    }
}

guint64
xim_lc_indices_add (XimLcIndices *indices, const XimIndex *index)
{
  g_array_append_vals (indices->leaves, index != NULL ? index : &none, 1);
  if (index == NULL || memcmp (index, &none, sizeof none) == 0)
    return XIM_LC_NO_LEAF;
  if (indices->n_slots < 2 * (guint64)indices->leaves->len)
    grow (indices);
  guint32 *slot = find_slot (indices, index);
  guint32 leaf = indices->leaves->len - 1;
  if (*slot != 0 && *slot != leaf + 1)
    return *slot - 1;
  *slot = leaf + 1;
  return XIM_LC_NO_LEAF;
}

guint64
xim_lc_indices_size (const XimLcIndices *indices)
{
  return indices->leaves->len;
}

const XimIndex *
xim_lc_indices_peek (const XimLcIndices *indices)
{
  return (const XimIndex *)(gconstpointer)indices->leaves->data;
}
