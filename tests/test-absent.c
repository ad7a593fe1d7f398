/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-absent.c. */

#include "config.h"

#include "xim-absent.h"

#include "test-notes.h"
#include "xim-error.h"

#define EMPTY_ROOT "root 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
#define TEXT                                                                  \
  "x-im absent v1\njid alice@example.org\ntime 2026-11-23T10:00:00Z\n"        \
  "size 0\n" EMPTY_ROOT

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
  const struct
  {
    const char *line;
    const char *with;
  } bad[] = {
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
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text
          = test_replace_line (TEXT, bad[i].line, bad[i].with);
      g_autoptr (XimNote) note = test_note (text, "S");
      g_assert_null (xim_absent_decode (note, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = test_note ("x-im absent v2\n", "S");
  g_assert_null (xim_absent_decode (note, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED);
}

static gboolean
check (const XimAbsent *absent, const char *jid, gint64 now_s, GError **error)
{
  g_autoptr (XimVerifyKey) server = test_verify_key ('S');
  return xim_absent_check (absent, jid, server, now_s, error);
}

static void
accepts (const XimAbsent *absent, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = check (absent, TEST_JID, now_s, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
refuses (const XimAbsent *absent, const char *jid, gint64 now_s, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (check (absent, jid, now_s, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_check (void)
{
  g_autoptr (XimAbsent) absent = make (TEXT, "S");
  accepts (absent, TEST_NOW_S);
  accepts (absent, TEST_NOW_S + 600);
  accepts (absent, TEST_NOW_S - 600);
  refuses (absent, TEST_JID, TEST_NOW_S + 601, XIM_ERROR_EXPIRED);
  refuses (absent, TEST_JID, TEST_NOW_S - 601, XIM_ERROR_EXPIRED);
  refuses (absent, "bob@example.org", TEST_NOW_S, XIM_ERROR_WRONG_NAME);
  g_autoptr (XimAbsent) other = make (TEXT, "T");
  refuses (other, TEST_JID, TEST_NOW_S, XIM_ERROR_SIGNATURE);
  g_autoptr (XimAbsent) device = make (TEXT, "a");
  refuses (device, TEST_JID, TEST_NOW_S, XIM_ERROR_SIGNATURE);
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
