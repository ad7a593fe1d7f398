/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own device: its keys, on disk and unlocked, and its notes. */

#pragma once

#include "imported.h"
#include "own-keys.h"

/**
 * XimOwn:
 * Every change is on the disk before a function returns, so that what leaves
 * this process is never about a key that could be lost.
 * Source: PROTOCOL.md, sections 4.1, 4.2 and 7.1.
 */
typedef struct _XimOwn XimOwn;

/**
 * xim_own_new:
 * @jid: own bare address, prepared; @store, @keystore: outlive it
 * Reads what is on disk; nothing is unlocked.
 * Errors: STORE.
 */
XimOwn *xim_own_new (const char *jid, XimStore *store, XimKeystore *keystore,
                     GError **error);
void xim_own_free (XimOwn *own);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimOwn, xim_own_free)

/**
 * xim_own_ever:
 * Returns: whether a keyserver ever accepted this device
 */
gboolean xim_own_ever (const XimOwn *own);
gboolean xim_own_has_device (const XimOwn *own);

/**
 * xim_own_unlock:
 * Opens the keys of the device, when there is one, with the unlocked keystore.
 * Errors: STORE; UNAVAILABLE, the keystore is locked.
 */
gboolean xim_own_unlock (XimOwn *own, GError **error);
void xim_own_lock (XimOwn *own); /* wipes the opened keys */

/**
 * xim_own_make:
 * Makes the device: id, signing key, first decryption key.
 * Errors: STORE; UNAVAILABLE, the keystore is locked.
 */
gboolean xim_own_make (XimOwn *own, gint64 now_s, GError **error);

/**
 * xim_own_prepare:
 * Makes the device unless there is one, and unlocks it.
 * Errors: STORE; UNAVAILABLE, the keystore is locked.
 */
gboolean xim_own_prepare (XimOwn *own, gint64 now_s, GError **error);

/* What registers the device.  (transfer none), until the next change. */
typedef struct
{
  const char *account; /* the note */
  const char *device;  /* the note */
  XimHash digest;      /* of the text of the account note */
} XimOwnOffer;

/**
 * xim_own_offer:
 * The notes that register the device: those of the last time, or the same keys
 * with a new time when that is over.
 * Errors: STORE.
 */
gboolean xim_own_offer (XimOwn *own, gint64 now_s, XimOwnOffer *out,
                        GError **error);

/**
 * xim_own_device_note:
 * @note: (out) (transfer none): of the newest key, with a new time when its
 * own is over; until the next change
 * Errors: STORE.
 */
gboolean xim_own_device_note (XimOwn *own, gint64 now_s, const char **note,
                              GError **error);

/**
 * xim_own_start_over:
 * @version, @previous: of the newest note of the address, and the hash of its
 * text
 * From now on this device is a new one, with a new id and new keys, and offers
 * itself as a reset of the account.  Keys that no keyserver has accepted yet
 * are kept.
 * Errors: STORE; UNAVAILABLE, the keystore is locked.
 */
gboolean xim_own_start_over (XimOwn *own, guint32 version,
                             const XimHash *previous, gint64 now_s,
                             GError **error);

/**
 * xim_own_wipe:
 * Erases the device and all its keys, from the memory and from the disk.
 * Errors: STORE.
 */
gboolean xim_own_wipe (XimOwn *own, GError **error);

/**
 * xim_own_account:
 * Returns: (transfer none) (nullable): the newest own account note that this
 * device took
 */
const char *xim_own_account (const XimOwn *own);

/* How the own device stands in a bundle of the own address. */
typedef enum
{
  XIM_OWN_LISTED,
  XIM_OWN_NOT_LISTED,
  XIM_OWN_COPIED, /* a serial above the own ones, or another key under one */
} XimOwnStanding;

/**
 * xim_own_accept:
 * Takes over what the keyserver has of this device: the account note, and its
 * newest device note, also one whose answer was lost.
 * Errors: STORE.
 */
gboolean xim_own_accept (XimOwn *own, const XimVerified *verified,
                         gint64 now_s, XimOwnStanding *standing,
                         GError **error);

/**
 * xim_own_renewal_due:
 * Whether the newest key is a day old by either clock, or not accepted.
 */
gboolean xim_own_renewal_due (const XimOwn *own, gint64 now_s);

/**
 * xim_own_renew:
 * Makes the next decryption key, or takes the one that was made and not yet
 * accepted.
 * @note: (out) (transfer none): its note, until the next change
 * Errors: STORE; UNAVAILABLE, the keystore is locked.
 */
gboolean xim_own_renew (XimOwn *own, gint64 now_s, const char **note,
                        GError **error);

/**
 * xim_own_accept_key:
 * @note: @len bytes that the keyserver answered; @server: its key
 * Errors: MALFORMED, another text than the one offered; SIGNATURE; STORE.
 */
gboolean xim_own_accept_key (XimOwn *own, const char *note, gsize len,
                             const XimVerifyKey *server, gint64 now_s,
                             GError **error);

/**
 * xim_own_erase:
 * Erases the decryption keys that were replaced @age_s ago or earlier, and
 * imported ones whose time is over; see xim_own_keys_erase() and
 * xim_imported_erase().
 * @n: (out): how many
 * Errors: STORE.
 */
gboolean xim_own_erase (XimOwn *own, gint64 now_s, gint64 age_s, guint *n,
                        GError **error);

/**
 * xim_own_imported:
 * Returns: (transfer none): the decryption keys of exported devices
 */
XimImported *xim_own_imported (XimOwn *own);

/**
 * xim_own_export:
 * Errors: UNAVAILABLE, it is locked or was never registered; STORE.
 * Returns: (transfer full): all of this device, with its keys in the clear
 */
XimExport *xim_own_export (XimOwn *own, GError **error);

/* NULL while locked, or without a device.  (transfer none) */
XimKeyring *xim_own_keyring (XimOwn *own);
const XimSender *xim_own_sender (const XimOwn *own);
const XimDeviceId *xim_own_device (const XimOwn *own);

/**
 * xim_own_fingerprint:
 * Returns: (transfer full) (nullable): of the signing key, for people; also
 * while locked, once a keyserver accepted it
 */
char *xim_own_fingerprint (const XimOwn *own);
