/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Lookups of other members: fetched, verified, cached. */

#include "config.h"

#include "peers.h"

#include <string.h>

#include "clock.h"
#include "judge.h"
#include "keyserver.h"

#define RETRY_MIN_S 10
#define RETRY_MAX_S 900
#define ABSENT_FRESH_S (XIM_CLOCK_SKEW_S / 2)

/* What stands against an address since the last lookup. */
typedef enum
{
  TROUBLE_NONE,
  TROUBLE_UNREACHABLE,
  TROUBLE_NO_KEYSERVER,
  TROUBLE_SERVER_CHANGED,
  TROUBLE_KEY_CHANGED,
  TROUBLE_BAD_ANSWER,
} Trouble;

/* One address; lives as long as the XimPeers. */
typedef struct
{
  XimPeers *peers;
  char *jid;
  XimStorePeer row;
  int policy;
  XimVerified *verified; /* (nullable) */
  gint64 absent_s;       /* of the newest absence note; 0 when there is none
                            or a bundle came after it */
  gint64 no_keyserver_s;
  Trouble trouble;
  gboolean online;  /* the keyserver answered the last time */
  gboolean finding; /* the domain is looked for */
  guint request;
  gboolean conditional; /* the request has an ETag */
  guint n_failures;
  gint64 retry_s; /* of the clock that does not jump: not before this */
} Peer;

struct _XimPeers
{
  XimStore *store;
  XimHttp *http;
  XimDiscovery *discovery;
  XimPeersCallback changed;
  gpointer user_data;
  GHashTable *table; /* jid -> Peer */
};

static void
peer_free (gpointer data)
{
  Peer *peer = data;
  xim_http_cancel (peer->peers->http, peer->request);
  if (peer->finding)
    xim_discovery_forget (peer->peers->discovery, peer);
  xim_store_peer_clear (&peer->row);
  g_clear_pointer (&peer->verified, xim_verified_unref);
  g_free (peer->jid);
  g_free (peer);
}

XimPeers *
xim_peers_new (XimStore *store, XimHttp *http, XimDiscovery *discovery,
               XimPeersCallback changed, gpointer user_data)
{
  XimPeers *peers = g_new0 (XimPeers, 1);
  peers->store = store;
  peers->http = http;
  peers->discovery = discovery;
  peers->changed = changed;
  peers->user_data = user_data;
  peers->table
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, peer_free);
  return peers;
}

/* What is on disk. */

static const XimServer *
pin_of (Peer *peer)
{
  return xim_discovery_known (peer->peers->discovery,
                              xim_jid_domain (peer->jid));
}

static void
verify_stored (Peer *peer)
{
  const XimServer *server = pin_of (peer);
  g_autoptr (GError) error = NULL;
  if (peer->row.bundle == NULL || server == NULL)
    return;
  peer->verified = xim_judge_bundle (
      peer->peers->store, server, peer->jid, peer->row.bundle,
      strlen (peer->row.bundle), xim_plugin_now_s (), &error);
  if (peer->verified == NULL)
    purple_debug_info ("x-im", "peers: stored bundle of %s: %s\n", peer->jid,
                       error->message);
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
  if (found)
    verify_stored (peer);
}

static Peer *
get_peer (XimPeers *peers, const char *jid)
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

/* What it comes to. */

static gboolean
has_unexpired (const Peer *peer, gint64 now_s)
{
  for (guint i = 0; i < xim_verified_n_usable (peer->verified); i++)
    if (xim_verified_usable (peer->verified, i)->expires_s > now_s)
      return TRUE;
  return FALSE;
}

static gboolean
is_reset (const Peer *peer)
{
  return xim_verified_account (peer->verified)->version
         > peer->row.accepted_version;
}

static gboolean
absence_holds (const Peer *peer, gint64 now_s)
{
  return peer->absent_s != 0
         && ABS (now_s - peer->absent_s) <= XIM_CLOCK_SKEW_S;
}

static XimPeerState
state_of_bundle (const Peer *peer, gint64 now_s)
{
  if (peer->verified == NULL || peer->absent_s != 0)
    return absence_holds (peer, now_s) ? XIM_PEER_ABSENT
                                       : XIM_PEER_UNREACHABLE;
  if (is_reset (peer))
    return XIM_PEER_KEY_CHANGED;
  return has_unexpired (peer, now_s) ? XIM_PEER_READY : XIM_PEER_NO_DEVICE;
}

