/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the log of a filled store costs: a keyserver's proofs, a client's
   check of them, and a member who reads all new entries.  Prints names and
   numbers between tabs. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xim.h"

#include "ks-config.h"
#include "ks-tiles.h"

#define VRF_PROOFS 2000
#define OWN_DEVICES 16 /* indices that a member looks for, at least */

static void
check (const GError *error)
{
  if (error == NULL)
    return;
  fprintf (stderr, "bench-log: %s\n", error->message);
  exit (EXIT_FAILURE);
}

static double
us_since (gint64 begin_us)
{
  return (double)(g_get_monotonic_time () - begin_us);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void
print_times (const char *name, GArray *times)
{
  g_array_sort (times, compare);
  printf ("%s\t%.1f\t%.1f\n", name,
          g_array_index (times, double, times->len / 2),
          g_array_index (times, double, times->len * 99 / 100));
  g_array_set_size (times, 0);
}

typedef struct
{
  XimKsConfig *config;
  XimKsStore *store;
  XimKsTiles *tiles;
  XimKsHead *head;
  XimServer *server;
  XimVerifyKey *log;
} Log;

static void
open_log (Log *log, const char *path)
{
  GError *error = NULL;
  log->config = xim_ks_config_load (path, &error);
  check (error);
  log->store = xim_ks_store_view (log->config->store, log->config->domain,
                                  &error);
  check (error);
  log->tiles = xim_ks_tiles_new (log->store, log->config->tile_cache_bytes);
  log->head = xim_ks_tiles_load (log->tiles, NULL, &error);
  check (error);
  g_autofree char *text = xim_ks_store_server_note (log->store, 0, &error);
  check (error);
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), &error);
  check (error);
  log->server = xim_server_decode (note, &error);
  check (error);
  log->log = xim_server_log_key (log->server);
}

static void
close_log (Log *log)
{
  xim_verify_key_free (log->log);
  xim_server_free (log->server);
  xim_ks_head_unref (log->head);
  xim_ks_tiles_free (log->tiles);
  xim_ks_store_free (log->store);
  xim_ks_config_free (log->config);
}

/* The client's part: all proofs of one version. */
static double
time_check (const Log *log, const XimKsRecord *record,
            const XimLogged *logged)
{
  GError *error = NULL;
  XimLogPlace place;
  g_autoptr (XimNote) note
      = xim_note_decode (record->note, strlen (record->note), &error);
  check (error);
  g_autoptr (XimAccount) account = xim_account_decode (note, &error);
  check (error);
  gint64 begin_us = g_get_monotonic_time ();
  xim_logged_check (logged, account, log->log, &log->server->vrf, &place,
                    &error);
  check (error);
  return us_since (begin_us);
}

/* Accounts that are far from each other, each asked once. */
static void
time_proofs (const Log *log, guint64 n, guint64 accounts)
{
  g_autoptr (GArray) reads = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) proofs = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) checks = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint64 i = 0; i < n; i++)
    {
      GError *error = NULL;
      XimLogged logged;
      g_autoptr (XimKsRecord) record = NULL;
      g_autofree char *jid = g_strdup_printf (
          "account%" G_GUINT64_FORMAT "@%s", i * (accounts / n),
          log->config->domain);
      gint64 begin_us = g_get_monotonic_time ();
      xim_ks_store_record (log->store, jid, &record, &error);
      check (error);
      double took = us_since (begin_us);
      g_array_append_val (reads, took);
      begin_us = g_get_monotonic_time ();
      xim_ks_tiles_logged (log->tiles, log->head, record, &logged, &error);
      check (error);
      took = us_since (begin_us);
      g_array_append_val (proofs, took);
      took = time_check (log, record, &logged);
      g_array_append_val (checks, took);
    }
  print_times ("read", reads);
  print_times ("inclusion", proofs);
  print_times ("client", checks);
}

static void
time_vrf (void)
{
  GError *error = NULL;
  XimVrfProof proof;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (XimVrfKey) key
      = xim_vrf_key_new (xim_crypto_vrf_generate (), &error);
  check (error);
  for (guint32 i = 1; i <= VRF_PROOFS; i++)
    {
      gint64 begin_us = g_get_monotonic_time ();
      xim_entry_prove (key, "alice@one.test", i, &proof, NULL);
      double took = us_since (begin_us);
      g_array_append_val (times, took);
    }
  print_times ("vrf", times);
}

static int
do_proofs (char *argv[])
{
  Log log = { NULL };
  open_log (&log, argv[2]);
  guint64 n = g_ascii_strtoull (argv[3], NULL, 10);
  guint64 accounts = g_ascii_strtoull (argv[4], NULL, 10);
  time_proofs (&log, n, accounts);
  time_proofs (&log, n, accounts);
  time_vrf ();
  close_log (&log);
  return EXIT_SUCCESS;
}

