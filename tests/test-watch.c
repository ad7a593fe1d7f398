/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of watch.c and history.c. */

#include "config.h"

#include "plugin/watch.h"
#include "tests/headless.h"
#include "test-bundles.h"

typedef struct
{
  char *dir;
  XimStore *store;
} Files;

static void
set_up (Files *files, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  files->dir = g_dir_make_tmp ("xim-watch-XXXXXX", NULL);
  files->store = xim_store_open (files->dir, &error);
  g_assert_no_error (error);
}

static void
tear_down (Files *files, gconstpointer data)
{
  (void)data;
  xim_store_free (files->store);
  headless_remove (files->dir);
  g_free (files->dir);
}

static void
see (Files *files, const XimAccount *account)
{
  g_assert_true (xim_store_save_version (
      files->store, TEST_JID, account->version, account->text, NULL));
}

/* Device a took @before; the keyserver has @now, which is a bundle of
 * @devices after @last. */
static XimWatchFinding
judge (Files *files, const XimAccount *before, const XimAccount *last,
       TestBundle spec, XimWatchReport *report)
{
  g_autoptr (GError) error = NULL;
  const XimDeviceId own = { { 'a' } };
  spec.before = last;
  g_autoptr (XimBundle) bundle = test_bundle (spec);
  const XimKnown known = { .history = { .newest = last } };
  g_autoptr (XimVerified) now
      = test_verify (bundle, TEST_JID, &known, TEST_NOW_S, &error);
  g_assert_no_error (error);
  g_autoptr (XimHistory) history
      = xim_history_load (files->store, TEST_JID, &error);
  g_assert_no_error (error);
  xim_watch_judge (before, now, history, &own, report);
  return report->finding;
}

static void
test_findings (Files *files, gconstpointer data)
{
  (void)data;
  XimWatchReport report;
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "ab", .signers = "ab" });
  see (files, first);
  g_assert_cmpint (
      judge (files, first, first, (TestBundle){ .devices = "a" }, &report), ==,
      XIM_WATCH_FINE);
  g_assert_cmpint (
      judge (files, first, first, (TestBundle){ .devices = "abc" }, &report),
      ==, XIM_WATCH_ADDED);
  g_assert_cmpuint (report.n_added, ==, 1);
  g_assert_cmpint (report.added[0].id.bytes[0], ==, 'c');
  g_assert_cmpint (xim_watch_alarm (&report), ==, XIM_ALARM_NONE);
  g_assert_cmpint (
      judge (files, first, first, (TestBundle){ .devices = "b" }, &report), ==,
      XIM_WATCH_REMOVED);
  g_assert_cmpint (xim_watch_alarm (&report), ==, XIM_ALARM_REMOVED);
  g_assert_cmpint (judge (files, first, first,
                          (TestBundle){ .devices = "c", .reset = TRUE },
                          &report),
                   ==, XIM_WATCH_RESET);
  g_assert_cmpint (xim_watch_alarm (&report), ==, XIM_ALARM_RESET);
  /* A device that was never in the list has nothing to compare. */
  g_assert_cmpint (
      judge (files, NULL, first, (TestBundle){ .devices = "b" }, &report), ==,
      XIM_WATCH_FINE);
}

/* Somebody else on this computer may have looked before: versions between are
 * those that were seen then. */
static void
test_several_versions (Files *files, gconstpointer data)
{
  (void)data;
  XimWatchReport report;
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "ab", .signers = "ab" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "abc", .signers = "bc" });
  see (files, first);
  g_assert_cmpint (
      judge (files, first, second, (TestBundle){ .devices = "abcd" }, &report),
      ==, XIM_WATCH_BROKEN);
  see (files, second);
  g_assert_cmpint (
      judge (files, first, second, (TestBundle){ .devices = "abcd" }, &report),
      ==, XIM_WATCH_ADDED);
  g_assert_cmpuint (report.n_added, ==, 2);
  g_assert_cmpmem (&report.added[0].version, 32, &second->hash, 32);
  /* One that came and went is no question any more. */
  g_assert_cmpint (
      judge (files, first, second, (TestBundle){ .devices = "ab" }, &report),
      ==, XIM_WATCH_FINE);
}

/* This device was out of the list in between, or the list started again. */
static void
test_history_counts (Files *files, gconstpointer data)
{
  (void)data;
  XimWatchReport report;
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "ab", .signers = "ab" });
  g_autoptr (XimAccount) other
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "b", .signers = "b" });
  see (files, first);
  see (files, second);
  g_assert_cmpint (
      judge (files, first, second, (TestBundle){ .devices = "bc" }, &report),
      ==, XIM_WATCH_REMOVED);
  g_assert_cmpint (
      judge (files, other, second, (TestBundle){ .devices = "bc" }, &report),
      ==, XIM_WATCH_BROKEN);
  g_assert_cmpint (xim_watch_alarm (&report), ==, XIM_ALARM_BROKEN);
}

static void
test_history (Files *files, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) second
      = test_account ((TestAccount){ .before = first,
                                     .time_s = TEST_NOW_S + 60,
                                     .devices = "ab",
                                     .signers = "ab" });
  const XimDeviceId a = { { 'a' } }, b = { { 'b' } }, c = { { 'c' } };
  XimAccountHistory known = { 0 };
  g_autoptr (XimHistory) empty
      = xim_history_load (files->store, TEST_JID, &error);
  g_assert_no_error (error);
  g_assert_null (xim_history_newest (empty));
  see (files, first);
  see (files, second);
  g_autoptr (XimHistory) history
      = xim_history_load (files->store, TEST_JID, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (xim_history_newest (history)->version, ==, 2);
  g_assert_cmpint (xim_history_since_s (history, &a), ==, TEST_NOW_S);
  g_assert_cmpint (xim_history_since_s (history, &b), ==, TEST_NOW_S + 60);
  g_assert_cmpint (xim_history_since_s (history, &c), ==, 0);
  g_assert_null (xim_history_find (history, 3));
  xim_history_known (history, &known);
  g_assert_cmpuint (known.newest->version, ==, 2);
  g_assert_cmpuint (known.n_older, ==, 1);
  /* What is on the own disk is never the keyserver's fault. */
  g_assert_true (
      xim_store_save_version (files->store, TEST_JID, 3, "no note\n", NULL));
  g_assert_null (xim_history_load (files->store, TEST_JID, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
}

#define ADD(path, function)                                                   \
  g_test_add ("/watch/" path, Files, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("findings", test_findings);
  ADD ("several-versions", test_several_versions);
  ADD ("history-counts", test_history_counts);
  ADD ("history", test_history);
  return g_test_run ();
}
