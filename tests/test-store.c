/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of store.c and sql.c. */

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/sql.h"
#include "plugin/store.h"
#include "tests/headless.h"

#define JID "alice@example.org"

typedef struct
{
  char *root;
  char *dir;
  XimStore *store;
} World;

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  world->root = g_dir_make_tmp ("xim-store-XXXXXX", NULL);
  world->dir = g_build_filename (world->root, "a", "b", NULL);
  world->store = xim_store_open (world->dir, NULL);
  g_assert_nonnull (world->store);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  xim_store_free (world->store);
  headless_remove (world->root);
  g_free (world->root);
  g_free (world->dir);
}

static void
reopen (World *world)
{
  g_autoptr (GError) error = NULL;
  xim_store_free (world->store);
  world->store = xim_store_open (world->dir, &error);
  g_assert_no_error (error);
}

static GBytes *
bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static void
save_key (XimStore *store, guint32 serial)
{
  g_autoptr (GBytes) sealed = bytes ("sealed");
  XimStoreKey key = { .serial = serial,
                      .created_s = 1,
                      .expires_s = 2,
                      .sealed_key = sealed,
                      .note = (char *)"note" };
  g_assert_true (xim_store_save_key (store, &key, NULL));
}

static void
save_device (XimStore *store, const char *account)
{
  g_autoptr (GBytes) seed = bytes ("seed");
  XimStoreDevice device
      = { { { 7 } }, seed, (char *)account, (char *)"offered" };
  g_assert_true (xim_store_save_device (store, &device, NULL));
}

static void
assert_mode (const char *path, mode_t mode)
{
  GStatBuf info;
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, mode);
}

