/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* From what was accepted to what is signed, logged and served. */

#include "config.h"

#include "ks-publisher.h"

#include <string.h>

#include "xim-current.h"
#include "xim-error.h"

#include "ks-entries.h"
#include "ks-log.h"

struct _XimKsPublisher
{
  XimKsStore *store;
  XimKsSigner *signer;
  XimKsTiles *tiles;
  char *log;
  XimKsEdge *edge;      /* of all entries that are durable */
  XimKsEdge *placed;    /* with those of the transaction that is open */
  guint64 published;    /* size of the newest checkpoint that is stored */
  gboolean signed_last; /* it is also the last one that the signer signed */
  gboolean behind;
  gboolean halted; /* set by the start alone */
};

XimKsPublisher *
xim_ks_publisher_new (XimKsStore *store, XimKsSigner *signer,
                      XimKsTiles *tiles, const char *log)
{
  XimKsPublisher *publisher = g_new0 (XimKsPublisher, 1);
  publisher->store = store;
  publisher->signer = signer;
  publisher->tiles = tiles;
  publisher->log = g_strdup (log);
  publisher->edge = g_new0 (XimKsEdge, 1);
  publisher->placed = g_new0 (XimKsEdge, 1);
  return publisher;
}

void
xim_ks_publisher_free (XimKsPublisher *publisher)
{
  if (publisher == NULL)
    return;
  g_free (publisher->log);
  g_free (publisher->edge);
  g_free (publisher->placed);
  g_free (publisher);
}

gboolean
xim_ks_publisher_is_behind (const XimKsPublisher *publisher)
{
  return publisher->behind;
}

gboolean
xim_ks_publisher_is_halted (const XimKsPublisher *publisher)
{
  return publisher->halted;
}

gboolean
xim_ks_publisher_prove (XimKsPublisher *publisher, const XimKsLeafOf *leaves,
                        gsize n, GError **error)
{
  return xim_ks_leaf_prove (publisher->signer, leaves, n, error);
}

gboolean
xim_ks_publisher_place (XimKsPublisher *publisher, GError **error)
{
  *publisher->placed = *publisher->edge;
  return xim_ks_entries_place (publisher->store, publisher->placed, error);
}

void
xim_ks_publisher_placed (XimKsPublisher *publisher, gboolean durable)
{
  if (!durable)
    return;
  XimKsEdge *before = publisher->edge;
  publisher->edge = publisher->placed;
  publisher->placed = before;
  publisher->behind = TRUE;
}

/* What goes to the signer and comes back. */
typedef struct
{
  GPtrArray *rows;    /* of XimKsPending */
  GArray *items;      /* of XimKsSignItem */
  GPtrArray *of_item; /* the row of each; a second one is its current note */
  char *text;         /* (nullable): of a checkpoint */
  XimTreeProof proof;
  char *line;
} Request;

static void
clear_item (gpointer item)
{
  XimKsSignItem *sign = item;
  g_free ((char *)sign->text);
  xim_ks_sign_item_clear (sign);
}

static void
request_free (Request *request)
{
  if (request == NULL)
    return;
  g_clear_pointer (&request->rows, g_ptr_array_unref);
  g_array_unref (request->items);
  g_ptr_array_unref (request->of_item);
  g_free (request->text);
  g_free (request->line);
  g_free (request);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static Request *
request_new (void)
{
  Request *request = g_new0 (Request, 1);
  request->items = g_array_new (FALSE, TRUE, sizeof (XimKsSignItem));
  g_array_set_clear_func (request->items, clear_item);
  request->of_item = g_ptr_array_new ();
  return request;
}

/* The text of a note, or of a text alone. */
static char *
text_of (const char *note)
{
  const char *end = strstr (note, "\n\n");
  return end == NULL ? g_strdup (note)
                     : g_strndup (note, (gsize)(end + 1 - note));
}

static char *
current_of (const XimKsPending *row)
{
  const XimCurrent current = {
    .jid = row->jid,
    .version = row->number,
    .account = row->hash,
    .time_s = g_get_real_time () / G_USEC_PER_SEC,
  };
  return xim_current_encode (&current);
}

static void
add_item (Request *request, XimKsPending *row, char *text)
{
  XimKsSignItem item = { .text = text };
  g_array_append_val (request->items, item);
  g_ptr_array_add (request->of_item, row);
}

/* @currents: whether whoever sent them waits for a bundle */
static void
add_items (Request *request, gboolean currents)
{
  for (guint i = 0; i < request->rows->len; i++)
    {
      XimKsPending *row = request->rows->pdata[i];
      if (row->note == NULL)
        continue;
      add_item (request, row, text_of (row->note));
      if (currents && row->kind == XIM_KS_PENDING_ACCOUNT)
        add_item (request, row, current_of (row));
    }
}

/* Only when there is something new: a checkpoint of every device note would
 * tell nothing. */
static gboolean
add_checkpoint (XimKsPublisher *publisher, Request *request, GError **error)
{
  XimTreeHead head, last;
  if (publisher->edge->size == publisher->published && publisher->signed_last)
    return TRUE;
  if (!xim_ks_signer_last (publisher->signer, &last.size, &last.root, error))
    return FALSE;
  xim_ks_edge_head (publisher->edge, &head);
  if (last.size > head.size)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_CONFLICT,
                   "the signer has signed a larger log");
      return FALSE;
    }
  request->text = xim_checkpoint_text (publisher->log, &head);
  return xim_ks_tiles_consistency (publisher->tiles, publisher->edge,
                                   last.size, &request->proof, error);
}

