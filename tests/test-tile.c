/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-tile.c. */

#include "config.h"

#include "xim-tile.h"

#include "test-util.h"
#include "xim-frontier.h"

typedef struct
{
  const char *path;
  XimTile tile;
} Named;

static const Named named[] = {
  { "tile/0/000", { 0, 0, 256 } },
  { "tile/0/000.p/1", { 0, 0, 1 } },
  { "tile/3/999.p/255", { 3, 999, 255 } },
  { "tile/0/x001/000", { 0, 1000, 256 } },
  { "tile/0/x001/x234/067", { 0, 1234067, 256 } },
  { "tile/1/x001/x234/067.p/8", { 1, 1234067, 8 } },
  { "tile/entries/x012/345", { XIM_TILE_ENTRIES, 12345, 256 } },
  { "tile/entries/007.p/19", { XIM_TILE_ENTRIES, 7, 19 } },
  { "tile/6/x035/x184/x372/x088/831",
    { 6, G_GUINT64_CONSTANT (35184372088831), 256 } },
};

static void
test_path (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (named); i++)
    {
      g_autoptr (GError) error = NULL;
      char path[XIM_TILE_PATH_MAX];
      XimTile tile;
      xim_tile_path (&named[i].tile, path);
      g_assert_cmpstr (path, ==, named[i].path);
      xim_tile_path_decode (path, &tile, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (tile.level, ==, named[i].tile.level);
      g_assert_cmpuint (tile.n, ==, named[i].tile.n);
      g_assert_cmpuint (tile.width, ==, named[i].tile.width);
    }
}

static void
test_path_refuses (void)
{
  static const char *const bad[] = {
    "",
    "tile",
    "tile/",
    "tile/0",
    "tile/0/",
    "/tile/0/000",
    "tile/0/0",
    "tile/0/0000",
    "tile/0/x000/000",
    "tile/0/x1/000",
    "tile/0/001/000",
    "tile/0/x001",
    "tile/0/x001/",
    "tile/00/000",
    "tile/7/000",
    "tile/63/000",
    "tile/-1/000",
    "tile/x/000",
    "tile/0/000.p",
    "tile/0/000.p/",
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/0/000.p/256",
    "tile/0/000.p/999",
    "tile/0/000.p/1/",
    "tile/0/000.p/1000",
    "tile/0/000/",
    "tile/0/+01",
    "tile/0/ 01",
    "tile/0/x035/x184/x372/x088/832",
    "tile/0/x001/x035/x184/x372/x088/831",
    "tile/entries",
    "tile/entries/",
    "tile/entries/0",
    "tile/data/000",
    "tile/0/000?x",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      XimTile tile;
      if (xim_tile_path_decode (bad[i], &tile, &error))
        g_error ("accepted: %s", bad[i]);
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

/* The example of tlog-tiles, a tree of 70,000 leaves. */
static void
test_width (void)
{
  g_assert_cmpuint (xim_tile_width (0, 0, 0), ==, 0);
  g_assert_cmpuint (xim_tile_width (0, 0, 1), ==, 1);
  g_assert_cmpuint (xim_tile_width (0, 272, 70000), ==, 256);
  g_assert_cmpuint (xim_tile_width (0, 273, 70000), ==, 112);
  g_assert_cmpuint (xim_tile_width (0, 274, 70000), ==, 0);
  g_assert_cmpuint (xim_tile_width (XIM_TILE_ENTRIES, 273, 70000), ==, 112);
  g_assert_cmpuint (xim_tile_width (1, 0, 70000), ==, 256);
  g_assert_cmpuint (xim_tile_width (1, 1, 70000), ==, 17);
  g_assert_cmpuint (xim_tile_width (2, 0, 70000), ==, 1);
  g_assert_cmpuint (xim_tile_width (3, 0, 70000), ==, 0);
  g_assert_cmpuint (xim_tile_width (0, 0, 256), ==, 256);
  g_assert_cmpuint (xim_tile_width (1, 0, 256), ==, 1);
  g_assert_cmpuint (xim_tile_width (7, 0, XIM_TREE_SIZE_MAX - 1), ==, 0);
  g_assert_cmpuint (xim_tile_width (6, 0, XIM_TREE_SIZE_MAX - 1), ==, 31);
  g_assert_cmpuint (xim_tile_width (0, G_MAXUINT64, 70000), ==, 0);
}

/* A tree of 70,000 leaves in tiles. */
typedef struct
{
  XimFrontier frontier;
  GArray *levels[3]; /* of XimHash */
  guint loads;
} Forest;

static void
write_hash (gpointer user_data, guint level, guint64 index,
            const XimHash *hash)
{
  Forest *forest = user_data;
  if (level % XIM_TILE_HEIGHT != 0)
    return;
  GArray *row = forest->levels[level / XIM_TILE_HEIGHT];
  g_assert_cmpuint (row->len, ==, index);
  g_array_append_vals (row, hash, 1);
}

static void
forest_setup (Forest *forest, gconstpointer data G_GNUC_UNUSED)
{
  const XimTreeWriter writer = { write_hash, forest };
  for (guint i = 0; i < G_N_ELEMENTS (forest->levels); i++)
    forest->levels[i] = g_array_new (FALSE, FALSE, sizeof (XimHash));
  for (guint i = 0; i < 70000; i++)
    {
      XimHash leaf;
      xim_tree_leaf ((const guint8 *)&i, sizeof i, &leaf);
      xim_frontier_append (&forest->frontier, &leaf, &writer);
    }
}

static void
forest_teardown (Forest *forest, gconstpointer data G_GNUC_UNUSED)
{
  for (guint i = 0; i < G_N_ELEMENTS (forest->levels); i++)
    g_array_unref (forest->levels[i]);
}

static const XimHash *
load_tile (gpointer user_data, const XimTile *tile, GError **error)
{
  Forest *forest = user_data;
  forest->loads++;
  if (tile->level >= G_N_ELEMENTS (forest->levels))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE, "no such tile");
      return NULL;
    }
  GArray *row = forest->levels[tile->level];
  g_assert_cmpuint (tile->width, >, 0);
  g_assert_cmpuint (tile->n * XIM_TILE_WIDTH + tile->width, <=, row->len);
  return &g_array_index (row, XimHash, tile->n * XIM_TILE_WIDTH);
}

