/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-absent.c. */

#include "config.h"

#include "xim-absent.h"

#include "test-served.h"

#define EMPTY_ROOT "root 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
#define TEXT                                                                  \
  "x-im absent v1\njid alice@example.org\ntime 2026-11-23T10:00:00Z\n"        \
  "size 0\n" EMPTY_ROOT

static gpointer
decode (const XimNote *note, GError **error)
{
  return xim_absent_decode (note, error);
}

static gboolean
check (gconstpointer decoded, const char *jid, const XimVerifyKey *server,
       gint64 now_s, GError **error)
{
  return xim_absent_check (decoded, jid, server, now_s, error);
}

static void
free_decoded (gpointer decoded)
{
  xim_absent_free (decoded);
}

static const TestServed kind = { TEXT, decode, check, free_decoded, 600 };

static XimAbsent *
make (const char *text, const char *signers)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = test_note (text, signers);
  XimAbsent *absent = xim_absent_decode (note, &error);
  g_assert_no_error (error);
  return absent;
}

static void
test_decode (void)
{
  g_autoptr (XimAbsent) absent = make (TEXT, "S");
  g_assert_cmpstr (absent->jid, ==, TEST_JID);
  g_assert_cmpint (absent->time_s, ==, TEST_NOW_S);
  g_assert_cmpuint (absent->size, ==, 0);
  g_autofree char *text = xim_absent_encode (absent);
  g_assert_cmpstr (text, ==, TEXT);

  g_autofree char *most
      = test_replace_line (TEXT, "size", "size 9007199254740991\n");
  g_autofree char *any = test_replace_line (
      most, "root", "root AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
  g_autoptr (XimAbsent) largest = make (any, "S");
  g_assert_cmpuint (largest->size, ==, XIM_TREE_SIZE_MAX - 1);
  g_autofree char *again = xim_absent_encode (largest);
  g_assert_cmpstr (again, ==, any);
  xim_absent_free (NULL);
}

static void
test_decode_refuses (void)
{
  static const TestBadLine bad[] = {
    { "jid", "jid example.org\n" },
    { "time", "" },
    { "size", "size 01\n" },
    { "size", "size -1\n" },
    { "size", "size 9007199254740992\n" },
    { "root", "" },
    { "root", "root AAAA\n" },
    { "root", "root AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" },
    { "root", EMPTY_ROOT EMPTY_ROOT },
  };
  test_served_refuses_lines (&kind, bad, G_N_ELEMENTS (bad),
                             "x-im absent v2\n");
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
  g_test_add_func ("/absent/decode/accepts", test_decode);
  g_test_add_func ("/absent/decode/refuses", test_decode_refuses);
  g_test_add_func ("/absent/check", test_check);
  return g_test_run ();
}
