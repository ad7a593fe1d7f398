/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-account.c: the keyserver's rules. */

#include "config.h"

#include "xim-account.h"

#include "test-notes.h"
#include "xim-error.h"

static void
gives_at (const XimAccount *account, const XimAccount *before,
          const XimAccount *older, gint64 now_s, XimRelation expected)
{
  g_autoptr (GError) error = NULL;
  const XimAccountHistory known = { before, &older, older != NULL ? 1 : 0 };
  XimRelation relation = (XimRelation)99;
  gboolean ok
      = xim_account_check_server (account, &known, now_s, &relation, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmpint (relation, ==, expected);
}

static void
gives (const XimAccount *account, const XimAccount *before,
       const XimAccount *older, XimRelation expected)
{
  gives_at (account, before, older, TEST_NOW_S, expected);
}

static void
refuses_at (const XimAccount *account, const XimAccount *before,
            const XimAccount *older, gint64 now_s, XimError code)
{
  g_autoptr (GError) error = NULL;
  const XimAccountHistory known = { before, &older, older != NULL ? 1 : 0 };
  XimRelation relation = (XimRelation)99;
  g_assert_false (
      xim_account_check_server (account, &known, now_s, &relation, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
  g_assert_cmpint (relation, ==, 99);
}

static void
refuses (const XimAccount *account, const XimAccount *before,
         const XimAccount *older, XimError code)
{
  refuses_at (account, before, older, TEST_NOW_S, code);
}

static void
test_accepts (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  gives (first, NULL, NULL, XIM_RELATION_NEW);
  g_assert_true (xim_account_needs_proof (first));
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "ab" });
  gives (second, first, NULL, XIM_RELATION_CONTINUED);
  g_assert_false (xim_account_needs_proof (second));
  g_autoptr (XimAccount) third = test_account (
      (TestAccount){ .before = second, .devices = "b", .signers = "a" });
  gives (third, second, first, XIM_RELATION_CONTINUED);
  g_autoptr (XimAccount) reset = test_account ((TestAccount){
      .before = third, .reset = TRUE, .devices = "c", .signers = "c" });
  gives (reset, third, first, XIM_RELATION_RESET);
  g_assert_true (xim_account_needs_proof (reset));
}

/* A client whose answer was lost sends the same text again, maybe late. */
static void
test_unchanged (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  gives_at (first, first, NULL, TEST_NOW_S + 86400, XIM_RELATION_UNCHANGED);
  g_autoptr (XimAccount) other
      = test_account ((TestAccount){ .devices = "b", .signers = "b" });
  refuses (other, first, NULL, XIM_ERROR_KEY_CHANGED);
}

static void
test_times (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  gives_at (first, NULL, NULL, TEST_NOW_S + 600, XIM_RELATION_NEW);
  gives_at (first, NULL, NULL, TEST_NOW_S - 600, XIM_RELATION_NEW);
  refuses_at (first, NULL, NULL, TEST_NOW_S + 601, XIM_ERROR_EXPIRED);
  refuses_at (first, NULL, NULL, TEST_NOW_S - 601, XIM_ERROR_EXPIRED);
}

/* Names, signatures, times, chain: the first fault decides. */
static void
test_order (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) all
      = test_account ((TestAccount){ .jid = "bob@example.org",
                                     .version = 7,
                                     .devices = "b",
                                     .signers = "c",
                                     .time_s = 1 });
  refuses (all, first, NULL, XIM_ERROR_WRONG_NAME);
  g_autoptr (XimAccount) lines = test_account ((TestAccount){
      .version = 7, .devices = "b", .signers = "c", .time_s = 1 });
  refuses (lines, first, NULL, XIM_ERROR_SIGNATURE);
  g_autoptr (XimAccount) late = test_account ((TestAccount){
      .version = 7, .devices = "b", .signers = "b", .time_s = 1 });
  refuses (late, first, NULL, XIM_ERROR_EXPIRED);
  g_autoptr (XimAccount) skips = test_account (
      (TestAccount){ .version = 7, .devices = "b", .signers = "b" });
  refuses (skips, first, NULL, XIM_ERROR_KEY_CHANGED);
}

static void
test_refuses_signatures (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) silent
      = test_account ((TestAccount){ .devices = "ab", .signers = "a" });
  refuses (silent, NULL, NULL, XIM_ERROR_SIGNATURE);
  g_autoptr (XimAccount) unsigned_new
      = test_account ((TestAccount){ .devices = "a", .signers = "x" });
  refuses (unsigned_new, NULL, NULL, XIM_ERROR_SIGNATURE);
  g_autoptr (XimAccount) added_silent = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "a" });
  refuses (added_silent, first, NULL, XIM_ERROR_SIGNATURE);
  g_autoptr (XimAccount) reset_silent = test_account ((TestAccount){
      .before = first, .reset = TRUE, .devices = "bc", .signers = "b" });
  refuses (reset_silent, first, NULL, XIM_ERROR_SIGNATURE);
}

