/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The master key: made, locked, unlocked; seals what lies on disk. */

#pragma once

#include "store.h"

typedef struct _XimKeystore XimKeystore;

typedef enum
{
  XIM_KEYSTORE_EMPTY, /* no passphrase was ever set */
  XIM_KEYSTORE_LOCKED,
  XIM_KEYSTORE_WORKING, /* Argon2id runs in a worker thread */
  XIM_KEYSTORE_UNLOCKED,
} XimKeystoreState;

/**
 * XimKeystoreCallback:
 * @error: (nullable): SIGNATURE, a wrong passphrase; CONFLICT, an unlock is
 * under way already; UNAVAILABLE, it was locked meanwhile; STORE
 */
typedef void (*XimKeystoreCallback) (const GError *error, gpointer user_data);

/**
 * xim_keystore_new:
 * @store: outlives the keystore
 * Errors: STORE.
 */
XimKeystore *xim_keystore_new (XimStore *store, GError **error);
XimKeystoreState xim_keystore_state (const XimKeystore *keystore);

/**
 * xim_keystore_unlock:
 * @passphrase: (transfer full): makes a new master key when EMPTY; that is
 * durable before @callback comes
 * @callback: called once from the main loop, never before this returns; not
 * after xim_keystore_free()
 * Argon2id runs in a worker thread; parameters read back are checked against
 * XIM_ARGON2_* before they are used.
 */
void xim_keystore_unlock (XimKeystore *keystore, XimSecret *passphrase,
                          XimKeystoreCallback callback, gpointer user_data);

/**
 * xim_keystore_lock:
 * Wipes the master key; an unlock under way ends with UNAVAILABLE.
 */
void xim_keystore_lock (XimKeystore *keystore);

/**
 * xim_keystore_seal:
 * @table, @id: where the bytes are stored; @kind: what they are.  They are
 * the additional data, so that a row put elsewhere does not open.
 * Errors: UNAVAILABLE, locked.
 * Returns: (transfer full): nonce 12 and the sealed bytes
 */
GBytes *xim_keystore_seal (XimKeystore *keystore, const char *table,
                           const char *id, const char *kind,
                           const guint8 *data, gsize len, GError **error);

/**
 * xim_keystore_open:
 * Errors: UNAVAILABLE, locked; STORE, too short, or sealed with another key or
 * for another place.
 * Returns: (transfer full): the bytes
 */
XimSecret *xim_keystore_open (XimKeystore *keystore, const char *table,
                              const char *id, const char *kind, GBytes *sealed,
                              GError **error);
void xim_keystore_free (XimKeystore *keystore);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKeystore, xim_keystore_free)
