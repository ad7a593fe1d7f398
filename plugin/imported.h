/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Decryption keys of devices that were exported, for reading only. */

#pragma once

#include "export.h"
#include "keystore.h"
#include "tally.h"

/**
 * XimImported:
 * Each key is kept until what was sealed to it can be no more than an hour too
 * late: until an hour after its note has expired.
 * Source: PROTOCOL.md, section 7.1.
 */
typedef struct _XimImported XimImported;

/**
 * xim_imported_new:
 * @jid, @store, @keystore, @tally: outlive it
 * Errors: STORE.
 */
XimImported *xim_imported_new (const char *jid, XimStore *store,
                               XimKeystore *keystore, const XimTally *tally,
                               GError **error);
void xim_imported_free (XimImported *imported);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimImported, xim_imported_free)

/**
 * xim_imported_unlock:
 * Errors: STORE; UNAVAILABLE, the keystore is locked.
 */
gboolean xim_imported_unlock (XimImported *imported, GError **error);
void xim_imported_lock (XimImported *imported);

/* One for each device; none while locked, or when @imported is NULL.  The
 * serial of a key in a ring is its XIM_STORE_IMPORTED_ID_MIN or above. */
guint xim_imported_n_rings (const XimImported *imported);
XimKeyring *xim_imported_ring (XimImported *imported, guint i);

/**
 * xim_imported_add:
 * Keeps the decryption keys of @exported, on the disk; those that are there
 * stay as they are.  It must be unlocked.
 * Errors: STORE; UNAVAILABLE.
 */
gboolean xim_imported_add (XimImported *imported, const XimExport *exported,
                           gint64 now_s, GError **error);

/**
 * xim_imported_erase:
 * Erases those whose time is over by the wall clock and by @tally.
 * @n: (out): how many
 * Errors: STORE.
 */
gboolean xim_imported_erase (XimImported *imported, gint64 now_s, guint *n,
                             GError **error);
