/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The published log: its newest checkpoint, proofs, and what is served. */

#pragma once

#include "xim-logged.h"

#include "ks-answer.h"
#include "ks-edge.h"
#include "ks-store.h"

/**
 * XimKsHead:
 * The log as one checkpoint tells it.  Counted and constant.
 */
typedef struct
{
  int refs;
  XimTreeHead tree;
  XimCheckpoint *checkpoint;
  XimKsEdge edge;
} XimKsHead;

XimKsHead *xim_ks_head_ref (XimKsHead *head);
void xim_ks_head_unref (XimKsHead *head);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsHead, xim_ks_head_unref)

/**
 * XimKsTiles:
 * For all threads.
 */
typedef struct _XimKsTiles XimKsTiles;

/**
 * xim_ks_tiles_new:
 * @store: outlives it
 * @cache_bytes: memory for tiles that were read, about
 */
XimKsTiles *xim_ks_tiles_new (XimKsStore *store, gsize cache_bytes);
void xim_ks_tiles_free (XimKsTiles *tiles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsTiles, xim_ks_tiles_free)

/**
 * xim_ks_tiles_publish:
 * @edge: of the tree of that checkpoint, all of which is in the store
 * @note: the checkpoint
 * Errors: MALFORMED, @note.
 */
gboolean xim_ks_tiles_publish (XimKsTiles *tiles, const XimKsEdge *edge,
                               const char *note, GError **error);

/**
 * xim_ks_tiles_load:
 * @tiles: of a store that is only read (xim_ks_store_view())
 * @note: (out) (transfer full) (optional): the checkpoint
 *
 * Publishes what the store has published.
 * Errors: STORE, also when there is no checkpoint or the entries are not its.
 * Returns: (transfer full)
 */
XimKsHead *xim_ks_tiles_load (XimKsTiles *tiles, char **note, GError **error);

/**
 * xim_ks_tiles_head:
 * Errors: UNAVAILABLE, nothing is published yet.
 * Returns: (transfer full): what was published last
 */
XimKsHead *xim_ks_tiles_head (XimKsTiles *tiles, GError **error);

/**
 * xim_ks_tiles_inclusion:
 * @out: (out): the proof that @leaf is in the tree of @head
 * Errors: STORE, also when it is beyond.
 */
gboolean xim_ks_tiles_inclusion (XimKsTiles *tiles, const XimKsHead *head,
                                 guint64 leaf, XimTreeProof *out,
                                 GError **error);

/**
 * xim_ks_tiles_logged:
 * @out: (out): of the newest version, in the tree of @head, which outlives it
 * Errors: STORE, also when it is not logged or beyond.
 */
gboolean xim_ks_tiles_logged (XimKsTiles *tiles, const XimKsHead *head,
                              const XimKsRecord *record, XimLogged *out,
                              GError **error);

/**
 * xim_ks_tiles_consistency:
 * @edge: of a tree that is in the store, published or not
 * @size: of an earlier one
 * @out: (out): the proof that the one is a beginning of the other
 * Errors: STORE.
 */
gboolean xim_ks_tiles_consistency (XimKsTiles *tiles, const XimKsEdge *edge,
                                   guint64 size, XimTreeProof *out,
                                   GError **error);

/**
 * xim_ks_tiles_root:
 * @size: at most that of @edge
 * @out: (out): the root of the first @size leaves of that tree
 * Errors: STORE.
 */
gboolean xim_ks_tiles_root (XimKsTiles *tiles, const XimKsEdge *edge,
                            guint64 size, XimHash *out, GError **error);

/**
 * xim_ks_tiles_bytes:
 * @tile: of hashes or of entries, full or not
 * Errors: NOT_FOUND, @head has no such tile; STORE.
 * Returns: (transfer full): what C2SP tlog-tiles serves under its path
 */
GBytes *xim_ks_tiles_bytes (XimKsTiles *tiles, const XimKsHead *head,
                            const XimTile *tile, GError **error);

/**
 * xim_ks_tiles_answer:
 * @path: as xim_tile_path() makes it
 * Errors: MALFORMED; NOT_FOUND; STORE; UNAVAILABLE.
 */
XimKsAnswer *xim_ks_tiles_answer (XimKsTiles *tiles, const char *path,
                                  gint64 now_s, GError **error);

/**
 * xim_ks_tiles_checkpoint:
 * Errors: UNAVAILABLE.
 */
XimKsAnswer *xim_ks_tiles_checkpoint (XimKsTiles *tiles, GError **error);
