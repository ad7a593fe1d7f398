/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whether a name has no address, or the resolver is out of order. */

#include "config.h"

#include "resolve.h"

#include <netdb.h>

struct _XimResolve
{
  char *host;
  int result;                  /* of getaddrinfo() */
  XimResolveCallback callback; /* NULL when cancelled; main thread only */
  gpointer user_data;
};

static XimResolveResult
meaning (int result)
{
  if (result == 0)
    return XIM_RESOLVE_FOUND;
  if (result == EAI_NONAME)
    return XIM_RESOLVE_ABSENT;
#ifdef EAI_NODATA
  if (result == EAI_NODATA)
    return XIM_RESOLVE_ABSENT;
#endif
  return XIM_RESOLVE_FAILED;
}

static gboolean
done (gpointer data)
{
  XimResolve *resolve = data;
  if (resolve->callback != NULL)
    resolve->callback (meaning (resolve->result), resolve->user_data);
  g_free (resolve->host);
  g_free (resolve);
  return G_SOURCE_REMOVE;
}

static gpointer
run (gpointer data)
{
  XimResolve *resolve = data;
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *found = NULL;
  resolve->result = getaddrinfo (resolve->host, "443", &hints, &found);
  if (resolve->result == 0)
    freeaddrinfo (found);
  g_idle_add (done, resolve);
  return NULL;
}

XimResolve *
xim_resolve_start (const char *host, XimResolveCallback callback,
                   gpointer user_data)
{
  XimResolve *resolve = g_new0 (XimResolve, 1);
  resolve->host = g_strdup (host);
  resolve->result = EAI_SYSTEM;
  resolve->callback = callback;
  resolve->user_data = user_data;
  GThread *thread = g_thread_try_new ("xim-resolve", run, resolve, NULL);
  if (thread != NULL)
    g_thread_unref (thread);
  else
    g_idle_add (done, resolve);
  return resolve;
}

void
xim_resolve_cancel (XimResolve *resolve)
{
  if (resolve != NULL)
    resolve->callback = NULL;
}
