/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Open connections, and the deadlines that end them. */

#pragma once

#include "ks-config.h"
#include "ks-limits.h"

/**
 * XimKsPeers:
 * All connections of one server, and a thread that shuts down those whose time
 * is over, whatever trickles in on them.  For all threads.
 */
typedef struct _XimKsPeers XimKsPeers;

/* One connection. */
typedef struct _XimKsPeer XimKsPeer;

/**
 * xim_ks_peers_new:
 * @config: request_deadline_s and connection_life_s; outlives it
 */
XimKsPeers *xim_ks_peers_new (const XimKsConfig *config);
void xim_ks_peers_free (XimKsPeers *peers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsPeers, xim_ks_peers_free)

/**
 * xim_ks_peers_add:
 * @fd: the socket, still its opener's
 */
XimKsPeer *xim_ks_peers_add (XimKsPeers *peers, int fd, XimKsNetwork network);

/**
 * xim_ks_peers_remove:
 * Call it before the socket is closed: afterwards its number may be another's.
 */
void xim_ks_peers_remove (XimKsPeers *peers, XimKsPeer *peer);
XimKsNetwork xim_ks_peer_network (const XimKsPeer *peer);

/**
 * xim_ks_peer_cut:
 * Shuts its socket down; whoever opened it closes it.
 */
void xim_ks_peer_cut (XimKsPeer *peer);

/* A request on @peer began, or was answered (also when none had begun). */
void xim_ks_peers_begin (XimKsPeers *peers, XimKsPeer *peer);
void xim_ks_peers_answered (XimKsPeers *peers, XimKsPeer *peer);

/**
 * xim_ks_peers_n_busy:
 * Returns: requests that began and are not answered yet
 */
guint xim_ks_peers_n_busy (XimKsPeers *peers);
