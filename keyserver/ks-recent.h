/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What an address had before its newest version, for half a minute. */

#pragma once

#include "xim-crypto.h"

/**
 * XimKsRecent:
 * Between the moment in which a version is signed and the one in which it can
 * be looked up, the one before it is still what a lookup finds.  For all
 * threads.
 */
typedef struct _XimKsRecent XimKsRecent;

XimKsRecent *xim_ks_recent_new (void);
void xim_ks_recent_free (XimKsRecent *recent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsRecent, xim_ks_recent_free)

/**
 * xim_ks_recent_add:
 * @tag: of an address that gets a new version at @now_us, of a monotonic clock
 * @version: the one that it had, 0: none
 * @hash: of its text
 */
void xim_ks_recent_add (XimKsRecent *recent, const XimHash *tag,
                        guint32 version, const XimHash *hash, gint64 now_us);

/**
 * xim_ks_recent_has:
 * Returns: whether the address had this version until a moment ago
 */
gboolean xim_ks_recent_has (XimKsRecent *recent, const XimHash *tag,
                            guint32 version, const XimHash *hash,
                            gint64 now_us);
