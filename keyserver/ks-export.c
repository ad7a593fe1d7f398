/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver export-log`: a mirror of the log in files. */

#include "config.h"

#include "ks-export.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "xim-error.h"

#include "ks-entries.h"
#include "ks-tiles.h"

#define CACHE_BYTES 8388608

typedef struct
{
  const char *folder;
  XimKsTiles *tiles;
  XimKsHead *head;
  XimKsExported *exported;
} Export;

static gboolean
write_file (const char *path, const char *data, gsize len, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  if (g_mkdir_with_parents (folder, 0755) != 0)
    g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "cannot make %s: %s",
                 folder, g_strerror (errno));
  else if (!g_file_set_contents_full (path, data, (gssize)len,
                                      G_FILE_SET_CONTENTS_CONSISTENT, 0644,
                                      &cause))
    g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "%s", cause->message);
  else
    return TRUE;
  return FALSE;
}

static gboolean
export_tile (Export *export, const XimTile *tile, GError **error)
{
  char name[XIM_TILE_PATH_MAX];
  xim_tile_path (tile, name);
  g_autofree char *path = g_build_filename (export->folder, name, NULL);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  g_autoptr (GBytes) bytes
      = xim_ks_tiles_bytes (export->tiles, export->head, tile, error);
  if (bytes == NULL)
    return FALSE;
  gsize len = 0;
  const char *data = g_bytes_get_data (bytes, &len);
  export->exported->written++;
  return write_file (path, data, len, error);
}

/* All tiles of @level, the one that is not full last. */
static gboolean
export_level (Export *export, guint level, GError **error)
{
  guint64 size = export->head->tree.size;
  XimTile tile = { .level = level };
  while ((tile.width = xim_tile_width (level, tile.n, size)) != 0)
    {
      if (!export_tile (export, &tile, error))
        return FALSE;
      tile.n++;
    }
  return TRUE;
}

static gboolean
export_all (Export *export, const char *checkpoint, GError **error)
{
  if (!export_level (export, XIM_TILE_ENTRIES, error))
    return FALSE;
  for (guint level = 0; level < XIM_TILE_LEVELS; level++)
    if (!export_level (export, level, error))
      return FALSE;
  g_autofree char *path
      = g_build_filename (export->folder, "checkpoint", NULL);
  return write_file (path, checkpoint, strlen (checkpoint), error);
}

gboolean
xim_ks_export (const XimKsConfig *config, const char *folder,
               XimKsExported *exported, GError **error)
{
  g_autofree char *checkpoint = NULL;
  g_autoptr (XimKsStore) store
      = xim_ks_store_view (config->store, config->domain, error);
  if (store == NULL)
    return FALSE;
  g_autoptr (XimKsTiles) tiles = xim_ks_tiles_new (store, CACHE_BYTES);
  g_autoptr (XimKsHead) head = xim_ks_tiles_load (tiles, &checkpoint, error);
  if (head == NULL)
    return FALSE;
  *exported = (XimKsExported){ .size = head->tree.size };
  Export export = { folder, tiles, head, exported };
  return export_all (&export, checkpoint, error);
}
