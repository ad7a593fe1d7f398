/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The plugin's reader of a log (plugin/reading.c) against a keyserver: from
   the tree of so many entries to the one whose mirror there is.  Prints how
   many entries it read, their bytes, and the milliseconds. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/reading.h"
#include "tests/headless.h"
#include "xim-secret.h"

#define STEP 65536 /* as plugin/monitor.c has it */
#define OWN 16     /* indices that are looked for */

typedef struct
{
  XimIndex own[OWN];
  guint64 n, bytes, found;
  gboolean is_over;
  XimReadingEnd end;
} Bench;

static void
check (const GError *error)
{
  if (error == NULL)
    return;
  fprintf (stderr, "bench-reading: %s\n", error->message);
  exit (EXIT_FAILURE);
}

static void
got_entry (guint64 leaf G_GNUC_UNUSED, const XimEntry *entry,
           gpointer user_data)
{
  Bench *bench = user_data;
  guint8 bytes[XIM_ENTRY_MAX];
  bench->n++;
  bench->bytes += 2 + xim_entry_encode (entry, bytes);
  for (guint i = 0; i < OWN; i++)
    bench->found += memcmp (&bench->own[i], &entry->index, sizeof (XimIndex))
                    == 0;
}

static gboolean
reached (const XimTreeHead *head G_GNUC_UNUSED,
         gpointer user_data G_GNUC_UNUSED)
{
  return TRUE;
}

static void
ended (XimReadingEnd end, guint retry_after_s G_GNUC_UNUSED,
       gpointer user_data)
{
  Bench *bench = user_data;
  bench->end = end;
  bench->is_over = TRUE;
}

static const XimReadingOps ops = { STEP, got_entry, reached, ended };

/* A mirror in files. */
typedef struct
{
  const char *folder;
  guint64 size;
  char *data;
} Mirror;

static char *
read_file (const Mirror *mirror, const char *name, gsize *len)
{
  GError *error = NULL;
  char *data = NULL;
  g_autofree char *path = g_build_filename (mirror->folder, name, NULL);
  g_file_get_contents (path, &data, len, &error);
  check (error);
  return data;
}

static const XimHash *
load_tile (gpointer user_data, const XimTile *tile,
           GError **error G_GNUC_UNUSED)
{
  Mirror *mirror = user_data;
  char path[XIM_TILE_PATH_MAX];
  gsize len = 0;
  const XimTile whole = { tile->level, tile->n,
                          xim_tile_width (tile->level, tile->n,
                                          mirror->size) };
  xim_tile_path (&whole, path);
  g_free (mirror->data);
  mirror->data = read_file (mirror, path, &len);
  return (const XimHash *)(gconstpointer)mirror->data;
}

static void
read_heads (const char *folder, guint64 first, XimTreeHead *from,
            XimTreeHead *to)
{
  GError *error = NULL;
  gsize len = 0;
  Mirror mirror = { .folder = folder };
  XimFrontier frontier;
  g_autofree char *note = read_file (&mirror, "checkpoint", &len);
  g_autoptr (XimCheckpoint) newest = xim_checkpoint_decode (note, len, &error);
  check (error);
  mirror.size = newest->head.size;
  *to = newest->head;
  XimTiles tiles = { mirror.size, load_tile, &mirror };
  const XimTreeReader reader = xim_tiles_reader (&tiles);
  xim_frontier_load (&reader, first, &frontier, &error);
  check (error);
  xim_frontier_head (&frontier, from);
  g_free (mirror.data);
}

static void
read_log (Bench *bench, const XimDomain *domain, const XimTreeHead *from,
          const XimTreeHead *to)
{
  PurpleAccount *account = purple_account_new ("a@one.test", "prpl-jabber");
  XimHttp *http = xim_http_new (account);
  XimReading *reading
      = xim_reading_new (http, domain, from, to, &ops, bench);
  while (!bench->is_over)
    g_main_context_iteration (NULL, TRUE);
  xim_reading_free (reading);
  xim_http_free (http);
  purple_account_destroy (account);
}

int
main (int argc, char *argv[])
{
  GError *error = NULL;
  Bench bench = { .n = 0 };
  XimTreeHead from, to;
  if (argc != 5 || !xim_secret_init (&error))
    {
      fprintf (stderr, "usage: bench-reading URL CA-FILE MIRROR FIRST\n");
      return EXIT_FAILURE;
    }
  const XimDomain domain
      = { .base_url = argv[1], .ca_file = argv[2], .local = TRUE };
  read_heads (argv[3], g_ascii_strtoull (argv[4], NULL, 10), &from, &to);
  xim_crypto_random (bench.own[0].bytes, sizeof bench.own);
  headless_start ();
  gint64 begin_us = g_get_monotonic_time ();
  read_log (&bench, &domain, &from, &to);
  printf ("%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%.1f\n", bench.n,
          bench.bytes,
          (double)(g_get_monotonic_time () - begin_us) / 1000);
  headless_stop ();
  return bench.end == XIM_READING_WHOLE && bench.found == 0 ? EXIT_SUCCESS
                                                            : EXIT_FAILURE;
}
