/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The HTTP server; the only file that knows libmicrohttpd. */

#pragma once

#include "ks-routes.h"

/**
 * XimKsHttpd:
 * Serves a table of routes on one socket, with bounded connections, headers,
 * bodies and times; a connection that has not had a request answered within
 * the deadline ends, however busy it looks.
 */
typedef struct _XimKsHttpd XimKsHttpd;

typedef struct
{
  const char *listen;    /* ADDRESS:PORT, numeric */
  gboolean tls;          /* with the certificate of ks-tls.h */
  gboolean private_only; /* refuse an address that the world can reach */
  const XimKsConfig *config;
  const XimKsRoutes *routes;
  const XimKsRoute *table;
} XimKsHttpdOptions;

/**
 * xim_ks_httpd_new:
 * @options: what it points to outlives the server
 * Errors: MALFORMED, the address; STORE, it cannot listen there.
 */
XimKsHttpd *xim_ks_httpd_new (const XimKsHttpdOptions *options,
                              GError **error);

/**
 * xim_ks_httpd_port:
 * Returns: the port in use, also when 0 was asked for
 */
guint16 xim_ks_httpd_port (const XimKsHttpd *httpd);

/**
 * xim_ks_httpd_stop:
 * Takes no new connections and no new registrations, lets requests that were
 * taken be answered, and ends.  The writer must still run.
 */
void xim_ks_httpd_stop (XimKsHttpd *httpd);
void xim_ks_httpd_free (XimKsHttpd *httpd);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsHttpd, xim_ks_httpd_free)
