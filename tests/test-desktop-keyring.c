/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of desktop-keyring.c, rekey.c and unlock.c, with a keyring that the
 * test plays. */

#include "config.h"

#include <string.h>

#include "plugin/rekey.h"
#include "tests/fake-secrets.h"
#include "tests/headless.h"

#define JID "alice@example.org"

typedef struct
{
  char *dir;
  PurpleAccount *account;
  XimStore *store;
  XimKeystore *keystore;
  XimDesktopKeyring *keyring;
  XimUnlock *unlock;
  XimRekey *rekey;
} World;

static gboolean unlocked;
static char *told;

static void
was_unlocked (gpointer data)
{
  (void)data;
  unlocked = TRUE;
}

static void
was_told (const char *text, gpointer data)
{
  (void)data;
  g_free (told);
  told = g_strdup (text);
}

static void
start (World *world)
{
  static const XimUnlockOps ops = { was_unlocked, was_told };
  g_autoptr (GError) error = NULL;
  world->store = xim_store_open (world->dir, &error);
  g_assert_no_error (error);
  world->keystore = xim_keystore_new (world->store, &error);
  g_assert_no_error (error);
  world->keyring = xim_desktop_keyring_new (JID);
  world->unlock = xim_unlock_new (world->account, JID, world->keystore,
                                  world->keyring, &ops, world);
  world->rekey = xim_rekey_new (world->account, JID, world->keystore,
                                world->keyring, was_told, world);
}

static void
stop (World *world)
{
  xim_rekey_free (world->rekey);
  xim_unlock_free (world->unlock);
  xim_desktop_keyring_free (world->keyring);
  xim_keystore_free (world->keystore);
  xim_store_free (world->store);
}

static void
restart (World *world)
{
  stop (world);
  start (world);
}

/* Runs the main loop until the user was told, or the keys are unlocked. */
static void
wait_for_it (void)
{
  while (told == NULL && !unlocked)
    g_main_context_iteration (NULL, TRUE);
}

static void
begin (void)
{
  g_clear_pointer (&told, g_free);
  unlocked = FALSE;
}

static void
unlock (World *world)
{
  begin ();
  xim_unlock_ask (world->unlock);
  wait_for_it ();
}

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  g_autofree char *path = NULL;
  world->dir = g_dir_make_tmp ("xim-secrets-XXXXXX", NULL);
  world->account = purple_account_new (JID, "prpl-jabber");
  path = g_build_filename (world->dir, "passphrase", NULL);
  g_assert_true (g_file_set_contents_full (path, "first", -1,
                                           G_FILE_SET_CONTENTS_NONE, 0600,
                                           NULL));
  g_setenv (XIM_PASSPHRASE_FILE_VARIABLE, path, TRUE);
  fake_secrets_show (TRUE);
  fake_secrets_lock (FALSE);
  start (world);
  unlock (world);
  g_assert_true (unlocked);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  stop (world);
  purple_account_destroy (world->account);
  headless_remove (world->dir);
  g_free (world->dir);
}

static void
turn_on (World *world)
{
  begin ();
  g_autofree char *why = xim_rekey_keyring_on (world->rekey);
  g_assert_null (why);
  wait_for_it ();
}

static void
assert_told (const char *part)
{
  if (told == NULL || strstr (told, part) == NULL)
    g_error ("expected \"%s\", got \"%s\"", part, told);
}

static void
test_unlocks (World *world, gconstpointer data)
{
  (void)data;
  const guint before = fake_secrets_n ();
  turn_on (world);
  assert_told ("unlocks your keys from now on");
  g_assert_cmpuint (fake_secrets_n (), ==, before + 1);
  g_assert_cmpuint (g_bytes_get_size (fake_secrets_last ()), ==, 32);
  g_assert_cmpstr (fake_secrets_id (), ==,
                   xim_keystore_keyring (world->keystore));
  g_autofree char *again = xim_rekey_keyring_on (world->rekey);
  g_assert_nonnull (again);
  restart (world);
  /* The file with the passphrase is not looked at. */
  unlock (world);
  g_assert_true (unlocked);
  g_assert_cmpint (xim_keystore_state (world->keystore), ==,
                   XIM_KEYSTORE_UNLOCKED);
}