typedef struct
{
  const char *folder;
  XimFrontier frontier;
  GHashTable *own; /* of XimIndex */
  guint64 first, bytes, n, found;
} Reading;

static guint
hash_index (gconstpointer index)
{
  guint32 hash;
  memcpy (&hash, index, sizeof hash);
  return hash;
}

static gboolean
same_index (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (XimIndex)) == 0;
}

static void
read_tile (Reading *reading, guint level, guint64 n, guint64 size,
           char **data, gsize *len)
{
  GError *error = NULL;
  char path[XIM_TILE_PATH_MAX];
  const XimTile tile = { level, n, xim_tile_width (level, n, size) };
  xim_tile_path (&tile, path);
  g_autofree char *name = g_build_filename (reading->folder, path, NULL);
  g_file_get_contents (name, data, len, &error);
  check (error);
  reading->bytes += *len;
}

static void
take (Reading *reading, const guint8 *data, gsize len)
{
  GError *error = NULL;
  XimEntry entry;
  XimHash leaf;
  xim_entry_decode (data, len, &entry, &error);
  check (error);
  if (entry.type == XIM_ENTRY_ACCOUNT
      && g_hash_table_contains (reading->own, &entry.index))
    reading->found++;
  xim_tree_leaf (data, len, &leaf);
  xim_frontier_append (&reading->frontier, &leaf, NULL);
  reading->n++;
}

static void
read_bundle (Reading *reading, guint64 n, guint64 size)
{
  g_autofree char *data = NULL;
  gsize len = 0;
  read_tile (reading, XIM_TILE_ENTRIES, n, size, &data, &len);
  XimEntries entries = { (const guint8 *)data, len };
  for (guint64 leaf = n * XIM_TILE_WIDTH; entries.len > 0; leaf++)
    {
      GError *error = NULL;
      const guint8 *entry;
      gsize entry_len;
      xim_entries_next (&entries, &entry, &entry_len, &error);
      check (error);
      if (leaf >= reading->first)
        take (reading, entry, entry_len);
    }
}

typedef struct
{
  Reading *reading;
  guint64 size;
  char *data;
} Loader;

static const XimHash *
load_tile (gpointer user_data, const XimTile *tile,
           GError **error G_GNUC_UNUSED)
{
  Loader *loader = user_data;
  gsize len = 0;
  g_clear_pointer (&loader->data, g_free);
  read_tile (loader->reading, tile->level, tile->n, loader->size,
             &loader->data, &len);
  return (const XimHash *)(gconstpointer)loader->data;
}

/* The entries from one on, as a member's device reads them: all that are new
 * are looked at, and must lead to the root of the checkpoint. */
static int
do_read (char *argv[])
{
  GError *error = NULL;
  Reading reading = { .folder = argv[2] };
  reading.first = g_ascii_strtoull (argv[3], NULL, 10);
  gint64 begin_us = g_get_monotonic_time ();
  g_autofree char *name
      = g_build_filename (reading.folder, "checkpoint", NULL);
  g_autofree char *note = NULL;
  gsize len = 0;
  g_file_get_contents (name, &note, &len, &error);
  check (error);
  reading.bytes += len;
  g_autoptr (XimCheckpoint) newest = xim_checkpoint_decode (note, len, &error);
  check (error);
  XimIndex own[OWN_DEVICES];
  xim_crypto_random (own[0].bytes, sizeof own);
  reading.own = g_hash_table_new (hash_index, same_index);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    g_hash_table_add (reading.own, &own[i]);
  Loader loader = { &reading, newest->head.size, NULL };
  XimTiles tiles = { newest->head.size, load_tile, &loader };
  const XimTreeReader reader = xim_tiles_reader (&tiles);
  xim_frontier_load (&reader, reading.first, &reading.frontier, &error);
  check (error);
  for (guint64 n = reading.first / XIM_TILE_WIDTH;
       n * XIM_TILE_WIDTH < newest->head.size; n++)
    read_bundle (&reading, n, newest->head.size);
  XimTreeHead head;
  xim_frontier_head (&reading.frontier, &head);
  gboolean same = memcmp (&head.root, &newest->head.root, sizeof head.root)
                  == 0;
  printf ("%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%.1f\n", reading.n,
          reading.bytes, us_since (begin_us) / 1000);
  g_hash_table_unref (reading.own);
  g_free (loader.data);
  return same && reading.found == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main (int argc, char *argv[])
{
  GError *error = NULL;
  if (xim_secret_init (&error) && argc == 5
      && strcmp (argv[1], "proofs") == 0)
    return do_proofs (argv);
  if (error == NULL && argc == 4 && strcmp (argv[1], "read") == 0)
    return do_read (argv);
  fprintf (stderr, "usage: bench-log proofs CONFIG N ACCOUNTS\n"
                   "       bench-log read MIRROR FIRST\n");
  return EXIT_FAILURE;
}
