/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own decryption keys of one device, and contexts made with them. */

#pragma once

#include "xim-hpke.h"
#include "xim-key.h"

/**
 * XimKeyring:
 * The decryption keys that are still kept, tried newest first, and the
 * contexts of senders whose signature was good, for at most one hour.
 */
typedef struct _XimKeyring XimKeyring;

/* One own key. */
typedef struct
{
  guint32 serial;
  gint64 created_s;
  gint64 expires_s;
  XimX25519Public key;
} XimKeyringEntry;

/**
 * xim_keyring_new:
 * @jid: our own prepared bare address; @device: the id of this device
 */
XimKeyring *xim_keyring_new (const char *jid, const XimDeviceId *device);
const char *xim_keyring_jid (const XimKeyring *ring);
const XimDeviceId *xim_keyring_device (const XimKeyring *ring);

/**
 * xim_keyring_add:
 * @private_key: (transfer full): 32 bytes
 * @serial: not yet in the ring
 */
void xim_keyring_add (XimKeyring *ring, XimSecret *private_key, guint32 serial,
                      gint64 created_s, gint64 expires_s);

/**
 * xim_keyring_remove:
 * Wipes the key and every context made with it; without such a key it does
 * nothing.
 */
void xim_keyring_remove (XimKeyring *ring, guint32 serial);
guint xim_keyring_n (const XimKeyring *ring);

/**
 * xim_keyring_entry:
 * @i: 0 is the newest, the one with the highest serial
 */
const XimKeyringEntry *xim_keyring_entry (const XimKeyring *ring, guint i);

/**
 * xim_keyring_find:
 * @i: which key, 0 is the newest
 * Returns: (transfer none) (nullable): the context for @enc that was kept
 * within the last hour, valid until the ring is changed
 */
const XimHpke *xim_keyring_find (XimKeyring *ring, guint i,
                                 const XimX25519Public *enc, gint64 now_s);

/**
 * xim_keyring_derive:
 * Errors: MALFORMED, @enc is of low order.
 * Returns: (transfer full): a new context for @enc; costs one X25519
 */
XimHpke *xim_keyring_derive (const XimKeyring *ring, guint i,
                             const XimX25519Public *enc, GError **error);

/**
 * xim_keyring_keep:
 * @serial: of the key that made @context; nothing is kept when it is gone
 * @context: (transfer full): call it only after a good signature
 *
 * Keeps @context for an hour; past XIM_CONTEXTS_MAX the oldest one goes.
 */
void xim_keyring_keep (XimKeyring *ring, guint32 serial,
                       const XimX25519Public *enc, XimHpke *context,
                       gint64 now_s);

/**
 * xim_keyring_expire:
 * Wipes the contexts that were kept over an hour ago (or in what is now the
 * future).  Finding and keeping do it too; call it from a timer, so that it
 * happens when nobody writes.
 */
void xim_keyring_expire (XimKeyring *ring, gint64 now_s);
void xim_keyring_free (XimKeyring *ring);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKeyring, xim_keyring_free)
