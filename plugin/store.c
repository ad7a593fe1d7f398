/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The files of one account: what their tables hold. */

#include "config.h"

#include "store.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "sql.h"
#include "store-schema.h"

struct _XimStore
{
  char *dir;
  XimSql *keys;
  XimSql *cache;
};

static XimSql *
open_file (XimStore *store, const char *name, const char *settings,
           const char *schema, GError **error)
{
  g_autofree char *path = g_build_filename (store->dir, name, NULL);
  return xim_sql_open (path, settings, schema, SCHEMA_VERSION, error);
}

XimStore *
xim_store_open (const char *dir, GError **error)
{
  if (g_mkdir_with_parents (dir, 0700) != 0 || g_chmod (dir, 0700) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "%s should be a directory of ours with mode 0700: %s", dir,
                   g_strerror (errno));
      return NULL;
    }
  g_autoptr (XimStore) store = g_new0 (XimStore, 1);
  store->dir = g_strdup (dir);
  store->keys
      = open_file (store, "keys.sqlite", keys_settings, keys_schema, error);
  if (store->keys == NULL)
    return NULL;
  store->cache
      = open_file (store, "cache.sqlite", cache_settings, cache_schema, error);
  if (store->cache == NULL)
    return NULL;
  return g_steal_pointer (&store);
}

void
xim_store_free (XimStore *store)
{
  if (store == NULL)
    return;
  xim_sql_free (store->keys);
  xim_sql_free (store->cache);
  g_free (store->dir);
  g_free (store);
}

const char *
xim_store_dir (const XimStore *store)
{
  return store->dir;
}

static XimSql *
file_of (XimStore *store, XimStoreFile file)
{
  return file == XIM_STORE_KEYS ? store->keys : store->cache;
}

gboolean
xim_store_begin (XimStore *store, XimStoreFile file, GError **error)
{
  return xim_sql_script (file_of (store, file),
                         CACHE_DURABLE "BEGIN IMMEDIATE;", error);
}

static void
relax (XimStore *store, XimStoreFile file)
{
  if (file == XIM_STORE_CACHE)
    xim_sql_script (store->cache, CACHE_RELAXED, NULL);
}

gboolean
xim_store_commit (XimStore *store, XimStoreFile file, GError **error)
{
  gboolean ok = xim_sql_script (file_of (store, file), "COMMIT", error);
  if (!ok)
    xim_store_rollback (store, file);
  relax (store, file);
  return ok;
}

void
xim_store_rollback (XimStore *store, XimStoreFile file)
{
  XimSql *sql = file_of (store, file);
  if (!xim_sql_in_transaction (sql))
    return;
  xim_sql_script (sql, "ROLLBACK", NULL);
  relax (store, file);
}

/* The row of a statement that has one at most. */
static gboolean
first_row (XimSqlQuery *query, gboolean *row, GError **error)
{
  *row = FALSE;
  return query != NULL && xim_sql_query_row (query, row, error);
}

/* keys.sqlite */

gboolean
xim_store_load_master (XimStore *store, gboolean *found, XimStoreMaster *out,
                       GError **error)
{
  g_autoptr (XimSqlQuery) query
      = xim_sql_query (store->keys, error,
                       "SELECT salt, bytes, passes, sealed FROM master", "");
  gboolean row;
  XimStoreMaster master = { 0 };
  if (!first_row (query, &row, error))
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
  if (!first_row (query, &row, error))
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

/* All rows, each by @read; ends @query. */
static gboolean
load_list (XimSqlQuery *query, gpointer (*read) (XimSqlQuery *),
           GDestroyNotify free_one, GPtrArray **out, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (free_one);
  gboolean row = TRUE;
  while (query != NULL && row)
    {
      if (!xim_sql_query_row (query, &row, error))
        break;
      if (row)
        g_ptr_array_add (list, read (query));
    }
  xim_sql_query_end (query);
  if (query == NULL || row)
    return FALSE;
  *out = g_steal_pointer (&list);
  return TRUE;
}

static void
key_free (gpointer key)
{
  xim_store_key_free (key);
}

gboolean
xim_store_load_keys (XimStore *store, GPtrArray **out, GError **error)
{
  return load_list (
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

/* cache.sqlite */

gboolean
xim_store_load_pin (XimStore *store, const char *domain, char **note,
                    GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->cache, error,
      "SELECT note FROM pins WHERE domain = ? ORDER BY serial DESC LIMIT 1",
      "s", domain);
  gboolean row;
  if (!first_row (query, &row, error))
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
                       "SELECT bundle, etag, checked, ever, accepted, absent "
                       "FROM peers WHERE jid = ?",
                       "s", jid);
  gboolean row;
  if (!first_row (query, &row, error))
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
  return TRUE;
}

gboolean
xim_store_save_peer (XimStore *store, const char *jid,
                     const XimStorePeer *peer, GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->cache, error,
                     "REPLACE INTO peers VALUES (?, ?, ?, ?, ?, ?, ?)",
                     "sssiiis", jid, peer->bundle, peer->etag, peer->checked_s,
                     (gint64)peer->ever_held, (gint64)peer->accepted_version,
                     peer->absent),
      error);
}

void
xim_store_peer_clear (XimStorePeer *peer)
{
  g_clear_pointer (&peer->bundle, g_free);
  g_clear_pointer (&peer->etag, g_free);
  g_clear_pointer (&peer->absent, g_free);
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
  return load_list (
      xim_sql_query (
          store->cache, error,
          "SELECT text FROM versions WHERE jid = ? ORDER BY version", "s",
          jid),
      read_text, g_free, texts, error);
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
  return load_list (
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
  if (!first_row (query, &row, error))
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

gboolean
xim_store_has_digest (XimStore *store, const guint8 *digest32, gboolean *found,
                      GError **error)
{
  g_autoptr (GBytes) digest = g_bytes_new (digest32, 32);
  g_autoptr (XimSqlQuery) query
      = xim_sql_query (store->cache, error,
                       "SELECT 1 FROM digests WHERE digest = ?", "b", digest);
  return first_row (query, found, error);
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
xim_store_add_evidence (XimStore *store, const char *jid, gint64 time_s,
                        const char *what, GBytes *data, GError **error)
{
  return xim_sql_query_run (xim_sql_query (store->cache, error,
                                           "INSERT INTO evidence (jid, time, "
                                           "what, data) VALUES (?, ?, ?, ?)",
                                           "sisb", jid, time_s, what, data),
                            error)
         && xim_sql_query_run (
             xim_sql_query (
                 store->cache, error,
                 "DELETE FROM evidence WHERE jid = ?1 AND id NOT IN (SELECT "
                 "id FROM evidence WHERE jid = ?1 ORDER BY id DESC LIMIT ?2)",
                 "si", jid, (gint64)XIM_STORE_EVIDENCE_MAX),
             error);
}

gboolean
xim_store_n_evidence (XimStore *store, const char *jid, guint *n,
                      GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->cache, error, "SELECT count (*) FROM evidence WHERE jid = ?", "s",
      jid);
  gboolean row;
  if (!first_row (query, &row, error))
    return FALSE;
  *n = row ? (guint)xim_sql_int (query, 0) : 0;
  return TRUE;
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
  return load_list (
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
