/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-trust.c. */

#include "config.h"

#include "xim-trust.h"

#include "test-bundles.h"
#include "xim-error.h"
#include "xim-trust-private.h"

static XimVerified *
verified_after (TestBundle spec, const XimAccount *newest)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimBundle) bundle = test_bundle (spec);
  const XimKnown known = { .history = { .newest = newest } };
  XimVerified *verified
      = test_verify (bundle, bundle->jid, &known, TEST_NOW_S, &error);
  g_assert_no_error (error);
  return verified;
}

static XimVerified *
make (const char *jid, const char *devices)
{
  return verified_after ((TestBundle){ .jid = jid, .devices = devices }, NULL);
}

static XimRecipients *
accepts (const XimTrustPeer *peers, guint n_peers, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  XimRecipients *recipients
      = xim_trust_recipients (peers, n_peers, TRUE, now_s, &error);
  g_assert_no_error (error);
  return recipients;
}

static void
refuses (const XimTrustPeer *peers, guint n_peers, gboolean online,
         gint64 now_s, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_trust_recipients (peers, n_peers, online, now_s, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_recipients (void)
{
  g_autoptr (XimVerified) alice = make (NULL, "ab");
  g_autoptr (XimVerified) bob = make ("bob@example.org", "c");
  const XimTrustPeer peers[]
      = { { .verified = bob, .checked_s = TEST_NOW_S },
          { .verified = alice, .checked_s = TEST_NOW_S } };
  g_autoptr (XimRecipients) recipients = accepts (peers, 2, TEST_NOW_S);
  g_assert_cmpuint (xim_recipients_n (recipients), ==, 3);
  const struct
  {
    const char *jid;
    const XimDevice *device;
  } expected[] = { { "bob@example.org", xim_verified_usable (bob, 0) },
                   { TEST_JID, xim_verified_usable (alice, 0) },
                   { TEST_JID, xim_verified_usable (alice, 1) } };
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpstr (xim_recipients_jid (recipients, i), ==,
                       expected[i].jid);
      g_assert_cmpmem (xim_recipients_device (recipients, i)->bytes, 8,
                       expected[i].device->id.bytes, 8);
      g_assert_cmpmem (xim_recipients_key (recipients, i)->bytes, 32,
                       expected[i].device->key.bytes, 32);
    }
  xim_recipients_free (NULL);
}

/* Writing to oneself must not make two slots with one tag. */
static void
test_recipients_once (void)
{
  g_autoptr (XimVerified) alice = make (NULL, "ab");
  const XimTrustPeer peers[]
      = { { .verified = alice, .checked_s = TEST_NOW_S },
          { .verified = alice, .checked_s = TEST_NOW_S } };
  g_autoptr (XimRecipients) recipients = accepts (peers, 2, TEST_NOW_S);
  g_assert_cmpuint (xim_recipients_n (recipients), ==, 2);
}

static void
test_recipients_age (void)
{
  g_autoptr (XimVerified) alice = make (NULL, "a");
  const XimTrustPeer peer = { .verified = alice, .checked_s = TEST_NOW_S };
  g_autoptr (XimRecipients) fresh = accepts (&peer, 1, TEST_NOW_S + 3600);
  g_assert_nonnull (fresh);
  refuses (&peer, 1, TRUE, TEST_NOW_S + 3601, XIM_ERROR_EXPIRED);
  g_autoptr (GError) error = NULL;
  g_autoptr (XimRecipients) stale
      = xim_trust_recipients (&peer, 1, FALSE, TEST_NOW_S + 86400, &error);
  g_assert_no_error (error);
  refuses (&peer, 1, FALSE, TEST_NOW_S + 86401, XIM_ERROR_EXPIRED);
  g_autoptr (XimRecipients) early = accepts (&peer, 1, TEST_NOW_S - 600);
  g_assert_nonnull (early);
  refuses (&peer, 1, TRUE, TEST_NOW_S - 601, XIM_ERROR_EXPIRED);
  refuses (&peer, 1, FALSE, TEST_NOW_S - 601, XIM_ERROR_EXPIRED);
}

static void
test_recipients_none (void)
{
  refuses (NULL, 0, TRUE, TEST_NOW_S, XIM_ERROR_NOT_FOUND);
  /* Valid when it was verified, not when it is sealed to. */
  g_autoptr (XimVerified) alice
      = verified_after ((TestBundle){ .devices = "a", .life_s = 100 }, NULL);
  g_autoptr (XimVerified) bob = make ("bob@example.org", "c");
  const XimTrustPeer peers[]
      = { { .verified = bob, .checked_s = TEST_NOW_S },
          { .verified = alice, .checked_s = TEST_NOW_S } };
  g_autoptr (XimRecipients) both = accepts (peers, 2, TEST_NOW_S + 99);
  g_assert_cmpuint (xim_recipients_n (both), ==, 2);
  refuses (peers, 2, TRUE, TEST_NOW_S + 100, XIM_ERROR_NOT_FOUND);
}

static void
test_reset (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "aS" });
  g_autoptr (XimVerified) reset = verified_after (
      (TestBundle){ .before = first, .reset = TRUE, .devices = "b" }, first);
  XimTrustPeer peer = { .verified = reset, .checked_s = TEST_NOW_S };
  g_autoptr (GError) error = NULL;
  refuses (&peer, 1, TRUE, TEST_NOW_S, XIM_ERROR_KEY_CHANGED);
  g_assert_false (xim_trust_may_read (&peer, TRUE, TEST_NOW_S, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
  g_clear_error (&error);
  peer.accepted_version = 1;
  refuses (&peer, 1, TRUE, TEST_NOW_S, XIM_ERROR_KEY_CHANGED);
  peer.accepted_version = 2;
  g_autoptr (XimRecipients) accepted = accepts (&peer, 1, TEST_NOW_S);
  g_assert_true (xim_trust_may_read (&peer, TRUE, TEST_NOW_S, &error));
  g_assert_no_error (error);
}

/* Fetched again, the reset is what is known: it verifies as unchanged. */
static void
test_reset_stays (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "aS" });
  g_autoptr (XimAccount) reset = test_account ((TestAccount){
      .before = first, .reset = TRUE, .devices = "b", .signers = "bS" });
  g_autoptr (XimVerified) again = verified_after (
      (TestBundle){ .before = first, .reset = TRUE, .devices = "b" }, reset);
  g_assert_cmpint (xim_verified_relation (again), ==, XIM_RELATION_UNCHANGED);
  XimTrustPeer peer
      = { .verified = again, .checked_s = TEST_NOW_S, .reset_version = 2 };
  refuses (&peer, 1, TRUE, TEST_NOW_S, XIM_ERROR_KEY_CHANGED);
  peer.accepted_version = 2;
  g_autoptr (XimRecipients) accepted = accepts (&peer, 1, TEST_NOW_S);
  g_assert_nonnull (accepted);
}

