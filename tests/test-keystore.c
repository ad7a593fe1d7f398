/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of keystore.c and passphrase.c. */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "plugin/keystore.h"
#include "plugin/passphrase.h"
#include "tests/headless.h"

typedef struct
{
  char *dir;
  XimStore *store;
  XimKeystore *keystore;
} World;

static gboolean answered;
static int code; /* -1: it worked */

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  world->dir = g_dir_make_tmp ("xim-keystore-XXXXXX", NULL);
  world->store = xim_store_open (world->dir, NULL);
  world->keystore = xim_keystore_new (world->store, NULL);
  g_assert_nonnull (world->keystore);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  xim_keystore_free (world->keystore);
  xim_store_free (world->store);
  headless_remove (world->dir);
  g_free (world->dir);
}

static void
reopen (World *world)
{
  g_autoptr (GError) error = NULL;
  xim_keystore_free (world->keystore);
  xim_store_free (world->store);
  world->store = xim_store_open (world->dir, &error);
  g_assert_no_error (error);
  world->keystore = xim_keystore_new (world->store, &error);
  g_assert_no_error (error);
}

static void
done (const GError *error, gpointer data)
{
  (void)data;
  g_assert_false (answered);
  g_assert_true (error == NULL || error->domain == XIM_ERROR);
  answered = TRUE;
  code = error != NULL ? error->code : -1;
}

static XimSecret *
secret (const char *text)
{
  XimSecret *made = xim_secret_new (strlen (text));
  memcpy (xim_secret_data (made), text, strlen (text));
  return made;
}

static void
begin (World *world, const char *passphrase)
{
  answered = FALSE;
  xim_keystore_unlock (world->keystore, secret (passphrase), done, NULL);
  g_assert_false (answered);
}

static int
finish (void)
{
  while (!answered)
    g_main_context_iteration (NULL, TRUE);
  return code;
}

static int
unlock (World *world, const char *passphrase)
{
  begin (world, passphrase);
  return finish ();
}

static GBytes *
seal (World *world)
{
  g_autoptr (GError) error = NULL;
  GBytes *sealed = xim_keystore_seal (world->keystore, "keys", "1", "x25519",
                                      (const guint8 *)"plain", 5, &error);
  g_assert_no_error (error);
  return sealed;
}

static void
assert_opens (World *world, GBytes *sealed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) plain = xim_keystore_open (
      world->keystore, "keys", "1", "x25519", sealed, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (xim_secret_peek (plain), xim_secret_len (plain), "plain",
                   5);
}

static void
assert_refuses (World *world, const char *table, const char *id,
                const char *kind, GBytes *sealed, XimError expected)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (
      xim_keystore_open (world->keystore, table, id, kind, sealed, &error));
  g_assert_error (error, XIM_ERROR, (int)expected);
}

static void
test_unlocks (World *world, gconstpointer data)
{
  (void)data;
  XimKeystore *keystore = world->keystore;
  g_assert_cmpint (xim_keystore_state (keystore), ==, XIM_KEYSTORE_EMPTY);
  begin (world, "right");
  g_assert_cmpint (xim_keystore_state (keystore), ==, XIM_KEYSTORE_WORKING);
  g_assert_cmpint (finish (), ==, -1);
  g_assert_cmpint (xim_keystore_state (keystore), ==, XIM_KEYSTORE_UNLOCKED);
  g_autoptr (GBytes) sealed = seal (world);
  assert_opens (world, sealed);
  reopen (world);
  g_assert_cmpint (xim_keystore_state (world->keystore), ==,
                   XIM_KEYSTORE_LOCKED);
  assert_refuses (world, "keys", "1", "x25519", sealed, XIM_ERROR_UNAVAILABLE);
  g_assert_cmpint (unlock (world, "wrong"), ==, XIM_ERROR_SIGNATURE);
  g_assert_cmpint (unlock (world, ""), ==, XIM_ERROR_SIGNATURE);
  g_assert_cmpint (xim_keystore_state (world->keystore), ==,
                   XIM_KEYSTORE_LOCKED);
  g_assert_cmpint (unlock (world, "right"), ==, -1);
  assert_opens (world, sealed);
}

static void
test_binds_to_its_place (World *world, gconstpointer data)
{
  (void)data;
  g_assert_cmpint (unlock (world, "right"), ==, -1);
  g_autoptr (GBytes) sealed = seal (world);
  g_autoptr (GBytes) again = seal (world);
  g_assert_false (g_bytes_equal (sealed, again));
  assert_refuses (world, "device", "1", "x25519", sealed, XIM_ERROR_STORE);
  assert_refuses (world, "keys", "2", "x25519", sealed, XIM_ERROR_STORE);
  assert_refuses (world, "keys", "1", "ed25519", sealed, XIM_ERROR_STORE);
  g_autoptr (GBytes) cut = g_bytes_new_from_bytes (sealed, 0, 20);
  g_autoptr (GBytes) none = g_bytes_new (NULL, 0);
  assert_refuses (world, "keys", "1", "x25519", cut, XIM_ERROR_STORE);
  assert_refuses (world, "keys", "1", "x25519", none, XIM_ERROR_STORE);
}

