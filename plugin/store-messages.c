/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* cache.sqlite: replay memory, messages that wait. */

#include "config.h"

#include "store.h"

#include "store-rows.h"

gboolean
xim_store_has_digest (XimStore *store, const guint8 *digest32, gboolean *found,
                      GError **error)
{
  g_autoptr (GBytes) digest = g_bytes_new (digest32, 32);
  g_autoptr (XimSqlQuery) query
      = xim_sql_query (store->cache, error,
                       "SELECT 1 FROM digests WHERE digest = ?", "b", digest);
  return xim_store_first_row (query, found, error);
}

gboolean
xim_store_save_digest (XimStore *store, const guint8 *digest32,
                       guint32 key_serial, GError **error)
{
  g_autoptr (GBytes) digest = g_bytes_new (digest32, 32);
  return xim_sql_query_run (
      xim_sql_query (store->cache, error, "REPLACE INTO digests VALUES (?, ?)",
                     "bi", digest, (gint64)key_serial),
      error);
}

gboolean
xim_store_delete_digests (XimStore *store, guint32 from, guint32 end,
                          GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "DELETE FROM digests WHERE serial >= ? AND serial < ?",
                     "ii", (gint64)from, (gint64)end),
      error);
}

gboolean
xim_store_add_held (XimStore *store, XimHeld *held, GError **error)
{
  if (!xim_sql_query_run (xim_sql_query (store->cache, error,
                                         "INSERT INTO held (kind, jid, time, "
                                         "flags, data) VALUES (?, ?, ?, ?, ?)",
                                         "isiib", (gint64)held->kind,
                                         held->jid, held->time_s,
                                         (gint64)held->flags, held->data),
                          error))
    return FALSE;
  held->id = xim_sql_last_id (store->cache);
  return TRUE;
}

static gpointer
read_held (XimSqlQuery *query)
{
  XimHeld *held = g_new0 (XimHeld, 1);
  held->id = xim_sql_int (query, 0);
  held->kind = (XimHeldKind)xim_sql_int (query, 1);
  held->jid = xim_sql_text (query, 2);
  held->time_s = xim_sql_int (query, 3);
  held->flags = (guint32)xim_sql_int (query, 4);
  held->data = xim_sql_bytes (query, 5);
  return held;
}

static void
held_free (gpointer held)
{
  xim_held_free (held);
}

gboolean
xim_store_load_held (XimStore *store, const char *jid, GPtrArray **out,
                     GError **error)
{
  return xim_store_load_list (
      xim_sql_query (store->cache, error,
                     "SELECT id, kind, jid, time, flags, data FROM held"
                     " WHERE ?1 IS NULL OR jid = ?1 ORDER BY id",
                     "s", jid),
      read_held, held_free, out, error);
}

gboolean
xim_store_delete_held (XimStore *store, gint64 id, GError **error)
{
  return xim_sql_query_run (xim_sql_query (store->cache, error,
                                           "DELETE FROM held WHERE id = ?",
                                           "i", id),
                            error);
}

void
xim_held_free (XimHeld *held)
{
  if (held == NULL)
    return;
  if (held->data != NULL)
    g_bytes_unref (held->data);
  g_free (held->jid);
  g_free (held);
}
