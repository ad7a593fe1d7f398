/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-limits.c. */

#include "config.h"

#include "ks-limits.h"

#include <arpa/inet.h>
#include <string.h>

#include "xim-secret.h"

#define S_US G_GINT64_CONSTANT (1000000)

static const XimKsRate rates[XIM_KS_N_LIMITS] = {
  [XIM_KS_LIMIT_LOOKUPS] = { 2, 5 },
  [XIM_KS_LIMIT_MISSES] = { 1, 1 },
  [XIM_KS_LIMIT_WRITES] = { 1, 3 },
  [XIM_KS_LIMIT_CONNECTS] = { 1, 2 },
};

static guint
drain (XimKsLimits *limits, XimKsNetwork network, XimKsLimit limit,
       gint64 now_us)
{
  guint n = 0;
  while (n < 1000 && xim_ks_limits_take (limits, network, limit, now_us))
    n++;
  return n;
}

static void
test_burst_and_refill (void)
{
  g_autoptr (XimKsLimits) limits = xim_ks_limits_new (rates, 64);
  gint64 t = 10 * S_US;
  g_assert_cmpuint (drain (limits, 1, XIM_KS_LIMIT_LOOKUPS, t), ==, 5);
  g_assert_cmpuint (drain (limits, 1, XIM_KS_LIMIT_LOOKUPS, t), ==, 0);
  t += S_US;
  g_assert_cmpuint (drain (limits, 1, XIM_KS_LIMIT_LOOKUPS, t), ==, 2);
  t += S_US / 2;
  g_assert_cmpuint (drain (limits, 1, XIM_KS_LIMIT_LOOKUPS, t), ==, 1);
  t += 1000 * S_US;
  g_assert_cmpuint (drain (limits, 1, XIM_KS_LIMIT_LOOKUPS, t), ==, 5);
}

static void
test_apart (void)
{
  g_autoptr (XimKsLimits) limits = xim_ks_limits_new (rates, 64);
  g_assert_cmpuint (drain (limits, 1, XIM_KS_LIMIT_LOOKUPS, S_US), ==, 5);
  g_assert_cmpuint (drain (limits, 1, XIM_KS_LIMIT_WRITES, S_US), ==, 3);
  g_assert_cmpuint (drain (limits, 2, XIM_KS_LIMIT_LOOKUPS, S_US), ==, 5);
}

static void
test_clock_set_back (void)
{
  g_autoptr (XimKsLimits) limits = xim_ks_limits_new (rates, 64);
  g_assert_cmpuint (drain (limits, 1, XIM_KS_LIMIT_LOOKUPS, 9 * S_US), ==, 5);
  g_assert_cmpuint (drain (limits, 1, XIM_KS_LIMIT_LOOKUPS, 1), ==, 0);
}

/* A hundred thousand networks take no more memory than one; the one that asks
 * all the time is not forgotten for them. */
static void
test_many_networks (void)
{
  g_autoptr (XimKsLimits) limits = xim_ks_limits_new (rates, 64);
  gint64 t = S_US;
  g_assert_cmpuint (drain (limits, 7, XIM_KS_LIMIT_LOOKUPS, t), ==, 5);
  guint taken = 0;
  for (guint i = 100; i < 100100; i++)
    {
      xim_ks_limits_take (limits, i, XIM_KS_LIMIT_LOOKUPS, ++t);
      taken += drain (limits, 7, XIM_KS_LIMIT_LOOKUPS, ++t);
    }
  g_assert_cmpuint (taken, <=, 1);
}

static XimKsNetwork
network (const char *text)
{
  struct sockaddr_in v4 = { .sin_family = AF_INET };
  struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
  if (inet_pton (AF_INET, text, &v4.sin_addr) == 1)
    return xim_ks_network ((const struct sockaddr *)&v4);
  g_assert_cmpint (inet_pton (AF_INET6, text, &v6.sin6_addr), ==, 1);
  return xim_ks_network ((const struct sockaddr *)&v6);
}

static void
test_networks (void)
{
  g_assert_cmpuint (network ("192.0.2.1"), !=, network ("192.0.2.2"));
  g_assert_cmpuint (network ("192.0.2.1"), ==, network ("::ffff:192.0.2.1"));
  g_assert_cmpuint (network ("2001:db8:1:2::1"), ==,
                    network ("2001:db8:1:2:ffff::9"));
  g_assert_cmpuint (network ("2001:db8:1:2::1"), !=,
                    network ("2001:db8:1:3::1"));
  struct sockaddr other = { .sa_family = AF_UNIX };
  g_assert_cmpuint (xim_ks_network (&other), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/ks-limits/burst-and-refill", test_burst_and_refill);
  g_test_add_func ("/ks-limits/apart", test_apart);
  g_test_add_func ("/ks-limits/clock-set-back", test_clock_set_back);
  g_test_add_func ("/ks-limits/many-networks", test_many_networks);
  g_test_add_func ("/ks-limits/networks", test_networks);
  return g_test_run ();
}
