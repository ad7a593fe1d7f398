/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whether the signer's store fits what is stored beside it. */

#pragma once

#include "ks-audit.h"
#include "ks-config.h"
#include "ks-edge.h"

/**
 * XimKsCheckSigner:
 * The signer's store as it was at one moment, to read only.
 */
typedef struct _XimKsCheckSigner XimKsCheckSigner;

/**
 * xim_ks_check_signer_open:
 * @config: outlives it
 * Before the store is read: when no signer runs, none starts until
 * xim_ks_check_signer_begin().
 * Errors: STORE; MALFORMED, the secret that makes the tags.
 */
XimKsCheckSigner *xim_ks_check_signer_open (const XimKsConfig *config,
                                            GError **error);
void xim_ks_check_signer_free (XimKsCheckSigner *signer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsCheckSigner, xim_ks_check_signer_free)

/**
 * xim_ks_check_signer_begin:
 * Once the store is being read: from now on changes are not seen.
 */
gboolean xim_ks_check_signer_begin (XimKsCheckSigner *signer, GError **error);

/**
 * xim_ks_check_signer_owner:
 * Tells when it is the store of another keyserver, which would not start.
 */
void xim_ks_check_signer_owner (XimKsCheckSigner *signer,
                                const XimKsAudit *audit);

/**
 * xim_ks_check_signer_head:
 * @edge: of the published log
 *
 * Tells when the last checkpoint that was signed is not of this log.
 */
void xim_ks_check_signer_head (XimKsCheckSigner *signer,
                               const XimKsAudit *audit, const XimKsEdge *edge);

/**
 * xim_ks_check_signer_mark:
 * Returns: (transfer full): what the store says of its secret
 */
char *xim_ks_check_signer_mark (const XimKsCheckSigner *signer);

/**
 * xim_ks_check_signer_accounts:
 * Tells of each address whose last version is not the one that was signed
 * last.  Of a keyserver that runs the signer may be ahead.
 */
void xim_ks_check_signer_accounts (XimKsCheckSigner *signer,
                                   const XimKsAudit *audit);
