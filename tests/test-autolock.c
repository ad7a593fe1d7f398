/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of autolock.c, with a clock and a bus that the test plays. */

#include "config.h"

#include <gio/gio.h>

#include "plugin/autolock.h"
#include "plugin/prefs.h"
#include "tests/fake-net.h"
#include "tests/headless.h"

#define MINUTES XIM_PREFS_ROOT "/lock-minutes"

static guint n_locked;
static time_t ui_idle_s;
static GSourceFunc tick;

/* The only timer that is asked for. */
static guint
add_timer (guint interval, GSourceFunc function, gpointer data)
{
  (void)interval, (void)data;
  tick = function;
  return 7;
}

static gboolean
remove_timer (guint handle)
{
  g_assert_cmpuint (handle, ==, 7);
  tick = NULL;
  return TRUE;
}

static time_t
get_idle (void)
{
  return ui_idle_s;
}

static void
lock (const char *why)
{
  g_assert_nonnull (why);
  n_locked++;
}

static void
start (void)
{
  static PurpleEventLoopUiOps ops;
  ops = *purple_eventloop_get_ui_ops ();
  ops.timeout_add = add_timer;
  ops.timeout_add_seconds = add_timer;
  ops.timeout_remove = remove_timer;
  PurpleEventLoopUiOps *before = purple_eventloop_get_ui_ops ();
  n_locked = 0;
  fake_boot_s = 1000;
  purple_eventloop_set_ui_ops (&ops);
  xim_autolock_start (lock);
  purple_eventloop_set_ui_ops (before);
}

static void
stop (void)
{
  static PurpleEventLoopUiOps ops;
  PurpleEventLoopUiOps *before = purple_eventloop_get_ui_ops ();
  ops = *before;
  ops.timeout_remove = remove_timer;
  purple_eventloop_set_ui_ops (&ops);
  xim_autolock_stop ();
  purple_eventloop_set_ui_ops (before);
  purple_prefs_set_int (MINUTES, 0);
  purple_prefs_set_bool (XIM_PREFS_LOCK_SCREEN, FALSE);
}

static void
pass (gint64 seconds)
{
  fake_boot_s += seconds;
  tick (NULL);
}

static void
test_idle (void)
{
  start ();
  pass (100 * 3600);
  g_assert_cmpuint (n_locked, ==, 0); /* never, unless it was set */
  xim_autolock_active ();
  purple_prefs_set_int (MINUTES, 10);
  pass (599);
  g_assert_cmpuint (n_locked, ==, 0);
  pass (1);
  g_assert_cmpuint (n_locked, ==, 1);
  /* Once, so that who unlocks meanwhile is not locked out again. */
  pass (60);
  g_assert_cmpuint (n_locked, ==, 1);
  xim_autolock_active ();
  pass (599);
  g_assert_cmpuint (n_locked, ==, 1);
  pass (1);
  g_assert_cmpuint (n_locked, ==, 2);
  stop ();
}

/* A client that knows of all input is asked. */
static void
test_idle_of_the_client (void)
{
  static PurpleIdleUiOps ops = { .get_time_idle = get_idle };
  purple_idle_set_ui_ops (&ops);
  start ();
  purple_prefs_set_int (MINUTES, 1);
  ui_idle_s = 59;
  pass (3600);
  g_assert_cmpuint (n_locked, ==, 0);
  ui_idle_s = 60;
  pass (15);
  g_assert_cmpuint (n_locked, ==, 1);
  stop ();
  purple_idle_set_ui_ops (NULL);
}

static void
say_screen (GDBusConnection *bus, const char *interface, gboolean active)
{
  g_assert_true (g_dbus_connection_emit_signal (
      bus, NULL, "/org/x", interface, "ActiveChanged",
      g_variant_new ("(b)", active), NULL));
  for (int i = 0; i < 200; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

static void
test_screen (void)
{
  g_autofree char *daemon = g_find_program_in_path ("dbus-daemon");
  if (daemon == NULL)
    {
      g_test_skip ("no dbus-daemon");
      return;
    }
  g_autoptr (GTestDBus) test_bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (test_bus);
  GDBusConnection *bus = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (test_bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, NULL);
  g_assert_nonnull (bus);
  start ();
  say_screen (bus, "org.gnome.ScreenSaver", TRUE);
  g_assert_cmpuint (n_locked, ==, 0);
  purple_prefs_set_bool (XIM_PREFS_LOCK_SCREEN, TRUE);
  say_screen (bus, "org.example.Other", TRUE);
  g_assert_cmpuint (n_locked, ==, 0);
  say_screen (bus, "org.gnome.ScreenSaver", FALSE);
  g_assert_cmpuint (n_locked, ==, 0);
  say_screen (bus, "org.gnome.ScreenSaver", TRUE);
  g_assert_cmpuint (n_locked, ==, 1);
  say_screen (bus, "org.freedesktop.ScreenSaver", TRUE);
  g_assert_cmpuint (n_locked, ==, 2);
  purple_prefs_set_bool (XIM_PREFS_LOCK_SCREEN, FALSE);
  say_screen (bus, "org.freedesktop.ScreenSaver", TRUE);
  g_assert_cmpuint (n_locked, ==, 2);
  stop ();
  g_object_unref (bus);
  g_test_dbus_stop (test_bus);
}

/* Without a bus nothing happens. */
static void
test_no_bus (void)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/no/such/bus", TRUE);
  start ();
  purple_prefs_set_bool (XIM_PREFS_LOCK_SCREEN, TRUE);
  for (int i = 0; i < 100; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
  g_assert_cmpuint (n_locked, ==, 0);
  stop ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  headless_start ();
  xim_prefs_init ();
  g_test_add_func ("/autolock/no-bus", test_no_bus);
  g_test_add_func ("/autolock/idle", test_idle);
  g_test_add_func ("/autolock/idle-of-the-client", test_idle_of_the_client);
  g_test_add_func ("/autolock/screen", test_screen);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
