/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A new key's line under all newest notes of a store. */

#include "config.h"

#include "ks-resign.h"

#include <string.h>

#include "xim-error.h"

#include "ks-sql.h"

#define BATCH "500" /* addresses in a transaction */

typedef enum
{
  BEGIN,
  COMMIT,
  SERVER_NOTE,
  PUT_SERVER,
  ACCOUNTS,
  DEVICES,
  SET_ACCOUNT,
  SET_DEVICE,
  N_STATEMENTS,
} Statement;

static const char *const statements[N_STATEMENTS] = {
  [BEGIN] = "BEGIN IMMEDIATE",
  [COMMIT] = "COMMIT",
  [SERVER_NOTE] = "SELECT note FROM server_notes"
                  " WHERE serial = ?1 OR ?1 = 0 ORDER BY serial DESC LIMIT 1",
  [PUT_SERVER] = "INSERT INTO server_notes (serial, note) VALUES (?1, ?2)",
  [ACCOUNTS] = "SELECT jid, max (version), note FROM accounts WHERE jid > ?1"
               " GROUP BY jid ORDER BY jid LIMIT " BATCH,
  [DEVICES] = "SELECT jid, id, note FROM devices"
              " WHERE jid > ?1 AND jid <= ?2 ORDER BY jid, id",
  [SET_ACCOUNT]
  = "UPDATE accounts SET note = ?3 WHERE jid = ?1 AND version = ?2",
  [SET_DEVICE] = "UPDATE devices SET note = ?3 WHERE jid = ?1 AND id = ?2",
};

struct _XimKsResign
{
  XimKsSql *sql;
  XimServer *newest;
  XimVerifyKey *before; /* (nullable): of the server note before the newest */
};

/* One stored note: of an account, or of a device. */
typedef struct
{
  char *jid;
  gint64 version;
  XimDeviceId id;
  char *note;
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;
  g_free (row->jid);
  g_free (row->note);
  g_free (row);
}

static gboolean
read_server (XimKsSql *sql, guint32 serial, XimServer **server, GError **error)
{
  g_autofree char *text = NULL;
  if (!xim_ks_sql_rows (sql, SERVER_NOTE,
                        (XimKsSqlInto){ xim_ks_sql_keep_text, &text }, error,
                        "i", (gint64)serial))
    return FALSE;
  g_autoptr (XimNote) note
      = text != NULL ? xim_note_decode (text, strlen (text), NULL) : NULL;
  *server = note != NULL ? xim_server_decode (note, NULL) : NULL;
  if (*server != NULL)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "expected a server note in the store, found none of use");
  return FALSE;
}

static gboolean
read_before (XimKsResign *resign, GError **error)
{
  g_autoptr (XimServer) before = NULL;
  if (resign->newest->serial == 1)
    return TRUE;
  if (!read_server (resign->sql, resign->newest->serial - 1, &before, error))
    return FALSE;
  resign->before = xim_verify_key_copy (before->key);
  return TRUE;
}

XimKsResign *
xim_ks_resign_new (const char *path, GError **error)
{
  g_autoptr (XimKsResign) resign = g_new0 (XimKsResign, 1);
  resign->sql = xim_ks_sql_open (path, TRUE, statements, N_STATEMENTS, error);
  if (resign->sql == NULL
      || !read_server (resign->sql, 0, &resign->newest, error)
      || !read_before (resign, error))
    return NULL;
  return g_steal_pointer (&resign);
}

void
xim_ks_resign_free (XimKsResign *resign)
{
  if (resign == NULL)
    return;
  xim_ks_sql_free (resign->sql);
  xim_server_free (resign->newest);
  xim_verify_key_free (resign->before);
  g_free (resign);
}

const XimServer *
xim_ks_resign_newest (const XimKsResign *resign)
{
  return resign->newest;
}

static gboolean
keep_account (const XimKsSqlRow *row, gpointer rows)
{
  Row *kept = g_new0 (Row, 1);
  g_ptr_array_add (rows, kept);
  kept->jid = xim_ks_sql_text (row, 0);
  kept->version = xim_ks_sql_number (row, 1);
  kept->note = xim_ks_sql_text (row, 2);
  return kept->jid != NULL && kept->note != NULL;
}

