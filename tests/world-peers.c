/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A keyserver that is made up, for tests/world.c: what plugin/peers.c does. */

#include "config.h"

#include "tests/world.h"

#include "tests/test-bundles.h"

typedef struct
{
  XimFacts facts;
  XimVerified *verified;
  XimVerified *former; /* (nullable): with the device that was removed */
  XimAccount *account; /* of the newest bundle */
  XimClaimResult said; /* what every claim comes to */
  guint n_lookups;
} Peer;

struct _XimPeers
{
  GHashTable *table;
};

static void
peer_free (gpointer data)
{
  Peer *peer = data;

  g_clear_pointer (&peer->verified, xim_verified_unref);
  g_clear_pointer (&peer->former, xim_verified_unref);
  g_clear_pointer (&peer->account, xim_account_free);
  g_free (peer);
}

static Peer *
get_peer (XimPeers *peers, const char *jid)
{
  Peer *peer = g_hash_table_lookup (peers->table, jid);

  if (peer == NULL)
    {
      peer = g_new0 (Peer, 1);
      peer->facts.domain_pinned = TRUE;
      peer->facts.peer_online = TRUE;
      g_hash_table_insert (peers->table, g_strdup (jid), peer);
    }
  return peer;
}

void
xim_peers_facts (XimPeers *peers, const char *jid, XimFacts *facts)
{
  *facts = get_peer (peers, jid)->facts;
}

void
xim_peers_refresh (XimPeers *peers, const char *jid, gboolean force)
{
  Peer *peer = get_peer (peers, jid);

  if (force || peer->facts.peer != XIM_PEER_ABSENT)
    peer->n_lookups++;
}

gboolean
xim_peers_trust (XimPeers *peers, const char *jid, XimTrustPeer *out)
{
  Peer *peer = get_peer (peers, jid);

  *out = (XimTrustPeer){ .verified = peer->verified,
                         .checked_s = peer->facts.checked_s,
                         .accepted_version = 1 };
  return peer->verified != NULL;
}

XimPolicy
xim_peers_policy (XimPeers *peers, const char *jid)
{
  return get_peer (peers, jid)->facts.policy;
}

XimVerified *
xim_peers_former (XimPeers *peers, const char *jid, const XimDeviceId *device)
{
  Peer *peer = get_peer (peers, jid);

  return peer->former != NULL
                 && xim_verified_signer (peer->former, device) != NULL
             ? xim_verified_ref (peer->former)
             : NULL;
}

XimClaimResult
xim_peers_compare (XimPeers *peers, const char *jid,
                   const XimPeersClaim *claim)
{
  (void)claim;
  return get_peer (peers, jid)->said;
}

void
xim_peers_hear (XimPeers *peers, const char *jid, const XimPeersClaim *claim)
{
  (void)claim;
  get_peer (peers, jid)->facts.peer = XIM_PEER_DENIED;
}

void
xim_peers_complete (XimPeers *peers, const char *jid, guint32 lowest)
{
  (void)peers, (void)jid, (void)lowest;
}

guint
xim_peers_n_begun (XimPeers *peers, const char *jid)
{
  (void)peers, (void)jid;
  return 0;
}

guint
xim_peers_n_well (XimPeers *peers, const char *jid)
{
  (void)peers, (void)jid;
  return 0;
}

const char *
xim_peers_bundle (XimPeers *peers, const char *jid)
{
  (void)peers, (void)jid;
  return NULL;
}

/* What a test says */

XimPeers *
world_peers_new (void)
{
  XimPeers *peers = g_new0 (XimPeers, 1);

  peers->table
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, peer_free);
  return peers;
}

void
world_peers_free (XimPeers *peers)
{
  g_hash_table_unref (peers->table);
  g_free (peers);
}

XimFacts *
world_facts (WorldClient *client, const char *jid)
{
  return &get_peer (client->peers, jid)->facts;
}

void
world_found (WorldClient *client, const char *jid, char letter)
{
  const char devices[] = { letter, '\0' };
  Peer *peer = get_peer (client->peers, jid);
  g_autoptr (XimBundle) bundle
      = test_bundle ((TestBundle){ .jid = jid, .devices = devices });
  const XimKnown known = { 0 };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&peer->former, xim_verified_unref);
  g_clear_pointer (&peer->verified, xim_verified_unref);
  g_clear_pointer (&peer->account, xim_account_free);
  peer->account = xim_account_copy (bundle->account);
  peer->verified = test_verify (bundle, jid, &known, world_now_s, &error);
  g_assert_no_error (error);
  peer->facts.peer = XIM_PEER_READY;
  peer->facts.peer_ever_held = TRUE;
  peer->facts.checked_s = world_now_s;
}

guint
world_n_lookups (WorldClient *client, const char *jid)
{
  return get_peer (client->peers, jid)->n_lookups;
}

void
world_removed (WorldClient *client, const char *jid, char letter)
{
  const char devices[] = { letter, '\0' };
  Peer *peer = get_peer (client->peers, jid);
  XimVerified *former = xim_verified_ref (peer->verified);
  g_autoptr (XimAccount) before = xim_account_copy (peer->account);
  g_autoptr (XimBundle) bundle = test_bundle (
      (TestBundle){ .jid = jid, .before = before, .devices = devices });
  const XimKnown known = { .history = { .newest = before } };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&peer->verified, xim_verified_unref);
  peer->verified = test_verify (bundle, jid, &known, world_now_s, &error);
  g_assert_no_error (error);
  g_clear_pointer (&peer->former, xim_verified_unref);
  peer->former = xim_verified_former (peer->verified, before);
  xim_verified_unref (former);
}

void
world_said (WorldClient *client, const char *jid, XimClaimResult said)
{
  get_peer (client->peers, jid)->said = said;
}
