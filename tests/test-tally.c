/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of tally.c. */

#include "config.h"

#include "plugin/tally.h"
#include "tests/fake-net.h"
#include "tests/headless.h"

#define HOUR 3600
#define SLACK_S (XIM_CURRENT_RENEW_S + XIM_CLOCK_SKEW_S)
#define SERVER_S 1800000000

typedef struct
{
  char *dir;
  XimStore *store;
  XimTally *tally;
} World;

static void
start (World *world)
{
  g_autoptr (GError) error = NULL;
  world->store = xim_store_open (world->dir, &error);
  g_assert_no_error (error);
  world->tally = xim_tally_new (world->store, &error);
  g_assert_no_error (error);
}

static void
stop (World *world)
{
  xim_tally_free (world->tally);
  xim_store_free (world->store);
}

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  fake_boot_name = "first";
  fake_boot_s = 500 * HOUR;
  fake_now_s = SERVER_S;
  world->dir = g_dir_make_tmp ("xim-tally-XXXXXX", NULL);
  start (world);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  stop (world);
  headless_remove (world->dir);
  g_free (world->dir);
}

static void
restart (World *world)
{
  g_assert_true (xim_tally_save (world->tally, NULL));
  stop (world);
  start (world);
}

static void
reboot (World *world, const char *name, gint64 boot_s)
{
  g_assert_true (xim_tally_save (world->tally, NULL));
  stop (world);
  fake_boot_name = name;
  fake_boot_s = boot_s;
  start (world);
}

/* It begins anywhere, and goes on while the program is not running. */
static void
test_counts (World *world, gconstpointer data)
{
  (void)data;
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 0);
  fake_boot_s += HOUR;
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, HOUR);
  restart (world);
  fake_boot_s += HOUR;
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 2 * HOUR);
  /* What was not saved is not lost: the clock went on. */
  stop (world);
  fake_boot_s += HOUR;
  start (world);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 3 * HOUR);
}

static void
test_ignores_the_wall_clock (World *world, gconstpointer data)
{
  (void)data;
  fake_boot_s += HOUR;
  fake_now_s += 1000 * HOUR;
  restart (world);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, HOUR);
  fake_now_s = 0;
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, HOUR);
}

/* Another start of this computer, or another computer with the same files:
 * its clock says nothing of the time between. */
static void
test_other_boot (World *world, gconstpointer data)
{
  (void)data;
  fake_boot_s += HOUR;
  reboot (world, "second", 9000 * HOUR);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, HOUR);
  fake_boot_s += HOUR;
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 2 * HOUR);
  reboot (world, NULL, 9000 * HOUR);
  reboot (world, NULL, 9500 * HOUR);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 2 * HOUR);
  /* The same name with a clock that is behind cannot be the same. */
  reboot (world, "third", 100 * HOUR);
  reboot (world, "third", 50 * HOUR);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 2 * HOUR);
}

/* The keyserver's clock fills the gap, with what it may be off taken away. */
static void
test_hears (World *world, gconstpointer data)
{
  (void)data;
  xim_tally_heard (world->tally, SERVER_S);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 0);
  reboot (world, "second", 10);
  xim_tally_heard (world->tally, SERVER_S + 12 * HOUR);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 12 * HOUR - SLACK_S);
  /* What is taken away is taken once. */
  reboot (world, "third", 10);
  xim_tally_heard (world->tally, SERVER_S + 24 * HOUR);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 24 * HOUR - SLACK_S);
  /* Nothing that it says makes the count fall or stand. */
  fake_boot_s += 2 * HOUR;
  xim_tally_heard (world->tally, SERVER_S + 23 * HOUR);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==,
                   26 * HOUR - SLACK_S);
}

/* A keyserver whose clock was two days ahead is believed again when it is
 * right, and the count is not ahead for it. */
static void
test_hears_a_wrong_clock (World *world, gconstpointer data)
{
  (void)data;
  xim_tally_heard (world->tally, SERVER_S + 48 * HOUR);
  fake_boot_s += HOUR;
  xim_tally_heard (world->tally, SERVER_S + HOUR);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, HOUR);
  reboot (world, "second", 10);
  xim_tally_heard (world->tally, SERVER_S + 11 * HOUR);
  g_assert_cmpint (xim_tally_now_s (world->tally), ==, 11 * HOUR - SLACK_S);
}

#define ADD(path, function)                                                   \
  g_test_add ("/tally/" path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("counts", test_counts);
  ADD ("ignores-the-wall-clock", test_ignores_the_wall_clock);
  ADD ("other-boot", test_other_boot);
  ADD ("hears", test_hears);
  ADD ("hears-a-wrong-clock", test_hears_a_wrong_clock);
  return g_test_run ();
}