/* Without a keyring the passphrase stays. */
static void
test_needs_a_keyring (World *world, gconstpointer data)
{
  const gboolean is_locked = data != NULL;
  fake_secrets_show (is_locked);
  fake_secrets_lock (is_locked);
  turn_on (world);
  assert_told ("The passphrase stays");
  g_assert_null (xim_keystore_keyring (world->keystore));
  restart (world);
  unlock (world);
  g_assert_true (unlocked);
}

/* Each failure has its line, and when the keyring is back so are the keys. */
static void
test_says_why_not (World *world, gconstpointer data)
{
  (void)data;
  turn_on (world);
  g_autoptr (GBytes) right = g_bytes_ref (fake_secrets_last ());
  restart (world);
  fake_secrets_show (FALSE);
  unlock (world);
  assert_told ("cannot be reached or is locked");
  fake_secrets_show (TRUE);
  fake_secrets_lock (TRUE);
  unlock (world);
  assert_told ("cannot be reached or is locked");
  fake_secrets_lock (FALSE);
  fake_secrets_replace ("0123456789abcdef0123456789abcdef", 32);
  unlock (world);
  assert_told ("does not unlock your keys");
  fake_secrets_replace ("short", 5);
  unlock (world);
  assert_told ("does not unlock your keys");
  g_assert_cmpint (xim_keystore_state (world->keystore), ==,
                   XIM_KEYSTORE_LOCKED);
  fake_secrets_replace (g_bytes_get_data (right, NULL), 32);
  unlock (world);
  g_assert_true (unlocked);
}

static void
erased (XimSecret *none, const GError *error, gpointer data)
{
  g_assert_null (none);
  g_assert_no_error (error);
  *(gboolean *)data = TRUE;
}

static void
test_says_it_is_gone (World *world, gconstpointer data)
{
  (void)data;
  gboolean done = FALSE;
  const guint before = fake_secrets_n ();
  turn_on (world);
  xim_desktop_keyring_erase (world->keyring,
                             xim_keystore_keyring (world->keystore), erased,
                             &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fake_secrets_n (), ==, before);
  restart (world);
  unlock (world);
  assert_told ("does not have what unlocks your keys any more");
}

/* The client may go away at any moment. */
static void
test_freed_meanwhile (World *world, gconstpointer data)
{
  (void)data;
  for (int i = 0; i < 12; i++)
    {
      begin ();
      g_autofree char *why = xim_rekey_keyring_on (world->rekey);
      for (int turn = 0; turn < i; turn++)
        g_main_context_iteration (NULL, FALSE);
      restart (world);
      unlock (world);
      g_assert_true (unlocked);
    }
}

static void
test_needs_unlocked_keys (World *world, gconstpointer data)
{
  (void)data;
  xim_keystore_lock (world->keystore);
  g_autofree char *on = xim_rekey_keyring_on (world->rekey);
  g_autofree char *off = xim_rekey_keyring_off (world->rekey);
  g_autofree char *change = xim_rekey_passphrase (world->rekey);
  g_assert_nonnull (strstr (on, "locked"));
  g_assert_nonnull (strstr (off, "locked"));
  g_assert_nonnull (strstr (change, "locked"));
}

#define ADD(path, data, function)                                             \
  g_test_add ("/desktop-keyring/" path, World, data, set_up, function,        \
              tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  if (!fake_secrets_start ())
    {
      g_print ("1..0 # SKIP no dbus-daemon\n");
      return 0;
    }
  ADD ("unlocks", NULL, test_unlocks);
  ADD ("needs-a-keyring/missing", NULL, test_needs_a_keyring);
  ADD ("needs-a-keyring/locked", "", test_needs_a_keyring);
  ADD ("says-why-not", NULL, test_says_why_not);
  ADD ("says-it-is-gone", NULL, test_says_it_is_gone);
  ADD ("freed-meanwhile", NULL, test_freed_meanwhile);
  ADD ("needs-unlocked-keys", NULL, test_needs_unlocked_keys);
  int result = g_test_run ();
  g_clear_pointer (&told, g_free);
  headless_stop ();
  return result;
}
