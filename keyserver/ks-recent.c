/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What an address had before its newest version, for half a minute. */

#include "config.h"

#include "ks-recent.h"

#include <string.h>

#define LIFE_US (G_GINT64_CONSTANT (30) * G_USEC_PER_SEC)

typedef struct
{
  XimHash tag;
  guint32 version; /* 0: none */
  XimHash hash;
  gint64 until_us;
} Before;

struct _XimKsRecent
{
  GMutex lock;
  GHashTable *by_tag; /* of Before, which the queue owns */
  GQueue all;         /* the oldest first */
};

static guint
hash_tag (gconstpointer data)
{
  guint value = 0;
  memcpy (&value, data, sizeof value);
  return value;
}

static gboolean
same_tag (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (XimHash)) == 0;
}

XimKsRecent *
xim_ks_recent_new (void)
{
  XimKsRecent *recent = g_new0 (XimKsRecent, 1);
  g_mutex_init (&recent->lock);
  recent->by_tag = g_hash_table_new (hash_tag, same_tag);
  g_queue_init (&recent->all);
  return recent;
}

void
xim_ks_recent_free (XimKsRecent *recent)
{
  if (recent == NULL)
    return;
  g_hash_table_unref (recent->by_tag);
  g_queue_clear_full (&recent->all, g_free);
  g_mutex_clear (&recent->lock);
  g_free (recent);
}

static void
forget (XimKsRecent *recent, gint64 now_us)
{
  for (;;)
    {
      const Before *oldest = g_queue_peek_head (&recent->all);
      if (oldest == NULL || oldest->until_us >= now_us)
        return;
      if (g_hash_table_lookup (recent->by_tag, &oldest->tag) == oldest)
        g_hash_table_remove (recent->by_tag, &oldest->tag);
      g_free (g_queue_pop_head (&recent->all));
    }
}

void
xim_ks_recent_add (XimKsRecent *recent, const XimHash *tag, guint32 version,
                   const XimHash *hash, gint64 now_us)
{
  Before *before = g_new0 (Before, 1);
  before->tag = *tag;
  before->version = version;
  before->hash = *hash;
  before->until_us = now_us + LIFE_US;
  g_mutex_lock (&recent->lock);
  forget (recent, now_us);
  g_hash_table_replace (recent->by_tag, &before->tag, before);
  g_queue_push_tail (&recent->all, before);
  g_mutex_unlock (&recent->lock);
}

gboolean
xim_ks_recent_has (XimKsRecent *recent, const XimHash *tag, guint32 version,
                   const XimHash *hash, gint64 now_us)
{
  g_mutex_lock (&recent->lock);
  const Before *before = g_hash_table_lookup (recent->by_tag, tag);
  gboolean has
      = before != NULL && before->version == version
        && before->until_us >= now_us
        && (version == 0 || memcmp (&before->hash, hash, sizeof *hash) == 0);
  g_mutex_unlock (&recent->lock);
  return has;
}
