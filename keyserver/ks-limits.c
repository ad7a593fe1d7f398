/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* How fast each client network may ask: token buckets in fixed memory. */

#include "config.h"

#include "ks-limits.h"

#include <netinet/in.h>
#include <string.h>

#include "xim-crypto.h"

#define WAYS 8 /* networks that share one place in the table */

typedef struct
{
  XimKsNetwork network;
  gint64 seen_us; /* 0: free */
  double tokens[XIM_KS_N_LIMITS];
} Bucket;

typedef struct
{
  GMutex lock;
  Bucket buckets[WAYS];
} Set;

struct _XimKsLimits
{
  XimKsRate rates[XIM_KS_N_LIMITS];
  guint64 seed; /* odd; so that nobody can aim at a neighbour's place */
  guint n_sets;
  Set *sets;
};

XimKsLimits *
xim_ks_limits_new (const XimKsRate *rates, guint n_networks)
{
  XimKsLimits *limits = g_new0 (XimKsLimits, 1);
  memcpy (limits->rates, rates, sizeof limits->rates);
  xim_crypto_random ((guint8 *)&limits->seed, sizeof limits->seed);
  limits->seed |= 1;
  limits->n_sets = MAX (1, n_networks / WAYS);
  limits->sets = g_new0 (Set, limits->n_sets);
  for (guint i = 0; i < limits->n_sets; i++)
    g_mutex_init (&limits->sets[i].lock);
  return limits;
}

void
xim_ks_limits_free (XimKsLimits *limits)
{
  if (limits == NULL)
    return;
  for (guint i = 0; i < limits->n_sets; i++)
    g_mutex_clear (&limits->sets[i].lock);
  g_free (limits->sets);
  g_free (limits);
}

static guint64
big_endian (const guint8 *bytes, guint n)
{
  guint64 value = 0;
  for (guint i = 0; i < n; i++)
    value = value << 8 | bytes[i];
  return value;
}

XimKsNetwork
xim_ks_network (const struct sockaddr *address)
{
  if (address->sa_family == AF_INET)
    {
      struct sockaddr_in v4;
      memcpy (&v4, address, sizeof v4);
      return ntohl (v4.sin_addr.s_addr);
    }
  if (address->sa_family != AF_INET6)
    return 0;
  struct sockaddr_in6 v6;
  memcpy (&v6, address, sizeof v6);
  if (IN6_IS_ADDR_V4MAPPED (&v6.sin6_addr))
    return big_endian (v6.sin6_addr.s6_addr + 12, 4);
  return big_endian (v6.sin6_addr.s6_addr, 8);
}

static void
fill (const XimKsLimits *limits, Bucket *bucket, XimKsNetwork network)
{
  bucket->network = network;
  for (guint i = 0; i < XIM_KS_N_LIMITS; i++)
    bucket->tokens[i] = (double)limits->rates[i].burst;
}

/* The place of @network; when all are taken, the one silent for longest. */
static Bucket *
find (const XimKsLimits *limits, Set *set, XimKsNetwork network)
{
  Bucket *oldest = &set->buckets[0];
  for (guint i = 0; i < WAYS; i++)
    {
      Bucket *bucket = &set->buckets[i];
      if (bucket->seen_us != 0 && bucket->network == network)
        return bucket;
      if (bucket->seen_us < oldest->seen_us)
        oldest = bucket;
    }
  fill (limits, oldest, network);
  oldest->seen_us = 0;
  return oldest;
}

static void
refill (const XimKsLimits *limits, Bucket *bucket, gint64 now_us)
{
  if (bucket->seen_us != 0 && now_us > bucket->seen_us)
    {
      double s = (double)(now_us - bucket->seen_us) / G_USEC_PER_SEC;
      for (guint i = 0; i < XIM_KS_N_LIMITS; i++)
        {
          const XimKsRate *rate = &limits->rates[i];
          double tokens = bucket->tokens[i] + s * (double)rate->per_s;
          bucket->tokens[i] = MIN (tokens, (double)rate->burst);
        }
    }
  bucket->seen_us = MAX (now_us, 1);
}

gboolean
xim_ks_limits_take (XimKsLimits *limits, XimKsNetwork network,
                    XimKsLimit limit, gint64 now_us)
{
  guint64 mixed = (network ^ network >> 29) * limits->seed;
  Set *set = &limits->sets[(mixed >> 32) % limits->n_sets];

  g_mutex_lock (&set->lock);
  Bucket *bucket = find (limits, set, network);
  refill (limits, bucket, now_us);
  gboolean there = bucket->tokens[limit] >= 1;
  if (there)
    bucket->tokens[limit] -= 1;
  g_mutex_unlock (&set->lock);
  return there;
}