/* Also of the journals, while they are there. */
static void
test_modes (World *world, gconstpointer data)
{
  (void)data;
  const char *name = NULL;
  guint n = 0;
  assert_mode (world->dir, 0700);
  g_assert_true (xim_store_begin (world->store, XIM_STORE_KEYS, NULL));
  save_key (world->store, 1);
  g_assert_true (xim_store_save_policy (world->store, JID, 2, NULL));
  GDir *files = g_dir_open (world->dir, 0, NULL);
  while ((name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (world->dir, name, NULL);
      assert_mode (path, 0600);
      n++;
    }
  g_dir_close (files);
  /* keys, its journal; cache, its log and its index */
  g_assert_cmpuint (n, ==, 5);
  g_assert_true (xim_store_commit (world->store, XIM_STORE_KEYS, NULL));
  /* What somebody opened up is closed again. */
  g_autofree char *keys = g_build_filename (world->dir, "keys.sqlite", NULL);
  g_chmod (keys, 0644);
  g_chmod (world->dir, 0755);
  reopen (world);
  assert_mode (keys, 0600);
  assert_mode (world->dir, 0700);
}

static void
test_refuses_link (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_build_filename (world->root, "link", NULL);
  g_autofree char *file = g_build_filename (dir, "keys.sqlite", NULL);
  g_autofree char *target = g_build_filename (world->root, "target", NULL);
  g_mkdir (dir, 0700);
  g_assert_true (g_file_set_contents (target, "", 0, NULL));
  g_assert_cmpint (symlink (target, file), ==, 0);
  g_assert_null (xim_store_open (dir, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
}

static void
test_refuses_second_owner (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_store_open (world->dir, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
}

static void
test_refuses_later_version (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (world->dir, "cache.sqlite", NULL);
  xim_store_free (world->store);
  world->store = NULL;
  static const char *const steps[] = { NULL };
  XimSql *sql = xim_sql_open (path, "", steps, NULL);
  g_assert_null (sql);
  static const char *const many[]
      = { "", "", "", "", "", "", "", "", "", "", NULL };
  sql = xim_sql_open (path, "", many, NULL);
  g_assert_nonnull (sql);
  xim_sql_free (sql);
  g_assert_null (xim_store_open (world->dir, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED);
}

/* A file of each earlier version is brought to the newest, whole or not. */
static void
test_steps (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  static const char *const one[]
      = { "CREATE TABLE a (x); INSERT INTO a VALUES (7);", NULL };
  static const char *const bad[]
      = { one[0], "CREATE TABLE b (y); oops;", NULL };
  static const char *const two[]
      = { one[0], "CREATE TABLE b (y); INSERT INTO b SELECT x FROM a;", NULL };
  g_autofree char *path = g_build_filename (world->dir, "steps.sqlite", NULL);
  xim_sql_free (xim_sql_open (path, "", one, &error));
  g_assert_no_error (error);
  g_assert_null (xim_sql_open (path, "", bad, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
  g_clear_error (&error);
  XimSql *sql = xim_sql_open (path, "", two, &error);
  g_assert_no_error (error);
  g_assert_true (
      xim_sql_script (sql, "INSERT INTO b VALUES (8), (9);", &error));
  gboolean row = FALSE;
  XimSqlQuery *query
      = xim_sql_query (sql, &error, "SELECT count (*), min (y) FROM b", "");
  g_assert_true (xim_sql_query_row (query, &row, &error) && row);
  g_assert_cmpint (xim_sql_int (query, 0), ==, 3);
  g_assert_cmpint (xim_sql_int (query, 1), ==, 7);
  xim_sql_query_end (query);
  xim_sql_free (sql);
}

static void
test_refuses_garbage (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (world->dir, "keys.sqlite", NULL);
  g_autofree char *garbage = g_strnfill (8192, 'g');
  xim_store_free (world->store);
  world->store = NULL;
  g_assert_true (g_file_set_contents (path, garbage, 8192, NULL));
  g_assert_null (xim_store_open (world->dir, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
}

static void
test_keeps_keys (World *world, gconstpointer data)
{
  (void)data;
  gboolean found = TRUE;
  XimStoreMaster master = { .argon2_bytes = 5, .argon2_passes = 6 };
  XimStoreDevice device = { 0 };
  g_autoptr (GPtrArray) keys = NULL;
  g_assert_true (xim_store_load_master (world->store, &found, &master, NULL));
  g_assert_false (found);
  master.salt[15] = 9;
  master.sealed = bytes ("sealed");
  g_assert_true (xim_store_save_master (world->store, &master, NULL));
  xim_store_master_clear (&master);
  save_device (world->store, NULL);
  save_key (world->store, 2);
  save_key (world->store, 1);
  save_key (world->store, 3);
  g_assert_true (xim_store_delete_key (world->store, 3, NULL));
  reopen (world);

  XimStoreMaster loaded = { 0 };
  g_assert_true (xim_store_load_master (world->store, &found, &loaded, NULL));
  g_assert_true (found);
  g_assert_cmpuint (loaded.salt[15], ==, 9);
  g_assert_cmpuint (loaded.argon2_bytes, ==, 5);
  g_assert_cmpuint (loaded.argon2_passes, ==, 6);
  xim_store_master_clear (&loaded);
  g_assert_true (xim_store_load_device (world->store, &found, &device, NULL));
  g_assert_true (found);
  g_assert_cmpuint (device.id.bytes[0], ==, 7);
  g_assert_null (device.account_note);
  g_assert_cmpstr (device.offered_note, ==, "offered");
  xim_store_device_clear (&device);
  g_assert_true (xim_store_load_keys (world->store, &keys, NULL));
  g_assert_cmpuint (keys->len, ==, 2);
  g_assert_cmpuint (((XimStoreKey *)keys->pdata[0])->serial, ==, 1);
  g_assert_cmpuint (((XimStoreKey *)keys->pdata[1])->serial, ==, 2);
}

static void
test_keeps_cache (World *world, gconstpointer data)
{
  (void)data;
  g_autofree char *pin = NULL;
  g_autoptr (GPtrArray) texts = NULL;
  XimStorePeer peer = { .bundle = (char *)"{}",
                        .checked_s = 5,
                        .ever_held = TRUE,
                        .accepted_version = 3,
                        .told_version = 2 };
  XimStorePeer loaded = { 0 };
  gboolean found = FALSE;
  guint8 digest[32] = { 1 };
  int policy = 0;
  XimStore *store = world->store;
  g_assert_true (xim_store_load_pin (store, "a", &pin, NULL));
  g_assert_null (pin);
  g_assert_true (xim_store_save_pin (store, "a", 2, "two", NULL));
  g_assert_true (xim_store_save_pin (store, "a", 1, "one", NULL));
  g_assert_true (xim_store_save_peer (store, JID, &peer, NULL));
  g_assert_true (xim_store_save_version (store, JID, 10, "ten", NULL));
  g_assert_true (xim_store_save_version (store, JID, 9, "nine", NULL));
  g_assert_true (xim_store_save_digest (store, digest, 4, NULL));
  g_assert_true (xim_store_load_policy (store, JID, &policy, NULL));
  g_assert_cmpint (policy, ==, -1);
  reopen (world);
  store = world->store;
  g_assert_true (xim_store_load_pin (store, "a", &pin, NULL));
  g_assert_cmpstr (pin, ==, "two");
  g_assert_true (xim_store_load_peer (store, JID, &found, &loaded, NULL));
  g_assert_true (found);
  g_assert_cmpstr (loaded.bundle, ==, "{}");
  g_assert_null (loaded.etag);
  g_assert_true (loaded.ever_held);
  g_assert_cmpint (loaded.checked_s, ==, 5);
  g_assert_cmpuint (loaded.accepted_version, ==, 3);
  g_assert_cmpuint (loaded.told_version, ==, 2);
  xim_store_peer_clear (&loaded);
  g_assert_true (xim_store_load_versions (store, JID, &texts, NULL));
  g_assert_cmpstr (g_ptr_array_index (texts, 0), ==, "nine");
  g_assert_cmpstr (g_ptr_array_index (texts, 1), ==, "ten");
  g_assert_true (xim_store_has_digest (store, digest, &found, NULL));
  g_assert_true (found);
  digest[31] = 1;
  g_assert_true (xim_store_has_digest (store, digest, &found, NULL));
  g_assert_false (found);
}

static void
test_keeps_logs (World *world, gconstpointer data)
{
  (void)data;
  gboolean found = TRUE;
  XimStoreLog log = { .origin = (char *)"keys.example.org/log",
                      .note = (char *)"signed",
                      .forked = TRUE };
  log.head.size = G_GUINT64_CONSTANT (1) << 52;
  log.head.root.bytes[0] = 1;
  g_auto (XimStoreLog) loaded = { 0 };
  g_assert_true (xim_store_load_log (world->store, "example.org", &found,
                                     &loaded, NULL));
  g_assert_false (found);
  g_assert_true (
      xim_store_save_log (world->store, "example.org", &log, NULL));
  reopen (world);
  g_assert_true (xim_store_load_log (world->store, "example.org", &found,
                                     &loaded, NULL));
  g_assert_true (found && loaded.forked);
  g_assert_cmpstr (loaded.origin, ==, log.origin);
  g_assert_cmpstr (loaded.note, ==, "signed");
  g_assert_cmpuint (loaded.head.size, ==, log.head.size);
  g_assert_cmpuint (loaded.head.root.bytes[0], ==, 1);
}

static void
test_keeps_claims (World *world, gconstpointer data)
{
  (void)data;
  gboolean found = TRUE;
  XimStoreClaim claim = { .version = 4, .hash = { { 1 } }, .accepted = TRUE };
  XimStoreClaim loaded = { 0 };
  claim.device.bytes[7] = 2;
  g_assert_true (
      xim_store_load_claim (world->store, JID, &found, &loaded, NULL));
  g_assert_false (found);
  g_assert_true (xim_store_save_claim (world->store, JID, &claim, NULL));
  reopen (world);
  g_assert_true (
      xim_store_load_claim (world->store, JID, &found, &loaded, NULL));
  g_assert_true (found && loaded.accepted);
  g_assert_cmpuint (loaded.version, ==, 4);
  g_assert_cmpuint (loaded.hash.bytes[0], ==, 1);
  g_assert_cmpuint (loaded.device.bytes[7], ==, 2);
  g_assert_true (xim_store_delete_claim (world->store, JID, NULL));
  g_assert_true (
      xim_store_load_claim (world->store, JID, &found, &loaded, NULL));
  g_assert_false (found);
}

static void
test_rolls_back (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GPtrArray) keys = NULL;
  g_assert_true (xim_store_begin (world->store, XIM_STORE_KEYS, NULL));
  save_key (world->store, 1);
  xim_store_rollback (world->store, XIM_STORE_KEYS);
  xim_store_rollback (world->store, XIM_STORE_KEYS);
  g_assert_true (xim_store_load_keys (world->store, &keys, NULL));
  g_assert_cmpuint (keys->len, ==, 0);
  g_autoptr (GError) error = NULL;
  g_assert_false (xim_store_commit (world->store, XIM_STORE_CACHE, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
}

/* What is deleted is gone from the file. */
static void
test_erases (World *world, gconstpointer data)
{
  (void)data;
  g_autofree char *path = g_build_filename (world->dir, "keys.sqlite", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize len = 0;
  save_key (world->store, 1);
  g_assert_true (g_file_get_contents (path, &before, &len, NULL));
  g_assert_nonnull (memmem (before, len, "sealed", 6));
  g_assert_true (xim_store_delete_key (world->store, 1, NULL));
  g_assert_true (g_file_get_contents (path, &after, &len, NULL));
  /* The schema has a column of this name. */
  g_assert_null (memmem (after, len, "sealednote", 10));
  g_assert_nonnull (memmem (before, len, "sealednote", 10));
}

/* Every transaction writes the same number in two tables. */
static void
write_for_ever (const char *dir)
{
  XimStore *store = xim_store_open (dir, NULL);
  for (guint32 i = 1; store != NULL; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      xim_store_begin (store, XIM_STORE_KEYS, NULL);
      save_key (store, i);
      save_device (store, text);
      xim_store_commit (store, XIM_STORE_KEYS, NULL);
    }
  _exit (1);
}

/* Returns how many transactions there are; all of each or nothing. */
static guint
count_whole (World *world)
{
  g_autoptr (GPtrArray) keys = NULL;
  XimStoreDevice device = { 0 };
  gboolean found = FALSE;
  reopen (world);
  g_assert_true (xim_store_load_device (world->store, &found, &device, NULL));
  g_assert_true (xim_store_load_keys (world->store, &keys, NULL));
  guint64 n = found ? g_ascii_strtoull (device.account_note, NULL, 10) : 0;
  g_assert_cmpuint (n, ==, keys->len);
  xim_store_device_clear (&device);
  return keys->len;
}

static void
remove_keys (World *world)
{
  g_autofree char *keys = g_build_filename (world->dir, "keys.sqlite", NULL);
  g_autofree char *journal = g_strconcat (keys, "-journal", NULL);
  g_clear_pointer (&world->store, xim_store_free);
  g_unlink (keys);
  g_unlink (journal);
}

static void
test_survives_kills (World *world, gconstpointer data)
{
  (void)data;
  guint n = 0;
  /* On a busy machine a child needs longer before it has written at all. */
  for (int i = 0; i < 20 || (n == 0 && i < 200); i++)
    {
      remove_keys (world);
      pid_t child = fork ();
      if (child == 0)
        write_for_ever (world->dir);
      g_usleep ((gulong)g_random_int_range (1000, 60000 + i * 10000));
      kill (child, SIGKILL);
      waitpid (child, NULL, 0);
      n += count_whole (world);
    }
  g_assert_cmpuint (n, >, 0);
}

#define ADD(path, function)                                                   \
  g_test_add ("/store/" path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("modes", test_modes);
  ADD ("refuses-link", test_refuses_link);
  ADD ("refuses-second-owner", test_refuses_second_owner);
  ADD ("refuses-later-version", test_refuses_later_version);
  ADD ("steps", test_steps);
  ADD ("refuses-garbage", test_refuses_garbage);
  ADD ("keeps-keys", test_keeps_keys);
  ADD ("keeps-cache", test_keeps_cache);
  ADD ("keeps-claims", test_keeps_claims);
  ADD ("keeps-logs", test_keeps_logs);
  ADD ("rolls-back", test_rolls_back);
  ADD ("erases", test_erases);
  ADD ("survives-kills", test_survives_kills);
  return g_test_run ();
}
