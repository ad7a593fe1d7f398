/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Lookups of other members: asking, walking, and what the answers come to. */

#include "config.h"

#include "clock.h"
#include "peers.h"
#include "peers-state.h"

#define RETRY_MIN_S 10
#define RETRY_MAX_S 900
#define ABSENT_FRESH_S (XIM_CLOCK_SKEW_S / 2)

static void
clear_ahead (Peer *peer)
{
  g_clear_pointer (&peer->ahead.walk, xim_walk_free);
  g_clear_pointer (&peer->ahead.json, g_bytes_unref);
  g_clear_pointer (&peer->ahead.etag, g_free);
}

void
xim_peers_stop (Peer *peer)
{
  xim_http_cancel (peer->peers->http, peer->request);
  if (peer->finding)
    xim_discovery_forget (peer->peers->discovery, peer);
  clear_ahead (peer);
  xim_peers_gate_clear (peer);
  g_clear_pointer (&peer->ahead.got, g_ptr_array_unref);
  g_clear_pointer (&peer->history, xim_walk_free);
}

/* The end of a lookup. */

static void
wait_before_next (Peer *peer, guint retry_after_s)
{
  gint64 wait_s
      = xim_plugin_backoff_s (peer->n_failures++, RETRY_MIN_S, RETRY_MAX_S);
  peer->retry_s = xim_plugin_boot_s () + MAX (wait_s, (gint64)retry_after_s);
}

/* A claim that the answer did not meet is asked for again by and by. */
static void
end_well (Peer *peer)
{
  peer->trouble = TROUBLE_NONE;
  peer->online = TRUE;
  peer->n_well = peer->n_begun;
  xim_peers_settle_claim (peer);
  if (peer->has_claim)
    wait_before_next (peer, 0);
  else
    {
      peer->n_failures = 0;
      peer->retry_s = 0;
    }
  xim_peers_tell (peer);
}

static void
end_badly (Peer *peer, Trouble trouble, guint retry_after_s)
{
  wait_before_next (peer, retry_after_s);
  peer->trouble = trouble;
  peer->online = trouble != TROUBLE_UNREACHABLE && trouble != TROUBLE_WALK;
  xim_peers_tell (peer);
}

/* After a restart too the bundle must be asked for before it is used. */
static void
forget_check (Peer *peer)
{
  g_autoptr (GError) error = NULL;
  peer->row.checked_s = 0;
  if (!xim_peers_save (peer, &peer->row, NULL, NULL, &error))
    purple_debug_error ("x-im", "peers: %s\n", error->message);
}

static Trouble
trouble_of (const GError *error)
{
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    return TROUBLE_ROLLED_BACK;
  return g_error_matches (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED)
             ? TROUBLE_NOT_LOGGED
             : TROUBLE_BAD_ANSWER;
}

/* What does not verify: a change of keys, or a lie, or our own clock. */
void
xim_peers_refuse (Peer *peer, GBytes *body, const GError *error)
{
  purple_debug_warning ("x-im", "peers: %s: %s\n", peer->jid, error->message);
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_STORE))
    {
      end_badly (peer, TROUBLE_UNREACHABLE, 0);
      return;
    }
  forget_check (peer);
  xim_peers_keep (peer, (XimError)error->code, error->message, body);
  end_badly (peer, trouble_of (error), 0);
}

void
xim_peers_miss (Peer *peer, gboolean newer, guint retry_after_s)
{
  if (newer)
    forget_check (peer);
  end_badly (peer, newer ? TROUBLE_WALK : TROUBLE_UNREACHABLE, retry_after_s);
}

void
xim_peers_end_forked (Peer *peer)
{
  forget_check (peer);
  end_badly (peer, TROUBLE_NOT_LOGGED, 0);
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
      if (peer->verified == NULL || !xim_peers_is_reset (peer))
        return version;
      return before;
    case XIM_RELATION_UNCHANGED:
    case XIM_RELATION_RESET:
    default:
      return before;
    }
}

static void
keep_what_does_not_fit (Peer *peer, const XimVerified *verified, GBytes *body)
{
  const char *unreached = xim_verified_unreached (verified);
  const char *replayed = xim_verified_replayed (verified);
  if (unreached != NULL)
    xim_peers_keep (peer, XIM_ERROR_KEY_CHANGED, unreached, body);
  if (replayed != NULL)
    xim_peers_keep (peer, XIM_ERROR_REPLAYED, replayed, body);
}

/* A version that nothing leads to does not become what is known before the
 * user says so: when the keyserver returns to the truth, so does this client.
 */
