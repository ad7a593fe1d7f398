/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The log in the store: entries, full tiles, the newest checkpoint. */

#pragma once

#include "ks-edge.h"
#include "ks-store.h"

/* Entries and tiles are rows of the database that holds the accounts, so that
 * an entry and the version that it stands for are durable together or not at
 * all.  All errors are STORE. */

/**
 * xim_ks_entries_size:
 * @size: (out): how many there are, also of those that are not signed yet
 */
gboolean xim_ks_entries_size (XimKsStore *store, guint64 *size,
                              GError **error);

/**
 * xim_ks_entries_load:
 * @size: at most all
 * @edge: (out): of the first @size entries
 * By the writer.
 */
gboolean xim_ks_entries_load (XimKsStore *store, guint64 size, XimKsEdge *edge,
                              GError **error);

/**
 * xim_ks_entries_place:
 * @edge: as loaded; moved on, and of no use after an error or a rollback
 *
 * Appends the entry of everything that waits and has no leaf yet.  By the
 * writer, inside a transaction.
 */
gboolean xim_ks_entries_place (XimKsStore *store, XimKsEdge *edge,
                               GError **error);

/**
 * xim_ks_entries_cut:
 * @size: what is signed
 *
 * Takes away all entries from @size on; what waits has no leaf again.  By the
 * writer, inside a transaction.
 */
gboolean xim_ks_entries_cut (XimKsStore *store, guint64 size, GError **error);

/**
 * xim_ks_entries_tile:
 * Returns: (transfer full): the bytes of full tile @n of @level
 */
GBytes *xim_ks_entries_tile (XimKsStore *store, guint level, guint64 n,
                             GError **error);

/**
 * xim_ks_entries_nodes:
 * @nodes: (out): all nodes of that tile
 */
gboolean xim_ks_entries_nodes (XimKsStore *store, guint level, guint64 n,
                               XimKsNodes *nodes, GError **error);

/**
 * xim_ks_entries_read:
 * Returns: (transfer full): the @n entries from @first on, as a tile of
 * entries has them
 */
GBytes *xim_ks_entries_read (XimKsStore *store, guint64 first, guint n,
                             GError **error);

/**
 * xim_ks_entries_checkpoint:
 * @note: (out) (transfer full): the newest checkpoint, or NULL when there is
 * none
 */
gboolean xim_ks_entries_checkpoint (XimKsStore *store, char **note,
                                    GError **error);

/**
 * xim_ks_entries_put_checkpoint:
 * By the writer, inside a transaction.
 */
gboolean xim_ks_entries_put_checkpoint (XimKsStore *store, const char *note,
                                        GError **error);
