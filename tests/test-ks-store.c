/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-store.c, ks-sql.c and ks-writer.c. */

#include "config.h"

#include "ks-writer.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
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
  static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat (fixture->path, ends[i], NULL);
      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
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
  gboolean ok = xim_ks_store_put_device (store, write, &have, &error);
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

/* Jobs for the writer: a version each, and what became of it. */
typedef struct
{
  XimKsAccountWrite *write;
  int result; /* -1: stored; else the code; -2: not done yet */
  guint32 have;
} Job;

static gboolean
run_job (XimKsStore *store, gpointer data, GError **error)
{
  Job *job = data;
  return xim_ks_store_put_account (store, job->write, &job->have, error);
}

static void
job_done (gpointer data, const GError *error)
{
  Job *job = data;
  job->result = error == NULL ? -1 : error->code;
}

static const XimKsWriterOps job_ops = { run_job, job_done };

static void
test_one_bad_job (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  g_autoptr (GError) error = NULL;
  XimKsWriter *writer
      = xim_ks_writer_new (fixture->store, fixture->folder, 1000, 0);
  Job jobs[300];
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *jid = g_strdup_printf ("m%u@example.org", i);
      jobs[i]
          = (Job){ test_account_write (jid, i % 3 == 1 ? 7 : 1, ""), -2, 0 };
      XimAccountDevice *device = &jobs[i].write->listed[0];
      jobs[i].write->n_listed = 1;
      memcpy (device->key.bytes, &i, sizeof i);
      if (i % 3 == 2) /* the key of the first */
        memset (device->key.bytes, 0, sizeof device->key);
      g_assert_true (
          xim_ks_writer_submit (writer, &job_ops, &jobs[i], &error));
      g_assert_no_error (error);
    }
  xim_ks_writer_stop (writer); /* what was taken is done */
  static const int expected[]
      = { -1, XIM_ERROR_CONFLICT, XIM_ERROR_WRONG_NAME };
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autoptr (XimKsRecord) found
          = test_record (fixture->store, jobs[i].write->jid);
      g_assert_cmpint (jobs[i].result, ==, expected[i % 3]);
      g_assert_cmpint (found != NULL, ==, i % 3 == 0);
      xim_ks_account_write_free (jobs[i].write);
    }
  Job late = { NULL, -2, 0 };
  g_assert_false (xim_ks_writer_submit (writer, &job_ops, &late, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  g_assert_cmpint (late.result, ==, -2);
  xim_ks_writer_free (writer);
}

static void
test_refuses_below_floor (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsWriter) writer = xim_ks_writer_new (
      fixture->store, fixture->folder, 10, G_MAXUINT64 / 2);
  Job job = { NULL, -2, 0 };
  g_assert_false (xim_ks_writer_submit (writer, &job_ops, &job, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  g_assert_false (xim_ks_writer_check (writer, NULL));
}

/* The child's jobs tell the parent through a pipe when they are durable. */
typedef struct
{
  XimKsAccountWrite *write;
  int fd;
  guint32 number;
  guint32 have;
} Told;

static gboolean
run_told (XimKsStore *store, gpointer data, GError **error)
{
  Told *told = data;
  return xim_ks_store_put_account (store, told->write, &told->have, error);
}

static void
tell (gpointer data, const GError *error)
{
  Told *told = data;
  if (error == NULL
      && write (told->fd, &told->number, sizeof told->number) < 0)
    _exit (1);
  xim_ks_account_write_free (told->write);
  g_free (told);
}

static const XimKsWriterOps told_ops = { run_told, tell };

static char *
member (guint32 number)
{
  return g_strdup_printf ("member%u@example.org", number);
}

static void G_GNUC_NORETURN
write_for_ever (const char *path, const char *folder, guint32 first, int fd)
{
  XimKsStore *store = test_store_open (path);
  XimKsWriter *writer = xim_ks_writer_new (store, folder, 64, 0);
  guint32 number = first;
  while (TRUE)
    {
      g_autofree char *jid = member (number);
      Told *told = g_new0 (Told, 1);
      told->write = test_account_write (jid, 1, "a");
      memcpy (told->write->listed[0].key.bytes, &number, sizeof number);
      told->fd = fd;
      told->number = number;
      if (xim_ks_writer_submit (writer, &told_ops, told, NULL))
        number++;
      else
        {
          xim_ks_account_write_free (told->write);
          g_free (told);
        }
    }
}

static guint32
read_until_killed (int fd, pid_t child)
{
  guint32 n = 0, number = 0, wanted = (guint32)g_random_int_range (1, 400);
  gboolean killed = FALSE;
  while (read (fd, &number, sizeof number) == sizeof number)
    {
      n++;
      if (n < wanted || killed)
        continue;
      kill (child, SIGKILL);
      killed = TRUE;
    }
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  return n;
}

/* Whoever was told that it is stored finds it after a kill, whole. */
static void
test_kill (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  guint32 total = 0;
  for (guint round = 0; round < 8; round++)
    {
      int ends[2];
      g_clear_pointer (&fixture->store, xim_ks_store_free);
      g_assert_cmpint (pipe (ends), ==, 0);
      pid_t child = fork ();
      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        write_for_ever (fixture->path, fixture->folder, round * 1000000,
                        ends[1]);
      close (ends[1]);
      guint32 n = read_until_killed (ends[0], child);
      close (ends[0]);
      g_assert_cmpuint (n, >, 0);

      fixture->store = test_store_open (fixture->path);
      for (guint32 i = 0; i < n; i++)
        {
          g_autofree char *jid = member (round * 1000000 + i);
          g_autoptr (XimKsRecord) found = test_record (fixture->store, jid);
          g_assert_nonnull (found);
          g_assert_cmpuint (found->devices->len, ==, 1);
        }
      total += n;
    }
  g_test_message ("%u acknowledged registrations survived 8 kills", total);
}

#define ADD(name, test)                                                       \
  g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("/ks-store/kill", test_kill); /* forks: before there are threads */
  ADD ("/ks-store/versions", test_versions);
  ADD ("/ks-store/refuses-foreign-key", test_refuses_foreign_key);
  ADD ("/ks-store/day-limit", test_day_limit);
  ADD ("/ks-store/device-notes", test_device_notes);
  ADD ("/ks-store/refuses-to-open", test_refuses_to_open);
  ADD ("/ks-store/refuses-another-file", test_refuses_another_file);
  ADD ("/ks-writer/one-bad-job", test_one_bad_job);
  ADD ("/ks-writer/refuses-below-floor", test_refuses_below_floor);
  return g_test_run ();
}
