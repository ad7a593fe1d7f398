/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-ledger.c and ks-recent.c. */

#include "config.h"

#include "ks-ledger.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-recent.h"
#include "test-ks.h"
#include "test-small-tree.h"

#define N_READERS 3

static char *folder;
static char *path;

static XimKsLedger *
open_for (const char *domain, GError **error)
{
  const XimKsDatabaseOwner owner = { domain, TEST_ORIGIN, test_members () };
  return xim_ks_ledger_open (path, &owner, N_READERS, error);
}

static XimKsLedger *
open_again (XimKsLedger *ledger)
{
  g_autoptr (GError) error = NULL;
  xim_ks_ledger_free (ledger);
  XimKsLedger *opened = open_for (TEST_DOMAIN, &error);
  g_assert_no_error (error);
  return opened;
}

/* A version whose hash is made of @letter. */
static XimKsLedgerStep
make_step (char who, guint32 version, char letter, char before)
{
  XimKsLedgerStep step = { .version = version, .has_previous = version > 1 };
  memset (&step.tag, who, sizeof step.tag);
  memset (&step.hash, letter, sizeof step.hash);
  memset (&step.previous, before, sizeof step.previous);
  return step;
}

static gboolean
put (XimKsLedger *ledger, XimKsLedgerStep step, GError **error)
{
  g_assert_true (xim_ks_ledger_begin (ledger, NULL));
  if (xim_ks_ledger_step (ledger, &step, error))
    return xim_ks_ledger_commit (ledger, error);
  xim_ks_ledger_abandon (ledger);
  return FALSE;
}

static gboolean
is_newest (XimKsLedger *ledger, char who, guint32 version, char letter)
{
  XimHash tag, hash;
  memset (&tag, who, sizeof tag);
  memset (&hash, letter, sizeof hash);
  return xim_ks_ledger_check_newest (ledger, &tag, version, &hash, NULL);
}

static void
remove_files (void)
{
  const char *const ends[] = { "", "-wal", "-shm", ".lock" };
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *name = g_strconcat (path, ends[i], NULL);
      g_unlink (name);
    }
}

static void
test_survives (void)
{
  g_autoptr (GError) error = NULL;
  struct stat st;
  XimTreeHead head = test_tree_head (TEST_TREE, 5), last;
  g_autoptr (XimKsLedger) ledger = open_again (NULL);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0600);
  xim_ks_ledger_last (ledger, &last);
  g_assert_cmpuint (last.size, ==, 0);
  g_assert_true (is_newest (ledger, 'a', 0, 0));
  g_assert_true (put (ledger, make_step ('a', 1, 'x', 0), &error));
  g_assert_true (put (ledger, make_step ('a', 2, 'y', 'x'), &error));
  g_assert_true (xim_ks_ledger_begin (ledger, &error));
  g_assert_true (xim_ks_ledger_set_last (ledger, &head, &error));
  g_assert_true (xim_ks_ledger_commit (ledger, &error));

  ledger = open_again (g_steal_pointer (&ledger));
  xim_ks_ledger_last (ledger, &last);
  g_assert_cmpmem (&last.root, sizeof last.root, &head.root, sizeof head.root);
  g_assert_cmpuint (last.size, ==, 5);
  g_assert_true (xim_ks_ledger_knows (ledger, &head));
  g_assert_true (is_newest (ledger, 'a', 2, 'y'));
  g_assert_false (is_newest (ledger, 'a', 1, 'x')); /* forgotten by now */
  g_assert_false (is_newest (ledger, 'a', 2, 'x'));
  g_assert_false (is_newest (ledger, 'a', 0, 0));
  g_assert_false (put (ledger, make_step ('a', 2, 'z', 'x'), &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_CONFLICT);
  remove_files ();
}

static void
test_abandoned (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsLedger) ledger = open_again (NULL);
  XimTreeHead head = test_tree_head (TEST_TREE, 5), last;
  XimKsLedgerStep step = make_step ('a', 1, 'x', 0);
  g_assert_true (xim_ks_ledger_begin (ledger, &error));
  g_assert_true (xim_ks_ledger_step (ledger, &step, &error));
  g_assert_true (xim_ks_ledger_set_last (ledger, &head, &error));
  g_assert_true (is_newest (ledger, 'a', 0, 0)); /* nobody sees it yet */
  xim_ks_ledger_abandon (ledger);
  xim_ks_ledger_last (ledger, &last);
  g_assert_cmpuint (last.size, ==, 0);
  g_assert_false (xim_ks_ledger_knows (ledger, &head));
  g_assert_true (is_newest (ledger, 'a', 0, 0));
  g_assert_true (put (ledger, make_step ('a', 1, 'z', 0), &error));
  remove_files ();
}

static gpointer
read_many (gpointer data)
{
  for (guint i = 0; i < 2000; i++)
    g_assert_true (is_newest (data, 'b', 1, 'x'));
  return NULL;
}

/* More threads than connections, while another one writes. */
static void
test_threads (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsLedger) ledger = open_again (NULL);
  GThread *threads[2 * N_READERS];
  char before = 0;
  g_assert_true (put (ledger, make_step ('b', 1, 'x', 0), &error));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", read_many, ledger);
  for (guint32 version = 1; version < 100; version++)
    {
      char now = (char)('0' + version % 50);
      g_assert_true (
          put (ledger, make_step ('a', version, now, before), &error));
      before = now;
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  remove_files ();
}

