/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whether a name has no address, or the resolver is out of order. */

#pragma once

#include <glib.h>

typedef enum
{
  XIM_RESOLVE_FOUND,
  XIM_RESOLVE_ABSENT, /* a definite answer: no such name, or no address */
  XIM_RESOLVE_FAILED, /* no answer */
} XimResolveResult;

typedef struct _XimResolve XimResolve;
typedef void (*XimResolveCallback) (XimResolveResult result,
                                    gpointer user_data);

/**
 * xim_resolve_start:
 * Asks in a thread; libcurl does not tell the cases apart.
 * @callback: called once from the main loop, never before this returns
 * Returns: (transfer none): for xim_resolve_cancel(); gone after @callback
 */
XimResolve *xim_resolve_start (const char *host, XimResolveCallback callback,
                               gpointer user_data);

/**
 * xim_resolve_cancel:
 * @resolve: (nullable): its callback does not come any more
 */
void xim_resolve_cancel (XimResolve *resolve);
