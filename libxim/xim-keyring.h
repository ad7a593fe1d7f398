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

XimKeyring *xim_keyring_new (const char *jid, const XimDeviceId *device);
const char *xim_keyring_jid (const XimKeyring *ring);
const XimDeviceId *xim_keyring_device (const XimKeyring *ring);

/**
 * xim_keyring_add:
 * @private_key: (transfer full): 32 bytes
 */
void xim_keyring_add (XimKeyring *ring, XimSecret *private_key, guint32 serial,
                      gint64 created_s, gint64 expires_s);

/**
 * xim_keyring_remove:
 * Wipes the key and every context made with it.
 */
void xim_keyring_remove (XimKeyring *ring, guint32 serial);
guint xim_keyring_n (const XimKeyring *ring);
const XimKeyringEntry *xim_keyring_entry (const XimKeyring *ring, guint i);

/**
 * xim_keyring_context:
 * @i: which key, 0 is the newest
 * Returns: (transfer full): the context for @enc, cached or new
 * Errors: MALFORMED, @enc is of low order.
 */
XimHpke *xim_keyring_context (XimKeyring *ring, guint i,
                              const XimX25519Public *enc, gint64 now_s,
                              GError **error);

/**
 * xim_keyring_keep:
 * @context: (transfer full): cached for an hour; call it only after a good
 * signature
 */
void xim_keyring_keep (XimKeyring *ring, guint i, const XimX25519Public *enc,
                       XimHpke *context, gint64 now_s);
void xim_keyring_free (XimKeyring *ring);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKeyring, xim_keyring_free)
