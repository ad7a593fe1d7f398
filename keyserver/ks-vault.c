/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The vault: the private keys, and the rules for what they sign. */

#include "config.h"

#include "ks-vault.h"

#include <string.h>

#include "xim-checkpoint.h"
#include "xim-error.h"
#include "xim-jid.h"

#include "ks-claim.h"
#include "ks-tag.h"

struct _XimKsVault
{
  char *domain;
  XimSignKey *key;
  XimSignKey *log_key; /* the same under the name of the log */
  XimVrfKey *vrf;
  XimSecret *members;
  XimKsLedger *ledger;
};

XimKsVault *
xim_ks_vault_new (const char *domain, XimKsKeys *keys, XimKsLedger *ledger,
                  GError **error)
{
  g_autoptr (XimKsKeys) owned = keys;
  g_autoptr (XimKsVault) vault = g_new0 (XimKsVault, 1);
  vault->domain = g_strdup (domain);
  vault->ledger = ledger;
  vault->key = g_steal_pointer (&owned->sign);
  vault->members = g_steal_pointer (&owned->members);
  vault->vrf = xim_vrf_key_new (g_steal_pointer (&owned->vrf), error);
  if (vault->vrf == NULL)
    return NULL;
  g_autofree char *log
      = g_strconcat (xim_sign_key_public (vault->key)->name, "/log", NULL);
  vault->log_key = xim_sign_key_rename (vault->key, log, error);
  return vault->log_key != NULL ? g_steal_pointer (&vault) : NULL;
}

void
xim_ks_vault_free (XimKsVault *vault)
{
  if (vault == NULL)
    return;
  g_free (vault->domain);
  xim_sign_key_free (vault->key);
  xim_sign_key_free (vault->log_key);
  xim_vrf_key_free (vault->vrf);
  xim_secret_free (vault->members);
  xim_ks_ledger_free (vault->ledger);
  g_free (vault);
}

const XimVerifyKey *
xim_ks_vault_public (const XimKsVault *vault)
{
  return xim_sign_key_public (vault->key);
}

const XimVrfPublic *
xim_ks_vault_vrf (const XimKsVault *vault)
{
  return xim_vrf_key_public (vault->vrf);
}

/* A word of a coming day, kept until then, would outlive a break-in. */
static gboolean
check_now (const XimKsClaim *claim, GError **error)
{
  gint64 off_s = g_get_real_time () / G_USEC_PER_SEC - claim->time_s;
  if (ABS (off_s) <= XIM_CLOCK_SKEW_S)
    return TRUE;
  g_set_error (
      error, XIM_ERROR, XIM_ERROR_EXPIRED,
      "expected a note of now, this one is %" G_GINT64_FORMAT " s old", off_s);
  return FALSE;
}

static gboolean
check_current (XimKsVault *vault, const XimKsClaim *claim, GError **error)
{
  XimHash tag;
  xim_ks_tag_member (vault->members, claim->jid, &tag);
  return check_now (claim, error)
         && xim_ks_ledger_check_newest (vault->ledger, &tag, claim->version,
                                        &claim->hash, error);
}

/* Its tree counts like a checkpoint for whoever gets the note. */
static gboolean
check_absent (XimKsVault *vault, const XimKsClaim *claim, GError **error)
{
  const XimTreeHead head = { claim->size, claim->root };
  XimHash tag;
  if (!check_now (claim, error))
    return FALSE;
  if (!xim_ks_ledger_knows (vault->ledger, &head))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
                   "expected the newest checkpoint in an absence note, got "
                   "size %" G_GUINT64_FORMAT,
                   claim->size);
      return FALSE;
    }
  xim_ks_tag_member (vault->members, claim->jid, &tag);
  return xim_ks_ledger_check_newest (vault->ledger, &tag, 0, NULL, error);
}

static char *
sign_alone (XimKsVault *vault, const char *text, GError **error)
{
  char *line = NULL;
  XimKsSignItem item = { .text = text };
  if (xim_ks_vault_group (vault, &item, 1, NULL, NULL, error))
    line = g_steal_pointer (&item.line);
  xim_ks_sign_item_clear (&item);
  return line;
}

char *
xim_ks_vault_sign (XimKsVault *vault, const char *text, GError **error)
{
  g_autoptr (XimKsClaim) claim
      = xim_ks_claim_decode (text, vault->domain, error);
  if (claim == NULL)
    return NULL;
  switch (claim->kind)
    {
    case XIM_KS_CLAIM_CURRENT:
      if (!check_current (vault, claim, error))
        return NULL;
      break;
    case XIM_KS_CLAIM_ABSENT:
      if (!check_absent (vault, claim, error))
        return NULL;
      break;
    case XIM_KS_CLAIM_DEVICE:
      break;
    case XIM_KS_CLAIM_ACCOUNT:
      return sign_alone (vault, text, error);
    case XIM_KS_CLAIM_ERASE:
    default:
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "an erase note is recorded, not signed");
      return NULL;
    }
  return xim_ks_sign_text (vault->key, text, error);
}

