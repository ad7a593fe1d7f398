/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of what ks-store.c, ks-database.c and ks-tag.c do about members who
 * leave. */

#include "config.h"

#include "ks-tag.h"

#include <glib/gstdio.h>
#include <string.h>

#include "xim-error.h"

#include "ks-sql.h"
#include "test-ks.h"

#define DAY_S 86400
#define BOB "bob@example.org"
#define CROWD 400

typedef struct
{
  char *folder;
  char *path;
  XimKsStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  fixture->folder = g_dir_make_tmp ("xim-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "store.sqlite", NULL);
  test_store_create (fixture->path);
  fixture->store = test_store_open (fixture->path);
}

static void
tear_down (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  xim_ks_store_free (fixture->store);
  test_store_remove (fixture->path);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static XimKsEraseWrite
erasure (const char *jid, guint32 version)
{
  XimKsEraseWrite write = { .jid = (char *)jid,
                            .version = version,
                            .text = (char *)"erase",
                            .accepted_s = TEST_NOW_S,
                            .versions_per_day = 20 };
  memset (&write.hash, 'E', sizeof write.hash);
  return write;
}

/* Returns: -1 when it is done, else the code of the error */
static int
erase (XimKsStore *store, XimKsEraseWrite write, guint32 *have)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (xim_ks_store_begin (store, NULL));
  gboolean ok = xim_ks_intake_erase (store, &write, have, &error);
  if (ok)
    {
      test_publish (store);
      g_assert_true (xim_ks_store_commit (store, NULL));
    }
  else
    xim_ks_store_abandon (store);
  return ok ? -1 : error->code;
}

static XimKsErased
erased (XimKsStore *store, const char *jid)
{
  g_autoptr (GError) error = NULL;
  XimKsErased found;
  g_assert_true (xim_ks_store_erased (store, jid, &found, &error));
  g_assert_no_error (error);
  return found;
}

static void
test_turns (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  XimKsStore *store = fixture->store;
  guint32 have = 99;
  g_assert_cmpint (erase (store, erasure (BOB, 2), &have), ==,
                   XIM_ERROR_CONFLICT);
  g_assert_cmpuint (have, ==, 0);
  test_put (store, test_account_write (TEST_JID, 1, "x"), &have);
  test_put (store, test_account_write (BOB, 1, "ab"), &have);
  test_put (store, test_account_write (BOB, 2, "b"), &have);
  g_assert_cmpint (erase (store, erasure (BOB, 2), &have), ==,
                   XIM_ERROR_CONFLICT);
  g_assert_cmpint (erase (store, erasure (BOB, 4), &have), ==,
                   XIM_ERROR_CONFLICT);
  g_assert_cmpuint (have, ==, 2);
  g_assert_cmpuint (erased (store, BOB).version, ==, 0);
  g_assert_cmpint (erase (store, erasure (BOB, 3), &have), ==, -1);

  g_autoptr (GError) error = NULL;
  g_assert_null (test_record (store, BOB));
  g_assert_null (xim_ks_store_version (store, BOB, 1, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND);
  g_autoptr (GArray) listed = xim_ks_store_listed (store, BOB, NULL);
  g_assert_cmpuint (listed->len, ==, 0);
  XimKsErased left = erased (store, BOB);
  XimKsEraseWrite written = erasure (BOB, 3);
  g_assert_cmpuint (left.version, ==, 3);
  g_assert_cmpmem (&left.hash, sizeof left.hash, &written.hash,
                   sizeof written.hash);
  g_autoptr (XimKsRecord) other = test_record (store, TEST_JID);
  g_assert_nonnull (other);
  g_assert_cmpuint (erased (store, TEST_JID).version, ==, 0);

  /* Nothing can be erased twice, and versions go on. */
  g_assert_cmpint (erase (store, erasure (BOB, 3), &have), ==,
                   XIM_ERROR_CONFLICT);
  g_assert_cmpint (test_put (store, test_account_write (BOB, 1, "c"), &have),
                   ==, XIM_ERROR_CONFLICT);
  g_assert_cmpuint (have, ==, 3);
  g_assert_cmpint (test_put (store, test_account_write (BOB, 4, "c"), &have),
                   ==, -1);
  g_assert_cmpuint (erased (store, BOB).version, ==, 0);
  g_autoptr (XimKsRecord) back = test_record (store, BOB);
  g_assert_cmpuint (back->version, ==, 4);
}

/* Neither at the old address nor at another one. */
static void
test_keys_stay_away (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  XimKsStore *store = fixture->store;
  guint32 have = 0;
  test_put (store, test_account_write (BOB, 1, "ab"), &have);
  test_put (store, test_account_write (BOB, 2, "b"), &have);
  g_assert_cmpint (erase (store, erasure (BOB, 3), &have), ==, -1);
  for (const char *c = "ab"; *c != '\0'; c++)
    {
      const char letter[] = { *c, '\0' };
      g_assert_cmpint (
          test_put (store, test_account_write (BOB, 4, letter), &have), ==,
          XIM_ERROR_KEY_CHANGED);
      g_assert_cmpuint (have, ==, 3);
      g_assert_cmpint (
          test_put (store, test_account_write (TEST_JID, 1, letter), &have),
          ==, XIM_ERROR_KEY_CHANGED);
      XimKsAccountWrite *same_id = test_account_write (BOB, 4, letter);
      memset (&same_id->listed[0].key, 'z', sizeof (XimEd25519Public));
      g_assert_cmpint (test_put (store, same_id, &have), ==,
                       XIM_ERROR_KEY_CHANGED);
    }
  /* An id is random for each member; only the own ones count. */
  XimKsAccountWrite *other = test_account_write (TEST_JID, 1, "a");
  memset (&other->listed[0].key, 'y', sizeof (XimEd25519Public));
  g_assert_cmpint (test_put (store, other, &have), ==, -1);
  g_assert_cmpint (test_put (store, test_account_write (BOB, 4, "c"), &have),
                   ==, -1);
}

/* Leaving and coming back does not start the day anew. */
static void
test_day_limit (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  XimKsStore *store = fixture->store;
  guint32 have = 0;
  const char *const letters[] = { "a", "b", "c", "d", "e", "f", "g" };
  for (guint i = 0; i < 6; i++)
    {
      guint32 version = 3 * i + 1;
      for (guint32 more = 0; more < 2; more++)
        g_assert_cmpint (
            test_put (store,
                      test_account_write (BOB, version + more, letters[i]),
                      &have),
            ==, -1);
      g_assert_cmpint (erase (store, erasure (BOB, version + 2), &have), ==,
                       -1);
    }
  g_assert_cmpint (test_put (store, test_account_write (BOB, 19, "g"), &have),
                   ==, -1);
  g_assert_cmpint (test_put (store, test_account_write (BOB, 20, "g"), &have),
                   ==, -1);
  g_assert_cmpint (erase (store, erasure (BOB, 21), &have), ==,
                   XIM_ERROR_TOO_MANY);
  XimKsEraseWrite late = erasure (BOB, 21);
  late.accepted_s += DAY_S;
  g_assert_cmpint (erase (store, late, &have), ==, -1);
  XimKsAccountWrite *again = test_account_write (BOB, 22, "h");
  again->accepted_s += DAY_S;
  g_assert_cmpint (test_put (store, again, &have), ==, -1);
}

/* How many of the texts in @wanted stand in the files of the store. */
static guint
count_in_files (const Fixture *fixture, const GPtrArray *wanted)
{
  static const char *const ends[] = { "", "-wal" };
  guint n = 0;
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *path = g_strconcat (fixture->path, ends[i], NULL);
      g_autofree char *data = NULL;
      gsize len = 0;
      if (!g_file_get_contents (path, &data, &len, NULL))
        continue;
      for (guint j = 0; j < wanted->len; j++)
        if (memmem (data, len, wanted->pdata[j], strlen (wanted->pdata[j])))
          n++;
    }
  return n;
}

static void
crowd (XimKsStore *store, guint32 version, const char *listed)
{
  guint32 have = 0;
  g_assert_true (xim_ks_store_begin (store, NULL));
  for (guint32 i = 0; i < CROWD; i++)
    {
      g_autofree char *jid
          = g_strdup_printf ("m%08x@example.org", i * 2654435761u);
      XimKsAccountWrite *write = test_account_write (jid, version, listed);
      memcpy (&write->listed[0].key, &i, sizeof i);
      g_free (write->note);
      write->note = g_strnfill (300 + i % 700, 'n');
      memcpy (write->note, jid, strlen (jid));
      g_assert_true (xim_ks_intake_account (store, write, &have, NULL));
      xim_ks_account_write_free (write);
    }
  test_publish (store);
  g_assert_true (xim_ks_store_commit (store, NULL));
}

static GPtrArray *
erase_crowd (XimKsStore *store)
{
  guint32 have = 0;
  GPtrArray *gone = g_ptr_array_new_with_free_func (g_free);
  for (guint32 i = 0; i < CROWD; i += 2)
    {
      char *jid = g_strdup_printf ("m%08x@example.org", i * 2654435761u);
      g_ptr_array_add (gone, jid);
      g_assert_cmpint (erase (store, erasure (jid, 3), &have), ==, -1);
    }
  return gone;
}

static void
test_sweep (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  XimKsStore *store = fixture->store;
  g_autoptr (GError) error = NULL;
  gboolean must = TRUE;
  crowd (store, 1, "a");
  crowd (store, 2, "a");
  g_assert_true (xim_ks_store_must_sweep (store, &must, &error));
  g_assert_false (must);
  g_autoptr (GPtrArray) gone = erase_crowd (store);
  g_assert_cmpuint (count_in_files (fixture, gone), >, 0);
  g_assert_true (xim_ks_store_must_sweep (store, &must, &error));
  g_assert_true (must);
  g_assert_true (xim_ks_store_sweep (store, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_in_files (fixture, gone), ==, 0);
  g_assert_true (xim_ks_store_must_sweep (store, &must, &error));
  g_assert_false (must);
  g_autofree char *still = g_strdup_printf ("m%08x@example.org", 2654435761u);
  g_autoptr (XimKsRecord) found = test_record (store, still);
  g_assert_cmpuint (found->version, ==, 2);
}

/* What a process that was killed left is remembered. */
static void
test_sweep_is_kept (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  guint32 have = 0;
  gboolean must = FALSE;
  test_put (fixture->store, test_account_write (BOB, 1, "a"), &have);
  g_assert_cmpint (erase (fixture->store, erasure (BOB, 2), &have), ==, -1);
  xim_ks_store_free (fixture->store);
  fixture->store = test_store_open (fixture->path);
  g_assert_true (xim_ks_store_must_sweep (fixture->store, &must, NULL));
  g_assert_true (must);
}

/* The tables of version 1, as they were. */
static const char schema_1[]
    = "CREATE TABLE about ( name TEXT PRIMARY KEY, value TEXT NOT NULL)"
      " WITHOUT ROWID, STRICT;"
      "CREATE TABLE server_notes ( serial INTEGER PRIMARY KEY,"
      " note TEXT NOT NULL) STRICT;"
      "CREATE TABLE accounts ( jid TEXT NOT NULL, version INTEGER NOT NULL,"
      " hash BLOB NOT NULL CHECK (length (hash) = 32),"
      " accepted_s INTEGER NOT NULL, note TEXT NOT NULL,"
      " PRIMARY KEY (jid, version)) WITHOUT ROWID, STRICT;"
      "CREATE TABLE devices ( jid TEXT NOT NULL,"
      " id BLOB NOT NULL CHECK (length (id) = 8), serial INTEGER NOT NULL,"
      " note TEXT NOT NULL, PRIMARY KEY (jid, id)) WITHOUT ROWID, STRICT;"
      "CREATE TABLE device_keys ("
      " key BLOB PRIMARY KEY CHECK (length (key) = 32), jid TEXT NOT NULL,"
      " id BLOB NOT NULL CHECK (length (id) = 8)) WITHOUT ROWID, STRICT;"
      "CREATE INDEX device_keys_jid ON device_keys (jid);"
      "INSERT INTO about VALUES ('domain', 'example.org');"
      "INSERT INTO about VALUES ('origin', 'keys.example.org');"
      "INSERT INTO server_notes VALUES (1, 'the old server note');"
      "INSERT INTO accounts VALUES ('bob@example.org', 1, zeroblob (32), 5,"
      " 'bob of old');"
      "INSERT INTO device_keys VALUES (zeroblob (32), 'bob@example.org',"
      " zeroblob (8));"
      "PRAGMA application_id = 1481198897; PRAGMA user_version = 1;";

static void
make_old (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_clear_pointer (&fixture->store, xim_ks_store_free);
  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  g_autoptr (XimKsSql) sql
      = xim_ks_sql_open (fixture->path, TRUE, NULL, 0, &error);
  g_assert_no_error (error);
  xim_ks_sql_exec (sql, "PRAGMA journal_mode = WAL;", &error);
  xim_ks_sql_exec (sql, schema_1, &error);
  g_assert_no_error (error);
}

static void
test_migrates (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  guint32 have = 0;
  gboolean must = FALSE;
  make_old (fixture);
  fixture->store = test_store_open (fixture->path);
  g_autoptr (XimKsRecord) old = test_record (fixture->store, BOB);
  g_assert_cmpstr (old->note, ==, "bob of old");
  g_autofree char *note = xim_ks_store_server_note (fixture->store, 1, NULL);
  g_assert_cmpstr (note, ==, "the old server note");
  g_assert_true (xim_ks_store_must_sweep (fixture->store, &must, NULL));
  g_assert_true (must); /* it did not overwrite what it deleted */
  g_assert_cmpint (erase (fixture->store, erasure (BOB, 2), &have), ==, -1);
  xim_ks_store_free (fixture->store);
  fixture->store = test_store_open (fixture->path); /* once is enough */
  g_assert_cmpuint (erased (fixture->store, BOB).version, ==, 2);
}

static void
refuses_to_open (Fixture *fixture, const XimKsDatabaseOwner *owner,
                 XimError code)
{
  g_autoptr (GError) error = NULL;
  g_clear_pointer (&fixture->store, xim_ks_store_free);
  g_assert_null (xim_ks_store_open (fixture->path, owner, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_refuses_old (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  XimKsDatabaseOwner owner = test_owner ();
  make_old (fixture);
  owner.domain = "two.test";
  refuses_to_open (fixture, &owner, XIM_ERROR_WRONG_NAME);
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsSql) sql
      = xim_ks_sql_open (fixture->path, TRUE, NULL, 0, &error);
  g_assert_cmpint (xim_ks_sql_pragma (sql, "user_version"), ==, 1);
  g_assert_true (xim_ks_sql_exec (sql, "PRAGMA user_version = 4;", NULL));
  owner = test_owner ();
  refuses_to_open (fixture, &owner, XIM_ERROR_STORE);
}

static void
test_another_secret (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (XimSecret) other = xim_secret_new (XIM_KEY_LEN);
  XimKsDatabaseOwner owner = test_owner ();
  owner.members = other;
  refuses_to_open (fixture, &owner, XIM_ERROR_STORE);
  fixture->store = test_store_open (fixture->path);
}

static void
test_tags (void)
{
  XimHash member, again, device, key;
  XimDeviceId id = { { 0 } };
  XimEd25519Public public_key = { { 0 } };
  const XimPiece piece = { BOB, strlen (BOB) };
  xim_ks_tag_member (test_members (), BOB, &member);
  xim_crypto_hmac_sha256 (xim_secret_peek (test_members ()), XIM_KEY_LEN,
                          &piece, 1, &again);
  g_assert_cmpmem (&member, sizeof member, &again, sizeof again);
  xim_ks_tag_device (test_members (), BOB, &id, &device);
  xim_ks_tag_key (test_members (), &public_key, &key);
  g_assert_true (memcmp (&device, &key, sizeof key) != 0);
  xim_ks_tag_device (test_members (), TEST_JID, &id, &again);
  g_assert_true (memcmp (&device, &again, sizeof again) != 0);
}

#define ADD(name, test)                                                       \
  g_test_add ("/ks-erased/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("turns", test_turns);
  ADD ("keys-stay-away", test_keys_stay_away);
  ADD ("day-limit", test_day_limit);
  ADD ("sweep/leaves-nothing", test_sweep);
  ADD ("sweep/is-remembered", test_sweep_is_kept);
  ADD ("migrates", test_migrates);
  ADD ("refuses/old-of-another", test_refuses_old);
  ADD ("refuses/another-secret", test_another_secret);
  g_test_add_func ("/ks-erased/tags", test_tags);
  return g_test_run ();
}
