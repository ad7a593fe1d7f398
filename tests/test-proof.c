/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-proof.c. */

#include "config.h"

#include "xim-proof.h"

#include "test-logs.h"
#include "xim-codec.h"
#include "xim-error.h"

/* Alice's first version behind nine others, as a file. */
typedef struct
{
  XimServer *server;
  XimAccount *account;
  XimLogged *logged;
  char *file;
} World;

static XimServer *
make_server (char key_letter, char vrf_letter, const char *signers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) key = test_verify_key (key_letter);
  XimServer spec = { .origin = (char *)TEST_ORIGIN,
                     .domain = (char *)TEST_DOMAIN,
                     .serial = 1,
                     .time_s = TEST_NOW_S,
                     .key = key,
                     .vrf = test_vrf_public (vrf_letter),
                     .log = (char *)TEST_LOG_ORIGIN };
  g_autofree char *text = xim_server_encode (&spec);
  g_autoptr (XimNote) note = test_note (text, signers);
  XimServer *server = xim_server_decode (note, &error);
  g_assert_no_error (error);
  return server;
}

static void
world_setup (World *world, gconstpointer data G_GNUC_UNUSED)
{
  world->server = make_server ('S', 'V', "S");
  world->account
      = test_account ((TestAccount){ .devices = "ab", .signers = "abS" });
  world->logged = test_log_account (world->account, 9);
  world->file
      = xim_proof_encode (world->server, world->account, world->logged);
}

static void
world_teardown (World *world, gconstpointer data G_GNUC_UNUSED)
{
  xim_server_free (world->server);
  xim_account_free (world->account);
  xim_logged_free (world->logged);
  g_free (world->file);
}

/* @code: a code of XimError, or -1 where it proves */
static void
check (const char *file, char log_letter, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) log = test_log_public (log_letter);
  g_autoptr (XimProof) proof = xim_proof_decode (file, strlen (file), &error);
  g_assert_no_error (error);
  XimLogPlace place;
  g_assert_true (xim_proof_check (proof, log, &place, &error) == (code == -1));
  if (code != -1)
    g_assert_error (error, XIM_ERROR, code);
}

/* The same with what @world holds now. */
static void
check_world (const World *world, int code)
{
  g_autofree char *file
      = xim_proof_encode (world->server, world->account, world->logged);
  check (file, 'S', code);
}

static void
test_proves (World *world, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) log = test_log_public ('S');
  g_autoptr (XimProof) proof
      = xim_proof_decode (world->file, strlen (world->file), &error);
  g_assert_no_error (error);
  XimLogPlace place;
  xim_proof_check (proof, log, &place, &error);
  g_assert_no_error (error);
  const XimEntry expected = test_entry (world->account);
  g_assert_cmpmem (&place.entry, sizeof place.entry, &expected,
                   sizeof expected);
  g_assert_cmpuint (place.leaf, ==, 10);
  g_assert_cmpstr (proof->account->jid, ==, TEST_JID);
  g_assert_true (
      g_str_has_prefix (world->file, "c2sp.org/tlog-proof@v1\nextra "));
  g_assert_nonnull (strstr (world->file, "\nindex 10\n"));
  xim_proof_free (NULL);
}

static void
test_refuses_keys (World *world, gconstpointer data G_GNUC_UNUSED)
{
  check (world->file, 'T', XIM_ERROR_WRONG_NAME);
  xim_server_free (world->server);
  world->server = make_server ('T', 'V', "T");
  check_world (world, XIM_ERROR_WRONG_NAME);
  xim_server_free (world->server);
  world->server = make_server ('S', 'V', "T");
  check_world (world, XIM_ERROR_SIGNATURE);
  xim_server_free (world->server);
  world->server = make_server ('S', 'W', "S");
  check_world (world, XIM_ERROR_NOT_LOGGED);
}

static void
test_refuses_account (World *world, gconstpointer data G_GNUC_UNUSED)
{
  xim_account_free (world->account);
  world->account
      = test_account ((TestAccount){ .devices = "ab", .signers = "ab" });
  check_world (world, XIM_ERROR_SIGNATURE);
  xim_account_free (world->account);
  world->account
      = test_account ((TestAccount){ .devices = "ab", .signers = "aS" });
  check_world (world, XIM_ERROR_SIGNATURE);
  xim_account_free (world->account);
  world->account
      = test_account ((TestAccount){ .devices = "ac", .signers = "acS" });
  check_world (world, XIM_ERROR_NOT_LOGGED);
  xim_account_free (world->account);
  world->account = test_account ((TestAccount){
      .jid = "alice@example.com", .devices = "a", .signers = "aS" });
  check_world (world, XIM_ERROR_WRONG_NAME);
}

