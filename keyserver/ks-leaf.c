/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What goes into the log for a version of an account. */

#include "config.h"

#include "ks-leaf.h"

#include <string.h>

static gboolean
prove (XimKsSigner *signer, const char *jid, guint32 version,
       XimVrfProof *proof, GError **error)
{
  XimIndex index;
  return xim_ks_signer_prove (signer, jid, version, proof, &index, error);
}

static gboolean
prove_after (XimKsSigner *signer, const char *jid, guint32 version,
             const XimKsLogged *before, XimVrfProof *proof, GError **error)
{
  if (before == NULL)
    return prove (signer, jid, version, proof, error);
  *proof = before->next;
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

gboolean
xim_ks_leaf_account (XimKsSigner *signer, const XimAccount *account,
                     const XimKsLogged *before, XimKsLogged *logged,
                     guint8 bytes[XIM_ENTRY_ACCOUNT_LEN], GError **error)
{
  if (!prove_after (signer, account->jid, account->version, before,
                    &logged->proof, error)
      || !prove (signer, account->jid, account->version + 1, &logged->next,
                 error))
    return FALSE;
  make_entry (&logged->proof, account->text, xim_entry_account_flags (account),
              &logged->opening, bytes);
  return TRUE;
}

gboolean
xim_ks_leaf_erase (XimKsSigner *signer, const XimErase *erase,
                   const XimKsLogged *before,
                   guint8 bytes[XIM_ENTRY_ACCOUNT_LEN], GError **error)
{
  XimVrfProof proof;
  XimOpening opening;
  if (!prove_after (signer, erase->jid, erase->version, before, &proof, error))
    return FALSE;
  make_entry (&proof, erase->text, XIM_ENTRY_ERASED, &opening, bytes);
  return TRUE;
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
