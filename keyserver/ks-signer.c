/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The signer: the one holder of the keyserver's private keys. */

#include "config.h"

#include "ks-signer.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-guard.h"
#include "ks-link.h"
#include "ks-log.h"
#include "ks-metrics.h"

#define PARTS_MAX 16 /* calls into which many proofs are split */
#define PART_MIN 4   /* proofs that are worth a call */

struct _XimKsSigner
{
  XimKsVault *vault; /* NULL: in a process of its own */
  pid_t pid;
  XimKsLink *link;
  XimVerifyKey *key;
  XimVrfPublic vrf;
};

/* Without a signer nothing can be answered any more; whoever watches over this
 * process starts both anew. */
static void
signer_ended (gpointer user_data)
{
  const XimKsSigner *signer = user_data;
  int status = 0;
  pid_t ended = waitpid (signer->pid, &status, 0);
  if (ended == signer->pid && WIFSIGNALED (status))
    xim_ks_log (XIM_KS_LOG_ERROR, "stopped",
                "cause=\"the signer was ended by signal %d\"",
                WTERMSIG (status));
  else
    xim_ks_log (XIM_KS_LOG_ERROR, "stopped", "cause=\"the signer ended\"");
  _exit (EXIT_FAILURE);
}

XimKsSigner *
xim_ks_signer_start (const XimKsConfig *config, const XimVerifyKey *newest,
                     GError **error)
{
  g_autoptr (XimKsSigner) signer = g_new0 (XimKsSigner, 1);
  int fd = xim_ks_guard_start (config, newest, &signer->pid, error);
  if (fd < 0)
    return NULL;
  signer->link = xim_ks_link_new (fd, signer_ended, signer);
  g_autoptr (XimKsReply) ready = xim_ks_link_ready (signer->link, error);
  if (ready == NULL)
    return NULL;
  signer->vrf = ready->vrf;
  signer->key = xim_verify_key_decode (ready->vkey, error);
  return signer->key != NULL ? g_steal_pointer (&signer) : NULL;
}

XimKsSigner *
xim_ks_signer_new (const char *domain, XimKsKeys *keys)
{
  g_autoptr (GError) error = NULL;
  XimKsSigner *signer = g_new0 (XimKsSigner, 1);
  const char *origin = xim_sign_key_public (keys->sign)->name;
  if (keys->members == NULL)
    {
      keys->members = xim_secret_new (XIM_KEY_LEN);
      xim_crypto_random (xim_secret_data (keys->members), XIM_KEY_LEN);
    }
  const XimKsDatabaseOwner owner = { domain, origin, keys->members };
  XimKsLedger *ledger = xim_ks_ledger_open (NULL, &owner, 1, &error);
  if (ledger != NULL)
    signer->vault = xim_ks_vault_new (domain, keys, ledger, &error);
  if (signer->vault == NULL)
    g_error ("cannot make a signer: %s", error->message);
  signer->key = xim_verify_key_copy (xim_ks_vault_public (signer->vault));
  signer->vrf = *xim_ks_vault_vrf (signer->vault);
  return signer;
}

void
xim_ks_signer_free (XimKsSigner *signer)
{
  if (signer == NULL)
    return;
  xim_ks_link_free (signer->link);
  xim_ks_vault_free (signer->vault);
  if (signer->pid > 0)
    waitpid (signer->pid, NULL, 0);
  xim_verify_key_free (signer->key);
  g_free (signer);
}

const XimVerifyKey *
xim_ks_signer_public (const XimKsSigner *signer)
{
  return signer->key;
}

void
xim_ks_signer_vrf (const XimKsSigner *signer, XimVrfPublic *out)
{
  *out = signer->vrf;
}

static char *
call_sign (XimKsSigner *signer, const char *text, GError **error)
{
  XimKsCall call = { .verb = XIM_KS_CALL_SIGN, .text = text };
  g_autoptr (XimKsReply) reply = xim_ks_link_call (signer->link, &call, error);
  return reply != NULL ? g_steal_pointer (&reply->line) : NULL;
}

char *
xim_ks_signer_sign (XimKsSigner *signer, const char *text, GError **error)
{
  char *line = signer->vault != NULL
                   ? xim_ks_vault_sign (signer->vault, text, error)
                   : call_sign (signer, text, error);
  if (line != NULL)
    xim_ks_metrics_count (XIM_KS_SIGNATURES);
  return line;
}

