/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Locked bytes with one owner, wiped when freed. */

#pragma once

#include <glib.h>

/**
 * XimSecret:
 * Bytes in one locked, guarded, undumpable arena, made once.  When the arena
 * is full it grows, and says once (xim_secret_all_locked()) that the rest is
 * not locked.  There is no copy function: a secret has one owner.  Threads may
 * make and free secrets at the same time; one secret belongs to one thread.
 */
typedef struct _XimSecret XimSecret;

/**
 * xim_secret_init:
 *
 * Prepares libsodium and the arena.  Call once before anything else of libxim;
 * calling it again does nothing.
 * Errors: STORE, no memory or no random bytes.
 */
gboolean xim_secret_init (GError **error);

/**
 * xim_secret_renew:
 *
 * For a process that was just forked, where the parent's arena is a copy that
 * is not locked: secrets from now on go into a new one.
 * Errors: STORE, no memory.
 */
gboolean xim_secret_renew (GError **error);

/**
 * xim_secret_new:
 * @len: bytes, may be 0
 *
 * Returns: (transfer full): @len zero bytes
 */
XimSecret *xim_secret_new (gsize len);

/**
 * xim_secret_new_take:
 * @data: (inout): @len bytes, wiped by this call
 *
 * Moves bytes that arrived in ordinary memory into a secret.
 */
XimSecret *xim_secret_new_take (guint8 *data, gsize len);

guint8 *xim_secret_data (XimSecret *secret);
const guint8 *xim_secret_peek (const XimSecret *secret);
gsize xim_secret_len (const XimSecret *secret);

/**
 * xim_secret_truncate:
 * @len: at most the present length; what is cut off is wiped
 */
void xim_secret_truncate (XimSecret *secret, gsize len);

void xim_secret_free (XimSecret *secret);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimSecret, xim_secret_free)

/**
 * xim_secret_wipe:
 * Overwrites @len bytes at @data with zeros, in a way the compiler keeps.
 */
void xim_secret_wipe (gpointer data, gsize len);

/**
 * xim_secret_all_locked:
 * Returns: FALSE once the arena has grown past what could be locked
 */
gboolean xim_secret_all_locked (void);
