/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The signer's own store: what it signed last, of the log and of everybody. */

#include "config.h"

#include "ks-ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-keys.h"
#include "ks-recent.h"
#include "ks-tag.h"

#define APPLICATION_ID 0x58494d53 /* "XIMS" */
#define SCHEMA_VERSION 1
#define LOCK_TRIES                                                            \
  300 /* until a signer whose keyserver was killed is gone                    \
       */
#define LOCK_STEP_US 10000
#define HEADS_MAX 1024 /* checkpoints before the last one that are known */

enum
{
  BEGIN,
  COMMIT,
  ROLLBACK,
  ABOUT,
  PUT_ABOUT,
  FIND,
  PUT,
  ADOPT,
  LAST,
  SET_LAST,
  N_STATEMENTS
};

static const char *const statements[N_STATEMENTS] = {
  [BEGIN] = "BEGIN IMMEDIATE",
  [COMMIT] = "COMMIT",
  [ROLLBACK] = "ROLLBACK",
  [ABOUT] = "SELECT value FROM about WHERE name = ?1",
  [PUT_ABOUT] = "INSERT INTO about VALUES (?1, ?2)",
  [FIND] = XIM_KS_LEDGER_FIND,
  [PUT] = "INSERT INTO accounts VALUES (?1, ?2, ?3, ?4)"
          " ON CONFLICT (tag) DO UPDATE SET version = excluded.version,"
          " hash = excluded.hash, erased = excluded.erased",
  [ADOPT] = "INSERT INTO accounts VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT (tag) DO NOTHING",
  [LAST] = XIM_KS_LEDGER_LAST,
  [SET_LAST] = "INSERT INTO last VALUES (1, ?1, ?2)"
               " ON CONFLICT (one) DO UPDATE SET size = excluded.size,"
               " root = excluded.root",
};

static const char schema[] =
    /* whose ledger this is: `domain`, `origin`, and a mark of the secret that
       makes the tags */
    "CREATE TABLE about ("
    " name TEXT PRIMARY KEY,"
    " value TEXT NOT NULL"
    ") WITHOUT ROWID, STRICT;"

    /* the last version of each address; `erased`: it is an erase note */
    "CREATE TABLE accounts ("
    " tag BLOB PRIMARY KEY CHECK (length (tag) = 32),"
    " version INTEGER NOT NULL,"
    " hash BLOB NOT NULL CHECK (length (hash) = 32),"
    " erased INTEGER NOT NULL"
    ") WITHOUT ROWID, STRICT;"

    /* the last checkpoint, once there was one */
    "CREATE TABLE last ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " size INTEGER NOT NULL,"
    " root BLOB NOT NULL CHECK (length (root) = 32)"
    ") STRICT;";

struct _XimKsLedger
{
  int lock_fd;
  GMutex writing;
  XimKsSql *writer;
  GAsyncQueue *readers; /* of XimKsSql; NULL: the writer reads, in memory */

  GMutex lock; /* of what follows */
  XimTreeHead last;
  GArray *heads; /* of XimTreeHead, a ring */
  guint next_head;

  XimKsRecent *recent;
  XimTreeHead coming; /* of the transaction */
};

char *
xim_ks_ledger_path (const char *keys)
{
  return g_build_filename (keys, "signer.sqlite", NULL);
}

static gboolean
store_error (const char *what, const char *path, GError **error)
{
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "%s %s: %s", what, path,
               g_strerror (errno));
  return FALSE;
}

static gboolean
make_file (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return store_error ("cannot open", path, error);
  gboolean ok = xim_ks_keys_check_private (fd, path, error)
                && xim_ks_keys_give_away (folder, path, error);
  close (fd);
  return ok;
}

/* One that was killed ends by itself, but not at once. */
static int
take_lock (const char *path, GError **error)
{
  for (guint i = 1; i < LOCK_TRIES; i++)
    {
      int fd = xim_ks_database_lock (path, NULL);
      if (fd >= 0)
        return fd;
      g_usleep (LOCK_STEP_US);
    }
  return xim_ks_database_lock (path, error);
}

