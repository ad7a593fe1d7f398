/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Measures candidates in turn and prints rows. */

#include "config.h"

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double
median (GArray *times)
{
  g_array_sort (times, compare);
  return g_array_index (times, double, times->len / 2);
}

static double
now_us (clockid_t clock)
{
  struct timespec now;
  clock_gettime (clock, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double
measure (const BenchCandidate *candidate)
{
  clockid_t clock
      = candidate->wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID;
  double start_us = now_us (clock);
  candidate->run (candidate->data, candidate->n);
  return (now_us (clock) - start_us) / candidate->n;
}

void
bench_alternate (BenchCandidate *candidates, guint n_candidates, guint rounds)
{
  g_autoptr (GPtrArray) times
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);

  for (guint i = 0; i < n_candidates; i++)
    {
      g_ptr_array_add (times, g_array_new (FALSE, FALSE, sizeof (double)));
      (void)measure (&candidates[i]);
    }
  for (guint round = 0; round < rounds; round++)
    for (guint i = 0; i < n_candidates; i++)
      if (round % candidates[i].every == 0)
        {
          double time_us = measure (&candidates[i]);
          g_array_append_val (times->pdata[i], time_us);
        }
  for (guint i = 0; i < n_candidates; i++)
    candidates[i].median = median (times->pdata[i]);
}

/* How many times faster than the peer, or how near to the limit. */
static double
ratio (const BenchRow *row)
{
  return row->is_limit ? row->ours / row->peer : row->peer / row->ours;
}

void
bench_row (const BenchRow *row)
{
  printf ("%s\t%s\t%.4g\t", row->what, row->unit, row->ours);
  if (row->peer > 0)
    printf ("%.4g\t%s\t%.3g\t", row->peer, row->peer_name, ratio (row));
  else
    printf ("-\t-\t-\t");
  printf ("%s\n", row->target ? row->target : "-");
  fflush (stdout);
}

void
bench_refuse (const char *what)
{
  fprintf (stderr, "bench: %s does not work\n", what);
  exit (EXIT_FAILURE);
}
