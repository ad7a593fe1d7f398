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
 * xim_keystore_unlock_with:
 * @master: (transfer full): what the desktop's keyring kept; only when
 * xim_keystore_keyring() and while locked
 * Errors: SIGNATURE, another key; STORE, not the length of one.
 */
gboolean xim_keystore_unlock_with (XimKeystore *keystore, XimSecret *master,
                                   GError **error);

/**
 * xim_keystore_lock:
 * Wipes the master key; what is under way ends at once, with UNAVAILABLE.
 */
void xim_keystore_lock (XimKeystore *keystore);

/**
 * xim_keystore_change:
 * @old: (transfer full) (nullable): the passphrase till now; NULL when the
 * desktop's keyring has the master key
 * @fresh: (transfer full): the passphrase from now on
 * @callback: as in xim_keystore_unlock(); CONFLICT too when it is locked
 * The same master key is sealed again, with a new salt.  On the disk there is
 * the old sealing or the new one, whenever the computer stops; afterwards
 * nothing of the old one.
 */
void xim_keystore_change (XimKeystore *keystore, XimSecret *old,
                          XimSecret *fresh, XimKeystoreCallback callback,
                          gpointer user_data);

/**
 * xim_keystore_keyring:
 * Returns: (transfer none) (nullable): the id under which the desktop's
 * keyring has the master key; NULL when a passphrase seals it
 */
const char *xim_keystore_keyring (const XimKeystore *keystore);

/**
 * xim_keystore_master:
 * Returns: (transfer none) (nullable): the master key, for the desktop's
 * keyring only; NULL while locked
 */
const XimSecret *xim_keystore_master (const XimKeystore *keystore);

/**
 * xim_keystore_use_keyring:
 * @id: under which the desktop's keyring has the master key already
 * No passphrase opens it from now on.
 * Errors: UNAVAILABLE, locked; STORE.
 */
gboolean xim_keystore_use_keyring (XimKeystore *keystore, const char *id,
                                   GError **error);

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

/**
 * xim_keystore_open_key:
 * Errors: those of xim_keystore_open(); STORE, not XIM_KEY_LEN bytes.
 */
XimSecret *xim_keystore_open_key (XimKeystore *keystore, const char *table,
                                  const char *id, const char *kind,
                                  GBytes *sealed, GError **error);
void xim_keystore_free (XimKeystore *keystore);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKeystore, xim_keystore_free)
