/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What a keyserver answered waits until its log was compared. */

#include "config.h"

#include "peers.h"
#include "peers-state.h"

void
xim_peers_gate_clear (Peer *peer)
{
  Gate *gate = &peer->gate;
  g_clear_pointer (&gate->check, xim_log_check_free);
  g_clear_pointer (&gate->verified, xim_verified_unref);
  g_clear_pointer (&gate->absent, xim_absent_free);
  g_clear_pointer (&gate->body, g_bytes_unref);
  g_clear_pointer (&gate->etag, g_free);
  xim_log_word_clear (&gate->word);
}

static gboolean
is_newer (const Peer *peer)
{
  return peer->gate.verified != NULL
         && xim_verified_relation (peer->gate.verified)
                != XIM_RELATION_UNCHANGED;
}

gboolean
xim_peers_is_behind (const Peer *peer)
{
  return peer->ahead.walk != NULL
         || (peer->gate.check != NULL && is_newer (peer));
}

gboolean
xim_peers_is_forked (const Peer *peer)
{
  return xim_log_is_forked (peer->peers->store, xim_jid_domain (peer->jid));
}

static void
end_badly (Peer *peer, XimLogEnd how, guint retry_after_s)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_ref (peer->gate.body);
  const gboolean newer = is_newer (peer);
  xim_peers_gate_clear (peer);
  xim_log_error (how, &error);
  if (how == XIM_LOG_OUTAGE)
    xim_peers_miss (peer, newer, retry_after_s);
  else if (how == XIM_LOG_FORKED)
    xim_peers_end_forked (peer);
  else
    xim_peers_refuse (peer, body, error);
  if (how == XIM_LOG_FORKED)
    peer->peers->ops->forked (xim_jid_domain (peer->jid),
                              peer->peers->user_data);
}

static void
end (Peer *peer, XimLogEnd how, guint retry_after_s)
{
  if (how == XIM_LOG_FITS)
    {
      xim_peers_take (peer);
      xim_peers_gate_clear (peer);
    }
  else
    end_badly (peer, how, retry_after_s);
  /* Until here evidence shows what a walk got. */
  if (how != XIM_LOG_OUTAGE)
    g_clear_pointer (&peer->ahead.got, g_ptr_array_unref);
}

static void
checked (XimLogEnd how, guint retry_after_s, gpointer data)
{
  Peer *peer = data;
  /* What is taken may be looked up again at once. */
  g_autoptr (XimLogCheck) over = g_steal_pointer (&peer->gate.check);
  end (peer, how, retry_after_s);
}

void
xim_peers_gate (Peer *peer, XimVerified *verified, XimAbsent *absent,
                GBytes *body, const char *etag)
{
  Gate *gate = &peer->gate;
  const XimServer *server = xim_peers_pin (peer);
  XimDomain domain;
  XimLogEnd how;
  xim_site_domain (&peer->site, &domain);
  domain.server = server;
  xim_peers_gate_clear (peer);
  gate->verified = verified;
  gate->absent = absent;
  gate->body = g_bytes_ref (body);
  gate->etag = g_strdup (etag);
  xim_log_word_of (verified, absent, server, &gate->word);
  gate->check = xim_log_check_new (peer->peers->store, peer->peers->http,
                                   &domain, &gate->word, &how);
  if (gate->check != NULL)
    xim_log_check_start (gate->check, checked, peer);
  else
    end (peer, how, 0);
}
