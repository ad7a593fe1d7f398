/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* keys.sqlite: the own keys, sealed, and their notes. */

#include "config.h"

#include "store.h"

#include "store-rows.h"

gboolean
xim_store_load_master (XimStore *store, gboolean *found, XimStoreMaster *out,
                       GError **error)
{
  g_autoptr (XimSqlQuery) query
      = xim_sql_query (store->keys, error,
                       "SELECT salt, bytes, passes, sealed FROM master", "");
  gboolean row;
  XimStoreMaster master = { 0 };
  if (!xim_store_first_row (query, &row, error))
    return FALSE;
  if (row
      && !xim_sql_exact (query, 0, master.salt, sizeof master.salt,
                         "the master key's salt", error))
    return FALSE;
  *found = row;
  if (!row)
    return TRUE;
  master.argon2_bytes = (guint64)xim_sql_int (query, 1);
  master.argon2_passes = (guint64)xim_sql_int (query, 2);
  master.sealed = xim_sql_bytes (query, 3);
  *out = master;
  return TRUE;
}

gboolean
xim_store_save_master (XimStore *store, const XimStoreMaster *master,
                       GError **error)
{
  g_autoptr (GBytes) salt = g_bytes_new (master->salt, sizeof master->salt);
  return xim_sql_query_run (
      xim_sql_query (store->keys, error,
                     "REPLACE INTO master VALUES (1, ?, ?, ?, ?)", "biib",
                     salt, (gint64)master->argon2_bytes,
                     (gint64)master->argon2_passes, master->sealed),
      error);
}

void
xim_store_master_clear (XimStoreMaster *master)
{
  g_clear_pointer (&master->sealed, g_bytes_unref);
}

gboolean
xim_store_load_device (XimStore *store, gboolean *found, XimStoreDevice *out,
                       GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->keys, error, "SELECT id, seed, account, offered FROM device", "");
  gboolean row;
  XimStoreDevice device = { 0 };
  if (!xim_store_first_row (query, &row, error))
    return FALSE;
  if (row
      && !xim_sql_exact (query, 0, device.id.bytes, sizeof device.id.bytes,
                         "the device id", error))
    return FALSE;
  *found = row;
  if (!row)
    return TRUE;
  device.sealed_seed = xim_sql_bytes (query, 1);
  device.account_note = xim_sql_text (query, 2);
  device.offered_note = xim_sql_text (query, 3);
  *out = device;
  return TRUE;
}

gboolean
xim_store_save_device (XimStore *store, const XimStoreDevice *device,
                       GError **error)
{
  g_autoptr (GBytes) id = g_bytes_new (&device->id, sizeof device->id);
  return xim_sql_query_run (
      xim_sql_query (store->keys, error,
                     "REPLACE INTO device VALUES (1, ?, ?, ?, ?)", "bbss", id,
                     device->sealed_seed, device->account_note,
                     device->offered_note),
      error);
}

void
xim_store_device_clear (XimStoreDevice *device)
{
  g_clear_pointer (&device->sealed_seed, g_bytes_unref);
  g_clear_pointer (&device->account_note, g_free);
  g_clear_pointer (&device->offered_note, g_free);
}

static gpointer
read_key (XimSqlQuery *query)
{
  XimStoreKey *key = g_new0 (XimStoreKey, 1);
  key->serial = (guint32)xim_sql_int (query, 0);
  key->created_s = xim_sql_int (query, 1);
  key->expires_s = xim_sql_int (query, 2);
  key->replaced_s = xim_sql_int (query, 3);
  key->sealed_key = xim_sql_bytes (query, 4);
  key->note = xim_sql_text (query, 5);
  key->accepted = xim_sql_int (query, 6) != 0;
  return key;
}

static void
key_free (gpointer key)
{
  xim_store_key_free (key);
}

gboolean
xim_store_load_keys (XimStore *store, GPtrArray **out, GError **error)
{
  return xim_store_load_list (
      xim_sql_query (store->keys, error,
                     "SELECT serial, created, expires, replaced, sealed, "
                     "note, accepted FROM keys ORDER BY serial",
                     ""),
      read_key, key_free, out, error);
}

gboolean
xim_store_save_key (XimStore *store, const XimStoreKey *key, GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (
          store->keys, error, "REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)",
          "iiiibsi", (gint64)key->serial, key->created_s, key->expires_s,
          key->replaced_s, key->sealed_key, key->note, (gint64)key->accepted),
      error);
}

gboolean
xim_store_delete_key (XimStore *store, guint32 serial, GError **error)
{
  return xim_sql_query_run (xim_sql_query (store->keys, error,
                                           "DELETE FROM keys WHERE serial = ?",
                                           "i", (gint64)serial),
                            error);
}

void
xim_store_key_free (XimStoreKey *key)
{
  if (key == NULL)
    return;
  if (key->sealed_key != NULL)
    g_bytes_unref (key->sealed_key);
  g_free (key->note);
  g_free (key);
}
