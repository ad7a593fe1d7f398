/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The indices of all entries of a log, each once. */

#pragma once

#include "xim-entry.h"

#define XIM_LC_NO_LEAF G_MAXUINT64
#define XIM_LC_LEAVES_MAX (1u << 26) /* that are kept: 2 GiB of indices */

/**
 * XimLcIndices:
 * Needs 32 bytes for each leaf and at most 16 for the table.
 */
typedef struct _XimLcIndices XimLcIndices;

XimLcIndices *xim_lc_indices_new (void);
void xim_lc_indices_free (XimLcIndices *indices);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimLcIndices, xim_lc_indices_free)

/**
 * xim_lc_indices_add:
 * @index: (nullable): of the next leaf; NULL if that has none.  There are at
 * most XIM_LC_LEAVES_MAX.
 *
 * Returns: an earlier leaf with this index, or XIM_LC_NO_LEAF
 */
guint64 xim_lc_indices_add (XimLcIndices *indices, const XimIndex *index);

/* How many leaves were added. */
guint64 xim_lc_indices_size (const XimLcIndices *indices);

/**
 * xim_lc_indices_peek:
 * Returns: (transfer none): the indices of all leaves in their order; zeros
 * stand for none
 */
const XimIndex *xim_lc_indices_peek (const XimLcIndices *indices);
