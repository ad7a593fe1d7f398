/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Listening sockets from addresses as the configuration writes them. */

#pragma once

#include <glib.h>

/**
 * xim_ks_listen:
 * @where: ADDRESS:PORT or [ADDRESS]:PORT; port 0 takes any that is free; [::]
 * takes IPv4 too
 * @private_only: only a loopback or private address
 * @fd: (out): a listening socket that does not block
 * @port: (out): its port
 * Errors: MALFORMED, @where; STORE, it cannot listen there.
 */
gboolean xim_ks_listen (const char *where, gboolean private_only, int *fd,
                        guint16 *port, GError **error);
