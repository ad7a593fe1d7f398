/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The signer: the one holder of the keyserver's private keys. */

#pragma once

#include "ks-call.h"
#include "ks-config.h"
#include "ks-keys.h"

/**
 * XimKsSigner:
 * Hands out signature lines.  What signs (ks-vault.h) believes nobody: it
 * parses each text itself and signs only what this keyserver may say, and what
 * fits to all that it signed before.  It is in a process of its own
 * (ks-guard.h), whose private keys this one never has.  For all threads.
 * Source: PROTOCOL.md, sections 4.3 to 4.6 and 6.4.
 */
typedef struct _XimKsSigner XimKsSigner;

/**
 * xim_ks_signer_start:
 * @newest: the key of the newest server note
 *
 * Makes the process; only from a process with one thread.  When it ends
 * before xim_ks_signer_free(), this process ends at once and the log says so.
 * Errors: STORE; MALFORMED; NOT_FOUND, no such user; KEY_CHANGED, the keys are
 * not those of @newest; WRONG_NAME, the signer's store is of another one.
 */
XimKsSigner *xim_ks_signer_start (const XimKsConfig *config,
                                  const XimVerifyKey *newest, GError **error);

/**
 * xim_ks_signer_new:
 * @domain: the one domain whose notes are signed
 * @keys: (transfer full): sound ones
 *
 * One in this process that remembers in memory only, for tests.
 */
XimKsSigner *xim_ks_signer_new (const char *domain, XimKsKeys *keys);
void xim_ks_signer_free (XimKsSigner *signer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsSigner, xim_ks_signer_free)

const XimVerifyKey *xim_ks_signer_public (const XimKsSigner *signer);
void xim_ks_signer_vrf (const XimKsSigner *signer, XimVrfPublic *out);

/**
 * xim_ks_signer_sign:
 * @text: the text of an absent, current, account or device note
 *
 * An account note is signed as a group of one.  A current note is signed for
 * the newest version that was signed of the account, an absence note for an
 * address without one and with the tree of the last checkpoint; for half a
 * minute also as it was before.  Both are of now.
 * Errors: MALFORMED or UNSUPPORTED, the text is no such note; WRONG_NAME, it
 * is of another domain; EXPIRED; CONFLICT, it is not how things stand;
 * UNAVAILABLE, the signer is gone.
 * Returns: (transfer full): one signature line with its newline
 */
char *xim_ks_signer_sign (XimKsSigner *signer, const char *text,
                          GError **error);

/**
 * xim_ks_signer_note:
 * Returns: (transfer full): the whole note that has only the server's line;
 * errors as above
 */
char *xim_ks_signer_note (XimKsSigner *signer, const char *text,
                          GError **error);

/**
 * xim_ks_signer_group:
 * @items: @n_items texts in the order in which they count; may be none
 * @tree: (nullable): the checkpoint that is signed with them
 * @checkpoint_line: (out) (optional): its signature line with its newline
 *
 * Signs all or nothing, and records durably what it signed before it answers:
 * the version of each account and the checkpoint.  A version is signed when it
 * follows the last one recorded of its address, and any number of times when
 * it is the last one recorded with the same text.  A checkpoint is signed when
 * it is not smaller than the last one and is consistent with it; the same one
 * is signed again.
 * Errors: as xim_ks_signer_sign(); CONFLICT, a version that skips or is
 * another text than the one recorded, or a checkpoint that is smaller or
 * another one; KEY_CHANGED, a version that does not name the one before;
 * NOT_LOGGED, the proof does not prove; STORE; when texts are at fault, each
 * of these items has an error of its own, and none has a line.
 */
gboolean xim_ks_signer_group (XimKsSigner *signer, XimKsSignItem *items,
                              gsize n_items, const XimKsSignTree *tree,
                              char **checkpoint_line, GError **error);

/**
 * xim_ks_signer_last:
 * @size: (out): of the last checkpoint signed, 0: none ever was
 * @root: (out): its root; of a tree of size 0: SHA-256 of nothing
 * Errors: STORE.
 */
gboolean xim_ks_signer_last (XimKsSigner *signer, guint64 *size, XimHash *root,
                             GError **error);

/**
 * xim_ks_signer_prove:
 * @n_proofs: at most XIM_KS_CALL_PROOFS_MAX
 *
 * Makes the VRF proofs, all or none.
 * Errors: WRONG_NAME; MALFORMED; TOO_LARGE; UNAVAILABLE.
 */
gboolean xim_ks_signer_prove (XimKsSigner *signer, XimKsSignProof *proofs,
                              gsize n_proofs, GError **error);

/**
 * xim_ks_signer_adopt:
 * @n_accounts: at most XIM_KS_CALL_ACCOUNTS_MAX
 *
 * Takes over what a store holds of addresses that the signer knows nothing of,
 * durably; only as long as it never signed a checkpoint.
 * Errors: CONFLICT, it did; STORE.
 */
gboolean xim_ks_signer_adopt (XimKsSigner *signer,
                              const XimKsSignAccount *accounts,
                              gsize n_accounts, GError **error);
