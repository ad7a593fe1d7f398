/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of plugin/evidence.c. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "plugin/evidence.h"
#include "tests/headless.h"

#define BOB "bob@one.test"
#define NOW_S 1795428000 /* 2026-11-23T10:00:00Z */

typedef struct
{
  char *dir;
} World;

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  world->dir = g_dir_make_tmp ("xim-evidence-XXXXXX", NULL);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  headless_remove (world->dir);
  g_free (world->dir);
}

static gboolean
save (World *world, const char *about, gint64 time_s, const char *bytes)
{
  g_autoptr (XimEvidence) evidence
      = xim_evidence_new (about, "key-changed", time_s);
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;
  xim_evidence_say (evidence, "because", "expected this,\ngot that");
  xim_evidence_add (evidence, "bundle", bytes, strlen (bytes));
  xim_evidence_save (evidence, world->dir, &is_new, &error);
  g_assert_no_error (error);
  return is_new;
}

/* The one file whose name contains @part, or NULL. */
static char *
find (World *world, const char *part)
{
  g_autofree char *folder = xim_evidence_folder (world->dir);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  char *found = NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (strstr (name, part) != NULL)
      {
        g_assert_null (found);
        found = g_build_filename (folder, name, NULL);
      }
  return found;
}

static void
test_readable (World *world, gconstpointer data)
{
  (void)data;
  g_autofree char *text = NULL;
  GStatBuf info;
  g_assert_cmpuint (xim_evidence_n (world->dir), ==, 0);
  g_assert_true (save (world, BOB, NOW_S, "{\"jid\": 1}\n"));
  g_autofree char *path
      = find (world, "2026-11-23T10.00.00Z-key-changed-bob@one.test-");
  g_assert_nonnull (path);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\nabout: bob@one.test\n"));
  g_assert_nonnull (strstr (text, "\ntime: 2026-11-23T10:00:00Z\n"));
  g_assert_nonnull (strstr (text, "\nbecause: expected this, got that\n"));
  g_assert_nonnull (strstr (text, "\n-----BEGIN bundle (text, 11 bytes)-----\n"
                                  "{\"jid\": 1}\n\n-----END bundle-----\n"));
}

/* Nothing of a keyserver moves the cursor of who reads the file. */
static void
test_binary (World *world, gconstpointer data)
{
  (void)data;
  const char *const bytes[] = { "\x1b[2Jabc", "\xff\xfe", "a\xc2\x9b" };
  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
    {
      g_autofree char *text = NULL;
      g_autofree char *about = g_strdup_printf ("%u@one.test", i);
      save (world, about, NOW_S, bytes[i]);
      g_autofree char *path = find (world, about);
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_assert_null (strstr (text, bytes[i]));
      g_assert_nonnull (strstr (text, "(base64, "));
    }
}

/* An address cannot name a file elsewhere, however long it is. */
static void
test_hostile_names (World *world, gconstpointer data)
{
  (void)data;
  g_autofree char *longest = g_strnfill (2000, 'a');
  g_assert_true (save (world, "../../x@one.test", NOW_S, "1"));
  g_assert_true (save (world, longest, NOW_S, "1"));
  g_assert_cmpuint (xim_evidence_n (world->dir), ==, 2);
  g_autofree char *path = find (world, "..%2F..%2Fx@one.test");
  g_assert_nonnull (path);
}

static void
test_same_bytes_once (World *world, gconstpointer data)
{
  (void)data;
  g_assert_true (save (world, BOB, NOW_S, "1"));
  g_assert_false (save (world, BOB, NOW_S + 10, "1"));
  g_assert_true (save (world, BOB, NOW_S + 10, "2"));
  g_assert_true (save (world, "carol@one.test", NOW_S + 10, "1"));
  g_assert_cmpuint (xim_evidence_n (world->dir), ==, 3);
}

static void
test_bounds (World *world, gconstpointer data)
{
  (void)data;
  for (guint i = 0; i < XIM_EVIDENCE_PER_NAME_MAX + 4; i++)
    {
      g_autofree char *bytes = g_strdup_printf ("%u", i);
      g_assert_true (save (world, BOB, NOW_S + i, bytes));
    }
  g_assert_true (save (world, "xbob@one.test", NOW_S, "1"));
  g_assert_cmpuint (xim_evidence_n (world->dir), ==,
                    XIM_EVIDENCE_PER_NAME_MAX + 1);
  /* The first and the newest are there; the second is not. */
  g_autofree char *first = find (world, "10.00.00Z-key-changed-bob@");
  g_autofree char *second = find (world, "10.00.01Z");
  g_autofree char *newest = find (world, "10.00.19Z");
  g_assert_true (first != NULL && newest != NULL && second == NULL);
  for (guint i = 0; i < XIM_EVIDENCE_MAX; i++)
    {
      g_autofree char *about = g_strdup_printf ("%u@one.test", i);
      save (world, about, NOW_S + 60 + i, "1");
    }
  g_assert_cmpuint (xim_evidence_n (world->dir), ==, XIM_EVIDENCE_MAX);
}

static void
test_unwritable (World *world, gconstpointer data)
{
  (void)data;
  g_autofree char *folder = xim_evidence_folder (world->dir);
  g_autoptr (XimEvidence) evidence = xim_evidence_new (BOB, "x", NOW_S);
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;
  g_assert_true (g_file_set_contents (folder, "a file", -1, NULL));
  g_assert_false (xim_evidence_save (evidence, world->dir, &is_new, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
  xim_evidence_free (NULL);
}

#define ADD(path, function)                                                   \
  g_test_add ("/evidence/" path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("readable", test_readable);
  ADD ("binary", test_binary);
  ADD ("hostile-names", test_hostile_names);
  ADD ("same-bytes-once", test_same_bytes_once);
  ADD ("bounds", test_bounds);
  ADD ("unwritable", test_unwritable);
  return g_test_run ();
}
