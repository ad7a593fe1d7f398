/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whether what is stored of an account is what was signed and logged. */

#pragma once

#include "xim-server.h"

#include "ks-store.h"

/* What is known before any account is looked at; constant for all threads but
 * where it says otherwise. */
typedef struct
{
  XimKsStore *store;
  const char *domain;
  GPtrArray *servers; /* of XimServer, all server notes, checked */
  guint64 size;       /* of the published log */
  guint32 *claimed;   /* a bit for each leaf: whose it is was found; atomic */
  gint n_keys;        /* devices ever listed; atomic */
  gint n_devices;     /* device notes; atomic */
  void (*problem) (gpointer user_data, const char *text); /* any thread */
  gpointer user_data;
} XimKsAudit;

/**
 * xim_ks_audit_problem:
 * Tells of one thing that is wrong.
 */
void xim_ks_audit_problem (const XimKsAudit *audit, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/**
 * xim_ks_audit_claim:
 * Says that @leaf was found to be of @what, and tells when it was another's.
 */
void xim_ks_audit_claim (XimKsAudit *audit, guint64 leaf, const char *what);

/* All that is stored of one address. */
typedef struct
{
  char *jid;
  GPtrArray *versions; /* of XimKsRecord without devices, ascending */
  GPtrArray *devices;  /* of XimKsDeviceRow */
  GArray *listed;      /* of XimAccountDevice: what is kept of their keys */
} XimKsAuditAccount;

XimKsAuditAccount *xim_ks_audit_account_new (const char *jid);
void xim_ks_audit_account_free (XimKsAuditAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsAuditAccount, xim_ks_audit_account_free)

/**
 * xim_ks_audit_account:
 * Checks notes, chain, countersignatures, device notes, keys, and for each
 * version its entry in the log and the proofs that lead to it.  By any thread.
 */
void xim_ks_audit_account (XimKsAudit *audit,
                           const XimKsAuditAccount *account);
