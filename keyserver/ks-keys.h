/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The files of the private keys and of other secrets. */

#pragma once

#include "xim-key.h"

/**
 * XimKsKeys:
 * The keyserver's private keys: the signing key under the name of the origin,
 * the VRF key (a scalar of 32 bytes), and the 32 bytes under which the store
 * remembers who left (ks-tag.h).
 */
typedef struct
{
  XimSignKey *sign;
  XimSecret *vrf;
  XimSecret *members; /* NULL: of an installation from before there was one */
} XimKsKeys;

/**
 * xim_ks_keys_create:
 * @dir: a folder that must not exist; made with mode 0700
 * @origin: the name of the signing key
 *
 * Makes the files `ed25519`, `vrf`, `members` and `component-secret`, each one
 * line, mode 0600, and waits until they are on the disk.
 * Errors: CONFLICT, @dir exists already; STORE; MALFORMED, @origin.
 */
XimKsKeys *xim_ks_keys_create (const char *dir, const char *origin,
                               GError **error);

/**
 * xim_ks_keys_read_members:
 * Reads `members`, alone.
 * Errors: STORE, also where it is missing; MALFORMED.
 */
XimSecret *xim_ks_keys_read_members (const char *dir, GError **error);

/**
 * xim_ks_keys_load_members:
 * The same; where it is missing (an installation from before
 * there was one) it is made, on the disk before this returns.
 * Errors: STORE; MALFORMED.
 */
XimSecret *xim_ks_keys_load_members (const char *dir, GError **error);

/**
 * xim_ks_keys_load:
 * Errors: STORE, a file cannot be read, or others may read or write it;
 * MALFORMED, it does not hold a key.
 */
XimKsKeys *xim_ks_keys_load (const char *dir, const char *origin,
                             GError **error);
void xim_ks_keys_free (XimKsKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsKeys, xim_ks_keys_free)

/* The next signing key, while a rotation is under way: a file `ed25519.next`
 * beside the others.  Errors: STORE; MALFORMED. */
gboolean xim_ks_keys_has_next (const char *dir);
gboolean xim_ks_keys_make_next (const char *dir, const char *origin,
                                GError **error);

/**
 * xim_ks_keys_load_next:
 * Returns: (transfer full): as xim_ks_keys_load(), with the next signing key
 */
XimKsKeys *xim_ks_keys_load_next (const char *dir, const char *origin,
                                  GError **error);

/**
 * xim_ks_keys_install_next:
 * Puts the next signing key into the place of the old one, on the disk before
 * it returns, and overwrites the old one.
 */
gboolean xim_ks_keys_install_next (const char *dir, GError **error);

/**
 * xim_ks_keys_load_newest:
 * @newest: the key of the newest server note, named by the origin
 *
 * As xim_ks_keys_load().  Does the last step of a rotation that was cut off
 * before it: when the next key is @newest, it takes its place.
 * Errors: STORE; MALFORMED; KEY_CHANGED, @newest is neither key.
 */
XimKsKeys *xim_ks_keys_load_newest (const char *dir,
                                    const XimVerifyKey *newest,
                                    GError **error);

/**
 * xim_ks_keys_check_private:
 * @fd: of the file @path
 * Errors: STORE, it is no file that only this user (or root) can read and
 * write.
 */
gboolean xim_ks_keys_check_private (int fd, const char *path, GError **error);

/**
 * xim_ks_keys_give_away:
 * What root makes belongs to whom the folder belongs, who has to read it.
 * Errors: STORE.
 */
gboolean xim_ks_keys_give_away (const char *dir, const char *path,
                                GError **error);

/**
 * xim_ks_keys_read_secret:
 * @path: a regular file of this user (or root), mode 0600 or less
 * @max_len: most bytes that it may hold
 *
 * Errors: STORE, as above; MALFORMED, empty or too long.
 * Returns: (transfer full): its bytes, without one newline at the end
 */
XimSecret *xim_ks_keys_read_secret (const char *path, gsize max_len,
                                    GError **error);
