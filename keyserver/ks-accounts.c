/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Registrations: account notes and device notes that are offered to be kept.
 */

#include "config.h"

#include "ks-accounts.h"

#include <string.h>

#include "xim-device.h"
#include "xim-error.h"
#include "xim-json.h"

#include "ks-intake.h"
#include "ks-leaf.h"
#include "ks-metrics.h"

/* One request on its way: decoded, compared with what is stored, signed,
 * handed to the writer, answered. */
typedef struct
{
  const XimKsAccounts *ks;
  XimKsRequest *request;
  gint64 now_s;

  XimNote *note; /* the account note, or the device note of a PUT */
  XimAccount *account;
  GPtrArray *devices; /* of XimDevice: what a POST carries, or a PUT is */

  XimKsRecord *record; /* what is stored; NULL: nothing */
  XimAccount *before;  /* its account note; of who left, what is left of it */
  XimKsErased erased;  /* version 0: not, or not told */

  gboolean took_proof;
  guint32 have; /* version or serial stored, for a conflict */
  XimKsAccountWrite *account_write;
  XimKsDeviceWrite *device_write;
  char *current; /* (nullable): signed with what was written */
  GError *error; /* of the writer */
} Job;

static void
job_free (Job *job)
{
  if (job == NULL)
    return;
  xim_note_free (job->note);
  xim_account_free (job->account);
  g_clear_pointer (&job->devices, g_ptr_array_unref);
  xim_ks_record_free (job->record);
  xim_account_free (job->before);
  xim_ks_account_write_free (job->account_write);
  xim_ks_device_write_free (job->device_write);
  g_free (job->current);
  g_clear_error (&job->error);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

static Job *
job_new (const XimKsAccounts *ks, XimKsRequest *request)
{
  Job *job = g_new0 (Job, 1);
  job->ks = ks;
  job->request = request;
  job->now_s = g_get_real_time () / G_USEC_PER_SEC;
  job->devices
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_device_free);
  return job;
}

