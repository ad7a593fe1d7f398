/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of export.c, imported.c and private-file.c. */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/imported.h"
#include "plugin/private-file.h"
#include "tests/fake-net.h"
#include "tests/headless.h"
#include "test-notes.h"

#define HEADER_LEN 58

static XimSecret *
secret_of (guint8 byte)
{
  XimSecret *secret = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (secret), byte, XIM_KEY_LEN);
  return secret;
}

/* What device `a` of alice exports. */
static XimExport *
make (void)
{
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "ab", .signers = "abS" });
  const XimDeviceId id = { { 'a' } };
  XimExport *exported = xim_export_new (TEST_JID, &id);
  exported->seed = secret_of ('a');
  exported->account = xim_note_encode (account->note);
  g_ptr_array_add (exported->versions, g_strdup (account->text));
  xim_export_add_key (exported, 4, TEST_NOW_S, TEST_NOW_S + 86400,
                      secret_of (4));
  xim_export_add_key (exported, 7, TEST_NOW_S + 5, TEST_NOW_S + 90000,
                      secret_of (7));
  return exported;
}

static GBytes *
seal (const XimExport *exported, const XimSecret *key)
{
  g_autoptr (GError) error = NULL;
  const XimStretchHow how = xim_export_how ();
  GBytes *file = xim_export_seal (exported, key, &how, &error);
  g_assert_no_error (error);
  return file;
}

static void
test_round_trip (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimExport) exported = make ();
  g_autoptr (XimSecret) key = secret_of (1);
  g_autoptr (GBytes) file = seal (exported, key);
  XimStretchHow how;
  g_assert_true (xim_export_peek (file, &how, &error));
  g_assert_cmpuint (how.bytes, ==, 256 * 1024 * 1024);
  g_assert_cmpuint (how.passes, ==, 4);
  g_autoptr (XimExport) opened = xim_export_open (file, key, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (opened->jid, ==, TEST_JID);
  g_assert_cmpstr (opened->account, ==, exported->account);
  g_assert_cmpuint (opened->versions->len, ==, 1);
  g_assert_cmpuint (opened->keys->len, ==, 2);
  const XimExportKey *last = g_ptr_array_index (opened->keys, 1);
  g_assert_cmpuint (last->serial, ==, 7);
  g_assert_cmpint (last->created_s, ==, TEST_NOW_S + 5);
  g_assert_cmpint (last->expires_s, ==, TEST_NOW_S + 90000);
  g_autoptr (XimSecret) seven = secret_of (7);
  g_assert_cmpmem (xim_secret_peek (last->key), 32, xim_secret_peek (seven),
                   32);
}

static int
peek_code (const void *data, gsize len)
{
  g_autoptr (GBytes) file = g_bytes_new (data, len);
  g_autoptr (GError) error = NULL;
  XimStretchHow how;
  if (xim_export_peek (file, &how, &error))
    return -1;
  g_assert_cmpuint (error->domain, ==, XIM_ERROR);
  return error->code;
}

static void
test_refuses_truncated (void)
{
  g_autoptr (XimExport) exported = make ();
  g_autoptr (XimSecret) key = secret_of (1);
  g_autoptr (GBytes) file = seal (exported, key);
  gsize len = 0;
  const char *data = g_bytes_get_data (file, &len);
  g_assert_cmpint (peek_code (data, len), ==, -1);
  for (gsize at = 0; at < len; at++)
    g_assert_cmpint (peek_code (data, at), ==,
                     at < strlen ("X-IM export ") ? XIM_ERROR_MALFORMED
                                                  : XIM_ERROR_NOT_FOUND);
  g_autofree char *more = g_malloc0 (len + 1);
  memcpy (more, data, len);
  g_assert_cmpint (peek_code (more, len + 1), ==, XIM_ERROR_STORE);
}

static void
test_refuses_others (void)
{
  g_autoptr (XimExport) exported = make ();
  g_autoptr (XimSecret) key = secret_of (1);
  g_autoptr (GBytes) file = seal (exported, key);
  gsize len = 0;
  g_autofree char *data = g_bytes_unref_to_data (g_bytes_ref (file), &len);
  g_assert_cmpint (peek_code ("-----BEGIN PGP", 14), ==, XIM_ERROR_MALFORMED);
  data[12] = '2';
  g_assert_cmpint (peek_code (data, len), ==, XIM_ERROR_UNSUPPORTED);
  data[12] = '1';
  /* Memory and passes, as somebody may have changed them. */
  const struct
  {
    guint at;
    guint8 high;
    guint8 low;
  } bad[] = { { 30, 0, 63 }, { 30, 4, 1 }, { 32, 0, 2 }, { 32, 0, 11 } };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const guint8 before[] = { (guint8)data[bad[i].at],
                                (guint8)data[bad[i].at + 1] };
      data[bad[i].at] = (char)bad[i].high;
      data[bad[i].at + 1] = (char)bad[i].low;
      g_assert_cmpint (peek_code (data, len), ==, XIM_ERROR_STORE);
      memcpy (data + bad[i].at, before, 2);
    }
  g_autofree char *large = g_malloc0 (XIM_EXPORT_MAX + 1);
  memcpy (large, data, len);
  g_assert_cmpint (peek_code (large, XIM_EXPORT_MAX + 1), ==,
                   XIM_ERROR_TOO_LARGE);
}

