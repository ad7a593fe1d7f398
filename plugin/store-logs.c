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
