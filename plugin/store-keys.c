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

/* What is committed counts: a file that cannot be written anew right now is
 * at the next time. */
static gboolean
commit_and_scrub (XimStore *store, gboolean ok, GError **error)
{
  ok = ok && xim_store_commit (store, XIM_STORE_KEYS, error);
  if (!ok)
    {
      xim_store_rollback (store, XIM_STORE_KEYS);
      return FALSE;
    }
  xim_store_scrub_keys (store, NULL);
  return TRUE;
}

gboolean
xim_store_save_master (XimStore *store, const XimStoreMaster *master,
                       GError **error)
{
  g_autoptr (GBytes) salt = g_bytes_new (master->salt, sizeof master->salt);
  gboolean ok
      = xim_store_begin (store, XIM_STORE_KEYS, error)
        && xim_sql_script (store->keys, "DELETE FROM keyring", error)
        && xim_sql_query_run (
            xim_sql_query (store->keys, error,
                           "REPLACE INTO master VALUES (1, ?, ?, ?, ?)",
                           "biib", salt, (gint64)master->argon2_bytes,
                           (gint64)master->argon2_passes, master->sealed),
            error);
  return commit_and_scrub (store, ok, error);
}

void
xim_store_master_clear (XimStoreMaster *master)
{
  g_clear_pointer (&master->sealed, g_bytes_unref);
}

gboolean
xim_store_load_keyring (XimStore *store, gboolean *found, XimStoreKeyring *out,
                        GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->keys, error, "SELECT id, probe FROM keyring", "");
  if (!xim_store_first_row (query, found, error))
    return FALSE;
  if (!*found)
    return TRUE;
  out->id = xim_sql_text (query, 0);
  out->probe = xim_sql_bytes (query, 1);
  return TRUE;
}

gboolean
xim_store_save_keyring (XimStore *store, const XimStoreKeyring *keyring,
                        GError **error)
{
  gboolean ok = xim_store_begin (store, XIM_STORE_KEYS, error)
                && xim_sql_script (store->keys, "DELETE FROM master", error)
                && xim_sql_query_run (
                    xim_sql_query (store->keys, error,
                                   "REPLACE INTO keyring VALUES (1, ?, ?)",
                                   "sb", keyring->id, keyring->probe),
                    error);
  return commit_and_scrub (store, ok, error);
}

void
xim_store_keyring_clear (XimStoreKeyring *keyring)
{
  g_clear_pointer (&keyring->id, g_free);
  g_clear_pointer (&keyring->probe, g_bytes_unref);
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

gboolean
xim_store_delete_device (XimStore *store, GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->keys, error, "DELETE FROM device", ""), error);
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
  key->made_tally_s = xim_sql_int (query, 7);
  key->replaced_tally_s = xim_sql_int (query, 8);
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
                     "note, accepted, made, kept FROM keys ORDER BY serial",
                     ""),
      read_key, key_free, out, error);
}

gboolean
xim_store_save_key (XimStore *store, const XimStoreKey *key, GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (
          store->keys, error,
          "REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "iiiibsiii",
          (gint64)key->serial, key->created_s, key->expires_s, key->replaced_s,
          key->sealed_key, key->note, (gint64)key->accepted, key->made_tally_s,
          key->replaced_tally_s),
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

gboolean
xim_store_scrub_keys (XimStore *store, GError **error)
{
  return xim_sql_script (store->keys, "VACUUM", error);
}

gboolean
xim_store_load_tally (XimStore *store, XimStoreTally *out, GError **error)
{
  g_autoptr (XimSqlQuery) query = xim_sql_query (
      store->keys, error, "SELECT boot, at, counted, heard, lag FROM tally",
      "");
  gboolean row;
  if (!xim_store_first_row (query, &row, error))
    return FALSE;
  if (!row)
    return TRUE;
  out->boot = xim_sql_text (query, 0);
  out->boot_s = xim_sql_int (query, 1);
  out->counted_s = xim_sql_int (query, 2);
  out->heard = xim_sql_int (query, 3) != 0;
  out->lag_s = xim_sql_int (query, 4);
  return TRUE;
}

gboolean
xim_store_save_tally (XimStore *store, const XimStoreTally *tally,
                      GError **error)
{
  return xim_sql_query_run (
      xim_sql_query (store->keys, error,
                     "REPLACE INTO tally VALUES (1, ?, ?, ?, ?, ?)", "siiii",
                     tally->boot, tally->boot_s, tally->counted_s,
                     (gint64)tally->heard, tally->lag_s),
      error);
}
