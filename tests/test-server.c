/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-server.c. */

#include "config.h"

#include "xim-server.h"

#include "test-notes.h"
#include "xim-error.h"

#define LOG TEST_ORIGIN "/log"

/* A server note with the key of @letter after @before; @with stands instead of
 * its line @line. */
static XimServer *
make (char letter, const XimServer *before, const char *line, const char *with,
      const char *signers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) key = test_verify_key (letter);
  g_autoptr (XimSecret) vrf = xim_secret_new (XIM_KEY_LEN);
  xim_secret_data (vrf)[0] = 7;
  XimServer server = { .origin = (char *)TEST_ORIGIN,
                       .domain = (char *)TEST_DOMAIN,
                       .serial = before != NULL ? before->serial + 1 : 1,
                       .has_previous = before != NULL,
                       .time_s = TEST_NOW_S,
                       .key = key,
                       .log = (char *)LOG };
  if (before != NULL)
    server.previous = before->hash;
  xim_crypto_vrf_public (vrf, &server.vrf);
  g_autofree char *text = xim_server_encode (&server);
  g_autofree char *edited
      = line != NULL ? test_replace_line (text, line, with) : g_strdup (text);
  g_autoptr (XimNote) note = test_note (edited, signers);
  XimServer *decoded = xim_server_decode (note, &error);
  g_assert_no_error (error);
  return decoded;
}

static void
test_decode (void)
{
  g_autoptr (XimServer) first = make ('S', NULL, NULL, NULL, "S");
  g_assert_cmpstr (first->origin, ==, TEST_ORIGIN);
  g_assert_cmpstr (first->domain, ==, TEST_DOMAIN);
  g_assert_cmpuint (first->serial, ==, 1);
  g_assert_false (first->has_previous);
  g_assert_cmpint (first->time_s, ==, TEST_NOW_S);
  g_assert_cmpstr (first->key->name, ==, TEST_ORIGIN);
  g_assert_cmpstr (first->log, ==, LOG);
  XimHash hash;
  xim_note_hash (first->note, &hash);
  g_assert_cmpmem (hash.bytes, 32, first->hash.bytes, 32);
  g_autoptr (XimServer) second = make ('T', first, NULL, NULL, "T");
  g_assert_true (second->has_previous);
  g_autofree char *text = xim_server_encode (second);
  g_assert_cmpstr (text, ==, second->text);
  xim_server_free (NULL);

  /* The domain is Unicode, the origin ASCII. */
  g_autoptr (XimServer) domain = make ('S', NULL, "domain",
                                       "domain b\xc3\xbc"
                                       "cher.example\n",
                                       "S");
  g_assert_cmpstr (domain->domain, ==,
                   "b\xc3\xbc"
                   "cher.example");
}

static void
test_log_key (void)
{
  g_autoptr (XimServer) server = make ('S', NULL, NULL, NULL, "S");
  g_autoptr (XimVerifyKey) key = xim_server_log_key (server);
  g_assert_cmpstr (key->name, ==, LOG);
  g_assert_cmpmem (key->key.bytes, 32, server->key->key.bytes, 32);
  g_assert_false (xim_verify_key_equal (key, server->key));
}