static gboolean
ask_signer (XimKsPublisher *publisher, Request *request, GError **error)
{
  const XimKsSignTree tree
      = { request->text, request->proof.hashes, request->proof.n };
  return xim_ks_signer_group (
      publisher->signer, (XimKsSignItem *)(gpointer)request->items->data,
      request->items->len, request->text != NULL ? &tree : NULL,
      request->text != NULL ? &request->line : NULL, error);
}

/* Our line goes last. */
static void
add_lines (Request *request)
{
  for (guint i = 0; i < request->items->len; i++)
    {
      const XimKsSignItem *item
          = &g_array_index (request->items, XimKsSignItem, i);
      XimKsPending *row = request->of_item->pdata[i];
      if (item->line == NULL)
        continue;
      if (row->signed_note == NULL)
        row->signed_note = g_strconcat (row->note, item->line, NULL);
      else
        row->current = g_strconcat (item->text, "\n", item->line, NULL);
    }
}

static gboolean
store_signed (XimKsPublisher *publisher, const Request *request,
              const char *checkpoint, GError **error)
{
  XimKsStore *store = publisher->store;
  if (!xim_ks_store_begin (store, error))
    return FALSE;
  if (xim_ks_pending_publish (store, request->rows, error)
      && (checkpoint == NULL
          || xim_ks_entries_put_checkpoint (store, checkpoint, error)))
    return xim_ks_store_commit (store, error);
  xim_ks_store_abandon (store);
  return FALSE;
}

static gboolean
finish (XimKsPublisher *publisher, Request *request, GError **error)
{
  g_autofree char *checkpoint
      = request->text == NULL
            ? NULL
            : g_strconcat (request->text, "\n", request->line, NULL);
  add_lines (request);
  if (!store_signed (publisher, request, checkpoint, error))
    return FALSE;
  publisher->behind = FALSE;
  if (checkpoint == NULL)
    return TRUE;
  publisher->published = publisher->edge->size;
  publisher->signed_last = TRUE;
  return xim_ks_tiles_publish (publisher->tiles, publisher->edge, checkpoint,
                               error);
}

static const GError *
refusal_of (const Request *request, guint i)
{
  return g_array_index (request->items, XimKsSignItem, i).error;
}

/* In one transaction: the rows of refused addresses go, and the entries of all
 * others get new leaves. */
static gboolean
take_away (XimKsPublisher *publisher, const Request *request, GError **error)
{
  XimKsStore *store = publisher->store;
  g_autofree XimKsEdge *edge = g_new (XimKsEdge, 1);
  if (!xim_ks_store_begin (store, error))
    return FALSE;
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < request->items->len; i++)
    {
      const XimKsPending *row = request->of_item->pdata[i];
      if (refusal_of (request, i) != NULL)
        ok = xim_ks_pending_drop (store, row->jid, error);
    }
  ok = ok && xim_ks_entries_cut (store, publisher->published, error)
       && xim_ks_entries_load (store, publisher->published, edge, error)
       && xim_ks_entries_place (store, edge, error)
       && xim_ks_store_commit (store, error);
  if (ok)
    *publisher->edge = *edge;
  else
    xim_ks_store_abandon (store);
  return ok;
}

/* With an account note its current note is refused as well. */
static gboolean
is_told (const Request *request, guint i)
{
  return i > 0 && request->of_item->pdata[i] == request->of_item->pdata[i - 1]
         && refusal_of (request, i - 1) != NULL;
}

static void
tell_refused (const Request *request, XimKsPublished told, gpointer user_data)
{
  for (guint i = 0; i < request->items->len; i++)
    {
      const XimKsPending *row = request->of_item->pdata[i];
      const GError *refusal = refusal_of (request, i);
      if (refusal == NULL || is_told (request, i))
        continue;
      xim_ks_log (XIM_KS_LOG_ERROR, "signer-refused", "cause=\"%s\"",
                  refusal->message);
      if (told != NULL)
        told (user_data, row, refusal);
    }
}

static gboolean
is_refused (const Request *request)
{
  for (guint i = 0; i < request->items->len; i++)
    if (refusal_of (request, i) != NULL)
      return TRUE;
  return FALSE;
}

/* Whether no checkpoint was signed that covers more than what is published:
 * only then may entries go. */
static gboolean
may_take_away (XimKsPublisher *publisher)
{
  XimTreeHead last;
  return xim_ks_signer_last (publisher->signer, &last.size, &last.root, NULL)
         && last.size == publisher->published;
}

