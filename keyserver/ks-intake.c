/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the store takes in, and what it refuses. */

#include "config.h"

#include "ks-intake.h"

#include <string.h>

#include "xim-error.h"

#include "ks-pending.h"
#include "ks-store-inner.h"
#include "ks-tag.h"

#define DAY_S 86400

/* What is stored of an address when one more version comes. */
typedef struct
{
  const char *jid;
  XimHash member;
  gint64 newest;    /* version, also of an erasure; 0: none */
  gboolean waiting; /* the newest is not published yet */
  gint64 n_today;   /* versions of the last 24 hours */
} Turn;

static gboolean
read_newest (XimKsSql *sql, Turn *turn, GError **error)
{
  XimKsErased erased;
  XimKsSqlInto into = { xim_ks_sql_keep_number, &turn->newest };
  if (!xim_ks_sql_rows (sql, PENDING_OF, into, error, "t", turn->jid))
    return FALSE;
  turn->waiting = turn->newest != 0;
  if (turn->waiting)
    return TRUE;
  if (!xim_ks_sql_rows (sql, NEWEST, into, error, "t", turn->jid))
    return FALSE;
  if (turn->newest != 0)
    return TRUE;
  if (!xim_ks_store_read_erased (sql, &turn->member, &erased, error))
    return FALSE;
  turn->newest = erased.version;
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
  if (turn->waiting || turn->newest + 1 != version)
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
read_owner (XimKsSql *sql, const XimEd25519Public *key, char **owner,
            GError **error)
{
  XimKsSqlInto into = { xim_ks_sql_keep_text, owner };
  return xim_ks_sql_rows (sql, KEY_OWNER, into, error, "k", key)
         && (*owner != NULL
             || xim_ks_sql_rows (sql, PENDING_KEY, into, error, "k", key));
}

static gboolean
put_key (XimKsStore *store, const char *jid, const XimAccountDevice *device,
         GError **error)
{
  g_autofree char *owner = NULL;
  if (!read_owner (store->writer, &device->key, &owner, error))
    return FALSE;
  if (owner == NULL)
    {
      XimKsPending pending = {
        .kind = XIM_KS_PENDING_KEY,
        .jid = (char *)jid,
        .id = device->id,
        .key = device->key,
      };
      return check_not_erased (store, jid, device, error)
             && xim_ks_pending_put (store, &pending, error);
    }
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
drop_unlisted (XimKsStore *store, const XimKsAccountWrite *write,
               GError **error)
{
  g_autoptr (GPtrArray) rows = xim_ks_device_rows_new ();
  if (!xim_ks_sql_rows (store->writer, DEVICES,
                        (XimKsSqlInto){ xim_ks_store_keep_device, rows },
                        error, "t", write->jid))
    return FALSE;
  for (guint i = 0; i < rows->len; i++)
    {
      const XimKsDeviceRow *row = rows->pdata[i];
      XimKsPending pending = {
        .kind = XIM_KS_PENDING_DROP,
        .jid = write->jid,
        .id = row->id,
      };
      if (!is_listed (write, &row->id)
          && !xim_ks_pending_put (store, &pending, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
put_device (XimKsStore *store, const char *jid, const XimKsDeviceRow *row,
            GError **error)
{
  XimKsPending pending = {
    .kind = XIM_KS_PENDING_DEVICE,
    .jid = (char *)jid,
    .number = row->serial,
    .id = row->id,
    .note = row->note,
  };
  return xim_ks_pending_put (store, &pending, error);
}

static gboolean
put_account (XimKsStore *store, const XimKsAccountWrite *write, GError **error)
{
  XimKsPending pending = {
    .kind = XIM_KS_PENDING_ACCOUNT,
    .jid = write->jid,
    .number = write->version,
    .hash = write->hash,
    .accepted_s = write->accepted_s,
    .note = write->note,
    .entry = { write->entry, sizeof write->entry },
    .logged = write->logged,
  };
  return xim_ks_pending_put (store, &pending, error);
}

gboolean
xim_ks_intake_account (XimKsStore *store, const XimKsAccountWrite *write,
                       guint32 *have, GError **error)
{
  Turn turn;
  if (!read_turn (store, write->jid, write->accepted_s, &turn, error)
      || !check_turn (&turn, write->version, write->versions_per_day, have,
                      error))
    return FALSE;
  *have = (guint32)turn.newest;
  for (guint i = 0; i < write->n_listed; i++)
    if (!put_key (store, write->jid, &write->listed[i], error))
      return FALSE;
  if (!drop_unlisted (store, write, error)
      || !put_account (store, write, error))
    return FALSE;
  for (guint i = 0; i < write->devices->len; i++)
    if (!put_device (store, write->jid, write->devices->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* @serial: (out): of the note that is stored or waits */
static gboolean
read_serial (XimKsSql *sql, const XimKsDeviceWrite *write, gint64 *serial,
             GError **error)
{
  XimKsSqlInto into = { xim_ks_sql_keep_number, serial };
  return xim_ks_sql_rows (sql, SERIAL, into, error, "td", write->jid,
                          &write->row->id)
         && xim_ks_sql_rows (sql, PENDING_DEVICE, into, error, "td",
                             write->jid, &write->row->id);
}

gboolean
xim_ks_intake_device (XimKsStore *store, const XimKsDeviceWrite *write,
                      guint32 *have, GError **error)
{
  XimKsSql *sql = store->writer;
  g_autoptr (XimKsRecord) newest = NULL;
  gint64 serial = 0, waiting = 0;
  if (!xim_ks_sql_rows (sql, NEWEST,
                        (XimKsSqlInto){ xim_ks_store_keep_record, &newest },
                        error, "t", write->jid)
      || !xim_ks_sql_rows (sql, PENDING_OF,
                           (XimKsSqlInto){ xim_ks_sql_keep_number, &waiting },
                           error, "t", write->jid)
      || !read_serial (sql, write, &serial, error))
    return FALSE;
  if (newest != NULL && waiting == 0 && serial + 1 == write->row->serial
      && memcmp (&newest->hash, &write->account, sizeof newest->hash) == 0)
    return put_device (store, write->jid, write->row, error);
  *have = (guint32)serial;
  g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
               "the account or the device changed while serial %u came",
               write->row->serial);
  return FALSE;
}

gboolean
xim_ks_intake_erase (XimKsStore *store, const XimKsEraseWrite *write,
                     guint32 *have, GError **error)
{
  Turn turn;
  XimKsPending pending = {
    .kind = XIM_KS_PENDING_ERASE,
    .jid = write->jid,
    .number = write->version,
    .hash = write->hash,
    .accepted_s = write->accepted_s,
    .note = write->text,
    .entry = { write->entry, sizeof write->entry },
  };
  return read_turn (store, write->jid, write->accepted_s, &turn, error)
         && check_turn (&turn, write->version, write->versions_per_day, have,
                        error)
         && xim_ks_pending_put (store, &pending, error);
}
