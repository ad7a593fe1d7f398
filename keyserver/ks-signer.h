/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The signer: the one holder of the keyserver's private keys. */

#pragma once

#include "ks-keys.h"

/**
 * XimKsSigner:
 * Is given whole texts and hands out signature lines.  It believes nobody: it
 * parses each text itself and signs only what this keyserver may say.  For all
 * threads.
 * Source: PROTOCOL.md, sections 4.3 to 4.6.
 */
typedef struct _XimKsSigner XimKsSigner;

/**
 * xim_ks_signer_new:
 * @domain: the one domain whose notes are signed
 * @keys: (transfer full)
 */
XimKsSigner *xim_ks_signer_new (const char *domain, XimKsKeys *keys);
void xim_ks_signer_free (XimKsSigner *signer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsSigner, xim_ks_signer_free)

const XimVerifyKey *xim_ks_signer_public (const XimKsSigner *signer);
void xim_ks_signer_vrf (const XimKsSigner *signer, XimVrfPublic *out);

/**
 * xim_ks_signer_sign:
 * @text: the text of a server, absent, current, account or device note
 *
 * Errors: MALFORMED or UNSUPPORTED, the text is no such note; WRONG_NAME, it
 * is of another domain, or a server note of another origin or key. Returns:
 * (transfer full): one signature line with its newline
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
 * xim_ks_signer_hand_over:
 * @text: of a server note that follows the one with this signer's key
 *
 * The line of the old key under the note of a new one, for rotate-key alone;
 * xim_server_check() tells whether the whole follows.
 * Errors: MALFORMED; UNSUPPORTED; WRONG_NAME, of another domain, origin or VRF
 * key, or of serial 1.
 * Returns: (transfer full): one signature line with its newline
 */
char *xim_ks_signer_hand_over (XimKsSigner *signer, const char *text,
                               GError **error);

/* One text of a group. */
typedef struct
{
  const char *text; /* of an account, device or erase note */
  char *line;       /* (out) (transfer full): as of xim_ks_signer_sign(); NULL
                     * for an erase note, which is recorded and not signed */
  GError *error;    /* (out): why this text is refused */
} XimKsSignItem;

/**
 * xim_ks_sign_item_clear:
 * Frees what xim_ks_signer_group() gave out.
 */
void xim_ks_sign_item_clear (XimKsSignItem *item);

/* The tree that a group leads to. */
typedef struct
{
  const char *text;     /* of the checkpoint */
  const XimHash *proof; /* (nullable): that it is consistent with the last
                         * one that the signer signed (xim_ks_signer_last()) */
  gsize n_proof;
} XimKsSignTree;

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
 * another one; NOT_LOGGED, the proof does not prove; STORE; when texts are at
 * fault, each of these items has an error of its own.
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
 * @jid: an address of the domain
 * @proof: (out): 80 bytes, the VRF proof of this version
 * @index: (out): what it proves, the index of the version in the log
 * Errors: WRONG_NAME; MALFORMED; UNSUPPORTED.
 */
gboolean xim_ks_signer_prove (XimKsSigner *signer, const char *jid,
                              guint32 version, guint8 *proof, XimHash *index,
                              GError **error);

/* The last version of an account in a store that is older than its signer's.
 * One that was erased is known by its tag alone. */
typedef struct
{
  XimHash tag; /* xim_ks_tag_member() */
  guint32 version;
  XimHash hash; /* of the account text or the erase text */
  gboolean erased;
} XimKsSignAccount;

/**
 * xim_ks_signer_adopt:
 * Takes over what a store holds, durably; only as long as the signer never
 * signed a checkpoint.
 * Errors: CONFLICT, it did; STORE.
 */
gboolean xim_ks_signer_adopt (XimKsSigner *signer,
                              const XimKsSignAccount *accounts,
                              gsize n_accounts, GError **error);
