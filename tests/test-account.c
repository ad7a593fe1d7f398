/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-account.c: the form, and the client's rules. */

#include "config.h"

#include "xim-account.h"

#include "test-notes.h"
#include "xim-error.h"

static void
test_decode (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "ab", .signers = "ab" });
  g_assert_cmpstr (first->jid, ==, TEST_JID);
  g_assert_cmpuint (first->version, ==, 1);
  g_assert_false (first->has_previous);
  g_assert_false (first->reset);
  g_assert_cmpint (first->time_s, ==, TEST_NOW_S);
  g_assert_cmpuint (first->n_devices, ==, 2);
  g_autofree char *text = xim_account_encode (first);
  g_assert_cmpstr (text, ==, first->text);
  XimHash hash;
  xim_note_hash (first->note, &hash);
  g_assert_cmpmem (hash.bytes, 32, first->hash.bytes, 32);

  g_autoptr (XimAccount) reset = test_account ((TestAccount){
      .before = first, .reset = TRUE, .devices = "c", .signers = "c" });
  g_assert_true (reset->has_previous);
  g_assert_true (reset->reset);
  g_assert_cmpmem (reset->previous.bytes, 32, first->hash.bytes, 32);
  g_autofree char *again = xim_account_encode (reset);
  g_assert_cmpstr (again, ==, reset->text);
  g_autoptr (XimAccount) copy = xim_account_copy (reset);
  g_assert_cmpstr (copy->text, ==, reset->text);
  g_assert_true (copy->note != NULL && copy->note != reset->note);
  xim_account_free (NULL);
}

/* Also by who looks only at the form, unless it is a key. */
static void
assert_text_refused (const char *text, XimError code)
{
  g_autoptr (GError) error = NULL;
  if (xim_account_decode_text (text, &error) != NULL)
    g_error ("accepted:\n%s", text);
  g_assert_error (error, XIM_ERROR, (int)code);
  gboolean is_key = strstr (error->message, "expected an Ed25519") != NULL;
  g_autoptr (XimAccount) formed = xim_account_decode_form (text, NULL);
  g_assert_cmpint (formed != NULL, ==, is_key);
}

static void
test_decode_refuses (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) account = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "ab" });
  const struct
  {
    const char *line;
    const char *with;
    XimError code;
  } bad[] = {
    { "jid", "", XIM_ERROR_MALFORMED },
    { "jid", "jid Alice@example.org\n", XIM_ERROR_MALFORMED },
    { "jid", "jid example.org\n", XIM_ERROR_MALFORMED },
    { "version", "version 0\n", XIM_ERROR_MALFORMED },
    { "version", "version 02\n", XIM_ERROR_MALFORMED },
    { "version", "version 4294967296\n", XIM_ERROR_MALFORMED },
    { "version", "version 1\n", XIM_ERROR_MALFORMED }, /* has a previous */
    { "version", "version 2\nversion 2\n", XIM_ERROR_MALFORMED },
    { "previous", "previous -\n", XIM_ERROR_MALFORMED },
    { "previous", "previous AAAA\n", XIM_ERROR_MALFORMED },
    { "time", "time 2026-02-30T10:00:00Z\n", XIM_ERROR_MALFORMED },
    { "time", "time 2026-11-23T10:00:00+00:00\n", XIM_ERROR_MALFORMED },
    { "reset", "reset maybe\n", XIM_ERROR_MALFORMED },
    { "reset", "reset yes \n", XIM_ERROR_MALFORMED },
    { "reset", "reset y\n", XIM_ERROR_MALFORMED },
    { "reset", "reset on\n", XIM_ERROR_MALFORMED },
    { "reset", "reset nope\n", XIM_ERROR_MALFORMED },
    { "reset", "reset yet\n", XIM_ERROR_MALFORMED },
    { "reset", "", XIM_ERROR_MALFORMED },
    { "reset", "reset no\n\n", XIM_ERROR_MALFORMED },
    { "reset", "reset no\nname laptop\n", XIM_ERROR_MALFORMED },
    { "device", "device 6100000000000000 ed448 AAAA\n",
      XIM_ERROR_UNSUPPORTED },
    { "device", "device 6100000000000000 ed25519 AAAA\n",
      XIM_ERROR_MALFORMED },
    { "device", "device 6100000000000000\n", XIM_ERROR_MALFORMED },
    { "device",
      "device 6100000000000000 ed25519 "
      "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", /* the identity */
      XIM_ERROR_MALFORMED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text
          = test_replace_line (account->text, bad[i].line, bad[i].with);
      assert_text_refused (text, bad[i].code);
    }
  g_autofree char *more = g_strconcat (account->text, "x y\n", NULL);
  assert_text_refused (more, XIM_ERROR_MALFORMED);
  g_autofree char *cut = g_strndup (account->text, strlen (account->text) - 1);
  assert_text_refused (cut, XIM_ERROR_MALFORMED);
}

