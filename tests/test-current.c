/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-current.c. */

#include "config.h"

#include "xim-current.h"

#include "test-served.h"

#define TEXT                                                                  \
  "x-im current v1\njid alice@example.org\nversion 2\n"                       \
  "account EMXV3NF1BymCxBNCHVexDkr3TZ/xgW/eKG/sXWNp6HY=\n"                    \
  "time 2026-11-23T10:00:00Z\n"

static gpointer
decode (const XimNote *note, GError **error)
{
  return xim_current_decode (note, error);
}

static gboolean
check (gconstpointer decoded, const char *jid, const XimVerifyKey *server,
       gint64 now_s, GError **error)
{
  return xim_current_check (decoded, jid, server, now_s, error);
}

static void
free_decoded (gpointer decoded)
{
  xim_current_free (decoded);
}

static const TestServed kind = { TEXT, decode, check, free_decoded, 86400 };

static XimCurrent *
make (const char *text, const char *signers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = test_note (text, signers);
  XimCurrent *current = xim_current_decode (note, &error);
  g_assert_no_error (error);
  return current;
}

static void
test_decode (void)
{
  g_autoptr (XimCurrent) current = make (TEXT, "S");
  g_assert_cmpstr (current->jid, ==, TEST_JID);
  g_assert_cmpuint (current->version, ==, 2);
  g_assert_cmpuint (current->account.bytes[0], ==, 0x10);
  g_assert_cmpint (current->time_s, ==, TEST_NOW_S);
  g_autofree char *text = xim_current_encode (current);
  g_assert_cmpstr (text, ==, TEXT);
  xim_current_free (NULL);
}

static void
test_decode_refuses (void)
{
  static const TestBadLine bad[] = {
    { "jid", "jid alice\n" },
    { "version", "version 0\n" },
    { "version", "" },
    { "account", "account -\n" },
    { "account", "account AAAA\n" },
    { "time", "time now\n" },
    { "time", "time 2026-11-23T10:00:00Z\nx y\n" },
  };
  test_served_refuses_lines (&kind, bad, G_N_ELEMENTS (bad),
                             "x-im current v2\n");
}

static void
test_check (void)
{
  test_served_checks (&kind);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/current/decode/accepts", test_decode);
  g_test_add_func ("/current/decode/refuses", test_decode_refuses);
  g_test_add_func ("/current/check", test_check);
  return g_test_run ();
}
