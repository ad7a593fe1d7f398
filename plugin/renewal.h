/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A new encryption key every day. */

#pragma once

#include "home.h"
#include "own.h"

typedef struct _XimRenewal XimRenewal;

typedef struct
{
  const GError *error; /* (nullable): NULL, it was countersigned */
  gint64 server_s;     /* of EXPIRED: the keyserver's clock; or 0 */
  guint retry_after_s;
} XimRenewalResult;

typedef void (*XimRenewalCallback) (const XimRenewalResult *result,
                                    gpointer user_data);

/**
 * xim_renewal_new:
 * @own: unlocked and registered when it is used; outlives it, like @home
 */
XimRenewal *xim_renewal_new (const char *jid, XimOwn *own, XimHome *home,
                             XimRenewalCallback callback, gpointer user_data);
void xim_renewal_free (XimRenewal *renewal);

/**
 * xim_renewal_start:
 * Makes the next key and sends its note; @home must be idle and found.
 */
void xim_renewal_start (XimRenewal *renewal);
