/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* How fast each client network may ask: token buckets in fixed memory. */

#pragma once

#include <glib.h>

/* What is counted apart. */
typedef enum
{
  XIM_KS_LIMIT_LOOKUPS,
  XIM_KS_LIMIT_MISSES,
  XIM_KS_LIMIT_WRITES,
  XIM_KS_LIMIT_TILES,
  XIM_KS_LIMIT_CONNECTS,
  XIM_KS_N_LIMITS,
} XimKsLimit;

/* A bucket holds at most @burst tokens and gains @per_s each second. */
typedef struct
{
  guint64 per_s;
  guint64 burst;
} XimKsRate;

/* An IPv4 address, or the first 64 bits of an IPv6 address. */
typedef guint64 XimKsNetwork;

typedef struct _XimKsLimits XimKsLimits;

/**
 * xim_ks_limits_new:
 * @rates: one for each #XimKsLimit
 * @n_networks: how many networks are remembered at one time; beyond it those
 * that have been silent for longest are forgotten
 */
XimKsLimits *xim_ks_limits_new (const XimKsRate *rates, guint n_networks);
void xim_ks_limits_free (XimKsLimits *limits);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsLimits, xim_ks_limits_free)

/**
 * xim_ks_network:
 * @address: AF_INET or AF_INET6 (an IPv4 address mapped into IPv6 counts as
 * itself); of anything else the result is 0
 */
struct sockaddr;
XimKsNetwork xim_ks_network (const struct sockaddr *address);

/**
 * xim_ks_limits_take:
 * @now_us: a clock that does not jump, microseconds
 * Returns: whether there was a token; it is taken.  For all threads.
 */
gboolean xim_ks_limits_take (XimKsLimits *limits, XimKsNetwork network,
                             XimKsLimit limit, gint64 now_us);
