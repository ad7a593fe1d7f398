/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What messages say of versions, and what changed of devices. */

#include "config.h"

#include <string.h>

#include "peers.h"
#include "peers-state.h"

/* History */

static gboolean
leads_to (const XimAccount *before, const XimAccount *after)
{
  return xim_chain_bound (after, &before, 1) == 1;
}

/* The first of the texts that lead to the newest one without a gap, and
 * without a reset in between. */
static guint
find_floor (const GPtrArray *history)
{
  guint i = history->len - 1;
  while (i > 0)
    {
      const XimAccount *account = g_ptr_array_index (history, i);
      const XimAccount *before = g_ptr_array_index (history, i - 1);
      if (account->reset || !leads_to (before, account))
        break;
      i--;
    }
  return i;
}

static GPtrArray *
load_history (Peer *peer)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *history = NULL;
  if (!xim_judge_history (peer->peers->store, peer->jid, &history, &error))
    {
      purple_debug_error ("x-im", "peers: %s\n", error->message);
      return NULL;
    }
  if (history->len == 0)
    g_clear_pointer (&history, g_ptr_array_unref);
  return history;
}

static XimClaimResult
compare_below (const Peer *peer, const XimAccount *floor,
               const XimPeersClaim *claim)
{
  if (floor->reset)
    return XIM_CLAIM_OLD;
  if (peer->lacking && claim->version >= peer->wanted)
    return XIM_CLAIM_LACKING;
  /* What is further back than one walk is not worth asking for. */
  return floor->version - claim->version > XIM_WALK_MAX ? XIM_CLAIM_OLD
                                                        : XIM_CLAIM_MISSING;
}

XimClaimResult
xim_peers_compare (XimPeers *peers, const char *jid,
                   const XimPeersClaim *claim)
{
  Peer *peer = xim_peers_get (peers, jid);
  g_autoptr (GPtrArray) history = load_history (peer);
  if (history == NULL)
    return XIM_CLAIM_NEWER;
  const guint first = find_floor (history);
  const XimAccount *floor = g_ptr_array_index (history, first);
  const XimAccount *newest = g_ptr_array_index (history, history->len - 1);
  if (claim->version > newest->version)
    return XIM_CLAIM_NEWER;
  if (claim->version < floor->version)
    return compare_below (peer, floor, claim);
  const XimAccount *same
      = g_ptr_array_index (history, first + (claim->version - floor->version));
  return memcmp (same->hash.bytes, claim->hash.bytes, sizeof same->hash.bytes)
                 == 0
             ? XIM_CLAIM_FITS
             : XIM_CLAIM_OTHER;
}

XimVerified *
xim_peers_former (XimPeers *peers, const char *jid, const XimDeviceId *device)
{
  Peer *peer = xim_peers_get (peers, jid);
  g_autoptr (GPtrArray) history = load_history (peer);
  if (peer->verified == NULL || history == NULL
      || xim_verified_signer (peer->verified, device) != NULL)
    return NULL;
  for (guint i = history->len; i > 0; i--)
    {
      const XimAccount *account = g_ptr_array_index (history, i - 1);
      if (xim_account_find (account, device) != NULL)
        return xim_verified_former (peer->verified, account);
    }
  return NULL;
}

/* Changes */

GArray *
xim_peers_changes (XimPeers *peers, const char *jid)
{
  Peer *peer = xim_peers_get (peers, jid);
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (XimPeersChange));
  g_autoptr (GPtrArray) history = load_history (peer);
  for (guint i = 1; history != NULL && i < history->len; i++)
    {
      const XimAccount *before = g_ptr_array_index (history, i - 1);
      const XimAccount *account = g_ptr_array_index (history, i);
      XimPeersChange change
          = { .unreached = !account->reset && !leads_to (before, account) };
      if (account->version <= peer->row.told_version)
        continue;
      xim_chain_change (before, account, &change.change);
      g_array_append_val (changes, change);
    }
  return changes;
}

void
xim_peers_told (XimPeers *peers, const char *jid)
{
  Peer *peer = xim_peers_get (peers, jid);
  g_autoptr (GError) error = NULL;
  if (peer->verified == NULL)
    return;
  guint32 version = xim_verified_account (peer->verified)->version;
  if (version == peer->row.told_version)
    return;
  peer->row.told_version = version;
  if (!xim_store_save_peer (peers->store, jid, &peer->row, &error))
    purple_debug_error ("x-im", "peers: %s\n", error->message);
}

/* Claims */

static gboolean
save_claim (Peer *peer, gboolean accepted, GError **error)
{
  const XimStoreClaim row = { .version = peer->claim.version,
                              .hash = peer->claim.hash,
                              .device = peer->claim.device,
                              .accepted = accepted };
  return xim_store_save_claim (peer->peers->store, peer->jid, &row, error);
}