static void
test_decode_refuses (void)
{
  g_autoptr (XimServer) server = make ('S', NULL, NULL, NULL, "S");
  const struct
  {
    const char *line;
    const char *with;
    XimError code;
  } bad[] = {
    { "origin", "origin Keys.example.org\n", XIM_ERROR_MALFORMED },
    { "origin",
      "origin keys.b\xc3\xbc"
      "cher.example\n",
      XIM_ERROR_MALFORMED },
    { "origin", "origin keys.example.org:443\n", XIM_ERROR_MALFORMED },
    { "origin", "", XIM_ERROR_MALFORMED },
    { "domain", "domain example.org.\n", XIM_ERROR_MALFORMED },
    { "domain", "domain xn--bcher-kva.example\n", XIM_ERROR_MALFORMED },
    { "serial", "serial 0\n", XIM_ERROR_MALFORMED },
    { "serial", "serial 2\n", XIM_ERROR_MALFORMED },
    { "previous",
      "previous "
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
      XIM_ERROR_MALFORMED },
    { "time", "time 1969-12-31T23:59:59Z\n", XIM_ERROR_MALFORMED },
    { "key", "key ed448 AAAA\n", XIM_ERROR_UNSUPPORTED },
    { "key", "key ed25519 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
      XIM_ERROR_MALFORMED },
    { "vrf", "vrf p256 AAAA\n", XIM_ERROR_UNSUPPORTED },
    { "vrf", "vrf ristretto255 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
      XIM_ERROR_MALFORMED },
    { "vrf", "vrf ristretto255 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
      XIM_ERROR_MALFORMED }, /* no element */
    { "log", "log keys.example.org\n", XIM_ERROR_MALFORMED },
    { "log", "", XIM_ERROR_MALFORMED },
    { "log", "log /log\n", XIM_ERROR_MALFORMED },
    { "log", "log keys.example.org/log/\n", XIM_ERROR_MALFORMED },
    { "log", "log Keys.example.org/log\n", XIM_ERROR_MALFORMED },
    { "log", "log keys.example.org/log\nx y\n", XIM_ERROR_MALFORMED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text
          = test_replace_line (server->text, bad[i].line, bad[i].with);
      if (xim_server_decode_text (text, &error) != NULL)
        g_error ("accepted:\n%s", text);
      g_assert_error (error, XIM_ERROR, (int)bad[i].code);
    }
}

static void
accepts (const XimServer *server, const XimServer *pinned)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = xim_server_check (server, TEST_DOMAIN, pinned, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
refuses (const XimServer *server, const XimServer *pinned, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (xim_server_check (server, TEST_DOMAIN, pinned, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_check_first (void)
{
  g_autoptr (XimServer) first = make ('S', NULL, NULL, NULL, "S");
  accepts (first, NULL);
  accepts (first, first);
  g_autoptr (XimServer) other
      = make ('S', NULL, "domain", "domain example.com\n", "S");
  refuses (other, NULL, XIM_ERROR_WRONG_NAME);
  g_autoptr (XimServer) foreign = make ('S', NULL, NULL, NULL, "T");
  refuses (foreign, NULL, XIM_ERROR_SIGNATURE);
  g_autoptr (XimServer) device = make ('S', NULL, NULL, NULL, "a");
  refuses (device, NULL, XIM_ERROR_SIGNATURE);
}

static void
test_check_successor (void)
{
  g_autoptr (XimServer) first = make ('S', NULL, NULL, NULL, "S");
  g_autoptr (XimServer) second = make ('T', first, NULL, NULL, "TS");
  g_autoptr (XimServer) third = make ('U', second, NULL, NULL, "TU");
  accepts (second, first);
  accepts (third, second);
  accepts (third, NULL); /* first use pins the newest */
  /* The same key once more, for example with a new time. */
  g_autoptr (XimServer) same_key = make ('S', first, NULL, NULL, "S");
  accepts (same_key, first);

  refuses (third, first, XIM_ERROR_KEY_CHANGED);  /* walk, do not skip */
  refuses (first, second, XIM_ERROR_KEY_CHANGED); /* a lower one */
  g_autoptr (XimServer) silent = make ('T', first, NULL, NULL, "T");
  refuses (silent, first, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimServer) unsigned_new = make ('T', first, NULL, NULL, "S");
  refuses (unsigned_new, first, XIM_ERROR_SIGNATURE);
  g_autoptr (XimServer) fork = make ('T', NULL, NULL, NULL, "TS");
  refuses (fork, first, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimServer) other_hash = make ('U', fork, NULL, NULL, "US");
  refuses (other_hash, first, XIM_ERROR_KEY_CHANGED);
}

static void
test_check_refuses_changes (void)
{
  g_autoptr (XimServer) first = make ('S', NULL, NULL, NULL, "S");
  g_autoptr (XimServer) log
      = make ('T', first, "log", "log other.example.org/log\n", "TS");
  accepts (log, NULL);
  refuses (log, first, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimServer) vrf = make (
      'T', first, "vrf",
      "vrf ristretto255 YJ0qQmbZAH5zZc+B8ESkHTLUVBHfp2xw1YEjSFg6byM=\n", "TS");
  refuses (vrf, first, XIM_ERROR_KEY_CHANGED);

  /* Another origin: the lines are under the old name, which it does not
   * know as its own. */
  g_autoptr (XimServer) origin
      = make ('T', first, "origin", "origin other.example.org\n", "TS");
  refuses (origin, first, XIM_ERROR_SIGNATURE);

  /* The pinned note is of another domain than the one asked for. */
  g_autoptr (XimServer) pinned
      = make ('S', NULL, "domain", "domain example.com\n", "S");
  g_autoptr (XimServer) domain = make ('T', pinned, NULL, NULL, "TS");
  refuses (domain, pinned, XIM_ERROR_KEY_CHANGED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/server/decode/accepts", test_decode);
  g_test_add_func ("/server/decode/refuses", test_decode_refuses);
  g_test_add_func ("/server/log-key", test_log_key);
  g_test_add_func ("/server/check/first", test_check_first);
  g_test_add_func ("/server/check/successor", test_check_successor);
  g_test_add_func ("/server/check/refuses-changes",
                   test_check_refuses_changes);
  return g_test_run ();
}