static void
take_pending (Peer *peer)
{
  g_autoptr (XimVerified) owned = g_steal_pointer (&peer->gate.verified);
  g_autoptr (GBytes) body = g_bytes_ref (peer->gate.body);
  g_autoptr (GError) error = NULL;
  gsize len = 0;
  const char *json = g_bytes_get_data (body, &len);
  keep_what_does_not_fit (peer, owned, body);
  xim_peers_clear_pending (peer);
  peer->row.pending = g_strndup (json, len);
  peer->row.checked_s = xim_plugin_now_s ();
  if (!xim_peers_save (peer, &peer->row, NULL, &peer->gate.word, &error))
    {
      g_clear_pointer (&peer->row.pending, g_free);
      xim_peers_refuse (peer, body, error);
      return;
    }
  peer->pending = g_steal_pointer (&owned);
  peer->absent_s = 0;
  end_well (peer);
}

static void
take_verified (Peer *peer)
{
  g_autoptr (XimVerified) owned = g_steal_pointer (&peer->gate.verified);
  g_autoptr (GBytes) body = g_bytes_ref (peer->gate.body);
  const XimVerified *verified = owned;
  g_autoptr (GError) error = NULL;
  gsize len = 0;
  const char *json = g_bytes_get_data (body, &len);
  guint32 version = xim_verified_account (verified)->version;
  gboolean is_new = xim_verified_relation (verified) == XIM_RELATION_NEW;
  XimStorePeer row = {
    .bundle = g_strndup (json, len),
    .etag = g_strdup (peer->gate.etag),
    .checked_s = xim_plugin_now_s (),
    .ever_held = TRUE,
    .accepted_version = accepted_version (peer, verified),
    .told_version = is_new ? version : peer->row.told_version,
  };
  if (!xim_peers_save (peer, &row, verified, &peer->gate.word, &error))
    {
      xim_store_peer_clear (&row);
      xim_peers_refuse (peer, body, error);
      return;
    }
  purple_debug_info ("x-im", "peers: verified %s: version %u, %u devices\n",
                     peer->jid, version, xim_verified_n_usable (verified));
  keep_what_does_not_fit (peer, verified, body);
  xim_peers_clear_pending (peer);
  xim_store_peer_clear (&peer->row);
  peer->row = row;
  peer->absent_s = 0;
  g_clear_pointer (&peer->verified, xim_verified_unref);
  peer->verified = g_steal_pointer (&owned);
  end_well (peer);
}

static void
take_absence (Peer *peer)
{
  g_autoptr (XimAbsent) absent = g_steal_pointer (&peer->gate.absent);
  g_autoptr (GBytes) body = g_bytes_ref (peer->gate.body);
  g_autoptr (GError) error = NULL;
  g_free (peer->row.absent);
  peer->row.absent = xim_note_encode (absent->note);
  peer->row.checked_s = 0;
  if (!xim_peers_save (peer, &peer->row, NULL, &peer->gate.word, &error))
    {
      xim_peers_refuse (peer, body, error);
      return;
    }
  purple_debug_info ("x-im", "peers: %s has no keys\n", peer->jid);
  peer->absent_s = absent->time_s;
  end_well (peer);
}

void
xim_peers_take (Peer *peer)
{
  if (peer->gate.absent != NULL)
    take_absence (peer);
  else if (xim_verified_unreached (peer->gate.verified) != NULL)
    take_pending (peer);
  else
    take_verified (peer);
}

/* Walking. */

static XimJudge
judge_of (Peer *peer)
{
  return (XimJudge){ .store = peer->peers->store,
                     .server = xim_peers_pin (peer),
                     .jid = peer->jid,
                     .now_s = xim_plugin_now_s () };
}

/* With all that a walk brought, the bundle is judged for good. */
static void
judge_walked (Peer *peer, GPtrArray *got)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) json = g_bytes_ref (peer->ahead.json);
  g_autofree char *etag = g_strdup (peer->ahead.etag);
  XimJudge judge = judge_of (peer);
  judge.between = got;
  judge.walked = TRUE;
  XimVerified *verified = xim_judge_walked (&judge, json, &error);
  if (verified != NULL)
    {
      xim_peers_gate (peer, verified, NULL, json, etag);
      return;
    }
  xim_peers_refuse (peer, json, error);
  /* Until here evidence shows what was got. */
  g_clear_pointer (&peer->ahead.got, g_ptr_array_unref);
}

static void
walk_ended (XimWalkEnd end, GPtrArray *got, guint retry_after_s, gpointer data)
{
  Peer *peer = data;
  g_autoptr (XimWalk) over = g_steal_pointer (&peer->ahead.walk);
  g_ptr_array_ref (got);
  if (peer->ahead.got != NULL)
    g_ptr_array_unref (peer->ahead.got);
  peer->ahead.got = got;
  if (end == XIM_WALK_OUTAGE)
    {
      xim_peers_miss (peer, TRUE, retry_after_s);
    }
  else
    judge_walked (peer, got);
  clear_ahead (peer);
}

