/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A bounded set of SHA-256 values that forgets the oldest first. */

#include "config.h"

#include "hash-set.h"

#include <string.h>

struct _XimHashSet
{
  guint max;
  GHashTable *links; /* XimHash to its GList in `order` */
  GQueue order;      /* of XimHash, oldest first */
};

/* A hash is as good as its first bytes. */
static guint
hash_hash (gconstpointer key)
{
  guint value;

  memcpy (&value, key, sizeof value);
  return value;
}

static gboolean
hash_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (XimHash)) == 0;
}

static void
hash_of (const char *text, XimHash *out)
{
  const XimPiece piece = { text, strlen (text) };

  xim_crypto_sha256 (&piece, 1, out);
}

XimHashSet *
xim_hash_set_new (guint max)
{
  XimHashSet *set = g_new0 (XimHashSet, 1);

  set->max = max;
  set->links = g_hash_table_new (hash_hash, hash_equal);
  g_queue_init (&set->order);
  return set;
}

void
xim_hash_set_free (XimHashSet *set)
{
  if (set == NULL)
    return;
  g_hash_table_unref (set->links);
  g_queue_clear_full (&set->order, g_free);
  g_free (set);
}

static void
drop (XimHashSet *set, GList *link)
{
  g_autofree XimHash *hash = link->data;

  g_hash_table_remove (set->links, hash);
  g_queue_delete_link (&set->order, link);
}

void
xim_hash_set_add (XimHashSet *set, const char *text)
{
  g_autofree XimHash *hash = g_new (XimHash, 1);

  hash_of (text, hash);
  if (g_hash_table_contains (set->links, hash))
    return;
  if (set->order.length == set->max)
    drop (set, set->order.head);
  g_queue_push_tail (&set->order, hash);
  g_hash_table_insert (set->links, hash, set->order.tail);
  g_steal_pointer (&hash);
}

gboolean
xim_hash_set_has (const XimHashSet *set, const char *text)
{
  XimHash hash;

  hash_of (text, &hash);
  return g_hash_table_contains (set->links, &hash);
}

gboolean
xim_hash_set_remove (XimHashSet *set, const char *text)
{
  XimHash hash;
  GList *link;

  hash_of (text, &hash);
  link = g_hash_table_lookup (set->links, &hash);
  if (link == NULL)
    return FALSE;
  drop (set, link);
  return TRUE;
}
