/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of own-keys.c and erasure.c: when keys are replaced and erased, and
 * what is left of them in the files. */

#include "config.h"

#include <string.h>

#include "plugin/erasure.h"
#include "tests/fake-net.h"
#include "tests/headless.h"
#include "test-notes.h"

#define HOUR 3600
#define DAY (24 * HOUR)
#define MINUTE 60

typedef struct
{
  char *dir;
  XimStore *store;
  XimKeystore *keystore;
  XimOwn *own;
  XimErasure *erasure;
} World;

/* What the parts beside it say. */
static XimOwn *own_now;
static GError *enrol_error;
static guint n_waiting;

XimOwn *
xim_enrol_own (XimEnrol *enrol)
{
  (void)enrol;
  return own_now;
}

const GError *
xim_enrol_error (const XimEnrol *enrol)
{
  (void)enrol;
  return enrol_error;
}

guint
xim_incoming_n_waiting (XimIncoming *incoming, const char *jid)
{
  (void)incoming;
  g_assert_null (jid);
  return n_waiting;
}

static void
done (const GError *error, gpointer data)
{
  g_assert_no_error (error);
  *(gboolean *)data = TRUE;
}

static void
start (World *world)
{
  g_autoptr (GError) error = NULL;
  gboolean is_done = FALSE;
  XimSecret *passphrase = xim_secret_new (1);
  xim_secret_data (passphrase)[0] = 'x';
  world->store = xim_store_open (world->dir, &error);
  g_assert_no_error (error);
  world->keystore = xim_keystore_new (world->store, &error);
  g_assert_no_error (error);
  world->own = own_now
      = xim_own_new (TEST_JID, world->store, world->keystore, &error);
  g_assert_no_error (error);
  world->erasure = xim_erasure_new (NULL, NULL);
  xim_keystore_unlock (world->keystore, passphrase, done, &is_done);
  while (!is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (xim_own_unlock (world->own, &error));
}

static void
stop (World *world)
{
  xim_erasure_free (world->erasure);
  xim_own_free (world->own);
  xim_keystore_free (world->keystore);
  xim_store_free (world->store);
}

/* The keyserver takes the newest key. */
static void
accept_newest (World *world, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) server = test_sign_key ('S');
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (xim_note_sign (note, server, &error));
  g_autofree char *answer = xim_note_encode (note);
  xim_own_accept_key (world->own, answer, strlen (answer),
                      xim_sign_key_public (server), fake_now_s, &error);
  g_assert_no_error (error);
}

static void
renew (World *world)
{
  g_autoptr (GError) error = NULL;
  const char *note = NULL;
  g_assert_true (xim_own_renew (world->own, fake_now_s, &note, &error));
  g_autofree char *text = g_strdup (note);
  accept_newest (world, text);
}

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  fake_boot_name = "first";
  fake_boot_s = 1000;
  fake_now_s = TEST_NOW_S;
  world->dir = g_dir_make_tmp ("xim-erasure-XXXXXX", NULL);
  start (world);
  g_assert_true (xim_own_make (world->own, fake_now_s, &error));
  renew (world);
  xim_erasure_online (world->erasure);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  stop (world);
  headless_remove (world->dir);
  g_free (world->dir);
  g_clear_error (&enrol_error);
  n_waiting = 0;
}

/* Time goes on for a client that is awake. */
static void
awake (World *world, gint64 seconds)
{
  for (gint64 end_s = fake_boot_s + seconds; fake_boot_s < end_s;)
    {
      fake_sleep (MIN (4 * MINUTE, end_s - fake_boot_s));
      xim_erasure_look (world->erasure);
    }
}

static guint
n_keys (World *world)
{
  g_autoptr (GPtrArray) keys = NULL;
  g_assert_true (xim_store_load_keys (world->store, &keys, NULL));
  g_assert_cmpuint (xim_keyring_n (xim_own_keyring (world->own)), ==,
                    keys->len);
  return keys->len;
}

static void
test_renewal_is_due (World *world, gconstpointer data)
{
  (void)data;
  g_assert_false (xim_own_renewal_due (world->own, fake_now_s));
  fake_sleep (DAY - 1);
  g_assert_false (xim_own_renewal_due (world->own, fake_now_s));
  fake_sleep (1);
  g_assert_true (xim_own_renewal_due (world->own, fake_now_s));
  renew (world);
  /* A wall clock that was set back does not keep the key in use. */
  fake_now_s -= 100 * DAY;
  fake_boot_s += DAY - 1;
  g_assert_false (xim_own_renewal_due (world->own, fake_now_s));
  stop (world);
  start (world);
  fake_boot_s += 1;
  g_assert_true (xim_own_renewal_due (world->own, fake_now_s));
}

