/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A request, apart from HTTP: what was asked, and how to answer later. */

#pragma once

#include "xim-key.h"

#include "ks-answer.h"
#include "ks-limits.h"

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
  XimDeviceId device; /* from the path */
  GBytes *body;       /* (nullable) */
  XimKsNetwork network;

  void (*wait) (XimKsRequest *request);
  void (*wake) (XimKsRequest *request);
  XimKsAnswer *(*finish) (gpointer job);
  gpointer job;
};
