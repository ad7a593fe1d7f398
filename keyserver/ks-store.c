/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The store: server notes, every account version, newest device notes. */

#include "config.h"

#include "ks-store.h"

#include "xim-error.h"

#include "ks-store-inner.h"
#include "ks-tag.h"

static XimKsSql *
open_sql (const char *path, gboolean writable, GError **error)
{
  return xim_ks_sql_open (path, writable, xim_ks_statements, N_STATEMENTS,
                          error);
}

XimKsStore *
xim_ks_store_open (const char *path, const XimKsDatabaseOwner *owner,
                   GError **error)
{
  g_autoptr (XimKsStore) store = g_new0 (XimKsStore, 1);
  store->path = g_strdup (path);
  store->members = owner->members;
  store->readers = g_async_queue_new_full ((GDestroyNotify)xim_ks_sql_free);
  if (!xim_ks_database_check (path, owner, error))
    return NULL;
  store->writer = open_sql (path, TRUE, error);
  return store->writer != NULL ? g_steal_pointer (&store) : NULL;
}

static gboolean
check_view (XimKsStore *store, const char *domain, GError **error)
{
  gint64 version = xim_ks_sql_pragma (store->writer, "user_version");
  g_autofree char *value = NULL;
  if (version != XIM_KS_DATABASE_VERSION)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "expected a keyserver's store of version %d, this one has "
                   "%" G_GINT64_FORMAT "; `run` brings it up to date",
                   XIM_KS_DATABASE_VERSION, version);
      return FALSE;
    }
  if (!xim_ks_sql_rows (store->writer, ABOUT,
                        (XimKsSqlInto){ xim_ks_sql_keep_text, &value }, error,
                        "t", "domain"))
    return FALSE;
  if (g_strcmp0 (value, domain) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a store of %s, this one is of %s", domain,
               value == NULL ? "nobody" : value);
  return FALSE;
}

