/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* cache.sqlite: pins, and what was seen of other members. */

#include "config.h"

#include "store.h"

#include "store-rows.h"

gboolean
xim_store_load_pin (XimStore *store, const char *domain, char **note,
                    GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->cache, error,
      "SELECT note FROM pins WHERE domain = ? ORDER BY serial DESC LIMIT 1",
      "s", domain);
  gboolean row;
  if (!xim_store_first_row (query, &row, error))
    return FALSE;
  *note = row ? xim_sql_text (query, 0) : NULL;
  return TRUE;
}

gboolean
xim_store_save_pin (XimStore *store, const char *domain, guint32 serial,
                    const char *note, GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->cache, error, "REPLACE INTO pins VALUES (?, ?, ?)",
                     "sis", domain, (gint64)serial, note),
      error);
}

gboolean
xim_store_load_peer (XimStore *store, const char *jid, gboolean *found,
                     XimStorePeer *out, GError **error)
{
  g_autoptr (XimSqlQuery) query
      = xim_sql_query (store->cache, error,
                       "SELECT bundle, etag, checked, ever, accepted, absent, "
                       "told, pending FROM peers WHERE jid = ?",
                       "s", jid);
  gboolean row;
  if (!xim_store_first_row (query, &row, error))
    return FALSE;
  *found = row;
  if (!row)
    return TRUE;
  out->bundle = xim_sql_text (query, 0);
  out->etag = xim_sql_text (query, 1);
  out->checked_s = xim_sql_int (query, 2);
  out->ever_held = xim_sql_int (query, 3) != 0;
  out->accepted_version = (guint32)xim_sql_int (query, 4);
  out->absent = xim_sql_text (query, 5);
  out->told_version = (guint32)xim_sql_int (query, 6);
  out->pending = xim_sql_text (query, 7);
  return TRUE;
}

gboolean
xim_store_save_peer (XimStore *store, const char *jid,
                     const XimStorePeer *peer, GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO peers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "sssiiisis", jid, peer->bundle, peer->etag,
                     peer->checked_s, (gint64)peer->ever_held,
                     (gint64)peer->accepted_version, peer->absent,
                     (gint64)peer->told_version, peer->pending),
      error);
}

void
xim_store_peer_clear (XimStorePeer *peer)
{
  g_clear_pointer (&peer->bundle, g_free);
  g_clear_pointer (&peer->etag, g_free);
  g_clear_pointer (&peer->absent, g_free);
  g_clear_pointer (&peer->pending, g_free);
}

gboolean
xim_store_load_claim (XimStore *store, const char *jid, gboolean *found,
                      XimStoreClaim *out, GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->cache, error,
      "SELECT version, hash, device, accepted FROM claims WHERE jid = ?", "s",
      jid);
  gboolean row;
  XimStoreClaim claim = { 0 };
  if (!xim_store_first_row (query, &row, error))
    return FALSE;
  if (row
      && (!xim_sql_exact (query, 1, claim.hash.bytes, sizeof claim.hash.bytes,
                          "the hash of a claim", error)
          || !xim_sql_exact (query, 2, claim.device.bytes,
                             sizeof claim.device.bytes,
                             "the device of a claim", error)))
    return FALSE;
  *found = row;
  if (!row)
    return TRUE;
  claim.version = (guint32)xim_sql_int (query, 0);
  claim.accepted = xim_sql_int (query, 3) != 0;
  *out = claim;
  return TRUE;
}

gboolean
xim_store_save_claim (XimStore *store, const char *jid,
                      const XimStoreClaim *claim, GError **error)
{
  g_autoptr (GBytes) hash
      = g_bytes_new (claim->hash.bytes, sizeof claim->hash.bytes);
  g_autoptr (GBytes) device
      = g_bytes_new (claim->device.bytes, sizeof claim->device.bytes);
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO claims VALUES (?, ?, ?, ?, ?)", "sibbi",
                     jid, (gint64)claim->version, hash, device,
                     (gint64)claim->accepted),
      error);
}

gboolean
xim_store_delete_claim (XimStore *store, const char *jid, GError **error)
{
  return xim_sql_query_run (xim_sql_query (store->cache, error,
                                           "DELETE FROM claims WHERE jid = ?",
                                           "s", jid),
                            error);
}