char *
xim_ks_signer_note (XimKsSigner *signer, const char *text, GError **error)
{
  g_autofree char *line = xim_ks_signer_sign (signer, text, error);
  return line == NULL ? NULL : g_strconcat (text, "\n", line, NULL);
}

static gboolean
call_group (XimKsSigner *signer, XimKsSignItem *items, gsize n_items,
            const XimKsSignTree *tree, char **line, GError **error)
{
  XimKsCall call
      = { .verb = XIM_KS_CALL_GROUP, .items = items, .n_items = n_items };
  if (tree != NULL)
    call.tree = *tree;
  g_autoptr (XimKsReply) reply = xim_ks_link_call (signer->link, &call, error);
  if (reply == NULL)
    return FALSE;
  for (gsize i = 0; i < n_items; i++)
    {
      items[i].line = g_steal_pointer (&reply->items[i].line);
      items[i].error = g_steal_pointer (&reply->items[i].error);
    }
  *line = g_steal_pointer (&reply->line);
  if (reply->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reply->error));
  return FALSE;
}

gboolean
xim_ks_signer_group (XimKsSigner *signer, XimKsSignItem *items, gsize n_items,
                     const XimKsSignTree *tree, char **checkpoint_line,
                     GError **error)
{
  g_autofree char *line = NULL;
  gboolean ok = signer->vault != NULL
                    ? xim_ks_vault_group (signer->vault, items, n_items, tree,
                                          &line, error)
                    : call_group (signer, items, n_items, tree, &line, error);
  if (!ok)
    return FALSE;
  for (gsize i = 0; i < n_items; i++)
    if (items[i].line != NULL)
      xim_ks_metrics_count (XIM_KS_SIGNATURES);
  if (line != NULL)
    xim_ks_metrics_count (XIM_KS_SIGNATURES);
  if (checkpoint_line != NULL)
    *checkpoint_line = g_steal_pointer (&line);
  return TRUE;
}

gboolean
xim_ks_signer_last (XimKsSigner *signer, guint64 *size, XimHash *root,
                    GError **error)
{
  XimTreeHead head = { .size = 0 };
  XimKsCall call = { .verb = XIM_KS_CALL_LAST };
  if (signer->vault != NULL)
    xim_ks_vault_last (signer->vault, &head);
  else
    {
      g_autoptr (XimKsReply) reply
          = xim_ks_link_call (signer->link, &call, error);
      if (reply == NULL)
        return FALSE;
      head = reply->head;
    }
  *size = head.size;
  *root = head.root;
  return TRUE;
}

/* In about equal parts: the signer works on several threads. */
static gboolean
call_prove (XimKsSigner *signer, XimKsSignProof *proofs, gsize n_proofs,
            GError **error)
{
  XimKsCall calls[PARTS_MAX];
  XimKsReply *replies[PARTS_MAX];
  gsize n = MIN (g_get_num_processors (), PARTS_MAX);
  n = CLAMP (n_proofs / PART_MIN, 1, n);
  for (gsize i = 0; i < n; i++)
    {
      gsize begin = i * n_proofs / n, end = (i + 1) * n_proofs / n;
      calls[i] = (XimKsCall){ .verb = XIM_KS_CALL_PROVE,
                              .proofs = proofs + begin,
                              .n_proofs = end - begin };
    }
  gboolean ok = xim_ks_link_call_all (signer->link, calls, n, replies, error);
  for (gsize i = 0; i < n; i++)
    {
      for (gsize j = 0; ok && j < calls[i].n_proofs; j++)
        calls[i].proofs[j].proof = replies[i]->proofs[j].proof;
      xim_ks_reply_free (replies[i]);
    }
  return ok;
}

gboolean
xim_ks_signer_prove (XimKsSigner *signer, XimKsSignProof *proofs,
                     gsize n_proofs, GError **error)
{
  if (signer->vault != NULL)
    return xim_ks_vault_prove (signer->vault, proofs, n_proofs, error);
  return call_prove (signer, proofs, n_proofs, error);
}

gboolean
xim_ks_signer_adopt (XimKsSigner *signer, const XimKsSignAccount *accounts,
                     gsize n_accounts, GError **error)
{
  if (signer->vault != NULL)
    return xim_ks_vault_adopt (signer->vault, accounts, n_accounts, error);
  XimKsCall call = { .verb = XIM_KS_CALL_ADOPT,
                     .accounts = accounts,
                     .n_accounts = n_accounts };
  g_autoptr (XimKsReply) reply = xim_ks_link_call (signer->link, &call, error);
  return reply != NULL;
}
