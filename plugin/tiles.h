/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tiles of a keyserver's log, fetched. */

#pragma once

#include "discovery.h"

/**
 * XimTiles of libxim says which tiles a proof is made of; this gets them.
 */
typedef struct _XimTileFetch XimTileFetch;

/* How it ended. */
typedef enum
{
  XIM_TILES_WHOLE,   /* every tile came; nothing in them was checked */
  XIM_TILES_REFUSED, /* the keyserver has no such tile, or of another size */
  XIM_TILES_OUTAGE,  /* no answer now, try again */
} XimTilesEnd;

/**
 * XimTilesCallback:
 * @retry_after_s: of an outage, 0 when nothing was said
 */
typedef void (*XimTilesCallback) (XimTilesEnd end, guint retry_after_s,
                                  gpointer user_data);

/**
 * xim_tile_fetch_new:
 * @domain: copied
 * @size: of the tree
 */
XimTileFetch *xim_tile_fetch_new (XimHttp *http, const XimDomain *domain,
                                  guint64 size);
void xim_tile_fetch_free (XimTileFetch *fetch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimTileFetch, xim_tile_fetch_free)

/**
 * xim_tile_fetch_reader:
 * Returns: a reader that @fetch must outlive.  Before xim_tile_fetch_start()
 * it notes which tiles it would need and gives zeros; when all of them came it
 * reads from them.
 */
XimTreeReader xim_tile_fetch_reader (XimTileFetch *fetch);

/**
 * xim_tile_fetch_start:
 * @callback: once, from the main loop and never before this returns; not after
 * xim_tile_fetch_free(), which it may call
 */
void xim_tile_fetch_start (XimTileFetch *fetch, XimTilesCallback callback,
                           gpointer user_data);
