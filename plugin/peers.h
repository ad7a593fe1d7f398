/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Lookups of other members: fetched, verified, cached. */

#pragma once

#include "decide.h"
#include "discovery.h"
#include "prefs.h"

typedef struct _XimPeers XimPeers;

/**
 * XimPeersCallback:
 * What is known of @jid changed: a lookup ended, well or not.
 */
typedef void (*XimPeersCallback) (const char *jid, gpointer user_data);

XimPeers *xim_peers_new (XimStore *store, XimHttp *http,
                         XimDiscovery *discovery, XimPeersCallback changed,
                         gpointer user_data);

/**
 * xim_peers_facts:
 * Fills in the fields of @facts that speak of the peer and its policy; no
 * network.
 */
void xim_peers_facts (XimPeers *peers, const char *jid, XimFacts *facts);

/**
 * xim_peers_refresh:
 * Looks @jid up, or revalidates it, unless that is under way or the last
 * failure is too recent (backoff); `changed` comes when it is done.
 * @force: also when what is known is fresh
 */
void xim_peers_refresh (XimPeers *peers, const char *jid, gboolean force);

/**
 * xim_peers_trust:
 * @out: (out): the verified bundle (transfer none, until the next change)
 * Returns: FALSE when there is none
 */
gboolean xim_peers_trust (XimPeers *peers, const char *jid, XimTrustPeer *out);

/**
 * xim_peers_policy:
 * Returns: what was set for @jid, else xim_prefs_policy()
 */
XimPolicy xim_peers_policy (XimPeers *peers, const char *jid);
gboolean xim_peers_set_policy (XimPeers *peers, const char *jid,
                               XimPolicy policy, GError **error);

/**
 * xim_peers_accept:
 * The user has seen the warning and goes on after a reset of @jid.
 * Errors: NOT_FOUND, no bundle is held; STORE.
 */
gboolean xim_peers_accept (XimPeers *peers, const char *jid, GError **error);

/**
 * xim_peers_fingerprint:
 * Returns: (transfer full) (nullable): one line per device, for people
 */
char *xim_peers_fingerprint (XimPeers *peers, const char *jid);

/**
 * xim_peers_retry:
 * The account is online again: everything that failed may be tried at once.
 */
void xim_peers_retry (XimPeers *peers);
void xim_peers_free (XimPeers *peers);
