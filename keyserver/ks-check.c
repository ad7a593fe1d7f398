/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver check`: everything that is stored, verified. */

#include "config.h"

#include "ks-check.h"

#include <string.h>

#include "xim-checkpoint.h"
#include "xim-error.h"

#include "ks-audit.h"
#include "ks-check-signer.h"
#include "ks-edge.h"
#include "ks-entries.h"
#include "ks-store-inner.h"

#define WAITING_MAX 1000 /* accounts that are read and not yet looked at */

/* An index, as it is sorted: the rest of it is compared in the log. */
typedef struct
{
  guint64 start;
  guint64 leaf;
} Seen;

typedef struct
{
  XimKsAudit audit;
  void (*problem) (const char *text);
  GMutex lock;
  XimKsChecked *checked;
  GThreadPool *pool;
  XimKsAuditAccount *account; /* that is being read */
  GError *error;              /* of reading accounts */
  XimKsEdge edge;
  XimKsCheckSigner *signer; /* NULL: it cannot be read, which was told */
  GArray *seen;             /* of Seen */
  guint64 n_erased;
} Check;

static void
tell (gpointer user_data, const char *text)
{
  Check *check = user_data;
  g_mutex_lock (&check->lock);
  check->checked->problems++;
  check->problem (text);
  g_mutex_unlock (&check->lock);
}

static gboolean
keep_integrity (const XimKsSqlRow *row, gpointer check)
{
  g_autofree char *text = xim_ks_sql_text (row, 0);
  if (g_strcmp0 (text, "ok") != 0)
    xim_ks_audit_problem (&((Check *)check)->audit, "the database: %s", text);
  return TRUE;
}

static XimKsSql *
sql_of (const Check *check)
{
  return check->audit.store->writer;
}

/* What cannot be read is told, and the rest is looked at. */
static void
check_rows (Check *check, guint statement, XimKsSqlInto into, const char *what)
{
  g_autoptr (GError) error = NULL;
  if (!xim_ks_sql_rows (sql_of (check), statement, into, &error, ""))
    xim_ks_audit_problem (&check->audit, "%s: %s", what, error->message);
}

static guint64
count (Check *check, guint statement, const char *what)
{
  gint64 number = 0;
  check_rows (check, statement,
              (XimKsSqlInto){ xim_ks_sql_keep_number, &number }, what);
  return (guint64)number;
}

static gboolean
entry_at (Check *check, guint64 leaf, XimEntry *entry, GError **error)
{
  g_autoptr (GBytes) bytes
      = xim_ks_entries_read (check->audit.store, leaf, 1, error);
  if (bytes == NULL)
    return FALSE;
  const guint8 *data = NULL;
  gsize len = 0;
  XimEntries entries = { .data = NULL };
  entries.data = g_bytes_get_data (bytes, &entries.len);
  return xim_entries_next (&entries, &data, &len, error)
         && xim_entry_decode (data, len, entry, error);
}

static void
check_server_entry (Check *check, const XimServer *server, gint64 leaf)
{
  XimEntry entry;
  g_autoptr (GError) error = NULL;
  g_autofree char *what = g_strdup_printf ("server note %u", server->serial);
  if (leaf < 0 || (guint64)leaf >= check->audit.size)
    {
      /* rotate-key made it: the next start logs it. */
      if (server->serial == 1)
        xim_ks_audit_problem (&check->audit, "%s: it is not logged", what);
      return;
    }
  xim_ks_audit_claim (&check->audit, (guint64)leaf, what);
  if ((server->serial == 1) != (leaf == 0))
    xim_ks_audit_problem (&check->audit, "%s: entry 0 is that of serial 1",
                          what);
  if (!entry_at (check, (guint64)leaf, &entry, &error))
    xim_ks_audit_problem (&check->audit, "%s: %s", what, error->message);
  else if (entry.type != XIM_ENTRY_SERVER
           || memcmp (&entry.hash, &server->hash, sizeof entry.hash) != 0)
    xim_ks_audit_problem (&check->audit, "%s: its entry does not fit", what);
}

static gboolean
keep_server (const XimKsSqlRow *row, gpointer data)
{
  Check *check = data;
  GPtrArray *servers = check->audit.servers;
  const XimServer *before
      = servers->len > 0 ? servers->pdata[servers->len - 1] : NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = xim_ks_sql_text (row, 1);
  guint32 serial = (guint32)xim_ks_sql_number (row, 0);
  g_autoptr (XimNote) note
      = text != NULL ? xim_note_decode (text, strlen (text), &error) : NULL;
  g_autoptr (XimServer) server
      = note != NULL ? xim_server_decode (note, &error) : NULL;
  if (server == NULL || server->serial != serial
      || !xim_server_check (server, check->audit.domain, before, &error))
    {
      xim_ks_audit_problem (&check->audit, "server note %u: %s", serial,
                            error != NULL ? error->message
                                          : "it is another one");
      return TRUE;
    }
  check_server_entry (check, server, xim_ks_sql_number (row, 2));
  g_ptr_array_add (servers, g_steal_pointer (&server));
  return TRUE;
}

static gboolean
check_full (gpointer data, guint level, guint64 n, const XimKsNodes *nodes,
            GError **unused)
{
  (void)unused;
  Check *check = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) tile
      = xim_ks_entries_tile (check->audit.store, level, n, &error);
  if (tile == NULL)
    xim_ks_audit_problem (&check->audit, "%s", error->message);
  else if (memcmp (g_bytes_get_data (tile, NULL), nodes->hashes,
                   XIM_TILE_BYTES_MAX)
           != 0)
    xim_ks_audit_problem (&check->audit,
                          "tile %" G_GUINT64_FORMAT
                          " of level %u is not made of its entries",
                          n, level);
  return TRUE;
}

static void
check_entry (Check *check, guint64 leaf, const guint8 *data, gsize len)
{
  const XimKsEdgeSink sink = { check_full, check };
  g_autoptr (GError) error = NULL;
  XimEntry entry;
  XimHash hash;
  Seen seen = { .leaf = leaf };
  xim_tree_leaf (data, len, &hash);
  xim_ks_edge_append (&check->edge, &hash, &sink, NULL);
  if (!xim_entry_decode (data, len, &entry, &error))
    {
      xim_ks_audit_problem (&check->audit, "entry %" G_GUINT64_FORMAT ": %s",
                            leaf, error->message);
      return;
    }
  if (entry.type != XIM_ENTRY_ACCOUNT)
    return;
  check->n_erased += entry.flags == XIM_ENTRY_ERASED;
  memcpy (&seen.start, entry.index.bytes, sizeof seen.start);
  g_array_append_val (check->seen, seen);
}

/* Returns: FALSE when an entry is missing, so that there is no tree */
static gboolean
check_entries (Check *check)
{
  guint64 size = check->audit.size;
  for (guint64 first = 0; first < size; first += XIM_TILE_WIDTH)
    {
      guint n = (guint)MIN (size - first, XIM_TILE_WIDTH);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes
          = xim_ks_entries_read (check->audit.store, first, n, &error);
      if (bytes == NULL)
        {
          xim_ks_audit_problem (&check->audit, "%s", error->message);
          return FALSE;
        }
      XimEntries entries = { .data = NULL };
      const guint8 *data = NULL;
      gsize len = 0;
      entries.data = g_bytes_get_data (bytes, &entries.len);
      for (guint i = 0; i < n; i++)
        if (xim_entries_next (&entries, &data, &len, NULL))
          check_entry (check, first + i, data, len);
    }
  return TRUE;
}

static int
compare_seen (gconstpointer a, gconstpointer b)
{
  const Seen *left = a, *right = b;
  return left->start < right->start ? -1 : left->start > right->start;
}

static void
check_twice (Check *check)
{
  g_array_sort (check->seen, compare_seen);
  for (guint i = 1; i < check->seen->len; i++)
    {
      const Seen *one = &g_array_index (check->seen, Seen, i - 1);
      const Seen *two = &g_array_index (check->seen, Seen, i);
      XimEntry a, b;
      if (one->start == two->start && entry_at (check, one->leaf, &a, NULL)
          && entry_at (check, two->leaf, &b, NULL)
          && memcmp (&a.index, &b.index, sizeof a.index) == 0)
        xim_ks_audit_problem (&check->audit,
                              "the entries %" G_GUINT64_FORMAT
                              " and %" G_GUINT64_FORMAT " have one index",
                              one->leaf, two->leaf);
    }
}

static gboolean
is_signed (const Check *check, const XimCheckpoint *checkpoint, GError **error)
{
  const GPtrArray *servers = check->audit.servers;
  for (guint i = servers->len; i > 0; i--)
    {
      g_autoptr (XimVerifyKey) key
          = xim_server_log_key (servers->pdata[i - 1]);
      g_clear_error (error);
      if (xim_checkpoint_check (checkpoint, key, error))
        return TRUE;
    }
  return FALSE;
}

/* The newest checkpoint of the store; @edge has seen all entries. */
static void
check_checkpoint (Check *check, const XimCheckpoint *checkpoint)
{
  g_autoptr (GError) error = NULL;
  XimTreeHead head;
  xim_ks_edge_head (&check->edge, &head);
  if (check->audit.servers->len == 0 || !is_signed (check, checkpoint, &error))
    xim_ks_audit_problem (&check->audit, "the checkpoint: %s",
                          error != NULL ? error->message
                                        : "there is no key to verify it");
  if (checkpoint->head.size != head.size)
    xim_ks_audit_problem (&check->audit,
                          "the checkpoint covers %" G_GUINT64_FORMAT
                          " entries, the log has %" G_GUINT64_FORMAT,
                          checkpoint->head.size, head.size);
  else if (!xim_tree_head_equal (&head, &checkpoint->head))
    xim_ks_audit_problem (&check->audit,
                          "the entries do not lead to the root that the "
                          "checkpoint has");
}

/* @checkpoint: (nullable): it is damaged, which was told */
static void
check_log (Check *check, const XimCheckpoint *checkpoint)
{
  guint64 tiles = 0;
  if (!check_entries (check))
    return;
  check->checked->entries = check->audit.size;
  if (checkpoint != NULL)
    check_checkpoint (check, checkpoint);
  if (check->signer != NULL)
    {
      xim_ks_check_signer_owner (check->signer, &check->audit);
      xim_ks_check_signer_head (check->signer, &check->audit, &check->edge);
    }
  check_twice (check);
  for (guint level = 1; level <= XIM_TILE_LEVELS; level++)
    tiles += check->audit.size >> (XIM_TILE_HEIGHT * level);
  if (count (check, COUNT_TILES, "the tiles") < tiles)
    xim_ks_audit_problem (
        &check->audit,
        "expected %" G_GUINT64_FORMAT " full tiles, some are missing", tiles);
}

static void
audit_one (gpointer data, gpointer check)
{
  g_autoptr (XimKsAuditAccount) account = data;
  xim_ks_audit_account (&((Check *)check)->audit, account);
}

/* The address that was being read is whole: somebody may look at it. */
static gboolean
hand_over (Check *check)
{
  XimKsAuditAccount *account = g_steal_pointer (&check->account);
  if (account == NULL)
    return TRUE;
  account->devices = xim_ks_device_rows_new ();
  account->listed = g_array_new (FALSE, FALSE, sizeof (XimAccountDevice));
  check->checked->accounts++;
  check->checked->versions += account->versions->len;
  gboolean ok = xim_ks_sql_rows (sql_of (check), DEVICES,
                                 (XimKsSqlInto){ xim_ks_store_keep_device,
                                                 account->devices },
                                 &check->error, "t", account->jid)
                && xim_ks_sql_rows (sql_of (check), LISTED,
                                    (XimKsSqlInto){ xim_ks_store_keep_listed,
                                                    account->listed },
                                    &check->error, "t", account->jid);
  if (!ok)
    {
      xim_ks_audit_account_free (account);
      return FALSE;
    }
  while (g_thread_pool_unprocessed (check->pool) > WAITING_MAX)
    g_usleep (1000);
  g_thread_pool_push (check->pool, account, NULL);
  return TRUE;
}

static gboolean
keep_version (const XimKsSqlRow *row, gpointer data)
{
  Check *check = data;
  XimKsRecord *record = NULL;
  g_autofree char *jid = xim_ks_sql_text (row, 7);
  if (jid == NULL)
    return FALSE;
  if (check->account != NULL && strcmp (check->account->jid, jid) != 0
      && !hand_over (check))
    return FALSE;
  if (check->account == NULL)
    check->account = xim_ks_audit_account_new (jid);
  gboolean ok = xim_ks_store_keep_record (row, &record);
  g_ptr_array_add (check->account->versions, record);
  if (!ok)
    xim_ks_audit_problem (&check->audit, "%s: a row is damaged", jid);
  return record->note != NULL;
}

static void
check_accounts (Check *check)
{
  check->pool = g_thread_pool_new (audit_one, check,
                                   (gint)g_get_num_processors (), FALSE, NULL);
  check_rows (check, CHECK_ACCOUNTS, (XimKsSqlInto){ keep_version, check },
              "the accounts");
  hand_over (check);
  g_thread_pool_free (check->pool, FALSE, TRUE);
  if (check->error != NULL)
    xim_ks_audit_problem (&check->audit, "%s", check->error->message);
  if (count (check, COUNT_KEYS, "the keys") != (guint64)check->audit.n_keys)
    xim_ks_audit_problem (&check->audit,
                          "keys are kept of addresses without an account");
  if (count (check, COUNT_DEVICES, "the devices")
      != (guint64)check->audit.n_devices)
    xim_ks_audit_problem (&check->audit,
                          "there are notes of devices without an account");
}

/* What is in the log and in no account is of those who left. */
static void
check_unclaimed (Check *check)
{
  guint64 unclaimed = 0;
  for (guint64 leaf = 0; leaf < check->audit.size; leaf++)
    if ((check->audit.claimed[leaf / 32] >> leaf % 32 & 1) == 0)
      unclaimed++;
  check->checked->of_erased = unclaimed;
  if (unclaimed > 0 && check->n_erased == 0)
    xim_ks_audit_problem (&check->audit,
                          "%" G_GUINT64_FORMAT
                          " entries are of no account, and none was erased",
                          unclaimed);
}

static void
check_about (Check *check, const char *name, const char *expected)
{
  g_autofree char *value = NULL;
  g_autoptr (GError) error = NULL;
  if (!xim_ks_sql_rows (sql_of (check), ABOUT,
                        (XimKsSqlInto){ xim_ks_sql_keep_text, &value }, &error,
                        "t", name))
    xim_ks_audit_problem (&check->audit, "%s: %s", name, error->message);
  else if (g_strcmp0 (value, expected) != 0)
    xim_ks_audit_problem (&check->audit, "the store has another %s", name);
}

static void
check_all (Check *check, const XimCheckpoint *checkpoint)
{
  g_autoptr (GError) error = NULL;
  if (!xim_ks_sql_check_schema (sql_of (check), &error))
    xim_ks_audit_problem (&check->audit, "the database: %s", error->message);
  check_rows (check, INTEGRITY, (XimKsSqlInto){ keep_integrity, check },
              "the database");
  check_rows (check, CHECK_SERVERS, (XimKsSqlInto){ keep_server, check },
              "the server notes");
  check_log (check, checkpoint);
  if (check->audit.servers->len > 0)
    {
      check_accounts (check);
      check_unclaimed (check);
    }
  if (check->signer != NULL)
    xim_ks_check_signer_accounts (check->signer, &check->audit);
  check->checked->pending = count (check, COUNT_PENDING, "what waits");
}

/* In the transaction in which all else is read.
 * @checkpoint: (out): NULL when it is damaged, which is told */
static gboolean
read_checkpoint (Check *check, XimCheckpoint **checkpoint, GError **error)
{
  g_autofree char *note = NULL;
  g_autoptr (GError) damage = NULL;
  if (!xim_ks_sql_rows (sql_of (check), ABOUT,
                        (XimKsSqlInto){ xim_ks_sql_keep_text, &note }, error,
                        "t", "checkpoint"))
    return FALSE;
  if (note == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "the log has no checkpoint yet; `run` makes the first");
      return FALSE;
    }
  *checkpoint = xim_checkpoint_decode (note, strlen (note), &damage);
  if (*checkpoint == NULL)
    xim_ks_audit_problem (&check->audit, "the checkpoint: %s",
                          damage->message);
  return TRUE;
}

/* The two stores are seen as they are at one moment. */
static gboolean
check_store (Check *check, const XimKsConfig *config, GError **error)
{
  g_autoptr (XimCheckpoint) checkpoint = NULL;
  g_autoptr (GError) unread = NULL;
  XimKsAudit *audit = &check->audit;
  check->signer = xim_ks_check_signer_open (config, &unread);
  if (!xim_ks_sql_run (sql_of (check), BEGIN_READ, error, "")
      || !read_checkpoint (check, &checkpoint, error)
      || !xim_ks_entries_size (audit->store, &audit->size, error))
    return FALSE;
  if (check->signer != NULL
      && !xim_ks_check_signer_begin (check->signer, &unread))
    g_clear_pointer (&check->signer, xim_ks_check_signer_free);
  if (check->signer == NULL)
    xim_ks_audit_problem (audit, "the signer's store: %s", unread->message);
  if (checkpoint != NULL)
    audit->size = MIN (audit->size, checkpoint->head.size);
  audit->claimed = g_new0 (guint32, audit->size / 32 + 1);
  check_about (check, "origin", config->origin);
  g_autofree char *mark = check->signer != NULL
                              ? xim_ks_check_signer_mark (check->signer)
                              : NULL;
  if (mark != NULL)
    check_about (check, "members", mark);
  check_all (check, checkpoint);
  return xim_ks_sql_run (sql_of (check), COMMIT, error, "");
}

gboolean
xim_ks_check (const XimKsConfig *config, void (*problem) (const char *text),
              XimKsChecked *checked, GError **error)
{
  g_autoptr (XimKsStore) store
      = xim_ks_store_view (config->store, config->domain, error);
  if (store == NULL)
    return FALSE;
  g_autofree Check *check = g_new0 (Check, 1);
  *checked = (XimKsChecked){ .entries = 0 };
  check->problem = problem;
  check->checked = checked;
  check->audit.store = store;
  check->audit.domain = config->domain;
  check->audit.servers
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_server_free);
  check->audit.problem = tell;
  check->audit.user_data = check;
  check->seen = g_array_new (FALSE, FALSE, sizeof (Seen));
  g_mutex_init (&check->lock);
  gboolean ok = check_store (check, config, error);
  g_mutex_clear (&check->lock);
  xim_ks_check_signer_free (check->signer);
  g_array_unref (check->seen);
  g_free (check->audit.claimed);
  g_ptr_array_unref (check->audit.servers);
  g_clear_error (&check->error);
  return ok;
}