/* Once the account note before it is recorded, that is the newest one. */
static gboolean
is_current_of (const XimKsClaim *claim, const XimKsClaim *before)
{
  return before != NULL && before->kind == XIM_KS_CLAIM_ACCOUNT
         && strcmp (before->jid, claim->jid) == 0
         && before->version == claim->version
         && memcmp (&before->hash, &claim->hash, sizeof claim->hash) == 0;
}

/* @before: (nullable): of the text before it */
static gboolean
check_in_group (const XimKsClaim *claim, const XimKsClaim *before,
                GError **error)
{
  switch (claim->kind)
    {
    case XIM_KS_CLAIM_ACCOUNT:
    case XIM_KS_CLAIM_ERASE:
    case XIM_KS_CLAIM_DEVICE:
      return TRUE;
    case XIM_KS_CLAIM_CURRENT:
      if (is_current_of (claim, before))
        return check_now (claim, error);
      g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
                   "expected a current note behind the account note that it "
                   "names");
      return FALSE;
    case XIM_KS_CLAIM_ABSENT:
    default:
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "expected account, device, erase and current notes in a "
                   "group");
      return FALSE;
    }
}

static XimKsClaim *
claim_of_item (const XimKsVault *vault, const XimKsClaim *before,
               XimKsSignItem *item)
{
  g_autoptr (XimKsClaim) claim
      = xim_ks_claim_decode (item->text, vault->domain, &item->error);
  return claim != NULL && check_in_group (claim, before, &item->error)
             ? g_steal_pointer (&claim)
             : NULL;
}

/* Returns: (transfer full): of XimKsClaim, one for each item, or NULL; each
 * item at fault has its error */
static GPtrArray *
claims_of (const XimKsVault *vault, XimKsSignItem *items, gsize n_items)
{
  gboolean sound = TRUE;
  XimKsClaim *claim = NULL;
  g_autoptr (GPtrArray) claims
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_ks_claim_free);
  for (gsize i = 0; i < n_items; i++)
    {
      claim = claim_of_item (vault, claim, &items[i]);
      sound = sound && claim != NULL;
      g_ptr_array_add (claims, claim);
    }
  return sound ? g_steal_pointer (&claims) : NULL;
}

/* Whether the ledger holds it. */
static gboolean
is_step (const XimKsClaim *claim)
{
  return claim->kind == XIM_KS_CLAIM_ACCOUNT
         || claim->kind == XIM_KS_CLAIM_ERASE;
}

static gboolean
step_of_item (XimKsVault *vault, const XimKsClaim *claim, XimKsSignItem *item)
{
  if (!is_step (claim))
    return TRUE;
  XimKsLedgerStep step = {
    .version = claim->version,
    .hash = claim->hash,
    .has_previous = claim->has_previous,
    .previous = claim->previous,
    .erased = claim->kind == XIM_KS_CLAIM_ERASE,
    .reset = claim->reset,
  };
  xim_ks_tag_member (vault->members, claim->jid, &step.tag);
  return xim_ks_ledger_step (vault->ledger, &step, &item->error);
}

/* Goes on after one at fault, so that the caller hears of all of them. */
static gboolean
record_items (XimKsVault *vault, const GPtrArray *claims, XimKsSignItem *items)
{
  gboolean sound = TRUE;
  for (guint i = 0; i < claims->len; i++)
    sound = step_of_item (vault, claims->pdata[i], &items[i]) && sound;
  return sound;
}

static XimCheckpoint *
decode_tree (const XimKsVault *vault, const XimKsSignTree *tree,
             GError **error)
{
  g_autoptr (XimCheckpoint) checkpoint
      = xim_checkpoint_decode_text (tree->text, error);
  if (checkpoint == NULL)
    return NULL;
  const char *log = xim_sign_key_public (vault->log_key)->name;
  if (strcmp (checkpoint->origin, log) == 0)
    return g_steal_pointer (&checkpoint);
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a checkpoint of %s", log);
  return NULL;
}