static void
test_refuses_chain (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "ab" });
  g_autoptr (XimAccount) third = test_account (
      (TestAccount){ .before = second, .devices = "b", .signers = "b" });
  g_autoptr (XimAccount) fork
      = test_account ((TestAccount){ .before = first,
                                     .devices = "ab",
                                     .signers = "ab",
                                     .time_s = TEST_NOW_S + 1 });

  refuses (second, NULL, NULL, XIM_ERROR_KEY_CHANGED);  /* nothing is known */
  refuses (third, first, NULL, XIM_ERROR_KEY_CHANGED);  /* a gap */
  refuses (first, second, NULL, XIM_ERROR_KEY_CHANGED); /* a lower one */
  refuses (fork, second, first, XIM_ERROR_KEY_CHANGED); /* the same again */
  refuses (third, fork, first, XIM_ERROR_KEY_CHANGED);  /* another hash */

  g_autoptr (XimAccount) taken_over = test_account (
      (TestAccount){ .before = first, .devices = "b", .signers = "b" });
  refuses (taken_over, first, NULL, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) returns = test_account (
      (TestAccount){ .before = third, .devices = "ab", .signers = "ab" });
  refuses (returns, third, second, XIM_ERROR_KEY_CHANGED);
}

/* Unlike a client, the keyserver takes no reset over a gap. */
static void
test_refuses_reset (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "b", .signers = "ab" });
  g_autoptr (XimAccount) gap = test_account ((TestAccount){
      .before = second, .reset = TRUE, .devices = "c", .signers = "c" });
  refuses (gap, first, NULL, XIM_ERROR_KEY_CHANGED);
  refuses (gap, NULL, NULL, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) keeps = test_account ((TestAccount){
      .before = second, .reset = TRUE, .devices = "bc", .signers = "bc" });
  refuses (keeps, second, first, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) returns = test_account ((TestAccount){
      .before = second, .reset = TRUE, .devices = "a", .signers = "a" });
  refuses (returns, second, first, XIM_ERROR_KEY_CHANGED);
}

/* The note of @account as it is kept equals the one that @signers signed in
 * this order. */
static void
assert_kept (const XimAccount *account, const XimAccount *before,
             const char *signers)
{
  g_autoptr (XimNote) note = xim_note_copy (account->note);
  xim_account_keep_lines (account, before, note);
  g_autofree char *kept = xim_note_encode (note);
  g_autoptr (XimNote) wanted = test_note (account->text, signers);
  g_autofree char *expected = xim_note_encode (wanted);
  g_assert_cmpstr (kept, ==, expected);
}

static void
test_keep_lines (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "bd", .signers = "xdTbS" });
  assert_kept (first, NULL, "bd");
  /* a and c are new, b stays, d is removed and signs; all by id. */
  g_autoptr (XimAccount) second = test_account ((TestAccount){
      .before = first, .devices = "abc", .signers = "xSdcbaT" });
  assert_kept (second, first, "abcd");
  assert_kept (second, NULL, "abc");
}

/* Offered, kept and countersigned, a note is what a client accepts. */
static void
test_countersigned (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "ab", .signers = "bxa" });
  gives (first, NULL, NULL, XIM_RELATION_NEW);
  g_autoptr (XimNote) note = xim_note_copy (first->note);
  xim_account_keep_lines (first, NULL, note);
  g_autoptr (XimSignKey) server = test_sign_key ('S');
  g_assert_true (xim_note_sign (note, server, &error));
  g_autoptr (XimAccount) served = xim_account_decode (note, &error);
  g_assert_no_error (error);
  const XimAccountHistory nothing = { 0 };
  XimRelation relation;
  g_assert_true (xim_account_check_client (served, TEST_JID,
                                           xim_sign_key_public (server),
                                           &nothing, &relation, &error));
  g_assert_cmpint (relation, ==, XIM_RELATION_NEW);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/account/server/accepts", test_accepts);
  g_test_add_func ("/account/server/unchanged", test_unchanged);
  g_test_add_func ("/account/server/times", test_times);
  g_test_add_func ("/account/server/order", test_order);
  g_test_add_func ("/account/server/refuses-signatures",
                   test_refuses_signatures);
  g_test_add_func ("/account/server/refuses-chain", test_refuses_chain);
  g_test_add_func ("/account/server/refuses-reset", test_refuses_reset);
  g_test_add_func ("/account/server/keep-lines", test_keep_lines);
  g_test_add_func ("/account/server/countersigned", test_countersigned);
  return g_test_run ();
}
