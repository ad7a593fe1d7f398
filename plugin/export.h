/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What an exported file holds, and its bytes. */

#pragma once

#include "stretch.h"

#define XIM_EXPORT_ARGON2_BYTES (256 * 1024 * 1024)
#define XIM_EXPORT_ARGON2_PASSES 4
#define XIM_EXPORT_MAX (8 * 1024 * 1024) /* bytes of a whole file */

/* One decryption key. */
typedef struct
{
  guint32 serial;
  gint64 created_s;
  gint64 expires_s;
  XimSecret *key; /* X25519 */
} XimExportKey;

/**
 * XimExport:
 * The own device of an account, for reading on another computer what was
 * sealed to it, and for adding a new device once.
 */
typedef struct
{
  char *jid;
  XimDeviceId device;
  XimSecret *seed;     /* Ed25519 */
  char *account;       /* the newest account note, countersigned */
  GPtrArray *versions; /* texts of account notes, ascending */
  GPtrArray *keys;     /* of XimExportKey, ascending by serial */
} XimExport;

XimExport *xim_export_new (const char *jid, const XimDeviceId *device);
void xim_export_free (XimExport *exported);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimExport, xim_export_free)

/**
 * xim_export_add_key:
 * @key: (transfer full): 32 bytes
 */
void xim_export_add_key (XimExport *exported, guint32 serial,
                         gint64 created_s, gint64 expires_s, XimSecret *key);

/**
 * xim_export_encode:
 * Big-endian: each of jid and account as length 2 and text; device id 8, seed
 * 32; the number of versions 2, of each length 2 and text; the number of keys
 * 2, of each serial 8, created 8, expires 8, key 32.
 * Errors: TOO_LARGE.
 * Returns: (transfer full): the content, in the clear
 */
XimSecret *xim_export_encode (const XimExport *exported, GError **error);

/**
 * xim_export_decode:
 * Errors: MALFORMED, also when the account note does not list the device with
 * its key, or keys or versions are not in order.
 */
XimExport *xim_export_decode (const XimSecret *content, GError **error);

/**
 * xim_export_how:
 * Returns: how the passphrase of a new file is stretched, with a new salt
 */
XimStretchHow xim_export_how (void);

/**
 * xim_export_seal:
 * @key: from the passphrase, by @how
 * "X-IM export 1\n", salt 16, MiB 2, passes 2, check 16, length 8 of what
 * follows; nonce 12 and the content, AES-256-GCM with all before it as
 * additional data.  Its key and the check are HKDF-Expand-SHA-512(@key,
 * "x-im export v1", 48).
 * Errors: TOO_LARGE.
 * Returns: (transfer full): the bytes of a file
 */
GBytes *xim_export_seal (const XimExport *exported, const XimSecret *key,
                         const XimStretchHow *how, GError **error);

/**
 * xim_export_peek:
 * @how: (out): how the passphrase of @file has to be stretched
 * Errors: MALFORMED, no export; UNSUPPORTED, of another version; NOT_FOUND,
 * its end is missing; TOO_LARGE; STORE, parameters outside of XIM_ARGON2_*.
 */
gboolean xim_export_peek (GBytes *file, XimStretchHow *how, GError **error);

/**
 * xim_export_open:
 * @file: that xim_export_peek() took
 * Errors: SIGNATURE, a wrong passphrase; STORE, it was damaged; those of
 * xim_export_decode().
 */
XimExport *xim_export_open (GBytes *file, const XimSecret *key,
                            GError **error);