static XimPeerState
state_of (const Peer *peer, gint64 now_s)
{
  switch (peer->trouble)
    {
    case TROUBLE_NO_KEYSERVER:
      return XIM_PEER_NO_KEYSERVER;
    case TROUBLE_SERVER_CHANGED:
      return XIM_PEER_SERVER_CHANGED;
    case TROUBLE_KEY_CHANGED:
      return XIM_PEER_KEY_CHANGED;
    case TROUBLE_BAD_ANSWER:
      return XIM_PEER_BAD_ANSWER;
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
  Peer *peer = get_peer (peers, jid);
  facts->policy = xim_peers_policy (peers, jid);
  facts->peer = state_of (peer, xim_plugin_now_s ());
  facts->peer_ever_held = peer->row.ever_held;
  facts->domain_pinned = pin_of (peer) != NULL;
  facts->checked_s = peer->row.checked_s;
  facts->peer_online = peer->online;
  facts->absent_s = peer->absent_s;
  facts->no_keyserver_s = peer->no_keyserver_s;
}

/* The end of a lookup. */

static void
tell (Peer *peer)
{
  peer->peers->changed (peer->jid, peer->peers->user_data);
}

static void
end_well (Peer *peer)
{
  peer->trouble = TROUBLE_NONE;
  peer->online = TRUE;
  peer->n_failures = 0;
  peer->retry_s = 0;
  tell (peer);
}

static void
end_badly (Peer *peer, Trouble trouble, guint retry_after_s)
{
  gint64 wait_s
      = xim_plugin_backoff_s (peer->n_failures++, RETRY_MIN_S, RETRY_MAX_S);
  peer->retry_s = xim_plugin_boot_s () + MAX (wait_s, (gint64)retry_after_s);
  peer->trouble = trouble;
  peer->online = trouble != TROUBLE_UNREACHABLE;
  tell (peer);
}

static gboolean
save (Peer *peer, const XimStorePeer *row, const XimVerified *verified,
      GError **error)
{
  XimStore *store = peer->peers->store;
  if (xim_store_begin (store, XIM_STORE_CACHE, error)
      && (verified == NULL || xim_judge_remember (store, verified, error))
      && xim_store_save_peer (store, peer->jid, row, error)
      && xim_store_commit (store, XIM_STORE_CACHE, error))
    return TRUE;
  xim_store_rollback (store, XIM_STORE_CACHE);
  return FALSE;
}

static void
keep_evidence (Peer *peer, GBytes *body, const GError *why)
{
  g_autoptr (GError) error = NULL;
  purple_debug_warning ("x-im", "peers: %s: %s\n", peer->jid, why->message);
  if (!xim_store_add_evidence (
          peer->peers->store, peer->jid, xim_plugin_now_s (),
          xim_error_word ((XimError)why->code), body, &error))
    purple_debug_error ("x-im", "peers: evidence: %s\n", error->message);
}

/* After a restart too the bundle must be asked for before it is used. */
static void
forget_check (Peer *peer)
{
  g_autoptr (GError) error = NULL;
  peer->row.checked_s = 0;
  if (!save (peer, &peer->row, NULL, &error))
    purple_debug_error ("x-im", "peers: %s\n", error->message);
}

/* What does not verify: a change of keys, or a lie, or our own clock. */
static void
refuse (Peer *peer, GBytes *body, const GError *error)
{
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_STORE))
    {
      purple_debug_error ("x-im", "peers: %s\n", error->message);
      end_badly (peer, TROUBLE_UNREACHABLE, 0);
      return;
    }
  keep_evidence (peer, body, error);
  forget_check (peer);
  end_badly (peer,
             g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED)
                 ? TROUBLE_KEY_CHANGED
                 : TROUBLE_BAD_ANSWER,
             0);
}

/* Up to which version the user need not be asked: a reset stops it, everything
 * that continues what was accepted moves it on. */
static guint32
accepted_version (const Peer *peer, const XimVerified *verified)
{
  guint32 version = xim_verified_account (verified)->version;
  guint32 before = peer->row.accepted_version;
  switch (xim_verified_relation (verified))
    {
    case XIM_RELATION_NEW:
      return version;
    case XIM_RELATION_CONTINUED:
      if (peer->verified == NULL || !is_reset (peer))
        return version;
      return before;
    case XIM_RELATION_UNCHANGED:
    case XIM_RELATION_RESET:
    default:
      return before;
    }
}