static void
assert_devices_refused (const char *letters, XimError code)
{
  g_autoptr (XimAccount) good
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  XimAccount account = *good;
  account.n_devices = 0;
  for (const char *p = letters; *p != '\0'; p++)
    account.devices[account.n_devices++] = test_listed (*p);
  g_autofree char *text = xim_account_encode (&account);
  assert_text_refused (text, code);
}

static void
test_decode_refuses_devices (void)
{
  assert_devices_refused ("", XIM_ERROR_MALFORMED);
  assert_devices_refused ("ba", XIM_ERROR_MALFORMED);
  assert_devices_refused ("aa", XIM_ERROR_MALFORMED);

  /* One id with two keys, and one key under two ids. */
  g_autoptr (XimAccount) good
      = test_account ((TestAccount){ .devices = "ab", .signers = "a" });
  good->devices[1].id = good->devices[0].id;
  g_autofree char *twice = xim_account_encode (good);
  assert_text_refused (twice, XIM_ERROR_MALFORMED);
  good->devices[1].id.bytes[0]++;
  good->devices[1].key = good->devices[0].key;
  g_autofree char *text = xim_account_encode (good);
  assert_text_refused (text, XIM_ERROR_MALFORMED);

  g_autoptr (XimAccount) most = test_account (
      (TestAccount){ .devices = "abcdefghijklmnop", .signers = "a" });
  g_assert_cmpuint (most->n_devices, ==, XIM_DEVICES_MAX);
  g_autofree char *line = g_strdup (strstr (most->text, "device "));
  line[strcspn (line, "\n") + 1] = '\0';
  memcpy (line + strlen ("device "), "ff", 2);
  g_autofree char *more = g_strconcat (most->text, line, NULL);
  assert_text_refused (more, XIM_ERROR_TOO_LARGE);
}

static void
test_decode_refuses_first_reset (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autofree char *text
      = test_replace_line (first->text, "reset", "reset yes\n");
  assert_text_refused (text, XIM_ERROR_MALFORMED);
}

static void
test_find (void)
{
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "ab", .signers = "a" });
  const XimDeviceId b = { { 'b' } }, c = { { 'c' } };
  g_assert_true (xim_account_find (account, &b) == &account->devices[1]);
  g_assert_null (xim_account_find (account, &c));
}

static void
test_relation_words (void)
{
  g_assert_cmpstr (xim_relation_word (XIM_RELATION_NEW), ==, "new");
  g_assert_cmpstr (xim_relation_word (XIM_RELATION_UNCHANGED), ==,
                   "unchanged");
  g_assert_cmpstr (xim_relation_word (XIM_RELATION_CONTINUED), ==,
                   "continued");
  g_assert_cmpstr (xim_relation_word (XIM_RELATION_RESET), ==, "reset");
}

/* What the client says to @account when it has seen @before and @older. */
static void
client_gives (const XimAccount *account, const XimAccount *before,
              const XimAccount *older, XimRelation expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) server = test_verify_key ('S');
  const XimAccountHistory known = { before, &older, older != NULL ? 1 : 0 };
  XimRelation relation = (XimRelation)99;
  gboolean ok = xim_account_check_client (account, TEST_JID, server, &known,
                                          &relation, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmpint (relation, ==, expected);
}

static void
client_refuses (const XimAccount *account, const XimAccount *before,
                const XimAccount *older, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) server = test_verify_key ('S');
  const XimAccountHistory known = { before, &older, older != NULL ? 1 : 0 };
  XimRelation relation = (XimRelation)99;
  g_assert_false (xim_account_check_client (account, TEST_JID, server, &known,
                                            &relation, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
  g_assert_cmpint (relation, ==, 99);
}

static void
test_client_new (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "ab", .signers = "abS" });
  client_gives (first, NULL, NULL, XIM_RELATION_NEW);
  client_gives (first, first, NULL, XIM_RELATION_UNCHANGED);

  /* At first sight the server's line is enough, but in version 1. */
  g_autoptr (XimAccount) later = test_account (
      (TestAccount){ .before = first, .devices = "b", .signers = "S" });
  client_gives (later, NULL, NULL, XIM_RELATION_NEW);
  g_autoptr (XimAccount) silent
      = test_account ((TestAccount){ .devices = "ab", .signers = "aS" });
  client_refuses (silent, NULL, NULL, XIM_ERROR_SIGNATURE);

  g_autoptr (XimAccount) old = test_account (
      (TestAccount){ .devices = "a", .signers = "aS", .time_s = 1 });
  client_gives (old, NULL, NULL, XIM_RELATION_NEW);
}