static void
test_locks (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (unlock (world, "right"), ==, -1);
  g_assert_cmpint (unlock (world, "right"), ==, XIM_ERROR_CONFLICT);
  xim_keystore_lock (world->keystore);
  g_assert_cmpint (xim_keystore_state (world->keystore), ==,
                   XIM_KEYSTORE_LOCKED);
  g_assert_null (
      xim_keystore_seal (world->keystore, "a", "b", "c", NULL, 0, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  /* Locked while a passphrase is tried, it stays locked. */
  begin (world, "right");
  xim_keystore_lock (world->keystore);
  g_assert_cmpint (finish (), ==, XIM_ERROR_UNAVAILABLE);
  g_assert_cmpint (xim_keystore_state (world->keystore), ==,
                   XIM_KEYSTORE_LOCKED);
}

/* One that is not stored yet must not be made twice. */
static void
test_refuses_two_at_once (World *world, gconstpointer data)
{
  (void)data;
  begin (world, "right");
  answered = FALSE;
  xim_keystore_unlock (world->keystore, secret ("other"), done, NULL);
  g_assert_cmpint (finish (), ==, XIM_ERROR_CONFLICT);
  answered = FALSE;
  g_assert_cmpint (finish (), ==, -1);
  reopen (world);
  g_assert_cmpint (unlock (world, "other"), ==, XIM_ERROR_SIGNATURE);
  g_assert_cmpint (unlock (world, "right"), ==, -1);
}

static void
test_freed_while_working (World *world, gconstpointer data)
{
  (void)data;
  begin (world, "right");
  xim_keystore_free (world->keystore);
  for (int i = 0; i < 1500; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_false (answered);
  world->keystore = xim_keystore_new (world->store, NULL);
  g_assert_cmpint (xim_keystore_state (world->keystore), ==,
                   XIM_KEYSTORE_EMPTY);
}

/* Parameters are read back from a file that somebody may have changed. */
static void
test_refuses_parameters (World *world, gconstpointer data)
{
  (void)data;
  const struct
  {
    guint64 bytes;
    guint64 passes;
  } bad[] = { { XIM_ARGON2_BYTES_MIN - 1, 3 },
              { XIM_ARGON2_BYTES_MAX + 1, 3 },
              { XIM_ARGON2_BYTES_MIN, 2 },
              { XIM_ARGON2_BYTES_MIN, 11 },
              { G_MAXUINT64, 3 } };
  g_autoptr (GBytes) sealed = g_bytes_new ("x", 1);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      XimStoreMaster master = { .argon2_bytes = bad[i].bytes,
                                .argon2_passes = bad[i].passes,
                                .sealed = sealed };
      g_assert_true (xim_store_save_master (world->store, &master, NULL));
      g_assert_null (xim_keystore_new (world->store, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
    }
}

/* Speed. */

typedef struct
{
  gint64 took_us;    /* until it was unlocked */
  gint64 worked_us;  /* the processor's time for it */
  gint64 longest_us; /* turn of the main loop */
} Measured;

static gint64
processor_us (void)
{
  struct timespec now;
  g_assert_cmpint (clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now), ==, 0);
  return (gint64)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static Measured
measure (World *world)
{
  Measured measured = { 0 };
  const gint64 begun = g_get_monotonic_time ();
  const gint64 before = processor_us ();
  begin (world, "right");
  while (!answered)
    {
      const gint64 start = g_get_monotonic_time ();
      g_main_context_iteration (NULL, FALSE);
      measured.longest_us
          = MAX (measured.longest_us, g_get_monotonic_time () - start);
      g_usleep (200);
    }
  g_assert_cmpint (code, ==, -1);
  measured.took_us = g_get_monotonic_time () - begun;
  measured.worked_us = processor_us () - before;
  return measured;
}

/* Unlocking takes less than a second and never holds up the main loop for
 * more than 10 ms.  On a busy machine the processor's time tells it, and some
 * of the runs may be spoilt, not all. */
static void
test_is_fast (World *world, gconstpointer data)
{
  (void)data;
  Measured best = { G_MAXINT64, G_MAXINT64, G_MAXINT64 };
  g_assert_cmpint (unlock (world, "right"), ==, -1);
  for (int i = 0; i < 8; i++)
    {
      xim_keystore_lock (world->keystore);
      const Measured one = measure (world);
      best.took_us = MIN (best.took_us, one.took_us);
      best.worked_us = MIN (best.worked_us, one.worked_us);
      best.longest_us = MIN (best.longest_us, one.longest_us);
    }
  g_test_message ("unlocking: %d ms, %d ms of a processor; longest turn of "
                  "the main loop: %d us",
                  (int)(best.took_us / 1000), (int)(best.worked_us / 1000),
                  (int)best.longest_us);
  g_assert_cmpint (MIN (best.took_us, best.worked_us), <, 1000000);
  g_assert_cmpint (best.longest_us, <, 10000);
}

/* Changing. */

static int
change (World *world, const char *old, const char *fresh)
{
  answered = FALSE;
  xim_keystore_change (world->keystore, old != NULL ? secret (old) : NULL,
                       secret (fresh), done, NULL);
  g_assert_false (answered);
  return finish ();
}

/* Whether any file of the account has @what, or any 8 bytes of it. */
static gboolean
is_in_files (World *world, gconstpointer what, gsize what_len)
{
  g_autoptr (GDir) dir = g_dir_open (world->dir, 0, NULL);
  const char *name;
  gboolean found = FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (world->dir, name, NULL);
      g_autofree char *data = NULL;
      gsize len = 0;
      g_assert_true (g_file_get_contents (path, &data, &len, NULL));
      for (gsize at = 0; at + 8 <= what_len; at++)
        found |= memmem (data, len, (const char *)what + at, 8) != NULL;
    }
  return found;
}

static void
load_master (World *world, XimStoreMaster *out)
{
  gboolean found = FALSE;
  g_assert_true (xim_store_load_master (world->store, &found, out, NULL));
  g_assert_true (found);
}

static void
test_changes (World *world, gconstpointer data)
{
  (void)data;
  XimStoreMaster before = { 0 };
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (unlock (world, "old"), ==, -1);
  g_autoptr (GBytes) sealed = seal (world);
  load_master (world, &before);
  g_assert_cmpint (change (world, "wrong", "new"), ==, XIM_ERROR_SIGNATURE);
  g_assert_true (is_in_files (world, before.salt, sizeof before.salt));
  g_assert_cmpint (change (world, "old", "new"), ==, -1);
  assert_opens (world, sealed);
  /* Nothing of the old sealing is left. */
  gsize len = 0;
  gconstpointer bytes = g_bytes_get_data (before.sealed, &len);
  g_assert_false (is_in_files (world, bytes, len));
  g_assert_false (is_in_files (world, before.salt, sizeof before.salt));
  reopen (world);
  g_assert_cmpint (change (world, "new", "third"), ==, XIM_ERROR_CONFLICT);
  g_assert_cmpint (unlock (world, "old"), ==, XIM_ERROR_SIGNATURE);
  g_assert_cmpint (unlock (world, "new"), ==, -1);
  assert_opens (world, sealed);
  xim_store_master_clear (&before);
}

/* Locked before it is done, it changes nothing: an answer needs the main
 * loop. */
static void
test_change_is_broken_off (World *world, gconstpointer data)
{
  (void)data;
  g_assert_cmpint (unlock (world, "old"), ==, -1);
  answered = FALSE;
  xim_keystore_change (world->keystore, secret ("old"), secret ("new"), done,
                       NULL);
  xim_keystore_change (world->keystore, secret ("old"), secret ("x"), done,
                       NULL);
  g_assert_cmpint (finish (), ==, XIM_ERROR_CONFLICT);
  answered = FALSE;
  xim_keystore_lock (world->keystore);
  g_assert_cmpint (finish (), ==, XIM_ERROR_UNAVAILABLE);
  reopen (world);
  g_assert_cmpint (unlock (world, "new"), ==, XIM_ERROR_SIGNATURE);
  g_assert_cmpint (unlock (world, "old"), ==, -1);
}

static XimSecret *
copy_master (World *world)
{
  const XimSecret *master = xim_keystore_master (world->keystore);
  XimSecret *copy = xim_secret_new (xim_secret_len (master));
  memcpy (xim_secret_data (copy), xim_secret_peek (master),
          xim_secret_len (copy));
  return copy;
}

static void
test_leaves_it_to_a_keyring (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) other = NULL;
  XimStoreMaster before = { 0 };
  g_assert_false (
      xim_keystore_use_keyring (world->keystore, "0123", &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  g_assert_cmpint (unlock (world, "old"), ==, -1);
  g_autoptr (GBytes) sealed = seal (world);
  load_master (world, &before);
  XimSecret *master = copy_master (world);
  g_assert_true (xim_keystore_use_keyring (world->keystore, "0123", NULL));
  gsize len = 0;
  gconstpointer bytes = g_bytes_get_data (before.sealed, &len);
  g_assert_false (is_in_files (world, bytes, len));
  g_assert_false (is_in_files (world, xim_secret_peek (master), 32));
  reopen (world);
  g_assert_cmpint (xim_keystore_state (world->keystore), ==,
                   XIM_KEYSTORE_LOCKED);
  g_assert_cmpstr (xim_keystore_keyring (world->keystore), ==, "0123");
  g_assert_cmpint (unlock (world, "old"), ==, XIM_ERROR_CONFLICT);
  g_assert_false (xim_keystore_unlock_with (world->keystore,
                                            xim_secret_new (32), &other));
  g_assert_error (other, XIM_ERROR, XIM_ERROR_SIGNATURE);
  g_clear_error (&other);
  g_assert_false (xim_keystore_unlock_with (world->keystore,
                                            xim_secret_new (31), &other));
  g_assert_error (other, XIM_ERROR, XIM_ERROR_STORE);
  g_assert_true (xim_keystore_unlock_with (world->keystore, master, NULL));
  assert_opens (world, sealed);
  /* And back. */
  g_assert_cmpint (change (world, "old", "new"), ==, XIM_ERROR_CONFLICT);
  g_assert_cmpint (change (world, NULL, "new"), ==, -1);
  g_assert_null (xim_keystore_keyring (world->keystore));
  reopen (world);
  g_assert_cmpint (unlock (world, "new"), ==, -1);
  assert_opens (world, sealed);
  xim_store_master_clear (&before);
}

/* Files. */

static XimSecret *
read_file (World *world, const char *content, gssize len, int mode,
           GError **error)
{
  g_autofree char *path = g_build_filename (world->dir, "pass", NULL);
  g_unlink (path);
  g_assert_true (g_file_set_contents (path, content, len, NULL));
  g_chmod (path, mode);
  return xim_passphrase_read (path, error);
}

static void
test_reads_file (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimSecret) one = read_file (world, "pass word\n", -1, 0600, NULL);
  g_assert_cmpmem (xim_secret_peek (one), xim_secret_len (one), "pass word",
                   9);
  g_autoptr (XimSecret) two = read_file (world, "a\n\n", -1, 0400, NULL);
  g_assert_cmpmem (xim_secret_peek (two), xim_secret_len (two), "a\n", 2);
  g_autofree char *longest = g_strnfill (XIM_PASSPHRASE_MAX, 'x');
  g_autoptr (XimSecret) three = read_file (world, longest, -1, 0600, NULL);
  g_assert_cmpuint (xim_secret_len (three), ==, XIM_PASSPHRASE_MAX);
}

static void
test_refuses_file (World *world, gconstpointer data)
{
  (void)data;
  const int modes[] = { 0644, 0640, 0604, 0700, 0620 };
  g_autofree char *path = g_build_filename (world->dir, "pass", NULL);
  g_autofree char *link = g_build_filename (world->dir, "link", NULL);
  g_autofree char *fifo = g_build_filename (world->dir, "fifo", NULL);
  g_autofree char *long_one = g_strnfill (XIM_PASSPHRASE_MAX + 2, 'x');
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (read_file (world, "x", -1, modes[i], &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
    }
  g_autoptr (GError) empty = NULL;
  g_assert_null (read_file (world, "\n", -1, 0600, &empty));
  g_assert_error (empty, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_autoptr (GError) large = NULL;
  g_assert_null (read_file (world, long_one, -1, 0600, &large));
  g_assert_error (large, XIM_ERROR, XIM_ERROR_TOO_LARGE);
  const char *const others[] = { link, fifo, world->dir, "/no/such/file" };
  g_assert_cmpint (symlink (path, link), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (xim_passphrase_read (others[i], &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
    }
}

#define ADD(path, function)                                                   \
  g_test_add (path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("/keystore/unlocks", test_unlocks);
  ADD ("/keystore/binds-to-its-place", test_binds_to_its_place);
  ADD ("/keystore/locks", test_locks);
  ADD ("/keystore/refuses-two-at-once", test_refuses_two_at_once);
  ADD ("/keystore/freed-while-working", test_freed_while_working);
  ADD ("/keystore/refuses-parameters", test_refuses_parameters);
  ADD ("/keystore/is-fast", test_is_fast);
  ADD ("/keystore/changes", test_changes);
  ADD ("/keystore/change-is-broken-off", test_change_is_broken_off);
  ADD ("/keystore/leaves-it-to-a-keyring", test_leaves_it_to_a_keyring);
  ADD ("/passphrase/reads-file", test_reads_file);
  ADD ("/passphrase/refuses-file", test_refuses_file);
  return g_test_run ();
}