static gboolean
check_named (const Job *job, const char *jid, GError **error)
{
  if (strcmp (jid, job->request->jid) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a note of the address in the path");
  return FALSE;
}

static gboolean
add_device (Job *job, const char *text, gsize len, XimNote **kept,
            GError **error)
{
  g_autoptr (XimNote) note = xim_note_decode (text, len, error);
  if (note == NULL)
    return FALSE;
  XimDevice *device = xim_device_decode (note, error);
  if (device == NULL)
    return FALSE;
  g_ptr_array_add (job->devices, device);
  if (kept != NULL)
    *kept = g_steal_pointer (&note);
  return check_named (job, device->jid, error);
}

static gboolean
decode_account (Job *job, const XimJson *json, GError **error)
{
  const char *text = NULL;
  if (!xim_json_string (json, "account", &text, error))
    return FALSE;
  job->note = xim_note_decode (text, strlen (text), error);
  if (job->note == NULL)
    return FALSE;
  job->account = xim_account_decode (job->note, error);
  return job->account != NULL && check_named (job, job->account->jid, error);
}

static gboolean
decode_post (Job *job, GError **error)
{
  static const char *const members[] = { "account", "devices", NULL };
  gsize len = 0;
  const char *body = g_bytes_get_data (job->request->body, &len);
  g_autoptr (XimJson) json
      = xim_json_decode (body, len, job->ks->config->body_bytes, error);
  g_autoptr (GPtrArray) notes = NULL;
  if (json == NULL || !xim_json_members (json, members, error)
      || !decode_account (job, json, error)
      || !xim_json_strings (json, "devices", XIM_DEVICES_MAX, &notes, error))
    return FALSE;
  for (guint i = 0; i < notes->len; i++)
    if (!add_device (job, notes->pdata[i], strlen (notes->pdata[i]), NULL,
                     error))
      return FALSE;
  return TRUE;
}

XimAccount *
xim_ks_accounts_stored (const XimKsRecord *record, GError **error)
{
  g_autoptr (XimNote) note
      = xim_note_decode (record->note, strlen (record->note), error);
  XimAccount *account = note == NULL ? NULL : xim_account_decode (note, error);
  if (account != NULL)
    return account;
  g_prefix_error (error, "what is stored cannot be read: ");
  if (error != NULL && *error != NULL)
    (*error)->code = XIM_ERROR_STORE;
  return NULL;
}

static gboolean
load (Job *job, GError **error)
{
  if (!xim_ks_store_record (job->ks->store, job->request->jid, &job->record,
                            error))
    return FALSE;
  if (job->record == NULL)
    return TRUE;
  job->before = xim_ks_accounts_stored (job->record, error);
  return job->before != NULL;
}

static gboolean
has_proof (const Job *job)
{
  return xim_ks_proofs_has (job->ks->proofs, job->account->jid,
                            &job->account->hash, g_get_monotonic_time ());
}

/* Of an address without keys only its owner, who has proven it, is told
 * whether it ever had any.  Who left is a version without devices: nothing
 * but a reset can follow. */
static gboolean
load_erased (Job *job, GError **error)
{
  XimKsErased erased;
  if (job->record != NULL || !xim_account_needs_proof (job->account)
      || !has_proof (job))
    return TRUE;
  if (!xim_ks_store_erased (job->ks->store, job->request->jid, &erased, error))
    return FALSE;
  if (erased.version == 0)
    return TRUE;
  job->erased = erased;
  job->before = g_new0 (XimAccount, 1);
  job->before->jid = g_strdup (job->request->jid);
  job->before->version = erased.version;
  job->before->hash = erased.hash;
  job->before->text = g_strdup ("");
  return TRUE;
}

/* Whether @note, as stored, has the text @text. */
static gboolean
has_text (const char *note, const char *text)
{
  gsize len = strlen (text);
  return strncmp (note, text, len) == 0 && note[len] == '\n';
}

static gboolean
is_repeat (const Job *job)
{
  if (job->record == NULL
      || memcmp (&job->record->hash, &job->account->hash, sizeof (XimHash))
             != 0)
    return FALSE;
  for (guint i = 0; i < job->devices->len; i++)
    {
      const XimDevice *device = job->devices->pdata[i];
      const XimKsDeviceRow *row
          = xim_ks_record_device (job->record, &device->id);
      if (row == NULL || !has_text (row->note, device->text))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_turn (Job *job, GError **error)
{
  job->have = job->before == NULL ? 0 : job->before->version;
  if (job->have + 1 == job->account->version)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
               "expected version %u, got version %u", job->have + 1,
               job->account->version);
  return FALSE;
}

static gboolean
check_proof (const Job *job, GError **error)
{
  if (!xim_account_needs_proof (job->account) || has_proof (job))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_NO_PROOF,
               "this note needs a proof of the address, sent over XMPP "
               "within the last %d s",
               XIM_PROOF_LIFE_S);
  return FALSE;
}

/* The devices of all versions, as the few accounts that hold them: what
 * matters of older versions is which ids and keys they listed. */
static GPtrArray *
older_accounts (const GArray *listed)
{
  GPtrArray *older = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < listed->len; i++)
    {
      if (i % XIM_DEVICES_MAX == 0)
        g_ptr_array_add (older, g_new0 (XimAccount, 1));
      XimAccount *account = older->pdata[older->len - 1];
      account->devices[account->n_devices++]
          = g_array_index (listed, XimAccountDevice, i);
    }
  return older;
}

static gboolean
check_chain (Job *job, GError **error)
{
  g_autoptr (GArray) listed
      = xim_ks_store_listed (job->ks->store, job->account->jid, error);
  if (listed == NULL)
    return FALSE;
  g_autoptr (GPtrArray) older = older_accounts (listed);
  XimAccountHistory known = {
    .newest = job->before,
    .older = (const XimAccount *const *)older->pdata,
    .n_older = older->len,
  };
  XimRelation relation = XIM_RELATION_UNCHANGED;
  return xim_account_check_server (job->account, &known, job->now_s, &relation,
                                   error);
}

static gboolean
check_added (const Job *job, guint i, GError **error)
{
  const XimDevice *device = job->devices->pdata[i];
  if (job->before != NULL
      && xim_account_find (job->before, &device->id) != NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected notes of devices that this version adds");
      return FALSE;
    }
  for (guint j = 0; j < i; j++)
    {
      const XimDevice *other = job->devices->pdata[j];
      if (xim_device_id_compare (&other->id, &device->id) == 0)
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected one note of each device, got two");
          return FALSE;
        }
    }
  return xim_device_check_server (
      device, job->account->jid, job->account->devices,
      job->account->n_devices, NULL, job->now_s, error);
}

static gboolean
check_post (Job *job, GError **error)
{
  /* Without keys the proof comes first: see load_erased (). */
  if ((job->record == NULL && !check_proof (job, error))
      || !check_turn (job, error) || !check_proof (job, error)
      || !check_chain (job, error))
    return FALSE;
  for (guint i = 0; i < job->devices->len; i++)
    if (!check_added (job, i, error))
      return FALSE;
  return TRUE;
}

