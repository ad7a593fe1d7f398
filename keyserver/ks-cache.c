/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Answers kept in memory, by address. */

#include "config.h"

#include "ks-cache.h"

#include <string.h>

#include "ks-metrics.h"

#define N_PARTS 64
#define ENTRY_OVERHEAD 1024 /* bytes, with the HTTP server's form of it */

typedef struct
{
  char *key;
  XimKsAnswer *answer;
  gint64 begin_s; /* a clock that was set back must not keep it for ever */
  gint64 end_s;
  gsize bytes;
  GList link; /* in the part's order of use */
} Entry;

typedef struct
{
  GMutex lock;
  GHashTable *entries; /* of char * to Entry */
  GQueue used;         /* newest first */
  gsize bytes;
} Part;

struct _XimKsCache
{
  gsize max_part_bytes;
  XimKsCacheMake make;
  gpointer user_data;
  Part parts[N_PARTS];
};

static void
entry_free (Entry *entry)
{
  xim_ks_answer_unref (entry->answer);
  g_free (entry->key);
  g_free (entry);
}

XimKsCache *
xim_ks_cache_new (gsize max_bytes, XimKsCacheMake make, gpointer user_data)
{
  XimKsCache *cache = g_new0 (XimKsCache, 1);
  cache->max_part_bytes = max_bytes / N_PARTS;
  cache->make = make;
  cache->user_data = user_data;
  for (guint i = 0; i < N_PARTS; i++)
    {
      g_mutex_init (&cache->parts[i].lock);
      g_queue_init (&cache->parts[i].used);
      cache->parts[i].entries = g_hash_table_new (g_str_hash, g_str_equal);
    }
  return cache;
}

static void
remove_entry (Part *part, Entry *entry)
{
  g_hash_table_remove (part->entries, entry->key);
  g_queue_unlink (&part->used, &entry->link);
  part->bytes -= entry->bytes;
  xim_ks_metrics_add (XIM_KS_CACHED_BYTES, -(gint64)entry->bytes);
  entry_free (entry);
}

void
xim_ks_cache_free (XimKsCache *cache)
{
  if (cache == NULL)
    return;
  for (guint i = 0; i < N_PARTS; i++)
    {
      Part *part = &cache->parts[i];
      while (part->used.head != NULL)
        remove_entry (part, part->used.head->data);
      g_hash_table_unref (part->entries);
      g_mutex_clear (&part->lock);
    }
  g_free (cache);
}

static void
insert (XimKsCache *cache, Part *part, const char *key, XimKsAnswer *answer,
        gint64 now_s, gint64 life_s)
{
  Entry *entry = g_new0 (Entry, 1);
  entry->key = g_strdup (key);
  entry->answer = xim_ks_answer_ref (answer);
  entry->begin_s = now_s;
  entry->end_s = now_s + life_s;
  entry->bytes = g_bytes_get_size (xim_ks_answer_body (answer)) + strlen (key)
                 + ENTRY_OVERHEAD;
  entry->link.data = entry;
  g_hash_table_insert (part->entries, entry->key, entry);
  g_queue_push_head_link (&part->used, &entry->link);
  part->bytes += entry->bytes;
  xim_ks_metrics_add (XIM_KS_CACHED_BYTES, (gint64)entry->bytes);
  while (part->bytes > cache->max_part_bytes && part->used.length > 1)
    remove_entry (part, part->used.tail->data);
}

static Entry *
find (Part *part, const char *key, gint64 now_s)
{
  Entry *entry = g_hash_table_lookup (part->entries, key);
  if (entry == NULL)
    return NULL;
  if (now_s >= entry->end_s || now_s < entry->begin_s)
    {
      remove_entry (part, entry);
      return NULL;
    }
  if (part->used.head != &entry->link)
    {
      g_queue_unlink (&part->used, &entry->link);
      g_queue_push_head_link (&part->used, &entry->link);
    }
  return entry;
}

static Part *
part_of (XimKsCache *cache, const char *key)
{
  guint mixed = g_str_hash (key) * 2654435761u;
  return &cache->parts[(mixed >> 24) % N_PARTS];
}

XimKsAnswer *
xim_ks_cache_get (XimKsCache *cache, const char *key, gconstpointer hint,
                  gint64 now_s, gboolean *hit, GError **error)
{
  Part *part = part_of (cache, key);
  XimKsAnswer *answer = NULL;

  g_mutex_lock (&part->lock);
  Entry *entry = find (part, key, now_s);
  *hit = entry != NULL;
  if (entry != NULL)
    answer = xim_ks_answer_ref (entry->answer);
  else
    {
      gint64 life_s = 0;
      answer
          = cache->make (key, hint, cache->user_data, now_s, &life_s, error);
      if (answer != NULL && life_s > 0)
        insert (cache, part, key, answer, now_s, life_s);
    }
  g_mutex_unlock (&part->lock);
  return answer;
}

void
xim_ks_cache_drop (XimKsCache *cache, const char *key)
{
  Part *part = part_of (cache, key);
  g_mutex_lock (&part->lock);
  Entry *entry = g_hash_table_lookup (part->entries, key);
  if (entry != NULL)
    remove_entry (part, entry);
  g_mutex_unlock (&part->lock);
}
