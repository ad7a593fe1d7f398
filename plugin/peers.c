/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What is known of other members, and what it comes to. */

#include "config.h"

#include "peers.h"

#include <string.h>

#include "clock.h"
#include "peers-state.h"

static void
peer_free (gpointer data)
{
  Peer *peer = data;
  xim_peers_stop (peer);
  xim_store_peer_clear (&peer->row);
  g_clear_pointer (&peer->verified, xim_verified_unref);
  g_clear_pointer (&peer->pending, xim_verified_unref);
  xim_site_clear (&peer->site);
  g_free (peer->jid);
  g_free (peer);
}

XimPeers *
xim_peers_new (XimStore *store, XimHttp *http, XimDiscovery *discovery,
               const XimPeersOps *ops, gpointer user_data)
{
  XimPeers *peers = g_new0 (XimPeers, 1);
  peers->store = store;
  peers->http = http;
  peers->discovery = discovery;
  peers->ops = ops;
  peers->user_data = user_data;
  peers->table
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, peer_free);
  return peers;
}

/* What is on disk. */

const XimServer *
xim_peers_pin (Peer *peer)
{
  return xim_discovery_known (peer->peers->discovery,
                              xim_jid_domain (peer->jid));
}

void
xim_peers_clear_pending (Peer *peer)
{
  g_clear_pointer (&peer->pending, xim_verified_unref);
  g_clear_pointer (&peer->row.pending, g_free);
}

/* It is judged anew: it may have become too old to be accepted. */
static void
verify_pending (Peer *peer, const XimServer *server)
{
  g_autoptr (GError) error = NULL;
  if (peer->row.pending == NULL)
    return;
  const XimJudge judge = { .store = peer->peers->store,
                           .server = server,
                           .jid = peer->jid,
                           .now_s = xim_plugin_now_s (),
                           .walked = TRUE };
  g_autoptr (GBytes) json
      = g_bytes_new (peer->row.pending, strlen (peer->row.pending));
  peer->pending = xim_judge_walked (&judge, json, &error);
  if (peer->pending == NULL)
    purple_debug_info ("x-im", "peers: pending bundle of %s: %s\n", peer->jid,
                       error->message);
}

void
xim_peers_verify_stored (Peer *peer)
{
  const XimServer *server = xim_peers_pin (peer);
  g_autoptr (GError) error = NULL;
  if (peer->row.bundle == NULL || server == NULL)
    return;
  peer->verified = xim_judge_bundle (
      peer->peers->store, server, peer->jid, peer->row.bundle,
      strlen (peer->row.bundle), xim_plugin_now_s (), &error);
  if (peer->verified == NULL)
    purple_debug_info ("x-im", "peers: stored bundle of %s: %s\n", peer->jid,
                       error->message);
  if (peer->pending == NULL)
    verify_pending (peer, server);
}

static void
load (Peer *peer)
{
  g_autoptr (GError) error = NULL;
  gboolean found = FALSE;
  XimStore *store = peer->peers->store;
  if (!xim_store_load_policy (store, peer->jid, &peer->policy, &error)
      || !xim_store_load_peer (store, peer->jid, &found, &peer->row, &error))
    {
      /* Unread, it must not pass for an address that never had keys. */
      purple_debug_error ("x-im", "peers: %s: %s\n", peer->jid,
                          error->message);
      peer->row.ever_held = TRUE;
      return;
    }
  if (!found)
    return;
  xim_peers_verify_stored (peer);
  xim_peers_load_claim (peer);
}

Peer *
xim_peers_get (XimPeers *peers, const char *jid)
{
  Peer *peer = g_hash_table_lookup (peers->table, jid);
  if (peer != NULL)
    return peer;
  peer = g_new0 (Peer, 1);
  peer->peers = peers;
  peer->jid = g_strdup (jid);
  peer->policy = -1;
  peer->online = TRUE;
  load (peer);
  g_hash_table_insert (peers->table, peer->jid, peer);
  return peer;
}