static void
test_adopts (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsLedger) ledger = open_again (NULL);
  XimKsSignAccount accounts[3] = { { .version = 4 },
                                   { .version = 9, .erased = TRUE },
                                   { .version = 7 } };
  const char who[] = "aec";
  for (guint i = 0; i < G_N_ELEMENTS (accounts); i++)
    {
      memset (&accounts[i].tag, who[i], sizeof accounts[i].tag);
      memset (&accounts[i].hash, 'x', sizeof accounts[i].hash);
    }
  g_assert_true (put (ledger, make_step ('c', 1, 'y', 0), &error));
  g_assert_true (xim_ks_ledger_adopt (ledger, accounts, 3, &error));
  g_assert_true (xim_ks_ledger_adopt (ledger, accounts, 3, &error));
  g_assert_true (is_newest (ledger, 'a', 4, 'x'));
  g_assert_true (is_newest (ledger, 'e', 0, 0));
  g_assert_true (is_newest (ledger, 'c', 1, 'y')); /* it knew better */
  g_assert_false (put (ledger, make_step ('e', 10, 'y', 'x'), &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED); /* no reset */
  g_clear_error (&error);
  XimKsLedgerStep back = make_step ('e', 10, 'y', 'x');
  back.reset = TRUE;
  g_assert_true (put (ledger, back, &error));

  XimTreeHead head = test_tree_head (TEST_TREE, 1);
  g_assert_true (xim_ks_ledger_begin (ledger, &error));
  g_assert_true (xim_ks_ledger_set_last (ledger, &head, &error));
  g_assert_true (xim_ks_ledger_commit (ledger, &error));
  memset (&accounts[0].tag, 'z', sizeof accounts[0].tag);
  g_assert_false (xim_ks_ledger_adopt (ledger, accounts, 1, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_CONFLICT);
  g_assert_true (is_newest (ledger, 'z', 0, 0));
  remove_files ();
}

static void
assert_not_opened (const char *domain, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (open_for (domain, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_files (void)
{
  xim_ks_ledger_free (open_again (NULL));
  assert_not_opened ("other.test", XIM_ERROR_WRONG_NAME);
  const XimKsDatabaseOwner owner
      = { TEST_DOMAIN, "keys.other.test", test_members () };
  g_assert_null (xim_ks_ledger_open (path, &owner, 1, NULL));
  g_autoptr (XimSecret) secret = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (secret), '?', XIM_KEY_LEN);
  const XimKsDatabaseOwner other = { TEST_DOMAIN, TEST_ORIGIN, secret };
  g_assert_null (xim_ks_ledger_open (path, &other, 1, NULL));
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  assert_not_opened (TEST_DOMAIN, XIM_ERROR_STORE);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_true (g_file_set_contents (path, "This is no database.", -1, NULL));
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  assert_not_opened (TEST_DOMAIN, XIM_ERROR_STORE);
  remove_files ();

  /* What was cut off while it was made is made now. */
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  xim_ks_ledger_free (open_again (NULL));
  remove_files ();
}

static void
test_recent (void)
{
  g_autoptr (XimKsRecent) recent = xim_ks_recent_new ();
  XimHash tag, hash, other;
  memset (&tag, 't', sizeof tag);
  memset (&hash, 'h', sizeof hash);
  memset (&other, 'o', sizeof other);
  const gint64 second = G_USEC_PER_SEC;
  xim_ks_recent_add (recent, &tag, 3, &hash, 0);
  g_assert_true (xim_ks_recent_has (recent, &tag, 3, &hash, 29 * second));
  g_assert_false (xim_ks_recent_has (recent, &tag, 3, &hash, 31 * second));
  g_assert_false (xim_ks_recent_has (recent, &tag, 3, &other, second));
  g_assert_false (xim_ks_recent_has (recent, &tag, 2, &hash, second));
  g_assert_false (xim_ks_recent_has (recent, &tag, 0, NULL, second));
  g_assert_false (xim_ks_recent_has (recent, &other, 3, &hash, second));
  xim_ks_recent_add (recent, &tag, 4, &other, 20 * second);
  g_assert_false (xim_ks_recent_has (recent, &tag, 3, &hash, 21 * second));
  xim_ks_recent_add (recent, &other, 0, &hash, 40 * second); /* drops one */
  g_assert_true (xim_ks_recent_has (recent, &tag, 4, &other, 41 * second));
  g_assert_true (xim_ks_recent_has (recent, &other, 0, NULL, 41 * second));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  folder = g_dir_make_tmp ("xim-test-XXXXXX", NULL);
  path = g_build_filename (folder, "signer.sqlite", NULL);
  g_test_add_func ("/ks-ledger/survives", test_survives);
  g_test_add_func ("/ks-ledger/abandoned", test_abandoned);
  g_test_add_func ("/ks-ledger/threads", test_threads);
  g_test_add_func ("/ks-ledger/adopts", test_adopts);
  g_test_add_func ("/ks-ledger/files", test_files);
  g_test_add_func ("/ks-recent/half-a-minute", test_recent);
  int status = g_test_run ();
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (path);
  g_free (folder);
  return status;
}
