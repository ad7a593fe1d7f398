/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-writer.c and ks-publisher.c. */

#include "config.h"

#include "ks-writer.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-entries.h"
#include "test-ks.h"

#define LOG_NAME TEST_ORIGIN "/log"

/* A keyserver without a network. */
typedef struct
{
  char *folder;
  char *path;
  XimKsStore *store;
  XimKsSigner *signer;
  XimKsTiles *tiles;
  XimKsPublisher *publisher;
} Fixture;

static XimKsSigner *
signer_new (void)
{
  XimKsKeys *keys = g_new0 (XimKsKeys, 1);
  keys->sign = test_sign_key ('K');
  keys->vrf = xim_crypto_vrf_generate ();
  keys->members = xim_secret_new (XIM_KEY_LEN);
  return xim_ks_signer_new (TEST_DOMAIN, keys);
}

/* Returns: why it is halted, or NULL */
static GError *
open_all (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GError *halted = NULL;
  fixture->store = test_store_open (fixture->path);
  fixture->tiles = xim_ks_tiles_new (fixture->store, 1048576);
  fixture->publisher = xim_ks_publisher_new (fixture->store, fixture->signer,
                                             fixture->tiles, LOG_NAME);
  gboolean ok = xim_ks_publisher_start (fixture->publisher, &halted, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  return halted;
}

static void
close_all (Fixture *fixture)
{
  g_clear_pointer (&fixture->publisher, xim_ks_publisher_free);
  g_clear_pointer (&fixture->tiles, xim_ks_tiles_free);
  g_clear_pointer (&fixture->store, xim_ks_store_free);
}

static void
set_up (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  fixture->folder = g_dir_make_tmp ("xim-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "store.sqlite", NULL);
  test_store_create (fixture->path);
  fixture->signer = signer_new ();
  g_assert_no_error (open_all (fixture));
}

static void
tear_down (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  close_all (fixture);
  xim_ks_signer_free (fixture->signer);
  test_store_remove (fixture->path);
  g_free (fixture->path);
  g_free (fixture->folder);
}

/* A first version that a signer signs, with a key of its own. */
static XimKsAccountWrite *
member_write (const char *jid, guint32 version, guint32 key)
{
  XimKsAccountWrite *write = test_account_write (jid, version, "");
  g_autoptr (XimAccount) account = test_account (
      (TestAccount){ .jid = jid, .devices = "a", .signers = "a" });
  g_free (write->note);
  write->note = xim_note_encode (account->note);
  write->hash = account->hash;
  write->n_listed = 1;
  memset (&write->listed[0], 0, sizeof write->listed[0]);
  memcpy (write->listed[0].key.bytes, &key, sizeof key);
  write->entry[0] = XIM_ENTRY_ACCOUNT;
  write->entry[XIM_ENTRY_ACCOUNT_LEN - 1] = XIM_ENTRY_NEW;
  memcpy (write->entry + 1, &key, sizeof key);
  return write;
}

/* Jobs for the writer: a version each, and what became of it. */
typedef struct
{
  XimKsAccountWrite *write;
  int result; /* -1: stored; else the code; -2: not done yet */
  guint32 have;
  char *current;
} Job;

static gboolean
run_job (XimKsStore *store, gpointer data, GError **error)
{
  Job *job = data;
  return xim_ks_intake_account (store, job->write, &job->have, error);
}

static void
job_done (gpointer data, const char *current, const GError *error)
{
  Job *job = data;
  job->current = g_strdup (current);
  job->result = error == NULL ? -1 : error->code;
}

static const char *
job_jid (gpointer data)
{
  return ((const Job *)data)->write->jid;
}

static const XimKsWriterOps job_ops = { job_jid, NULL, run_job, job_done };

/* What is stored came with its own current note, and nothing else did. */
static void
assert_current (Job *job)
{
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (job->current != NULL, ==, job->result == -1);
  if (job->current == NULL)
    return;
  g_autoptr (XimNote) note
      = xim_note_decode (job->current, strlen (job->current), &error);
  g_autoptr (XimCurrent) current = xim_current_decode (note, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (current->jid, ==, job->write->jid);
  g_assert_cmpmem (&current->account, sizeof (XimHash), &job->write->hash,
                   sizeof (XimHash));
  g_clear_pointer (&job->current, g_free);
}

static void
test_one_bad_job (Fixture *fixture, gconstpointer unused)
{
  (void)unused;
  g_autoptr (GError) error = NULL;
  XimKsWriter *writer = xim_ks_writer_new (fixture->store, fixture->publisher,
                                           fixture->folder, 1000, 0);
  Job jobs[300];
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *jid = g_strdup_printf ("m%u@example.org", i);
      jobs[i] = (Job){ member_write (jid, i % 3 == 1 ? 7 : 1,
                                     i % 3 == 2 ? 0 : i), /* 0: the first's */
                       -2, 0, NULL };
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
      assert_current (&jobs[i]);
      xim_ks_account_write_free (jobs[i].write);
    }
  Job late = { NULL, -2, 0, NULL };
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
  g_autoptr (XimKsWriter) writer
      = xim_ks_writer_new (fixture->store, fixture->publisher, fixture->folder,
                           10, G_MAXUINT64 / 2);
  Job job = { NULL, -2, 0, NULL };
  g_assert_false (xim_ks_writer_submit (writer, &job_ops, &job, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  g_assert_false (xim_ks_writer_check (writer, NULL));
}

/* Takes one member in, up to the point at which the process may die. */
static void
take_in (Fixture *fixture, guint32 number)
{
  g_autoptr (GError) error = NULL;
  guint32 have = 0;
  g_autofree char *jid = g_strdup_printf ("m%u@example.org", number);
  XimKsAccountWrite *write = member_write (jid, 1, number);
  g_assert_true (xim_ks_store_begin (fixture->store, &error));
  g_assert_true (xim_ks_intake_account (fixture->store, write, &have, &error));
  g_assert_true (xim_ks_publisher_place (fixture->publisher, &error));
  g_assert_true (xim_ks_store_commit (fixture->store, &error));
  xim_ks_publisher_placed (fixture->publisher, TRUE);
  xim_ks_account_write_free (write);
}

static guint64
published (Fixture *fixture)
{
  g_autoptr (XimKsHead) head = xim_ks_tiles_head (fixture->tiles, NULL);
  return head == NULL ? 0 : head->tree.size;
}

/* A crash before the signer was asked: the next start has it signed. */
static void
test_crash_before_signing (Fixture *fixture,
                           gconstpointer unused G_GNUC_UNUSED)
{
  take_in (fixture, 1);
  take_in (fixture, 2);
  g_assert_null (test_record (fixture->store, "m1@example.org"));
  g_assert_cmpuint (published (fixture), ==, 0);
  close_all (fixture);
  g_assert_no_error (open_all (fixture));
  g_assert_cmpuint (published (fixture), ==, 2);
  g_autoptr (XimKsRecord) first
      = test_record (fixture->store, "m1@example.org");
  g_autoptr (XimKsRecord) second
      = test_record (fixture->store, "m2@example.org");
  g_assert_true (first->is_logged && second->is_logged);
  g_assert_cmpuint (first->logged.leaf, ==, 0);
  g_assert_cmpuint (second->logged.leaf, ==, 1);
  g_assert_nonnull (strstr (first->note, "\u2014 " TEST_ORIGIN " "));
}

static void
copy (Fixture *fixture, const char *from, const char *to)
{
  static const char *const ends[] = { "", "-wal", "-shm" };
  g_autofree char *source = g_strconcat (fixture->path, from, NULL);
  g_autofree char *target = g_strconcat (fixture->path, to, NULL);
  g_autofree char *bytes = NULL;
  gsize len = 0;
  close_all (fixture);
  g_assert_true (g_file_get_contents (source, &bytes, &len, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat (fixture->path, ends[i], NULL);
      if (*to == '\0')
        g_unlink (path);
    }
  g_assert_true (g_file_set_contents (target, bytes, (gssize)len, NULL));
}

/* A crash after the signer signed: the same entries and notes go to it again,
 * and its answer is the same. */
static void
test_crash_after_signing (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  take_in (fixture, 1);
  copy (fixture, "", ".old"); /* as it is when the signer is asked */
  g_assert_no_error (open_all (fixture));
  g_assert_cmpuint (published (fixture), ==, 1);
  g_autofree char *signed_first = NULL, *signed_again = NULL;
  g_assert_true (
      xim_ks_entries_checkpoint (fixture->store, &signed_first, NULL));
  copy (fixture, ".old", "");
  g_assert_no_error (open_all (fixture));
  g_assert_true (
      xim_ks_entries_checkpoint (fixture->store, &signed_again, NULL));
  g_assert_cmpstr (signed_again, ==, signed_first);
  g_autoptr (XimKsRecord) found
      = test_record (fixture->store, "m1@example.org");
  g_assert_nonnull (found);
}

/* An old backup has fewer entries than the signer signed. */
static void
test_refuses_old_backup (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  take_in (fixture, 1);
  g_assert_true (
      xim_ks_publisher_publish (fixture->publisher, NULL, NULL, &error));
  copy (fixture, "", ".old");
  g_assert_no_error (open_all (fixture));
  take_in (fixture, 2);
  g_assert_true (
      xim_ks_publisher_publish (fixture->publisher, NULL, NULL, &error));
  copy (fixture, ".old", "");
  g_autoptr (GError) halted = open_all (fixture);
  g_assert_error (halted, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
  g_autoptr (XimKsRecord) found
      = test_record (fixture->store, "m1@example.org");
  g_assert_nonnull (found); /* reading goes on */
  g_assert_cmpuint (published (fixture), ==, 1);

  g_autoptr (XimKsWriter) writer = xim_ks_writer_new (
      fixture->store, fixture->publisher, fixture->folder, 10, 0);
  Job job = { member_write ("m3@example.org", 1, 3), -2, 0, NULL };
  g_assert_false (xim_ks_writer_submit (writer, &job_ops, &job, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  xim_ks_account_write_free (job.write);
}

/* Another log of the same size, or a signer that lost its memory. */
static void
test_refuses_another_log (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  copy (fixture, "", ".old"); /* empty */
  g_assert_no_error (open_all (fixture));
  take_in (fixture, 1);
  g_assert_true (
      xim_ks_publisher_publish (fixture->publisher, NULL, NULL, &error));
  copy (fixture, ".old", "");
  XimKsSigner *first = fixture->signer;
  fixture->signer = signer_new ();
  g_assert_no_error (open_all (fixture));
  take_in (fixture, 2);
  g_assert_true (
      xim_ks_publisher_publish (fixture->publisher, NULL, NULL, &error));
  close_all (fixture);
  xim_ks_signer_free (fixture->signer);
  fixture->signer = first;
  g_autoptr (GError) halted = open_all (fixture);
  g_assert_error (halted, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
  close_all (fixture);
  xim_ks_signer_free (fixture->signer);
  fixture->signer = signer_new ();
  g_autoptr (GError) forgot = open_all (fixture);
  g_assert_error (forgot, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
}

static void
told (gpointer refused, const XimKsPending *row, const GError *refusal)
{
  if (refusal != NULL)
    g_ptr_array_add (refused, g_strdup (row->jid));
}

/* What the signer refuses goes with its entry and takes nobody else along. */
static void
test_refused_note (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  guint32 have = 0;
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (g_free);
  XimKsAccountWrite *bad = member_write ("bad@example.org", 1, 99);
  g_free (bad->note);
  bad->note = g_strdup ("no note\n\n\u2014 x AAAA\n");
  take_in (fixture, 1);
  g_assert_true (xim_ks_store_begin (fixture->store, &error));
  g_assert_true (xim_ks_intake_account (fixture->store, bad, &have, &error));
  g_assert_true (xim_ks_publisher_place (fixture->publisher, &error));
  g_assert_true (xim_ks_store_commit (fixture->store, &error));
  xim_ks_publisher_placed (fixture->publisher, TRUE);
  take_in (fixture, 2);
  g_assert_true (
      xim_ks_publisher_publish (fixture->publisher, told, refused, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (refused->len, ==, 1);
  g_assert_cmpstr (refused->pdata[0], ==, "bad@example.org");
  g_assert_cmpuint (published (fixture), ==, 2);
  g_assert_null (test_record (fixture->store, "bad@example.org"));
  g_autoptr (XimKsRecord) second
      = test_record (fixture->store, "m2@example.org");
  g_assert_cmpuint (second->logged.leaf, ==, 1);
  xim_ks_account_write_free (bad);
}

#define ADD(name, test)                                                       \
  g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("/ks-writer/one-bad-job", test_one_bad_job);
  ADD ("/ks-writer/refuses-below-floor", test_refuses_below_floor);
  ADD ("/ks-publisher/crash-before-signing", test_crash_before_signing);
  ADD ("/ks-publisher/crash-after-signing", test_crash_after_signing);
  ADD ("/ks-publisher/refuses-old-backup", test_refuses_old_backup);
  ADD ("/ks-publisher/refuses-another-log", test_refuses_another_log);
  ADD ("/ks-publisher/refused-note", test_refused_note);
  return g_test_run ();
}
