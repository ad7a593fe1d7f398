/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whether the signer's store fits what is stored beside it. */

#include "config.h"

#include "ks-check-signer.h"

#include <string.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-database.h"
#include "ks-entries.h"
#include "ks-keys.h"
#include "ks-ledger.h"
#include "ks-pending.h"
#include "ks-store-inner.h"
#include "ks-tag.h"

enum
{
  VIEW,
  VIEW_INTEGRITY,
  VIEW_ABOUT,
  VIEW_LAST,
  VIEW_FIND,
  VIEW_COUNT,
  N_VIEWS
};

static const char *const views[N_VIEWS] = {
  [VIEW] = "BEGIN",
  [VIEW_INTEGRITY] = "PRAGMA integrity_check (100)",
  [VIEW_ABOUT] = "SELECT value FROM about WHERE name = ?1",
  [VIEW_LAST] = "SELECT size, root, one FROM last",
  [VIEW_FIND] = "SELECT version, hash, erased FROM accounts WHERE tag = ?1",
  [VIEW_COUNT] = "SELECT count (*) FROM accounts",
};

struct _XimKsCheckSigner
{
  XimKsSql *sql;
  const XimKsConfig *config;
  XimSecret *members;
  int lock_fd;
  gboolean at_rest; /* no signer ran when it was read */
  GPtrArray *pending;
  gint64 n_known; /* of its addresses, those that the store has */
};

XimKsCheckSigner *
xim_ks_check_signer_open (const XimKsConfig *config, GError **error)
{
  g_autoptr (XimKsCheckSigner) signer = g_new0 (XimKsCheckSigner, 1);
  g_autofree char *path = xim_ks_ledger_path (config->keys);
  signer->lock_fd = -1;
  signer->config = config;
  signer->members = xim_ks_keys_read_members (config->keys, error);
  if (signer->members == NULL)
    return NULL;
  signer->sql = xim_ks_sql_open (path, FALSE, views, N_VIEWS, error);
  if (signer->sql == NULL)
    return NULL;
  signer->lock_fd = xim_ks_database_lock (path, NULL);
  signer->at_rest = signer->lock_fd >= 0;
  return g_steal_pointer (&signer);
}

void
xim_ks_check_signer_free (XimKsCheckSigner *signer)
{
  if (signer == NULL)
    return;
  if (signer->lock_fd >= 0)
    close (signer->lock_fd);
  xim_ks_sql_free (signer->sql);
  xim_secret_free (signer->members);
  g_clear_pointer (&signer->pending, g_ptr_array_unref);
  g_free (signer);
}

gboolean
xim_ks_check_signer_begin (XimKsCheckSigner *signer, GError **error)
{
  gint64 count = 0;
  gboolean ok
      = xim_ks_sql_run (signer->sql, VIEW, error, "")
        && xim_ks_sql_rows (signer->sql, VIEW_COUNT,
                            (XimKsSqlInto){ xim_ks_sql_keep_number, &count },
                            error, "");
  if (signer->lock_fd >= 0)
    close (signer->lock_fd);
  signer->lock_fd = -1;
  return ok;
}

char *
xim_ks_check_signer_mark (const XimKsCheckSigner *signer)
{
  return xim_ks_tag_mark (signer->members);
}

static gboolean
keep_integrity (const XimKsSqlRow *row, gpointer audit)
{
  g_autofree char *text = xim_ks_sql_text (row, 0);
  if (g_strcmp0 (text, "ok") != 0)
    xim_ks_audit_problem (audit, "the signer's store: %s", text);
  return TRUE;
}

static gboolean
no_tile (gpointer unused, guint level, guint64 n, const XimKsNodes *nodes,
         GError **error)
{
  (void)unused;
  (void)level;
  (void)n;
  (void)nodes;
  (void)error;
  return TRUE;
}

/* What was signed may not be published yet. */
static gboolean
root_of (const XimKsAudit *audit, XimKsEdge *edge, XimTreeHead *head,
         GError **error)
{
  const XimKsEdgeSink sink = { no_tile, NULL };
  while (edge->size < head->size)
    {
      guint n = (guint)MIN (head->size - edge->size, XIM_TILE_WIDTH);
      g_autoptr (GBytes) bytes
          = xim_ks_entries_read (audit->store, edge->size, n, error);
      XimEntries entries = { .data = NULL };
      const guint8 *data = NULL;
      gsize len = 0;
      XimHash hash;
      if (bytes == NULL)
        return FALSE;
      entries.data = g_bytes_get_data (bytes, &entries.len);
      for (; n > 0; n--)
        {
          if (!xim_entries_next (&entries, &data, &len, error))
            return FALSE;
          xim_tree_leaf (data, len, &hash);
          xim_ks_edge_append (edge, &hash, &sink, NULL);
        }
    }
  xim_ks_edge_head (edge, head);
  return TRUE;
}

