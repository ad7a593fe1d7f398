/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The store: server notes, every account version, newest device notes. */

#pragma once

#include "ks-database.h"
#include "ks-rows.h"

/**
 * XimKsStore:
 * An SQLite database with a write-ahead log and synchronous=FULL: what was
 * committed survives a loss of power.  Any thread may read at any time and
 * never waits for a writer; only one thread writes (ks-writer.h).
 */
typedef struct _XimKsStore XimKsStore;

/**
 * xim_ks_store_open:
 * @path: made by xim_ks_database_create(), by this or an earlier version, and
 * locked by the caller (xim_ks_database_lock())
 * @owner: its secret outlives the store
 * Errors: as xim_ks_database_check().
 */
XimKsStore *xim_ks_store_open (const char *path,
                               const XimKsDatabaseOwner *owner,
                               GError **error);

/**
 * xim_ks_store_view:
 * @path: of a store of this version, which a keyserver may be running on
 * @domain: whose it must be
 * Errors: STORE; WRONG_NAME.
 * Returns: (transfer full): a store that can only be read, by one thread at a
 * time; xim_ks_store_erased() cannot be asked
 */
XimKsStore *xim_ks_store_view (const char *path, const char *domain,
                               GError **error);
void xim_ks_store_free (XimKsStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsStore, xim_ks_store_free)

/**
 * xim_ks_store_record:
 * @record: (out): the newest state, or NULL when the address has none
 * Errors: STORE.
 */
gboolean xim_ks_store_record (XimKsStore *store, const char *jid,
                              XimKsRecord **record, GError **error);

/**
 * xim_ks_store_version:
 * Errors: NOT_FOUND; STORE.
 * Returns: (transfer full): the account note of that version
 */
char *xim_ks_store_version (XimKsStore *store, const char *jid,
                            guint32 version, GError **error);

/**
 * xim_ks_store_server_note:
 * @serial: which one, 0: the newest
 * Errors: NOT_FOUND; STORE.
 */
char *xim_ks_store_server_note (XimKsStore *store, guint32 serial,
                                GError **error);

/**
 * xim_ks_store_listed:
 * Returns: (transfer full): of XimAccountDevice: every device that any version
 * of the address ever listed; NULL with STORE
 */
GArray *xim_ks_store_listed (XimKsStore *store, const char *jid,
                             GError **error);

/**
 * xim_ks_store_erased:
 * @erased: (out): what is left of an address without account notes
 * Errors: STORE.
 */
gboolean xim_ks_store_erased (XimKsStore *store, const char *jid,
                              XimKsErased *erased, GError **error);

/* The rest is for the one thread that writes, in this order: begin, then for
 * each job savepoint, put, and release or rollback; then commit.  Errors:
 * STORE; after a failed commit nothing of the group is stored. */
gboolean xim_ks_store_begin (XimKsStore *store, GError **error);
gboolean xim_ks_store_commit (XimKsStore *store, GError **error);
void xim_ks_store_abandon (XimKsStore *store);
gboolean xim_ks_store_savepoint (XimKsStore *store, GError **error);
gboolean xim_ks_store_release (XimKsStore *store, GError **error);
gboolean xim_ks_store_rollback (XimKsStore *store, GError **error);

/**
 * xim_ks_store_must_sweep:
 * @must: (out): whether pages may hold what was erased since the last
 * xim_ks_store_sweep(), also one of another process
 */
gboolean xim_ks_store_must_sweep (XimKsStore *store, gboolean *must,
                                  GError **error);

/**
 * xim_ks_store_checkpoint:
 * Empties the write-ahead log, outside of a transaction.
 */
gboolean xim_ks_store_checkpoint (XimKsStore *store, GError **error);

/**
 * xim_ks_store_sweep:
 * Writes the whole file anew, so that nothing erased is left between the rows,
 * outside of a transaction.  Takes about a second for each 40 MB; reading goes
 * on meanwhile.
 */
gboolean xim_ks_store_sweep (XimKsStore *store, GError **error);