static void
test_refuses_leaf (World *world, gconstpointer data G_GNUC_UNUSED)
{
  world->logged->leaf = 9;
  check_world (world, XIM_ERROR_NOT_LOGGED);
  world->logged->leaf = 10;
  world->logged->inclusion.hashes[0].bytes[0] ^= 1;
  check_world (world, XIM_ERROR_NOT_LOGGED);
}

static void
refuses (const char *file, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_proof_decode (file, strlen (file), &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

/* The line that begins with @start is @with instead. */
static void
refuses_line (const World *world, const char *start, const char *with,
              XimError code)
{
  const char *at = strstr (world->file, start);
  g_assert_nonnull (at);
  g_autofree char *head = g_strndup (world->file, (gsize)(at - world->file));
  g_autofree char *file
      = g_strconcat (head, with, strchr (at, '\n') + 1, NULL);
  refuses (file, code);
}

static void
test_decode_refuses (World *world, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_proof_decode (NULL, 0, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  refuses ("", XIM_ERROR_MALFORMED);
  refuses_line (world, "c2sp", "", XIM_ERROR_MALFORMED);
  refuses_line (world, "c2sp", "c2sp.org/tlog-proof@v2\n",
                XIM_ERROR_UNSUPPORTED);
  refuses_line (world, "extra ", "", XIM_ERROR_MALFORMED);
  refuses_line (world, "extra ", "extra \n", XIM_ERROR_MALFORMED);
  refuses_line (world, "extra ", "extra !\n", XIM_ERROR_MALFORMED);
  refuses_line (world, "extra ", "extra AQ==\n", XIM_ERROR_MALFORMED);
  refuses_line (world, "extra ", "extra Ag==\n", XIM_ERROR_UNSUPPORTED);
  refuses_line (world, "index ", "", XIM_ERROR_MALFORMED);
  refuses_line (world, "index ", "index\n", XIM_ERROR_MALFORMED);
  refuses_line (world, "index ", "index 010\n", XIM_ERROR_MALFORMED);
  refuses_line (world, "index ", "index -1\n", XIM_ERROR_MALFORMED);
  refuses_line (world, "index ", "index 10\nAAAA\n", XIM_ERROR_MALFORMED);
  refuses_line (world, TEST_LOG_ORIGIN, "", XIM_ERROR_MALFORMED);
  g_autofree char *cut = g_strndup (world->file, strlen (world->file) - 1);
  refuses (cut, XIM_ERROR_MALFORMED);
  g_autofree char *huge = g_strnfill (XIM_PROOF_FILE_MAX + 1, 'x');
  refuses (huge, XIM_ERROR_TOO_LARGE);
}

/* A proof of as many hashes as are read, and one more. */
static void
test_decode_refuses_many (World *world, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  world->logged->inclusion.n = XIM_TREE_PROOF_MAX;
  g_free (world->file);
  world->file
      = xim_proof_encode (world->server, world->account, world->logged);
  g_autoptr (XimProof) most
      = xim_proof_decode (world->file, strlen (world->file), &error);
  g_assert_no_error (error);
  refuses_line (world, "index ",
                "index 10\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                XIM_ERROR_TOO_LARGE);
}

/* A byte behind what the extra data says. */
static void
test_decode_refuses_rest (World *world, gconstpointer data G_GNUC_UNUSED)
{
  const char *value = strstr (world->file, "extra ") + strlen ("extra ");
  g_autoptr (GBytes) bytes = xim_codec_base64_decode (
      value, strcspn (value, "\n"), XIM_PROOF_FILE_MAX, NULL);
  g_autoptr (GByteArray) more = g_byte_array_new ();
  gsize len;
  const guint8 *data_bytes = g_bytes_get_data (bytes, &len);
  g_byte_array_append (more, data_bytes, (guint)len);
  g_byte_array_append (more, (const guint8 *)"", 1);
  g_autofree char *base64 = xim_codec_base64_encode (more->data, more->len);
  g_autofree char *line = g_strdup_printf ("extra %s\n", base64);
  refuses_line (world, "extra ", line, XIM_ERROR_MALFORMED);
}

#define ADD(path, test)                                                       \
  g_test_add (path, World, NULL, world_setup, test, world_teardown)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("/proof/proves", test_proves);
  ADD ("/proof/refuses-keys", test_refuses_keys);
  ADD ("/proof/refuses-account", test_refuses_account);
  ADD ("/proof/refuses-leaf", test_refuses_leaf);
  ADD ("/proof/decode/refuses", test_decode_refuses);
  ADD ("/proof/decode/refuses-too-many", test_decode_refuses_many);
  ADD ("/proof/decode/refuses-rest", test_decode_refuses_rest);
  return g_test_run ();
}
