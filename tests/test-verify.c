/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-verify.c. */

#include "config.h"

#include "xim-verify.h"

#include "test-bundles.h"
#include "xim-error.h"
#include "xim-verify-private.h"

static const XimKnown nothing;

static XimVerified *
accepts (const XimBundle *bundle, const XimKnown *known)
{
  g_autoptr (GError) error = NULL;
  XimVerified *verified
      = test_verify (bundle, TEST_JID, known, TEST_NOW_S, &error);
  g_assert_no_error (error);
  return verified;
}

static void
refuses (const XimBundle *bundle, const XimKnown *known, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (test_verify (bundle, TEST_JID, known, TEST_NOW_S, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_accepts (void)
{
  g_autoptr (XimBundle) bundle = test_bundle ((TestBundle){ .devices = "ab" });
  g_autoptr (XimVerified) verified = accepts (bundle, &nothing);
  g_assert_cmpstr (xim_verified_jid (verified), ==, TEST_JID);
  g_assert_cmpint (xim_verified_relation (verified), ==, XIM_RELATION_NEW);
  g_assert_cmpint (xim_verified_current_s (verified), ==, TEST_NOW_S);
  g_assert_cmpuint (xim_verified_account (verified)->version, ==, 1);
  g_assert_cmpuint (xim_verified_n_usable (verified), ==, 2);
  g_assert_cmpuint (xim_verified_usable (verified, 0)->id.bytes[0], ==, 'a');
  g_assert_cmpuint (xim_verified_usable (verified, 1)->id.bytes[0], ==, 'b');

  const XimAccountDevice b = test_listed ('b');
  const XimDeviceId c = { { 'c' } };
  const XimEd25519Public *signer = xim_verified_signer (verified, &b.id);
  g_assert_cmpmem (signer->bytes, 32, b.key.bytes, 32);
  g_assert_null (xim_verified_signer (verified, &c));
  xim_verified_unref (xim_verified_ref (verified));
  xim_verified_unref (NULL);
}

static void
test_refuses_names (void)
{
  g_autoptr (XimBundle) bundle = test_bundle ((TestBundle){ .devices = "a" });
  g_autoptr (GError) error = NULL;
  g_assert_null (
      test_verify (bundle, "bob@example.org", &nothing, TEST_NOW_S, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME);

  g_autoptr (XimBundle) other_domain = test_bundle (
      (TestBundle){ .jid = "alice@example.com", .devices = "a" });
  g_clear_error (&error);
  g_assert_null (test_verify (other_domain, "alice@example.com", &nothing,
                              TEST_NOW_S, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME);

  /* The JSON, the account note or the current note names somebody else. */
  g_autoptr (XimBundle) other
      = test_bundle ((TestBundle){ .jid = "bob@example.org", .devices = "a" });
  g_free (other->jid);
  other->jid = g_strdup (TEST_JID);
  refuses (other, &nothing, XIM_ERROR_WRONG_NAME);
  XimCurrent *current = bundle->current;
  bundle->current = other->current;
  other->current = current;
  refuses (bundle, &nothing, XIM_ERROR_WRONG_NAME);
}

static void
test_refuses_signatures (void)
{
  g_autoptr (XimBundle) uncountersigned
      = test_bundle ((TestBundle){ .devices = "a", .account_signers = "a" });
  refuses (uncountersigned, &nothing, XIM_ERROR_SIGNATURE);
  g_autoptr (XimBundle) other_server
      = test_bundle ((TestBundle){ .devices = "a", .account_signers = "aT" });
  refuses (other_server, &nothing, XIM_ERROR_SIGNATURE);
  g_autoptr (XimBundle) other_current
      = test_bundle ((TestBundle){ .devices = "a", .current_signers = "T" });
  refuses (other_current, &nothing, XIM_ERROR_SIGNATURE);
  g_autoptr (XimBundle) own_current
      = test_bundle ((TestBundle){ .devices = "a", .current_signers = "a" });
  refuses (own_current, &nothing, XIM_ERROR_SIGNATURE);
}

static void
test_current_time (void)
{
  g_autoptr (XimBundle) old = test_bundle (
      (TestBundle){ .devices = "a", .current_s = TEST_NOW_S - 86400 });
  g_autoptr (XimVerified) verified = accepts (old, &nothing);
  g_assert_cmpint (xim_verified_current_s (verified), ==, TEST_NOW_S - 86400);
  g_autoptr (XimBundle) stale = test_bundle (
      (TestBundle){ .devices = "a", .current_s = TEST_NOW_S - 86401 });
  refuses (stale, &nothing, XIM_ERROR_EXPIRED);
  g_autoptr (XimBundle) early = test_bundle (
      (TestBundle){ .devices = "a", .current_s = TEST_NOW_S + 601 });
  refuses (early, &nothing, XIM_ERROR_EXPIRED);
}

/* The current note of another version, and of the same with another text. */
static void
test_refuses_current_of_another (void)
{
  g_autoptr (XimBundle) bundle = test_bundle ((TestBundle){ .devices = "a" });
  g_autoptr (XimBundle) next = test_bundle (
      (TestBundle){ .before = bundle->account, .devices = "a" });
  XimCurrent *current = bundle->current;
  bundle->current = next->current;
  next->current = current;
  refuses (bundle, &nothing, XIM_ERROR_KEY_CHANGED);
  refuses (next, &nothing, XIM_ERROR_KEY_CHANGED);

  g_autoptr (XimBundle) one = test_bundle ((TestBundle){ .devices = "a" });
  g_autoptr (XimBundle) two = test_bundle ((TestBundle){ .devices = "b" });
  current = one->current;
  one->current = two->current;
  two->current = current;
  refuses (one, &nothing, XIM_ERROR_KEY_CHANGED);
}

static void
test_relations (void)
{
  g_autoptr (XimBundle) first = test_bundle ((TestBundle){ .devices = "a" });
  g_autoptr (XimBundle) second = test_bundle (
      (TestBundle){ .before = first->account, .devices = "ab" });
  g_autoptr (XimBundle) reset = test_bundle ((TestBundle){
      .before = second->account, .reset = TRUE, .devices = "c" });
  const XimKnown knows_first = { .history = { .newest = first->account } };
  const XimKnown knows_second = { .history = { .newest = second->account } };

  g_autoptr (XimVerified) unchanged = accepts (first, &knows_first);
  g_assert_cmpint (xim_verified_relation (unchanged), ==,
                   XIM_RELATION_UNCHANGED);
  g_autoptr (XimVerified) continued = accepts (second, &knows_first);
  g_assert_cmpint (xim_verified_relation (continued), ==,
                   XIM_RELATION_CONTINUED);
  g_autoptr (XimVerified) was_reset = accepts (reset, &knows_first);
  g_assert_cmpint (xim_verified_relation (was_reset), ==, XIM_RELATION_RESET);
  refuses (first, &knows_second, XIM_ERROR_KEY_CHANGED);
}

/* An old answer that somebody kept is no lie of the keyserver. */
static void
test_time_before_chain (void)
{
  g_autoptr (XimBundle) first = test_bundle ((TestBundle){ .devices = "a" });
  g_autoptr (XimBundle) second = test_bundle (
      (TestBundle){ .before = first->account, .devices = "ab" });
  const XimKnown known = { .history = { .newest = second->account } };
  refuses (first, &known, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimBundle) stale = test_bundle (
      (TestBundle){ .devices = "a", .current_s = TEST_NOW_S - 86401 });
  refuses (stale, &known, XIM_ERROR_EXPIRED);
  g_autoptr (XimBundle) unsigned_current
      = test_bundle ((TestBundle){ .devices = "a", .current_signers = "T" });
  refuses (unsigned_current, &known, XIM_ERROR_SIGNATURE);
  /* Signatures come before both. */
  g_autoptr (XimBundle) all
      = test_bundle ((TestBundle){ .devices = "a",
                                   .account_signers = "a",
                                   .current_s = TEST_NOW_S - 86401 });
  refuses (all, &known, XIM_ERROR_SIGNATURE);
}

static void
assert_usable (const XimBundle *bundle, const XimKnown *known,
               const char *letters)
{
  g_autoptr (XimVerified) verified = accepts (bundle, known);
  g_autoptr (GString) usable = g_string_new (NULL);
  for (guint i = 0; i < xim_verified_n_usable (verified); i++)
    g_string_append_c (usable,
                       (char)xim_verified_usable (verified, i)->id.bytes[0]);
  g_assert_cmpstr (usable->str, ==, letters);
}

/* Puts a note of device b into a bundle of a and b. */
static void
assert_left_out (TestDevice spec)
{
  g_autoptr (XimBundle) bundle = test_bundle ((TestBundle){ .devices = "ab" });
  xim_device_free (bundle->devices[1]);
  bundle->devices[1] = test_device (spec);
  assert_usable (bundle, &nothing, "a");
}

static void
test_leaves_out_devices (void)
{
  assert_left_out ((TestDevice){ .device = 'b', .signers = "b" });
  assert_left_out ((TestDevice){ .device = 'b', .signers = "aS" });
  assert_left_out ((TestDevice){ .device = 'b', .signers = "bT" });
  assert_left_out ((TestDevice){ .device = 'c', .signers = "cS" });
  assert_left_out ((TestDevice){
      .jid = "bob@example.org", .device = 'b', .signers = "bS" });
  assert_left_out ((TestDevice){
      .device = 'b', .created_s = TEST_NOW_S + 601, .signers = "bS" });
  assert_left_out ((TestDevice){ .device = 'b',
                                 .created_s = TEST_NOW_S - 100,
                                 .life_s = 100,
                                 .signers = "bS" });
}

static void
test_leaves_out_older_serial (void)
{
  g_autoptr (XimBundle) bundle = test_bundle ((TestBundle){ .devices = "ab" });
  g_autoptr (XimDevice) newer = test_device (
      (TestDevice){ .device = 'a', .serial = 2, .signers = "aS" });
  const XimDevice *seen[] = { newer };
  const XimKnown known = { .devices = seen, .n_devices = 1 };
  assert_usable (bundle, &nothing, "ab");
  assert_usable (bundle, &known, "b");
  g_autoptr (XimVerified) honest = accepts (bundle, &nothing);
  g_autoptr (XimVerified) older = accepts (bundle, &known);
  g_assert_null (xim_verified_replayed (honest));
  g_assert_nonnull (xim_verified_replayed (older));
}

/* All devices out of time: nobody can be sealed to, but the signatures of the
 * listed devices still count. */
static void
test_none_usable (void)
{
  g_autoptr (XimBundle) bundle = test_bundle ((TestBundle){ .devices = "a" });
  xim_device_free (bundle->devices[0]);
  bundle->n_devices = 0;
  g_autoptr (XimVerified) verified = accepts (bundle, &nothing);
  g_assert_cmpuint (xim_verified_n_usable (verified), ==, 0);
  const XimDeviceId a = { { 'a' } };
  g_assert_nonnull (xim_verified_signer (verified, &a));
}

static void
test_unproven (void)
{
  const XimAccountDevice device = test_listed ('a');
  g_autoptr (XimVerified) verified
      = xim_verified_new_unproven (TEST_JID, &device, 1);
  g_assert_cmpstr (xim_verified_jid (verified), ==, TEST_JID);
  g_assert_nonnull (xim_verified_signer (verified, &device.id));
  g_assert_cmpuint (xim_verified_n_usable (verified), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/verify/accepts", test_accepts);
  g_test_add_func ("/verify/refuses-names", test_refuses_names);
  g_test_add_func ("/verify/refuses-signatures", test_refuses_signatures);
  g_test_add_func ("/verify/current", test_current_time);
  g_test_add_func ("/verify/refuses-current-of-another",
                   test_refuses_current_of_another);
  g_test_add_func ("/verify/relations", test_relations);
  g_test_add_func ("/verify/time-before-chain", test_time_before_chain);
  g_test_add_func ("/verify/leaves-out-devices", test_leaves_out_devices);
  g_test_add_func ("/verify/leaves-out-older-serial",
                   test_leaves_out_older_serial);
  g_test_add_func ("/verify/none-usable", test_none_usable);
  g_test_add_func ("/verify/unproven", test_unproven);
  return g_test_run ();
}
