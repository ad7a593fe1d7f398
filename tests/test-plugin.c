/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The module as libpurple loads it. */

#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "plugin/face.h"
#include "tests/headless.h"

static PurplePlugin *
probe (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_BUILT, "..", "plugin",
                                                 "xim.so", NULL);
  return purple_plugin_probe (path);
}

static void
test_loads (void)
{
  PurplePlugin *plugin = probe ();
  struct rlimit limit;

  g_assert_nonnull (plugin);
  g_assert_cmpstr (plugin->error, ==, NULL);
  g_assert_cmpstr (purple_plugin_get_id (plugin), ==, XIM_PLUGIN_ID);
  g_assert_true (purple_plugin_load (plugin));
  g_assert_cmpint (getrlimit (RLIMIT_CORE, &limit), ==, 0);
  g_assert_cmpuint (limit.rlim_cur, ==, 0);
  g_assert_cmpint (prctl (PR_GET_DUMPABLE, 0, 0, 0, 0), ==, 0);
  g_assert_true (purple_plugin_unload (plugin));
  g_assert_true (purple_plugin_load (plugin));
}

/* A client has accounts of other protocols too. */
static void
test_leaves_others_alone (void)
{
  PurpleAccount *account = purple_account_new ("someone", "prpl-irc");
  char *text = g_strdup ("hello");

  purple_accounts_add (account);
  purple_signal_emit (purple_conversations_get_handle (), "sending-im-msg",
                      account, "friend", &text);
  g_assert_cmpstr (text, ==, "hello");
  purple_accounts_delete (account);
  g_free (text);
}

/* An account that cannot have files of ours is no reason to crash. */
static void
test_takes_a_bad_name (void)
{
  PurpleAccount *account = purple_account_new ("@@/", "prpl-jabber");
  char *text = g_strdup ("hello");

  purple_accounts_add (account);
  purple_signal_emit (purple_conversations_get_handle (), "sending-im-msg",
                      account, "friend@two.test", &text);
  g_assert_cmpstr (text, ==, "hello");
  purple_accounts_delete (account);
  g_free (text);
}

static void
test_unloads (void)
{
  PurplePlugin *plugin = purple_plugins_find_with_id (XIM_PLUGIN_ID);

  g_assert_nonnull (plugin);
  g_assert_true (purple_plugin_is_loaded (plugin));
  g_assert_true (purple_plugin_unload (plugin));
  g_assert_false (purple_plugin_is_loaded (plugin));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  headless_start ();
  g_test_add_func ("/plugin/loads", test_loads);
  g_test_add_func ("/plugin/leaves-others-alone", test_leaves_others_alone);
  g_test_add_func ("/plugin/takes-a-bad-name", test_takes_a_bad_name);
  g_test_add_func ("/plugin/unloads", test_unloads);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
