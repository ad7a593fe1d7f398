/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A request, apart from HTTP: what was asked, and how to answer later. */

#include "config.h"

#include "ks-request.h"

void
xim_ks_request_clear (XimKsRequest *request)
{
  g_clear_pointer (&request->jid, g_free);
  g_clear_pointer (&request->rest, g_free);
  g_clear_pointer (&request->body, g_bytes_unref);
}

XimKsAnswer *
xim_ks_request_write (XimKsRequest *request, XimKsWriter *writer,
                      const XimKsWriterOps *ops, gpointer job,
                      XimKsAnswer *(*finish) (gpointer))
{
  g_autoptr (GError) error = NULL;
  request->job = job;
  request->finish = finish;
  request->wait (request);
  if (!xim_ks_writer_submit (writer, ops, job, &error))
    ops->done (job, NULL, error);
  return NULL;
}
