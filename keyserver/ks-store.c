/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The store: server notes, every account version, newest device notes. */

#include "config.h"

#include "ks-store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-schema.h"
#include "ks-sql.h"

#define DAY_S 86400

typedef enum
{
  BEGIN,
  COMMIT,
  ROLLBACK,
  SAVEPOINT,
  RELEASE,
  ROLLBACK_TO,
  BEGIN_READ,
  ABOUT,
  NEWEST,
  DEVICES,
  ONE_VERSION,
  SERVER_NOTE,
  LISTED,
  COUNT,
  PUT_ACCOUNT,
  PUT_KEY,
  KEY_OWNER,
  DROP_DEVICE,
  PUT_DEVICE,
  PUT_ABOUT,
  PUT_SERVER,
  SERIAL,
  N_STATEMENTS,
} Statement;

static const char *const statements[N_STATEMENTS] = {
  [BEGIN] = "BEGIN IMMEDIATE",
  [COMMIT] = "COMMIT",
  [ROLLBACK] = "ROLLBACK",
  [SAVEPOINT] = "SAVEPOINT job",
  [RELEASE] = "RELEASE job",
  [ROLLBACK_TO] = "ROLLBACK TO job",
  [BEGIN_READ] = "BEGIN",
  [ABOUT] = "SELECT value FROM about WHERE name = ?1",
  [NEWEST] = "SELECT version, hash, note FROM accounts WHERE jid = ?1"
             " ORDER BY version DESC LIMIT 1",
  [DEVICES]
  = "SELECT id, serial, note FROM devices WHERE jid = ?1 ORDER BY id",
  [ONE_VERSION] = "SELECT note FROM accounts WHERE jid = ?1 AND version = ?2",
  [SERVER_NOTE] = "SELECT note FROM server_notes"
                  " WHERE serial = ?1 OR ?1 = 0 ORDER BY serial DESC LIMIT 1",
  [LISTED] = "SELECT id, key FROM device_keys WHERE jid = ?1",
  [COUNT]
  = "SELECT count (*) FROM accounts WHERE jid = ?1 AND accepted_s > ?2",
  [PUT_ACCOUNT] = "INSERT INTO accounts (jid, version, hash, accepted_s, note)"
                  " VALUES (?1, ?2, ?3, ?4, ?5)",
  [PUT_KEY] = "INSERT OR IGNORE INTO device_keys (key, jid, id)"
              " VALUES (?1, ?2, ?3)",
  [KEY_OWNER] = "SELECT jid FROM device_keys WHERE key = ?1",
  [DROP_DEVICE] = "DELETE FROM devices WHERE jid = ?1 AND id = ?2",
  [PUT_DEVICE] = "INSERT OR REPLACE INTO devices (jid, id, serial, note)"
                 " VALUES (?1, ?2, ?3, ?4)",
  [PUT_ABOUT] = "INSERT INTO about (name, value) VALUES (?1, ?2)",
  [PUT_SERVER] = "INSERT INTO server_notes (serial, note) VALUES (?1, ?2)",
  [SERIAL] = "SELECT serial FROM devices WHERE jid = ?1 AND id = ?2",
};

struct _XimKsStore
{
  char *path;
  int lock_fd;
  XimKsSql *writer;
  GAsyncQueue *readers; /* of Link, those that are idle */
};

XimKsDeviceRow *
xim_ks_device_row_new (const XimDeviceId *id, guint32 serial, const char *note)
{
  XimKsDeviceRow *row = g_new0 (XimKsDeviceRow, 1);
  row->id = *id;
  row->serial = serial;
  row->note = g_strdup (note);
  return row;
}

void
xim_ks_device_row_free (XimKsDeviceRow *row)
{
  if (row == NULL)
    return;
  g_free (row->note);
  g_free (row);
}

static GPtrArray *
device_rows_new (void)
{
  return g_ptr_array_new_with_free_func (
      (GDestroyNotify)xim_ks_device_row_free);
}

void
xim_ks_record_free (XimKsRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->note);
  g_clear_pointer (&record->devices, g_ptr_array_unref);
  g_free (record);
}