/* The lines of @device's note that were checked. */
static XimKsDeviceRow *
keep_device (const XimDevice *device, const XimAccount *account)
{
  const XimAccountDevice *listed = xim_account_find (account, &device->id);
  g_autoptr (XimVerifyKey) key
      = xim_verify_key_new_device (&listed->id, &listed->key);
  g_autoptr (XimNote) note = xim_note_copy (device->note);
  xim_note_keep (note, (const XimVerifyKey *const *)&key, 1);
  g_autofree char *whole = xim_note_encode (note);
  return xim_ks_device_row_new (&device->id, device->serial, whole);
}

static void
make_write (Job *job)
{
  const XimAccount *account = job->account;
  XimKsAccountWrite *write = g_new0 (XimKsAccountWrite, 1);
  job->account_write = write;
  write->jid = g_strdup (account->jid);
  write->version = account->version;
  write->hash = account->hash;
  write->accepted_s = job->now_s;
  write->versions_per_day = job->ks->config->versions_per_day;
  write->n_listed = account->n_devices;
  memcpy (write->listed, account->devices, sizeof write->listed);
  write->devices = xim_ks_device_rows_new ();

  xim_account_keep_lines (account, account->reset ? NULL : job->before,
                          job->note);
  write->note = xim_note_encode (job->note);
  for (guint i = 0; i < job->devices->len; i++)
    g_ptr_array_add (write->devices,
                     keep_device (job->devices->pdata[i], account));
  xim_ks_leaf_begin (&write->leaf, xim_ks_record_logged (job->record), FALSE);
}

static XimKsAnswer *
refuse (const Job *job, const GError *error, const char *member)
{
  XimKsConflict conflict = { .member = member, .have = job->have };
  if (job->erased.version != 0 && job->have == job->erased.version)
    conflict.previous = &job->erased.hash;
  return xim_ks_answer_refusal (error, &conflict, job->now_s);
}

static XimKsAnswer *
answer_bundle (const Job *job)
{
  const XimKsFresh fresh = { job->account->hash, job->current };
  g_autoptr (GError) error = NULL;
  XimKsAnswer *answer = xim_ks_lookup_bundle (
      job->ks->lookup, job->account->jid, job->current != NULL ? &fresh : NULL,
      job->now_s, &error);
  return answer != NULL ? answer : refuse (job, error, "version");
}

static const char *
jid_of (gpointer data)
{
  return ((const Job *)data)->request->jid;
}

static gboolean
leaf_of_post (gpointer data, XimKsLeafOf *out)
{
  XimKsAccountWrite *write = ((Job *)data)->account_write;
  *out = (XimKsLeafOf){ write->jid, write->version, &write->leaf };
  return TRUE;
}

static gboolean
write_post (XimKsStore *store, gpointer data, GError **error)
{
  Job *job = data;
  xim_ks_leaf_account (job->account, job->account_write);
  return xim_ks_intake_account (store, job->account_write, &job->have, error);
}

static void
written_post (gpointer data, const char *current, const GError *error)
{
  Job *job = data;
  job->current = g_strdup (current);
  if (error != NULL)
    {
      job->error = g_error_copy (error);
      if (job->took_proof)
        xim_ks_proofs_add (job->ks->proofs, job->account->jid,
                           &job->account->hash, g_get_monotonic_time (), NULL);
    }
  else
    xim_ks_metrics_count (XIM_KS_ACCOUNTS_STORED);
  job->request->wake (job->request);
}

static const XimKsWriterOps post_ops
    = { jid_of, leaf_of_post, write_post, written_post };

/* What is stored by now; `before` stays what it was. */
static gboolean
read_again (Job *job, GError **error)
{
  g_clear_pointer (&job->record, xim_ks_record_free);
  return xim_ks_store_record (job->ks->store, job->request->jid, &job->record,
                              error);
}

/* Whether the text that comes is by now the newest one: an earlier POST of it
 * was answered with a failure that passed. */
static gboolean
is_there (Job *job)
{
  return read_again (job, NULL) && is_repeat (job);
}

static XimKsAnswer *
finish_post (gpointer data)
{
  g_autoptr (Job) job = data;
  gboolean conflict
      = g_error_matches (job->error, XIM_ERROR, XIM_ERROR_CONFLICT);
  if (job->error == NULL || (conflict && is_there (job)))
    return answer_bundle (job);
  return refuse (job, job->error, "version");
}

/* Taken at the last moment, so that a note that is refused uses up nothing; by
 * one of two that come at once. */
static gboolean
take_proof (Job *job, GError **error)
{
  if (!xim_account_needs_proof (job->account))
    return TRUE;
  job->took_proof
      = xim_ks_proofs_take (job->ks->proofs, job->account->jid,
                            &job->account->hash, g_get_monotonic_time ());
  if (job->took_proof)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_NO_PROOF,
               "the proof of the address was used up meanwhile");
  return FALSE;
}