static Request *
make_request (XimKsPublisher *publisher, gboolean currents, GError **error)
{
  g_autoptr (Request) request = request_new ();
  request->rows = xim_ks_pending_load (publisher->store, error);
  if (request->rows == NULL)
    return NULL;
  add_items (request, currents);
  if (!add_checkpoint (publisher, request, error))
    return NULL;
  return g_steal_pointer (&request);
}

gboolean
xim_ks_publisher_publish (XimKsPublisher *publisher, XimKsPublished told,
                          gpointer user_data, GError **error)
{
  g_autoptr (GError) cause = NULL;
  if (publisher->halted)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                   "the log is not the one that was signed");
      return FALSE;
    }
  g_autoptr (Request) request = make_request (publisher, told != NULL, error);
  if (request == NULL)
    return FALSE;
  if (request->rows->len == 0 && request->text == NULL)
    {
      publisher->behind = FALSE;
      return TRUE;
    }
  if (!ask_signer (publisher, request, &cause))
    {
      if (!is_refused (request) || !may_take_away (publisher))
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return FALSE;
        }
      if (!take_away (publisher, request, error))
        return FALSE;
      tell_refused (request, told, user_data);
      return xim_ks_publisher_publish (publisher, told, user_data, error);
    }
  if (!finish (publisher, request, error))
    return FALSE;
  for (guint i = 0; told != NULL && i < request->rows->len; i++)
    told (user_data, request->rows->pdata[i], NULL);
  return TRUE;
}

/* Entries that no stored checkpoint covers get their leaves anew, which are
 * the same ones: the signer may have signed them already. */
static gboolean
place_again (XimKsPublisher *publisher, GError **error)
{
  XimKsStore *store = publisher->store;
  gboolean ok = xim_ks_store_begin (store, error)
                && xim_ks_publisher_place (publisher, error)
                && xim_ks_store_commit (store, error);
  if (!ok)
    xim_ks_store_abandon (store);
  xim_ks_publisher_placed (publisher, ok);
  return ok;
}

static gboolean
cut (XimKsPublisher *publisher, GError **error)
{
  XimKsStore *store = publisher->store;
  if (xim_ks_store_begin (store, error)
      && xim_ks_entries_cut (store, publisher->published, error)
      && xim_ks_store_commit (store, error))
    return TRUE;
  xim_ks_store_abandon (store);
  return FALSE;
}

/* @halted: when the checkpoint is not of these entries */
static gboolean
load (XimKsPublisher *publisher, GError **halted, GError **error)
{
  g_autofree char *note = NULL;
  g_autoptr (XimCheckpoint) checkpoint = NULL;
  if (!xim_ks_entries_checkpoint (publisher->store, &note, error))
    return FALSE;
  if (note != NULL)
    {
      checkpoint = xim_checkpoint_decode (note, strlen (note), error);
      if (checkpoint == NULL)
        return FALSE;
      publisher->published = checkpoint->head.size;
    }
  guint64 size = 0;
  if (!cut (publisher, error)
      || !xim_ks_entries_size (publisher->store, &size, error)
      || !xim_ks_entries_load (publisher->store, size, publisher->edge, error))
    return FALSE;
  if (note == NULL)
    return TRUE;
  XimTreeHead head;
  xim_ks_edge_head (publisher->edge, &head);
  if (!xim_ks_tiles_publish (publisher->tiles, publisher->edge, note, error))
    return FALSE;
  if (!xim_tree_head_equal (&head, &checkpoint->head))
    g_set_error (halted, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
                 "the entries of the log are not those of its checkpoint");
  return TRUE;
}

static void
compare_with_signer (XimKsPublisher *publisher, const XimTreeHead *last,
                     GError **halted)
{
  XimHash root;
  if (last->size > publisher->edge->size)
    g_set_error (halted, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
                 "the signer has signed a log of %" G_GUINT64_FORMAT
                 " entries and the store has %" G_GUINT64_FORMAT,
                 last->size, publisher->edge->size);
  else if (last->size < publisher->published)
    g_set_error (halted, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
                 "the store has a checkpoint of %" G_GUINT64_FORMAT
                 " entries and the signer has signed only %" G_GUINT64_FORMAT,
                 publisher->published, last->size);
  else if (!xim_ks_tiles_root (publisher->tiles, publisher->edge, last->size,
                               &root, halted))
    g_prefix_error (halted, "the log cannot be read: ");
  else if (memcmp (&root, &last->root, sizeof root) != 0)
    g_set_error (halted, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
                 "the first %" G_GUINT64_FORMAT
                 " entries are not those that the signer has signed",
                 last->size);
  else
    publisher->signed_last = last->size == publisher->published;
}

gboolean
xim_ks_publisher_start (XimKsPublisher *publisher, GError **halted,
                        GError **error)
{
  XimTreeHead last;
  g_return_val_if_fail (halted != NULL, FALSE);
  if (!load (publisher, halted, error) || !place_again (publisher, error)
      || !xim_ks_signer_last (publisher->signer, &last.size, &last.root,
                              error))
    return FALSE;
  if (*halted == NULL)
    compare_with_signer (publisher, &last, halted);
  publisher->halted = *halted != NULL;
  return publisher->halted
         || xim_ks_publisher_publish (publisher, NULL, NULL, error);
}
