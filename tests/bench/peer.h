/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Two people who write to each other by one of the systems compared. */

#pragma once

#include <glib.h>

/**
 * BenchPeer:
 * People 0 and 1, set up and past their first messages; stores in memory.
 */
typedef struct
{
  const char *name;
  gpointer state;
  /* Returns: (transfer full): what @from would put into a stanza, in base64 */
  char *(*seal) (gpointer state, guint from, const char *text);
  /* Returns: (transfer full): the text, or NULL */
  char *(*open) (gpointer state, guint to, const char *sealed);
} BenchPeer;

/**
 * bench_peer_new:
 * Returns: (transfer full): a peer with these functions
 */
BenchPeer *bench_peer_new (const char *name, gpointer state,
                           char *(*seal) (gpointer, guint, const char *),
                           char *(*open) (gpointer, guint, const char *));

/**
 * bench_xim_new:
 * @cold: no context is kept on either side
 */
BenchPeer *bench_xim_new (gboolean cold);
BenchPeer *bench_omemo_new (void);
BenchPeer *bench_otr_new (void);
BenchPeer *bench_gpg_new (void);
void bench_gpg_stop (BenchPeer *peer);

/**
 * BenchFan:
 * One person who writes to many devices.
 */
typedef struct
{
  gpointer state;
  /* Returns: (transfer full): as above, to the first @n devices */
  char *(*seal) (gpointer state, guint n, const char *text);
} BenchFan;

BenchFan *bench_xim_fan_new (guint n, gboolean cold);
BenchFan *bench_omemo_fan_new (guint n);
