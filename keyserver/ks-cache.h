/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Answers kept in memory, by address. */

#pragma once

#include "ks-answer.h"

/**
 * XimKsCache:
 * Answers by address, each until a time or until it is dropped; those that
 * were not asked for lately go when memory is short.  For all threads.
 */
typedef struct _XimKsCache XimKsCache;

/**
 * XimKsCacheMake:
 * Makes the answer for @key from the store.
 * @hint: (nullable): as whoever asks gave it, if this makes it easier
 * @life_s: (out): how long it may be used
 * Returns: (transfer full): NULL with @error set, or NULL without an error
 * when there is nothing to keep
 */
typedef XimKsAnswer *(*XimKsCacheMake) (const char *key, gconstpointer hint,
                                        gpointer user_data, gint64 now_s,
                                        gint64 *life_s, GError **error);

/**
 * xim_ks_cache_new:
 * @max_bytes: of memory, about
 * @make, @user_data: how answers that it lacks are made
 */
XimKsCache *xim_ks_cache_new (gsize max_bytes, XimKsCacheMake make,
                              gpointer user_data);
void xim_ks_cache_free (XimKsCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsCache, xim_ks_cache_free)

/**
 * xim_ks_cache_get:
 * @hint: (nullable): for #XimKsCacheMake
 * @hit: (out): whether it was in memory
 *
 * Finds the answer for @key or makes it.  While it is made, others who ask for
 * the same key wait, so that it is made once and a change that is stored
 * meanwhile is never hidden by an older answer.
 * Returns: (transfer full) (nullable): as #XimKsCacheMake
 */
XimKsAnswer *xim_ks_cache_get (XimKsCache *cache, const char *key,
                               gconstpointer hint, gint64 now_s, gboolean *hit,
                               GError **error);

/**
 * xim_ks_cache_drop:
 * Forgets the answer for @key; call it after what it was made from changed.
 */
void xim_ks_cache_drop (XimKsCache *cache, const char *key);
