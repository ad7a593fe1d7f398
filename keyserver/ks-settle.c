/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the log lacks when the keyserver starts. */

#include "config.h"

#include "ks-settle.h"

#include <string.h>

#include "xim-error.h"

#include "ks-leaf.h"
#include "ks-log.h"
#include "ks-store-inner.h"
#include "ks-tag.h"

#define PROVERS 2 /* threads */

typedef struct
{
  XimKsStore *store;
  XimKsSigner *signer;
  XimKsPublisher *publisher;
} Settling;

/* One version of before the log. */
typedef struct
{
  char *jid;
  guint32 version;
  char *note;
  XimKsLeaf leaf;
  XimKsLogged logged;
  guint8 entry[XIM_ENTRY_ACCOUNT_LEN];
} Old;

static void
old_free (gpointer data)
{
  Old *old = data;
  g_free (old->jid);
  g_free (old->note);
  g_free (old);
}

static gboolean
keep_old (const XimKsSqlRow *row, gpointer rows)
{
  Old *old = g_new0 (Old, 1);
  g_ptr_array_add (rows, old);
  old->jid = xim_ks_sql_text (row, 0);
  old->version = (guint32)xim_ks_sql_number (row, 1);
  old->note = xim_ks_sql_text (row, 2);
  return old->jid != NULL && old->note != NULL;
}

static gboolean
make_entry (Old *old, GError **error)
{
  g_autoptr (XimNote) note
      = xim_note_decode (old->note, strlen (old->note), error);
  g_autoptr (XimAccount) account
      = note != NULL ? xim_account_decode (note, error) : NULL;
  if (account == NULL)
    {
      g_prefix_error (
          error, "version %u of an account cannot be logged: ", old->version);
      return FALSE;
    }
  xim_ks_leaf_make (&old->leaf, account, &old->logged, old->entry);
  return TRUE;
}

/* A part of the rows, for one thread. */
typedef struct
{
  const Settling *settling;
  GPtrArray *rows;
  guint first;
  guint n;
  GError *error;
} Part;

static void
prove_part (gpointer data, gpointer unused)
{
  (void)unused;
  Part *part = data;
  g_autofree XimKsLeafOf *leaves = g_new0 (XimKsLeafOf, part->n);
  for (guint i = 0; i < part->n; i++)
    {
      Old *old = part->rows->pdata[part->first + i];
      leaves[i] = (XimKsLeafOf){ old->jid, old->version, &old->leaf };
    }
  gboolean ok = xim_ks_leaf_prove (part->settling->signer, leaves, part->n,
                                   &part->error);
  for (guint i = 0; ok && i < part->n; i++)
    ok = make_entry (part->rows->pdata[part->first + i], &part->error);
}

static gboolean
prove_all (const Settling *settling, GPtrArray *rows, GError **error)
{
  Part parts[PROVERS] = { { .settling = settling } };
  GThreadPool *pool
      = g_thread_pool_new (prove_part, NULL, PROVERS, FALSE, NULL);
  for (guint i = 0, first = 0; i < PROVERS; i++)
    {
      guint n = (rows->len - first) / (PROVERS - i);
      parts[i] = (Part){ settling, rows, first, n, NULL };
      first += n;
      g_thread_pool_push (pool, &parts[i], NULL);
    }
  g_thread_pool_free (pool, FALSE, TRUE);
  for (guint i = 0; i < PROVERS; i++)
    if (parts[i].error != NULL && (error == NULL || *error == NULL))
      g_propagate_error (error, parts[i].error);
    else
      g_clear_error (&parts[i].error);
  return error == NULL || *error == NULL;
}

static gboolean
put_old (XimKsStore *store, const Old *old, GError **error)
{
  XimKsPending pending = {
    .kind = XIM_KS_PENDING_OLD,
    .jid = old->jid,
    .number = old->version,
    .entry = { old->entry, sizeof old->entry },
    .logged = old->logged,
  };
  return xim_ks_pending_put (store, &pending, error);
}

