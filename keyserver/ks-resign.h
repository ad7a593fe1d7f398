/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A new key's line under all newest notes of a store. */

#pragma once

#include "ks-pen.h"
#include "xim-server.h"

/**
 * XimKsResign:
 * A store on its way to a new key; @newest and @next outlive it.
 */
typedef struct _XimKsResign XimKsResign;

/**
 * xim_ks_resign_new:
 * @path: of a store that is locked and checked
 * Errors: STORE, also when no server note in it can be used.
 */
XimKsResign *xim_ks_resign_new (const char *path, GError **error);
void xim_ks_resign_free (XimKsResign *resign);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsResign, xim_ks_resign_free)

/**
 * xim_ks_resign_newest:
 * Returns: (transfer none): the newest server note
 */
const XimServer *xim_ks_resign_newest (const XimKsResign *resign);

/* What was done. */
typedef struct
{
  guint accounts;
  guint devices;
  guint damaged; /* notes without a good line of the old key, left alone */
} XimKsResignCount;

/**
 * xim_ks_resign_notes:
 * @next: the pen with the new key
 *
 * Adds the line of the new key to the newest account note and to every device
 * note of each address, in transactions of some hundred addresses; keeps the
 * line of the key before and drops that of the key before it.  What was signed
 * once may be signed again: the outcome is the same.
 * Errors: STORE.
 */
gboolean xim_ks_resign_notes (XimKsResign *resign, XimKsPen *next,
                              XimKsResignCount *count, GError **error);

/**
 * xim_ks_resign_finish:
 * @note: the next server note, signed by both keys
 *
 * Stores it, which is the moment from which the new key counts.
 * Errors: as xim_server_check(), when it does not follow the newest; STORE.
 */
gboolean xim_ks_resign_finish (XimKsResign *resign, const char *note,
                               GError **error);
