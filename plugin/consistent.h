/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whether one tree of a log is the beginning of another, from its tiles. */

#pragma once

#include "tiles.h"

typedef struct _XimConsistent XimConsistent;

/* How it ended. */
typedef enum
{
  XIM_CONSISTENT_YES,
  XIM_CONSISTENT_FORK,   /* the two can never be one log, proven */
  XIM_CONSISTENT_WRONG,  /* the tiles do not lead to the newer tree, or are not
                            there: nothing is proven */
  XIM_CONSISTENT_OUTAGE, /* no answer now, try again */
} XimConsistentEnd;

/* More of how it ended. */
typedef struct
{
  XimTreeProof proof;  /* of FORK: leads to the newer root ... */
  XimHash beginning;   /* ... and to this root where the older one should be */
  guint retry_after_s; /* of OUTAGE, 0 when nothing was said */
} XimConsistentResult;

typedef void (*XimConsistentCallback) (XimConsistentEnd end,
                                       const XimConsistentResult *result,
                                       gpointer user_data);

/**
 * xim_consistent_known:
 * @end: (out): YES or FORK
 * Returns: whether it is known without tiles
 */
gboolean xim_consistent_known (const XimTreeHead *older,
                               const XimTreeHead *newer,
                               XimConsistentEnd *end);

/**
 * xim_consistent_new:
 * @older: not larger than @newer
 * @callback: once, from the main loop and never before this returns; not after
 * xim_consistent_free(), which it may call
 * Source: PROTOCOL.md, section 8.
 */
XimConsistent *xim_consistent_new (XimHttp *http, const XimDomain *domain,
                                   const XimTreeHead *older,
                                   const XimTreeHead *newer,
                                   XimConsistentCallback callback,
                                   gpointer user_data);
void xim_consistent_free (XimConsistent *consistent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimConsistent, xim_consistent_free)
