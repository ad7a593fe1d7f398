/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Which network addresses a keyserver on the Internet may have. */

#include "config.h"

#include "netaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

typedef struct
{
  guint8 prefix[16];
  guint bits;
} Net;

static const Net private_v4[] = {
  { { 0 }, 8 },
  { { 10 }, 8 },
  { { 100, 64 }, 10 },
  { { 127 }, 8 },
  { { 169, 254 }, 16 },
  { { 172, 16 }, 12 },
  { { 192, 0, 0 }, 24 },
  { { 192, 0, 2 }, 24 },
  { { 192, 88, 99 }, 24 },
  { { 192, 168 }, 16 },
  { { 198, 18 }, 15 },
  { { 198, 51, 100 }, 24 },
  { { 203, 0, 113 }, 24 },
  { { 224 }, 4 },
  { { 240 }, 4 },
};

/* IPv6: only 2000::/3 is global unicast; these parts of it are not. */
static const Net global_v6 = { { 0x20 }, 3 };
static const Net private_v6[] = {
  { { 0x20, 0x01, 0x00, 0x00 }, 23 }, /* protocol assignments, Teredo */
  { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
  { { 0x3f, 0xff }, 20 },             /* documentation */
};

/* IPv6 addresses that carry an IPv4 address, and where in it. */
static const struct
{
  Net net;
  guint offset;
} wrapping_v6[] = {
  { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96 }, 12 }, /* mapped */
  { { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 },                   /* NAT64 */
  { { { 0x20, 0x02 }, 16 }, 2 },                                /* 6to4 */
};

static gboolean
in_net (const guint8 *address, const Net *net)
{
  guint whole = net->bits / 8;
  guint rest = net->bits % 8;
  if (memcmp (address, net->prefix, whole) != 0)
    return FALSE;
  if (rest == 0)
    return TRUE;
  guint8 mask = (guint8)(0xff << (8 - rest));
  return (address[whole] & mask) == (net->prefix[whole] & mask);
}

static gboolean
is_public_v4 (const guint8 *address)
{
  for (gsize i = 0; i < G_N_ELEMENTS (private_v4); i++)
    if (in_net (address, &private_v4[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_public_v6 (const guint8 *address)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wrapping_v6); i++)
    if (in_net (address, &wrapping_v6[i].net))
      return is_public_v4 (address + wrapping_v6[i].offset);
  for (gsize i = 0; i < G_N_ELEMENTS (private_v6); i++)
    if (in_net (address, &private_v6[i]))
      return FALSE;
  return in_net (address, &global_v6);
}

gboolean
xim_netaddr_is_public (const struct sockaddr *address)
{
  if (address->sa_family == AF_INET)
    {
      struct sockaddr_in v4;
      memcpy (&v4, address, sizeof v4);
      guint8 bytes[4];
      memcpy (bytes, &v4.sin_addr, sizeof bytes);
      return is_public_v4 (bytes);
    }
  if (address->sa_family == AF_INET6)
    {
      struct sockaddr_in6 v6;
      memcpy (&v6, address, sizeof v6);
      return is_public_v6 (v6.sin6_addr.s6_addr);
    }
  return FALSE;
}

gboolean
xim_netaddr_host_is_public (const char *host)
{
  guint8 bytes[16];
  if (inet_pton (AF_INET, host, bytes) == 1)
    return is_public_v4 (bytes);
  if (inet_pton (AF_INET6, host, bytes) == 1)
    return is_public_v6 (bytes);
  return TRUE;
}