static void
take_bundle (Peer *peer, const XimHttpAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  gint64 now_s = xim_plugin_now_s ();
  gsize len = 0;
  const char *json = g_bytes_get_data (answer->body, &len);
  g_autoptr (XimVerified) verified = xim_judge_bundle (
      peer->peers->store, pin_of (peer), peer->jid, json, len, now_s, &error);
  if (verified == NULL)
    {
      refuse (peer, answer->body, error);
      return;
    }
  XimStorePeer row = {
    .bundle = g_strndup (json, len),
    .etag = g_strdup (answer->etag),
    .checked_s = now_s,
    .ever_held = TRUE,
    .accepted_version = accepted_version (peer, verified),
  };
  if (!save (peer, &row, verified, &error))
    {
      xim_store_peer_clear (&row);
      refuse (peer, answer->body, error);
      return;
    }
  purple_debug_info ("x-im", "peers: verified %s: version %u, %u devices\n",
                     peer->jid, xim_verified_account (verified)->version,
                     xim_verified_n_usable (verified));
  xim_store_peer_clear (&peer->row);
  peer->row = row;
  peer->absent_s = 0;
  g_clear_pointer (&peer->verified, xim_verified_unref);
  peer->verified = g_steal_pointer (&verified);
  end_well (peer);
}

static void
take_unchanged (Peer *peer)
{
  g_autoptr (GError) error = NULL;
  gint64 before_s = peer->row.checked_s;
  peer->row.checked_s = xim_plugin_now_s ();
  if (!xim_store_save_peer (peer->peers->store, peer->jid, &peer->row, &error))
    {
      purple_debug_error ("x-im", "peers: %s\n", error->message);
      peer->row.checked_s = before_s;
      end_badly (peer, TROUBLE_UNREACHABLE, 0);
      return;
    }
  end_well (peer);
}

static void
take_absent (Peer *peer, GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAbsent) absent = xim_judge_absent (
      pin_of (peer), peer->jid, body, xim_plugin_now_s (), &error);
  if (absent == NULL)
    {
      refuse (peer, body, error);
      return;
    }
  g_free (peer->row.absent);
  peer->row.absent = xim_note_encode (absent->note);
  peer->row.checked_s = 0;
  if (!save (peer, &peer->row, NULL, &error))
    {
      refuse (peer, body, error);
      return;
    }
  purple_debug_info ("x-im", "peers: %s has no keys\n", peer->jid);
  peer->absent_s = absent->time_s;
  end_well (peer);
}

static void
got_answer (const XimHttpAnswer *answer, gpointer data)
{
  Peer *peer = data;
  peer->request = 0;
  gboolean whole = answer->outcome == XIM_HTTP_ANSWER;
  if (whole && answer->status == 200)
    take_bundle (peer, answer);
  else if (whole && answer->status == 304 && peer->conditional)
    take_unchanged (peer);
  else if (whole && answer->status == 404)
    take_absent (peer, answer->body);
  else
    {
      g_autoptr (GError) error = NULL;
      xim_keyserver_refusal (answer, NULL, &error);
      purple_debug_info ("x-im", "peers: %s: %s\n", peer->jid, error->message);
      end_badly (peer, TROUBLE_UNREACHABLE, answer->retry_after_s);
    }
}

/* Asking. */

/* A "not modified" must not keep alive a bundle whose word that it is the
 * newest grew too old, or that absence followed. */
static gboolean
may_revalidate (const Peer *peer, gint64 now_s)
{
  return peer->verified != NULL && peer->row.etag != NULL
         && peer->absent_s == 0 && peer->trouble != TROUBLE_KEY_CHANGED
         && peer->trouble != TROUBLE_BAD_ANSWER
         && now_s - xim_verified_current_s (peer->verified)
                < XIM_CURRENT_LIFE_S - XIM_CURRENT_RENEW_S;
}

