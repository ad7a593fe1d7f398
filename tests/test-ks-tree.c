/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-edge.c, ks-entries.c and ks-tiles.c. */

#include "config.h"

#include "ks-entries.h"
#include "ks-tiles.h"

#include <glib/gstdio.h>

#include "test-ks.h"

#define LOG_NAME TEST_ORIGIN "/log"

typedef struct
{
  char *folder;
  XimKsStore *store;
  XimKsTiles *tiles;
  XimKsEdge *edge;
  GArray *leaves; /* of XimHash, what the tree is made of */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  fixture->folder = g_dir_make_tmp ("xim-test-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *path
      = g_build_filename (fixture->folder, "store.sqlite", NULL);
  test_store_create (path);
  fixture->store = test_store_open (path);
  fixture->tiles = xim_ks_tiles_new (fixture->store, 1048576);
  fixture->edge = g_new0 (XimKsEdge, 1);
  fixture->leaves = g_array_new (FALSE, FALSE, sizeof (XimHash));
}

static void
tear_down (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  xim_ks_tiles_free (fixture->tiles);
  xim_ks_store_free (fixture->store);
  g_array_unref (fixture->leaves);
  g_free (fixture->edge);
  g_autofree char *path
      = g_build_filename (fixture->folder, "store.sqlite", NULL);
  g_unlink (path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
}

/* RFC 6962, section 2.1, word by word. */
static XimHash
plain_root (const XimHash *leaves, guint64 n)
{
  XimHash out;
  guint64 k = 1;
  if (n == 0)
    xim_tree_empty (&out);
  if (n == 1)
    out = leaves[0];
  if (n <= 1)
    return out;
  while (2 * k < n)
    k *= 2;
  XimHash left = plain_root (leaves, k);
  XimHash right = plain_root (leaves + k, n - k);
  xim_tree_node (&left, &right, &out);
  return out;
}

static void
entry_of (guint64 leaf, guint8 bytes[XIM_ENTRY_ACCOUNT_LEN])
{
  XimEntry entry = { .type = XIM_ENTRY_ACCOUNT, .flags = XIM_ENTRY_NEW };
  memcpy (entry.index.bytes, &leaf, sizeof leaf);
  xim_entry_encode (&entry, bytes);
}

/* Lets @n more entries wait, gives them leaves and takes away what waited. */
static void
grow (Fixture *fixture, guint n)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (xim_ks_store_begin (fixture->store, &error));
  for (guint i = 0; i < n; i++)
    {
      guint8 bytes[XIM_ENTRY_ACCOUNT_LEN];
      XimHash hash;
      entry_of (fixture->leaves->len, bytes);
      xim_tree_leaf (bytes, sizeof bytes, &hash);
      g_array_append_val (fixture->leaves, hash);
      const XimKsPending pending = {
        .kind = XIM_KS_PENDING_OLD,
        .jid = (char *)"nobody@example.org",
        .number = i + 1,
        .entry = { bytes, sizeof bytes },
      };
      g_assert_true (xim_ks_pending_put (fixture->store, &pending, &error));
    }
  g_assert_true (xim_ks_entries_place (fixture->store, fixture->edge, &error));
  test_publish (fixture->store);
  g_assert_true (xim_ks_store_commit (fixture->store, &error));
  g_assert_no_error (error);
}

static void
publish (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  XimTreeHead head;
  xim_ks_edge_head (fixture->edge, &head);
  g_autofree char *text = xim_checkpoint_text (LOG_NAME, &head);
  g_autoptr (XimNote) note = test_note (text, "K");
  g_autofree char *whole = xim_note_encode (note);
  g_assert_true (
      xim_ks_tiles_publish (fixture->tiles, fixture->edge, whole, &error));
  g_assert_no_error (error);
}

static void
assert_root (const Fixture *fixture, const XimKsEdge *edge)
{
  XimTreeHead head;
  XimHash root = plain_root ((const XimHash *)(gpointer)fixture->leaves->data,
                             edge->size);
  xim_ks_edge_head (edge, &head);
  g_assert_cmpuint (head.size, ==, edge->size);
  g_assert_cmpmem (&head.root, sizeof head.root, &root, sizeof root);
}

static void
assert_loads (const Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree XimKsEdge *edge = g_new0 (XimKsEdge, 1);
  guint64 size = 0;
  g_assert_true (xim_ks_entries_size (fixture->store, &size, &error));
  g_assert_cmpuint (size, ==, fixture->edge->size);
  g_assert_true (xim_ks_entries_load (fixture->store, size, edge, &error));
  g_assert_no_error (error);
  assert_root (fixture, edge);
}

/* Every size up to two full tiles, then one beyond 256 full ones. */
static void
test_roots (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  assert_root (fixture, fixture->edge);
  for (guint n = 1; n <= 520; n++)
    {
      grow (fixture, 1);
      assert_root (fixture, fixture->edge);
      if (n % 37 == 0 || n % 256 < 2)
        assert_loads (fixture);
    }
  grow (fixture, 65536 - 520);
  assert_root (fixture, fixture->edge);
  assert_loads (fixture);
  grow (fixture, 300);
  assert_root (fixture, fixture->edge);
  assert_loads (fixture);
}

static void
assert_included (const Fixture *fixture, const XimKsHead *head, guint64 leaf)
{
  g_autoptr (GError) error = NULL;
  XimTreeProof proof;
  const XimHash *hash = &g_array_index (fixture->leaves, XimHash, leaf);
  g_assert_true (
      xim_ks_tiles_inclusion (fixture->tiles, head, leaf, &proof, &error));
  g_assert_no_error (error);
  g_assert_true (xim_tree_verify_inclusion (hash, leaf, &head->tree,
                                            proof.hashes, proof.n, &error));
  g_assert_no_error (error);
}

static void
assert_consistent (const Fixture *fixture, const XimTreeHead *older,
                   const XimTreeHead *newer)
{
  g_autoptr (GError) error = NULL;
  XimTreeProof proof;
  XimHash root;
  g_assert_true (xim_ks_tiles_consistency (fixture->tiles, fixture->edge,
                                           older->size, &proof, &error));
  g_assert_true (xim_tree_verify_consistency (older, newer, proof.hashes,
                                              proof.n, &error));
  g_assert_no_error (error);
  g_assert_true (xim_ks_tiles_root (fixture->tiles, fixture->edge, older->size,
                                    &root, &error));
  g_assert_cmpmem (&root, sizeof root, &older->root, sizeof root);
}

/* What was published stays provable in every later tree. */
static void
test_proofs (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  static const guint steps[] = { 1, 1, 5, 248, 1, 1, 254, 1, 300, 1000, 77 };
  g_autoptr (GArray) heads = g_array_new (FALSE, FALSE, sizeof (XimTreeHead));
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_ks_tiles_head (fixture->tiles, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      grow (fixture, steps[i]);
      publish (fixture);
      g_autoptr (XimKsHead) head = xim_ks_tiles_head (fixture->tiles, &error);
      g_assert_no_error (error);
      for (guint64 leaf = 0; leaf < head->tree.size; leaf += 1 + leaf / 7)
        assert_included (fixture, head, leaf);
      assert_included (fixture, head, head->tree.size - 1);
      g_array_append_val (heads, head->tree);
      for (guint j = 0; j < heads->len; j++)
        assert_consistent (fixture, &g_array_index (heads, XimTreeHead, j),
                           &head->tree);
      XimTreeProof proof;
      g_assert_false (xim_ks_tiles_inclusion (
          fixture->tiles, head, head->tree.size, &proof, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
      g_clear_error (&error);
    }
}

/* A head that somebody holds goes on proving while the log grows. */
static void
test_old_head (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  grow (fixture, 255);
  publish (fixture);
  g_autoptr (XimKsHead) head = xim_ks_tiles_head (fixture->tiles, NULL);
  grow (fixture, 600);
  publish (fixture);
  for (guint64 leaf = 0; leaf < 255; leaf++)
    assert_included (fixture, head, leaf);
}

static void
assert_served (const Fixture *fixture, const char *path, guint64 first,
               guint n)
{
  g_autoptr (GError) error = NULL;
  gsize len = 0;
  g_autoptr (XimKsAnswer) answer
      = xim_ks_tiles_answer (fixture->tiles, path, 1, &error);
  g_assert_no_error (error);
  const guint8 *bytes = g_bytes_get_data (xim_ks_answer_body (answer), &len);
  g_assert_cmpstr (xim_ks_answer_type (answer), ==,
                   "application/octet-stream");
  g_assert_cmpuint (xim_ks_answer_max_age_s (answer), ==, XIM_KS_FOREVER_S);
  g_assert_cmpmem (bytes, len,
                   &g_array_index (fixture->leaves, XimHash, first), 32 * n);
}

static void
assert_entries (const Fixture *fixture, const char *path, guint64 first,
                guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsAnswer) answer
      = xim_ks_tiles_answer (fixture->tiles, path, 1, &error);
  g_assert_no_error (error);
  XimEntries entries;
  entries.data = g_bytes_get_data (xim_ks_answer_body (answer), &entries.len);
  g_assert_cmpuint (entries.len, ==, 68 * n);
  for (guint i = 0; i < n; i++)
    {
      const guint8 *entry;
      gsize len;
      XimHash hash;
      g_assert_true (xim_entries_next (&entries, &entry, &len, &error));
      xim_tree_leaf (entry, len, &hash);
      g_assert_cmpmem (
          &hash, 32, &g_array_index (fixture->leaves, XimHash, first + i), 32);
    }
}

static void
assert_refused (const Fixture *fixture, const char *path, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_ks_tiles_answer (fixture->tiles, path, 1, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_serves (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  grow (fixture, 70);
  assert_refused (fixture, "tile/0/000.p/70", XIM_ERROR_UNAVAILABLE);
  publish (fixture);
  assert_served (fixture, "tile/0/000.p/70", 0, 70);
  assert_served (fixture, "tile/0/000.p/7", 0, 7); /* of an earlier one */
  assert_refused (fixture, "tile/0/000.p/71", XIM_ERROR_NOT_FOUND);
  assert_refused (fixture, "tile/0/000", XIM_ERROR_NOT_FOUND);
  assert_refused (fixture, "tile/0/001.p/1", XIM_ERROR_NOT_FOUND);
  assert_refused (fixture, "tile/1/000.p/1", XIM_ERROR_NOT_FOUND);
  assert_refused (fixture, "tile/0/0", XIM_ERROR_MALFORMED);
  assert_refused (fixture, "tile/0/000.p/256", XIM_ERROR_MALFORMED);
  assert_refused (fixture, "tile/0/000.p/0", XIM_ERROR_MALFORMED);
  assert_refused (fixture, "tile/0/000.p/07", XIM_ERROR_MALFORMED);
  assert_refused (fixture, "tile/64/000", XIM_ERROR_MALFORMED);
  assert_refused (fixture, "tile/0/x000/001", XIM_ERROR_MALFORMED);
  assert_refused (fixture, "checkpoint", XIM_ERROR_MALFORMED);
  grow (fixture, 700); /* not published */
  assert_refused (fixture, "tile/0/000", XIM_ERROR_NOT_FOUND);
  assert_refused (fixture, "tile/entries/000", XIM_ERROR_NOT_FOUND);
  publish (fixture);
  assert_served (fixture, "tile/0/000", 0, 256);
  assert_served (fixture, "tile/0/002", 512, 256);
  assert_served (fixture, "tile/0/003.p/2", 768, 2);
  assert_served (fixture, "tile/0/000.p/70", 0, 70);
  assert_served (fixture, "tile/0/001.p/255", 256, 255);
  assert_entries (fixture, "tile/entries/000", 0, 256);
  assert_entries (fixture, "tile/entries/003.p/2", 768, 2);
  assert_entries (fixture, "tile/entries/001.p/9", 256, 9);
  assert_refused (fixture, "tile/entries/003.p/3", XIM_ERROR_NOT_FOUND);
  assert_refused (fixture, "tile/entries/x999/999/999/999/999",
                  XIM_ERROR_MALFORMED);
  g_autoptr (XimKsAnswer) upper
      = xim_ks_tiles_answer (fixture->tiles, "tile/1/000.p/3", 1, NULL);
  XimHash root
      = plain_root (&g_array_index (fixture->leaves, XimHash, 512), 256);
  gsize len = 0;
  const guint8 *bytes = g_bytes_get_data (xim_ks_answer_body (upper), &len);
  g_assert_cmpuint (len, ==, 96);
  g_assert_cmpmem (bytes + 64, 32, &root, 32);
}

/* Entries that no checkpoint covers go, with the tiles that they filled. */
static void
test_cut (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  grow (fixture, 300);
  g_autofree XimKsEdge *before = g_memdup2 (fixture->edge, sizeof *before);
  grow (fixture, 500);
  g_assert_true (xim_ks_store_begin (fixture->store, &error));
  g_assert_true (xim_ks_entries_cut (fixture->store, 300, &error));
  g_assert_true (xim_ks_store_commit (fixture->store, &error));
  g_array_set_size (fixture->leaves, 300);
  *fixture->edge = *before;
  assert_loads (fixture);
  grow (fixture, 500); /* the same numbers again */
  assert_loads (fixture);
  publish (fixture);
  assert_served (fixture, "tile/0/001", 256, 256);
}

#define ADD(name, test)                                                       \
  g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("/ks-edge/roots", test_roots);
  ADD ("/ks-entries/cut", test_cut);
  ADD ("/ks-tiles/proofs", test_proofs);
  ADD ("/ks-tiles/old-head", test_old_head);
  ADD ("/ks-tiles/serves", test_serves);
  return g_test_run ();
}
