/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Messages that wait, in order: on disk whole, in memory only which. */

#include "config.h"

#include "held.h"

#include <string.h>

struct _XimHeldList
{
  XimStore *store;
  XimHeldGroup group;
  GPtrArray *items; /* of XimHeldItem, ascending by id */
};

static void
item_free (gpointer data)
{
  XimHeldItem *item = data;

  g_free (item->jid);
  g_free (item);
}

static gboolean
is_ours (const XimHeldList *list, const XimHeld *row)
{
  switch (row->kind)
    {
    case XIM_HELD_WAITING:
      return list->group == XIM_HELD_RECEIVED;
    case XIM_HELD_REMOVED:
      return list->group == XIM_HELD_FROM_REMOVED;
    case XIM_HELD_IM:
    case XIM_HELD_STANZA:
    default:
      return list->group == XIM_HELD_TO_SEND;
    }
}

static void
append (XimHeldList *list, gint64 id, const char *jid, gboolean shown)
{
  XimHeldItem *item = g_new0 (XimHeldItem, 1);

  item->id = id;
  item->jid = g_strdup (jid);
  item->shown = shown;
  g_ptr_array_add (list->items, item);
}

XimHeldList *
xim_held_list_new (XimStore *store, XimHeldGroup group, GError **error)
{
  g_autoptr (XimHeldList) list = g_new0 (XimHeldList, 1);
  g_autoptr (GPtrArray) rows = NULL;

  list->store = store;
  list->group = group;
  list->items = g_ptr_array_new_with_free_func (item_free);
  if (!xim_store_load_held (store, NULL, &rows, error))
    return NULL;
  for (guint i = 0; i < rows->len; i++)
    {
      const XimHeld *row = g_ptr_array_index (rows, i);
      if (is_ours (list, row))
        append (list, row->id, row->jid, FALSE);
    }
  return g_steal_pointer (&list);
}

void
xim_held_list_free (XimHeldList *list)
{
  if (list == NULL)
    return;
  g_ptr_array_unref (list->items);
  g_free (list);
}

gboolean
xim_held_list_add (XimHeldList *list, XimHeld *row, gboolean shown,
                   GError **error)
{
  if (!xim_store_add_held (list->store, row, error))
    return FALSE;
  append (list, row->id, row->jid, shown);
  return TRUE;
}

guint
xim_held_list_n (const XimHeldList *list, const char *jid)
{
  guint n = 0;

  for (guint i = 0; i < list->items->len; i++)
    {
      const XimHeldItem *item = g_ptr_array_index (list->items, i);
      n += jid == NULL || strcmp (item->jid, jid) == 0;
    }
  return n;
}

GStrv
xim_held_list_addresses (const XimHeldList *list)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < list->items->len; i++)
    {
      const XimHeldItem *item = g_ptr_array_index (list->items, i);
      if (g_hash_table_add (seen, item->jid))
        g_strv_builder_add (builder, item->jid);
    }
  return g_strv_builder_end (builder);
}

GPtrArray *
xim_held_list_load (const XimHeldList *list, const char *jid, GError **error)
{
  GPtrArray *rows = NULL;

  if (!xim_store_load_held (list->store, jid, &rows, error))
    return NULL;
  for (guint i = rows->len; i > 0; i--)
    if (!is_ours (list, g_ptr_array_index (rows, i - 1)))
      g_ptr_array_remove_index (rows, i - 1);
  return rows;
}

XimHeldItem *
xim_held_list_find (const XimHeldList *list, gint64 id)
{
  for (guint i = 0; i < list->items->len; i++)
    {
      XimHeldItem *item = g_ptr_array_index (list->items, i);
      if (item->id == id)
        return item;
    }
  return NULL;
}

gboolean
xim_held_list_remove (XimHeldList *list, gint64 id, GError **error)
{
  XimHeldItem *item = xim_held_list_find (list, id);

  if (item != NULL)
    g_ptr_array_remove (list->items, item);
  return xim_store_delete_held (list->store, id, error);
}