gboolean
xim_store_save_version (XimStore *store, const char *jid, guint32 version,
                        const char *text, GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO versions VALUES (?, ?, ?)", "sis", jid,
                     (gint64)version, text),
      error);
}

static gpointer
read_text (XimSqlQuery *query)
{
  return xim_sql_text (query, 0);
}

gboolean
xim_store_load_versions (XimStore *store, const char *jid, GPtrArray **texts,
                         GError **error)
{
  return xim_store_load_list (
      xim_sql_query (
          store->cache, error,
          "SELECT text FROM versions WHERE jid = ? ORDER BY version", "s",
          jid),
      read_text, g_free, texts, error);
}

gboolean
xim_store_load_version (XimStore *store, const char *jid, guint32 version,
                        char **text, gboolean *reset, GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->cache, error,
      "SELECT (SELECT text FROM versions WHERE jid = ?1 AND version = ?2), "
      "EXISTS (SELECT 1 FROM versions WHERE jid = ?1 AND version > ?2 "
      "AND instr(text, char(10) || 'reset yes' || char(10)) > 0)",
      "si", jid, (gint64)version);
  gboolean row;
  if (!xim_store_first_row (query, &row, error))
    return FALSE;
  *text = row ? xim_sql_text (query, 0) : NULL;
  *reset = row && xim_sql_int (query, 1) != 0;
  return TRUE;
}

gboolean
xim_store_load_mark (XimStore *store, const char *jid, gboolean *found,
                     XimStoreMark *out, GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->cache, error,
      "SELECT version, hash, time FROM marks WHERE jid = ?", "s", jid);
  gboolean row;
  XimStoreMark mark = { 0 };
  if (!xim_store_first_row (query, &row, error)
      || (row
          && !xim_sql_exact (query, 1, mark.hash.bytes,
                             sizeof mark.hash.bytes, "the hash of a mark",
                             error)))
    return FALSE;
  *found = row;
  if (!row)
    return TRUE;
  mark.version = (guint32)xim_sql_int (query, 0);
  mark.time_s = xim_sql_int (query, 2);
  *out = mark;
  return TRUE;
}

gboolean
xim_store_save_mark (XimStore *store, const char *jid,
                     const XimStoreMark *mark, GError **error)
{
  g_autoptr (GBytes) hash
      = g_bytes_new (mark->hash.bytes, sizeof mark->hash.bytes);
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO marks VALUES (?, ?, ?, ?)", "sibi", jid,
                     (gint64)mark->version, hash, mark->time_s),
      error);
}

gboolean
xim_store_delete_mark (XimStore *store, const char *jid, GError **error)
{
  return xim_sql_query_run (xim_sql_query (store->cache, error,
                                           "DELETE FROM marks WHERE jid = ?",
                                           "s", jid),
                            error);
}

gboolean
xim_store_save_seen_device (XimStore *store, const char *jid,
                            const char *device_hex, guint32 serial,
                            const char *text, GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO devices VALUES (?, ?, ?, ?)", "ssis", jid,
                     device_hex, (gint64)serial, text),
      error);
}

gboolean
xim_store_load_seen_devices (XimStore *store, const char *jid,
                             GPtrArray **texts, GError **error)
{
  return xim_store_load_list (
      xim_sql_query (store->cache, error,
                     "SELECT text FROM devices WHERE jid = ? ORDER BY device",
                     "s", jid),
      read_text, g_free, texts, error);
}

gboolean
xim_store_load_policy (XimStore *store, const char *jid, int *policy,
                       GError **error)
{
  g_autoptr (XimSqlQuery) query
      = xim_sql_query (store->cache, error,
                       "SELECT policy FROM policies WHERE jid = ?", "s", jid);
  gboolean row;
  if (!xim_store_first_row (query, &row, error))
    return FALSE;
  *policy = row ? (int)CLAMP (xim_sql_int (query, 0), 0, 2) : -1;
  return TRUE;
}

gboolean
xim_store_save_policy (XimStore *store, const char *jid, int policy,
                       GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO policies VALUES (?, ?)", "si", jid,
                     (gint64)policy),
      error);
}