static void
check_head (const XimKsAudit *audit, const XimKsEdge *edge,
            const XimTreeHead *last)
{
  g_autoptr (GError) error = NULL;
  g_autofree XimKsEdge *copy = g_memdup2 (edge, sizeof *edge);
  XimTreeHead head = *last;
  guint64 size = 0;
  if (!xim_ks_entries_size (audit->store, &size, &error))
    xim_ks_audit_problem (audit, "the log: %s", error->message);
  else if (last->size < edge->size)
    xim_ks_audit_problem (audit,
                          "the signer's store is older than the log: it has "
                          "%" G_GUINT64_FORMAT " entries",
                          last->size);
  else if (last->size > size)
    xim_ks_audit_problem (audit,
                          "the store is older than the signer's: "
                          "%" G_GUINT64_FORMAT " entries were signed",
                          last->size);
  else if (!root_of (audit, copy, &head, &error))
    xim_ks_audit_problem (audit, "the log: %s", error->message);
  else if (!xim_tree_head_equal (&head, last))
    xim_ks_audit_problem (audit,
                          "the signer signed another log: its tree of "
                          "%" G_GUINT64_FORMAT " entries has another "
                          "root",
                          last->size);
}

static void
check_about (XimKsCheckSigner *signer, const XimKsAudit *audit,
             const char *name, const char *expected)
{
  g_autofree char *value = NULL;
  g_autoptr (GError) error = NULL;
  if (!xim_ks_sql_rows (signer->sql, VIEW_ABOUT,
                        (XimKsSqlInto){ xim_ks_sql_keep_text, &value }, &error,
                        "t", name))
    xim_ks_audit_problem (audit, "the signer's store: %s: %s", name,
                          error->message);
  else if (g_strcmp0 (value, expected) != 0)
    xim_ks_audit_problem (audit, "the signer's store has another %s", name);
}

void
xim_ks_check_signer_owner (XimKsCheckSigner *signer, const XimKsAudit *audit)
{
  g_autofree char *mark = xim_ks_check_signer_mark (signer);
  check_about (signer, audit, "domain", signer->config->domain);
  check_about (signer, audit, "origin", signer->config->origin);
  check_about (signer, audit, "members", mark);
}

void
xim_ks_check_signer_head (XimKsCheckSigner *signer, const XimKsAudit *audit,
                          const XimKsEdge *edge)
{
  g_autoptr (GError) error = NULL;
  XimTreeHead last = { .size = 0 };
  xim_tree_empty (&last.root);
  if (!xim_ks_sql_check_schema (signer->sql, &error)
      || !xim_ks_sql_rows (signer->sql, VIEW_INTEGRITY,
                           (XimKsSqlInto){ keep_integrity, (gpointer)audit },
                           &error, "")
      || !xim_ks_sql_rows (signer->sql, VIEW_LAST,
                           (XimKsSqlInto){ xim_ks_ledger_keep_head, &last },
                           &error, ""))
    xim_ks_audit_problem (audit, "the signer's store: %s", error->message);
  else
    check_head (audit, edge, &last);
}

static gboolean
same_version (const XimKsLedgerEntry *a, const XimKsLedgerEntry *b)
{
  return a->version == b->version && a->erased == b->erased
         && memcmp (&a->hash, &b->hash, sizeof a->hash) == 0;
}

/* Whether a version that the signer has and the store has not waits there. */
static gboolean
waits (const XimKsCheckSigner *signer, const XimHash *tag,
       const XimKsLedgerEntry *signed_last)
{
  for (guint i = 0; i < signer->pending->len; i++)
    {
      const XimKsPending *row = signer->pending->pdata[i];
      const XimKsLedgerEntry waiting
          = { row->number, row->hash, row->kind == XIM_KS_PENDING_ERASE };
      XimHash other;
      if ((!waiting.erased && row->kind != XIM_KS_PENDING_ACCOUNT)
          || !same_version (&waiting, signed_last))
        continue;
      xim_ks_tag_member (signer->members, row->jid, &other);
      if (memcmp (&other, tag, sizeof other) == 0)
        return TRUE;
    }
  return FALSE;
}