void
xim_ks_account_write_free (XimKsAccountWrite *write)
{
  if (write == NULL)
    return;
  g_free (write->jid);
  g_free (write->note);
  g_clear_pointer (&write->devices, g_ptr_array_unref);
  g_free (write);
}

void
xim_ks_device_write_free (XimKsDeviceWrite *write)
{
  if (write == NULL)
    return;
  g_free (write->jid);
  xim_ks_device_row_free (write->row);
  g_free (write);
}

static XimKsSql *
open_sql (const char *path, gboolean writable, GError **error)
{
  return xim_ks_sql_open (path, writable, statements, N_STATEMENTS, error);
}

static gboolean
fill_new (XimKsSql *sql, const char *domain, const char *origin,
          const char *server_note, GError **error)
{
  g_autofree char *ids = g_strdup_printf (
      "PRAGMA application_id = %d; PRAGMA user_version = %d;",
      XIM_KS_APPLICATION_ID, XIM_KS_SCHEMA_VERSION);
  return xim_ks_sql_exec (sql, "PRAGMA journal_mode = WAL;", error)
         && xim_ks_sql_run (sql, BEGIN, error, "")
         && xim_ks_sql_exec (sql, ids, error)
         && xim_ks_sql_exec (sql, xim_ks_schema, error)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "domain", domain)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "origin", origin)
         && xim_ks_sql_run (sql, PUT_SERVER, error, "it", (gint64)1,
                            server_note)
         && xim_ks_sql_run (sql, COMMIT, error, "");
}

gboolean
xim_ks_store_create (const char *path, const char *domain, const char *origin,
                     const char *server_note, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      XimError code = errno == EEXIST ? XIM_ERROR_CONFLICT : XIM_ERROR_STORE;
      g_set_error (error, XIM_ERROR, (int)code, "cannot make %s: %s", path,
                   g_strerror (errno));
      return FALSE;
    }
  close (fd);
  g_autoptr (XimKsSql) sql = open_sql (path, TRUE, error);
  return sql != NULL && fill_new (sql, domain, origin, server_note, error);
}

static gboolean
check_about (XimKsSql *sql, const char *name, const char *expected,
             GError **error)
{
  g_autofree char *value = NULL;
  if (!xim_ks_sql_rows (sql, ABOUT,
                        (XimKsSqlInto){ xim_ks_sql_keep_text, &value }, error,
                        "t", name))
    return FALSE;
  if (g_strcmp0 (value, expected) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a store with the %s %s, this one has %s", name,
               expected, value == NULL ? "none" : value);
  return FALSE;
}

static gboolean
check_version (XimKsSql *sql, GError **error)
{
  gint64 id = xim_ks_sql_pragma (sql, "application_id");
  gint64 version = xim_ks_sql_pragma (sql, "user_version");
  if (id == XIM_KS_APPLICATION_ID && version == XIM_KS_SCHEMA_VERSION)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "expected a keyserver's store of version %d, this file has the "
               "id %" G_GINT64_FORMAT " and the version %" G_GINT64_FORMAT,
               XIM_KS_SCHEMA_VERSION, id, version);
  return FALSE;
}