static void
test_erases (World *world, gconstpointer data)
{
  (void)data;
  awake (world, DAY);
  renew (world);
  awake (world, 25 * HOUR - 4 * MINUTE);
  g_assert_cmpuint (n_keys (world), ==, 2);
  awake (world, 4 * MINUTE);
  g_assert_cmpuint (n_keys (world), ==, 1);
  /* The newest stays, however old it is. */
  awake (world, 10 * DAY);
  g_assert_cmpuint (n_keys (world), ==, 1);
}

/* What was said before the pause comes after it. */
static void
test_waits_for_an_hour (World *world, gconstpointer data)
{
  const gboolean sleeps = data != NULL;
  awake (world, DAY);
  renew (world);
  awake (world, HOUR);
  if (!sleeps)
    xim_erasure_offline (world->erasure);
  fake_sleep (2 * DAY);
  xim_erasure_look (world->erasure);
  g_assert_cmpuint (n_keys (world), ==, 2);
  if (!sleeps)
    xim_erasure_online (world->erasure);
  awake (world, HOUR - 4 * MINUTE);
  g_assert_cmpuint (n_keys (world), ==, 2);
  n_waiting = 1;
  awake (world, HOUR);
  g_assert_cmpuint (n_keys (world), ==, 2);
  n_waiting = 0;
  awake (world, 4 * MINUTE);
  g_assert_cmpuint (n_keys (world), ==, 1);
}

/* A stranger whose message nobody opens cannot keep a key for ever. */
static void
test_waits_no_longer_than_a_week (World *world, gconstpointer data)
{
  (void)data;
  awake (world, DAY);
  renew (world);
  n_waiting = 1;
  awake (world, 25 * HOUR + 7 * DAY - 4 * MINUTE);
  g_assert_cmpuint (n_keys (world), ==, 2);
  awake (world, 4 * MINUTE);
  g_assert_cmpuint (n_keys (world), ==, 1);
}

static void
test_refused_for_time (World *world, gconstpointer data)
{
  (void)data;
  awake (world, DAY);
  renew (world);
  enrol_error = g_error_new_literal (XIM_ERROR, XIM_ERROR_EXPIRED, "clock");
  awake (world, 3 * DAY);
  g_assert_cmpuint (n_keys (world), ==, 2);
  g_clear_error (&enrol_error);
  awake (world, 4 * MINUTE);
  g_assert_cmpuint (n_keys (world), ==, 1);
}

static void
test_clock_jumps (World *world, gconstpointer data)
{
  const gint64 jump_s = (gint64)GPOINTER_TO_INT (data) * DAY;
  awake (world, DAY);
  renew (world);
  awake (world, HOUR);
  fake_now_s += jump_s;
  awake (world, 24 * HOUR - 4 * MINUTE);
  g_assert_cmpuint (n_keys (world), ==, 2);
  /* Set right again, it ends in time. */
  fake_now_s -= jump_s;
  awake (world, 4 * MINUTE);
  g_assert_cmpuint (n_keys (world), ==, 1);
}

/* The clock of a computer that was off is wrong when it starts. */
static void
test_clock_wrong_at_start (World *world, gconstpointer data)
{
  (void)data;
  awake (world, DAY);
  renew (world);
  stop (world);
  fake_boot_name = "second";
  fake_boot_s = 20;
  fake_now_s += 2 * DAY;
  start (world);
  xim_erasure_online (world->erasure);
  awake (world, 2 * HOUR);
  g_assert_cmpuint (n_keys (world), ==, 2);
}

/* Raw files. */

static gboolean
contains (const char *data, gsize len, const void *what, gsize what_len)
{
  return memmem (data, len, what, what_len) != NULL;
}

