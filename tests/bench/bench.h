/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Measures candidates in turn and prints rows. */

#pragma once

#include <glib.h>

/**
 * BenchCandidate:
 * Something to be measured: @run does its work @n times, without set-up.  Its
 * processor time counts, which does not care what else the machine does.
 */
typedef struct
{
  void (*run) (gpointer data, guint n);
  gpointer data;
  guint n;       /* times per round */
  guint every;   /* takes part in each round with this number; 1 is all */
  gboolean wall; /* wall time, as other processes work for it too; else the
                    processor time of this one */
  double median; /* (out): microseconds for one time */
} BenchCandidate;

/**
 * bench_alternate:
 * Runs all candidates in turn, @rounds times (after one that does not count),
 * so that a machine that changes its speed treats all alike.  Sets the
 * medians.
 */
void bench_alternate (BenchCandidate *candidates, guint n_candidates,
                      guint rounds);

/**
 * BenchRow:
 * One line of results.tsv.  @ours and @peer are in @unit; with @peer 0 there
 * is no peer and no ratio.  Without @target the row is for information.
 */
typedef struct
{
  const char *what;
  const char *unit;
  double ours;
  double peer;
  const char *peer_name;
  const char *target; /* (nullable): ">=5" or "<=1.5" */
  gboolean is_limit;  /* the ratio is ours / peer, not peer / ours */
} BenchRow;

void bench_row (const BenchRow *row);

/**
 * bench_refuse:
 * Ends the program: a figure of something that does not work is none.
 */
void bench_refuse (const char *what) G_GNUC_NORETURN;