static gboolean
put_server (XimKsStore *store, const Old *old, GError **error)
{
  guint8 entry[XIM_ENTRY_SERVER_LEN];
  XimKsPending pending = {
    .kind = XIM_KS_PENDING_SERVER,
    .jid = (char *)"",
    .number = old->version,
    .entry = { entry, sizeof entry },
  };
  g_autoptr (XimNote) note
      = xim_note_decode (old->note, strlen (old->note), error);
  if (note == NULL)
    return FALSE;
  xim_ks_leaf_server (xim_note_text (note), entry);
  return xim_ks_pending_put (store, &pending, error);
}

/* One group: waits, is signed, is published. */
static gboolean
log_all (const Settling *settling, const GPtrArray *rows,
         gboolean (*put) (XimKsStore *store, const Old *old, GError **error),
         GError **error)
{
  XimKsStore *store = settling->store;
  if (!xim_ks_store_begin (store, error))
    return FALSE;
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < rows->len; i++)
    ok = put (store, rows->pdata[i], error);
  ok = ok && xim_ks_publisher_place (settling->publisher, error)
       && xim_ks_store_commit (store, error);
  if (!ok)
    xim_ks_store_abandon (store);
  xim_ks_publisher_placed (settling->publisher, ok);
  return ok
         && xim_ks_publisher_publish (settling->publisher, NULL, NULL, error);
}

static gboolean
keep_server (const XimKsSqlRow *row, gpointer rows)
{
  Old *old = g_new0 (Old, 1);
  g_ptr_array_add (rows, old);
  old->version = (guint32)xim_ks_sql_number (row, 0);
  old->note = xim_ks_sql_text (row, 1);
  return old->note != NULL;
}

static gboolean
log_servers (const Settling *settling, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (old_free);
  return xim_ks_sql_rows (settling->store->writer, UNLOGGED_SERVERS,
                          (XimKsSqlInto){ keep_server, rows }, error, "")
         && (rows->len == 0 || log_all (settling, rows, put_server, error));
}

static gboolean
log_old (const Settling *settling, GError **error)
{
  guint64 done = 0;
  while (TRUE)
    {
      g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (old_free);
      if (!xim_ks_sql_rows (settling->store->writer, UNLOGGED_ACCOUNTS,
                            (XimKsSqlInto){ keep_old, rows }, error, ""))
        return FALSE;
      if (rows->len == 0)
        return TRUE;
      if (!prove_all (settling, rows, error)
          || !log_all (settling, rows, put_old, error))
        return FALSE;
      done += rows->len;
      xim_ks_log (XIM_KS_LOG_INFO, "logging", "versions=%" G_GUINT64_FORMAT,
                  done);
    }
}

static gboolean
is_unlogged (XimKsStore *store, gboolean *unlogged, GError **error)
{
  g_autofree char *value = NULL;
  if (!xim_ks_sql_rows (store->writer, ABOUT,
                        (XimKsSqlInto){ xim_ks_sql_keep_text, &value }, error,
                        "t", "unlogged"))
    return FALSE;
  *unlogged = value != NULL;
  return TRUE;
}

static gboolean
end_old (XimKsStore *store, GError **error)
{
  return xim_ks_sql_run (store->writer, DROP_ABOUT, error, "t", "unlogged")
         && xim_ks_sql_exec (store->writer,
                             "DROP INDEX IF EXISTS accounts_unlogged;", error);
}

gboolean
xim_ks_settle (XimKsStore *store, XimKsSigner *signer,
               XimKsPublisher *publisher, GError **error)
{
  const Settling settling = { store, signer, publisher };
  gboolean unlogged = FALSE;
  if (!is_unlogged (store, &unlogged, error))
    return FALSE;
  if (!unlogged)
    return log_servers (&settling, error);
  return log_servers (&settling, error) && log_old (&settling, error)
         && end_old (store, error);
}