/* Whether any bytes of @data open with the master key as key @serial. */
static gboolean
opens (World *world, const char *data, gsize len, const char *serial)
{
  const gsize sealed_len = XIM_GCM_NONCE_LEN + XIM_KEY_LEN + XIM_GCM_TAG_LEN;
  for (gsize at = 0; at + sealed_len <= len; at++)
    {
      g_autoptr (GBytes) window = g_bytes_new_static (data + at, sealed_len);
      g_autoptr (XimSecret) key = xim_keystore_open (
          world->keystore, "keys", serial, "x25519", window, NULL);
      if (key != NULL)
        return TRUE;
    }
  return FALSE;
}

typedef struct
{
  GBytes *sealed;
  XimSecret *key;
} Traces;

/* What of key 1 is found in the files of the account, in any piece. */
static guint
find_traces (World *world, const Traces *traces)
{
  g_autoptr (GDir) dir = g_dir_open (world->dir, 0, NULL);
  const guint8 *sealed = g_bytes_get_data (traces->sealed, NULL);
  const char *name;
  guint found = 0;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (world->dir, name, NULL);
      g_autofree char *data = NULL;
      gsize len = 0;
      g_assert_true (g_file_get_contents (path, &data, &len, NULL));
      for (gsize at = 0; at + 8 <= g_bytes_get_size (traces->sealed); at++)
        found += contains (data, len, sealed + at, 8);
      for (gsize at = 0; at + 8 <= XIM_KEY_LEN; at++)
        g_assert_false (
            contains (data, len, xim_secret_peek (traces->key) + at, 8));
      found += opens (world, data, len, "1");
    }
  return found;
}

static void
test_leaves_nothing (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GPtrArray) keys = NULL;
  const guint8 digest[32] = { 1 };
  const guint8 newer[32] = { 2 };
  gboolean known = FALSE;
  g_assert_true (xim_store_load_keys (world->store, &keys, NULL));
  const XimStoreKey *first = g_ptr_array_index (keys, 0);
  Traces traces = { first->sealed_key, NULL };
  traces.key = xim_keystore_open_key (world->keystore, "keys", "1", "x25519",
                                      first->sealed_key, NULL);
  g_assert_true (xim_store_save_digest (world->store, digest, 1, NULL));
  g_assert_true (xim_store_save_digest (world->store, newer, 2, NULL));
  /* Pages fill, split and are freed around it. */
  for (int i = 0; i < 20; i++)
    {
      fake_sleep (DAY / 24);
      renew (world);
    }
  g_assert_cmpuint (find_traces (world, &traces), >, 0);
  awake (world, 6 * HOUR);
  g_assert_cmpuint (n_keys (world), ==, 20);
  g_assert_cmpuint (find_traces (world, &traces), ==, 0);
  g_assert_true (
      xim_store_has_digest (world->store, digest, &known, NULL));
  g_assert_false (known);
  g_assert_true (xim_store_has_digest (world->store, newer, &known, NULL));
  g_assert_true (known);
  stop (world);
  start (world);
  g_assert_cmpuint (n_keys (world), ==, 20);
  g_assert_cmpuint (find_traces (world, &traces), ==, 0);
  xim_secret_free (traces.key);
}

/* What is locked is erased too. */
static void
test_erases_while_locked (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GPtrArray) keys = NULL;
  awake (world, DAY);
  renew (world);
  xim_keystore_lock (world->keystore);
  xim_own_lock (world->own);
  awake (world, 25 * HOUR);
  g_assert_true (xim_store_load_keys (world->store, &keys, NULL));
  g_assert_cmpuint (keys->len, ==, 1);
}

#define ADD(path, data, function)                                             \
  g_test_add ("/erasure/" path, World, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("renewal-is-due", NULL, test_renewal_is_due);
  ADD ("erases", NULL, test_erases);
  ADD ("waits-for-an-hour/offline", NULL, test_waits_for_an_hour);
  ADD ("waits-for-an-hour/asleep", "", test_waits_for_an_hour);
  ADD ("waits-no-longer-than-a-week", NULL, test_waits_no_longer_than_a_week);
  ADD ("refused-for-time", NULL, test_refused_for_time);
  ADD ("clock-jumps/forward", GINT_TO_POINTER (2), test_clock_jumps);
  ADD ("clock-jumps/back", GINT_TO_POINTER (-2), test_clock_jumps);
  ADD ("clock-wrong-at-start", NULL, test_clock_wrong_at_start);
  ADD ("leaves-nothing", NULL, test_leaves_nothing);
  ADD ("erases-while-locked", NULL, test_erases_while_locked);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