static void
test_client_refuses_names (void)
{
  g_autoptr (XimAccount) other = test_account ((TestAccount){
      .jid = "bob@example.org", .devices = "a", .signers = "aS" });
  client_refuses (other, NULL, NULL, XIM_ERROR_WRONG_NAME);
  /* Names come before signatures. */
  g_autoptr (XimAccount) unsigned_other = test_account ((TestAccount){
      .jid = "bob@example.org", .devices = "a", .signers = "c" });
  client_refuses (unsigned_other, NULL, NULL, XIM_ERROR_WRONG_NAME);
}

static void
test_client_refuses_signatures (void)
{
  g_autoptr (XimAccount) no_server
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  client_refuses (no_server, NULL, NULL, XIM_ERROR_SIGNATURE);
  g_autoptr (XimAccount) other_server
      = test_account ((TestAccount){ .devices = "a", .signers = "aT" });
  client_refuses (other_server, NULL, NULL, XIM_ERROR_SIGNATURE);
  g_autoptr (XimAccount) stranger
      = test_account ((TestAccount){ .devices = "a", .signers = "cS" });
  client_refuses (stranger, NULL, NULL, XIM_ERROR_SIGNATURE);
}

/* The line of a listed device that fails refuses the note, even where the
 * server's line would do. */
static void
test_client_refuses_bad_line (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) good = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "S" });
  client_gives (good, NULL, NULL, XIM_RELATION_NEW);
  g_autofree char *text = xim_note_encode (good->note);
  g_autoptr (XimNote) wrong = test_note ("another text\n", "b");
  g_autofree char *line = xim_note_encode (wrong);
  g_autofree char *joined
      = g_strconcat (text, strstr (line, "\n\n") + 2, NULL);
  g_autoptr (XimNote) note = xim_note_decode (joined, strlen (joined), &error);
  g_assert_no_error (error);
  g_autoptr (XimAccount) bad = xim_account_decode (note, &error);
  g_assert_no_error (error);
  client_refuses (bad, NULL, NULL, XIM_ERROR_SIGNATURE);
}

static void
test_client_continued (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "aS" });
  g_autoptr (XimAccount) added = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "abS" });
  client_gives (added, first, NULL, XIM_RELATION_CONTINUED);
  g_autoptr (XimAccount) removed = test_account (
      (TestAccount){ .before = added, .devices = "b", .signers = "bS" });
  client_gives (removed, added, first, XIM_RELATION_CONTINUED);
  /* The device that is removed may be the one that signs. */
  g_autoptr (XimAccount) left = test_account (
      (TestAccount){ .before = added, .devices = "b", .signers = "aS" });
  client_gives (left, added, first, XIM_RELATION_CONTINUED);
  g_autoptr (XimAccount) exchanged = test_account (
      (TestAccount){ .before = first, .devices = "b", .signers = "abS" });
  client_gives (exchanged, first, NULL, XIM_RELATION_CONTINUED);
}

static void
test_client_refuses_chain (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "aS" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "abS" });
  g_autoptr (XimAccount) third = test_account (
      (TestAccount){ .before = second, .devices = "a", .signers = "aS" });
  g_autoptr (XimAccount) fork = test_account (
      (TestAccount){ .before = first, .devices = "a", .signers = "aS" });

  client_refuses (first, second, NULL, XIM_ERROR_KEY_CHANGED); /* rollback */
  client_refuses (third, first, NULL, XIM_ERROR_KEY_CHANGED);  /* gap */
  client_refuses (fork, second, NULL, XIM_ERROR_KEY_CHANGED); /* same number */
  client_refuses (third, fork, NULL, XIM_ERROR_KEY_CHANGED);  /* hash */

  g_autoptr (XimAccount) unsigned_third = test_account (
      (TestAccount){ .before = second, .devices = "bc", .signers = "cS" });
  client_refuses (unsigned_third, second, NULL, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) silent = test_account (
      (TestAccount){ .before = second, .devices = "bc", .signers = "bS" });
  client_refuses (silent, second, NULL, XIM_ERROR_SIGNATURE);
}

static void
test_client_refuses_returning (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "ab", .signers = "abS" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "b", .signers = "bS" });
  g_autoptr (XimAccount) third = test_account (
      (TestAccount){ .before = second, .devices = "ab", .signers = "abS" });
  client_refuses (third, second, first, XIM_ERROR_KEY_CHANGED);
  /* Without the older text the client cannot know. */
  client_gives (third, second, NULL, XIM_RELATION_CONTINUED);
}

