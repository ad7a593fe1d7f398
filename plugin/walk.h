/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Older versions of an account, fetched from the newest down. */

#pragma once

#include "discovery.h"
#include "keyserver.h"

typedef struct _XimWalk XimWalk;

/* How it ended. */
typedef enum
{
  XIM_WALK_WHOLE,  /* every version down to the lowest is there */
  XIM_WALK_BROKEN, /* the keyserver has no such version, or another text */
  XIM_WALK_OUTAGE, /* no answer now, try again */
} XimWalkEnd;

/* What is looked for. */
typedef struct
{
  const XimDomain *domain;
  const char *jid;
  const XimAccount *from; /* the versions before this one */
  guint32 lowest;         /* down to this one */
  GPtrArray *got;         /* (nullable): of XimAccount, descending, what an
                             earlier walk from the same note brought */
} XimWalkQuestion;

/**
 * XimWalkCallback:
 * @got: of XimAccount with notes, descending; each is bound by the one before
 * it and by `from`, but no signature was checked
 * @retry_after_s: of an outage, 0 when nothing was said
 */
typedef void (*XimWalkCallback) (XimWalkEnd end, GPtrArray *got,
                                 guint retry_after_s, gpointer user_data);

/**
 * xim_walk_new:
 * @question: copied; at most XIM_WALK_MAX versions
 * @callback: once, from the main loop and never before this returns; not after
 * xim_walk_free(), which it may call
 */
XimWalk *xim_walk_new (XimHttp *http, const XimWalkQuestion *question,
                       XimWalkCallback callback, gpointer user_data);
void xim_walk_free (XimWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimWalk, xim_walk_free)