static gboolean
fill (XimKsSql *sql, const XimKsDatabaseOwner *owner, GError **error)
{
  g_autofree char *mark = xim_ks_tag_mark (owner->members);
  g_autofree char *ids = g_strdup_printf (
      "PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID,
      SCHEMA_VERSION);
  return xim_ks_sql_exec (sql, "PRAGMA journal_mode = WAL;", error)
         && xim_ks_sql_run (sql, BEGIN, error, "")
         && xim_ks_sql_exec (sql, ids, error)
         && xim_ks_sql_exec (sql, schema, error)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "domain",
                            owner->domain)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "origin",
                            owner->origin)
         && xim_ks_sql_run (sql, PUT_ABOUT, error, "tt", "members", mark)
         && xim_ks_sql_run (sql, COMMIT, error, "");
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
               "the signer's store is not of these keys: it has another %s",
               name);
  return FALSE;
}

static gboolean
check_owner (XimKsSql *sql, const XimKsDatabaseOwner *owner, GError **error)
{
  gint64 id = xim_ks_sql_pragma (sql, "application_id");
  gint64 version = xim_ks_sql_pragma (sql, "user_version");
  if (id != APPLICATION_ID || version != SCHEMA_VERSION)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "expected a signer's store of version %d, this file has "
                   "the id %" G_GINT64_FORMAT " and the version "
                   "%" G_GINT64_FORMAT,
                   SCHEMA_VERSION, id, version);
      return FALSE;
    }
  g_autofree char *mark = xim_ks_tag_mark (owner->members);
  return check_about (sql, "domain", owner->domain, error)
         && check_about (sql, "origin", owner->origin, error)
         && check_about (sql, "members", mark, error);
}

gboolean
xim_ks_ledger_keep_head (const XimKsSqlRow *row, gpointer data)
{
  XimTreeHead *head = data;
  head->size = (guint64)xim_ks_sql_number (row, 0);
  return head->size < XIM_TREE_SIZE_MAX
         && xim_ks_sql_bytes (row, 1, &head->root, sizeof head->root);
}

gboolean
xim_ks_ledger_keep_entry (const XimKsSqlRow *row, gpointer data)
{
  XimKsLedgerEntry *entry = data;
  gint64 version = xim_ks_sql_number (row, 0);
  gint64 erased = xim_ks_sql_number (row, 2);
  entry->version = (guint32)version;
  entry->erased = erased != 0;
  return version >= 1 && version <= XIM_NUMBER_MAX
         && (erased == 0 || erased == 1)
         && xim_ks_sql_bytes (row, 1, &entry->hash, sizeof entry->hash);
}

static gboolean
find (XimKsSql *sql, const XimHash *tag, XimKsLedgerEntry *entry,
      GError **error)
{
  *entry = (XimKsLedgerEntry){ .version = 0 };
  return xim_ks_sql_rows (sql, FIND,
                          (XimKsSqlInto){ xim_ks_ledger_keep_entry, entry },
                          error, "k", tag);
}

static gboolean
open_writer (XimKsLedger *ledger, const char *path,
             const XimKsDatabaseOwner *owner, GError **error)
{
  ledger->writer = xim_ks_sql_open (path != NULL ? path : ":memory:", TRUE,
                                    statements, N_STATEMENTS, error);
  if (ledger->writer == NULL
      || !xim_ks_sql_exec (ledger->writer, "PRAGMA temp_store = MEMORY;",
                           error))
    return FALSE;
  gboolean empty = xim_ks_sql_pragma (ledger->writer, "schema_version") == 0
                   && xim_ks_sql_pragma (ledger->writer, "user_version") == 0;
  xim_tree_empty (&ledger->last.root);
  return (!empty || fill (ledger->writer, owner, error))
         && check_owner (ledger->writer, owner, error)
         && xim_ks_sql_checkpoint (ledger->writer, error)
         && xim_ks_sql_rows (
             ledger->writer, LAST,
             (XimKsSqlInto){ xim_ks_ledger_keep_head, &ledger->last }, error,
             "");
}

/* Each reads once, so that it opens all files it ever needs. */
static gboolean
open_readers (XimKsLedger *ledger, const char *path, guint n, GError **error)
{
  const XimHash nobody = { { 0 } };
  XimKsLedgerEntry entry;
  ledger->readers = g_async_queue_new_full ((GDestroyNotify)xim_ks_sql_free);
  for (guint i = 0; i < n; i++)
    {
      XimKsSql *sql
          = xim_ks_sql_open (path, FALSE, statements, N_STATEMENTS, error);
      if (sql == NULL)
        return FALSE;
      g_async_queue_push (ledger->readers, sql);
      if (!find (sql, &nobody, &entry, error))
        return FALSE;
    }
  return TRUE;
}

