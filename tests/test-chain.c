/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-chain.c, and of xim-verify.c where it walks. */

#include "config.h"

#include "xim-chain.h"

#include "test-bundles.h"
#include "xim-error.h"

#define STEPS_MAX 70

/* Versions of one account, from version 1. */
typedef struct
{
  XimAccount *versions[STEPS_MAX]; /* the one of version i + 1 */
  guint n;
} Chain;

static void
chain_clear (Chain *chain)
{
  for (guint i = 0; i < chain->n; i++)
    xim_account_free (chain->versions[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chain, chain_clear)

/* Adds the next version. */
static const XimAccount *
add (Chain *chain, const char *devices, const char *signers)
{
  const XimAccount *before
      = chain->n > 0 ? chain->versions[chain->n - 1] : NULL;
  chain->versions[chain->n] = test_account ((TestAccount){
      .before = before, .devices = devices, .signers = signers });
  return chain->versions[chain->n++];
}

static const XimAccount *
add_reset (Chain *chain, const char *devices)
{
  chain->versions[chain->n]
      = test_account ((TestAccount){ .before = chain->versions[chain->n - 1],
                                     .reset = TRUE,
                                     .devices = devices,
                                     .signers = devices });
  return chain->versions[chain->n++];
}

/* Walks from version @known to the last with all that lies between but the
 * version @without. */
static gboolean
walk (const Chain *chain, guint known, guint without, XimRelation *relation,
      GError **error)
{
  const XimAccount *between[STEPS_MAX];
  guint n = 0;
  for (guint version = chain->n - 1; version > known; version--)
    if (version != without)
      between[n++] = chain->versions[version - 1];
  const XimAccountHistory history
      = { chain->versions[known - 1],
          (const XimAccount *const *)chain->versions, known - 1 };
  return xim_chain_walk (chain->versions[chain->n - 1], &history, between, n,
                         relation, error);
}

static void
assert_walks (const Chain *chain, guint known, XimRelation expected)
{
  g_autoptr (GError) error = NULL;
  XimRelation relation = XIM_RELATION_NEW;
  walk (chain, known, 0, &relation, &error);
  g_assert_no_error (error);
  g_assert_cmpint (relation, ==, expected);
}

static void
assert_unreached (const Chain *chain, guint known, XimError code)
{
  g_autoptr (GError) error = NULL;
  XimRelation relation = XIM_RELATION_NEW;
  g_assert_false (walk (chain, known, 0, &relation, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
  g_assert_cmpint (relation, ==, XIM_RELATION_NEW);
}

static void
test_walks (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "a", "a");
  add (&chain, "ab", "ab");
  assert_walks (&chain, 1, XIM_RELATION_CONTINUED);
  add (&chain, "b", "b");
  add (&chain, "bc", "cb");
  for (guint known = 1; known < 4; known++)
    assert_walks (&chain, known, XIM_RELATION_CONTINUED);
}

/* The whole list is exchanged, device by device and at once. */
static void
test_walks_over_all_devices (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "abcdefghijklmnop", "abcdefghijklmnop");
  add (&chain, "q", "qa");
  add (&chain, "qrstuvwxyz", "qrstuvwxyz");
  assert_walks (&chain, 1, XIM_RELATION_CONTINUED);
}

static void
test_gap (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "a", "a");
  add (&chain, "ab", "ab");
  add (&chain, "abc", "abc");
  add (&chain, "abcd", "abcd");
  for (guint without = 2; without < 4; without++)
    {
      g_autoptr (GError) error = NULL;
      XimRelation relation;
      g_assert_false (walk (&chain, 1, without, &relation, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
    }
  assert_walks (&chain, 1, XIM_RELATION_CONTINUED);
}

/* Another version 2 than the known one, also when all signatures are good. */
static void
test_fork (void)
{
  g_auto (Chain) mine = { 0 };
  g_auto (Chain) other = { 0 };
  add (&mine, "a", "a");
  add (&mine, "ab", "ab");
  add (&other, "a", "a");
  add (&other, "ac", "ac");
  add (&other, "acd", "acd");
  add (&other, "acde", "acde");
  assert_walks (&other, 2, XIM_RELATION_CONTINUED);
  const XimAccount *between[] = { other.versions[2] };
  const XimAccountHistory history = { .newest = mine.versions[1] };
  g_autoptr (GError) error = NULL;
  XimRelation relation;
  g_assert_false (xim_chain_walk (other.versions[3], &history, between, 1,
                                  &relation, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
}

/* A version between that another text stands for is not bound. */
static void
test_other_text_between (void)
{
  g_auto (Chain) chain = { 0 };
  g_auto (Chain) other = { 0 };
  add (&chain, "a", "a");
  add (&chain, "ab", "ab");
  add (&chain, "abc", "abc");
  add (&other, "a", "a");
  add (&other, "ad", "ad");
  const XimAccount *between[] = { other.versions[1] };
  const XimAccountHistory history = { .newest = chain.versions[0] };
  g_autoptr (GError) error = NULL;
  XimRelation relation;
  g_assert_cmpuint (xim_chain_bound (chain.versions[2], between, 1), ==, 0);
  g_assert_false (xim_chain_walk (chain.versions[2], &history, between, 1,
                                  &relation, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
}

static void
test_unsigned_step (void)
{
  g_auto (Chain) untrusted = { 0 };
  add (&untrusted, "a", "a");
  add (&untrusted, "ab", "ab");
  add (&untrusted, "bc", "c"); /* nobody of version 2 signed */
  add (&untrusted, "bcd", "cd");
  assert_unreached (&untrusted, 1, XIM_ERROR_KEY_CHANGED);
  assert_walks (&untrusted, 3, XIM_RELATION_CONTINUED);

  g_auto (Chain) ghost = { 0 };
  add (&ghost, "a", "a");
  add (&ghost, "ab", "a"); /* b did not prove that it has its key */
  add (&ghost, "abc", "abc");
  assert_unreached (&ghost, 1, XIM_ERROR_SIGNATURE);

  g_auto (Chain) removed = { 0 };
  add (&removed, "ab", "ab");
  add (&removed, "a", "a");
  add (&removed, "ac", "bc"); /* b was removed by then */
  add (&removed, "acd", "cd");
  assert_unreached (&removed, 1, XIM_ERROR_KEY_CHANGED);
}

/* A line of a listed device that is not good. */
static void
test_wrong_signature (void)
{
  g_auto (Chain) chain = { 0 };
  const XimAccount *first = add (&chain, "a", "a");
  const XimAccount *second = add (&chain, "ab", "ab");
  add (&chain, "abc", "abc");
  g_autoptr (GError) error = NULL;
  g_autofree char *good = xim_note_encode (second->note);
  g_autofree char *of_first = xim_note_encode (first->note);
  g_autofree char *line_of_first = g_strdup (strstr (of_first, "\n\n") + 2);
  /* The line of a, but that of version 1. */
  g_autofree char *text
      = g_strndup (good, (gsize)(strstr (good, "\n\n") + 2 - good));
  const char *line_of_b = strchr (strstr (good, "\n\n") + 2, '\n') + 1;
  g_autofree char *bad = g_strconcat (text, line_of_first, line_of_b, NULL);
  g_autoptr (XimNote) note = xim_note_decode (bad, strlen (bad), &error);
  g_assert_no_error (error);
  xim_account_free (chain.versions[1]);
  chain.versions[1] = xim_account_decode (note, &error);
  g_assert_no_error (error);
  assert_unreached (&chain, 1, XIM_ERROR_SIGNATURE);
}

/* What was removed does not come back, whatever was missed in between. */
static void
test_returned_device (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "ab", "ab");
  add (&chain, "a", "a");
  add (&chain, "ab", "ab");
  add (&chain, "abc", "abc");
  assert_unreached (&chain, 1, XIM_ERROR_KEY_CHANGED);
  assert_unreached (&chain, 2, XIM_ERROR_KEY_CHANGED);
  assert_walks (&chain, 3, XIM_RELATION_CONTINUED);

  /* Removed before the walk began. */
  g_auto (Chain) early = { 0 };
  add (&early, "ab", "ab");
  add (&early, "a", "a");
  add (&early, "ac", "ac");
  add (&early, "abc", "abc");
  assert_unreached (&early, 2, XIM_ERROR_KEY_CHANGED);
}

static void
test_reset_in_between (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "a", "a");
  add (&chain, "ab", "ab");
  add_reset (&chain, "c");
  add (&chain, "cd", "cd");
  assert_walks (&chain, 1, XIM_RELATION_RESET);
  assert_walks (&chain, 2, XIM_RELATION_RESET);
  assert_walks (&chain, 3, XIM_RELATION_CONTINUED);

  g_auto (Chain) reused = { 0 };
  add (&reused, "a", "a");
  add (&reused, "ab", "ab");
  add_reset (&reused, "b");
  add (&reused, "bd", "bd");
  assert_unreached (&reused, 1, XIM_ERROR_KEY_CHANGED);
}

static void
test_another_address (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "a", "a");
  chain.versions[chain.n]
      = test_account ((TestAccount){ .jid = "bob@example.org",
                                     .before = chain.versions[0],
                                     .devices = "ab",
                                     .signers = "ab" });
  chain.n++;
  add (&chain, "abc", "abc");
  assert_unreached (&chain, 1, XIM_ERROR_WRONG_NAME);
}

static void
test_longest (void)
{
  g_auto (Chain) chain = { 0 };
  for (guint i = 0; i < XIM_WALK_MAX + 3; i++)
    add (&chain, "a", "a");
  assert_walks (&chain, 2, XIM_RELATION_CONTINUED);
  assert_unreached (&chain, 1, XIM_ERROR_KEY_CHANGED);
}

static void
test_change (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "abc", "abc");
  add (&chain, "ade", "ade");
  XimChainChange change;
  xim_chain_change (chain.versions[0], chain.versions[1], &change);
  g_assert_cmpuint (change.version, ==, 2);
  g_assert_cmpint (change.time_s, ==, TEST_NOW_S);
  g_assert_false (change.reset);
  g_assert_cmpuint (change.n_added, ==, 2);
  g_assert_cmpuint (change.added[0].bytes[0], ==, 'd');
  g_assert_cmpuint (change.added[1].bytes[0], ==, 'e');
  g_assert_cmpuint (change.n_removed, ==, 2);
  g_assert_cmpuint (change.removed[0].bytes[0], ==, 'b');
  g_assert_cmpuint (change.removed[1].bytes[0], ==, 'c');
  xim_chain_change (chain.versions[0], add_reset (&chain, "z"), &change);
  g_assert_true (change.reset);
}

/* Bundles */

static XimBundle *
bundle_of (const XimAccount *before, const char *devices, const char *signers)
{
  return test_bundle ((TestBundle){
      .before = before, .devices = devices, .account_signers = signers });
}

static XimVerified *
verify (const XimBundle *bundle, const XimKnown *known)
{
  g_autoptr (GError) error = NULL;
  XimVerified *verified
      = test_verify (bundle, TEST_JID, known, TEST_NOW_S, &error);
  g_assert_no_error (error);
  return verified;
}

static void
test_bundle_over_a_gap (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "a", "a");
  add (&chain, "ab", "ab");
  add (&chain, "abc", "abc");
  g_autoptr (XimBundle) bundle
      = bundle_of (chain.versions[2], "abcd", "abcdS");
  const XimAccount *between[] = { chain.versions[2], chain.versions[1] };
  XimKnown known = { .history = { .newest = chain.versions[0] } };
  g_autoptr (GError) error = NULL;
  g_assert_null (test_verify (bundle, TEST_JID, &known, TEST_NOW_S, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);

  known.between = between;
  known.n_between = 2;
  known.walked = TRUE;
  g_autoptr (XimVerified) verified = verify (bundle, &known);
  g_assert_cmpint (xim_verified_relation (verified), ==,
                   XIM_RELATION_CONTINUED);
  g_assert_null (xim_verified_unreached (verified));
  g_assert_cmpuint (xim_verified_n_between (verified), ==, 2);
  g_assert_cmpuint (xim_verified_between (verified, 0)->version, ==, 2);
  g_assert_cmpuint (xim_verified_between (verified, 1)->version, ==, 3);

  /* Nothing of it could be fetched; or only a part. */
  known.n_between = 0;
  g_autoptr (XimVerified) nothing = verify (bundle, &known);
  g_assert_cmpint (xim_verified_relation (nothing), ==, XIM_RELATION_RESET);
  g_assert_nonnull (xim_verified_unreached (nothing));
  g_assert_cmpuint (xim_verified_n_between (nothing), ==, 0);
  known.n_between = 1;
  g_autoptr (XimVerified) part = verify (bundle, &known);
  g_assert_cmpint (xim_verified_relation (part), ==, XIM_RELATION_RESET);
  g_assert_cmpuint (xim_verified_n_between (part), ==, 1);
}

/* The next version, signed by nobody of before, or of another version 1. */
static void
test_bundle_next_does_not_fit (void)
{
  g_auto (Chain) chain = { 0 };
  g_auto (Chain) other = { 0 };
  add (&chain, "a", "a");
  add (&other, "ab", "ab");
  XimKnown known
      = { .history = { .newest = chain.versions[0] }, .walked = TRUE };
  g_autoptr (XimBundle) untrusted = bundle_of (chain.versions[0], "b", "bS");
  g_autoptr (XimVerified) first = verify (untrusted, &known);
  g_assert_cmpint (xim_verified_relation (first), ==, XIM_RELATION_RESET);
  g_assert_nonnull (xim_verified_unreached (first));
  g_autoptr (XimBundle) fork = bundle_of (other.versions[0], "abc", "abcS");
  g_autoptr (XimVerified) second = verify (fork, &known);
  g_assert_cmpint (xim_verified_relation (second), ==, XIM_RELATION_RESET);
}

/* Lower, or equal with another text: never a reset, walked or not. */
static void
test_bundle_rollback (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "a", "a");
  add (&chain, "ab", "ab");
  XimKnown known
      = { .history = { .newest = chain.versions[1] }, .walked = TRUE };
  g_autoptr (XimBundle) lower = bundle_of (NULL, "a", "aS");
  g_autoptr (XimBundle) equal = bundle_of (chain.versions[0], "ac", "acS");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (test_verify (i == 0 ? lower : equal, TEST_JID, &known,
                                  TEST_NOW_S, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
    }
}

/* The version after an erasure names the hash of a text that is no account
 * note, and says that it is a reset. */
static void
test_bundle_after_erasure (void)
{
  g_auto (Chain) chain = { 0 };
  const XimAccount *before = add (&chain, "a", "a");
  XimAccount erased = *before;
  erased.version = 2;
  memset (erased.hash.bytes, 7, sizeof erased.hash.bytes);
  g_autoptr (XimBundle) back = test_bundle (
      (TestBundle){ .before = &erased, .reset = TRUE, .devices = "b" });
  XimKnown known = { .history = { .newest = before } };
  g_assert_cmpuint (back->account->version, ==, 3);
  for (guint i = 0; i < 2; i++)
    {
      known.walked = i == 1;
      g_autoptr (XimVerified) verified = verify (back, &known);
      g_assert_cmpint (xim_verified_relation (verified), ==,
                       XIM_RELATION_RESET);
      g_assert_null (xim_verified_unreached (verified));
    }
  /* A version later the reset itself is what was missed. */
  g_autoptr (XimBundle) later = bundle_of (back->account, "bc", "bcS");
  const XimAccount *between[] = { back->account };
  known.between = between;
  known.n_between = 1;
  g_autoptr (XimVerified) verified = verify (later, &known);
  g_assert_cmpint (xim_verified_relation (verified), ==, XIM_RELATION_RESET);
  g_assert_cmpuint (xim_verified_n_between (verified), ==, 1);
}

static void
test_former (void)
{
  g_auto (Chain) chain = { 0 };
  add (&chain, "ab", "ab");
  g_autoptr (XimBundle) bundle = bundle_of (chain.versions[0], "a", "aS");
  const XimKnown known = { .history = { .newest = chain.versions[0] } };
  g_autoptr (XimVerified) newest = verify (bundle, &known);
  g_autoptr (XimVerified) former
      = xim_verified_former (newest, chain.versions[0]);
  const XimDeviceId b = { { 'b' } };
  g_assert_null (xim_verified_signer (newest, &b));
  g_assert_nonnull (xim_verified_signer (former, &b));
  g_assert_cmpuint (xim_verified_n_usable (former), ==, 0);
  g_assert_null (xim_verified_former (newest, bundle->account));
  g_autoptr (XimAccount) stranger = test_account ((TestAccount){
      .jid = "bob@example.org", .devices = "b", .signers = "b" });
  g_assert_null (xim_verified_former (newest, stranger));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/chain/walks", test_walks);
  g_test_add_func ("/chain/all-devices", test_walks_over_all_devices);
  g_test_add_func ("/chain/gap", test_gap);
  g_test_add_func ("/chain/fork", test_fork);
  g_test_add_func ("/chain/other-text", test_other_text_between);
  g_test_add_func ("/chain/unsigned-step", test_unsigned_step);
  g_test_add_func ("/chain/wrong-signature", test_wrong_signature);
  g_test_add_func ("/chain/returned-device", test_returned_device);
  g_test_add_func ("/chain/reset-in-between", test_reset_in_between);
  g_test_add_func ("/chain/another-address", test_another_address);
  g_test_add_func ("/chain/longest", test_longest);
  g_test_add_func ("/chain/change", test_change);
  g_test_add_func ("/chain/bundle/gap", test_bundle_over_a_gap);
  g_test_add_func ("/chain/bundle/next", test_bundle_next_does_not_fit);
  g_test_add_func ("/chain/bundle/rollback", test_bundle_rollback);
  g_test_add_func ("/chain/bundle/erasure", test_bundle_after_erasure);
  g_test_add_func ("/chain/bundle/former", test_former);
  return g_test_run ();
}
