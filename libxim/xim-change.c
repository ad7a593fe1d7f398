/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The next version of an account note: a device more, one less, a new start.
 */

#include "config.h"

#include "xim-change.h"

#include <string.h>

#include "xim-error.h"

/* The fields of the version after @present; jid is borrowed. */
static XimAccount
successor (const XimAccount *present, gint64 now_s)
{
  XimAccount next = {
    .jid = present->jid,
    .version = present->version + 1,
    .has_previous = TRUE,
    .previous = present->hash,
    .time_s = now_s,
    .n_devices = present->n_devices,
  };
  memcpy (next.devices, present->devices, sizeof next.devices);
  return next;
}

static gboolean
same_key (const XimAccountDevice *a, const XimAccountDevice *b)
{
  return memcmp (&a->key, &b->key, sizeof a->key) == 0;
}

/* Whether @account has the id or the key of @device. */
static gboolean
knows (const XimAccount *account, const XimAccountDevice *device)
{
  for (guint i = 0; i < account->n_devices; i++)
    if (xim_device_id_compare (&account->devices[i].id, &device->id) == 0
        || same_key (&account->devices[i], device))
      return TRUE;
  return FALSE;
}

char *
xim_change_add (const XimAccount *present, const XimAccountDevice *device,
                gint64 now_s, GError **error)
{
  if (knows (present, device))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected a device that version %u does not list",
                   present->version);
      return NULL;
    }
  if (present->n_devices == XIM_DEVICES_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected a place for one more of at most %d devices",
                   XIM_DEVICES_MAX);
      return NULL;
    }
  XimAccount next = successor (present, now_s);
  guint at = next.n_devices++;
  for (; at > 0
         && xim_device_id_compare (&next.devices[at - 1].id, &device->id) > 0;
       at--)
    next.devices[at] = next.devices[at - 1];
  next.devices[at] = *device;
  return xim_account_encode (&next);
}

char *
xim_change_remove (const XimAccount *present, const XimDeviceId *id,
                   gint64 now_s, GError **error)
{
  const XimAccountDevice *found = xim_account_find (present, id);
  if (found == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "expected a device that version %u lists",
                   present->version);
      return NULL;
    }
  if (present->n_devices == 1)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected a device that is not the last one");
      return NULL;
    }
  XimAccount next = successor (present, now_s);
  guint at = (guint)(found - present->devices);
  next.n_devices--;
  memmove (&next.devices[at], &next.devices[at + 1],
           (next.n_devices - at) * sizeof *next.devices);
  return xim_account_encode (&next);
}

char *
xim_change_reset (const char *jid, guint32 version, const XimHash *previous,
                  const XimAccountDevice *device, gint64 now_s)
{
  const XimAccount next = {
    .jid = (char *)jid,
    .version = version + 1,
    .has_previous = TRUE,
    .previous = *previous,
    .time_s = now_s,
    .reset = TRUE,
    .n_devices = 1,
    .devices = { *device },
  };
  return xim_account_encode (&next);
}

XimNote *
xim_change_sign (const char *text, const XimSignKey *key, GError **error)
{
  g_autoptr (XimNote) note = xim_note_new (text, error);
  if (note == NULL || !xim_note_sign (note, key, error))
    return NULL;
  return g_steal_pointer (&note);
}

static gboolean
check_follows (const XimAccount *offered, const XimAccount *newest,
               gint64 now_s, GError **error)
{
  if (strcmp (offered->jid, newest->jid) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected a note of %s, got one of %s", newest->jid,
                   offered->jid);
      return FALSE;
    }
  if (ABS (offered->time_s - now_s) > XIM_CLOCK_SKEW_S)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED,
                   "expected a note of the last %d s", XIM_CLOCK_SKEW_S);
      return FALSE;
    }
  if (offered->version - 1 != newest->version
      || memcmp (&offered->previous, &newest->hash, sizeof newest->hash) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected the version after %u, got %u or another hash",
                   newest->version, offered->version);
      return FALSE;
    }
  return TRUE;
}

static gboolean
history_knows (const XimAccountHistory *known, const XimAccountDevice *device)
{
  if (knows (known->newest, device))
    return TRUE;
  for (guint i = 0; i < known->n_older; i++)
    if (knows (known->older[i], device))
      return TRUE;
  return FALSE;
}

/* All of @newest, in place, and one that no version had. */
static const XimAccountDevice *
find_added (const XimAccount *offered, const XimAccountHistory *known)
{
  const XimAccount *newest = known->newest;
  const XimAccountDevice *added = NULL;
  if (offered->reset || offered->n_devices != newest->n_devices + 1)
    return NULL;
  for (guint i = 0; i < offered->n_devices; i++)
    {
      const XimAccountDevice *device = &offered->devices[i];
      const XimAccountDevice *before = xim_account_find (newest, &device->id);
      if (before != NULL && same_key (before, device))
        continue;
      if (added != NULL || history_knows (known, device))
        return NULL;
      added = device;
    }
  return added;
}

/* Returns whether one of @devices signed, and no line of theirs is wrong. */
static gboolean
check_line (const XimNote *note, const XimAccountDevice *devices,
            guint n_devices, GError **error)
{
  g_autoptr (GPtrArray) keys
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_verify_key_free);
  for (guint i = 0; i < n_devices; i++)
    g_ptr_array_add (
        keys, xim_verify_key_new_device (&devices[i].id, &devices[i].key));
  return xim_note_verify (note, (const XimVerifyKey *const *)keys->pdata,
                          keys->len, NULL, error);
}

gboolean
xim_change_check_join (const XimAccount *offered,
                       const XimAccountHistory *known, gint64 now_s,
                       XimAccountDevice *added, GError **error)
{
  g_return_val_if_fail (offered->note != NULL && known->newest != NULL, FALSE);
  if (!check_follows (offered, known->newest, now_s, error))
    return FALSE;
  const XimAccountDevice *device = find_added (offered, known);
  if (device == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected the present list and one new device");
      return FALSE;
    }
  if (!check_line (offered->note, device, 1, error))
    return FALSE;
  *added = *device;
  return TRUE;
}

gboolean
xim_change_check_joined (const XimAccount *joined, const XimAccount *offered,
                         const XimAccount *present, GError **error)
{
  g_return_val_if_fail (joined->note != NULL, FALSE);
  if (strcmp (joined->text, offered->text) != 0)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected the note that was offered, got another");
      return FALSE;
    }
  return check_line (joined->note, present->devices, present->n_devices,
                     error);
}
