/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own device goes into a file. */

#include "config.h"

#include "transfer.h"

#include <gio/gio.h>

#include "i18n.h"
#include "private-file.h"

struct _XimTransfer
{
  PurpleAccount *account;
  const char *jid;
  XimEnrol *enrol;
  void (*tell) (const char *text, gpointer user_data);
  gpointer user_data;
  XimPassphrase *question; /* (nullable): while it is open */
  XimStretch *stretch;     /* (nullable): while it runs */
  XimStretchHow how;
  GCancellable *writing; /* (nullable): while a file is written */
  char *path;            /* NULL while there is nothing to do */
};

XimTransfer *
xim_transfer_new (PurpleAccount *account, const char *jid, XimEnrol *enrol,
                  void (*tell) (const char *text, gpointer user_data),
                  gpointer user_data)
{
  XimTransfer *transfer = g_new0 (XimTransfer, 1);
  transfer->account = account;
  transfer->jid = jid;
  transfer->enrol = enrol;
  transfer->tell = tell;
  transfer->user_data = user_data;
  return transfer;
}

/* A file that is being written is finished; nobody hears of it. */
void
xim_transfer_free (XimTransfer *transfer)
{
  if (transfer == NULL)
    return;
  xim_passphrase_free (transfer->question);
  xim_stretch_cancel (transfer->stretch);
  if (transfer->writing != NULL)
    g_cancellable_cancel (transfer->writing);
  g_free (transfer->path);
  g_free (transfer);
}

static void
end (XimTransfer *transfer, const char *text)
{
  g_clear_pointer (&transfer->path, g_free);
  transfer->tell (text, transfer->user_data);
}

static void
end_failed (XimTransfer *transfer, const GError *error)
{
  g_autofree char *text = NULL;
  purple_debug_warning ("x-im", "transfer: %s\n", error->message);
  switch (error->code)
    {
    case XIM_ERROR_CONFLICT:
      text = g_strdup_printf (_ ("There is a file %s already. Nothing was "
                                 "written."),
                              transfer->path);
      break;
    case XIM_ERROR_UNAVAILABLE:
      text = g_strdup (_ ("Your keys are locked or not registered yet. "
                          "Nothing was written."));
      break;
    case XIM_ERROR_TOO_LARGE:
      text = g_strdup (_ ("There is more to export than fits into a file. "
                          "Nothing was written."));
      break;
    default:
      text = g_strdup_printf (_ ("The file %s cannot be written, or there is "
                                 "not enough memory. Nothing was written."),
                              transfer->path);
    }
  end (transfer, text);
}

/* Writing, in a thread of its own: a slow disk must not hold up the client. */

typedef struct
{
  char *path;
  GBytes *data;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;
  g_bytes_unref (job->data);
  g_free (job->path);
  g_free (job);
}

static void
write_in_thread (GTask *task, gpointer source, gpointer data,
                 GCancellable *cancellable)
{
  (void)source, (void)cancellable;
  const Job *job = data;
  GError *error = NULL;
  if (xim_private_file_write (job->path, job->data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written (GObject *source, GAsyncResult *result, gpointer data)
{
  (void)source;
  g_autoptr (GError) error = NULL;
  XimTransfer *transfer = data;
  GCancellable *cancellable = g_task_get_cancellable (G_TASK (result));
  if (g_cancellable_is_cancelled (cancellable))
    return; /* the transfer is gone */
  g_clear_object (&transfer->writing);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      end_failed (transfer, error);
      return;
    }
  g_autofree char *text = g_strdup_printf (
      _ ("Your keys are in %s, under the passphrase that you chose. Keep both "
         "safe: the file reads what was sent to you until now."),
      transfer->path);
  end (transfer, text);
}

static void
write_file (XimTransfer *transfer, GBytes *data)
{
  Job *job = g_new0 (Job, 1);
  job->path = g_strdup (transfer->path);
  job->data = data;
  transfer->writing = g_cancellable_new ();
  g_autoptr (GTask) task
      = g_task_new (NULL, transfer->writing, written, transfer);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, write_in_thread);
}

/* Exporting. */

static void
stretched (XimSecret *key, const GError *problem, gpointer data)
{
  XimTransfer *transfer = data;
  g_autoptr (XimSecret) owned = key;
  g_autoptr (GError) error = problem != NULL ? g_error_copy (problem) : NULL;
  transfer->stretch = NULL;
  g_autoptr (XimExport) exported
      = key != NULL ? xim_own_export (xim_enrol_own (transfer->enrol), &error)
                    : NULL;
  GBytes *bytes = exported != NULL ? xim_export_seal (
                                         exported, key, &transfer->how, &error)
                                   : NULL;
  if (bytes != NULL)
    write_file (transfer, bytes);
  else
    end_failed (transfer, error);
}

static void
got_passphrase (XimSecret *passphrase, XimSecret *old, gpointer data)
{
  XimTransfer *transfer = data;
  xim_secret_free (old);
  g_clear_pointer (&transfer->question, xim_passphrase_free);
  if (passphrase == NULL)
    {
      end (transfer, _ ("No passphrase was given. Nothing was written."));
      return;
    }
  transfer->how = xim_export_how ();
  transfer->stretch = xim_stretch_start (passphrase, &transfer->how, stretched,
                                         transfer);
}

char *
xim_transfer_export (XimTransfer *transfer, const char *name)
{
  g_autofree char *path = xim_private_file_path (name);
  if (transfer->path != NULL)
    return g_strdup (_ ("Another file is just being written."));
  if (xim_own_sender (xim_enrol_own (transfer->enrol)) == NULL)
    return g_strdup (_ ("Your keys are locked. Unlock them first: type "
                        "/xim unlock"));
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strdup_printf (
        _ ("There is a file %s already. Nothing was written."), path);
  transfer->question
      = xim_passphrase_ask (transfer->account, transfer->jid,
                            XIM_PASSPHRASE_EXPORT, NULL, got_passphrase,
                            transfer);
  if (transfer->question == NULL)
    return g_strdup (_ ("There is nobody to ask for the passphrase."));
  transfer->path = g_steal_pointer (&path);
  return NULL;
}
