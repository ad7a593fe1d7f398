/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* An exported signing key, which adds one new device and no more. */

#include "config.h"

#include "admission.h"

#include <string.h>

struct _XimAdmission
{
  XimDeviceId device;
  XimSignKey *key;
  GPtrArray *versions; /* of XimAccount, ascending; the exported list last */
  XimWalk *walk;       /* (nullable): while versions between are fetched */
  XimAccount *present; /* (nullable): what is checked, or was */
  gboolean is_good;
  XimAdmissionCallback callback;
  gpointer user_data;
};

static void
account_free (gpointer account)
{
  xim_account_free (account);
}

static const XimAccount *
newest (const XimAdmission *admission)
{
  return g_ptr_array_index (admission->versions, admission->versions->len - 1);
}

static gboolean
take_versions (XimAdmission *admission, const XimExport *exported,
               GError **error)
{
  g_autoptr (XimNote) note
      = xim_note_decode (exported->account, strlen (exported->account), error);
  g_autoptr (XimAccount) last
      = note != NULL ? xim_account_decode (note, error) : NULL;
  for (guint i = 0; last != NULL && i < exported->versions->len; i++)
    {
      XimAccount *older = xim_account_decode_text (
          g_ptr_array_index (exported->versions, i), error);
      if (older == NULL)
        return FALSE;
      if (older->version < last->version)
        g_ptr_array_add (admission->versions, older);
      else
        xim_account_free (older);
    }
  if (last == NULL)
    return FALSE;
  g_ptr_array_add (admission->versions, g_steal_pointer (&last));
  return TRUE;
}

XimAdmission *
xim_admission_new (XimExport *exported, GError **error)
{
  g_autoptr (XimExport) owned = exported;
  g_autoptr (XimAdmission) admission = g_new0 (XimAdmission, 1);
  char name[XIM_DEVICE_NAME_LEN + 1];
  admission->device = owned->device;
  admission->versions = g_ptr_array_new_with_free_func (account_free);
  xim_device_id_name (&owned->device, name);
  admission->key
      = xim_sign_key_new (name, g_steal_pointer (&owned->seed), error);
  if (admission->key == NULL || !take_versions (admission, owned, error))
    return NULL;
  return g_steal_pointer (&admission);
}

void
xim_admission_free (XimAdmission *admission)
{
  if (admission == NULL)
    return;
  xim_admission_stop (admission);
  g_clear_pointer (&admission->key, xim_sign_key_free);
  g_ptr_array_unref (admission->versions);
  g_free (admission);
}

void
xim_admission_stop (XimAdmission *admission)
{
  g_clear_pointer (&admission->walk, xim_walk_free);
  g_clear_pointer (&admission->present, xim_account_free);
  admission->is_good = FALSE;
}

gboolean
xim_admission_is_listed (const XimAdmission *admission,
                         const XimAccount *present)
{
  const XimAccountDevice *listed
      = xim_account_find (present, &admission->device);
  return listed != NULL
         && memcmp (&listed->key, &xim_sign_key_public (admission->key)->key,
                    sizeof listed->key)
                == 0;
}

/* Whether the list of now continues the exported one. */

static gboolean
continues (const XimAdmission *admission, GPtrArray *between, GError **error)
{
  const XimAccount *present = admission->present;
  const XimAccount *known = newest (admission);
  XimRelation relation = XIM_RELATION_RESET;
  if (present->version > known->version)
    {
      const XimAccountHistory history = {
        .newest = known,
        .older = (const XimAccount *const *)admission->versions->pdata,
        .n_older = admission->versions->len - 1,
      };
      if (!xim_chain_walk (present, &history,
                           (const XimAccount *const *)between->pdata,
                           between->len, &relation, error))
        return FALSE;
    }
  else if (present->version == known->version
           && memcmp (&present->hash, &known->hash, sizeof known->hash) == 0)
    relation = XIM_RELATION_CONTINUED;
  if (relation == XIM_RELATION_CONTINUED)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "version %u should continue the exported version %u",
               present->version, known->version);
  return FALSE;
}

static void
got_versions (XimWalkEnd how, GPtrArray *got, guint retry_after_s,
              gpointer data)
{
  (void)retry_after_s;
  XimAdmission *admission = data;
  g_autoptr (GError) error = NULL;
  if (how == XIM_WALK_OUTAGE)
    g_set_error_literal (&error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                         "the keyserver should answer with the versions"
                         " since the export");
  else if (!continues (admission, got, &error))
    error->code = XIM_ERROR_KEY_CHANGED;
  admission->is_good = error == NULL;
  g_clear_pointer (&admission->walk, xim_walk_free);
  admission->callback (error, admission->user_data);
}

void
xim_admission_check (XimAdmission *admission, XimHttp *http,
                     const XimDomain *domain, const XimAccount *present,
                     XimAdmissionCallback callback, gpointer user_data)
{
  xim_admission_stop (admission);
  admission->present = xim_account_copy (present);
  admission->callback = callback;
  admission->user_data = user_data;
  /* Nothing is fetched when there is nothing between, or it goes back. */
  const XimWalkQuestion question = {
    .domain = domain,
    .jid = present->jid,
    .from = present,
    .lowest = newest (admission)->version + 1,
  };
  admission->walk = xim_walk_new (http, &question, got_versions, admission);
}

char *
xim_admission_sign (XimAdmission *admission, const XimSender *own,
                    gint64 now_s, GError **error)
{
  if (!admission->is_good)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                           "a list should be checked before a device is"
                           " added to it");
      return NULL;
    }
  const XimAccountDevice device
      = { own->device, xim_sign_key_public (own->key)->key };
  g_autofree char *text
      = xim_change_add (admission->present, &device, now_s, error);
  g_autoptr (XimNote) note
      = text != NULL ? xim_change_sign (text, own->key, error) : NULL;
  if (note == NULL || !xim_note_sign (note, admission->key, error))
    return NULL;
  return xim_note_encode (note);
}