static void
test_read_inclusion (Forest *forest, gconstpointer data G_GNUC_UNUSED)
{
  static const guint64 leaves[]
      = { 0, 1, 255, 256, 4711, 65535, 65536, 69887, 69888, 69999 };
  XimTiles tiles = { 70000, load_tile, forest };
  XimTreeReader reader = xim_tiles_reader (&tiles);
  XimTreeHead head;
  xim_frontier_head (&forest->frontier, &head);
  for (guint i = 0; i < G_N_ELEMENTS (leaves); i++)
    {
      g_autoptr (GError) error = NULL;
      XimTreeProof proof;
      const XimHash *leaf
          = &g_array_index (forest->levels[0], XimHash, leaves[i]);
      xim_tree_prove_inclusion (&reader, leaves[i], 70000, &proof, &error);
      g_assert_no_error (error);
      xim_tree_verify_inclusion (leaf, leaves[i], &head, proof.hashes, proof.n,
                                 &error);
      g_assert_no_error (error);
    }
}

/* Older trees are read from the tiles of the newer one. */
static void
test_read_consistency (Forest *forest, gconstpointer data G_GNUC_UNUSED)
{
  static const guint64 sizes[]
      = { 1, 2, 255, 256, 257, 40000, 65535, 65536, 69999, 70000 };
  XimTiles tiles = { 70000, load_tile, forest };
  XimTreeReader reader = xim_tiles_reader (&tiles);
  XimTreeHead newer;
  xim_frontier_head (&forest->frontier, &newer);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      XimTreeHead older = { .size = sizes[i] };
      XimTreeProof proof;
      xim_tree_root (&reader, sizes[i], &older.root, &error);
      g_assert_no_error (error);
      xim_tree_prove_consistency (&reader, sizes[i], 70000, &proof, &error);
      g_assert_no_error (error);
      xim_tree_verify_consistency (&older, &newer, proof.hashes, proof.n,
                                   &error);
      g_assert_no_error (error);
    }
}

static void
test_read_fails (Forest *forest, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  XimTiles tiles = { G_GUINT64_CONSTANT (1) << 24, load_tile, forest };
  XimHash hash;
  g_assert_false (xim_tiles_read (&tiles, 24, 0, &hash, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
}

static void
test_of (void)
{
  XimTile tile;
  guint first;
  g_assert_cmpuint (xim_tile_of (0, 69999, 70000, &tile, &first), ==, 1);
  g_assert_cmpuint (tile.level, ==, 0);
  g_assert_cmpuint (tile.n, ==, 273);
  g_assert_cmpuint (tile.width, ==, 112);
  g_assert_cmpuint (first, ==, 111);
  g_assert_cmpuint (xim_tile_of (7, 3, 70000, &tile, &first), ==, 128);
  g_assert_cmpuint (tile.level, ==, 0);
  g_assert_cmpuint (tile.n, ==, 1);
  g_assert_cmpuint (first, ==, 128);
  g_assert_cmpuint (xim_tile_of (12, 15, 70000, &tile, &first), ==, 16);
  g_assert_cmpuint (tile.level, ==, 1);
  g_assert_cmpuint (tile.n, ==, 0);
  g_assert_cmpuint (tile.width, ==, 256);
  g_assert_cmpuint (first, ==, 240);
}

static void
test_entries (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  const guint8 *entry;
  gsize len;
  xim_entries_append (bytes, (const guint8 *)"one", 3);
  xim_entries_append (bytes, NULL, 0);
  xim_entries_append (bytes, (const guint8 *)"two!", 4);
  XimEntries entries = { bytes->data, bytes->len };
  g_assert_true (xim_entries_next (&entries, &entry, &len, &error));
  g_assert_cmpmem (entry, len, "one", 3);
  g_assert_true (xim_entries_next (&entries, &entry, &len, &error));
  g_assert_cmpuint (len, ==, 0);
  g_assert_true (xim_entries_next (&entries, &entry, &len, &error));
  g_assert_cmpmem (entry, len, "two!", 4);
  g_assert_cmpuint (entries.len, ==, 0);
  g_assert_false (xim_entries_next (&entries, &entry, &len, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  for (gsize cut = 1; cut < 5; cut++)
    {
      g_clear_error (&error);
      XimEntries short_of = { bytes->data, cut };
      g_assert_false (xim_entries_next (&short_of, &entry, &len, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_cmpuint (short_of.len, ==, cut);
    }
}

#define ADD(path, test)                                                       \
  g_test_add (path, Forest, NULL, forest_setup, test, forest_teardown)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/tile/path", test_path);
  g_test_add_func ("/tile/path/refuses", test_path_refuses);
  g_test_add_func ("/tile/width", test_width);
  g_test_add_func ("/tile/of", test_of);
  ADD ("/tile/read/inclusion", test_read_inclusion);
  ADD ("/tile/read/consistency", test_read_consistency);
  ADD ("/tile/read/fails", test_read_fails);
  g_test_add_func ("/tile/entries", test_entries);
  return g_test_run ();
}
