/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The versions of an account that this client has seen. */

#pragma once

#include "store.h"

typedef struct _XimHistory XimHistory;

/**
 * xim_history_load:
 * Errors: STORE.
 * Returns: (transfer full): what @store has of @jid, also nothing
 */
XimHistory *xim_history_load (XimStore *store, const char *jid,
                              GError **error);
void xim_history_free (XimHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimHistory, xim_history_free)

/**
 * xim_history_newest:
 * Returns: (transfer none) (nullable): NULL when nothing was seen
 */
const XimAccount *xim_history_newest (const XimHistory *history);

/**
 * xim_history_find:
 * Returns: (transfer none) (nullable): this version, when it was seen
 */
const XimAccount *xim_history_find (const XimHistory *history,
                                    guint32 version);

/**
 * xim_history_known:
 * @out: (out): borrows from @history
 */
void xim_history_known (const XimHistory *history, XimAccountHistory *out);

/**
 * xim_history_since_s:
 * Returns: the time of the first version seen that lists @id; 0 when none does
 */
gint64 xim_history_since_s (const XimHistory *history, const XimDeviceId *id);
