/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The files of one account: opened, and their transactions. */

#include "config.h"

#include "store.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "store-rows.h"
#include "store-schema.h"

static XimSql *
open_file (XimStore *store, const char *name, const char *settings,
           const char *const *schema, GError **error)
{
  g_autofree char *path = g_build_filename (store->dir, name, NULL);
  return xim_sql_open (path, settings, schema, error);
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

gboolean
xim_store_first_row (XimSqlQuery *query, gboolean *row, GError **error)
{
  *row = FALSE;
  return query != NULL && xim_sql_query_row (query, row, error);
}

gboolean
xim_store_load_list (XimSqlQuery *query, gpointer (*read) (XimSqlQuery *),
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
