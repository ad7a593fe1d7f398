/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* cache.sqlite: what was accepted of the logs of keyservers. */

#include "config.h"

#include "store.h"

#include "store-rows.h"

gboolean
xim_store_load_log (XimStore *store, const char *domain, gboolean *found,
                    XimStoreLog *out, GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->cache, error,
      "SELECT origin, size, root, note, forked FROM logs WHERE domain = ?",
      "s", domain);
  gboolean row;
  XimStoreLog log = { 0 };
  if (!xim_store_first_row (query, &row, error)
      || (row
          && !xim_sql_exact (query, 2, log.head.root.bytes,
                             sizeof log.head.root.bytes, "the root of a log",
                             error)))
    return FALSE;
  *found = row;
  if (!row)
    return TRUE;
  log.origin = xim_sql_text (query, 0);
  log.head.size = (guint64)xim_sql_int (query, 1);
  log.note = xim_sql_text (query, 3);
  log.forked = xim_sql_int (query, 4) != 0;
  *out = log;
  return TRUE;
}

gboolean
xim_store_save_log (XimStore *store, const char *domain,
                    const XimStoreLog *log, GError **error)
{
  g_autoptr (GBytes) root
      = g_bytes_new (log->head.root.bytes, sizeof log->head.root.bytes);
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO logs VALUES (?, ?, ?, ?, ?, ?)", "ssibsi",
                     domain, log->origin, (gint64)log->head.size, root,
                     log->note, (gint64)log->forked),
      error);
}

void
xim_store_log_clear (XimStoreLog *log)
{
  g_clear_pointer (&log->origin, g_free);
  g_clear_pointer (&log->note, g_free);
}

gboolean
xim_store_save_place (XimStore *store, const XimStorePlace *place,
                      GError **error)
{
  guint8 bytes[XIM_ENTRY_MAX];
  const gsize len = xim_entry_encode (&place->entry, bytes);
  g_autoptr (GBytes) entry = g_bytes_new (bytes, len);
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO places VALUES (?, ?, ?)", "iib",
                     (gint64)place->version, place->leaf, entry),
      error);
}

/* Returns NULL for what no entry is. */
static gpointer
read_place (XimSqlQuery *query)
{
  g_autofree XimStorePlace *place = g_new0 (XimStorePlace, 1);
  guint8 bytes[XIM_ENTRY_ACCOUNT_LEN];
  place->version = (guint32)xim_sql_int (query, 0);
  place->leaf = xim_sql_int (query, 1);
  if (!xim_sql_exact (query, 2, bytes, sizeof bytes, "a place", NULL)
      || !xim_entry_decode (bytes, sizeof bytes, &place->entry, NULL))
    return NULL;
  return g_steal_pointer (&place);
}

gboolean
xim_store_load_places (XimStore *store, GPtrArray **out, GError **error)
{
  g_autoptr (GPtrArray) list = NULL;
  if (!xim_store_load_list (
          xim_sql_query (
              store->cache, error,
              "SELECT version, leaf, entry FROM places ORDER BY version", ""),
          read_place, g_free, &list, error))
    return FALSE;
  if (g_ptr_array_find (list, NULL, NULL))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE,
                           "every place in the log should be readable");
      return FALSE;
    }
  *out = g_steal_pointer (&list);
  return TRUE;
}

gboolean
xim_store_load_reading (XimStore *store, gboolean *found, XimStoreReading *out,
                        GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->cache, error,
      "SELECT size, root, time, alarm, version FROM reading", "");
  gboolean row;
  XimStoreReading reading = { 0 };
  if (!xim_store_first_row (query, &row, error)
      || (row
          && !xim_sql_exact (query, 1, reading.head.root.bytes,
                             sizeof reading.head.root.bytes,
                             "the root of a reading", error)))
    return FALSE;
  *found = row;
  if (!row)
    return TRUE;
  reading.head.size = (guint64)xim_sql_int (query, 0);
  reading.time_s = xim_sql_int (query, 2);
  reading.alarm = (guint)xim_sql_int (query, 3);
  reading.version = (guint32)xim_sql_int (query, 4);
  *out = reading;
  return TRUE;
}

gboolean
xim_store_save_reading (XimStore *store, const XimStoreReading *reading,
                        GError **error)
{
  g_autoptr (GBytes) root = g_bytes_new (reading->head.root.bytes,
                                         sizeof reading->head.root.bytes);
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO reading VALUES (1, ?, ?, ?, ?, ?)", "ibiii",
                     (gint64)reading->head.size, root, reading->time_s,
                     (gint64)reading->alarm, (gint64)reading->version),
      error);
}
