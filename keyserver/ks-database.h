/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The file of the store: made, locked, checked, brought up to date. */

#pragma once

#include "xim-secret.h"

#define XIM_KS_DATABASE_VERSION 3 /* of the tables */

/* Whose store it is. */
typedef struct
{
  const char *domain;
  const char *origin;
  const XimSecret *members; /* 32 bytes: ks-tag.h */
} XimKsDatabaseOwner;

/**
 * xim_ks_database_create:
 * @path: a file that must not exist
 * @server_note: serial 1, signed
 * Errors: CONFLICT, the file exists; STORE.
 */
gboolean xim_ks_database_create (const char *path,
                                 const XimKsDatabaseOwner *owner,
                                 const char *server_note, GError **error);

/**
 * xim_ks_database_lock:
 * Two processes on one store would each serve from a memory of their own.
 * Errors: STORE, also when another process has the lock.
 * Returns: a descriptor to be closed, or -1
 */
int xim_ks_database_lock (const char *path, GError **error);

/**
 * xim_ks_database_check:
 * @path: of a file that is locked
 *
 * Makes a store of an earlier version one of this version, in one transaction,
 * and clears out what a store that was left suddenly may still hold of erased
 * accounts.
 * Errors: STORE, no such file, damaged, no keyserver's store, of a later
 * version, or of another secret; WRONG_NAME, of another domain or origin.
 */
gboolean xim_ks_database_check (const char *path,
                                const XimKsDatabaseOwner *owner,
                                GError **error);
