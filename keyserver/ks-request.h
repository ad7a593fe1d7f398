/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A request, apart from HTTP: what was asked, and how to answer later. */

#pragma once

#include "xim-key.h"

#include "ks-answer.h"
#include "ks-limits.h"
#include "ks-writer.h"

typedef struct _XimKsRequest XimKsRequest;

/**
 * XimKsRequest:
 * A handler either returns an answer, or calls @wait, starts something that
 * calls @wake once from any thread, and returns NULL; then @finish is called
 * with @job, in a thread that serves, and gives the answer.
 */
struct _XimKsRequest
{
  char *jid;          /* from the path; not checked yet */
  guint32 number;     /* from the path */
  char *rest;         /* from the path: all behind a certain point */
  XimDeviceId device; /* from the path */
  GBytes *body;       /* (nullable) */
  XimKsNetwork network;

  void (*wait) (XimKsRequest *request);
  void (*wake) (XimKsRequest *request);
  XimKsAnswer *(*finish) (gpointer job);
  gpointer job;
};

/**
 * xim_ks_request_clear:
 * Frees what it has from the path, and the body.
 */
void xim_ks_request_clear (XimKsRequest *request);

/**
 * xim_ks_request_write:
 * @job: handed to @ops, which calls @request's wake when it is done
 * @finish: as in #XimKsRequest
 *
 * From here on the request waits; a job that cannot be handed over is done at
 * once, with the error.
 * Returns: NULL, for the handler to return
 */
XimKsAnswer *xim_ks_request_write (XimKsRequest *request, XimKsWriter *writer,
                                   const XimKsWriterOps *ops, gpointer job,
                                   XimKsAnswer *(*finish) (gpointer));
