/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Members who leave: erase notes that are offered. */

#include "config.h"

#include "ks-erasures.h"

#include <string.h>

#include "xim-erase.h"
#include "xim-error.h"

#include "ks-intake.h"
#include "ks-leaf.h"
#include "ks-log.h"
#include "ks-metrics.h"

typedef struct
{
  const XimKsAccounts *ks;
  XimKsRequest *request;
  gint64 now_s;
  XimErase *erase;
  XimAccount *newest; /* NULL: the address has no keys */
  gboolean is_logged;
  XimKsLogged logged; /* of the newest version */
  gboolean took_proof;
  guint32 have; /* version stored, for a conflict */
  XimKsEraseWrite *write;
  GError *error; /* of the writer */
} Job;

static void
job_free (Job *job)
{
  if (job == NULL)
    return;
  xim_erase_free (job->erase);
  xim_account_free (job->newest);
  xim_ks_erase_write_free (job->write);
  g_clear_error (&job->error);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static gboolean
decode (Job *job, GError **error)
{
  gsize len = 0;
  const char *body = g_bytes_get_data (job->request->body, &len);
  job->erase = xim_erase_decode (body, len, error);
  if (job->erase == NULL)
    return FALSE;
  if (strcmp (job->erase->jid, job->request->jid) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected an erase note of the address in the path");
  return FALSE;
}

static gboolean
load (Job *job, GError **error)
{
  g_autoptr (XimKsRecord) record = NULL;
  if (!xim_ks_store_record (job->ks->store, job->request->jid, &record, error))
    return FALSE;
  if (record == NULL)
    return TRUE;
  job->have = record->version;
  job->is_logged = record->is_logged;
  job->logged = record->logged;
  job->newest = xim_ks_accounts_stored (record, error);
  return job->newest != NULL;
}

/* Whether this text has erased the address already. */
static gboolean
is_done (const Job *job)
{
  XimKsErased erased;
  g_autoptr (GError) error = NULL;
  if (!xim_ks_store_erased (job->ks->store, job->request->jid, &erased,
                            &error))
    {
      xim_ks_log (XIM_KS_LOG_ERROR, "erasure-failed", "cause=\"%s\"",
                  error->message);
      return FALSE;
    }
  return erased.version == job->erase->version
         && memcmp (&erased.hash, &job->erase->hash, sizeof erased.hash) == 0;
}

static gboolean
check_turn (const Job *job, GError **error)
{
  if (job->newest == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "this address has no account note");
      return FALSE;
    }
  if (job->have + 1 == job->erase->version)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
               "expected version %u, got version %u", job->have + 1,
               job->erase->version);
  return FALSE;
}

static gboolean
no_proof (GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_NO_PROOF,
               "the text alone needs a proof of the address, sent over XMPP "
               "within the last %d s",
               XIM_PROOF_LIFE_S);
  return FALSE;
}

static gboolean
check (Job *job, GError **error)
{
  if (!check_turn (job, error))
    return FALSE;
  if (xim_erase_needs_proof (job->erase)
      && !xim_ks_proofs_has (job->ks->proofs, job->erase->jid,
                             &job->erase->hash, g_get_monotonic_time ()))
    return no_proof (error);
  return xim_erase_check_server (job->erase, job->newest, job->now_s, error);
}

/* At the last moment, so that a note that is refused uses up nothing. */
static gboolean
take_proof (Job *job, GError **error)
{
  if (!xim_erase_needs_proof (job->erase))
    return TRUE;
  job->took_proof
      = xim_ks_proofs_take (job->ks->proofs, job->erase->jid,
                            &job->erase->hash, g_get_monotonic_time ());
  return job->took_proof || no_proof (error);
}

static void
make_write (Job *job)
{
  job->write = g_new0 (XimKsEraseWrite, 1);
  job->write->jid = g_strdup (job->erase->jid);
  job->write->version = job->erase->version;
  job->write->hash = job->erase->hash;
  job->write->accepted_s = job->now_s;
  job->write->versions_per_day = job->ks->config->versions_per_day;
  job->write->text = g_strdup (job->erase->text);
  xim_ks_leaf_begin (&job->write->leaf, job->is_logged ? &job->logged : NULL,
                     TRUE);
}

static const char *
jid_of (gpointer data)
{
  return ((const Job *)data)->request->jid;
}

static gboolean
leaf_of (gpointer data, XimKsLeafOf *out)
{
  XimKsEraseWrite *write = ((Job *)data)->write;
  *out = (XimKsLeafOf){ write->jid, write->version, &write->leaf };
  return TRUE;
}

static gboolean
write_erase (XimKsStore *store, gpointer data, GError **error)
{
  Job *job = data;
  xim_ks_leaf_erase (job->erase, job->write);
  return xim_ks_intake_erase (store, job->write, &job->have, error);
}

static void
written_erase (gpointer data, const char *current, const GError *error)
{
  (void)current;
  Job *job = data;
  if (error != NULL)
    {
      job->error = g_error_copy (error);
      if (job->took_proof)
        xim_ks_proofs_add (job->ks->proofs, job->erase->jid, &job->erase->hash,
                           g_get_monotonic_time (), NULL);
    }
  else
    xim_ks_metrics_count (XIM_KS_ACCOUNTS_ERASED);
  job->request->wake (job->request);
}

static const XimKsWriterOps erase_ops
    = { jid_of, leaf_of, write_erase, written_erase };

static XimKsAnswer *
refuse (const Job *job, const GError *error)
{
  const XimKsConflict conflict = { .member = "version", .have = job->have };
  return xim_ks_answer_refusal (error, &conflict, job->now_s);
}

/* The keyserver's word that it is done. */
static XimKsAnswer *
answer_absent (const Job *job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsAnswer) absent = xim_ks_lookup_absent (
      job->ks->lookup, job->erase->jid, job->now_s, &error);
  if (absent == NULL)
    return refuse (job, error);
  gsize len = 0;
  const char *note = g_bytes_get_data (xim_ks_answer_body (absent), &len);
  return xim_ks_answer_new (200, XIM_KS_TYPE_TEXT, g_strndup (note, len));
}

static XimKsAnswer *
finish_erase (gpointer data)
{
  g_autoptr (Job) job = data;
  gboolean conflict
      = g_error_matches (job->error, XIM_ERROR, XIM_ERROR_CONFLICT);
  if (job->error == NULL || (conflict && is_done (job)))
    return answer_absent (job);
  return refuse (job, job->error);
}

XimKsAnswer *
xim_ks_erasures_delete (const XimKsAccounts *ks, XimKsRequest *request)
{
  g_autoptr (Job) job = g_new0 (Job, 1);
  g_autoptr (GError) error = NULL;
  job->ks = ks;
  job->request = request;
  job->now_s = g_get_real_time () / G_USEC_PER_SEC;
  if (!xim_ks_lookup_check_jid (ks->lookup, request->jid, &error)
      || !decode (job, &error) || !load (job, &error))
    return refuse (job, error);
  if (job->newest == NULL && is_done (job))
    return answer_absent (job);
  if (!check (job, &error) || !take_proof (job, &error))
    return refuse (job, error);
  make_write (job);
  return xim_ks_request_write (request, ks->writer, &erase_ops,
                               g_steal_pointer (&job), finish_erase);
}
