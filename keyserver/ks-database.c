/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The file of the store: made, locked, checked, brought up to date. */

#include "config.h"

#include "ks-database.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-schema.h"
#include "ks-sql.h"
#include "ks-tag.h"

typedef enum
{
  BEGIN,
  COMMIT,
  ABOUT,
  PUT_ABOUT,
  PUT_SERVER,
  N_STATEMENTS,
} Statement;

static const char *const statements[N_STATEMENTS] = {
  [BEGIN] = "BEGIN IMMEDIATE",
  [COMMIT] = "COMMIT",
  [ABOUT] = "SELECT value FROM about WHERE name = ?1",
  [PUT_ABOUT] = "INSERT INTO about (name, value) VALUES (?1, ?2)",
  [PUT_SERVER] = "INSERT INTO server_notes (serial, note) VALUES (?1, ?2)",
};

static XimKsSql *
open_sql (const char *path, GError **error)
{
  return xim_ks_sql_open (path, TRUE, statements, N_STATEMENTS, error);
}

static gboolean
set_version (XimKsSql *sql, GError **error)
{
  g_autofree char *ids = g_strdup_printf (
      "PRAGMA application_id = %d; PRAGMA user_version = %d;",
      XIM_KS_APPLICATION_ID, XIM_KS_DATABASE_VERSION);
  return xim_ks_sql_exec (sql, ids, error);
}

static gboolean
fill_new (XimKsSql *sql, const XimKsDatabaseOwner *owner,
          const char *server_note, GError **error)
{
  g_autofree char *mark = xim_ks_tag_mark (owner->members);
  return xim_ks_sql_exec (sql, "PRAGMA journal_mode = WAL;", error)
         && xim_ks_sql_run (sql, BEGIN, error, "") && set_version (sql, error)
         && xim_ks_sql_exec (sql, xim_ks_schema, error)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "domain",
                            owner->domain)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "origin",
                            owner->origin)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "members", mark)
         && xim_ks_sql_run (sql, PUT_SERVER, error, "it", (gint64)1,
                            server_note)
         && xim_ks_sql_run (sql, COMMIT, error, "");
}

gboolean
xim_ks_database_create (const char *path, const XimKsDatabaseOwner *owner,
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
  g_autoptr (XimKsSql) sql = open_sql (path, error);
  return sql != NULL && fill_new (sql, owner, server_note, error);
}

int
xim_ks_database_lock (const char *path, GError **error)
{
  g_autofree char *name = g_strconcat (path, ".lock", NULL);
  int fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "cannot lock %s, is another keyserver running? %s", name,
               g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
read_about (XimKsSql *sql, const char *name, char **value, GError **error)
{
  return xim_ks_sql_rows (sql, ABOUT,
                          (XimKsSqlInto){ xim_ks_sql_keep_text, value }, error,
                          "t", name);
}

static gboolean
check_about (XimKsSql *sql, const char *name, const char *expected,
             GError **error)
{
  g_autofree char *value = NULL;
  if (!read_about (sql, name, &value, error))
    return FALSE;
  if (g_strcmp0 (value, expected) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected a store with the %s %s, this one has %s", name,
               expected, value == NULL ? "none" : value);
  return FALSE;
}

static gboolean
check_members (XimKsSql *sql, const XimSecret *members, GError **error)
{
  g_autofree char *mark = xim_ks_tag_mark (members);
  g_autofree char *value = NULL;
  if (!read_about (sql, "members", &value, error))
    return FALSE;
  if (g_strcmp0 (value, mark) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "the file `members` among the keys is not the one under which "
               "this store remembers who left; restore it");
  return FALSE;
}

/* In version 1 nobody could leave yet. */
static gboolean
add_erased (XimKsSql *sql, const XimKsDatabaseOwner *owner, GError **error)
{
  g_autofree char *mark = xim_ks_tag_mark (owner->members);
  return xim_ks_sql_exec (sql, XIM_KS_SCHEMA_ERASED, error)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "members", mark)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "sweep", "yes");
}

static gboolean
migrate (XimKsSql *sql, gint64 version, const XimKsDatabaseOwner *owner,
         GError **error)
{
  return xim_ks_sql_run (sql, BEGIN, error, "")
         && (version > 1 || add_erased (sql, owner, error))
         && xim_ks_sql_exec (sql, XIM_KS_SCHEMA_TO_3 XIM_KS_SCHEMA_LOG, error)
         && set_version (sql, error)
         && xim_ks_sql_run (sql, COMMIT, error, "");
}

static gboolean
check_version (XimKsSql *sql, gint64 *version, GError **error)
{
  gint64 id = xim_ks_sql_pragma (sql, "application_id");
  *version = xim_ks_sql_pragma (sql, "user_version");
  if (id == XIM_KS_APPLICATION_ID && *version >= 1
      && *version <= XIM_KS_DATABASE_VERSION)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "expected a keyserver's store of version 1 to %d, this file "
               "has the id %" G_GINT64_FORMAT " and the version "
               "%" G_GINT64_FORMAT,
               XIM_KS_DATABASE_VERSION, id, *version);
  return FALSE;
}

gboolean
xim_ks_database_check (const char *path, const XimKsDatabaseOwner *owner,
                       GError **error)
{
  gint64 version = 0;
  g_autoptr (XimKsSql) sql = open_sql (path, error);
  return sql != NULL && check_version (sql, &version, error)
         && check_about (sql, "domain", owner->domain, error)
         && check_about (sql, "origin", owner->origin, error)
         && (version == XIM_KS_DATABASE_VERSION
             || migrate (sql, version, owner, error))
         && check_members (sql, owner->members, error)
         && xim_ks_sql_checkpoint (sql, error);
}
