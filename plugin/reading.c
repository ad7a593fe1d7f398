/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The entries of a keyserver's log, read from one tree to another. */

#include "config.h"

#include "reading.h"

#include "keyserver.h"
#include "site.h"

struct _XimReading
{
  XimHttp *http;
  XimSite site;
  XimTreeHead from;
  XimTreeHead to;
  const XimReadingOps *ops;
  gpointer user_data;
  XimFrontier frontier; /* of what was read */
  guint64 goal;         /* the size that is proven next */
  XimTileFetch *fetch;  /* of the edge to begin with */
  guint request;
  GBytes *tile; /* (nullable) */
  XimConsistent *proof;
};

void
xim_reading_free (XimReading *reading)
{
  if (reading == NULL)
    return;
  xim_http_cancel (reading->http, reading->request);
  xim_tile_fetch_free (reading->fetch);
  xim_consistent_free (reading->proof);
  g_clear_pointer (&reading->tile, g_bytes_unref);
  xim_site_clear (&reading->site);
  g_free (reading);
}

GBytes *
xim_reading_tile (const XimReading *reading)
{
  return reading->tile;
}

static void
end (XimReading *reading, XimReadingEnd how, guint retry_after_s)
{
  reading->ops->ended (how, retry_after_s, reading->user_data);
}

/* Entries. */

static void ask (XimReading *reading);

static void
go_on (XimReading *reading)
{
  const guint64 step = reading->ops->step;
  reading->goal
      = MIN ((reading->frontier.size / step + 1) * step, reading->to.size);
  ask (reading);
}

static void
proven (XimReading *reading, const XimTreeHead *head)
{
  if (!reading->ops->reached (head, reading->user_data))
    end (reading, XIM_READING_LEFT, 0);
  else if (head->size == reading->to.size)
    end (reading, XIM_READING_WHOLE, 0);
  else
    go_on (reading);
}

static void
compared (XimConsistentEnd how, const XimConsistentResult *result,
          gpointer data)
{
  XimReading *reading = data;
  XimTreeHead head;
  g_autoptr (XimConsistent) over = g_steal_pointer (&reading->proof);
  xim_frontier_head (&reading->frontier, &head);
  if (how == XIM_CONSISTENT_YES)
    proven (reading, &head);
  else if (how == XIM_CONSISTENT_OUTAGE)
    end (reading, XIM_READING_OUTAGE, result->retry_after_s);
  else /* nobody signed what these entries come to: it is no fork */
    end (reading, XIM_READING_WRONG, 0);
}

static void
prove (XimReading *reading)
{
  XimTreeHead head;
  XimDomain domain;
  xim_frontier_head (&reading->frontier, &head);
  xim_site_domain (&reading->site, &domain);
  if (xim_tree_head_equal (&head, &reading->to))
    proven (reading, &head);
  else if (head.size == reading->to.size)
    end (reading, XIM_READING_WRONG, 0);
  else
    reading->proof = xim_consistent_new (reading->http, &domain, &head,
                                         &reading->to, compared, reading);
}

static void
take_entry (XimReading *reading, const guint8 *bytes, gsize len)
{
  const guint64 leaf = reading->frontier.size;
  XimHash hash;
  XimEntry entry;
  xim_tree_leaf (bytes, len, &hash);
  xim_frontier_append (&reading->frontier, &hash, NULL);
  if (xim_entry_decode (bytes, len, &entry, NULL))
    reading->ops->entry (leaf, &entry, reading->user_data);
}

/* The tile may begin before what is to be read. */
static gboolean
take_tile (XimReading *reading, guint width, GError **error)
{
  const guint first = (guint)(reading->frontier.size % XIM_TILE_WIDTH);
  XimEntries entries;
  entries.data = g_bytes_get_data (reading->tile, &entries.len);
  for (guint i = 0; i < width; i++)
    {
      const guint8 *bytes;
      gsize len;
      if (!xim_entries_next (&entries, &bytes, &len, error))
        return FALSE;
      if (i >= first)
        take_entry (reading, bytes, len);
    }
  if (entries.len == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a tile of entries to end, got more");
  return FALSE;
}

static void
tile_of (const XimReading *reading, XimTile *out)
{
  out->level = XIM_TILE_ENTRIES;
  out->n = reading->frontier.size / XIM_TILE_WIDTH;
  out->width = xim_tile_width (out->level, out->n, reading->goal);
}

static void
got_entries (const XimHttpAnswer *answer, gpointer data)
{
  XimReading *reading = data;
  g_autoptr (GError) error = NULL;
  XimTile tile;
  reading->request = 0;
  if (xim_keyserver_is_outage (answer))
    {
      end (reading, XIM_READING_OUTAGE, answer->retry_after_s);
      return;
    }
  tile_of (reading, &tile);
  g_clear_pointer (&reading->tile, g_bytes_unref);
  reading->tile = g_bytes_ref (answer->body);
  if (answer->status != 200 || !take_tile (reading, tile.width, &error))
    {
      purple_debug_warning ("x-im", "reading: status %u, %s\n", answer->status,
                            error != NULL ? error->message : "no entries");
      end (reading, XIM_READING_WRONG, 0);
    }
  else if (reading->frontier.size < reading->goal)
    ask (reading);
  else
    prove (reading);
}

static void
ask (XimReading *reading)
{
  XimTile tile;
  tile_of (reading, &tile);
  g_autofree char *url
      = xim_keyserver_tile_url (reading->site.base_url, &tile);
  reading->request
      = xim_site_get (&reading->site, reading->http, url,
                      MAX (XIM_ENTRIES_BYTES_MAX, XIM_KEYSERVER_ERROR_MAX),
                      got_entries, reading);
}

/* The edge of what is known. */

static gboolean
load_edge (XimReading *reading, XimTreeHead *head)
{
  const XimTreeReader reader = xim_tile_fetch_reader (reading->fetch);
  if (!xim_frontier_load (&reader, reading->from.size, &reading->frontier,
                          NULL))
    return FALSE;
  xim_frontier_head (&reading->frontier, head);
  return TRUE;
}

static void
got_edge (XimTilesEnd how, guint retry_after_s, gpointer data)
{
  XimReading *reading = data;
  XimTreeHead head;
  if (how == XIM_TILES_OUTAGE)
    end (reading, XIM_READING_OUTAGE, retry_after_s);
  else if (how != XIM_TILES_WHOLE || !load_edge (reading, &head)
           || !xim_tree_head_equal (&head, &reading->from))
    end (reading, XIM_READING_WRONG, 0);
  else
    go_on (reading);
}

XimReading *
xim_reading_new (XimHttp *http, const XimDomain *domain,
                 const XimTreeHead *from, const XimTreeHead *to,
                 const XimReadingOps *ops, gpointer user_data)
{
  g_return_val_if_fail (from->size > 0 && from->size < to->size, NULL);
  XimReading *reading = g_new0 (XimReading, 1);
  XimTreeHead planned;
  reading->http = http;
  xim_site_set (&reading->site, domain);
  reading->from = *from;
  reading->to = *to;
  reading->ops = ops;
  reading->user_data = user_data;
  reading->fetch = xim_tile_fetch_new (http, domain, to->size);
  /* A reader of tiles that were not fetched yet does not fail. */
  load_edge (reading, &planned);
  xim_tile_fetch_start (reading->fetch, got_edge, reading);
  return reading;
}
