/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The walk over the versions of an account that a client missed. */

#pragma once

#include "xim-account.h"

/**
 * xim_chain_bound:
 * @newest: a note that counts
 * @before: @n_before notes, descending by version
 * Returns: how many of @before, from the first, are bound by @newest: each has
 * the version and the hash that the one after it names
 */
guint xim_chain_bound (const XimAccount *newest,
                       const XimAccount *const *before, guint n_before);

/**
 * xim_chain_walk:
 * @newest: passed the checks of names and signatures of
 * xim_account_check_client(), and has a higher version than @known
 * @between: @n_between fetched notes, descending by version from the one
 * before @newest; nothing of them was checked
 * @relation: (out): RESET when any step is one, else CONTINUED
 *
 * Hashes from @newest down to the known version, then each step upwards.
 * Errors: KEY_CHANGED, WRONG_NAME, SIGNATURE: @newest cannot be reached from
 * what is known; to a client that is a reset.
 * Source: PROTOCOL.md, section 4.1.
 */
gboolean xim_chain_walk (const XimAccount *newest,
                         const XimAccountHistory *known,
                         const XimAccount *const *between, guint n_between,
                         XimRelation *relation, GError **error);

/* What a version changed. */
typedef struct
{
  guint32 version;
  gint64 time_s; /* as its note says */
  gboolean reset;
  guint n_added;
  XimDeviceId added[XIM_DEVICES_MAX];
  guint n_removed;
  XimDeviceId removed[XIM_DEVICES_MAX];
} XimChainChange;

/**
 * xim_chain_change:
 * @before: any earlier version
 * @out: (out): the devices that only one of the two lists, by id
 */
void xim_chain_change (const XimAccount *before, const XimAccount *after,
                       XimChainChange *out);