XimKsLedger *
xim_ks_ledger_open (const char *path, const XimKsDatabaseOwner *owner,
                    guint n_readers, GError **error)
{
  g_autoptr (XimKsLedger) ledger = g_new0 (XimKsLedger, 1);
  g_mutex_init (&ledger->writing);
  g_mutex_init (&ledger->lock);
  ledger->heads = g_array_new (FALSE, FALSE, sizeof (XimTreeHead));
  ledger->recent = xim_ks_recent_new ();
  ledger->lock_fd = path != NULL ? take_lock (path, error) : -1;
  if (path != NULL && (ledger->lock_fd < 0 || !make_file (path, error)))
    return NULL;
  if (!open_writer (ledger, path, owner, error)
      || (path != NULL && !open_readers (ledger, path, n_readers, error)))
    {
      g_prefix_error (error, "%s: ", path != NULL ? path : "signer");
      return NULL;
    }
  return g_steal_pointer (&ledger);
}

void
xim_ks_ledger_free (XimKsLedger *ledger)
{
  if (ledger == NULL)
    return;
  g_clear_pointer (&ledger->readers, g_async_queue_unref);
  xim_ks_sql_free (ledger->writer);
  if (ledger->lock_fd >= 0)
    close (ledger->lock_fd);
  xim_ks_recent_free (ledger->recent);
  g_array_unref (ledger->heads);
  g_mutex_clear (&ledger->writing);
  g_mutex_clear (&ledger->lock);
  g_free (ledger);
}

gboolean
xim_ks_ledger_rest (XimKsLedger *ledger, GError **error)
{
  g_mutex_lock (&ledger->writing);
  gboolean ok = xim_ks_sql_checkpoint (ledger->writer, error);
  g_mutex_unlock (&ledger->writing);
  return ok;
}

void
xim_ks_ledger_last (XimKsLedger *ledger, XimTreeHead *head)
{
  g_mutex_lock (&ledger->lock);
  *head = ledger->last;
  g_mutex_unlock (&ledger->lock);
}

gboolean
xim_ks_ledger_knows (XimKsLedger *ledger, const XimTreeHead *head)
{
  g_mutex_lock (&ledger->lock);
  gboolean known = xim_tree_head_equal (head, &ledger->last);
  for (guint i = 0; i < ledger->heads->len && !known; i++)
    known = xim_tree_head_equal (
        head, &g_array_index (ledger->heads, XimTreeHead, i));
  g_mutex_unlock (&ledger->lock);
  return known;
}

static gboolean
read_entry (XimKsLedger *ledger, const XimHash *tag, XimKsLedgerEntry *entry,
            GError **error)
{
  gboolean ok = FALSE;
  if (ledger->readers == NULL)
    {
      g_mutex_lock (&ledger->writing);
      ok = find (ledger->writer, tag, entry, error);
      g_mutex_unlock (&ledger->writing);
      return ok;
    }
  XimKsSql *sql = g_async_queue_pop (ledger->readers);
  ok = find (sql, tag, entry, error);
  g_async_queue_push (ledger->readers, sql);
  return ok;
}

/* Whether it is the version of the entry, or none as the entry says. */
static gboolean
is_version (const XimKsLedgerEntry *entry, guint32 version,
            const XimHash *hash)
{
  guint32 have = entry->erased ? 0 : entry->version;
  return have == version
         && (version == 0
             || memcmp (&entry->hash, hash, sizeof entry->hash) == 0);
}

gboolean
xim_ks_ledger_check_newest (XimKsLedger *ledger, const XimHash *tag,
                            guint32 version, const XimHash *hash,
                            GError **error)
{
  XimKsLedgerEntry entry;
  if (!read_entry (ledger, tag, &entry, error))
    return FALSE;
  if (is_version (&entry, version, hash)
      || xim_ks_recent_has (ledger->recent, tag, version, hash,
                            g_get_monotonic_time ()))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
               "version %u is not the newest that was signed, version %u is%s",
               version, entry.version, entry.erased ? ", erased" : "");
  return FALSE;
}

gboolean
xim_ks_ledger_begin (XimKsLedger *ledger, GError **error)
{
  g_mutex_lock (&ledger->writing);
  ledger->coming.size = 0;
  if (xim_ks_sql_run (ledger->writer, BEGIN, error, ""))
    return TRUE;
  g_mutex_unlock (&ledger->writing);
  return FALSE;
}

