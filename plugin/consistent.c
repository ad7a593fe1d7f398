/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whether one tree of a log is the beginning of another, from its tiles. */

#include "config.h"

#include "consistent.h"

struct _XimConsistent
{
  XimTreeHead older;
  XimTreeHead newer;
  XimTileFetch *fetch;
  XimConsistentCallback callback;
  gpointer user_data;
};

gboolean
xim_consistent_known (const XimTreeHead *older, const XimTreeHead *newer,
                      XimConsistentEnd *end)
{
  if (older->size > 0 && older->size != newer->size)
    return FALSE;
  *end = older->size == 0 || xim_tree_head_equal (older, newer)
             ? XIM_CONSISTENT_YES
             : XIM_CONSISTENT_FORK;
  return TRUE;
}

void
xim_consistent_free (XimConsistent *consistent)
{
  if (consistent == NULL)
    return;
  xim_tile_fetch_free (consistent->fetch);
  g_free (consistent);
}

/* The proof, and the root that the tiles show for the older size.  A proof
 * from a complete tree does not hold that root, so it is read beside it. */
static gboolean
read_tiles (XimConsistent *consistent, XimConsistentResult *out,
            GError **error)
{
  const XimTreeReader reader = xim_tile_fetch_reader (consistent->fetch);
  return xim_tree_prove_consistency (&reader, consistent->older.size,
                                     consistent->newer.size, &out->proof,
                                     error)
         && xim_tree_root (&reader, consistent->older.size, &out->beginning,
                           error);
}

/* Tiles are signed by nobody: only when they lead to the newer root is what
 * they show of the older size a word of the keyserver. */
static XimConsistentEnd
judge (XimConsistent *consistent, XimConsistentResult *result)
{
  g_autoptr (GError) error = NULL;
  if (!read_tiles (consistent, result, &error))
    {
      purple_debug_warning ("x-im", "consistent: %s\n", error->message);
      return XIM_CONSISTENT_WRONG;
    }
  const XimTreeHead shown = { consistent->older.size, result->beginning };
  if (!xim_tree_verify_consistency (&shown, &consistent->newer,
                                    result->proof.hashes, result->proof.n,
                                    &error))
    {
      purple_debug_warning ("x-im", "consistent: %s\n", error->message);
      return XIM_CONSISTENT_WRONG;
    }
  return xim_tree_head_equal (&shown, &consistent->older)
             ? XIM_CONSISTENT_YES
             : XIM_CONSISTENT_FORK;
}

static void
got_tiles (XimTilesEnd end, guint retry_after_s, gpointer data)
{
  XimConsistent *consistent = data;
  XimConsistentResult result = { .retry_after_s = retry_after_s };
  XimConsistentEnd how;
  switch (end)
    {
    case XIM_TILES_WHOLE:
      how = judge (consistent, &result);
      break;
    case XIM_TILES_OUTAGE:
      how = XIM_CONSISTENT_OUTAGE;
      break;
    case XIM_TILES_REFUSED:
    default:
      how = XIM_CONSISTENT_WRONG;
      break;
    }
  consistent->callback (how, &result, consistent->user_data);
}

XimConsistent *
xim_consistent_new (XimHttp *http, const XimDomain *domain,
                    const XimTreeHead *older, const XimTreeHead *newer,
                    XimConsistentCallback callback, gpointer user_data)
{
  XimConsistentEnd end;
  g_return_val_if_fail (older->size <= newer->size, NULL);
  g_return_val_if_fail (!xim_consistent_known (older, newer, &end), NULL);
  XimConsistent *consistent = g_new0 (XimConsistent, 1);
  XimConsistentResult planned;
  consistent->older = *older;
  consistent->newer = *newer;
  consistent->callback = callback;
  consistent->user_data = user_data;
  consistent->fetch = xim_tile_fetch_new (http, domain, newer->size);
  /* A reader of tiles that were not fetched yet does not fail. */
  read_tiles (consistent, &planned, NULL);
  xim_tile_fetch_start (consistent->fetch, got_tiles, consistent);
  return consistent;
}