/* On the way through all addresses of the store. */
typedef struct
{
  XimKsCheckSigner *signer;
  const XimKsAudit *audit;
} Walk;

static void
check_last (const Walk *walk, const char *what, const XimHash *tag,
            const XimKsLedgerEntry *stored)
{
  XimKsCheckSigner *signer = walk->signer;
  g_autoptr (GError) error = NULL;
  XimKsLedgerEntry last = { .version = 0 };
  if (!xim_ks_sql_rows (signer->sql, VIEW_FIND,
                        (XimKsSqlInto){ xim_ks_ledger_keep_entry, &last },
                        &error, "k", tag))
    {
      xim_ks_audit_problem (walk->audit, "%s: the signer's store: %s", what,
                            error->message);
      return;
    }
  signer->n_known += last.version != 0;
  if (same_version (stored, &last))
    return;
  if (last.version > stored->version
      && (!signer->at_rest || waits (signer, tag, &last)))
    return;
  xim_ks_audit_problem (walk->audit,
                        "%s: version %u is the last one, the signer's store "
                        "has %sversion %u",
                        what, stored->version,
                        last.version == stored->version ? "another " : "",
                        last.version);
}

static gboolean
read_stored (const XimKsSqlRow *row, XimKsLedgerEntry *stored)
{
  gint64 version = xim_ks_sql_number (row, 1);
  stored->version = (guint32)version;
  return version >= 1 && version <= XIM_NUMBER_MAX
         && xim_ks_sql_bytes (row, 2, &stored->hash, sizeof stored->hash);
}

static gboolean
check_account (const XimKsSqlRow *row, gpointer data)
{
  const Walk *walk = data;
  XimKsLedgerEntry stored = { .erased = FALSE };
  XimHash tag;
  g_autofree char *jid = xim_ks_sql_text (row, 0);
  if (jid == NULL || !read_stored (row, &stored))
    return FALSE;
  xim_ks_tag_member (walk->signer->members, jid, &tag);
  check_last (walk, jid, &tag, &stored);
  return TRUE;
}

static gboolean
check_erased (const XimKsSqlRow *row, gpointer data)
{
  XimKsLedgerEntry stored = { .erased = TRUE };
  XimHash tag;
  if (!xim_ks_sql_bytes (row, 0, &tag, sizeof tag)
      || !read_stored (row, &stored))
    return FALSE;
  check_last (data, "an address that was erased", &tag, &stored);
  return TRUE;
}

/* Those whose first version waits are known as well. */
static gint64
count_new (const XimKsCheckSigner *signer)
{
  gint64 n = 0;
  for (guint i = 0; i < signer->pending->len; i++)
    {
      const XimKsPending *row = signer->pending->pdata[i];
      n += row->kind == XIM_KS_PENDING_ACCOUNT && row->number == 1;
    }
  return n;
}

void
xim_ks_check_signer_accounts (XimKsCheckSigner *signer,
                              const XimKsAudit *audit)
{
  g_autoptr (GError) error = NULL;
  gint64 count = 0;
  Walk walk = { signer, audit };
  signer->pending = xim_ks_pending_load (audit->store, &error);
  if (signer->pending == NULL
      || !xim_ks_sql_rows (signer->sql, VIEW_COUNT,
                           (XimKsSqlInto){ xim_ks_sql_keep_number, &count },
                           &error, "")
      || !xim_ks_sql_rows (audit->store->writer, NEWEST_ACCOUNTS,
                           (XimKsSqlInto){ check_account, &walk }, &error, "")
      || !xim_ks_sql_rows (audit->store->writer, ALL_ERASED,
                           (XimKsSqlInto){ check_erased, &walk }, &error, ""))
    xim_ks_audit_problem (audit, "the signer's store: %s", error->message);
  else if (signer->at_rest && count > signer->n_known + count_new (signer))
    xim_ks_audit_problem (audit,
                          "the signer's store has %" G_GINT64_FORMAT
                          " addresses, %" G_GINT64_FORMAT
                          " of them are stored",
                          count, signer->n_known);
}
