/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the systems compared have in common. */

#include "config.h"

#include "peer.h"

BenchPeer *
bench_peer_new (const char *name, gpointer state,
                char *(*seal) (gpointer, guint, const char *),
                char *(*open) (gpointer, guint, const char *))
{
  BenchPeer *peer = g_new (BenchPeer, 1);

  peer->name = name;
  peer->state = state;
  peer->seal = seal;
  peer->open = open;
  return peer;
}
