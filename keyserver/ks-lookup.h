/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Lookups: bundles and absence notes, made once and kept in memory. */

#pragma once

#include "ks-answer.h"
#include "ks-config.h"
#include "ks-signer.h"
#include "ks-tiles.h"

/**
 * XimKsLookup:
 * For all threads.
 */
typedef struct _XimKsLookup XimKsLookup;

/**
 * xim_ks_lookup_new:
 * All four outlive it.
 */
XimKsLookup *xim_ks_lookup_new (const XimKsConfig *config, XimKsStore *store,
                                XimKsSigner *signer, XimKsTiles *tiles);
void xim_ks_lookup_free (XimKsLookup *lookup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsLookup, xim_ks_lookup_free)

/* A current note that was signed a moment ago. */
typedef struct
{
  XimHash account; /* of the account text that it names */
  const char *current;
} XimKsFresh;

/**
 * xim_ks_lookup_bundle:
 * @jid: as it came; checked here
 * @fresh: (nullable): for the bundle, unless it names another version
 *
 * Errors: MALFORMED, not a prepared address; WRONG_NAME, of another domain;
 * STORE.
 * Returns: (transfer full): 200 with the bundle, or NULL: without an error
 * when the address has no keys
 */
XimKsAnswer *xim_ks_lookup_bundle (XimKsLookup *lookup, const char *jid,
                                   const XimKsFresh *fresh, gint64 now_s,
                                   GError **error);

/**
 * xim_ks_lookup_absent:
 * @jid: an address for which xim_ks_lookup_bundle() found nothing
 * Returns: (transfer full): 404 with the absence note as text
 */
XimKsAnswer *xim_ks_lookup_absent (XimKsLookup *lookup, const char *jid,
                                   gint64 now_s, GError **error);

/**
 * xim_ks_lookup_version:
 * Errors: as xim_ks_lookup_bundle(), and NOT_FOUND.
 * Returns: (transfer full): 200 with the account note of that version
 */
XimKsAnswer *xim_ks_lookup_version (XimKsLookup *lookup, const char *jid,
                                    guint32 version, GError **error);

/**
 * xim_ks_lookup_server:
 * @serial: which server note, 0: what GET /v1/server tells, with the newest
 * Errors: NOT_FOUND; STORE.
 */
XimKsAnswer *xim_ks_lookup_server (XimKsLookup *lookup, guint32 serial,
                                   GError **error);

/**
 * xim_ks_lookup_check_jid:
 * Errors: MALFORMED; WRONG_NAME.
 */
gboolean xim_ks_lookup_check_jid (const XimKsLookup *lookup, const char *jid,
                                  GError **error);

/**
 * xim_ks_lookup_changed:
 * Forgets what was kept for @jid; call it after the store changed.
 */
void xim_ks_lookup_changed (XimKsLookup *lookup, const char *jid);
