/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One connection to an SQLite database, with prepared statements. */

#include "config.h"

#include "ks-sql.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

#include "xim-error.h"
#include "xim-limits.h"

#define BUSY_MS 5000

struct _XimKsSql
{
  sqlite3 *db;
  const char *const *texts;
  guint n_statements;
  sqlite3_stmt **prepared;
};

struct _XimKsSqlRow
{
  sqlite3_stmt *statement;
};

static gboolean
failed (const XimKsSql *sql, const char *what, GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "%s: %s", what,
               sqlite3_errmsg (sql->db));
  return FALSE;
}

gboolean
xim_ks_sql_exec (XimKsSql *sql, const char *text, GError **error)
{
  if (sqlite3_exec (sql->db, text, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  return failed (sql, "cannot set up the database", error);
}

XimKsSql *
xim_ks_sql_open (const char *path, gboolean writable,
                 const char *const *statements, guint n_statements,
                 GError **error)
{
  g_autoptr (XimKsSql) sql = g_new0 (XimKsSql, 1);
  sql->texts = statements;
  sql->n_statements = n_statements;
  sql->prepared = g_new0 (sqlite3_stmt *, n_statements);
  int flags = writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (sqlite3_open_v2 (path, &sql->db,
                       flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                       NULL)
      != SQLITE_OK)
    {
      failed (sql, path, error);
      return NULL;
    }
  sqlite3_busy_timeout (sql->db, BUSY_MS);
  if (!xim_ks_sql_exec (sql,
                        "PRAGMA trusted_schema = OFF;"
                        "PRAGMA synchronous = FULL;"
                        "PRAGMA secure_delete = ON;"
                        "PRAGMA cell_size_check = ON;"
                        "PRAGMA journal_size_limit = 67108864;",
                        error))
    return NULL;
  return g_steal_pointer (&sql);
}

void
xim_ks_sql_free (XimKsSql *sql)
{
  if (sql == NULL)
    return;
  for (guint i = 0; i < sql->n_statements; i++)
    sqlite3_finalize (sql->prepared[i]);
  sqlite3_close (sql->db);
  g_free (sql->prepared);
  g_free (sql);
}

static void
bind_piece (sqlite3_stmt *statement, int i, const XimPiece *piece)
{
  if (piece != NULL)
    sqlite3_bind_blob (statement, i, piece->data, (int)piece->len,
                       SQLITE_STATIC);
}

static void
bind (sqlite3_stmt *statement, const char *types, va_list values)
{
  for (int i = 1; types[i - 1] != '\0'; i++)
    switch (types[i - 1])
      {
      case 'i':
        sqlite3_bind_int64 (statement, i, va_arg (values, gint64));
        break;
      case 't':
        sqlite3_bind_text (statement, i, va_arg (values, const char *), -1,
                           SQLITE_STATIC);
        break;
      case 'k':
        sqlite3_bind_blob (statement, i, va_arg (values, const void *),
                           XIM_KEY_LEN, SQLITE_STATIC);
        break;
      case 'd':
        sqlite3_bind_blob (statement, i, va_arg (values, const void *),
                           XIM_DEVICE_ID_LEN, SQLITE_STATIC);
        break;
      case 'b':
        bind_piece (statement, i, va_arg (values, const XimPiece *));
        break;
      default:
        g_assert_not_reached ();
      }
}

static sqlite3_stmt *
prepare (XimKsSql *sql, guint which, GError **error)
{
  sqlite3_stmt **statement = &sql->prepared[which];
  if (*statement == NULL
      && sqlite3_prepare_v3 (sql->db, sql->texts[which], -1,
                             SQLITE_PREPARE_PERSISTENT, statement, NULL)
             != SQLITE_OK)
    failed (sql, "cannot prepare a statement", error);
  return *statement;
}

static gboolean
step_all (XimKsSql *sql, sqlite3_stmt *statement, XimKsSqlInto into,
          GError **error)
{
  XimKsSqlRow row = { statement };
  int result = sqlite3_step (statement);
  gboolean sound = TRUE;
  while (result == SQLITE_ROW && sound)
    {
      sound = into.each != NULL && into.each (&row, into.data);
      if (sound)
        result = sqlite3_step (statement);
    }
  if (!sound)
    g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                 "a row of the database is damaged");
  else if (result != SQLITE_DONE)
    failed (sql, "cannot run a statement", error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return sound && result == SQLITE_DONE;
}

gboolean
xim_ks_sql_run (XimKsSql *sql, guint which, GError **error, const char *types,
                ...)
{
  sqlite3_stmt *statement = prepare (sql, which, error);
  if (statement == NULL)
    return FALSE;
  va_list values;
  va_start (values, types);
  bind (statement, types, values);
  va_end (values);
  return step_all (sql, statement, (XimKsSqlInto){ NULL, NULL }, error);
}

gboolean
xim_ks_sql_rows (XimKsSql *sql, guint which, XimKsSqlInto into, GError **error,
                 const char *types, ...)
{
  sqlite3_stmt *statement = prepare (sql, which, error);
  if (statement == NULL)
    return FALSE;
  va_list values;
  va_start (values, types);
  bind (statement, types, values);
  va_end (values);
  return step_all (sql, statement, into, error);
}

gint64
xim_ks_sql_number (const XimKsSqlRow *row, int column)
{
  return sqlite3_column_int64 (row->statement, column);
}

char *
xim_ks_sql_text (const XimKsSqlRow *row, int column)
{
  return g_strdup ((const char *)sqlite3_column_text (row->statement, column));
}

gboolean
xim_ks_sql_bytes (const XimKsSqlRow *row, int column, void *out, gsize len)
{
  const void *data = sqlite3_column_blob (row->statement, column);
  if (data == NULL
      || (gsize)sqlite3_column_bytes (row->statement, column) != len)
    return FALSE;
  memcpy (out, data, len);
  return TRUE;
}

XimPiece
xim_ks_sql_piece (const XimKsSqlRow *row, int column)
{
  const void *data = sqlite3_column_blob (row->statement, column);
  gsize len = (gsize)sqlite3_column_bytes (row->statement, column);
  return (XimPiece){ data, len };
}

gboolean
xim_ks_sql_keep_text (const XimKsSqlRow *row, gpointer text)
{
  char **kept = text;
  g_free (*kept);
  *kept = xim_ks_sql_text (row, 0);
  return *kept != NULL;
}

gboolean
xim_ks_sql_keep_number (const XimKsSqlRow *row, gpointer number)
{
  *(gint64 *)number = xim_ks_sql_number (row, 0);
  return TRUE;
}

static int
keep_pragma (void *user_data, int n, char **values, char **names)
{
  (void)names;
  gint64 *number = user_data;
  if (n == 1 && values[0] != NULL)
    *number = g_ascii_strtoll (values[0], NULL, 10);
  return 0;
}

gint64
xim_ks_sql_pragma (XimKsSql *sql, const char *name)
{
  gint64 number = 0;
  g_autofree char *text = g_strconcat ("PRAGMA ", name, NULL);
  sqlite3_exec (sql->db, text, keep_pragma, &number, NULL);
  return number;
}

static int
add_statement (void *user_data, int n, char **values, char **names)
{
  (void)names;
  if (n == 1 && values[0] != NULL)
    g_string_append_printf (user_data, "%s;\n", values[0]);
  return 0;
}

gboolean
xim_ks_sql_check_schema (XimKsSql *sql, GError **error)
{
  g_autoptr (GString) schema = g_string_new (NULL);
  if (sqlite3_exec (sql->db, "SELECT sql FROM sqlite_schema ORDER BY rowid",
                    add_statement, schema, NULL)
      != SQLITE_OK)
    return failed (sql, "cannot read its tables", error);
  g_autoptr (XimKsSql) copy
      = xim_ks_sql_open (":memory:", TRUE, NULL, 0, error);
  return copy != NULL && xim_ks_sql_exec (copy, schema->str, error);
}

gboolean
xim_ks_sql_checkpoint (XimKsSql *sql, GError **error)
{
  if (sqlite3_wal_checkpoint_v2 (sql->db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                 NULL, NULL)
      == SQLITE_OK)
    return TRUE;
  return failed (sql, "cannot empty the write-ahead log", error);
}

gboolean
xim_ks_sql_in_transaction (const XimKsSql *sql)
{
  return !sqlite3_get_autocommit (sql->db);
}