/* Two processes on one store would each serve from a memory of their own. */
static gboolean
take_lock (XimKsStore *store, GError **error)
{
  g_autofree char *path = g_strconcat (store->path, ".lock", NULL);
  store->lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (store->lock_fd >= 0 && flock (store->lock_fd, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "cannot lock %s, is another keyserver running? %s", path,
               g_strerror (errno));
  return FALSE;
}

XimKsStore *
xim_ks_store_open (const char *path, const char *domain, const char *origin,
                   GError **error)
{
  g_autoptr (XimKsStore) store = g_new0 (XimKsStore, 1);
  store->path = g_strdup (path);
  store->lock_fd = -1;
  store->readers = g_async_queue_new_full ((GDestroyNotify)xim_ks_sql_free);
  if (!take_lock (store, error))
    return NULL;
  store->writer = open_sql (path, TRUE, error);
  if (store->writer == NULL || !check_version (store->writer, error)
      || !check_about (store->writer, "domain", domain, error)
      || !check_about (store->writer, "origin", origin, error))
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
  if (store->lock_fd >= 0)
    close (store->lock_fd);
  g_free (store->path);
  g_free (store);
}

static XimKsSql *
take_reader (XimKsStore *store, GError **error)
{
  XimKsSql *sql = g_async_queue_try_pop (store->readers);
  return sql != NULL ? sql : open_sql (store->path, FALSE, error);
}

static void
give_reader (XimKsStore *store, XimKsSql *sql)
{
  if (sql != NULL)
    g_async_queue_push (store->readers, sql);
}

static gboolean
keep_record (const XimKsSqlRow *row, gpointer data)
{
  XimKsRecord **record = data;
  *record = g_new0 (XimKsRecord, 1);
  (*record)->version = (guint32)xim_ks_sql_number (row, 0);
  (*record)->note = xim_ks_sql_text (row, 2);
  (*record)->devices = device_rows_new ();
  return (*record)->note != NULL
         && xim_ks_sql_bytes (row, 1, &(*record)->hash, sizeof (XimHash));
}

static gboolean
keep_device (const XimKsSqlRow *row, gpointer data)
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
      = xim_ks_sql_rows (sql, NEWEST, (XimKsSqlInto){ keep_record, record },
                         error, "t", jid)
        && (*record == NULL
            || xim_ks_sql_rows (
                sql, DEVICES,
                (XimKsSqlInto){ keep_device, (*record)->devices }, error, "t",
                jid));
  return xim_ks_sql_run (sql, COMMIT, ok ? error : NULL, "") && ok;
}

gboolean
xim_ks_store_record (XimKsStore *store, const char *jid, XimKsRecord **record,
                     GError **error)
{
  XimKsSql *sql = take_reader (store, error);
  g_autoptr (XimKsRecord) found = NULL;
  gboolean ok = sql != NULL && read_record (sql, jid, &found, error);
  give_reader (store, sql);
  if (ok)
    *record = g_steal_pointer (&found);
  return ok;
}

char *
xim_ks_store_version (XimKsStore *store, const char *jid, guint32 version,
                      GError **error)
{
  XimKsSql *sql = take_reader (store, error);
  char *note = NULL;
  gboolean ok
      = sql != NULL
        && xim_ks_sql_rows (sql, ONE_VERSION,
                            (XimKsSqlInto){ xim_ks_sql_keep_text, &note },
                            error, "ti", jid, (gint64)version);
  give_reader (store, sql);
  if (ok && note == NULL)
    g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                 "this address has no version %u", version);
  return note;
}

char *
xim_ks_store_server_note (XimKsStore *store, guint32 serial, GError **error)
{
  XimKsSql *sql = take_reader (store, error);
  char *note = NULL;
  gboolean ok
      = sql != NULL
        && xim_ks_sql_rows (sql, SERVER_NOTE,
                            (XimKsSqlInto){ xim_ks_sql_keep_text, &note },
                            error, "i", (gint64)serial);
  give_reader (store, sql);
  if (ok && note == NULL)
    g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                 "there is no server note of serial %u", serial);
  return note;
}

static gboolean
keep_listed (const XimKsSqlRow *row, gpointer devices)
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
  XimKsSql *sql = take_reader (store, error);
  gboolean ok = sql != NULL
                && xim_ks_sql_rows (sql, LISTED,
                                    (XimKsSqlInto){ keep_listed, devices },
                                    error, "t", jid);
  give_reader (store, sql);
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

