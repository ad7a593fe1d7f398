/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-current.c. */

#include "config.h"

#include "xim-current.h"

#include "test-notes.h"
#include "xim-error.h"

#define TEXT                                                                  \
  "x-im current v1\njid alice@example.org\nversion 2\n"                       \
  "account EMXV3NF1BymCxBNCHVexDkr3TZ/xgW/eKG/sXWNp6HY=\n"                    \
  "time 2026-11-23T10:00:00Z\n"

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
  const struct
  {
    const char *line;
    const char *with;
  } bad[] = {
    { "jid", "jid alice\n" },
    { "version", "version 0\n" },
    { "version", "" },
    { "account", "account -\n" },
    { "account", "account AAAA\n" },
    { "time", "time now\n" },
    { "time", "time 2026-11-23T10:00:00Z\nx y\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text
          = test_replace_line (TEXT, bad[i].line, bad[i].with);
      g_autoptr (XimNote) note = test_note (text, "S");
      g_assert_null (xim_current_decode (note, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = test_note ("x-im current v2\n", "S");
  g_assert_null (xim_current_decode (note, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED);
}

static gboolean
check (const XimCurrent *current, const char *jid, gint64 now_s,
       GError **error)
{
  g_autoptr (XimVerifyKey) server = test_verify_key ('S');
  return xim_current_check (current, jid, server, now_s, error);
}

static void
accepts (const XimCurrent *current, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = check (current, TEST_JID, now_s, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
refuses (const XimCurrent *current, const char *jid, gint64 now_s,
         XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (check (current, jid, now_s, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_check (void)
{
  g_autoptr (XimCurrent) current = make (TEXT, "S");
  accepts (current, TEST_NOW_S);
  accepts (current, TEST_NOW_S + 86400);
  accepts (current, TEST_NOW_S - 600);
  refuses (current, TEST_JID, TEST_NOW_S + 86401, XIM_ERROR_EXPIRED);
  refuses (current, TEST_JID, TEST_NOW_S - 601, XIM_ERROR_EXPIRED);
  refuses (current, "bob@example.org", TEST_NOW_S, XIM_ERROR_WRONG_NAME);
  g_autoptr (XimCurrent) other = make (TEXT, "T");
  refuses (other, TEST_JID, TEST_NOW_S, XIM_ERROR_SIGNATURE);
  g_autoptr (XimCurrent) device = make (TEXT, "a");
  refuses (device, TEST_JID, TEST_NOW_S, XIM_ERROR_SIGNATURE);
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
