/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own decryption keys: on disk, unlocked, replaced, erased. */

#pragma once

#include "export.h"
#include "keystore.h"
#include "tally.h"

/* A note younger than this is offered again as it is. */
#define XIM_OWN_OFFER_S (XIM_CLOCK_SKEW_S / 2)

/**
 * XimOwnKeys:
 * The decryption keys of one device, ascending by serial.
 * Source: PROTOCOL.md, section 4.2.
 */
typedef struct _XimOwnKeys XimOwnKeys;

/**
 * xim_own_keys_new:
 * @store, @keystore, @tally: outlive it
 * Reads what is on disk; nothing is unlocked.
 * Errors: STORE.
 */
XimOwnKeys *xim_own_keys_new (XimStore *store, XimKeystore *keystore,
                              XimTally *tally, GError **error);
void xim_own_keys_free (XimOwnKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimOwnKeys, xim_own_keys_free)
guint xim_own_keys_n (const XimOwnKeys *keys);

/**
 * xim_own_keys_newest:
 * Returns: (transfer none): there must be one; valid until the next change
 */
const XimStoreKey *xim_own_keys_newest (const XimOwnKeys *keys);

/**
 * xim_own_keys_unlock:
 * Opens the keys of @device with the unlocked keystore.
 * Errors: STORE; UNAVAILABLE, the keystore is locked.
 */
gboolean xim_own_keys_unlock (XimOwnKeys *keys, const char *jid,
                              const XimDeviceId *device, GError **error);
void xim_own_keys_lock (XimOwnKeys *keys);        /* wipes what was opened */
XimKeyring *xim_own_keys_ring (XimOwnKeys *keys); /* NULL while locked */

/**
 * xim_own_keys_make:
 * Makes the key after the newest, or the first, and its note; it is in the
 * ring and not on the disk yet.
 * Errors: STORE; UNAVAILABLE, the keystore is locked.
 */
gboolean xim_own_keys_make (XimOwnKeys *keys, const XimSender *sender,
                            gint64 now_s, GError **error);

/**
 * xim_own_keys_wipe:
 * Erases all of them from the disk, best within a transaction of
 * XIM_STORE_KEYS; xim_own_keys_forget() follows.
 * Errors: STORE.
 */
gboolean xim_own_keys_wipe (XimOwnKeys *keys, GError **error);

/**
 * xim_own_keys_forget:
 * All of them, from the memory: those that were made and could not be saved,
 * or were wiped.
 */
void xim_own_keys_forget (XimOwnKeys *keys);

/**
 * xim_own_keys_refresh:
 * Puts the newest key under a note with a new time unless the note is young;
 * nothing is saved.
 * Errors: STORE.
 */
gboolean xim_own_keys_refresh (XimOwnKeys *keys, const XimSender *sender,
                               gint64 now_s, GError **error);

/**
 * xim_own_keys_sign:
 * Returns: (transfer full): the note of @text with the line of @sender
 */
char *xim_own_keys_sign (const XimSender *sender, const char *text,
                         GError **error);

/**
 * xim_own_keys_find:
 * Returns: (transfer none) (nullable): the key of @serial, if @key is its
 * public half; the ring must be unlocked
 */
const XimStoreKey *xim_own_keys_find (const XimOwnKeys *keys, guint32 serial,
                                      const XimX25519Public *key);

/**
 * xim_own_keys_accept:
 * @note: (transfer full): of @serial, as the keyserver countersigned it
 * The keys before @serial are replaced from now on; nothing is saved.
 */
void xim_own_keys_accept (XimOwnKeys *keys, guint32 serial, char *note,
                          gint64 now_s);

/**
 * xim_own_keys_save:
 * Writes all of them, best within a transaction of XIM_STORE_KEYS.
 * Errors: STORE.
 */
gboolean xim_own_keys_save (XimOwnKeys *keys, GError **error);

/**
 * xim_own_keys_renewal_due:
 * Whether the newest key is a day old by either clock, or not accepted.
 */
gboolean xim_own_keys_renewal_due (const XimOwnKeys *keys, gint64 now_s);

/**
 * xim_own_keys_erase:
 * Erases, for good, the keys that were replaced @age_s ago by the wall clock
 * and by the one that does not jump: from the ring, from the disk, and with
 * them what is remembered of the messages that they opened.
 * @n: (out): how many
 * Errors: STORE.
 */
gboolean xim_own_keys_erase (XimOwnKeys *keys, gint64 now_s, gint64 age_s,
                             guint *n, GError **error);

/**
 * xim_own_keys_export:
 * Adds all keys to @exported; the ring must be unlocked.
 * Errors: STORE.
 */
gboolean xim_own_keys_export (XimOwnKeys *keys, XimExport *exported,
                              GError **error);
