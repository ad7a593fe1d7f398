/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What was accepted and is durable, but not signed and published yet. */

#include "config.h"

#include "ks-pending.h"

#include <string.h>

#include "xim-error.h"

#include "ks-store-inner.h"
#include "ks-tag.h"

#define DAY_S 86400

void
xim_ks_pending_free (XimKsPending *pending)
{
  if (pending == NULL)
    return;
  g_free (pending->jid);
  g_free (pending->note);
  g_free (pending->signed_note);
  g_free (pending->current);
  g_free (pending);
}

static gboolean
is_version (XimKsPendingKind kind)
{
  return kind == XIM_KS_PENDING_ACCOUNT || kind == XIM_KS_PENDING_OLD;
}

static gboolean
has_id (XimKsPendingKind kind)
{
  return kind == XIM_KS_PENDING_KEY || kind == XIM_KS_PENDING_DEVICE
         || kind == XIM_KS_PENDING_DROP;
}

static gboolean
has_hash (XimKsPendingKind kind)
{
  return kind == XIM_KS_PENDING_ACCOUNT || kind == XIM_KS_PENDING_ERASE;
}

/* As a statement takes them. */
typedef struct
{
  XimPiece opening;
  XimPiece proof;
  XimPiece next;
} Pieces;

static Pieces
pieces_of (const XimKsLogged *logged)
{
  return (Pieces){
    { logged->opening.bytes, sizeof logged->opening.bytes },
    { logged->proof.bytes, sizeof logged->proof.bytes },
    { logged->next.bytes, sizeof logged->next.bytes },
  };
}

gboolean
xim_ks_pending_put (XimKsStore *store, const XimKsPending *pending,
                    GError **error)
{
  XimKsPendingKind kind = pending->kind;
  const Pieces pieces = pieces_of (&pending->logged);
  gboolean versioned = is_version (kind);
  return xim_ks_sql_run (
      store->writer, PUT_PENDING, error, "itidkkitbbbb", (gint64)kind,
      pending->jid, (gint64)pending->number,
      has_id (kind) ? &pending->id : NULL,
      kind == XIM_KS_PENDING_KEY ? &pending->key : NULL,
      has_hash (kind) ? &pending->hash : NULL, pending->accepted_s,
      pending->note, &pending->entry, versioned ? &pieces.opening : NULL,
      versioned ? &pieces.proof : NULL, versioned ? &pieces.next : NULL);
}

static gboolean
keep_logged (const XimKsSqlRow *row, XimKsPending *pending)
{
  XimKsLogged *logged = &pending->logged;
  logged->leaf = (guint64)xim_ks_sql_number (row, 9);
  return !is_version (pending->kind)
         || (xim_ks_sql_bytes (row, 10, logged->opening.bytes,
                               sizeof logged->opening.bytes)
             && xim_ks_sql_bytes (row, 11, logged->proof.bytes,
                                  sizeof logged->proof.bytes)
             && xim_ks_sql_bytes (row, 12, logged->next.bytes,
                                  sizeof logged->next.bytes));
}

static gboolean
keep_pending (const XimKsSqlRow *row, gpointer rows)
{
  XimKsPending *pending = g_new0 (XimKsPending, 1);
  g_ptr_array_add (rows, pending);
  pending->seq = xim_ks_sql_number (row, 0);
  pending->kind = (XimKsPendingKind)xim_ks_sql_number (row, 1);
  pending->jid = xim_ks_sql_text (row, 2);
  pending->number = (guint32)xim_ks_sql_number (row, 3);
  pending->accepted_s = xim_ks_sql_number (row, 7);
  pending->note = xim_ks_sql_text (row, 8);
  XimKsPendingKind kind = pending->kind;
  return pending->jid != NULL
         && (!has_id (kind)
             || xim_ks_sql_bytes (row, 4, &pending->id, sizeof pending->id))
         && (kind != XIM_KS_PENDING_KEY
             || xim_ks_sql_bytes (row, 5, &pending->key, sizeof pending->key))
         && (!has_hash (kind)
             || xim_ks_sql_bytes (row, 6, &pending->hash,
                                  sizeof pending->hash))
         && keep_logged (row, pending);
}

GPtrArray *
xim_ks_pending_load (XimKsStore *store, GError **error)
{
  g_autoptr (GPtrArray) rows
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_ks_pending_free);
  if (!xim_ks_sql_rows (store->writer, PENDING,
                        (XimKsSqlInto){ keep_pending, rows }, error, ""))
    return NULL;
  return g_steal_pointer (&rows);
}

static gboolean
publish_account (XimKsStore *store, const XimKsPending *row, GError **error)
{
  const Pieces pieces = pieces_of (&row->logged);
  XimHash member;
  xim_ks_tag_member (store->members, row->jid, &member);
  return xim_ks_sql_run (store->writer, PUT_ACCOUNT, error, "tikitibbb",
                         row->jid, (gint64)row->number, &row->hash,
                         row->accepted_s, row->signed_note,
                         (gint64)row->logged.leaf, &pieces.opening,
                         &pieces.proof, &pieces.next)
         && xim_ks_sql_run (store->writer, DROP_ERASED, error, "k", &member);
}