static gboolean
check_turn (XimKsSql *sql, const XimKsAccountWrite *write, guint32 *have,
            GError **error)
{
  gint64 newest = 0, count = 0;
  if (!xim_ks_sql_rows (sql, NEWEST,
                        (XimKsSqlInto){ xim_ks_sql_keep_number, &newest },
                        error, "t", write->jid)
      || !xim_ks_sql_rows (sql, COUNT,
                           (XimKsSqlInto){ xim_ks_sql_keep_number, &count },
                           error, "ti", write->jid, write->accepted_s - DAY_S))
    return FALSE;
  if (newest + 1 != write->version)
    {
      *have = (guint32)newest;
      g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
                   "version %u came while version %" G_GINT64_FORMAT
                   " was the newest",
                   write->version, newest);
      return FALSE;
    }
  if ((guint64)count < write->versions_per_day)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_MANY,
               "this address had its %" G_GUINT64_FORMAT
               " versions of the day already",
               write->versions_per_day);
  return FALSE;
}

static gboolean
put_key (XimKsSql *sql, const char *jid, const XimAccountDevice *device,
         GError **error)
{
  g_autofree char *owner = NULL;
  if (!xim_ks_sql_run (sql, PUT_KEY, error, "ktd", &device->key, jid,
                       &device->id)
      || !xim_ks_sql_rows (sql, KEY_OWNER,
                           (XimKsSqlInto){ xim_ks_sql_keep_text, &owner },
                           error, "k", &device->key))
    return FALSE;
  if (g_strcmp0 (owner, jid) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "a device key is listed for another address");
  return FALSE;
}

static gboolean
is_listed (const XimKsAccountWrite *write, const XimDeviceId *id)
{
  for (guint i = 0; i < write->n_listed; i++)
    if (xim_device_id_compare (&write->listed[i].id, id) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
drop_unlisted (XimKsSql *sql, const XimKsAccountWrite *write, GError **error)
{
  g_autoptr (GPtrArray) rows = device_rows_new ();
  if (!xim_ks_sql_rows (sql, DEVICES, (XimKsSqlInto){ keep_device, rows },
                        error, "t", write->jid))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      const XimKsDeviceRow *row = rows->pdata[i];
      if (!is_listed (write, &row->id)
          && !xim_ks_sql_run (sql, DROP_DEVICE, error, "td", write->jid,
                              &row->id))
        return FALSE;
    }
  return TRUE;
}

static gboolean
put_device (XimKsSql *sql, const char *jid, const XimKsDeviceRow *row,
            GError **error)
{
  return xim_ks_sql_run (sql, PUT_DEVICE, error, "tdit", jid, &row->id,
                         (gint64)row->serial, row->note);
}

gboolean
xim_ks_store_put_account (XimKsStore *store, const XimKsAccountWrite *write,
                          guint32 *have, GError **error)
{
  XimKsSql *sql = store->writer;
  if (!check_turn (sql, write, have, error))
    return FALSE;
  for (guint i = 0; i < write->n_listed; i++)
    if (!put_key (sql, write->jid, &write->listed[i], error))
      return FALSE;
  if (!drop_unlisted (sql, write, error)
      || !xim_ks_sql_run (sql, PUT_ACCOUNT, error, "tikit", write->jid,
                          (gint64)write->version, &write->hash,
                          write->accepted_s, write->note))
    return FALSE;
  for (guint i = 0; i < write->devices->len; i++)
    if (!put_device (sql, write->jid, write->devices->pdata[i], error))
      return FALSE;
  return TRUE;
}

gboolean
xim_ks_store_put_device (XimKsStore *store, const XimKsDeviceWrite *write,
                         guint32 *have, GError **error)
{
  XimKsSql *sql = store->writer;
  g_autoptr (XimKsRecord) newest = NULL;
  gint64 serial = 0;
  if (!xim_ks_sql_rows (sql, NEWEST, (XimKsSqlInto){ keep_record, &newest },
                        error, "t", write->jid)
      || !xim_ks_sql_rows (sql, SERIAL,
                           (XimKsSqlInto){ xim_ks_sql_keep_number, &serial },
                           error, "td", write->jid, &write->row->id))
    return FALSE;
  if (newest != NULL && serial + 1 == write->row->serial
      && memcmp (&newest->hash, &write->account, sizeof newest->hash) == 0)
    return put_device (sql, write->jid, write->row, error);
  *have = (guint32)serial;
  g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
               "the account or the device changed while serial %u came",
               write->row->serial);
  return FALSE;
}