/* Version 2 after @first with the device of id @id_letter and key @letter next
 * to a, signed by both and the server. */
static XimAccount *
add_device (const XimAccount *first, char id_letter, char letter)
{
  g_autoptr (GError) error = NULL;
  XimAccount account = *first;
  account.version = 2;
  account.has_previous = TRUE;
  account.previous = first->hash;
  account.devices[1].id.bytes[0] = (guint8)id_letter;
  account.devices[1].key = test_listed (letter).key;
  g_autofree char *text = xim_account_encode (&account);
  g_autoptr (XimNote) note = test_note (text, "aS");
  g_autoptr (XimSignKey) key = test_sign_key_named (id_letter, letter);
  g_assert_true (xim_note_sign (note, key, &error));
  XimAccount *decoded = xim_account_decode (note, &error);
  g_assert_no_error (error);
  return decoded;
}

static void
test_client_refuses_reused_halves (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "ab", .signers = "abS" });
  g_autoptr (XimAccount) fresh = add_device (first, 'c', 'd');
  client_gives (fresh, first, NULL, XIM_RELATION_CONTINUED);
  g_autoptr (XimAccount) old_key = add_device (first, 'c', 'b');
  client_refuses (old_key, first, NULL, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) old_id = add_device (first, 'b', 'c');
  client_refuses (old_id, first, NULL, XIM_ERROR_KEY_CHANGED);
}

static void
test_client_reset (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "aS" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "abS" });
  g_autoptr (XimAccount) reset = test_account ((TestAccount){
      .before = second, .reset = TRUE, .devices = "cd", .signers = "cdS" });
  client_gives (reset, NULL, NULL, XIM_RELATION_NEW);
  client_gives (reset, second, NULL, XIM_RELATION_RESET);
  client_gives (reset, first, NULL, XIM_RELATION_RESET); /* over a gap */
  client_gives (reset, reset, NULL, XIM_RELATION_UNCHANGED);
}

static void
test_client_refuses_reset (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "aS" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "b", .signers = "abS" });
  g_autoptr (XimAccount) silent = test_account ((TestAccount){
      .before = second, .reset = TRUE, .devices = "cd", .signers = "cS" });
  client_refuses (silent, second, NULL, XIM_ERROR_SIGNATURE);
  client_refuses (silent, NULL, NULL, XIM_ERROR_SIGNATURE);
  g_autoptr (XimAccount) keeps = test_account ((TestAccount){
      .before = second, .reset = TRUE, .devices = "bc", .signers = "bcS" });
  client_refuses (keeps, second, NULL, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) returns = test_account ((TestAccount){
      .before = second, .reset = TRUE, .devices = "a", .signers = "aS" });
  client_refuses (returns, second, first, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) lower = test_account ((TestAccount){
      .before = first, .reset = TRUE, .devices = "c", .signers = "cS" });
  client_refuses (lower, second, NULL, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) other = test_account (
      (TestAccount){ .before = first, .devices = "a", .signers = "aS" });
  g_autoptr (XimAccount) off_chain = test_account ((TestAccount){
      .before = other, .reset = TRUE, .devices = "c", .signers = "cS" });
  client_refuses (off_chain, second, NULL, XIM_ERROR_KEY_CHANGED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/account/decode/accepts", test_decode);
  g_test_add_func ("/account/decode/refuses", test_decode_refuses);
  g_test_add_func ("/account/decode/refuses-devices",
                   test_decode_refuses_devices);
  g_test_add_func ("/account/decode/refuses-first-reset",
                   test_decode_refuses_first_reset);
  g_test_add_func ("/account/find", test_find);
  g_test_add_func ("/account/relation-words", test_relation_words);
  g_test_add_func ("/account/client/new", test_client_new);
  g_test_add_func ("/account/client/refuses-names", test_client_refuses_names);
  g_test_add_func ("/account/client/refuses-signatures",
                   test_client_refuses_signatures);
  g_test_add_func ("/account/client/refuses-bad-line",
                   test_client_refuses_bad_line);
  g_test_add_func ("/account/client/continued", test_client_continued);
  g_test_add_func ("/account/client/refuses-chain", test_client_refuses_chain);
  g_test_add_func ("/account/client/refuses-returning",
                   test_client_refuses_returning);
  g_test_add_func ("/account/client/refuses-reused-halves",
                   test_client_refuses_reused_halves);
  g_test_add_func ("/account/client/reset", test_client_reset);
  g_test_add_func ("/account/client/refuses-reset", test_client_refuses_reset);
  return g_test_run ();
}
