/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The signer's own store: what it signed last, of the log and of everybody. */

#pragma once

#include "xim-tree.h"

#include "ks-database.h"
#include "ks-sign.h"
#include "ks-sql.h"

/* The last version of an address. */
typedef struct
{
  guint32 version; /* 0: none */
  XimHash hash;
  gboolean erased; /* it is an erase note */
} XimKsLedgerEntry;

/* Statements of a ledger, and what keeps their rows in a XimTreeHead or a
 * XimKsLedgerEntry: also for who only looks at one. */
#define XIM_KS_LEDGER_LAST "SELECT size, root FROM last"
#define XIM_KS_LEDGER_FIND                                                    \
  "SELECT version, hash, erased FROM accounts WHERE tag = ?1"
gboolean xim_ks_ledger_keep_head (const XimKsSqlRow *row, gpointer head);
gboolean xim_ks_ledger_keep_entry (const XimKsSqlRow *row, gpointer entry);

/**
 * XimKsLedger:
 * Holds the last checkpoint, and of each address, under its tag, the last
 * version with the hash of its text.  What was committed survives a loss of
 * power.  For all threads: one writes at a time, and those who read do not
 * wait for it.  Once it is open it opens no further file.
 * Source: PROTOCOL.md, section 6.4.
 */
typedef struct _XimKsLedger XimKsLedger;

/**
 * xim_ks_ledger_path:
 * @keys: the folder of the private keys
 */
char *xim_ks_ledger_path (const char *keys);

/**
 * xim_ks_ledger_open:
 * @path: (nullable): made when it is missing, mode 0600; NULL: in memory, for
 * as long as it is open
 * @n_readers: threads that read at one time; at least 1
 *
 * Only one process may have it open.
 * Errors: STORE, also a file that others may read or that is damaged;
 * WRONG_NAME, of another domain, origin or secret.
 */
XimKsLedger *xim_ks_ledger_open (const char *path,
                                 const XimKsDatabaseOwner *owner,
                                 guint n_readers, GError **error);
void xim_ks_ledger_free (XimKsLedger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsLedger, xim_ks_ledger_free)

/**
 * xim_ks_ledger_rest:
 * At the end: the file alone, without the log beside it, is whole.
 */
gboolean xim_ks_ledger_rest (XimKsLedger *ledger, GError **error);

/**
 * xim_ks_ledger_last:
 * @head: (out): of the last checkpoint; size 0: there was none
 */
void xim_ks_ledger_last (XimKsLedger *ledger, XimTreeHead *head);

/**
 * xim_ks_ledger_knows:
 * Returns: whether @head is the last checkpoint or one of some before it
 */
gboolean xim_ks_ledger_knows (XimKsLedger *ledger, const XimTreeHead *head);

/**
 * xim_ks_ledger_check_newest:
 * @version: 0: that the address has no account
 *
 * That it is the newest version of the address with this hash; for half a
 * minute also the one before the newest, whose successor is signed but not yet
 * to be looked up.
 * Errors: CONFLICT; STORE.
 */
gboolean xim_ks_ledger_check_newest (XimKsLedger *ledger, const XimHash *tag,
                                     guint32 version, const XimHash *hash,
                                     GError **error);

/* The rest is a transaction of the one thread that writes: begin, which waits
 * for others, then any of the two, then commit or abandon. */
gboolean xim_ks_ledger_begin (XimKsLedger *ledger, GError **error);
gboolean xim_ks_ledger_commit (XimKsLedger *ledger, GError **error);
void xim_ks_ledger_abandon (XimKsLedger *ledger);

/* A version on its way into the ledger. */
typedef struct
{
  XimHash tag;
  guint32 version;
  XimHash hash;
  gboolean has_previous;
  XimHash previous;
  gboolean erased; /* it is an erase note */
  gboolean reset;
} XimKsLedgerStep;

/**
 * xim_ks_ledger_step:
 * Records a version that follows the last one; one that is recorded already
 * with the same hash stays.  After an erasure only a reset follows.
 * Errors: CONFLICT, it skips, or is another text than the one recorded;
 * KEY_CHANGED, it does not name the one before; STORE.
 */
gboolean xim_ks_ledger_step (XimKsLedger *ledger, const XimKsLedgerStep *step,
                             GError **error);

/**
 * xim_ks_ledger_set_last:
 * @head: not smaller than the last one and consistent with it
 */
gboolean xim_ks_ledger_set_last (XimKsLedger *ledger, const XimTreeHead *head,
                                 GError **error);

/**
 * xim_ks_ledger_adopt:
 * Records the addresses that have no entry yet, outside of a transaction.
 * Errors: CONFLICT, a checkpoint was signed; STORE.
 */
gboolean xim_ks_ledger_adopt (XimKsLedger *ledger,
                              const XimKsSignAccount *accounts,
                              gsize n_accounts, GError **error);