gboolean
xim_peers_save (Peer *peer, const XimStorePeer *row,
                const XimVerified *verified, const XimLogWord *word,
                GError **error)
{
  XimStore *store = peer->peers->store;
  if (xim_store_begin (store, XIM_STORE_CACHE, error)
      && (verified == NULL || xim_judge_remember (store, verified, error))
      && (word == NULL
          || xim_log_keep (store, xim_jid_domain (peer->jid), word, error))
      && xim_store_save_peer (store, peer->jid, row, error)
      && xim_store_commit (store, XIM_STORE_CACHE, error))
    return TRUE;
  xim_store_rollback (store, XIM_STORE_CACHE);
  return FALSE;
}

void
xim_peers_tell (Peer *peer)
{
  peer->peers->ops->changed (peer->jid, peer->peers->user_data);
}

/* What it comes to. */

static gboolean
has_unexpired (const Peer *peer, gint64 now_s)
{
  for (guint i = 0; i < xim_verified_n_usable (peer->verified); i++)
    if (xim_verified_usable (peer->verified, i)->expires_s > now_s)
      return TRUE;
  return FALSE;
}

gboolean
xim_peers_is_reset (const Peer *peer)
{
  if (peer->row.pending != NULL)
    return TRUE;
  return peer->verified != NULL
         && xim_verified_account (peer->verified)->version
                > peer->row.accepted_version;
}

static gboolean
absence_holds (const Peer *peer, gint64 now_s)
{
  return peer->absent_s != 0
         && ABS (now_s - peer->absent_s) <= XIM_CLOCK_SKEW_S;
}

static XimPeerState
state_of_claim (const Peer *peer)
{
  if (xim_peers_claim_denied (peer))
    return XIM_PEER_DENIED;
  return peer->trouble == TROUBLE_UNREACHABLE ? XIM_PEER_UNREACHABLE
                                              : XIM_PEER_UNKNOWN;
}

static XimPeerState
state_of_bundle (const Peer *peer, gint64 now_s)
{
  if (peer->verified == NULL || peer->absent_s != 0)
    return absence_holds (peer, now_s) ? XIM_PEER_ABSENT
                                       : XIM_PEER_UNREACHABLE;
  if (xim_peers_is_reset (peer))
    return XIM_PEER_KEY_CHANGED;
  if (peer->has_claim)
    return state_of_claim (peer);
  return has_unexpired (peer, now_s) ? XIM_PEER_READY : XIM_PEER_NO_DEVICE;
}

static XimPeerState
state_of (const Peer *peer, gint64 now_s)
{
  if (xim_peers_is_forked (peer))
    return XIM_PEER_LOG_FORKED;
  if (xim_peers_is_behind (peer))
    return XIM_PEER_UNKNOWN;
  switch (peer->trouble)
    {
    case TROUBLE_NO_KEYSERVER:
      return XIM_PEER_NO_KEYSERVER;
    case TROUBLE_SERVER_CHANGED:
      return XIM_PEER_SERVER_CHANGED;
    case TROUBLE_NOT_LOGGED:
      return XIM_PEER_NOT_LOGGED;
    case TROUBLE_ROLLED_BACK:
      return XIM_PEER_ROLLED_BACK;
    case TROUBLE_BAD_ANSWER:
      return XIM_PEER_BAD_ANSWER;
    case TROUBLE_WALK:
      return XIM_PEER_UNREACHABLE;
    case TROUBLE_UNREACHABLE:
      return state_of_bundle (peer, now_s);
    case TROUBLE_NONE:
    default:
      break;
    }
  if (peer->absent_s != 0)
    return XIM_PEER_ABSENT;
  if (peer->verified == NULL)
    return XIM_PEER_UNKNOWN;
  return state_of_bundle (peer, now_s);
}

void
xim_peers_facts (XimPeers *peers, const char *jid, XimFacts *facts)
{
  Peer *peer = xim_peers_get (peers, jid);
  facts->policy = xim_peers_policy (peers, jid);
  facts->peer = state_of (peer, xim_plugin_now_s ());
  facts->peer_ever_held = peer->row.ever_held;
  facts->domain_pinned = xim_peers_pin (peer) != NULL;
  facts->checked_s = peer->row.checked_s;
  facts->peer_online = peer->online;
  facts->absent_s = peer->absent_s;
  facts->no_keyserver_s = peer->no_keyserver_s;
}