static void
test_may_read_age (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerified) alice = make (NULL, "a");
  const XimTrustPeer peer = { .verified = alice, .checked_s = TEST_NOW_S };
  g_assert_true (xim_trust_may_read (&peer, TRUE, TEST_NOW_S + 3600, &error));
  g_assert_false (xim_trust_may_read (&peer, TRUE, TEST_NOW_S + 3601, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_EXPIRED);
  g_clear_error (&error);
  g_assert_true (
      xim_trust_may_read (&peer, FALSE, TEST_NOW_S + 86400, &error));
  g_assert_false (
      xim_trust_may_read (&peer, FALSE, TEST_NOW_S + 86401, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_EXPIRED);
}

/* 129 members of 16 devices are more than an envelope can hold. */
static void
test_too_many (void)
{
  const guint n = XIM_SLOTS_MAX / XIM_DEVICES_MAX + 1;
  g_autoptr (GPtrArray) members
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_verified_unref);
  g_autofree XimTrustPeer *peers = g_new0 (XimTrustPeer, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *jid = g_strdup_printf ("user%u@example.org", i);
      XimVerified *verified = make (jid, "abcdefghijklmnop");
      g_ptr_array_add (members, verified);
      peers[i].verified = verified;
      peers[i].checked_s = TEST_NOW_S;
    }
  g_autoptr (XimRecipients) most = accepts (peers, n - 1, TEST_NOW_S);
  g_assert_cmpuint (xim_recipients_n (most), ==, XIM_SLOTS_MAX);
  refuses (peers, n, TRUE, TEST_NOW_S, XIM_ERROR_TOO_LARGE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/trust/recipients/accepts", test_recipients);
  g_test_add_func ("/trust/recipients/once", test_recipients_once);
  g_test_add_func ("/trust/recipients/age", test_recipients_age);
  g_test_add_func ("/trust/recipients/none", test_recipients_none);
  g_test_add_func ("/trust/recipients/too-many", test_too_many);
  g_test_add_func ("/trust/reset/refuses", test_reset);
  g_test_add_func ("/trust/reset/stays", test_reset_stays);
  g_test_add_func ("/trust/may-read/age", test_may_read_age);
  return g_test_run ();
}
