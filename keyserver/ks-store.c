/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The store: server notes, every account version, newest device notes. */

#include "config.h"

#include "ks-store.h"

#include <string.h>

#include "xim-error.h"

#include "ks-sql.h"
#include "ks-statements.h"
#include "ks-tag.h"

#define DAY_S 86400

struct _XimKsStore
{
  char *path;
  const XimSecret *members;
  XimKsSql *writer;
  GAsyncQueue *readers; /* of Link, those that are idle */
};

static XimKsSql *
open_sql (const char *path, gboolean writable, GError **error)
{
  return xim_ks_sql_open (path, writable, statements, N_STATEMENTS, error);
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
  (*record)->devices = xim_ks_device_rows_new ();
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
keep_erased (const XimKsSqlRow *row, gpointer data)
{
  XimKsErased *erased = data;
  erased->version = (guint32)xim_ks_sql_number (row, 0);
  return xim_ks_sql_bytes (row, 1, &erased->hash, sizeof erased->hash);
}

static gboolean
read_erased (XimKsSql *sql, const XimHash *member, XimKsErased *erased,
             GError **error)
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
  XimKsSql *sql = take_reader (store, error);
  gboolean ok = sql != NULL && read_erased (sql, &member, erased, error);
  give_reader (store, sql);
  return ok;
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

/* What is stored of an address when one more version comes. */
typedef struct
{
  const char *jid;
  XimHash member;
  gint64 newest;   /* version, also of an erasure; 0: none */
  gboolean erased; /* the newest is an erasure */
  gint64 n_today;  /* versions of the last 24 hours */
} Turn;

static gboolean
read_newest (XimKsSql *sql, Turn *turn, GError **error)
{
  XimKsErased erased;
  if (!xim_ks_sql_rows (
          sql, NEWEST, (XimKsSqlInto){ xim_ks_sql_keep_number, &turn->newest },
          error, "t", turn->jid))
    return FALSE;
  if (turn->newest != 0)
    return TRUE;
  if (!read_erased (sql, &turn->member, &erased, error))
    return FALSE;
  turn->newest = erased.version;
  turn->erased = erased.version != 0;
  return TRUE;
}

static gboolean
read_turn (XimKsStore *store, const char *jid, gint64 now_s, Turn *turn,
           GError **error)
{
  gint64 before = 0;
  *turn = (Turn){ .jid = jid };
  xim_ks_tag_member (store->members, jid, &turn->member);
  if (!read_newest (store->writer, turn, error)
      || !xim_ks_sql_rows (
          store->writer, COUNT,
          (XimKsSqlInto){ xim_ks_sql_keep_number, &turn->n_today }, error,
          "ti", jid, now_s - DAY_S)
      || !xim_ks_sql_rows (store->writer, ERASED_TODAY,
                           (XimKsSqlInto){ xim_ks_sql_keep_number, &before },
                           error, "ki", &turn->member, now_s - DAY_S))
    return FALSE;
  turn->n_today += before;
  return TRUE;
}

static gboolean
check_turn (const Turn *turn, guint32 version, guint64 versions_per_day,
            guint32 *have, GError **error)
{
  if (turn->newest + 1 != version)
    {
      *have = (guint32)turn->newest;
      g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
                   "version %u came while version %" G_GINT64_FORMAT
                   " was the newest",
                   version, turn->newest);
      return FALSE;
    }
  if ((guint64)turn->n_today < versions_per_day)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_MANY,
               "this address had its %" G_GUINT64_FORMAT
               " versions of the day already",
               versions_per_day);
  return FALSE;
}

/* The tags under which @device of @jid is remembered when it is erased. */
static void
tags_of (const XimKsStore *store, const char *jid,
         const XimAccountDevice *device, XimHash tags[2])
{
  xim_ks_tag_device (store->members, jid, &device->id, &tags[0]);
  xim_ks_tag_key (store->members, &device->key, &tags[1]);
}

