/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* keys.sqlite: decryption keys of devices that were exported. */

#include "config.h"

#include "store.h"

#include <string.h>

#include "store-rows.h"

static void
imported_free (gpointer imported)
{
  xim_store_imported_free (imported);
}

static gpointer
read_imported (XimSqlQuery *query)
{
  XimStoreImported *imported = g_new0 (XimStoreImported, 1);
  g_autoptr (GBytes) device = xim_sql_bytes (query, 1);
  gsize len = 0;
  const guint8 *id = g_bytes_get_data (device, &len);
  if (len == sizeof imported->device.bytes)
    memcpy (imported->device.bytes, id, len);
  imported->id = (guint32)xim_sql_int (query, 0);
  imported->serial = (guint32)xim_sql_int (query, 2);
  imported->created_s = xim_sql_int (query, 3);
  imported->expires_s = xim_sql_int (query, 4);
  imported->sealed_key = xim_sql_bytes (query, 5);
  imported->until_tally_s = xim_sql_int (query, 6);
  return imported;
}

gboolean
xim_store_load_imported (XimStore *store, GPtrArray **out, GError **error)
{
  return xim_store_load_list (
      xim_sql_query (store->keys, error,
                     "SELECT id, device, serial, created, expires,"
                     " sealed, until FROM imported ORDER BY id",
                     ""),
      read_imported, imported_free, out, error);
}

gboolean
xim_store_add_imported (XimStore *store, XimStoreImported *imported,
                        GError **error)
{
  g_autoptr (GBytes) device
      = g_bytes_new (imported->device.bytes, sizeof imported->device.bytes);
  return xim_sql_query_run (
      xim_sql_query (store->keys, error,
                     "INSERT OR IGNORE INTO imported SELECT"
                     " max (2147483648, 1 + ifnull (max (id), 0)),"
                     " ?, ?, ?, ?, ?, ? FROM imported",
                     "biiibi", device, (gint64)imported->serial,
                     imported->created_s, imported->expires_s,
                     imported->sealed_key, imported->until_tally_s),
      error);
}

gboolean
xim_store_delete_imported (XimStore *store, guint32 id, GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->keys, error, "DELETE FROM imported WHERE id = ?",
                     "i", (gint64)id),
      error);
}

void
xim_store_imported_free (XimStoreImported *imported)
{
  if (imported == NULL)
    return;
  g_clear_pointer (&imported->sealed_key, g_bytes_unref);
  g_free (imported);
}
