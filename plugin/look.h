/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own entry at the keyserver: fetched, walked to, judged. */

#pragma once

#include "home.h"

typedef struct _XimLook XimLook;

typedef struct
{
  const XimVerified *verified; /* (nullable): the entry; it was remembered */
  gboolean absent;             /* or the keyserver signed that there is none */
  const GError *error;         /* or why it is not known; KEY_CHANGED: what
                                  came contradicts what was seen */
  gint64 server_s;             /* of `expired`: the keyserver's clock; or 0 */
  guint retry_after_s;
} XimLookResult;

/* Nothing of @result outlives it; it may start the next look. */
typedef void (*XimLookCallback) (const XimLookResult *result,
                                 gpointer user_data);

/**
 * xim_look_new:
 * @home: which found the keyserver; outlives it, like @store and @http
 */
XimLook *xim_look_new (const char *jid, XimStore *store, XimHttp *http,
                       XimHome *home, XimLookCallback callback,
                       gpointer user_data);
void xim_look_free (XimLook *look);

/**
 * xim_look_take:
 * @answer: to a lookup or to a registration; the callback comes at once, or
 * later when versions or tiles of the log have to be fetched
 */
void xim_look_take (XimLook *look, const XimHttpAnswer *answer);

/* Nothing is fetched any more. */
void xim_look_stop (XimLook *look);
gboolean xim_look_is_busy (const XimLook *look);
