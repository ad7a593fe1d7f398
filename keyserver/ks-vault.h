/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The vault: the private keys, and the rules for what they sign. */

#pragma once

#include "xim-entry.h"

#include "ks-keys.h"
#include "ks-ledger.h"

/**
 * XimKsVault:
 * Believes nobody: it parses each text itself, and signs only what this
 * keyserver may say and what fits to all that it signed before.  For all
 * threads.
 * Source: PROTOCOL.md, section 6.4.
 */
typedef struct _XimKsVault XimKsVault;

/**
 * xim_ks_vault_new:
 * @domain: the one domain whose notes are signed
 * @keys: (transfer full): with all three keys
 * @ledger: (transfer full)
 * Errors: MALFORMED, one of the keys is none.
 */
XimKsVault *xim_ks_vault_new (const char *domain, XimKsKeys *keys,
                              XimKsLedger *ledger, GError **error);
void xim_ks_vault_free (XimKsVault *vault);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsVault, xim_ks_vault_free)

const XimVerifyKey *xim_ks_vault_public (const XimKsVault *vault);
const XimVrfPublic *xim_ks_vault_vrf (const XimKsVault *vault);

/* As xim_ks_ledger_rest(). */
gboolean xim_ks_vault_rest (XimKsVault *vault, GError **error);

/* As the functions of ks-signer.h with these names. */
char *xim_ks_vault_sign (XimKsVault *vault, const char *text, GError **error);
gboolean xim_ks_vault_group (XimKsVault *vault, XimKsSignItem *items,
                             gsize n_items, const XimKsSignTree *tree,
                             char **checkpoint_line, GError **error);
void xim_ks_vault_last (XimKsVault *vault, XimTreeHead *head);
gboolean xim_ks_vault_prove (XimKsVault *vault, XimKsSignProof *proofs,
                             gsize n_proofs, GError **error);
gboolean xim_ks_vault_adopt (XimKsVault *vault,
                             const XimKsSignAccount *accounts,
                             gsize n_accounts, GError **error);
