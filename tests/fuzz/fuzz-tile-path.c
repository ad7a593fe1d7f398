/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim_tile_path_decode(). */

#include "config.h"

#include "fuzz.h"
#include "xim-tile.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strndup ((const char *)data, size);
  XimTile tile;
  char again[XIM_TILE_PATH_MAX];
  gboolean ok = xim_tile_path_decode (path, &tile, &error);
  g_assert_true (ok == (error == NULL));
  if (!ok)
    return 0;
  g_assert_cmpuint (tile.width, >, 0);
  xim_tile_path (&tile, again);
  g_assert_cmpstr (again, ==, path);
  return 0;
}
