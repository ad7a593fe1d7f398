/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-store.c, ks-intake.c, ks-pending.c and ks-sql.c. */

#include "config.h"

#include "ks-intake.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "xim-error.h"

#include "test-ks.h"

typedef struct
{
  char *folder;
  char *path;
  XimKsStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  g_autoptr (GError) error = NULL;
  fixture->folder = g_dir_make_tmp ("xim-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "store.sqlite", NULL);
  test_store_create (fixture->path);
  fixture->store = test_store_open (fixture->path);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  xim_ks_store_free (fixture->store);
  test_store_remove (fixture->path);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
test_versions (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  XimKsStore *store = fixture->store;
  guint32 have = 99;
  g_assert_null (test_record (store, TEST_JID));
  g_assert_cmpint (
      test_put (store, test_account_write (TEST_JID, 2, "a"), &have), ==,
      XIM_ERROR_CONFLICT);
  g_assert_cmpuint (have, ==, 0);
  g_assert_cmpint (
      test_put (store, test_account_write (TEST_JID, 1, "ab"), &have), ==, -1);
  g_assert_cmpint (
      test_put (store, test_account_write (TEST_JID, 1, "a"), &have), ==,
      XIM_ERROR_CONFLICT);
  g_assert_cmpuint (have, ==, 1);
  g_assert_cmpint (
      test_put (store, test_account_write (TEST_JID, 2, "bc"), &have), ==, -1);

  g_autoptr (XimKsRecord) found = test_record (store, TEST_JID);
  g_assert_cmpuint (found->version, ==, 2);
  g_assert_cmpstr (found->note, ==, TEST_JID " version 2");
  g_assert_cmpuint (found->devices->len, ==, 2); /* a is gone */
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) listed = xim_ks_store_listed (store, TEST_JID, &error);
  g_assert_cmpuint (listed->len, ==, 3); /* and is remembered */
  g_autofree char *old = xim_ks_store_version (store, TEST_JID, 1, &error);
  g_assert_cmpstr (old, ==, TEST_JID " version 1");
  g_assert_null (xim_ks_store_version (store, TEST_JID, 3, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND);
}

static void
test_refuses_foreign_key (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  guint32 have = 0;
  XimKsStore *store = fixture->store;
  g_assert_cmpint (
      test_put (store, test_account_write (TEST_JID, 1, "a"), &have), ==, -1);
  g_assert_cmpint (
      test_put (store, test_account_write ("bob@example.org", 1, "xa"), &have),
      ==, XIM_ERROR_WRONG_NAME);
  g_assert_null (test_record (store, "bob@example.org"));
  g_assert_cmpint (
      test_put (store, test_account_write (TEST_JID, 2, "b"), &have), ==, -1);
  g_assert_cmpint (
      test_put (store, test_account_write ("bob@example.org", 1, "a"), &have),
      ==, XIM_ERROR_WRONG_NAME); /* removed is not free */
  g_assert_cmpint (
      test_put (store, test_account_write ("bob@example.org", 1, "x"), &have),
      ==, -1);
}

static void
test_day_limit (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  guint32 have = 0;
  for (guint32 i = 1; i <= 20; i++)
    g_assert_cmpint (test_put (fixture->store,
                               test_account_write (TEST_JID, i, "a"), &have),
                     ==, -1);
  g_assert_cmpint (
      test_put (fixture->store, test_account_write (TEST_JID, 21, "a"), &have),
      ==, XIM_ERROR_TOO_MANY);
  XimKsAccountWrite *later = test_account_write (TEST_JID, 21, "a");
  later->accepted_s += 86400;
  g_assert_cmpint (test_put (fixture->store, later, &have), ==, -1);
}

static int
put_device (XimKsStore *store, guint8 account, char letter, guint32 serial)
{
  g_autoptr (GError) error = NULL;
  XimDeviceId id;
  guint32 have = 0;
  memset (&id, letter, sizeof id);
  XimKsDeviceWrite *write = g_new0 (XimKsDeviceWrite, 1);
  write->jid = g_strdup (TEST_JID);
  memset (&write->account, account, sizeof write->account);
  write->row = xim_ks_device_row_new (&id, serial, "newer");
  g_assert_true (xim_ks_store_begin (store, NULL));
  gboolean ok = xim_ks_intake_device (store, write, &have, &error);
  test_publish (store);
  g_assert_true (xim_ks_store_commit (store, NULL));
  xim_ks_device_write_free (write);
  return ok ? -1 : error->code;
}

static void
test_device_notes (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  guint32 have = 0;
  XimKsStore *store = fixture->store;
  g_assert_cmpint (put_device (store, 1, 'a', 1), ==, XIM_ERROR_CONFLICT);
  g_assert_cmpint (
      test_put (store, test_account_write (TEST_JID, 1, "ab"), &have), ==, -1);
  g_assert_cmpint (put_device (store, 1, 'a', 2), ==, -1);
  g_assert_cmpint (put_device (store, 1, 'a', 2), ==, XIM_ERROR_CONFLICT);
  g_assert_cmpint (put_device (store, 1, 'a', 4), ==, XIM_ERROR_CONFLICT);
  g_assert_cmpint (put_device (store, 2, 'a', 3), ==, XIM_ERROR_CONFLICT);
  g_autoptr (XimKsRecord) found = test_record (store, TEST_JID);
  const XimKsDeviceRow *row = found->devices->pdata[0];
  g_assert_cmpuint (row->serial, ==, 2);
  g_assert_cmpstr (row->note, ==, "newer");
}

static void
assert_not_opened (const char *path, const char *domain, const char *origin,
                   XimError code)
{
  g_autoptr (GError) error = NULL;
  const XimKsDatabaseOwner owner = { domain, origin, test_members () };
  g_assert_null (xim_ks_store_open (path, &owner, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_refuses_to_open (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  const char *path = fixture->path;
  g_autoptr (GError) error = NULL;
  int lock_fd = xim_ks_database_lock (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (xim_ks_database_lock (path, &error), ==, -1);
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
  g_clear_error (&error);
  close (lock_fd);
  g_clear_pointer (&fixture->store, xim_ks_store_free);
  assert_not_opened (path, "two.test", TEST_ORIGIN, XIM_ERROR_WRONG_NAME);
  assert_not_opened (path, TEST_DOMAIN, "keys.two.test", XIM_ERROR_WRONG_NAME);
  const XimKsDatabaseOwner owner = test_owner ();
  g_assert_false (xim_ks_database_create (path, &owner, "note", &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_CONFLICT);
  fixture->store = test_store_open (path);
  g_autofree char *note = xim_ks_store_server_note (fixture->store, 0, NULL);
  g_assert_cmpstr (note, ==, "the server note");
}

static void
test_refuses_another_file (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  g_clear_pointer (&fixture->store, xim_ks_store_free);
  g_assert_true (
      g_file_set_contents (fixture->path, "no database at all", -1, NULL));
  assert_not_opened (fixture->path, TEST_DOMAIN, TEST_ORIGIN, XIM_ERROR_STORE);
  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  assert_not_opened (fixture->path, TEST_DOMAIN, TEST_ORIGIN, XIM_ERROR_STORE);
}

#define ADD(name, test)                                                       \
  g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("/ks-store/versions", test_versions);
  ADD ("/ks-store/refuses-foreign-key", test_refuses_foreign_key);
  ADD ("/ks-store/day-limit", test_day_limit);
  ADD ("/ks-store/device-notes", test_device_notes);
  ADD ("/ks-store/refuses-to-open", test_refuses_to_open);
  ADD ("/ks-store/refuses-another-file", test_refuses_another_file);
  return g_test_run ();
}