/* What an earlier attempt fetched, if it still leads to @newest. */
static GPtrArray *
reusable (Peer *peer, const XimAccount *newest)
{
  GPtrArray *got = peer->ahead.got;
  if (got == NULL
      || xim_chain_bound (newest, (const XimAccount *const *)got->pdata,
                          got->len)
             == got->len)
    return got;
  g_clear_pointer (&peer->ahead.got, g_ptr_array_unref);
  return NULL;
}

/* Returns: FALSE when the bundle is of no higher version. */
static gboolean
start_walk (Peer *peer, const XimHttpAnswer *answer)
{
  g_autoptr (XimAccount) newest = NULL;
  guint32 known = 0;
  XimJudge judge = judge_of (peer);
  if (!xim_judge_gap (&judge, answer->body, &newest, &known))
    return FALSE;
  purple_debug_info ("x-im", "peers: %s: versions between %u and %u\n",
                     peer->jid, known, newest->version);
  XimDomain domain;
  xim_site_domain (&peer->site, &domain);
  gboolean too_many = newest->version - known - 1 > XIM_WALK_MAX;
  XimWalkQuestion question = {
    .domain = &domain,
    .jid = peer->jid,
    .from = newest,
    .lowest = too_many ? newest->version : known + 1,
    .got = reusable (peer, newest),
  };
  peer->ahead.json = g_bytes_ref (answer->body);
  peer->ahead.etag = g_strdup (answer->etag);
  peer->ahead.walk
      = xim_walk_new (peer->peers->http, &question, walk_ended, peer);
  return TRUE;
}

/* Answers. */

static void
take_bundle (Peer *peer, const XimHttpAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  XimJudge judge = judge_of (peer);
  XimVerified *verified = xim_judge_walked (&judge, answer->body, &error);
  if (verified != NULL)
    xim_peers_gate (peer, verified, NULL, answer->body, answer->etag);
  else if (!g_error_matches (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED)
           || !start_walk (peer, answer))
    xim_peers_refuse (peer, answer->body, error);
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
  XimAbsent *absent = xim_judge_absent (xim_peers_pin (peer), peer->jid, body,
                                        xim_plugin_now_s (), &error);
  if (absent != NULL)
    xim_peers_gate (peer, NULL, absent, body, NULL);
  else
    xim_peers_refuse (peer, body, error);
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
      end_badly (peer,
                 peer->trouble == TROUBLE_WALK ? TROUBLE_WALK
                                               : TROUBLE_UNREACHABLE,
                 answer->retry_after_s);
    }
}

/* Asking. */

/* A "not modified" must not keep alive a bundle whose word that it is the
 * newest grew too old, or that absence followed. */
static gboolean
may_revalidate (const Peer *peer, gint64 now_s)
{
  return peer->verified != NULL && peer->row.etag != NULL
         && peer->pending == NULL && peer->absent_s == 0
         && (peer->trouble == TROUBLE_NONE
             || peer->trouble == TROUBLE_UNREACHABLE
             || peer->trouble == TROUBLE_NO_KEYSERVER
             || peer->trouble == TROUBLE_SERVER_CHANGED)
         && now_s - xim_verified_current_s (peer->verified)
                < XIM_CURRENT_LIFE_S - XIM_CURRENT_RENEW_S;
}

static void
ask (Peer *peer, const XimDomain *domain)
{
  g_autofree char *url
      = xim_keyserver_account_url (domain->base_url, peer->jid);
  xim_site_set (&peer->site, domain);
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
        xim_peers_verify_stored (peer);
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
      end_badly (peer,
                 peer->trouble == TROUBLE_WALK ? TROUBLE_WALK
                                               : TROUBLE_UNREACHABLE,
                 0);
      return;
    }
}

static gboolean
is_fresh (const Peer *peer, gint64 now_s)
{
  if (peer->trouble == TROUBLE_NO_KEYSERVER)
    return ABS (now_s - peer->no_keyserver_s) < XIM_BUNDLE_FRESH_S / 2;
  if (peer->trouble != TROUBLE_NONE || peer->has_claim)
    return FALSE;
  if (peer->absent_s != 0)
    return ABS (now_s - peer->absent_s) < ABSENT_FRESH_S;
  gint64 age_s = now_s - peer->row.checked_s;
  return peer->verified != NULL && age_s >= 0 && age_s < XIM_BUNDLE_FRESH_S;
}

void
xim_peers_refresh (XimPeers *peers, const char *jid, gboolean force)
{
  Peer *peer = xim_peers_get (peers, jid);
  if (peer->finding || peer->request != 0 || peer->ahead.walk != NULL
      || peer->gate.check != NULL || xim_peers_is_forked (peer))
    return;
  if (!force && is_fresh (peer, xim_plugin_now_s ()))
    return;
  if (xim_plugin_boot_s () < peer->retry_s)
    return;
  peer->finding = TRUE;
  peer->n_begun++;
  xim_discovery_find (peers->discovery, xim_jid_domain (jid), got_domain,
                      peer);
}