static void
ask (Peer *peer, const XimDomain *domain)
{
  g_autofree char *url
      = xim_keyserver_account_url (domain->base_url, peer->jid);
  peer->conditional = may_revalidate (peer, xim_plugin_now_s ());
  XimHttpRequest request = {
    .method = "GET",
    .url = url,
    .ca_file = domain->ca_file,
    .local = domain->local,
    .etag = peer->conditional ? peer->row.etag : NULL,
    .max_len = XIM_BUNDLE_MAX,
  };
  purple_debug_info ("x-im", "peers: looking up %s\n", peer->jid);
  peer->request
      = xim_http_send (peer->peers->http, &request, got_answer, peer);
}

static void
got_domain (const XimDomain *domain, gpointer data)
{
  Peer *peer = data;
  peer->finding = FALSE;
  switch (domain->state)
    {
    case XIM_DOMAIN_PINNED:
      if (peer->verified == NULL)
        verify_stored (peer);
      ask (peer, domain);
      return;
    case XIM_DOMAIN_NO_KEYSERVER:
      peer->no_keyserver_s = xim_plugin_now_s ();
      end_badly (peer, TROUBLE_NO_KEYSERVER, 0);
      return;
    case XIM_DOMAIN_CHANGED:
      end_badly (peer, TROUBLE_SERVER_CHANGED, 0);
      return;
    case XIM_DOMAIN_UNREACHABLE:
    default:
      end_badly (peer, TROUBLE_UNREACHABLE, 0);
      return;
    }
}

static gboolean
is_fresh (const Peer *peer, gint64 now_s)
{
  if (peer->trouble == TROUBLE_NO_KEYSERVER)
    return ABS (now_s - peer->no_keyserver_s) < XIM_BUNDLE_FRESH_S / 2;
  if (peer->trouble != TROUBLE_NONE)
    return FALSE;
  if (peer->absent_s != 0)
    return ABS (now_s - peer->absent_s) < ABSENT_FRESH_S;
  gint64 age_s = now_s - peer->row.checked_s;
  return peer->verified != NULL && age_s >= 0 && age_s < XIM_BUNDLE_FRESH_S;
}

void
xim_peers_refresh (XimPeers *peers, const char *jid, gboolean force)
{
  Peer *peer = get_peer (peers, jid);
  if (peer->finding || peer->request != 0)
    return;
  if (!force && is_fresh (peer, xim_plugin_now_s ()))
    return;
  if (xim_plugin_boot_s () < peer->retry_s)
    return;
  peer->finding = TRUE;
  xim_discovery_find (peers->discovery, xim_jid_domain (jid), got_domain,
                      peer);
}

gboolean
xim_peers_trust (XimPeers *peers, const char *jid, XimTrustPeer *out)
{
  Peer *peer = get_peer (peers, jid);
  if (peer->verified == NULL || peer->trouble == TROUBLE_SERVER_CHANGED)
    return FALSE;
  guint32 version = xim_verified_account (peer->verified)->version;
  out->verified = peer->verified;
  out->checked_s = peer->row.checked_s;
  out->reset_version = is_reset (peer) ? version : 0;
  out->accepted_version = peer->row.accepted_version;
  return TRUE;
}

XimPolicy
xim_peers_policy (XimPeers *peers, const char *jid)
{
  int policy = get_peer (peers, jid)->policy;
  return policy >= 0 ? (XimPolicy)policy : xim_prefs_policy ();
}

gboolean
xim_peers_set_policy (XimPeers *peers, const char *jid, XimPolicy policy,
                      GError **error)
{
  Peer *peer = get_peer (peers, jid);
  if (!xim_store_save_policy (peers->store, jid, (int)policy, error))
    return FALSE;
  peer->policy = (int)policy;
  return TRUE;
}

gboolean
xim_peers_accept (XimPeers *peers, const char *jid, GError **error)
{
  Peer *peer = get_peer (peers, jid);
  if (peer->verified == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "a bundle of %s should be held to accept it", jid);
      return FALSE;
    }
  guint32 before = peer->row.accepted_version;
  peer->row.accepted_version = xim_verified_account (peer->verified)->version;
  if (save (peer, &peer->row, NULL, error))
    {
      tell (peer);
      return TRUE;
    }
  peer->row.accepted_version = before;
  return FALSE;
}

char *
xim_peers_fingerprint (XimPeers *peers, const char *jid)
{
  Peer *peer = get_peer (peers, jid);
  return peer->verified != NULL ? xim_judge_fingerprint (peer->verified)
                                : NULL;
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
