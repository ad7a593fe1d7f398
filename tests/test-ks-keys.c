/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-keys.c, ks-pen.c and ks-config.c. */

#include "config.h"

#include "ks-pen.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-config.h"
#include "test-notes.h"

static XimKsPen *
pen_new (void)
{
  XimKsKeys *keys = g_new0 (XimKsKeys, 1);
  keys->sign = test_sign_key ('K');
  keys->vrf = xim_crypto_vrf_generate ();
  return xim_ks_pen_new (TEST_DOMAIN, keys);
}

static char *
server_text (XimKsPen *pen, const char *domain, char key)
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
  xim_ks_pen_vrf (pen, &server.vrf);
  return xim_server_encode (&server);
}

static void
assert_signed (XimKsPen *pen, const char *text, const char *whole)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = xim_note_decode (whole, strlen (whole), &error);
  g_assert_no_error (error);
  const XimVerifyKey *key = xim_ks_pen_public (pen);
  g_assert_true (xim_note_verify (note, &key, 1, NULL, &error));
  g_assert_cmpstr (xim_note_text (note), ==, text);
}

static void
assert_refuses (XimKsPen *pen,
                char *(*sign) (XimKsPen *pen, const char *text,
                               GError **error),
                const char *text, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (sign (pen, text, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_server (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsPen) pen = pen_new ();
  g_autofree char *text = server_text (pen, TEST_DOMAIN, 'K');
  g_autofree char *whole = xim_ks_pen_server (pen, text, &error);
  g_assert_no_error (error);
  assert_signed (pen, text, whole);

  g_autofree char *domain = server_text (pen, "other.test", 'K');
  g_autofree char *key = server_text (pen, TEST_DOMAIN, 'L');
  g_autofree char *log
      = test_replace_line (text, "log", "log " TEST_ORIGIN "/log2\n");
  g_autoptr (XimKsPen) other = pen_new (); /* another VRF key */
  g_autofree char *vrf = server_text (other, TEST_DOMAIN, 'K');
  const char *const bad[] = { domain, key, log, vrf };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refuses (pen, xim_ks_pen_server, bad[i],
                    i == 2 ? XIM_ERROR_MALFORMED : XIM_ERROR_WRONG_NAME);
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  assert_refuses (pen, xim_ks_pen_server, account->text, XIM_ERROR_MALFORMED);
}

/* The line of the old key under the note of a new one, and under no other. */
static void
test_hand_over (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsPen) pen = pen_new ();
  g_autofree char *first = server_text (pen, TEST_DOMAIN, 'K');
  g_autofree char *new_key = server_text (pen, TEST_DOMAIN, 'L');
  g_autofree char *serial
      = test_replace_line (new_key, "serial", "serial 2\n");
  g_autofree char *text = test_replace_line (
      serial, "previous",
      "previous 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
  g_autofree char *line = xim_ks_pen_hand_over (pen, text, &error);
  g_assert_no_error (error);
  g_autofree char *whole = g_strconcat (text, "\n", line, NULL);
  assert_signed (pen, text, whole);
  assert_refuses (pen, xim_ks_pen_server, text, XIM_ERROR_WRONG_NAME);

  g_autofree char *domain
      = test_replace_line (text, "domain", "domain two.test\n");
  g_autofree char *origin
      = test_replace_line (text, "origin", "origin other.example.org\n");
  g_autofree char *log
      = test_replace_line (origin, "log", "log other.example.org/log\n");
  const char *const bad[] = { first, new_key, domain, log };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refuses (pen, xim_ks_pen_hand_over, bad[i], XIM_ERROR_WRONG_NAME);
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  assert_refuses (pen, xim_ks_pen_hand_over, account->text,
                  XIM_ERROR_MALFORMED);
}

/* What the key before has signed, of whatever version. */
static void
test_again (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsPen) pen = pen_new ();
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) account = test_account ((TestAccount){
      .before = first, .version = 7, .devices = "a", .signers = "a" });
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  const char *const good[] = { account->text, device->text };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *line = xim_ks_pen_again (pen, good[i], &error);
      g_assert_no_error (error);
      g_autofree char *whole = g_strconcat (good[i], "\n", line, NULL);
      assert_signed (pen, good[i], whole);
    }
  g_autoptr (XimCurrent) current = test_current (account, TEST_NOW_S, "K");
  g_autoptr (XimAccount) other = test_account ((TestAccount){
      .jid = "alice@other.test", .devices = "a", .signers = "a" });
  g_autofree char *server = server_text (pen, TEST_DOMAIN, 'K');
  assert_refuses (pen, xim_ks_pen_again, xim_note_text (current->note),
                  XIM_ERROR_UNSUPPORTED);
  assert_refuses (pen, xim_ks_pen_again, other->text, XIM_ERROR_WRONG_NAME);
  assert_refuses (pen, xim_ks_pen_again, server, XIM_ERROR_UNSUPPORTED);
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

  const XimVerifyKey *old_key = xim_sign_key_public (made->sign);
  g_autoptr (XimKsKeys) old_one
      = xim_ks_keys_load_newest (dir, old_key, &error);
  g_assert_no_error (error);
  g_assert_true (xim_ks_keys_has_next (dir)); /* not yet its turn */
  g_autoptr (XimVerifyKey) other = test_verify_key ('L');
  g_assert_null (xim_ks_keys_load_newest (dir, other, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
  g_clear_error (&error);

  /* Another name shows what becomes of the old file's bytes. */
  g_assert_cmpint (linkat (AT_FDCWD, path, AT_FDCWD, link, 0), ==, 0);
  g_autoptr (XimKsKeys) newest = xim_ks_keys_load_newest (
      dir, xim_sign_key_public (next->sign), &error);
  g_assert_no_error (error);
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
  g_autoptr (XimSecret) new_members = xim_ks_keys_load_members (dir, &error);
  g_assert_no_error (error);
  g_autoptr (XimSecret) same = xim_ks_keys_load_members (dir, &error);
  g_autoptr (XimKsKeys) again = xim_ks_keys_load (dir, TEST_ORIGIN, &error);
  g_assert_cmpmem (xim_secret_peek (again->members), XIM_KEY_LEN,
                   xim_secret_peek (new_members), XIM_KEY_LEN);
  g_assert_cmpmem (xim_secret_peek (same), XIM_KEY_LEN,
                   xim_secret_peek (new_members), XIM_KEY_LEN);

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
  g_test_add_func ("/ks-pen/server", test_server);
  g_test_add_func ("/ks-pen/hand-over", test_hand_over);
  g_test_add_func ("/ks-pen/again", test_again);
  g_test_add_func ("/ks-keys/files", test_key_files);
  g_test_add_func ("/ks-keys/next", test_next_key);
  g_test_add_func ("/ks-config/all", test_config);
  g_test_add_func ("/ks-config/escapes", test_config_escapes);
  return g_test_run ();
}