static gboolean
publish_old (XimKsStore *store, const XimKsPending *row, GError **error)
{
  const Pieces pieces = pieces_of (&row->logged);
  return xim_ks_sql_run (store->writer, SET_ACCOUNT, error, "tiibbb", row->jid,
                         (gint64)row->number, (gint64)row->logged.leaf,
                         &pieces.opening, &pieces.proof, &pieces.next);
}

/* The tags under which @device of @jid is remembered when it is erased. */
static gboolean
remember_device (XimKsStore *store, const char *jid,
                 const XimAccountDevice *device, GError **error)
{
  XimHash id, key;
  xim_ks_tag_device (store->members, jid, &device->id, &id);
  xim_ks_tag_key (store->members, &device->key, &key);
  return xim_ks_sql_run (store->writer, PUT_ERASED_DEVICE, error, "k", &id)
         && xim_ks_sql_run (store->writer, PUT_ERASED_DEVICE, error, "k",
                            &key);
}

static gboolean
remember_devices (XimKsStore *store, const char *jid, GError **error)
{
  g_autoptr (GArray) devices
      = g_array_new (FALSE, FALSE, sizeof (XimAccountDevice));
  if (!xim_ks_sql_rows (store->writer, LISTED,
                        (XimKsSqlInto){ xim_ks_store_keep_listed, devices },
                        error, "t", jid))
    return FALSE;
  for (guint i = 0; i < devices->len; i++)
    if (!remember_device (
            store, jid, &g_array_index (devices, XimAccountDevice, i), error))
      return FALSE;
  return TRUE;
}

/* How many versions the address had in the day before, the erase note among
 * them. */
static gboolean
count_today (XimKsStore *store, const XimKsPending *row, const XimHash *member,
             gint64 *n, GError **error)
{
  gint64 now = 0, before = 0;
  if (!xim_ks_sql_rows (store->writer, COUNT,
                        (XimKsSqlInto){ xim_ks_sql_keep_number, &now }, error,
                        "ti", row->jid, row->accepted_s - DAY_S)
      || !xim_ks_sql_rows (store->writer, ERASED_TODAY,
                           (XimKsSqlInto){ xim_ks_sql_keep_number, &before },
                           error, "ki", member, row->accepted_s - DAY_S))
    return FALSE;
  *n = now + before + 1;
  return TRUE;
}

static gboolean
publish_erase (XimKsStore *store, const XimKsPending *row, GError **error)
{
  XimKsSql *sql = store->writer;
  XimHash member;
  gint64 n_today = 0;
  xim_ks_tag_member (store->members, row->jid, &member);
  return count_today (store, row, &member, &n_today, error)
         && remember_devices (store, row->jid, error)
         && xim_ks_sql_run (sql, DROP_ACCOUNTS, error, "t", row->jid)
         && xim_ks_sql_run (sql, DROP_DEVICES, error, "t", row->jid)
         && xim_ks_sql_run (sql, DROP_KEYS, error, "t", row->jid)
         && xim_ks_sql_run (sql, PUT_ERASED, error, "kik", &member,
                            (gint64)row->number, &row->hash)
         && xim_ks_sql_run (sql, DROP_ERASED_BEFORE, error, "i",
                            row->accepted_s - DAY_S)
         && xim_ks_sql_run (sql, PUT_ERASED_TODAY, error, "kii", &member,
                            row->accepted_s, n_today)
         && xim_ks_sql_run (sql, PUT_SWEEP, error, "");
}

static gboolean
publish_row (XimKsStore *store, const XimKsPending *row, GError **error)
{
  XimKsSql *sql = store->writer;
  switch (row->kind)
    {
    case XIM_KS_PENDING_ACCOUNT:
      return publish_account (store, row, error);
    case XIM_KS_PENDING_KEY:
      return xim_ks_sql_run (sql, PUT_KEY, error, "ktd", &row->key, row->jid,
                             &row->id);
    case XIM_KS_PENDING_DEVICE:
      return xim_ks_sql_run (sql, PUT_DEVICE, error, "tdit", row->jid,
                             &row->id, (gint64)row->number, row->signed_note);
    case XIM_KS_PENDING_DROP:
      return xim_ks_sql_run (sql, DROP_DEVICE, error, "td", row->jid,
                             &row->id);
    case XIM_KS_PENDING_ERASE:
      return publish_erase (store, row, error);
    case XIM_KS_PENDING_SERVER:
      return xim_ks_sql_run (sql, SET_SERVER, error, "ii", (gint64)row->number,
                             (gint64)row->logged.leaf);
    case XIM_KS_PENDING_OLD:
      return publish_old (store, row, error);
    default:
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "a row that waits has the unknown kind %d", (int)row->kind);
      return FALSE;
    }
}

gboolean
xim_ks_pending_publish (XimKsStore *store, const GPtrArray *rows,
                        GError **error)
{
  for (guint i = 0; i < rows->len; i++)
    if (!publish_row (store, rows->pdata[i], error))
      return FALSE;
  return xim_ks_sql_run (store->writer, DROP_PENDING, error, "");
}

gboolean
xim_ks_pending_drop (XimKsStore *store, const char *jid, GError **error)
{
  return xim_ks_sql_run (store->writer, DROP_ONE_PENDING, error, "t", jid);
}