void
xim_peers_load_claim (Peer *peer)
{
  g_autoptr (GError) error = NULL;
  XimStoreClaim row = { 0 };
  gboolean found = FALSE;
  if (!xim_store_load_claim (peer->peers->store, peer->jid, &found, &row,
                             &error))
    purple_debug_error ("x-im", "peers: %s: %s\n", peer->jid, error->message);
  if (!found)
    return;
  peer->claim = (XimPeersClaim){ row.version, row.hash, row.device };
  peer->has_accepted = row.accepted;
  peer->has_claim = !row.accepted;
}

static gboolean
is_same (const XimPeersClaim *a, const XimPeersClaim *b)
{
  return a->version == b->version
         && memcmp (a->hash.bytes, b->hash.bytes, sizeof a->hash.bytes) == 0;
}

void
xim_peers_hear (XimPeers *peers, const char *jid, const XimPeersClaim *claim)
{
  Peer *peer = xim_peers_get (peers, jid);
  g_autoptr (GError) error = NULL;
  gboolean same = is_same (&peer->claim, claim);
  if (same && (peer->has_claim || peer->has_accepted))
    return;
  peer->claim = *claim;
  peer->has_claim = TRUE;
  peer->has_accepted = FALSE;
  peer->claim_after = peer->n_begun;
  peer->retry_s = peer->trouble == TROUBLE_NONE ? 0 : peer->retry_s;
  if (!save_claim (peer, FALSE, &error))
    purple_debug_error ("x-im", "peers: %s\n", error->message);
  xim_peers_tell (peer);
}

/* A device that is not listed any more has no say: else a thief could stop
 * what the owner sends from the device that is left. */
void
xim_peers_settle_claim (Peer *peer)
{
  g_autoptr (GError) error = NULL;
  if (!peer->has_claim || peer->verified == NULL)
    return;
  XimClaimResult result
      = xim_peers_compare (peer->peers, peer->jid, &peer->claim);
  if ((result == XIM_CLAIM_NEWER || result == XIM_CLAIM_OTHER)
      && xim_verified_signer (peer->verified, &peer->claim.device) != NULL)
    return;
  peer->has_claim = FALSE;
  if (!xim_store_delete_claim (peer->peers->store, peer->jid, &error))
    purple_debug_error ("x-im", "peers: %s\n", error->message);
}

gboolean
xim_peers_claim_denied (const Peer *peer)
{
  return peer->has_claim && peer->verified != NULL
         && (peer->n_well > peer->claim_after
             || peer->claim.version
                    <= xim_verified_account (peer->verified)->version);
}

gboolean
xim_peers_accept_claim (Peer *peer, GError **error)
{
  if (!save_claim (peer, TRUE, error))
    return FALSE;
  peer->has_claim = FALSE;
  peer->has_accepted = TRUE;
  return TRUE;
}

/* Older versions */

static void
history_ended (XimWalkEnd end, GPtrArray *got, guint retry_after_s,
               gpointer data)
{
  Peer *peer = data;
  XimStore *store = peer->peers->store;
  g_autoptr (XimWalk) over = g_steal_pointer (&peer->history);
  g_autoptr (GError) error = NULL;
  (void)retry_after_s;
  for (guint i = 0; i < got->len && error == NULL; i++)
    {
      const XimAccount *account = g_ptr_array_index (got, i);
      xim_store_save_version (store, peer->jid, account->version,
                              account->text, &error);
    }
  if (error != NULL)
    purple_debug_error ("x-im", "peers: %s\n", error->message);
  peer->lacking = end == XIM_WALK_BROKEN;
  xim_peers_tell (peer);
}

void
xim_peers_complete (XimPeers *peers, const char *jid, guint32 lowest)
{
  Peer *peer = xim_peers_get (peers, jid);
  g_autoptr (GPtrArray) history = load_history (peer);
  if (peer->history != NULL || history == NULL || peer->site.base_url == NULL)
    return;
  const XimAccount *floor = g_ptr_array_index (history, find_floor (history));
  if (lowest >= floor->version || floor->version - lowest > XIM_WALK_MAX)
    return;
  XimDomain domain;
  xim_site_domain (&peer->site, &domain);
  const XimWalkQuestion question
      = { .domain = &domain, .jid = jid, .from = floor, .lowest = lowest };
  peer->wanted = lowest;
  peer->lacking = FALSE;
  peer->history = xim_walk_new (peers->http, &question, history_ended, peer);
}

guint
xim_peers_n_begun (XimPeers *peers, const char *jid)
{
  return xim_peers_get (peers, jid)->n_begun;
}

guint
xim_peers_n_well (XimPeers *peers, const char *jid)
{
  return xim_peers_get (peers, jid)->n_well;
}