XimKsAnswer *
xim_ks_accounts_post (const XimKsAccounts *ks, XimKsRequest *request)
{
  g_autoptr (Job) job = job_new (ks, request);
  g_autoptr (GError) error = NULL;
  if (!xim_ks_lookup_check_jid (ks->lookup, request->jid, &error)
      || !decode_post (job, &error) || !load (job, &error)
      || !load_erased (job, &error))
    return refuse (job, error, "version");
  if (is_repeat (job))
    return answer_bundle (job);
  if (!check_post (job, &error) || !take_proof (job, &error))
    return refuse (job, error, "version");
  make_write (job);
  return xim_ks_request_write (request, ks->writer, &post_ops,
                               g_steal_pointer (&job), finish_post);
}

static gboolean
decode_put (Job *job, GError **error)
{
  gsize len = 0;
  const char *body = g_bytes_get_data (job->request->body, &len);
  if (!add_device (job, body, len, &job->note, error))
    return FALSE;
  const XimDevice *device = job->devices->pdata[0];
  if (xim_device_id_compare (&device->id, &job->request->device) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a note of the device in the path");
  return FALSE;
}

static gboolean
check_put (Job *job, const XimKsDeviceRow *stored, GError **error)
{
  g_autoptr (XimNote) note = NULL;
  g_autoptr (XimDevice) seen = NULL;
  job->have = stored == NULL ? 0 : stored->serial;
  if (stored != NULL)
    {
      note = xim_note_decode (stored->note, strlen (stored->note), error);
      seen = note == NULL ? NULL : xim_device_decode (note, error);
      if (seen == NULL)
        return FALSE;
    }
  return xim_device_check_server (job->devices->pdata[0], job->request->jid,
                                  job->before->devices, job->before->n_devices,
                                  seen, job->now_s, error);
}

static void
make_device_write (Job *job)
{
  job->device_write = g_new0 (XimKsDeviceWrite, 1);
  job->device_write->jid = g_strdup (job->request->jid);
  job->device_write->account = job->record->hash;
  job->device_write->row = keep_device (job->devices->pdata[0], job->before);
}

static gboolean
write_put (XimKsStore *store, gpointer data, GError **error)
{
  Job *job = data;
  return xim_ks_intake_device (store, job->device_write, &job->have, error);
}

static void
written_put (gpointer data, const char *current, const GError *error)
{
  (void)current;
  Job *job = data;
  if (error != NULL)
    job->error = g_error_copy (error);
  else
    xim_ks_metrics_count (XIM_KS_DEVICES_STORED);
  job->request->wake (job->request);
}

static const XimKsWriterOps put_ops = { jid_of, NULL, write_put, written_put };

static XimKsAnswer *
answer_note (const char *note)
{
  return xim_ks_answer_new (200, XIM_KS_TYPE_TEXT, g_strdup (note));
}

static XimKsAnswer *
finish_put (gpointer data)
{
  g_autoptr (Job) job = data;
  g_autoptr (GError) error = NULL;
  if (job->error != NULL)
    return refuse (job, job->error, "serial");
  if (!read_again (job, &error))
    return refuse (job, error, "serial");
  const XimDevice *device = job->devices->pdata[0];
  const XimKsDeviceRow *row = xim_ks_record_device (job->record, &device->id);
  if (row != NULL && has_text (row->note, device->text))
    return answer_note (row->note);
  g_set_error (&error, XIM_ERROR, XIM_ERROR_CONFLICT,
               "the device note was replaced at once");
  return refuse (job, error, "serial");
}

static gboolean
load_known (Job *job, GError **error)
{
  if (!load (job, error))
    return FALSE;
  if (job->record != NULL)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
               "this address has no account note");
  return FALSE;
}

XimKsAnswer *
xim_ks_accounts_put (const XimKsAccounts *ks, XimKsRequest *request)
{
  g_autoptr (Job) job = job_new (ks, request);
  g_autoptr (GError) error = NULL;
  if (!xim_ks_lookup_check_jid (ks->lookup, request->jid, &error)
      || !decode_put (job, &error) || !load_known (job, &error))
    return refuse (job, error, "serial");

  const XimDevice *device = job->devices->pdata[0];
  const XimKsDeviceRow *stored
      = xim_ks_record_device (job->record, &device->id);
  if (stored != NULL && has_text (stored->note, device->text))
    return answer_note (stored->note);
  if (!check_put (job, stored, &error))
    return refuse (job, error, "serial");
  make_device_write (job);
  return xim_ks_request_write (request, ks->writer, &put_ops,
                               g_steal_pointer (&job), finish_put);
}