/* Called with the lock held. */
static void
count_head (XimKsLedger *ledger, const XimTreeHead *head)
{
  if (ledger->heads->len < HEADS_MAX)
    g_array_append_val (ledger->heads, ledger->last);
  else
    g_array_index (ledger->heads, XimTreeHead, ledger->next_head)
        = ledger->last;
  ledger->next_head = (ledger->next_head + 1) % HEADS_MAX;
  ledger->last = *head;
}

gboolean
xim_ks_ledger_commit (XimKsLedger *ledger, GError **error)
{
  if (!xim_ks_sql_run (ledger->writer, COMMIT, error, ""))
    {
      xim_ks_ledger_abandon (ledger);
      return FALSE;
    }
  g_mutex_lock (&ledger->lock);
  if (ledger->coming.size > 0
      && !xim_tree_head_equal (&ledger->coming, &ledger->last))
    count_head (ledger, &ledger->coming);
  g_mutex_unlock (&ledger->lock);
  g_mutex_unlock (&ledger->writing);
  return TRUE;
}

void
xim_ks_ledger_abandon (XimKsLedger *ledger)
{
  if (xim_ks_sql_in_transaction (ledger->writer))
    xim_ks_sql_run (ledger->writer, ROLLBACK, NULL, "");
  g_mutex_unlock (&ledger->writing);
}

static gboolean
check_step (const XimKsLedgerStep *step, const XimKsLedgerEntry *entry,
            GError **error)
{
  if (step->version == 0 || entry->version != step->version - 1)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
                   "expected version %u or the same text again, got version "
                   "%u",
                   entry->version + 1, step->version);
      return FALSE;
    }
  gboolean follows
      = step->has_previous == (entry->version > 0)
        && (!step->has_previous
            || memcmp (&step->previous, &entry->hash, sizeof entry->hash)
                   == 0);
  if (follows && (!entry->erased || step->reset))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "version %u does not follow the version before", step->version);
  return FALSE;
}

gboolean
xim_ks_ledger_step (XimKsLedger *ledger, const XimKsLedgerStep *step,
                    GError **error)
{
  XimKsLedgerEntry entry;
  if (!find (ledger->writer, &step->tag, &entry, error))
    return FALSE;
  if (entry.version == step->version && entry.erased == step->erased
      && memcmp (&entry.hash, &step->hash, sizeof entry.hash) == 0)
    return TRUE;
  if (!check_step (step, &entry, error))
    return FALSE;
  /* Before the commit: whoever reads the new entry finds the old one. */
  xim_ks_recent_add (ledger->recent, &step->tag,
                     entry.erased ? 0 : entry.version, &entry.hash,
                     g_get_monotonic_time ());
  return xim_ks_sql_run (ledger->writer, PUT, error, "kiki", &step->tag,
                         (gint64)step->version, &step->hash,
                         (gint64)step->erased);
}

gboolean
xim_ks_ledger_set_last (XimKsLedger *ledger, const XimTreeHead *head,
                        GError **error)
{
  ledger->coming = *head;
  return xim_ks_sql_run (ledger->writer, SET_LAST, error, "ik",
                         (gint64)head->size, &head->root);
}

static gboolean
adopt_all (XimKsLedger *ledger, const XimKsSignAccount *accounts,
           gsize n_accounts, GError **error)
{
  for (gsize i = 0; i < n_accounts; i++)
    if (!xim_ks_sql_run (ledger->writer, ADOPT, error, "kiki",
                         &accounts[i].tag, (gint64)accounts[i].version,
                         &accounts[i].hash,
                         (gint64)(accounts[i].erased ? 1 : 0)))
      return FALSE;
  return TRUE;
}

gboolean
xim_ks_ledger_adopt (XimKsLedger *ledger, const XimKsSignAccount *accounts,
                     gsize n_accounts, GError **error)
{
  XimTreeHead last;
  if (!xim_ks_ledger_begin (ledger, error))
    return FALSE;
  xim_ks_ledger_last (ledger, &last);
  if (last.size > 0)
    g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
                 "nothing is taken over after a checkpoint was signed");
  else if (adopt_all (ledger, accounts, n_accounts, error))
    return xim_ks_ledger_commit (ledger, error);
  xim_ks_ledger_abandon (ledger);
  return FALSE;
}
