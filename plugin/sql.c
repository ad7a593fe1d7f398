/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* SQLite: a file, its statements and their rows; only store.c uses it. */

#include "config.h"

#include "sql.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xim-error.h"

struct _XimSql
{
  char *name; /* of the file, for errors */
  sqlite3 *db;
  GHashTable *queries; /* address of the text -> XimSqlQuery */
};

struct _XimSqlQuery
{
  XimSql *sql;
  sqlite3_stmt *statement;
};

static void
set_sql_error (XimSql *sql, const char *what, GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "%s of %s should work: %s",
               what, sql->name, sqlite3_errmsg (sql->db));
}

/* SQLite gives journals the mode of their database, so this sets all. */
static gboolean
make_file (const char *path, GError **error)
{
  int fd = g_open (path, O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
  gboolean ok = fd >= 0 && fchmod (fd, 0600) == 0;
  if (!ok)
    g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                 "%s should be a file of ours with mode 0600: %s", path,
                 g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
read_version (XimSql *sql, int *version, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean ok = sqlite3_prepare_v2 (sql->db, "PRAGMA user_version", -1,
                                    &statement, NULL)
                    == SQLITE_OK
                && sqlite3_step (statement) == SQLITE_ROW;
  if (ok)
    *version = sqlite3_column_int (statement, 0);
  else
    set_sql_error (sql, "reading the version", error);
  sqlite3_finalize (statement);
  return ok;
}

static gboolean
set_up (XimSql *sql, const char *const *schema, GError **error)
{
  int found = 0;
  int version = 0;
  while (schema[version] != NULL)
    version++;
  if (!read_version (sql, &found, error))
    return FALSE;
  if (found == version)
    return TRUE;
  if (found < 0 || found > version)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "%s should have version %d at most, has %d", sql->name,
                   version, found);
      return FALSE;
    }
  g_autoptr (GString) script = g_string_new ("BEGIN IMMEDIATE; ");
  for (int i = found; i < version; i++)
    g_string_append (script, schema[i]);
  g_string_append_printf (script, " PRAGMA user_version = %d; COMMIT;",
                          version);
  return xim_sql_script (sql, script->str, error);
}

static void
query_free (gpointer data)
{
  XimSqlQuery *query = data;
  sqlite3_finalize (query->statement);
  g_free (query);
}

XimSql *
xim_sql_open (const char *path, const char *settings,
              const char *const *schema, GError **error)
{
  if (!make_file (path, error))
    return NULL;
  XimSql *sql = g_new0 (XimSql, 1);
  sql->name = g_path_get_basename (path);
  sql->queries = g_hash_table_new_full (NULL, NULL, NULL, query_free);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_PRIVATECACHE;
  gboolean ok = sqlite3_open_v2 (path, &sql->db, flags, NULL) == SQLITE_OK;
  if (!ok)
    set_sql_error (sql, "opening", error);
  else
    sqlite3_db_config (sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (ok && xim_sql_script (sql, settings, error)
      && set_up (sql, schema, error))
    return sql;
  xim_sql_free (sql);
  return NULL;
}

void
xim_sql_free (XimSql *sql)
{
  if (sql == NULL)
    return;
  g_hash_table_unref (sql->queries);
  sqlite3_close (sql->db);
  g_free (sql->name);
  g_free (sql);
}

gboolean
xim_sql_script (XimSql *sql, const char *script, GError **error)
{
  if (sqlite3_exec (sql->db, script, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  set_sql_error (sql, "a script", error);
  return FALSE;
}

gboolean
xim_sql_in_transaction (XimSql *sql)
{
  return !sqlite3_get_autocommit (sql->db);
}

gint64
xim_sql_last_id (XimSql *sql)
{
  return sqlite3_last_insert_rowid (sql->db);
}

static XimSqlQuery *
prepare (XimSql *sql, const char *text, GError **error)
{
  XimSqlQuery *query = g_hash_table_lookup (sql->queries, text);
  if (query != NULL)
    return query;
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v3 (sql->db, text, -1, SQLITE_PREPARE_PERSISTENT,
                          &statement, NULL)
      != SQLITE_OK)
    {
      set_sql_error (sql, "preparing a statement", error);
      return NULL;
    }
  query = g_new0 (XimSqlQuery, 1);
  query->sql = sql;
  query->statement = statement;
  g_hash_table_insert (sql->queries, (gpointer)text, query);
  return query;
}

static int
bind_one (sqlite3_stmt *statement, int i, char type, va_list *values)
{
  if (type == 'i')
    return sqlite3_bind_int64 (statement, i, va_arg (*values, gint64));
  if (type == 's')
    return sqlite3_bind_text (statement, i, va_arg (*values, const char *), -1,
                              SQLITE_TRANSIENT);
  gsize len = 0;
  gconstpointer data = g_bytes_get_data (va_arg (*values, GBytes *), &len);
  return sqlite3_bind_blob64 (statement, i, data != NULL ? data : "", len,
                              SQLITE_TRANSIENT);
}

XimSqlQuery *
xim_sql_query (XimSql *sql, GError **error, const char *text,
               const char *types, ...)
{
  XimSqlQuery *query = prepare (sql, text, error);
  if (query == NULL)
    return NULL;
  int result = SQLITE_OK;
  va_list values;
  va_start (values, types);
  for (int i = 0; types[i] != '\0' && result == SQLITE_OK; i++)
    result = bind_one (query->statement, i + 1, types[i], &values);
  va_end (values);
  if (result == SQLITE_OK)
    return query;
  set_sql_error (sql, "binding values", error);
  xim_sql_query_end (query);
  return NULL;
}

gboolean
xim_sql_query_row (XimSqlQuery *query, gboolean *row, GError **error)
{
  int result = sqlite3_step (query->statement);
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    {
      set_sql_error (query->sql, "a statement", error);
      return FALSE;
    }
  *row = result == SQLITE_ROW;
  return TRUE;
}

gboolean
xim_sql_query_run (XimSqlQuery *query, GError **error)
{
  gboolean row = FALSE;
  gboolean ok = query != NULL && xim_sql_query_row (query, &row, error);
  xim_sql_query_end (query);
  return ok;
}

void
xim_sql_query_end (XimSqlQuery *query)
{
  if (query == NULL)
    return;
  sqlite3_reset (query->statement);
  sqlite3_clear_bindings (query->statement);
}

gint64
xim_sql_int (XimSqlQuery *query, int column)
{
  return sqlite3_column_int64 (query->statement, column);
}

char *
xim_sql_text (XimSqlQuery *query, int column)
{
  return g_strdup (
      (const char *)sqlite3_column_text (query->statement, column));
}

GBytes *
xim_sql_bytes (XimSqlQuery *query, int column)
{
  gconstpointer data = sqlite3_column_blob (query->statement, column);
  int len = sqlite3_column_bytes (query->statement, column);
  return g_bytes_new (data, (gsize)len);
}

gboolean
xim_sql_exact (XimSqlQuery *query, int column, guint8 *out, gsize out_len,
               const char *what, GError **error)
{
  gconstpointer data = sqlite3_column_blob (query->statement, column);
  gsize len = (gsize)sqlite3_column_bytes (query->statement, column);
  if (data == NULL || len != out_len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "%s in %s should have %" G_GSIZE_FORMAT
                   " bytes, has %" G_GSIZE_FORMAT,
                   what, query->sql->name, out_len, len);
      return FALSE;
    }
  memcpy (out, data, len);
  return TRUE;
}
