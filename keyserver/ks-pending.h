/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What was accepted and is durable, but not signed and published yet. */

#pragma once

#include "ks-store.h"

typedef enum
{
  XIM_KS_PENDING_ACCOUNT = 1, /* a version; its note without our line */
  XIM_KS_PENDING_KEY,         /* of a device that it lists first */
  XIM_KS_PENDING_DEVICE,      /* a device note without our line */
  XIM_KS_PENDING_DROP,        /* the note of a device that is not listed now */
  XIM_KS_PENDING_ERASE,       /* an erase note, its text */
  XIM_KS_PENDING_SERVER,      /* the log entry of a server note */
  XIM_KS_PENDING_OLD,         /* that of a version of before the log */
} XimKsPendingKind;

/**
 * XimKsPending:
 * One row.  All rows of an address were accepted together or after each other
 * and are published in this order, with everything else that waits, in one
 * transaction.
 */
typedef struct
{
  gint64 seq; /* ascending */
  XimKsPendingKind kind;
  char *jid;      /* of SERVER: empty */
  guint32 number; /* version or serial */
  XimDeviceId id;
  XimEd25519Public key;
  XimHash hash;
  gint64 accepted_s;
  char *note;        /* (nullable) */
  char *signed_note; /* (nullable): with our line; set before it is
                      * published */
  char *current;     /* (nullable): of ACCOUNT, the current note that names it,
                      * signed with it; kept nowhere */
  XimPiece entry;    /* only to put it: for the log, or empty */
  XimKsLogged logged;
} XimKsPending;

void xim_ks_pending_free (XimKsPending *pending);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsPending, xim_ks_pending_free)

/* All of it is for the one thread that writes, inside a transaction but for
 * xim_ks_pending_load().  Errors: STORE. */

/**
 * xim_ks_pending_put:
 * @pending: what its kind has of the fields above
 */
gboolean xim_ks_pending_put (XimKsStore *store, const XimKsPending *pending,
                             GError **error);

/**
 * xim_ks_pending_load:
 * Returns: (transfer full): of XimKsPending, in their order; NULL with STORE
 */
GPtrArray *xim_ks_pending_load (XimKsStore *store, GError **error);

/**
 * xim_ks_pending_publish:
 * @rows: all of them, with signed notes
 *
 * Puts them into the places from which lookups are answered, and takes them
 * away here.
 */
gboolean xim_ks_pending_publish (XimKsStore *store, const GPtrArray *rows,
                                 GError **error);

/**
 * xim_ks_pending_drop:
 * Takes away what waits of @jid.
 */
gboolean xim_ks_pending_drop (XimKsStore *store, const char *jid,
                              GError **error);
