/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-signer.c, ks-keys.c and ks-config.c. */

#include "config.h"

#include "ks-signer.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-config.h"
#include "test-notes.h"

static XimKsSigner *
signer_new (void)
{
  XimKsKeys *keys = g_new0 (XimKsKeys, 1);
  keys->sign = test_sign_key ('K');
  keys->vrf = xim_crypto_vrf_generate ();
  return xim_ks_signer_new (TEST_DOMAIN, keys);
}

static void
assert_signs (XimKsSigner *signer, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = xim_ks_signer_note (signer, text, &error);
  g_assert_no_error (error);
  g_autoptr (XimNote) note = xim_note_decode (whole, strlen (whole), &error);
  g_assert_no_error (error);
  const XimVerifyKey *key = xim_ks_signer_public (signer);
  guint64 good = 0;
  g_assert_true (xim_note_verify (note, &key, 1, &good, &error));
  g_assert_cmpstr (xim_note_text (note), ==, text);
}

static void
assert_refuses (XimKsSigner *signer, const char *text, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_ks_signer_sign (signer, text, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static char *
server_text (XimKsSigner *signer, const char *domain, char key)
{
  g_autoptr (XimVerifyKey) verify = test_verify_key (key);
  XimServer server = {
    .origin = (char *)TEST_ORIGIN,
    .domain = (char *)domain,
    .serial = 1,
    .time_s = TEST_NOW_S,
    .key = verify,
    .log = (char *)TEST_ORIGIN "/log",
  };
  xim_ks_signer_vrf (signer, &server.vrf);
  return xim_server_encode (&server);
}

static void
test_signs_its_own (void)
{
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  g_autoptr (XimCurrent) current = test_current (account, TEST_NOW_S, "K");
  XimAbsent absent
      = { .jid = (char *)TEST_JID, .time_s = TEST_NOW_S, .size = 0 };
  xim_crypto_sha256 (NULL, 0, &absent.root);
  g_autofree char *absent_text = xim_absent_encode (&absent);
  g_autofree char *server = server_text (signer, TEST_DOMAIN, 'K');
  assert_signs (signer, account->text);
  assert_signs (signer, device->text);
  assert_signs (signer, xim_note_text (current->note));
  assert_signs (signer, absent_text);
  assert_signs (signer, server);
}

static void
test_refuses_what_is_not (void)
{
  g_autoptr (XimKsSigner) signer = signer_new ();
  const char *other = "alice@other.test";
  g_autoptr (XimAccount) account = test_account (
      (TestAccount){ .jid = other, .devices = "a", .signers = "a" });
  g_autoptr (XimDevice) device = test_device (
      (TestDevice){ .jid = other, .device = 'a', .signers = "a" });
  g_autoptr (XimCurrent) current = test_current (account, TEST_NOW_S, "K");
  g_autofree char *domain = server_text (signer, "other.test", 'K');
  g_autofree char *key = server_text (signer, TEST_DOMAIN, 'L');
  assert_refuses (signer, account->text, XIM_ERROR_WRONG_NAME);
  assert_refuses (signer, device->text, XIM_ERROR_WRONG_NAME);
  assert_refuses (signer, xim_note_text (current->note), XIM_ERROR_WRONG_NAME);
  assert_refuses (signer, domain, XIM_ERROR_WRONG_NAME);
  assert_refuses (signer, key, XIM_ERROR_WRONG_NAME);
  assert_refuses (signer, "x-im erase v1\n", XIM_ERROR_UNSUPPORTED);
  assert_refuses (signer, "keys.example.org/log\n0\nAAAA\n",
                  XIM_ERROR_UNSUPPORTED);
  assert_refuses (signer, "hello\n", XIM_ERROR_UNSUPPORTED);
  assert_refuses (signer, "x-im account v1\njid " TEST_JID "\n",
                  XIM_ERROR_MALFORMED);
  assert_refuses (signer, "x-im account v1", XIM_ERROR_MALFORMED);
  g_autofree char *more = g_strconcat (device->text, "more than that\n", NULL);
  assert_refuses (signer, more, XIM_ERROR_MALFORMED);
}

/* The line of the old key under the note of a new one, and under no other. */
static void
test_hand_over (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autofree char *first = server_text (signer, TEST_DOMAIN, 'K');
  g_autofree char *new_key = server_text (signer, TEST_DOMAIN, 'L');
  g_autofree char *serial
      = test_replace_line (new_key, "serial", "serial 2\n");
  g_autofree char *text = test_replace_line (
      serial, "previous",
      "previous 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
  g_autofree char *line = xim_ks_signer_hand_over (signer, text, &error);
  g_assert_no_error (error);
  g_autofree char *whole = g_strconcat (text, "\n", line, NULL);
  g_autoptr (XimNote) note = xim_note_decode (whole, strlen (whole), &error);
  const XimVerifyKey *key = xim_ks_signer_public (signer);
  g_assert_true (xim_note_verify (note, &key, 1, NULL, &error));
  assert_refuses (signer, text, XIM_ERROR_WRONG_NAME); /* not by the way */

  g_autofree char *domain
      = test_replace_line (text, "domain", "domain two.test\n");
  g_autofree char *origin
      = test_replace_line (text, "origin", "origin other.example.org\n");
  g_autofree char *log
      = test_replace_line (origin, "log", "log other.example.org/log\n");
  const char *const bad[] = { first, new_key, domain, log };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (xim_ks_signer_hand_over (signer, bad[i], &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME);
      g_clear_error (&error);
    }
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_assert_null (xim_ks_signer_hand_over (signer, account->text, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static void
test_next_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("xim-test-XXXXXX", NULL);
  g_autofree char *dir = g_build_filename (folder, "keys", NULL);
  g_autofree char *path = g_build_filename (dir, "ed25519", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autoptr (XimKsKeys) made = xim_ks_keys_create (dir, TEST_ORIGIN, &error);
  g_assert_no_error (error);
  g_assert_false (xim_ks_keys_has_next (dir));
  g_assert_null (xim_ks_keys_load_next (dir, TEST_ORIGIN, NULL));
  g_assert_false (xim_ks_keys_install_next (dir, NULL));
  g_assert_true (xim_ks_keys_make_next (dir, TEST_ORIGIN, &error));
  g_assert_true (xim_ks_keys_has_next (dir));
  g_autoptr (XimKsKeys) next
      = xim_ks_keys_load_next (dir, TEST_ORIGIN, &error);
  g_assert_no_error (error);
  g_assert_false (xim_verify_key_equal (xim_sign_key_public (made->sign),
                                        xim_sign_key_public (next->sign)));

  /* Another name shows what becomes of the old file's bytes. */
  g_assert_cmpint (linkat (AT_FDCWD, path, AT_FDCWD, link, 0), ==, 0);
  g_assert_true (xim_ks_keys_install_next (dir, &error));
  g_assert_false (xim_ks_keys_has_next (dir));
  g_autoptr (XimKsKeys) now = xim_ks_keys_load (dir, TEST_ORIGIN, &error);
  g_assert_true (xim_verify_key_equal (xim_sign_key_public (now->sign),
                                       xim_sign_key_public (next->sign)));
  g_autofree char *old = NULL;
  gsize len = 0;
  g_assert_true (g_file_get_contents (link, &old, &len, NULL));
  g_assert_cmpuint (len, ==, 45);
  for (gsize i = 0; i < len; i++)
    g_assert_cmpint (old[i], ==, 0);
  g_unlink (link);
  const char *const names[]
      = { "ed25519", "vrf", "members", "component-secret" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (dir, names[i], NULL);
      g_assert_cmpint (g_unlink (file), ==, 0);
    }
  g_assert_cmpint (g_rmdir (dir), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_key_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("xim-test-XXXXXX", NULL);
  g_autofree char *dir = g_build_filename (folder, "keys", NULL);
  g_autoptr (XimKsKeys) made = xim_ks_keys_create (dir, TEST_ORIGIN, &error);
  g_assert_no_error (error);
  g_assert_null (xim_ks_keys_create (dir, TEST_ORIGIN, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_CONFLICT);
  g_clear_error (&error);
  g_autoptr (XimKsKeys) loaded = xim_ks_keys_load (dir, TEST_ORIGIN, &error);
  g_assert_no_error (error);
  g_assert_true (xim_verify_key_equal (xim_sign_key_public (made->sign),
                                       xim_sign_key_public (loaded->sign)));

  /* Of an installation from before there was one. */
  g_autofree char *members = g_build_filename (dir, "members", NULL);
  g_assert_cmpmem (xim_secret_peek (loaded->members), XIM_KEY_LEN,
                   xim_secret_peek (made->members), XIM_KEY_LEN);
  g_assert_cmpint (g_unlink (members), ==, 0);
  g_autoptr (XimKsKeys) old = xim_ks_keys_load (dir, TEST_ORIGIN, &error);
  g_assert_no_error (error);
  g_assert_null (old->members);
  g_assert_true (xim_ks_keys_complete (old, dir, &error));
  g_assert_true (xim_ks_keys_complete (old, dir, &error));
  g_autoptr (XimKsKeys) again = xim_ks_keys_load (dir, TEST_ORIGIN, &error);
  g_assert_cmpmem (xim_secret_peek (again->members), XIM_KEY_LEN,
                   xim_secret_peek (old->members), XIM_KEY_LEN);

  static const char *const names[]
      = { "ed25519", "vrf", "members", "component-secret" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);
      struct stat st;
      g_assert_cmpint (stat (path, &st), ==, 0);
      g_assert_cmpint (st.st_mode & 07777, ==, 0600);
      g_assert_cmpint (g_chmod (path, 0604), ==, 0);
      g_assert_null (xim_ks_keys_read_secret (path, 100, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
      g_clear_error (&error);
      g_assert_cmpint (g_chmod (path, 0600), ==, 0);
      g_assert_null (xim_ks_keys_read_secret (path, 10, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_clear_error (&error);
      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_null (xim_ks_keys_load (dir, TEST_ORIGIN, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
  g_assert_null (xim_ks_keys_read_secret (folder, 10, NULL));
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static char *
write_config (const char *folder, const char *text)
{
  char *path = g_build_filename (folder, "keyserver.conf", NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
assert_config_refused (const char *folder, const char *text, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = write_config (folder, text);
  g_assert_null (xim_ks_config_load (path, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
  g_unlink (path);
}

#define NAMES "[keyserver]\ndomain=example.org\norigin=keys.example.org\n"

static void
test_config (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("xim-test-XXXXXX", NULL);
  g_autofree char *path = write_config (
      folder, NAMES "[limits]\nversions-per-day=3\n[log]\ndebug=true\n");
  g_autoptr (XimKsConfig) config = xim_ks_config_load (path, &error);
  g_assert_no_error (error);
  g_autofree char *keys = g_build_filename (folder, "keys", NULL);
  g_assert_cmpstr (config->keys, ==, keys);
  g_assert_cmpuint (config->versions_per_day, ==, 3);
  g_assert_cmpuint (config->body_bytes, ==, XIM_REGISTRATION_MAX);
  g_assert_true (config->log_debug);
  g_assert_false (config->log_addresses);

  g_autofree char *text = xim_ks_config_encode (config);
  g_autofree char *again = write_config (folder, text);
  g_autoptr (XimKsConfig) same = xim_ks_config_load (again, &error);
  g_assert_no_error (error);
  g_autofree char *same_text = xim_ks_config_encode (same);
  g_assert_cmpstr (same_text, ==, text);
  g_unlink (path);
  g_assert_null (xim_ks_config_load (path, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);

  XimError bad = XIM_ERROR_MALFORMED;
  assert_config_refused (folder, "", bad);
  assert_config_refused (folder, "domain=example.org\n", bad);
  assert_config_refused (folder, NAMES "[limit]\nqueue=1\n", bad);
  assert_config_refused (folder, NAMES "[limits]\nqeue=1\n", bad);
  assert_config_refused (folder, NAMES "[limits]\nqueue=0\n", bad);
  assert_config_refused (folder, NAMES "[limits]\nqueue=1000001\n", bad);
  assert_config_refused (folder, NAMES "[limits]\nqueue=-1\n", bad);
  assert_config_refused (folder, NAMES "[limits]\nqueue=ten\n", bad);
  assert_config_refused (folder, NAMES "[log]\ndebug=yes\n", bad);
  assert_config_refused (folder, NAMES "[http]\nkey=\n", bad);
  assert_config_refused (
      folder, "[keyserver]\ndomain=Example.org\norigin=keys.example.org\n",
      bad);
  assert_config_refused (
      folder, "[keyserver]\ndomain=example.org\norigin=keys_example\n", bad);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Whatever the name of a file has in it is written so that it is read again;
 * what cannot be read is refused, and not taken for a setting left out. */
static void
test_config_escapes (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("xim-test-XXXXXX", NULL);
  g_autofree char *path = write_config (folder, NAMES "keys=/a\\\\b\\nc\\t\n");
  g_autoptr (XimKsConfig) config = xim_ks_config_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (config->keys, ==, "/a\\b\nc\t");
  g_autofree char *text = xim_ks_config_encode (config);
  g_autofree char *again = write_config (folder, text);
  g_autoptr (XimKsConfig) same = xim_ks_config_load (again, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (same->keys, ==, config->keys);

  XimError bad = XIM_ERROR_MALFORMED;
  assert_config_refused (folder, NAMES "[http]\nthreads=\\x\n", bad);
  assert_config_refused (folder, NAMES "[http]\nlisten=\xff\n", bad);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/ks-signer/signs-its-own", test_signs_its_own);
  g_test_add_func ("/ks-signer/refuses-what-is-not", test_refuses_what_is_not);
  g_test_add_func ("/ks-signer/hand-over", test_hand_over);
  g_test_add_func ("/ks-keys/files", test_key_files);
  g_test_add_func ("/ks-keys/next", test_next_key);
  g_test_add_func ("/ks-config/all", test_config);
  g_test_add_func ("/ks-config/escapes", test_config_escapes);
  return g_test_run ();
}
