/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tiles of the log, C2SP tlog-tiles v0.1: paths, hashes, entries. */

#include "config.h"

#include "xim-tile.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

guint
xim_tile_width (guint level, guint64 n, guint64 size)
{
  guint tree_level = level == XIM_TILE_ENTRIES ? 0 : level * XIM_TILE_HEIGHT;
  if (tree_level >= XIM_TREE_LEVELS)
    return 0;
  guint64 hashes = size >> tree_level;
  if (n >= (hashes + XIM_TILE_WIDTH - 1) / XIM_TILE_WIDTH)
    return 0;
  return (guint)MIN (hashes - n * XIM_TILE_WIDTH, XIM_TILE_WIDTH);
}

/* The digits of @n in groups of three, all but the last with an x. */
static void
append_number (GString *out, guint64 n)
{
  gssize at = (gssize)out->len;
  g_string_append_printf (out, "%03u", (guint)(n % 1000));
  while (n >= 1000)
    {
      char group[8];
      n /= 1000;
      g_snprintf (group, sizeof group, "x%03u/", (guint)(n % 1000));
      g_string_insert (out, at, group);
    }
}

void
xim_tile_path (const XimTile *tile, char out[XIM_TILE_PATH_MAX])
{
  g_autoptr (GString) path = g_string_new ("tile/");
  if (tile->level == XIM_TILE_ENTRIES)
    g_string_append (path, "entries/");
  else
    g_string_append_printf (path, "%u/", tile->level);
  append_number (path, tile->n);
  if (tile->width < XIM_TILE_WIDTH)
    g_string_append_printf (path, ".p/%u", tile->width);
  g_assert (path->len < XIM_TILE_PATH_MAX);
  memcpy (out, path->str, path->len + 1);
}

/* Takes the digits at @p, at most @max of them, as a number. */
static const char *
take_digits (const char *p, guint max, guint64 *out)
{
  guint64 value = 0;
  guint n = 0;
  for (; n < max && g_ascii_isdigit (p[n]); n++)
    value = value * 10 + (guint64)(p[n] - '0');
  *out = value;
  return n > 0 ? p + n : NULL;
}

static const char *
take_level (const char *p, guint *out)
{
  guint64 level;
  if (g_str_has_prefix (p, "entries/"))
    {
      *out = XIM_TILE_ENTRIES;
      return p + strlen ("entries/");
    }
  p = take_digits (p, 1, &level);
  if (p == NULL || *p != '/' || level >= XIM_TILE_LEVELS)
    return NULL;
  *out = (guint)level;
  return p + 1;
}

static const char *
take_number (const char *p, guint64 *out)
{
  guint64 n = 0, group;
  guint groups = 0;
  for (; *p == 'x' && groups < 5; groups++)
    {
      p = take_digits (p + 1, 3, &group);
      if (p == NULL || *p != '/')
        return NULL;
      n = n * 1000 + group;
      p++;
    }
  p = take_digits (p, 3, &group);
  if (p == NULL)
    return NULL;
  *out = n * 1000 + group;
  return p;
}

static gboolean
read_path (const char *path, XimTile *out)
{
  guint64 width = XIM_TILE_WIDTH;
  if (!g_str_has_prefix (path, "tile/"))
    return FALSE;
  const char *p = take_level (path + strlen ("tile/"), &out->level);
  if (p != NULL)
    p = take_number (p, &out->n);
  if (p != NULL && g_str_has_prefix (p, ".p/"))
    p = take_digits (p + strlen (".p/"), 3, &width);
  if (p == NULL || *p != '\0' || width == 0 || width > XIM_TILE_WIDTH
      || out->n >= XIM_TREE_SIZE_MAX / XIM_TILE_WIDTH)
    return FALSE;
  out->width = (guint)width;
  return TRUE;
}

/* One form for each tile: what is read must be what would be written. */
gboolean
xim_tile_path_decode (const char *path, XimTile *out, GError **error)
{
  XimTile tile;
  char again[XIM_TILE_PATH_MAX];
  if (read_path (path, &tile))
    {
      xim_tile_path (&tile, again);
      if (strcmp (path, again) == 0)
        {
          *out = tile;
          return TRUE;
        }
    }
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected the path of a tile");
  return FALSE;
}

guint
xim_tile_of (guint level, guint64 index, guint64 size, XimTile *out,
             guint *first)
{
  guint above = level % XIM_TILE_HEIGHT;
  guint64 at = index << above;
  out->level = level / XIM_TILE_HEIGHT;
  out->n = at / XIM_TILE_WIDTH;
  out->width = xim_tile_width (out->level, out->n, size);
  *first = (guint)(at % XIM_TILE_WIDTH);
  return 1u << above;
}

gboolean
xim_tiles_read (gpointer data, guint level, guint64 index, XimHash *out,
                GError **error)
{
  const XimTiles *tiles = data;
  XimTile tile;
  guint first;
  guint n = xim_tile_of (level, index, tiles->size, &tile, &first);
  g_return_val_if_fail (first + n <= tile.width, FALSE);
  const XimHash *hashes = tiles->load (tiles->user_data, &tile, error);
  if (hashes == NULL)
    return FALSE;
  XimHash row[XIM_TILE_WIDTH / 2];
  memcpy (row, hashes + first, MIN (n, G_N_ELEMENTS (row)) * sizeof *row);
  for (; n > 1; n /= 2)
    for (guint i = 0; i < n / 2; i++)
      xim_tree_node (&row[2 * i], &row[2 * i + 1], &row[i]);
  *out = row[0];
  return TRUE;
}

XimTreeReader
xim_tiles_reader (XimTiles *tiles)
{
  XimTreeReader reader = { xim_tiles_read, tiles };
  return reader;
}

void
xim_entries_append (GByteArray *entries, const guint8 *entry, gsize len)
{
  g_return_if_fail (len <= G_MAXUINT16);
  guint16 len_be = GUINT16_TO_BE ((guint16)len);
  g_byte_array_append (entries, (const guint8 *)&len_be, sizeof len_be);
  g_byte_array_append (entries, entry, (guint)len);
}

gboolean
xim_entries_next (XimEntries *entries, const guint8 **entry, gsize *entry_len,
                  GError **error)
{
  XimReader reader = { entries->data, entries->len };
  guint16 len;
  if (!xim_reader_u16 (&reader, &len, "the length of a log entry", error))
    return FALSE;
  const guint8 *data = xim_reader_bytes (&reader, len, "a log entry", error);
  if (data == NULL)
    return FALSE;
  entries->data = reader.data;
  entries->len = reader.len;
  *entry = data;
  *entry_len = len;
  return TRUE;
}