/* From the moment that a newer version is seen the older one counts for
 * nothing, also while nobody knows yet what it is. */
gboolean
xim_peers_trust (XimPeers *peers, const char *jid, XimTrustPeer *out)
{
  Peer *peer = xim_peers_get (peers, jid);
  if (peer->verified == NULL || peer->trouble == TROUBLE_SERVER_CHANGED
      || peer->trouble == TROUBLE_WALK || xim_peers_is_behind (peer)
      || xim_peers_is_forked (peer)
      || (peer->row.pending != NULL && peer->pending == NULL))
    return FALSE;
  out->verified = peer->pending != NULL ? peer->pending : peer->verified;
  guint32 version = xim_verified_account (out->verified)->version;
  out->checked_s
      = peer->pending != NULL ? xim_plugin_now_s () : peer->row.checked_s;
  out->reset_version = xim_peers_is_reset (peer) ? version : 0;
  out->accepted_version = peer->row.accepted_version;
  return TRUE;
}

/* What the user says. */

XimPolicy
xim_peers_policy (XimPeers *peers, const char *jid)
{
  int policy = xim_peers_get (peers, jid)->policy;
  return policy >= 0 ? (XimPolicy)policy : xim_prefs_policy ();
}

gboolean
xim_peers_set_policy (XimPeers *peers, const char *jid, XimPolicy policy,
                      GError **error)
{
  Peer *peer = xim_peers_get (peers, jid);
  if (!xim_store_save_policy (peers->store, jid, (int)policy, error))
    return FALSE;
  peer->policy = (int)policy;
  return TRUE;
}

/* From here on it is what is known. */
static gboolean
accept_pending (Peer *peer, GError **error)
{
  if (peer->pending == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "the new keys of %s should be looked up again first",
                   peer->jid);
      return FALSE;
    }
  XimStorePeer row
      = { .bundle = peer->row.pending,
          .checked_s = peer->row.checked_s,
          .ever_held = TRUE,
          .accepted_version = xim_verified_account (peer->pending)->version,
          .told_version = peer->row.told_version };
  if (!xim_peers_save (peer, &row, peer->pending, NULL, error))
    return FALSE;
  peer->row.pending = NULL;
  xim_store_peer_clear (&peer->row);
  peer->row = row;
  g_clear_pointer (&peer->verified, xim_verified_unref);
  peer->verified = g_steal_pointer (&peer->pending);
  return TRUE;
}

static gboolean
accept_reset (Peer *peer, GError **error)
{
  if (peer->row.pending != NULL)
    return accept_pending (peer, error);
  guint32 before = peer->row.accepted_version;
  peer->row.accepted_version = xim_verified_account (peer->verified)->version;
  if (xim_peers_save (peer, &peer->row, NULL, NULL, error))
    return TRUE;
  peer->row.accepted_version = before;
  return FALSE;
}

gboolean
xim_peers_accept (XimPeers *peers, const char *jid, GError **error)
{
  Peer *peer = xim_peers_get (peers, jid);
  gboolean reset = xim_peers_is_reset (peer);
  gboolean denied = xim_peers_claim_denied (peer);
  if (!reset && !denied)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "%s should have something to accept", jid);
      return FALSE;
    }
  if ((reset && !accept_reset (peer, error))
      || (denied && !xim_peers_accept_claim (peer, error)))
    return FALSE;
  xim_peers_tell (peer);
  return TRUE;
}

char *
xim_peers_fingerprint (XimPeers *peers, const char *jid)
{
  Peer *peer = xim_peers_get (peers, jid);
  return peer->verified != NULL ? xim_judge_fingerprint (peer->verified)
                                : NULL;
}

const char *
xim_peers_bundle (XimPeers *peers, const char *jid)
{
  return xim_peers_get (peers, jid)->row.bundle;
}

void
xim_peers_retry (XimPeers *peers)
{
  GHashTableIter iter;
  gpointer value = NULL;
  g_hash_table_iter_init (&iter, peers->table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Peer *peer = value;
      peer->retry_s = 0;
      peer->n_failures = 0;
    }
}

void
xim_peers_free (XimPeers *peers)
{
  if (peers == NULL)
    return;
  g_hash_table_unref (peers->table);
  g_free (peers);
}
