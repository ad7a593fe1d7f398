/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tiles of a keyserver's log, fetched. */

#include "config.h"

#include "tiles.h"

#include "keyserver.h"
#include "site.h"

typedef struct
{
  XimTileFetch *fetch;
  XimTile tile;
  guint request;
  GBytes *hashes; /* (nullable): not there yet */
} Wanted;

struct _XimTileFetch
{
  XimHttp *http;
  XimSite site;
  XimTiles tiles;
  GPtrArray *wanted; /* of Wanted */
  guint n_missing;
  gboolean started;
  guint idle; /* there is nothing to fetch */
  XimTilesCallback callback;
  gpointer user_data;
};

static void
wanted_free (gpointer data)
{
  Wanted *wanted = data;
  xim_http_cancel (wanted->fetch->http, wanted->request);
  g_clear_pointer (&wanted->hashes, g_bytes_unref);
  g_free (wanted);
}

/* Which tiles. */

static Wanted *
find (XimTileFetch *fetch, const XimTile *tile)
{
  for (guint i = 0; i < fetch->wanted->len; i++)
    {
      Wanted *wanted = g_ptr_array_index (fetch->wanted, i);
      if (wanted->tile.level == tile->level && wanted->tile.n == tile->n)
        return wanted;
    }
  return NULL;
}

static void
want (XimTileFetch *fetch, const XimTile *tile)
{
  if (find (fetch, tile) != NULL)
    return;
  Wanted *wanted = g_new0 (Wanted, 1);
  wanted->fetch = fetch;
  wanted->tile = *tile;
  g_ptr_array_add (fetch->wanted, wanted);
}

static const XimHash *
load (gpointer data, const XimTile *tile, GError **error)
{
  static const XimHash zeros[XIM_TILE_WIDTH];
  XimTileFetch *fetch = data;
  if (!fetch->started)
    {
      want (fetch, tile);
      return zeros;
    }
  const Wanted *wanted = find (fetch, tile);
  if (wanted != NULL && wanted->hashes != NULL)
    return g_bytes_get_data (wanted->hashes, NULL);
  g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
               "expected tile %" G_GUINT64_FORMAT
               " of level %u among those that were fetched",
               tile->n, tile->level);
  return NULL;
}

XimTileFetch *
xim_tile_fetch_new (XimHttp *http, const XimDomain *domain, guint64 size)
{
  XimTileFetch *fetch = g_new0 (XimTileFetch, 1);
  fetch->http = http;
  xim_site_set (&fetch->site, domain);
  fetch->tiles = (XimTiles){ size, load, fetch };
  fetch->wanted = g_ptr_array_new_with_free_func (wanted_free);
  return fetch;
}

void
xim_tile_fetch_free (XimTileFetch *fetch)
{
  if (fetch == NULL)
    return;
  if (fetch->idle != 0)
    purple_timeout_remove (fetch->idle);
  g_ptr_array_unref (fetch->wanted);
  xim_site_clear (&fetch->site);
  g_free (fetch);
}

XimTreeReader
xim_tile_fetch_reader (XimTileFetch *fetch)
{
  return xim_tiles_reader (&fetch->tiles);
}

/* Fetching. */

static void
cancel_all (XimTileFetch *fetch)
{
  for (guint i = 0; i < fetch->wanted->len; i++)
    {
      Wanted *wanted = g_ptr_array_index (fetch->wanted, i);
      xim_http_cancel (fetch->http, wanted->request);
      wanted->request = 0;
    }
}

static gboolean
fits (const Wanted *wanted, const XimHttpAnswer *answer)
{
  return answer->status == 200
         && g_bytes_get_size (answer->body)
                == wanted->tile.width * sizeof (XimHash);
}

static void
got_tile (const XimHttpAnswer *answer, gpointer data)
{
  Wanted *wanted = data;
  XimTileFetch *fetch = wanted->fetch;
  wanted->request = 0;
  if (xim_keyserver_is_outage (answer) || !fits (wanted, answer))
    {
      const gboolean outage = xim_keyserver_is_outage (answer);
      purple_debug_info ("x-im", "tiles: level %u: status %u\n",
                         wanted->tile.level, answer->status);
      cancel_all (fetch);
      fetch->callback (outage ? XIM_TILES_OUTAGE : XIM_TILES_REFUSED,
                       answer->retry_after_s, fetch->user_data);
      return;
    }
  wanted->hashes = g_bytes_ref (answer->body);
  if (--fetch->n_missing == 0)
    fetch->callback (XIM_TILES_WHOLE, 0, fetch->user_data);
}

static void
ask (Wanted *wanted)
{
  XimTileFetch *fetch = wanted->fetch;
  g_autofree char *url
      = xim_keyserver_tile_url (fetch->site.base_url, &wanted->tile);
  wanted->request = xim_site_get (
      &fetch->site, fetch->http, url,
      MAX (XIM_TILE_BYTES_MAX, XIM_KEYSERVER_ERROR_MAX), got_tile, wanted);
}

static gboolean
nothing_to_fetch (gpointer data)
{
  XimTileFetch *fetch = data;
  fetch->idle = 0;
  fetch->callback (XIM_TILES_WHOLE, 0, fetch->user_data);
  return FALSE;
}

void
xim_tile_fetch_start (XimTileFetch *fetch, XimTilesCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (!fetch->started);
  fetch->started = TRUE;
  fetch->callback = callback;
  fetch->user_data = user_data;
  fetch->n_missing = fetch->wanted->len;
  for (guint i = 0; i < fetch->wanted->len; i++)
    ask (g_ptr_array_index (fetch->wanted, i));
  if (fetch->n_missing == 0)
    fetch->idle = purple_timeout_add (0, nothing_to_fetch, fetch);
}
