/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What is brought to the signer together. */

#pragma once

#include "xim-note.h"
#include "xim-vrf.h"

/* One text of a group. */
typedef struct
{
  const char *text; /* of an account, device or erase note, or of the current
                     * note of the account note right before it */
  char *line;       /* (out) (transfer full): its signature line with its
                     * newline; NULL for an erase note, which is recorded and
                     * not signed */
  GError *error;    /* (out): why this text is refused */
} XimKsSignItem;

/**
 * xim_ks_sign_item_clear:
 * Frees what the signer gave out.
 */
void xim_ks_sign_item_clear (XimKsSignItem *item);

/**
 * xim_ks_sign_text:
 * @text: has been checked
 * Returns: (transfer full): the line of @key with its newline
 */
char *xim_ks_sign_text (const XimSignKey *key, const char *text,
                        GError **error);

/* One proof to make. */
typedef struct
{
  const char *jid;   /* an address of the domain */
  guint32 version;   /* from 1 */
  XimVrfProof proof; /* (out): of the index of this version in the log */
} XimKsSignProof;

/* The tree that a group leads to. */
typedef struct
{
  const char *text;     /* of the checkpoint */
  const XimHash *proof; /* (nullable): that it is consistent with the last
                         * one that the signer signed */
  gsize n_proof;
} XimKsSignTree;

/* The last version of an account in a store that is older than its signer's.
 * One that was erased is known by its tag alone. */
typedef struct
{
  XimHash tag; /* xim_ks_tag_member() */
  guint32 version;
  XimHash hash; /* of the account text or the erase text */
  gboolean erased;
} XimKsSignAccount;
