/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What goes into the log for a version of an account. */

#pragma once

#include "ks-rows.h"
#include "ks-signer.h"

/* A leaf on its way to its proofs. */
typedef struct
{
  const char *jid;
  guint32 version;
  XimKsLeaf *leaf;
} XimKsLeafOf;

/**
 * xim_ks_leaf_begin:
 * @leaf: (out)
 * @before: (nullable): what the log has of the version before: its proof of
 * the next version is the proof of this one and is not made again
 * @is_last: nothing follows it, so that it needs no next proof
 */
void xim_ks_leaf_begin (XimKsLeaf *leaf, const XimKsLogged *before,
                        gboolean is_last);

/**
 * xim_ks_leaf_prove:
 * @leaves: those that lack proofs get them, with one call of the signer
 * @n: at most XIM_KS_CALL_PROOFS_MAX / 2
 * Errors: those of the signer; then none is changed.
 */
gboolean xim_ks_leaf_prove (XimKsSigner *signer, const XimKsLeafOf *leaves,
                            gsize n, GError **error);

/**
 * xim_ks_leaf_make:
 * @leaf: with its proofs
 * @logged: (out): all but the leaf's number
 * @bytes: (out): the entry
 */
void xim_ks_leaf_make (const XimKsLeaf *leaf, const XimAccount *account,
                       XimKsLogged *logged,
                       guint8 bytes[XIM_ENTRY_ACCOUNT_LEN]);

/**
 * xim_ks_leaf_account:
 * @write: of @account; its leaf has its proofs, its entry is made
 */
void xim_ks_leaf_account (const XimAccount *account, XimKsAccountWrite *write);

/**
 * xim_ks_leaf_erase:
 * The same for an erase note.  Its opening is thrown away as its text is.
 */
void xim_ks_leaf_erase (const XimErase *erase, XimKsEraseWrite *write);

/**
 * xim_ks_leaf_server:
 * @text: of a server note
 */
void xim_ks_leaf_server (const char *text, guint8 bytes[XIM_ENTRY_SERVER_LEN]);
