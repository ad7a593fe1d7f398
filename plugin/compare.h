/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The two first notes that a user and a contact compare. */

#pragma once

#include "enrol.h"
#include "peers.h"

typedef struct _XimCompare XimCompare;

/* How it ended; but for READY there is nothing that both would see alike. */
typedef enum
{
  XIM_COMPARE_READY,
  XIM_COMPARE_OWN,    /* this device is not ready, or not in the own notes */
  XIM_COMPARE_NONE,   /* no keys are known, or they may not be used now */
  XIM_COMPARE_RESET,  /* the user has not accepted a new start yet */
  XIM_COMPARE_OUTAGE, /* the keyserver does not answer */
  XIM_COMPARE_BROKEN, /* no walk leads from the start to the present keys */
} XimCompareEnd;

typedef struct
{
  XimCompareEnd end;
  const char *jid;           /* whose keys it is about, unless READY */
  const XimAccount *own;     /* of READY: the first notes since the last */
  const XimAccount *contact; /* reset */
} XimComparison;

/* It may free the XimCompare. */
typedef void (*XimCompareCallback) (const XimComparison *comparison,
                                    gpointer user_data);

/* What it works with; all of it outlives it. */
typedef struct
{
  const char *own_jid;
  XimEnrol *enrol;
  XimStore *store;
  XimHttp *http;
  XimDiscovery *discovery;
  XimPeers *peers;
} XimCompareParts;

/**
 * xim_compare_new:
 * Looks both addresses up when what is known is too old, fetches the older
 * versions of both down to the last reset, and checks every step.
 * @jid: of a contact, prepared
 * @callback: once, from the main loop and never before this returns; not after
 * xim_compare_free(), which it may call
 * @destroy: (nullable): frees @user_data
 */
XimCompare *xim_compare_new (const XimCompareParts *parts, const char *jid,
                             XimCompareCallback callback, gpointer user_data,
                             GDestroyNotify destroy);

/* A lookup of @jid ended. */
void xim_compare_news (XimCompare *compare, const char *jid);
void xim_compare_free (XimCompare *compare);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimCompare, xim_compare_free)