XimKsStore *
xim_ks_store_view (const char *path, const char *domain, GError **error)
{
  g_autoptr (XimKsStore) store = g_new0 (XimKsStore, 1);
  store->path = g_strdup (path);
  store->readers = g_async_queue_new_full ((GDestroyNotify)xim_ks_sql_free);
  store->writer = open_sql (path, FALSE, error);
  if (store->writer == NULL || !check_view (store, domain, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
xim_ks_store_free (XimKsStore *store)
{
  if (store == NULL)
    return;
  g_async_queue_unref (store->readers);
  xim_ks_sql_free (store->writer);
  g_free (store->path);
  g_free (store);
}

XimKsSql *
xim_ks_store_take (XimKsStore *store, GError **error)
{
  XimKsSql *sql = g_async_queue_try_pop (store->readers);
  return sql != NULL ? sql : open_sql (store->path, FALSE, error);
}

void
xim_ks_store_give (XimKsStore *store, XimKsSql *sql)
{
  if (sql != NULL)
    g_async_queue_push (store->readers, sql);
}

/* A version of before the log has nothing of this. */
static gboolean
keep_logged (const XimKsSqlRow *row, XimKsRecord *record)
{
  XimKsLogged *logged = &record->logged;
  record->is_logged = xim_ks_sql_piece (row, 4).len != 0;
  logged->leaf = (guint64)xim_ks_sql_number (row, 3);
  return !record->is_logged
         || (xim_ks_sql_bytes (row, 4, logged->opening.bytes,
                               sizeof logged->opening.bytes)
             && xim_ks_sql_bytes (row, 5, logged->proof.bytes,
                                  sizeof logged->proof.bytes)
             && xim_ks_sql_bytes (row, 6, logged->next.bytes,
                                  sizeof logged->next.bytes));
}

gboolean
xim_ks_store_keep_record (const XimKsSqlRow *row, gpointer data)
{
  XimKsRecord *record = g_new0 (XimKsRecord, 1);
  *(XimKsRecord **)data = record;
  record->version = (guint32)xim_ks_sql_number (row, 0);
  record->note = xim_ks_sql_text (row, 2);
  record->devices = xim_ks_device_rows_new ();
  return record->note != NULL
         && xim_ks_sql_bytes (row, 1, &record->hash, sizeof (XimHash))
         && keep_logged (row, record);
}

gboolean
xim_ks_store_keep_device (const XimKsSqlRow *row, gpointer data)
{
  XimKsDeviceRow *device = g_new0 (XimKsDeviceRow, 1);
  g_ptr_array_add (data, device);
  device->serial = (guint32)xim_ks_sql_number (row, 1);
  device->note = xim_ks_sql_text (row, 2);
  return device->note != NULL
         && xim_ks_sql_bytes (row, 0, &device->id, sizeof device->id);
}

/* One read transaction, so that account and devices are of one moment. */
static gboolean
read_record (XimKsSql *sql, const char *jid, XimKsRecord **record,
             GError **error)
{
  if (!xim_ks_sql_run (sql, BEGIN_READ, error, ""))
    return FALSE;
  gboolean ok
      = xim_ks_sql_rows (sql, NEWEST,
                         (XimKsSqlInto){ xim_ks_store_keep_record, record },
                         error, "t", jid)
        && (*record == NULL
            || xim_ks_sql_rows (
                sql, DEVICES,
                (XimKsSqlInto){ xim_ks_store_keep_device, (*record)->devices },
                error, "t", jid));
  return xim_ks_sql_run (sql, COMMIT, ok ? error : NULL, "") && ok;
}

gboolean
xim_ks_store_record (XimKsStore *store, const char *jid, XimKsRecord **record,
                     GError **error)
{
  XimKsSql *sql = xim_ks_store_take (store, error);
  g_autoptr (XimKsRecord) found = NULL;
  gboolean ok = sql != NULL && read_record (sql, jid, &found, error);
  xim_ks_store_give (store, sql);
  if (ok)
    *record = g_steal_pointer (&found);
  return ok;
}

char *
xim_ks_store_version (XimKsStore *store, const char *jid, guint32 version,
                      GError **error)
{
  XimKsSql *sql = xim_ks_store_take (store, error);
  char *note = NULL;
  gboolean ok
      = sql != NULL
        && xim_ks_sql_rows (sql, ONE_VERSION,
                            (XimKsSqlInto){ xim_ks_sql_keep_text, &note },
                            error, "ti", jid, (gint64)version);
  xim_ks_store_give (store, sql);
  if (ok && note == NULL)
    g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                 "this address has no version %u", version);
  return note;
}

char *
xim_ks_store_server_note (XimKsStore *store, guint32 serial, GError **error)
{
  XimKsSql *sql = xim_ks_store_take (store, error);
  char *note = NULL;
  gboolean ok
      = sql != NULL
        && xim_ks_sql_rows (sql, SERVER_NOTE,
                            (XimKsSqlInto){ xim_ks_sql_keep_text, &note },
                            error, "i", (gint64)serial);
  xim_ks_store_give (store, sql);
  if (ok && note == NULL)
    g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                 "there is no server note of serial %u", serial);
  return note;
}

static gboolean
keep_erased (const XimKsSqlRow *row, gpointer data)
{
  XimKsErased *erased = data;
  erased->version = (guint32)xim_ks_sql_number (row, 0);
  return xim_ks_sql_bytes (row, 1, &erased->hash, sizeof erased->hash);
}

gboolean
xim_ks_store_read_erased (XimKsSql *sql, const XimHash *member,
                          XimKsErased *erased, GError **error)
{
  *erased = (XimKsErased){ .version = 0 };
  return xim_ks_sql_rows (sql, ERASED, (XimKsSqlInto){ keep_erased, erased },
                          error, "k", member);
}

gboolean
xim_ks_store_erased (XimKsStore *store, const char *jid, XimKsErased *erased,
                     GError **error)
{
  XimHash member;
  xim_ks_tag_member (store->members, jid, &member);
  XimKsSql *sql = xim_ks_store_take (store, error);
  gboolean ok
      = sql != NULL && xim_ks_store_read_erased (sql, &member, erased, error);
  xim_ks_store_give (store, sql);
  return ok;
}

gboolean
xim_ks_store_keep_listed (const XimKsSqlRow *row, gpointer devices)
{
  XimAccountDevice device;
  if (!xim_ks_sql_bytes (row, 0, &device.id, sizeof device.id)
      || !xim_ks_sql_bytes (row, 1, &device.key, sizeof device.key))
    return FALSE;
  g_array_append_val ((GArray *)devices, device);
  return TRUE;
}

GArray *
xim_ks_store_listed (XimKsStore *store, const char *jid, GError **error)
{
  g_autoptr (GArray) devices
      = g_array_new (FALSE, FALSE, sizeof (XimAccountDevice));
  XimKsSql *sql = xim_ks_store_take (store, error);
  gboolean ok
      = sql != NULL
        && xim_ks_sql_rows (
            sql, LISTED, (XimKsSqlInto){ xim_ks_store_keep_listed, devices },
            error, "t", jid);
  xim_ks_store_give (store, sql);
  return ok ? g_steal_pointer (&devices) : NULL;
}

gboolean
xim_ks_store_begin (XimKsStore *store, GError **error)
{
  return xim_ks_sql_run (store->writer, BEGIN, error, "");
}

gboolean
xim_ks_store_commit (XimKsStore *store, GError **error)
{
  if (xim_ks_sql_run (store->writer, COMMIT, error, ""))
    return TRUE;
  xim_ks_store_abandon (store);
  return FALSE;
}

void
xim_ks_store_abandon (XimKsStore *store)
{
  if (xim_ks_sql_in_transaction (store->writer))
    xim_ks_sql_run (store->writer, ROLLBACK, NULL, "");
}

gboolean
xim_ks_store_savepoint (XimKsStore *store, GError **error)
{
  return xim_ks_sql_run (store->writer, SAVEPOINT, error, "");
}

gboolean
xim_ks_store_release (XimKsStore *store, GError **error)
{
  return xim_ks_sql_run (store->writer, RELEASE, error, "");
}

gboolean
xim_ks_store_rollback (XimKsStore *store, GError **error)
{
  return xim_ks_sql_run (store->writer, ROLLBACK_TO, error, "")
         && xim_ks_sql_run (store->writer, RELEASE, error, "");
}

gboolean
xim_ks_store_must_sweep (XimKsStore *store, gboolean *must, GError **error)
{
  gint64 found = 0;
  if (!xim_ks_sql_rows (store->writer, SWEEP,
                        (XimKsSqlInto){ xim_ks_sql_keep_number, &found },
                        error, ""))
    return FALSE;
  *must = found != 0;
  return TRUE;
}

gboolean
xim_ks_store_checkpoint (XimKsStore *store, GError **error)
{
  return xim_ks_sql_checkpoint (store->writer, error);
}

/* When SQLite moves rows from page to page it leaves copies behind, which
 * secure_delete does not find: only a new file is sure to have none. */
gboolean
xim_ks_store_sweep (XimKsStore *store, GError **error)
{
  return xim_ks_sql_exec (store->writer, "VACUUM;", error)
         && xim_ks_sql_checkpoint (store->writer, error)
         && xim_ks_sql_run (store->writer, DROP_SWEEP, error, "");
}
