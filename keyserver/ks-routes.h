/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Routes: which request is answered by what. */

#pragma once

#include "ks-accounts.h"

/* What handlers work with; all of it outlives every request. */
typedef struct
{
  XimKsAccounts accounts;
  XimKsTiles *tiles;
  XimKsLimits *limits;
} XimKsRoutes;

typedef struct _XimKsRoute XimKsRoute;

/**
 * xim_ks_routes_find:
 * @table: xim_ks_routes_public() or xim_ks_routes_admin()
 * @path: as it stood in the request, still percent-encoded, without query
 * @request: (out): `jid`, `number`, `device` and `rest` are set from the path
 * @refusal: (out): when nothing is found: 404, 405 with the methods that are
 * possible, or 400
 */
const XimKsRoute *xim_ks_routes_find (const XimKsRoute *table,
                                      const char *method, const char *path,
                                      XimKsRequest *request,
                                      XimKsAnswer **refusal);

/**
 * xim_ks_routes_body_max:
 * Returns: bytes that a body may have; 0: none is taken
 */
gsize xim_ks_routes_body_max (const XimKsRoutes *routes,
                              const XimKsRoute *route);

/**
 * xim_ks_routes_answer:
 * Takes the client network's token and calls the handler.
 * Returns: (transfer full) (nullable): as #XimKsRequest says
 */
XimKsAnswer *xim_ks_routes_answer (const XimKsRoutes *routes,
                                   const XimKsRoute *route,
                                   XimKsRequest *request);

/* The two tables: for the world, and for the operator. */
const XimKsRoute *xim_ks_routes_public (void);
const XimKsRoute *xim_ks_routes_admin (void);
