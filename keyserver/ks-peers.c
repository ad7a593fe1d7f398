/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Open connections, and the deadlines that end them. */

#include "config.h"

#include "ks-peers.h"

#include <stdatomic.h>
#include <sys/socket.h>

#include "ks-metrics.h"

#define WATCH_US (G_USEC_PER_SEC / 4)

struct _XimKsPeer
{
  int fd;
  XimKsNetwork network;
  gint64 begin_us;
  _Atomic gint64 answered_us; /* the last answer, at first the beginning */
  atomic_bool busy;
  gboolean cut;
  GList link;
};

struct _XimKsPeers
{
  const XimKsConfig *config;
  atomic_uint n_busy;
  GMutex lock;
  GCond changed;
  GQueue peers; /* of XimKsPeer */
  gboolean watching;
  GThread *watcher;
};

static gboolean
is_over (const XimKsConfig *config, XimKsPeer *peer, gint64 now_us)
{
  gint64 deadline_us = (gint64)config->request_deadline_s * G_USEC_PER_SEC;
  gint64 life_us = (gint64)config->connection_life_s * G_USEC_PER_SEC;
  if (atomic_load (&peer->busy))
    life_us += deadline_us;
  return now_us - atomic_load (&peer->answered_us) > deadline_us
         || now_us - peer->begin_us > life_us;
}

/* A connection leaves the list before its socket is closed, so what is shut
 * down here is never another one's. */
static gpointer
watch (gpointer user_data)
{
  XimKsPeers *peers = user_data;
  g_mutex_lock (&peers->lock);
  while (peers->watching)
    {
      gint64 now_us = g_get_monotonic_time ();
      for (GList *link = peers->peers.head; link != NULL; link = link->next)
        {
          XimKsPeer *peer = link->data;
          if (peer->cut || !is_over (peers->config, peer, now_us))
            continue;
          peer->cut = TRUE;
          xim_ks_peer_cut (peer);
        }
      g_cond_wait_until (&peers->changed, &peers->lock, now_us + WATCH_US);
    }
  g_mutex_unlock (&peers->lock);
  return NULL;
}

XimKsPeers *
xim_ks_peers_new (const XimKsConfig *config)
{
  XimKsPeers *peers = g_new0 (XimKsPeers, 1);
  peers->config = config;
  g_mutex_init (&peers->lock);
  g_cond_init (&peers->changed);
  g_queue_init (&peers->peers);
  peers->watching = TRUE;
  peers->watcher = g_thread_new ("deadlines", watch, peers);
  return peers;
}

void
xim_ks_peers_free (XimKsPeers *peers)
{
  if (peers == NULL)
    return;
  g_mutex_lock (&peers->lock);
  peers->watching = FALSE;
  g_cond_signal (&peers->changed);
  g_mutex_unlock (&peers->lock);
  g_thread_join (peers->watcher);
  g_cond_clear (&peers->changed);
  g_mutex_clear (&peers->lock);
  g_free (peers);
}

XimKsPeer *
xim_ks_peers_add (XimKsPeers *peers, int fd, XimKsNetwork network)
{
  XimKsPeer *peer = g_new0 (XimKsPeer, 1);
  peer->fd = fd;
  peer->network = network;
  peer->begin_us = g_get_monotonic_time ();
  atomic_store (&peer->answered_us, peer->begin_us);
  peer->link.data = peer;
  g_mutex_lock (&peers->lock);
  g_queue_push_tail_link (&peers->peers, &peer->link);
  g_mutex_unlock (&peers->lock);
  xim_ks_metrics_count (XIM_KS_CONNECTIONS);
  xim_ks_metrics_add (XIM_KS_OPEN_CONNECTIONS, 1);
  return peer;
}

void
xim_ks_peers_remove (XimKsPeers *peers, XimKsPeer *peer)
{
  xim_ks_peers_answered (peers, peer);
  g_mutex_lock (&peers->lock);
  g_queue_unlink (&peers->peers, &peer->link);
  g_mutex_unlock (&peers->lock);
  xim_ks_metrics_add (XIM_KS_OPEN_CONNECTIONS, -1);
  g_free (peer);
}

XimKsNetwork
xim_ks_peer_network (const XimKsPeer *peer)
{
  return peer->network;
}

void
xim_ks_peer_cut (XimKsPeer *peer)
{
  shutdown (peer->fd, SHUT_RDWR);
  xim_ks_metrics_count (XIM_KS_CONNECTIONS_CUT);
}

void
xim_ks_peers_begin (XimKsPeers *peers, XimKsPeer *peer)
{
  if (!atomic_exchange (&peer->busy, TRUE))
    atomic_fetch_add (&peers->n_busy, 1);
}

void
xim_ks_peers_answered (XimKsPeers *peers, XimKsPeer *peer)
{
  atomic_store (&peer->answered_us, g_get_monotonic_time ());
  if (atomic_exchange (&peer->busy, FALSE))
    atomic_fetch_sub (&peers->n_busy, 1);
}

guint
xim_ks_peers_n_busy (XimKsPeers *peers)
{
  return atomic_load (&peers->n_busy);
}
