/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* An exported device is read from a file, and adds this one. */

#include "config.h"

#include "importing.h"

#include <gio/gio.h>
#include <string.h>

#include "clock.h"
#include "i18n.h"
#include "passphrase.h"
#include "private-file.h"

struct _XimImporting
{
  XimAmendParts parts;
  XimJoining *joining;
  XimAmend *amend;
  XimTell tell;
  gpointer user_data;

  char *path;              /* NULL while there is nothing to do */
  GCancellable *reading;   /* (nullable): while the file is read */
  GBytes *file;            /* (nullable) */
  XimPassphrase *question; /* (nullable): while it is open */
  XimStretch *stretch;     /* (nullable): while it runs */
  gboolean adding;
};

XimImporting *
xim_importing_new (const XimAmendParts *parts, XimJoining *joining,
                   XimAmend *amend, XimTell tell, gpointer user_data)
{
  XimImporting *importing = g_new0 (XimImporting, 1);
  importing->parts = *parts;
  importing->joining = joining;
  importing->amend = amend;
  importing->tell = tell;
  importing->user_data = user_data;
  return importing;
}

static void
forget (XimImporting *importing)
{
  if (importing->reading != NULL)
    g_cancellable_cancel (importing->reading);
  g_clear_object (&importing->reading);
  xim_stretch_cancel (g_steal_pointer (&importing->stretch));
  g_clear_pointer (&importing->question, xim_passphrase_free);
  g_clear_pointer (&importing->file, g_bytes_unref);
  g_clear_pointer (&importing->path, g_free);
  importing->adding = FALSE;
}

void
xim_importing_free (XimImporting *importing)
{
  if (importing == NULL)
    return;
  forget (importing);
  g_free (importing);
}

static XimOwn *
own_of (const XimImporting *importing)
{
  return xim_enrol_own (importing->parts.enrol);
}

static void
end (XimImporting *importing, const char *text)
{
  forget (importing);
  importing->tell (text, TRUE, importing->user_data);
}

/* @why: a sentence about the file */
static void
refuse (XimImporting *importing, const char *why)
{
  g_autofree char *text = g_strdup_printf (
      _ ("The file %s was not imported. %s"), importing->path, why);
  end (importing, text);
}

static const char *
read_failure (const GError *error)
{
  switch (error->code)
    {
    case XIM_ERROR_UNAVAILABLE:
      return _ ("It cannot be read.");
    case XIM_ERROR_MALFORMED:
      return _ ("It holds no exported keys of X-IM.");
    case XIM_ERROR_UNSUPPORTED:
      return _ ("A later version of X-IM has written it. Update X-IM here.");
    case XIM_ERROR_NOT_FOUND:
      return _ ("Its end is missing. Copy it again.");
    case XIM_ERROR_TOO_LARGE:
      return _ ("It is too large for exported keys of X-IM.");
    default:
      return _ ("It is damaged. Copy it again.");
    }
}

/* What is sealed in it: no other error says that it is no export. */
static const char *
open_failure (const GError *error)
{
  switch (error->code)
    {
    case XIM_ERROR_SIGNATURE:
      return _ ("The passphrase is wrong.");
    case XIM_ERROR_UNSUPPORTED:
      return _ ("A later version of X-IM has written it. Update X-IM here.");
    default:
      return _ ("It is damaged. Copy it again.");
    }
}

/* Adding this device. */

static const char *
add_failure (const GError *error)
{
  switch (error->code)
    {
    case XIM_ERROR_NOT_FOUND:
      return _ ("This device was not added: the exported device is not one of "
                "the account any more. Add this one by a code: /xim join");
    case XIM_ERROR_KEY_CHANGED:
      return _ ("This device was not added: the list of your devices at the "
                "keyserver does not continue the exported one, or there is a "
                "warning about it: /xim status");
    case XIM_ERROR_TOO_LARGE:
      return _ ("This device was not added: there are 16 devices already. "
                "Remove one of them and import the file again.");
    case XIM_ERROR_EXPIRED:
      return _ ("This device was not added: the clock of this computer is "
                "wrong.");
    case XIM_ERROR_STORE:
      return _ ("This device was not added: a file of X-IM cannot be "
                "written. Look whether the disk is full.");
    case XIM_ERROR_CONFLICT:
      return _ ("This device was not added: the list of your devices changes "
                "all the time. Import the file again later.");
    default:
      return _ ("This device was not added: the keyserver cannot be reached "
                "or did not take it. Import the file again later.");
    }
}

void
xim_importing_added (XimImporting *importing, const GError *error)
{
  if (!importing->adding)
    return;
  g_autofree char *text = NULL;
  if (error == NULL)
    text = g_strdup_printf (
        _ ("This device belongs to %s now. It reads what is written from here "
           "on, and what was sealed to the exported device."),
        importing->parts.jid);
  else
    text = g_strdup_printf (
        _ ("The old keys of %s are kept: as a device of %s, this one reads "
           "what was sealed to them. %s"),
        importing->path, importing->parts.jid, add_failure (error));
  if (error == NULL)
    xim_joining_announce (importing->joining);
  end (importing, text);
}

/* @exported: (transfer full) */
static void
add (XimImporting *importing, XimExport *exported)
{
  g_autoptr (GError) error = NULL;
  XimAdmission *admission = xim_admission_new (exported, &error);
  if (admission == NULL)
    {
      refuse (importing, open_failure (error));
      return;
    }
  importing->adding = TRUE;
  if (xim_enrol_state (importing->parts.enrol) == XIM_ENROL_NO_SERVER)
    {
      xim_admission_free (admission);
      error = g_error_new_literal (XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                                   "there should be a keyserver");
      xim_importing_added (importing, error);
      return;
    }
  xim_joining_stop (importing->joining);
  if (xim_amend_import (importing->amend, admission))
    return;
  error = g_error_new_literal (XIM_ERROR, XIM_ERROR_CONFLICT,
                               "another change is under way");
  xim_importing_added (importing, error);
}

