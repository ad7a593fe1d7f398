/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Which network addresses a keyserver on the Internet may have. */

#pragma once

#include <glib.h>
#include <sys/socket.h>

/**
 * xim_netaddr_is_public:
 * @address: of any family
 * Whether a server on the Internet can have this address: not loopback,
 * private, shared, link-local, multicast, documentation or reserved, also not
 * when an IPv6 address only wraps such an IPv4 address.  Families other than
 * IPv4 and IPv6 are not public.
 * Source: PROTOCOL.md, section 6.2; RFC 6890.
 */
gboolean xim_netaddr_is_public (const struct sockaddr *address);

/**
 * xim_netaddr_host_is_public:
 * @host: a host as it stands in a URL, without brackets
 * Returns: FALSE only when @host is a literal address that is not public
 */
gboolean xim_netaddr_host_is_public (const char *host);
