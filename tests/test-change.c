/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-change.c. */

#include "config.h"

#include "xim-change.h"

#include "test-notes.h"
#include "xim-error.h"

static XimAccount *
decode (const char *text)
{
  g_autoptr (GError) error = NULL;
  XimAccount *account = xim_account_decode_text (text, &error);
  g_assert_no_error (error);
  return account;
}

/* The keyserver takes what is made, once it is signed by @signers. */
static void
assert_taken (const char *text, const char *signers, const XimAccount *before,
              XimRelation expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = test_note (text, signers);
  g_autoptr (XimAccount) account = xim_account_decode (note, &error);
  const XimAccountHistory known = { .newest = before };
  XimRelation relation = XIM_RELATION_UNCHANGED;
  g_assert_no_error (error);
  xim_account_check_server (account, &known, TEST_NOW_S, &relation, &error);
  g_assert_no_error (error);
  g_assert_cmpint (relation, ==, expected);
}

static void
test_add (void)
{
  g_autoptr (XimAccount) present
      = test_account ((TestAccount){ .devices = "bd", .signers = "bd" });
  for (const char *p = "ace"; *p != '\0'; p++)
    {
      g_autoptr (GError) error = NULL;
      const XimAccountDevice device = test_listed (*p);
      const char signers[] = { *p, 'b', '\0' };
      g_autofree char *text
          = xim_change_add (present, &device, TEST_NOW_S, &error);
      g_assert_no_error (error);
      assert_taken (text, signers, present, XIM_RELATION_CONTINUED);
      g_autoptr (XimAccount) next = decode (text);
      g_assert_cmpuint (next->n_devices, ==, 3);
      g_assert_cmpuint (next->version, ==, 2);
      g_assert_nonnull (xim_account_find (next, &device.id));
    }
}

static void
test_add_refuses (void)
{
  g_autoptr (GError) known = NULL;
  g_autoptr (GError) full = NULL;
  XimAccountDevice device = test_listed ('a');
  g_autoptr (XimAccount) present
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_assert_null (xim_change_add (present, &device, TEST_NOW_S, &known));
  g_assert_error (known, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
  g_clear_error (&known);
  device.id.bytes[0] = 'b';
  g_assert_null (xim_change_add (present, &device, TEST_NOW_S, &known));
  g_assert_error (known, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) many = test_account ((TestAccount){
      .devices = "abcdefghijklmnop", .signers = "abcdefghijklmnop" });
  device = test_listed ('q');
  g_assert_null (xim_change_add (many, &device, TEST_NOW_S, &full));
  g_assert_error (full, XIM_ERROR, XIM_ERROR_TOO_LARGE);
}

static void
test_remove (void)
{
  g_autoptr (XimAccount) present
      = test_account ((TestAccount){ .devices = "abc", .signers = "abc" });
  for (const char *p = "abc"; *p != '\0'; p++)
    {
      g_autoptr (GError) error = NULL;
      const XimAccountDevice device = test_listed (*p);
      g_autofree char *text
          = xim_change_remove (present, &device.id, TEST_NOW_S, &error);
      g_assert_no_error (error);
      /* A device may sign its own removal too. */
      assert_taken (text, "b", present, XIM_RELATION_CONTINUED);
      g_autoptr (XimAccount) next = decode (text);
      g_assert_cmpuint (next->n_devices, ==, 2);
      g_assert_null (xim_account_find (next, &device.id));
    }
}

static void
test_remove_refuses (void)
{
  g_autoptr (GError) unknown = NULL;
  g_autoptr (GError) last = NULL;
  g_autoptr (XimAccount) present
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  const XimAccountDevice a = test_listed ('a');
  const XimAccountDevice b = test_listed ('b');
  g_assert_null (xim_change_remove (present, &b.id, TEST_NOW_S, &unknown));
  g_assert_error (unknown, XIM_ERROR, XIM_ERROR_NOT_FOUND);
  g_assert_null (xim_change_remove (present, &a.id, TEST_NOW_S, &last));
  g_assert_error (last, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static void
test_reset (void)
{
  g_autoptr (XimAccount) present
      = test_account ((TestAccount){ .devices = "ab", .signers = "ab" });
  const XimAccountDevice device = test_listed ('c');
  g_autofree char *text
      = xim_change_reset (TEST_JID, 1, &present->hash, &device, TEST_NOW_S);
  assert_taken (text, "c", present, XIM_RELATION_RESET);
}

/* What an old device is asked to sign. */

static void
takes (const XimAccount *offered, const XimAccountHistory *known, char letter)
{
  g_autoptr (GError) error = NULL;
  XimAccountDevice added = { 0 };
  const XimAccountDevice expected = test_listed (letter);
  xim_change_check_join (offered, known, TEST_NOW_S + 600, &added, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (&added, sizeof added, &expected, sizeof expected);
}

static void
refuses_at (const XimAccount *offered, const XimAccountHistory *known,
            gint64 now_s, XimError code)
{
  g_autoptr (GError) error = NULL;
  XimAccountDevice added = { 0 };
  g_assert_false (
      xim_change_check_join (offered, known, now_s, &added, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_join (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "abx", .signers = "abx" });
  g_autoptr (XimAccount) present = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "a" });
  const XimAccount *older[] = { first };
  const XimAccountHistory known = { present, older, 1 };
  g_autoptr (XimAccount) good = test_account (
      (TestAccount){ .before = present, .devices = "abc", .signers = "c" });
  takes (good, &known, 'c');
  refuses_at (good, &known, TEST_NOW_S + 601, XIM_ERROR_EXPIRED);
  refuses_at (good, &known, TEST_NOW_S - 601, XIM_ERROR_EXPIRED);
}

static void
test_join_refuses (void)
{
  static const struct
  {
    TestAccount spec;
    XimError code;
  } cases[] = {
    { { .jid = "bob@example.org", .devices = "abc", .signers = "c" },
      XIM_ERROR_WRONG_NAME },
    { { .version = 4, .devices = "abc", .signers = "c" },
      XIM_ERROR_KEY_CHANGED },
    /* Two devices in one note. */
    { { .devices = "abcd", .signers = "cd" }, XIM_ERROR_MALFORMED },
    /* None; one instead of another; one that was removed. */
    { { .devices = "ab", .signers = "a" }, XIM_ERROR_MALFORMED },
    { { .devices = "bcd", .signers = "cd" }, XIM_ERROR_MALFORMED },
    { { .devices = "abx", .signers = "x" }, XIM_ERROR_MALFORMED },
    { { .reset = TRUE, .devices = "abc", .signers = "c" },
      XIM_ERROR_MALFORMED },
    { { .devices = "abc", .signers = "a" }, XIM_ERROR_SIGNATURE },
    { { .devices = "abc", .signers = "d" }, XIM_ERROR_SIGNATURE },
  };
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "abx", .signers = "abx" });
  g_autoptr (XimAccount) present = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "a" });
  const XimAccount *older[] = { first };
  const XimAccountHistory known = { present, older, 1 };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TestAccount spec = cases[i].spec;
      spec.before = present;
      g_autoptr (XimAccount) offered = test_account (spec);
      refuses_at (offered, &known, TEST_NOW_S, cases[i].code);
    }
  /* Of the version before the newest one. */
  g_autoptr (XimAccount) late = test_account (
      (TestAccount){ .before = first, .devices = "abcx", .signers = "c" });
  refuses_at (late, &known, TEST_NOW_S, XIM_ERROR_KEY_CHANGED);
}

