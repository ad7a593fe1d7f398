/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What goes into the log for a version of an account. */

#include "config.h"

#include "ks-leaf.h"

#include <string.h>

void
xim_ks_leaf_begin (XimKsLeaf *leaf, const XimKsLogged *before,
                   gboolean is_last)
{
  *leaf = (XimKsLeaf){ .has_proof = before != NULL, .has_next = is_last };
  if (before != NULL)
    leaf->proof = before->next;
}

gboolean
xim_ks_leaf_prove (XimKsSigner *signer, const XimKsLeafOf *leaves, gsize n,
                   GError **error)
{
  g_autofree XimKsSignProof *proofs = g_new0 (XimKsSignProof, 2 * n + 1);
  gsize n_proofs = 0;
  for (gsize i = 0; i < n; i++)
    {
      const XimKsLeafOf *of = &leaves[i];
      if (!of->leaf->has_proof)
        proofs[n_proofs++]
            = (XimKsSignProof){ .jid = of->jid, .version = of->version };
      if (!of->leaf->has_next)
        proofs[n_proofs++]
            = (XimKsSignProof){ .jid = of->jid, .version = of->version + 1 };
    }
  if (n_proofs > 0 && !xim_ks_signer_prove (signer, proofs, n_proofs, error))
    return FALSE;
  const XimKsSignProof *made = proofs;
  for (gsize i = 0; i < n; i++)
    {
      XimKsLeaf *leaf = leaves[i].leaf;
      if (!leaf->has_proof)
        leaf->proof = made++->proof;
      if (!leaf->has_next)
        leaf->next = made++->proof;
      leaf->has_proof = leaf->has_next = TRUE;
    }
  return TRUE;
}

static void
make_entry (const XimVrfProof *proof, const char *text, XimEntryFlags flags,
            XimOpening *opening, guint8 bytes[XIM_ENTRY_ACCOUNT_LEN])
{
  XimEntry entry = { .type = XIM_ENTRY_ACCOUNT, .flags = flags };
  xim_crypto_random (opening->bytes, sizeof opening->bytes);
  xim_entry_proven (proof, &entry.index);
  xim_entry_commit (opening, text, &entry.commitment);
  xim_entry_encode (&entry, bytes);
}

void
xim_ks_leaf_make (const XimKsLeaf *leaf, const XimAccount *account,
                  XimKsLogged *logged, guint8 bytes[XIM_ENTRY_ACCOUNT_LEN])
{
  logged->proof = leaf->proof;
  logged->next = leaf->next;
  make_entry (&leaf->proof, account->text, xim_entry_account_flags (account),
              &logged->opening, bytes);
}

void
xim_ks_leaf_account (const XimAccount *account, XimKsAccountWrite *write)
{
  xim_ks_leaf_make (&write->leaf, account, &write->logged, write->entry);
}

void
xim_ks_leaf_erase (const XimErase *erase, XimKsEraseWrite *write)
{
  XimOpening opening;
  make_entry (&write->leaf.proof, erase->text, XIM_ENTRY_ERASED, &opening,
              write->entry);
}

void
xim_ks_leaf_server (const char *text, guint8 bytes[XIM_ENTRY_SERVER_LEN])
{
  XimEntry entry = { .type = XIM_ENTRY_SERVER };
  guint8 encoded[XIM_ENTRY_MAX];
  xim_crypto_sha256 (&(XimPiece){ text, strlen (text) }, 1, &entry.hash);
  xim_entry_encode (&entry, encoded);
  memcpy (bytes, encoded, XIM_ENTRY_SERVER_LEN);
}