static gboolean
keep_device (const XimKsSqlRow *row, gpointer rows)
{
  Row *kept = g_new0 (Row, 1);
  g_ptr_array_add (rows, kept);
  kept->jid = xim_ks_sql_text (row, 0);
  kept->note = xim_ks_sql_text (row, 2);
  return kept->jid != NULL && kept->note != NULL
         && xim_ks_sql_bytes (row, 1, &kept->id, sizeof kept->id);
}

/* Returns: (transfer full): @text with the line of @next, or NULL when the old
 * key did not sign it: the new one must not make good what was not. */
static char *
sign (const XimKsResign *resign, XimKsPen *next, const char *text)
{
  const XimVerifyKey *old = resign->newest->key;
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), NULL);
  if (note == NULL || !xim_note_verify (note, &old, 1, NULL, NULL))
    return NULL;
  if (resign->before != NULL)
    xim_note_drop (note, resign->before);
  xim_note_drop (note, xim_ks_pen_public (next));
  g_autofree char *line = xim_ks_pen_again (next, xim_note_text (note), NULL);
  g_autofree char *kept = xim_note_encode (note);
  return line != NULL ? g_strconcat (kept, line, NULL) : NULL;
}

static gboolean
sign_accounts (XimKsResign *resign, XimKsPen *next, const GPtrArray *rows,
               XimKsResignCount *count, GError **error)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = rows->pdata[i];
      g_autofree char *note = sign (resign, next, row->note);
      if (note == NULL)
        count->damaged++;
      else if (xim_ks_sql_run (resign->sql, SET_ACCOUNT, error, "tit",
                               row->jid, row->version, note))
        count->accounts++;
      else
        return FALSE;
    }
  return TRUE;
}

static gboolean
sign_devices (XimKsResign *resign, XimKsPen *next, const GPtrArray *rows,
              XimKsResignCount *count, GError **error)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = rows->pdata[i];
      g_autofree char *note = sign (resign, next, row->note);
      if (note == NULL)
        count->damaged++;
      else if (xim_ks_sql_run (resign->sql, SET_DEVICE, error, "tdt", row->jid,
                               &row->id, note))
        count->devices++;
      else
        return FALSE;
    }
  return TRUE;
}

/* @last: the last address that is done; moved on, or NULL when all are */
static gboolean
sign_batch (XimKsResign *resign, XimKsPen *next, char **last,
            XimKsResignCount *count, GError **error)
{
  g_autoptr (GPtrArray) accounts = g_ptr_array_new_with_free_func (row_free);
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (row_free);
  g_autofree char *first = g_steal_pointer (last);
  if (!xim_ks_sql_rows (resign->sql, ACCOUNTS,
                        (XimKsSqlInto){ keep_account, accounts }, error, "t",
                        first))
    return FALSE;
  if (accounts->len == 0)
    return TRUE;
  const Row *end = accounts->pdata[accounts->len - 1];
  *last = g_strdup (end->jid);
  return xim_ks_sql_rows (resign->sql, DEVICES,
                          (XimKsSqlInto){ keep_device, devices }, error, "tt",
                          first, *last)
         && xim_ks_sql_run (resign->sql, BEGIN, error, "")
         && sign_accounts (resign, next, accounts, count, error)
         && sign_devices (resign, next, devices, count, error)
         && xim_ks_sql_run (resign->sql, COMMIT, error, "");
}

gboolean
xim_ks_resign_notes (XimKsResign *resign, XimKsPen *next,
                     XimKsResignCount *count, GError **error)
{
  g_autofree char *last = g_strdup ("");
  *count = (XimKsResignCount){ 0, 0, 0 };
  while (last != NULL)
    if (!sign_batch (resign, next, &last, count, error))
      return FALSE;
  return TRUE;
}

gboolean
xim_ks_resign_finish (XimKsResign *resign, const char *note, GError **error)
{
  g_autoptr (XimNote) decoded = xim_note_decode (note, strlen (note), error);
  g_autoptr (XimServer) server
      = decoded != NULL ? xim_server_decode (decoded, error) : NULL;
  return server != NULL
         && xim_server_check (server, resign->newest->domain, resign->newest,
                              error)
         && xim_ks_sql_run (resign->sql, PUT_SERVER, error, "it",
                            (gint64)server->serial, note);
}
