/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Decryption keys of devices that were exported, for reading only. */

#include "config.h"

#include "imported.h"

struct _XimImported
{
  const char *jid;
  XimStore *store;
  XimKeystore *keystore;
  const XimTally *tally;
  GPtrArray *list;  /* of XimStoreImported */
  GPtrArray *rings; /* of XimKeyring; NULL while locked */
};

XimImported *
xim_imported_new (const char *jid, XimStore *store, XimKeystore *keystore,
                  const XimTally *tally, GError **error)
{
  g_autoptr (XimImported) imported = g_new0 (XimImported, 1);
  imported->jid = jid;
  imported->store = store;
  imported->keystore = keystore;
  imported->tally = tally;
  if (!xim_store_load_imported (store, &imported->list, error))
    return NULL;
  return g_steal_pointer (&imported);
}

void
xim_imported_free (XimImported *imported)
{
  if (imported == NULL)
    return;
  xim_imported_lock (imported);
  g_clear_pointer (&imported->list, g_ptr_array_unref);
  g_free (imported);
}

/* Unlocking. */

static char *
place_of (const XimDeviceId *device, guint32 serial)
{
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_name (device, name);
  return g_strdup_printf ("%s/%" G_GUINT32_FORMAT, name, serial);
}

static XimKeyring *
ring_of (XimImported *imported, const XimDeviceId *device)
{
  for (guint i = 0; i < imported->rings->len; i++)
    {
      XimKeyring *ring = g_ptr_array_index (imported->rings, i);
      if (xim_device_id_compare (xim_keyring_device (ring), device) == 0)
        return ring;
    }
  XimKeyring *ring = xim_keyring_new (imported->jid, device);
  g_ptr_array_add (imported->rings, ring);
  return ring;
}

static gboolean
add_to_ring (XimImported *imported, const XimStoreImported *row,
             GError **error)
{
  g_autofree char *place = place_of (&row->device, row->serial);
  XimSecret *key = xim_keystore_open_key (imported->keystore, "imported",
                                          place, "x25519", row->sealed_key,
                                          error);
  if (key == NULL)
    return FALSE;
  xim_keyring_add (ring_of (imported, &row->device), key, row->id,
                   row->created_s, row->expires_s);
  return TRUE;
}

static void
ring_free (gpointer ring)
{
  xim_keyring_free (ring);
}

gboolean
xim_imported_unlock (XimImported *imported, GError **error)
{
  xim_imported_lock (imported);
  imported->rings = g_ptr_array_new_with_free_func (ring_free);
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < imported->list->len; i++)
    ok = add_to_ring (imported, g_ptr_array_index (imported->list, i), error);
  if (!ok)
    xim_imported_lock (imported);
  return ok;
}

void
xim_imported_lock (XimImported *imported)
{
  g_clear_pointer (&imported->rings, g_ptr_array_unref);
}

guint
xim_imported_n_rings (const XimImported *imported)
{
  return imported != NULL && imported->rings != NULL ? imported->rings->len
                                                     : 0;
}

XimKeyring *
xim_imported_ring (XimImported *imported, guint i)
{
  return g_ptr_array_index (imported->rings, i);
}

/* Adding. */

static gint64
end_of (gint64 expires_s)
{
  return expires_s + XIM_CONTENT_TIME_SLACK_S;
}

static gboolean
add_row (XimImported *imported, const XimDeviceId *device,
         const XimExportKey *key, gint64 now_s, GError **error)
{
  g_autofree char *place = place_of (device, key->serial);
  g_autoptr (GBytes) sealed
      = xim_keystore_seal (imported->keystore, "imported", place, "x25519",
                           xim_secret_peek (key->key), XIM_KEY_LEN, error);
  XimStoreImported row = { .device = *device,
                           .serial = key->serial,
                           .created_s = key->created_s,
                           .expires_s = key->expires_s,
                           .until_tally_s
                           = xim_tally_now_s (imported->tally)
                             + MAX (end_of (key->expires_s) - now_s, 0),
                           .sealed_key = sealed };
  return sealed != NULL
         && xim_store_add_imported (imported->store, &row, error);
}

static gboolean
reload (XimImported *imported, GError **error)
{
  GPtrArray *list = NULL;
  if (!xim_store_load_imported (imported->store, &list, error))
    return FALSE;
  g_ptr_array_unref (imported->list);
  imported->list = list;
  return TRUE;
}

gboolean
xim_imported_add (XimImported *imported, const XimExport *exported,
                  gint64 now_s, GError **error)
{
  gboolean ok = xim_store_begin (imported->store, XIM_STORE_KEYS, error);
  for (guint i = 0; ok && i < exported->keys->len; i++)
    ok = add_row (imported, &exported->device,
                  g_ptr_array_index (exported->keys, i), now_s, error);
  ok = ok && xim_store_commit (imported->store, XIM_STORE_KEYS, error);
  if (!ok)
    {
      xim_store_rollback (imported->store, XIM_STORE_KEYS);
      return FALSE;
    }
  return reload (imported, error) && xim_imported_unlock (imported, error);
}

/* Erasing. */

static gboolean
is_over (const XimImported *imported, const XimStoreImported *row,
         gint64 now_s)
{
  return now_s >= end_of (row->expires_s)
         && xim_tally_now_s (imported->tally) >= row->until_tally_s;
}

static gboolean
erase (XimImported *imported, const XimStoreImported *row, GError **error)
{
  for (guint i = 0; i < xim_imported_n_rings (imported); i++)
    xim_keyring_remove (xim_imported_ring (imported, i), row->id);
  return xim_store_delete_imported (imported->store, row->id, error)
         && xim_store_delete_digests (imported->store, row->id, row->id + 1,
                                      error);
}

gboolean
xim_imported_erase (XimImported *imported, gint64 now_s, guint *n,
                    GError **error)
{
  *n = 0;
  for (guint i = 0; i < imported->list->len; i++)
    {
      const XimStoreImported *row = g_ptr_array_index (imported->list, i);
      if (!is_over (imported, row, now_s))
        continue;
      if (!erase (imported, row, error))
        return FALSE;
      (*n)++;
    }
  return *n == 0
         || (reload (imported, error)
             && xim_store_scrub_keys (imported->store, error));
}