gboolean
xim_importing_is_adding (const XimImporting *importing)
{
  return importing->adding;
}

/* Opening. */

static const char *
not_for_here (const XimImporting *importing, const XimExport *exported)
{
  const XimDeviceId *device = xim_own_device (own_of (importing));
  if (strcmp (exported->jid, importing->parts.jid) != 0)
    return _ ("It holds the keys of another address.");
  if (device != NULL && xim_device_id_compare (device, &exported->device) == 0)
    return _ ("It holds the keys of this very device.");
  return NULL;
}

/* @exported: (transfer full) */
static void
take (XimImporting *importing, XimExport *exported)
{
  g_autoptr (XimExport) owned = exported;
  g_autoptr (GError) error = NULL;
  const char *why = not_for_here (importing, owned);
  if (why != NULL)
    refuse (importing, why);
  else if (!xim_imported_add (xim_own_imported (own_of (importing)), owned,
                              xim_plugin_now_s (), &error))
    {
      purple_debug_error ("x-im", "importing: %s\n", error->message);
      refuse (importing, _ ("A file of X-IM cannot be written, or your keys "
                            "here are locked."));
    }
  else if (xim_enrol_state (importing->parts.enrol) != XIM_ENROL_READY)
    add (importing, g_steal_pointer (&owned));
  else
    {
      g_autofree char *text = g_strdup_printf (
          _ ("The old keys of %s are kept: this device reads what was sealed "
             "to them."),
          importing->path);
      end (importing, text);
    }
}

static void
stretched (XimSecret *key, const GError *problem, gpointer data)
{
  XimImporting *importing = data;
  g_autoptr (XimSecret) owned = key;
  g_autoptr (GError) error = NULL;
  importing->stretch = NULL;
  if (key == NULL)
    {
      purple_debug_warning ("x-im", "importing: %s\n", problem->message);
      refuse (importing, _ ("There is not enough memory for it."));
      return;
    }
  XimExport *exported = xim_export_open (importing->file, key, &error);
  if (exported != NULL)
    {
      take (importing, exported);
      return;
    }
  purple_debug_warning ("x-im", "importing: %s\n", error->message);
  refuse (importing, open_failure (error));
}

static void
got_passphrase (XimSecret *passphrase, XimSecret *old, gpointer data)
{
  XimImporting *importing = data;
  XimStretchHow how;
  xim_secret_free (old);
  g_clear_pointer (&importing->question, xim_passphrase_free);
  if (passphrase == NULL || !xim_export_peek (importing->file, &how, NULL))
    {
      xim_secret_free (passphrase);
      refuse (importing, _ ("No passphrase was given."));
      return;
    }
  importing->stretch
      = xim_stretch_start (passphrase, &how, stretched, importing);
}

/* Reading, in a thread of its own: a slow disk must not hold up the client. */

static void
bytes_free (gpointer bytes)
{
  g_bytes_unref (bytes);
}

static void
read_in_thread (GTask *task, gpointer source, gpointer data,
                GCancellable *cancellable)
{
  (void)source, (void)cancellable;
  GError *error = NULL;
  GBytes *bytes = xim_private_file_read (data, XIM_EXPORT_MAX, &error);
  if (bytes != NULL)
    g_task_return_pointer (task, bytes, bytes_free);
  else
    g_task_return_error (task, error);
}

static void
ask (XimImporting *importing)
{
  importing->question = xim_passphrase_ask (
      importing->parts.account, importing->parts.jid, XIM_PASSPHRASE_IMPORT,
      NULL, got_passphrase, importing);
  if (importing->question == NULL)
    refuse (importing, _ ("There is nobody to ask for the passphrase."));
}

static void
was_read (GObject *source, GAsyncResult *result, gpointer data)
{
  (void)source;
  g_autoptr (GError) error = NULL;
  XimImporting *importing = data;
  XimStretchHow how;
  GTask *task = G_TASK (result);
  g_autoptr (GBytes) file = g_task_propagate_pointer (task, &error);
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    return; /* nobody waits for it, and it may be gone */
  g_clear_object (&importing->reading);
  if (file == NULL || !xim_export_peek (file, &how, &error))
    {
      purple_debug_warning ("x-im", "importing: %s\n", error->message);
      refuse (importing, read_failure (error));
      return;
    }
  importing->file = g_steal_pointer (&file);
  ask (importing);
}

static void
read_file (XimImporting *importing)
{
  importing->reading = g_cancellable_new ();
  g_autoptr (GTask) task
      = g_task_new (NULL, importing->reading, was_read, importing);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, g_strdup (importing->path), g_free);
  g_task_run_in_thread (task, read_in_thread);
}

char *
xim_importing_start (XimImporting *importing, const char *name)
{
  if (importing->path != NULL)
    return g_strdup (_ ("Another file is just being imported."));
  if (xim_keystore_state (importing->parts.keystore) != XIM_KEYSTORE_UNLOCKED)
    return g_strdup (_ ("Unlock your keys first: type /xim unlock"));
  if (xim_enrol_state (importing->parts.enrol) != XIM_ENROL_READY
      && !purple_account_is_connected (importing->parts.account))
    return g_strdup (_ ("Sign on first: importing adds this device to your "
                        "account."));
  importing->path = xim_private_file_path (name);
  read_file (importing);
  return NULL;
}

void
xim_importing_stop (XimImporting *importing)
{
  if (importing->adding)
    xim_amend_stop (importing->amend);
  else if (importing->path != NULL)
    refuse (importing, _ ("You were signed off, or your keys were locked."));
}