static int
open_code (const void *data, gsize len, guint8 key_byte)
{
  g_autoptr (GBytes) file = g_bytes_new (data, len);
  g_autoptr (XimSecret) key = secret_of (key_byte);
  g_autoptr (GError) error = NULL;
  g_autoptr (XimExport) opened = xim_export_open (file, key, &error);
  g_assert_true ((opened == NULL) == (error != NULL));
  return error != NULL ? error->code : -1;
}

/* A wrong passphrase is one thing, a changed file another. */
static void
test_tells_damage_from_a_wrong_passphrase (void)
{
  g_autoptr (XimExport) exported = make ();
  g_autoptr (XimSecret) key = secret_of (1);
  g_autoptr (GBytes) file = seal (exported, key);
  gsize len = 0;
  g_autofree char *data = g_bytes_unref_to_data (g_bytes_ref (file), &len);
  g_assert_cmpint (open_code (data, len, 1), ==, -1);
  g_assert_cmpint (open_code (data, len, 2), ==, XIM_ERROR_SIGNATURE);
  for (gsize at = HEADER_LEN; at < len; at += 7)
    {
      data[at] = (char)(data[at] ^ 1);
      g_assert_cmpint (open_code (data, len, 1), ==, XIM_ERROR_STORE);
      data[at] = (char)(data[at] ^ 1);
    }
  data[14] = (char)(data[14] ^ 1); /* the salt, when the key is right */
  g_assert_cmpint (open_code (data, len, 1), ==, XIM_ERROR_STORE);
}

static int
decode_code (XimExport *exported)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) content = xim_export_encode (exported, &error);
  g_assert_no_error (error);
  g_autoptr (XimExport) decoded = xim_export_decode (content, &error);
  return decoded != NULL ? -1 : error->code;
}

static void
test_refuses_content (void)
{
  g_autoptr (XimExport) exported = make ();
  g_assert_cmpint (decode_code (exported), ==, -1);
  /* Of another device than the note lists, or with another key. */
  exported->device.bytes[0] = 'c';
  g_assert_cmpint (decode_code (exported), ==, XIM_ERROR_MALFORMED);
  exported->device.bytes[0] = 'b';
  g_assert_cmpint (decode_code (exported), ==, XIM_ERROR_MALFORMED);
  exported->device.bytes[0] = 'a';
  /* Keys that are not in order. */
  XimExportKey *last = g_ptr_array_index (exported->keys, 1);
  last->serial = 4;
  g_assert_cmpint (decode_code (exported), ==, XIM_ERROR_MALFORMED);
  last->serial = 7;
  last->expires_s = last->created_s;
  g_assert_cmpint (decode_code (exported), ==, XIM_ERROR_MALFORMED);
  last->expires_s = last->created_s + 1;
  /* A version twice. */
  g_ptr_array_add (exported->versions,
                   g_strdup (g_ptr_array_index (exported->versions, 0)));
  g_assert_cmpint (decode_code (exported), ==, XIM_ERROR_MALFORMED);
  g_ptr_array_set_size (exported->versions, 1);
  g_free (exported->jid);
  exported->jid = g_strdup ("bob@example.org");
  g_assert_cmpint (decode_code (exported), ==, XIM_ERROR_MALFORMED);
}

