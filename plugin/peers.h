/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Lookups of other members: fetched, verified, cached. */

#pragma once

#include "decide.h"
#include "peers-types.h"
#include "prefs.h"

/**
 * xim_peers_new:
 * @ops: static
 */
XimPeers *xim_peers_new (XimStore *store, XimHttp *http,
                         XimDiscovery *discovery, const XimPeersOps *ops,
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
 * failure is too recent (backoff); `changed` comes when it is done.  Versions
 * that were missed are fetched and walked over before that.
 * @force: also when what is known is fresh
 */
void xim_peers_refresh (XimPeers *peers, const char *jid, gboolean force);

/**
 * xim_peers_trust:
 * @out: (out): the verified bundle (transfer none, until the next change)
 * Returns: FALSE when there is none, or when a newer one is being walked to
 */
gboolean xim_peers_trust (XimPeers *peers, const char *jid, XimTrustPeer *out);

/**
 * xim_peers_former:
 * Returns: (transfer full) (nullable): the newest version before the present
 * one that listed @device, if it is not listed any more
 */
XimVerified *xim_peers_former (XimPeers *peers, const char *jid,
                               const XimDeviceId *device);

/**
 * xim_peers_policy:
 * Returns: what was set for @jid, else xim_prefs_policy()
 */
XimPolicy xim_peers_policy (XimPeers *peers, const char *jid);
gboolean xim_peers_set_policy (XimPeers *peers, const char *jid,
                               XimPolicy policy, GError **error);

/**
 * xim_peers_accept:
 * The user has seen the warning and goes on: after a reset of @jid, or with
 * keys that a message of @jid contradicts.
 * Errors: NOT_FOUND, there is nothing to accept; STORE.
 */
gboolean xim_peers_accept (XimPeers *peers, const char *jid, GError **error);

/**
 * xim_peers_fingerprint:
 * Returns: (transfer full) (nullable): one line per device, for people
 */
char *xim_peers_fingerprint (XimPeers *peers, const char *jid);

/* Changes of devices */

/**
 * xim_peers_changes:
 * Returns: (transfer full): of XimPeersChange, ascending: what changed of the
 * devices of @jid since the user was told
 */
GArray *xim_peers_changes (XimPeers *peers, const char *jid);

/* The user was told of all of them. */
void xim_peers_told (XimPeers *peers, const char *jid);

/* What messages say */

/**
 * xim_peers_compare:
 * Compares with what is known of @jid; no network.
 */
XimClaimResult xim_peers_compare (XimPeers *peers, const char *jid,
                                  const XimPeersClaim *claim);

/**
 * xim_peers_hear:
 * A listed device of @jid itself says that it uses @claim, which is NEWER or
 * OTHER: nothing is sealed to @jid until the keyserver shows that version, or
 * the device is not listed any more, or the user accepts what it shows.
 * Survives a restart.
 */
void xim_peers_hear (XimPeers *peers, const char *jid,
                     const XimPeersClaim *claim);

/**
 * xim_peers_complete:
 * Fetches the versions of @jid before those that are known, down to @lowest,
 * at most XIM_WALK_MAX; `changed` comes when it is done.
 */
void xim_peers_complete (XimPeers *peers, const char *jid, guint32 lowest);

/* How many lookups of @jid began, and which of them ended well last. */
guint xim_peers_n_begun (XimPeers *peers, const char *jid);
guint xim_peers_n_well (XimPeers *peers, const char *jid);

/**
 * xim_peers_bundle:
 * Returns: (transfer none) (nullable): the JSON that is held of @jid
 */
const char *xim_peers_bundle (XimPeers *peers, const char *jid);

/**
 * xim_peers_retry:
 * The account is online again: everything that failed may be tried at once.
 */
void xim_peers_retry (XimPeers *peers);
void xim_peers_free (XimPeers *peers);