/* The line of the new device is there, and wrong. */
static void
test_join_refuses_bad_line (void)
{
  g_autoptr (XimAccount) present
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  const XimAccountHistory known = { .newest = present };
  g_autoptr (XimAccount) good = test_account (
      (TestAccount){ .before = present, .devices = "ac", .signers = "c" });
  g_autofree char *text
      = test_replace_line (good->text, "time", "time 2026-11-23T10:00:01Z\n");
  g_autofree char *whole = xim_note_encode (good->note);
  g_autofree char *mixed
      = g_strconcat (text, whole + strlen (good->text), NULL);
  g_autoptr (XimNote) note = xim_note_decode (mixed, strlen (mixed), NULL);
  g_autoptr (XimAccount) offered = xim_account_decode (note, NULL);
  refuses_at (offered, &known, TEST_NOW_S, XIM_ERROR_SIGNATURE);
}

static void
test_joined (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAccount) present
      = test_account ((TestAccount){ .devices = "ab", .signers = "ab" });
  g_autoptr (XimAccount) offered = test_account (
      (TestAccount){ .before = present, .devices = "abc", .signers = "c" });
  g_autoptr (XimAccount) joined = test_account (
      (TestAccount){ .before = present, .devices = "abc", .signers = "cb" });
  g_autoptr (XimAccount) other = test_account (
      (TestAccount){ .before = present, .devices = "abd", .signers = "db" });
  xim_change_check_joined (joined, offered, present, &error);
  g_assert_no_error (error);
  g_assert_false (xim_change_check_joined (other, offered, present, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_clear_error (&error);
  /* Nobody but the new device has signed. */
  g_assert_false (xim_change_check_joined (offered, offered, present, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE);
}

static void
test_sign (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimSignKey) key = test_sign_key ('a');
  g_autoptr (XimNote) note = xim_change_sign (account->text, key, &error);
  g_assert_no_error (error);
  g_autofree char *got = xim_note_encode (note);
  g_autofree char *expected = xim_note_encode (account->note);
  g_assert_cmpstr (got, ==, expected);
  g_assert_null (xim_change_sign ("no newline at the end", key, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/change/add", test_add);
  g_test_add_func ("/change/add-refuses", test_add_refuses);
  g_test_add_func ("/change/remove", test_remove);
  g_test_add_func ("/change/remove-refuses", test_remove_refuses);
  g_test_add_func ("/change/reset", test_reset);
  g_test_add_func ("/change/join", test_join);
  g_test_add_func ("/change/join-refuses", test_join_refuses);
  g_test_add_func ("/change/join-refuses-bad-line",
                   test_join_refuses_bad_line);
  g_test_add_func ("/change/joined", test_joined);
  g_test_add_func ("/change/sign", test_sign);
  return g_test_run ();
}
