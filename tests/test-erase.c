/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-erase.c. */

#include "config.h"

#include "xim-erase.h"

#include "test-notes.h"
#include "xim-error.h"

#define TEXT                                                                  \
  "x-im erase v1\njid alice@example.org\nversion 3\n"                         \
  "previous AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"                   \
  "time 2026-11-23T10:00:00Z\n"

/* Two versions: b removed a. */
typedef struct
{
  XimAccount *first;
  XimAccount *newest;
} Chain;

static void
set_up (Chain *chain, gconstpointer unused G_GNUC_UNUSED)
{
  chain->first
      = test_account ((TestAccount){ .devices = "ab", .signers = "ab" });
  chain->newest = test_account (
      (TestAccount){ .before = chain->first, .devices = "b", .signers = "b" });
}

static void
tear_down (Chain *chain, gconstpointer unused G_GNUC_UNUSED)
{
  xim_account_free (chain->first);
  xim_account_free (chain->newest);
}

static XimErase *
make (const XimErase *fields, const char *signers)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = xim_erase_encode (fields);
  g_autofree char *whole = g_strdup (text);
  if (*signers != '\0')
    {
      g_autoptr (XimNote) note = test_note (text, signers);
      g_free (whole);
      whole = xim_note_encode (note);
    }
  XimErase *erase = xim_erase_decode (whole, strlen (whole), &error);
  g_assert_no_error (error);
  return erase;
}

static XimErase
after (const XimAccount *newest)
{
  return (XimErase){ .jid = newest->jid,
                     .version = newest->version + 1,
                     .previous = newest->hash,
                     .time_s = TEST_NOW_S };
}

static void
test_decode (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimErase) alone = xim_erase_decode (TEXT, strlen (TEXT), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (alone->jid, ==, TEST_JID);
  g_assert_cmpuint (alone->version, ==, 3);
  g_assert_cmpint (alone->time_s, ==, TEST_NOW_S);
  g_assert_cmpstr (alone->text, ==, TEXT);
  g_assert_null (alone->note);
  g_assert_true (xim_erase_needs_proof (alone));
  g_autofree char *again = xim_erase_encode (alone);
  g_assert_cmpstr (again, ==, TEXT);

  g_autoptr (XimErase) with_line = make (alone, "a");
  g_assert_nonnull (with_line->note);
  g_assert_false (xim_erase_needs_proof (with_line));
  g_assert_cmpmem (&with_line->hash, sizeof (XimHash), &alone->hash,
                   sizeof (XimHash));
  XimHash hash;
  xim_note_hash (with_line->note, &hash);
  g_assert_cmpmem (&hash, sizeof hash, &alone->hash, sizeof (XimHash));
  xim_erase_free (NULL);
}

static void
refuses_bytes (const char *data, gsize len, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_erase_decode (data, len, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
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
    { "jid", "" },
    { "version", "version 0\n" },
    { "version", "version 1\n" },
    { "version", "version 4294967296\n" },
    { "previous", "previous -\n" },
    { "previous", "" },
    { "time", "time 2026-11-23T10:00:60Z\n" },
    { "time", "" },
    { "time", "time 2026-11-23T10:00:00Z\nreset yes\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text
          = test_replace_line (TEXT, bad[i].line, bad[i].with);
      refuses_bytes (text, strlen (text), XIM_ERROR_MALFORMED);
    }
  refuses_bytes ("", 0, XIM_ERROR_MALFORMED);
  refuses_bytes (TEXT, strlen (TEXT) - 1, XIM_ERROR_MALFORMED);
  refuses_bytes (TEXT, strlen (TEXT) + 1, XIM_ERROR_MALFORMED); /* a NUL */
  refuses_bytes (TEXT "\n", strlen (TEXT) + 1, XIM_ERROR_MALFORMED);
  refuses_bytes ("x-im erase v2\n", 14, XIM_ERROR_UNSUPPORTED);
  refuses_bytes ("x-im account v1\n", 16, XIM_ERROR_MALFORMED);
}

static void
accepts (const Chain *chain, const XimErase *erase, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = xim_erase_check_server (erase, chain->newest, now_s, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
refuses (const Chain *chain, const XimErase *erase, gint64 now_s,
         XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (
      xim_erase_check_server (erase, chain->newest, now_s, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_check_accepts (Chain *chain, gconstpointer unused G_GNUC_UNUSED)
{
  const XimErase next = after (chain->newest);
  g_autoptr (XimErase) listed = make (&next, "b");
  accepts (chain, listed, TEST_NOW_S);
  accepts (chain, listed, TEST_NOW_S + 600);
  accepts (chain, listed, TEST_NOW_S - 600);
  g_autoptr (XimErase) more = make (&next, "abS"); /* others are ignored */
  accepts (chain, more, TEST_NOW_S);
  g_autoptr (XimErase) alone = make (&next, "");
  accepts (chain, alone, TEST_NOW_S);
}

static void
test_check_signers (Chain *chain, gconstpointer unused G_GNUC_UNUSED)
{
  const XimErase next = after (chain->newest);
  const char *const bad[] = { "a", "c", "S" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (XimErase) erase = make (&next, bad[i]);
      refuses (chain, erase, TEST_NOW_S, XIM_ERROR_SIGNATURE);
    }
  /* The good line of a listed device under another text. */
  g_autoptr (XimErase) good = make (&next, "b");
  g_autofree char *whole = xim_note_encode (good->note);
  g_autofree char *moved
      = test_replace_line (whole, "time", "time 2026-11-23T10:00:01Z\n");
  g_autoptr (XimErase) forged = xim_erase_decode (moved, strlen (moved), NULL);
  refuses (chain, forged, TEST_NOW_S, XIM_ERROR_SIGNATURE);
}

/* Signed or proven, it must fit. */
static void
test_check_chain (Chain *chain, gconstpointer unused G_GNUC_UNUSED)
{
  const char *const signers[] = { "b", "" };
  for (guint i = 0; i < G_N_ELEMENTS (signers); i++)
    {
      XimErase next = after (chain->newest);
      g_autoptr (XimErase) erase = make (&next, signers[i]);
      refuses (chain, erase, TEST_NOW_S + 601, XIM_ERROR_EXPIRED);
      refuses (chain, erase, TEST_NOW_S - 601, XIM_ERROR_EXPIRED);
      next.version = 2;
      g_autoptr (XimErase) same = make (&next, signers[i]);
      refuses (chain, same, TEST_NOW_S, XIM_ERROR_KEY_CHANGED);
      next.version = 4;
      g_autoptr (XimErase) skips = make (&next, signers[i]);
      refuses (chain, skips, TEST_NOW_S, XIM_ERROR_KEY_CHANGED);
      next.version = 3;
      next.previous = chain->first->hash;
      g_autoptr (XimErase) fork = make (&next, signers[i]);
      refuses (chain, fork, TEST_NOW_S, XIM_ERROR_KEY_CHANGED);
      next = after (chain->newest);
      next.jid = (char *)"bob@example.org";
      g_autoptr (XimErase) other = make (&next, signers[i]);
      refuses (chain, other, TEST_NOW_S, XIM_ERROR_WRONG_NAME);
    }
}

#define ADD(path, test) g_test_add (path, Chain, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/erase/decode/accepts", test_decode);
  g_test_add_func ("/erase/decode/refuses", test_decode_refuses);
  ADD ("/erase/check-server/accepts", test_check_accepts);
  ADD ("/erase/check-server/refuses-signers", test_check_signers);
  ADD ("/erase/check-server/refuses-what-does-not-fit", test_check_chain);
  return g_test_run ();
}