static void
test_refuses_truncated_content (void)
{
  g_autoptr (XimExport) exported = make ();
  g_autoptr (XimSecret) content = xim_export_encode (exported, NULL);
  for (gsize len = 0; len < xim_secret_len (content); len++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (XimSecret) part = xim_secret_new (len);
      memcpy (xim_secret_data (part), xim_secret_peek (content), len);
      g_assert_null (xim_export_decode (part, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

/* Keys for reading. */

static void
done (const GError *error, gpointer data)
{
  g_assert_no_error (error);
  *(gboolean *)data = TRUE;
}

static XimKeystore *
unlocked_keystore (XimStore *store)
{
  gboolean is_done = FALSE;
  XimKeystore *keystore = xim_keystore_new (store, NULL);
  xim_keystore_unlock (keystore, secret_of ('x'), done, &is_done);
  while (!is_done)
    g_main_context_iteration (NULL, TRUE);
  return keystore;
}

static void
test_imports (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("xim-export-XXXXXX", NULL);
  fake_now_s = TEST_NOW_S;
  fake_boot_s = 100;
  g_autoptr (XimExport) exported = make ();
  XimStore *store = xim_store_open (dir, NULL);
  XimKeystore *keystore = unlocked_keystore (store);
  XimTally *tally = xim_tally_new (store, NULL);
  g_autoptr (XimImported) imported
      = xim_imported_new (TEST_JID, store, keystore, tally, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 2; i++)
    {
      g_assert_true (
          xim_imported_add (imported, exported, fake_now_s, &error));
      g_assert_cmpuint (xim_imported_n_rings (imported), ==, 1);
      XimKeyring *ring = xim_imported_ring (imported, 0);
      g_assert_cmpuint (xim_keyring_n (ring), ==, 2);
      g_assert_cmpint (xim_device_id_compare (xim_keyring_device (ring),
                                              &exported->device),
                       ==, 0);
      g_assert_cmpuint (xim_keyring_entry (ring, 0)->serial, >=,
                        XIM_STORE_IMPORTED_ID_MIN);
    }
  xim_imported_lock (imported);
  g_assert_cmpuint (xim_imported_n_rings (imported), ==, 0);
  g_assert_true (xim_imported_unlock (imported, &error));
  /* They go an hour after they have expired, by both clocks. */
  guint n = 0;
  fake_now_s += 86400 + 3600;
  g_assert_true (xim_imported_erase (imported, fake_now_s, &n, &error));
  g_assert_cmpuint (n, ==, 0);
  fake_boot_s += 86400 + 3600;
  g_assert_true (xim_imported_erase (imported, fake_now_s, &n, &error));
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (xim_keyring_n (xim_imported_ring (imported, 0)), ==, 1);
  xim_tally_free (tally);
  g_clear_pointer (&imported, xim_imported_free);
  xim_keystore_free (keystore);
  xim_store_free (store);
  headless_remove (dir);
}

/* Files. */

static void
test_writes_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("xim-export-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "keys", NULL);
  g_autofree char *missing = g_build_filename (dir, "no", "keys", NULL);
  g_autoptr (GBytes) data = g_bytes_new ("hello", 5);
  GStatBuf info;
  g_assert_true (xim_private_file_write (path, data, &error));
  g_assert_cmpint (g_lstat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0600);
  g_autoptr (GBytes) read = xim_private_file_read (path, 5, &error);
  g_assert_true (g_bytes_equal (data, read));
  g_assert_false (xim_private_file_write (path, data, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (xim_private_file_write (missing, data, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
  g_clear_error (&error);
  g_assert_null (xim_private_file_read (path, 4, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_null (xim_private_file_read (dir, 4, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_null (xim_private_file_read (missing, 4, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  headless_remove (dir);
}

static void
test_finds_home (void)
{
  g_autofree char *home = g_build_filename (g_get_home_dir (), "a b", NULL);
  g_autofree char *one = xim_private_file_path ("a b");
  g_autofree char *two = xim_private_file_path ("~/a b");
  g_autofree char *three = xim_private_file_path ("/x/a b");
  g_assert_cmpstr (one, ==, home);
  g_assert_cmpstr (two, ==, home);
  g_assert_cmpstr (three, ==, "/x/a b");
}

static void
write_for_ever (const char *path, GBytes *data)
{
  for (;;)
    {
      if (!xim_private_file_write (path, data, NULL))
        _exit (1);
      g_unlink (path);
    }
}

/* Whenever the writer dies, the file is whole or not there. */
static void
test_survives_kills (void)
{
  g_autofree char *dir = g_dir_make_tmp ("xim-export-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "keys", NULL);
  g_autofree char *bytes = g_malloc0 (100000);
  g_autoptr (GBytes) data = g_bytes_new (bytes, 100000);
  for (int i = 0; i < 60; i++)
    {
      pid_t child = fork ();
      if (child == 0)
        write_for_ever (path, data);
      g_usleep ((gulong)g_random_int_range (500, 15000));
      kill (child, SIGKILL);
      waitpid (child, NULL, 0);
      g_autoptr (GBytes) read = xim_private_file_read (path, 200000, NULL);
      g_assert_true (read == NULL || g_bytes_equal (read, data));
      g_unlink (path);
    }
  headless_remove (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/private-file/survives-kills", test_survives_kills);
  g_test_add_func ("/private-file/writes", test_writes_file);
  g_test_add_func ("/private-file/finds-home", test_finds_home);
  g_test_add_func ("/export/round-trip", test_round_trip);
  g_test_add_func ("/export/refuses-truncated", test_refuses_truncated);
  g_test_add_func ("/export/refuses-others", test_refuses_others);
  g_test_add_func ("/export/tells-damage-from-a-wrong-passphrase",
                   test_tells_damage_from_a_wrong_passphrase);
  g_test_add_func ("/export/refuses-content", test_refuses_content);
  g_test_add_func ("/export/refuses-truncated-content",
                   test_refuses_truncated_content);
  g_test_add_func ("/imported/imports", test_imports);
  return g_test_run ();
}