static gboolean
check_not_erased (XimKsStore *store, const char *jid,
                  const XimAccountDevice *device, GError **error)
{
  XimHash tags[2];
  tags_of (store, jid, device, tags);
  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      gint64 found = 0;
      if (!xim_ks_sql_rows (store->writer, ERASED_DEVICE,
                            (XimKsSqlInto){ xim_ks_sql_keep_number, &found },
                            error, "k", &tags[i]))
        return FALSE;
      if (found == 0)
        continue;
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected a new id and key, got one that was erased");
      return FALSE;
    }
  return TRUE;
}

static gboolean
put_key (XimKsStore *store, const char *jid, const XimAccountDevice *device,
         GError **error)
{
  g_autofree char *owner = NULL;
  if (!xim_ks_sql_rows (store->writer, KEY_OWNER,
                        (XimKsSqlInto){ xim_ks_sql_keep_text, &owner }, error,
                        "k", &device->key))
    return FALSE;
  if (owner == NULL)
    return check_not_erased (store, jid, device, error)
           && xim_ks_sql_run (store->writer, PUT_KEY, error, "ktd",
                              &device->key, jid, &device->id);
  if (strcmp (owner, jid) == 0)
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
  g_autoptr (GPtrArray) rows = xim_ks_device_rows_new ();
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
  Turn turn;
  if (!read_turn (store, write->jid, write->accepted_s, &turn, error)
      || !check_turn (&turn, write->version, write->versions_per_day, have,
                      error))
    return FALSE;
  *have = (guint32)turn.newest;
  for (guint i = 0; i < write->n_listed; i++)
    if (!put_key (store, write->jid, &write->listed[i], error))
      return FALSE;
  if (turn.erased
      && !xim_ks_sql_run (sql, DROP_ERASED, error, "k", &turn.member))
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

static gboolean
remember_devices (XimKsStore *store, const char *jid, GError **error)
{
  g_autoptr (GArray) devices
      = g_array_new (FALSE, FALSE, sizeof (XimAccountDevice));
  if (!xim_ks_sql_rows (store->writer, LISTED,
                        (XimKsSqlInto){ keep_listed, devices }, error, "t",
                        jid))
    return FALSE;
  for (guint i = 0; i < devices->len; i++)
    {
      XimHash tags[2];
      tags_of (store, jid, &g_array_index (devices, XimAccountDevice, i),
               tags);
      if (!xim_ks_sql_run (store->writer, PUT_ERASED_DEVICE, error, "k",
                           &tags[0])
          || !xim_ks_sql_run (store->writer, PUT_ERASED_DEVICE, error, "k",
                              &tags[1]))
        return FALSE;
    }
  return TRUE;
}

gboolean
xim_ks_store_put_erase (XimKsStore *store, const XimKsEraseWrite *write,
                        guint32 *have, GError **error)
{
  XimKsSql *sql = store->writer;
  Turn turn;
  if (!read_turn (store, write->jid, write->accepted_s, &turn, error)
      || !check_turn (&turn, write->version, write->versions_per_day, have,
                      error))
    return FALSE;
  return remember_devices (store, write->jid, error)
         && xim_ks_sql_run (sql, DROP_ACCOUNTS, error, "t", write->jid)
         && xim_ks_sql_run (sql, DROP_DEVICES, error, "t", write->jid)
         && xim_ks_sql_run (sql, DROP_KEYS, error, "t", write->jid)
         && xim_ks_sql_run (sql, PUT_ERASED, error, "kik", &turn.member,
                            (gint64)write->version, &write->hash)
         && xim_ks_sql_run (sql, DROP_ERASED_BEFORE, error, "i",
                            write->accepted_s - DAY_S)
         && xim_ks_sql_run (sql, PUT_ERASED_TODAY, error, "kii", &turn.member,
                            write->accepted_s, turn.n_today + 1)
         && xim_ks_sql_run (sql, PUT_SWEEP, error, "");
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