/* Compared with the last one and put into its place, in one transaction. */
static gboolean
record_tree (XimKsVault *vault, const XimTreeHead *head,
             const XimKsSignTree *tree, GError **error)
{
  XimTreeHead last;
  xim_ks_ledger_last (vault->ledger, &last);
  if (head->size < last.size
      || (head->size == last.size && !xim_tree_head_equal (head, &last)))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
                   "the checkpoint of size %" G_GUINT64_FORMAT
                   " does not continue the last one, of size "
                   "%" G_GUINT64_FORMAT,
                   head->size, last.size);
      return FALSE;
    }
  if (!xim_tree_verify_consistency (&last, head, tree->proof,
                                    (guint)tree->n_proof, error))
    return FALSE;
  return head->size == last.size
         || xim_ks_ledger_set_last (vault->ledger, head, error);
}

static gboolean
first_fault (const XimKsSignItem *items, gsize n_items, GError **error)
{
  for (gsize i = 0; i < n_items; i++)
    if (items[i].error != NULL)
      {
        g_propagate_error (error, g_error_copy (items[i].error));
        break;
      }
  return FALSE;
}

static gboolean
record (XimKsVault *vault, const GPtrArray *claims, XimKsSignItem *items,
        const XimCheckpoint *checkpoint, const XimKsSignTree *tree,
        GError **error)
{
  gboolean ok = FALSE;
  if (!xim_ks_ledger_begin (vault->ledger, error))
    return FALSE;
  if (!record_items (vault, claims, items))
    first_fault (items, claims->len, error);
  else
    ok = checkpoint == NULL
         || record_tree (vault, &checkpoint->head, tree, error);
  if (ok)
    return xim_ks_ledger_commit (vault->ledger, error);
  xim_ks_ledger_abandon (vault->ledger);
  return FALSE;
}

static gboolean
sign_items (XimKsVault *vault, const GPtrArray *claims, XimKsSignItem *items,
            GError **error)
{
  for (guint i = 0; i < claims->len; i++)
    {
      const XimKsClaim *claim = claims->pdata[i];
      if (claim->kind == XIM_KS_CLAIM_ERASE)
        continue;
      items[i].line = xim_ks_sign_text (vault->key, items[i].text, error);
      if (items[i].line == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
needs_record (const GPtrArray *claims, const XimKsSignTree *tree)
{
  if (tree != NULL)
    return TRUE;
  for (guint i = 0; i < claims->len; i++)
    if (is_step (claims->pdata[i]))
      return TRUE;
  return FALSE;
}

gboolean
xim_ks_vault_group (XimKsVault *vault, XimKsSignItem *items, gsize n_items,
                    const XimKsSignTree *tree, char **checkpoint_line,
                    GError **error)
{
  g_autoptr (GPtrArray) claims = claims_of (vault, items, n_items);
  if (claims == NULL)
    return first_fault (items, n_items, error);
  g_autoptr (XimCheckpoint) checkpoint
      = tree != NULL ? decode_tree (vault, tree, error) : NULL;
  if (tree != NULL && checkpoint == NULL)
    return FALSE;
  if (needs_record (claims, tree)
      && !record (vault, claims, items, checkpoint, tree, error))
    return FALSE;
  if (!sign_items (vault, claims, items, error))
    return FALSE;
  if (tree == NULL)
    return TRUE;
  char *line = xim_ks_sign_text (vault->log_key, tree->text, error);
  if (line != NULL && checkpoint_line != NULL)
    *checkpoint_line = g_steal_pointer (&line);
  gboolean ok = line != NULL || checkpoint_line != NULL;
  g_free (line);
  return ok;
}

gboolean
xim_ks_vault_rest (XimKsVault *vault, GError **error)
{
  return xim_ks_ledger_rest (vault->ledger, error);
}

void
xim_ks_vault_last (XimKsVault *vault, XimTreeHead *head)
{
  xim_ks_ledger_last (vault->ledger, head);
}

static gboolean
prove (const XimKsVault *vault, XimKsSignProof *proof, GError **error)
{
  if (!xim_jid_check (proof->jid, strlen (proof->jid), error))
    return FALSE;
  if (proof->version == 0
      || strcmp (xim_jid_domain (proof->jid), vault->domain) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected an address of %s and a version", vault->domain);
      return FALSE;
    }
  xim_entry_prove (vault->vrf, proof->jid, proof->version, &proof->proof,
                   NULL);
  return TRUE;
}

gboolean
xim_ks_vault_prove (XimKsVault *vault, XimKsSignProof *proofs, gsize n_proofs,
                    GError **error)
{
  for (gsize i = 0; i < n_proofs; i++)
    if (!prove (vault, &proofs[i], error))
      return FALSE;
  return TRUE;
}

gboolean
xim_ks_vault_adopt (XimKsVault *vault, const XimKsSignAccount *accounts,
                    gsize n_accounts, GError **error)
{
  return xim_ks_ledger_adopt (vault->ledger, accounts, n_accounts, error);
}
