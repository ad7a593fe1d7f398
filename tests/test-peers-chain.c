/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of plugin/peers-lookup.c, peers-claims.c, walk.c and changes.c: what
 * follows from the versions of an account. */

#include "config.h"

#include "plugin/changes.h"
#include "tests/headless.h"
#include "tests/peers-world.h"
#include "xim-error.h"

/* Version 1 is known; versions 2 and 3 are passed over, 4 is served. */
static XimAccount *
serve_far (PeersWorld *world)
{
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  peers_etag = "\"four\"";
  g_autoptr (XimAccount) second
      = peers_pass ((TestBundle){ .devices = "ab", .before = first });
  g_autoptr (XimAccount) third
      = peers_pass ((TestBundle){ .devices = "b", .before = second });
  return peers_serve ((TestBundle){ .devices = "bc", .before = third });
}

static guint32
version_of (PeersWorld *world)
{
  XimTrustPeer trust = { 0 };
  if (!xim_peers_trust (world->peers, TEST_JID, &trust))
    return 0;
  return xim_verified_account (trust.verified)->version;
}

static guint
n_version_requests (void)
{
  guint n = 0;
  for (guint i = 0; i < fake_n_requests (); i++)
    n += strstr (fake_request (i), "/versions/") != NULL;
  return n;
}

static void
test_walks (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) newest = serve_far (world);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (version_of (world), ==, 4);
  g_assert_cmpuint (n_version_requests (), ==, 2);
  guint n = fake_n_requests ();
  g_assert_cmpstr (fake_request (n - 3), ==,
                   "GET https://keys.example.org/v1/accounts/"
                   "alice%40example.org/versions/3");
  g_assert_nonnull (strstr (fake_request (n - 1), "/log/tile/"));
  g_assert_cmpuint (peers_n_evidence (world), ==, 0);
  /* All of it is remembered. */
  peers_restart (world);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  g_autoptr (GArray) changes = xim_peers_changes (world->peers, TEST_JID);
  g_assert_cmpuint (changes->len, ==, 3);
}

static void
assert_is_reset (PeersWorld *world)
{
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  g_assert_cmpuint (peers_n_evidence (world), ==, 1);
  g_assert_cmpint (peers_kept_code, ==, XIM_ERROR_KEY_CHANGED);
  peers_restart (world);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_KEY_CHANGED);
  g_assert_true (xim_peers_accept (world->peers, TEST_JID, NULL));
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  g_assert_false (xim_peers_accept (world->peers, TEST_JID, NULL));
  peers_restart (world);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
}

static void
test_missing_version (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) newest = serve_far (world);
  peers_set_version (2, NULL);
  assert_is_reset (world);
}

static void
test_other_version (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) newest = serve_far (world);
  g_autoptr (XimAccount) other = test_account (
      (TestAccount){ .version = 3, .devices = "x", .signers = "xS" });
  peers_set_version (3, other->note);
  assert_is_reset (world);
}

/* The truth comes back: what is known counts again, and nobody was asked. */
static void
test_honest_again (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimTrustPeer trust = { 0 };
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  for (guint i = 0; i < 2; i++)
    {
      peers_etag = "\"lie\"";
      g_autoptr (XimAccount) ghost = peers_serve ((TestBundle){
          .devices = "x", .before = first, .account_signers = "xS" });
      g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
      /* Nothing that it signed or signs counts before it is accepted. */
      g_assert_true (xim_peers_trust (world->peers, TEST_JID, &trust));
      g_assert_false (xim_trust_may_read (&trust, TRUE, fake_now_s, NULL));
      if (i == 1)
        peers_restart (world);
      peers_etag = "\"one\"";
      g_autoptr (XimAccount) same
          = peers_serve ((TestBundle){ .devices = "a" });
      g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
      g_assert_cmpuint (version_of (world), ==, 1);
      g_assert_false (xim_peers_accept (world->peers, TEST_JID, NULL));
    }
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "ab", .before = first });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
}

/* Too old to be accepted, and still no reason to go back to what was known. */
static void
test_old_pending (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimTrustPeer trust = { 0 };
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) ghost
      = peers_serve ((TestBundle){ .devices = "x",
                                   .before = first,
                                   .account_signers = "xS",
                                   .current_s = TEST_NOW_S - 80000 });
  peers_look_up_again (world);
  peers_outcome = XIM_HTTP_TIMEOUT;
  fake_sleep (3700);
  peers_restart (world);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_KEY_CHANGED);
  g_assert_false (xim_peers_trust (world->peers, TEST_JID, &trust));
  g_assert_false (xim_peers_accept (world->peers, TEST_JID, NULL));
}

/* Nobody of the version before signed. */
static void
test_untrusted_step (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_etag = "\"three\"";
  g_autoptr (XimAccount) second = peers_pass ((TestBundle){
      .devices = "ax", .before = first, .account_signers = "xS" });
  g_autoptr (XimAccount) third
      = peers_serve ((TestBundle){ .devices = "ax", .before = second });
  assert_is_reset (world);
}

/* The same where nothing lies between. */
static void
test_untrusted_next (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) second = peers_serve ((TestBundle){
      .devices = "x", .before = first, .account_signers = "xS" });
  assert_is_reset (world);
  g_assert_cmpuint (n_version_requests (), ==, 0);
}

static void
test_too_far (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_etag = "\"far\"";
  g_autoptr (XimAccount) before = xim_account_copy (first);
  for (guint i = 0; i < XIM_WALK_MAX + 1; i++)
    {
      XimAccount *next
          = peers_pass ((TestBundle){ .devices = "a", .before = before });
      xim_account_free (before);
      before = next;
    }
  g_autoptr (XimAccount) newest
      = peers_serve ((TestBundle){ .devices = "a", .before = before });
  assert_is_reset (world);
  g_assert_cmpuint (n_version_requests (), ==, 0);
}

/* An outage is no reset, and it does not let anybody seal to the old one. */
static void
test_outage_in_walk (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimFacts all = { 0 };
  g_autoptr (XimAccount) newest = serve_far (world);
  const guint refusals[] = { 429, 503 };
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      peers_version_status = refusals[i];
      g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_UNREACHABLE);
      g_assert_cmpuint (version_of (world), ==, 0);
    }
  g_assert_cmpuint (peers_n_evidence (world), ==, 0);
  /* Nor when the keyserver is gone altogether, nor after a restart. */
  peers_outcome = XIM_HTTP_TIMEOUT;
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_UNREACHABLE);
  peers_restart (world);
  peers_facts (world, &all);
  g_assert_cmpint (all.checked_s, ==, 0);
  peers_outcome = XIM_HTTP_ANSWER;
  peers_version_status = 200;
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (version_of (world), ==, 4);
}

static void
test_freed_in_walk (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) newest = serve_far (world);
  fake_sleep (3601);
  xim_peers_refresh (world->peers, TEST_JID, FALSE);
  while (n_version_requests () == 0)
    g_main_context_iteration (NULL, TRUE);
  /* Half of it is known to lie ahead: the old one does not count. */
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_UNKNOWN);
  g_assert_cmpuint (version_of (world), ==, 0);
  peers_close (world);
  fake_run ();
  peers_open (world);
}

/* A reset that nobody accepted is one until somebody does, whatever follows.
 */
static void
test_reset_persists (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) reset = peers_serve (
      (TestBundle){ .devices = "b", .before = first, .reset = TRUE });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  peers_etag = "\"three\"";
  g_autoptr (XimAccount) later
      = peers_serve ((TestBundle){ .devices = "bc", .before = reset });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  peers_restart (world);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  g_assert_true (xim_peers_accept (world->peers, TEST_JID, NULL));
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  /* What is said so is no lie. */
  g_assert_cmpuint (peers_n_evidence (world), ==, 0);
  peers_etag = "\"four\"";
  g_autoptr (XimAccount) again = peers_serve (
      (TestBundle){ .devices = "d", .before = later, .reset = TRUE });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
}

/* Erased as version 2, back as version 3. */
static void
test_left_and_back (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_serve_absence (TEST_JID, fake_now_s + 3601, "S");
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_ABSENT);
  peers_status = 200;
  peers_etag = "\"three\"";
  g_autoptr (XimAccount) erased = xim_account_copy (first);
  erased->version = 2;
  erased->hash.bytes[0] ^= 1;
  peers_set_version (2, NULL);
  g_autoptr (XimAccount) back = peers_serve (
      (TestBundle){ .devices = "b", .before = erased, .reset = TRUE });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  g_assert_cmpuint (peers_n_evidence (world), ==, 0);
}

static void
test_older_serial (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  g_autoptr (XimDevice) newer = test_device (
      (TestDevice){ .device = 'a', .serial = 2, .signers = "aS" });
  g_autofree char *hex
      = xim_codec_hex_encode (newer->id.bytes, sizeof newer->id.bytes);
  g_assert_true (xim_store_save_seen_device (world->client.store, TEST_JID,
                                             hex, 2, newer->text, NULL));
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_NO_DEVICE);
  g_assert_cmpuint (peers_n_kept, ==, 1);
  g_assert_cmpint (peers_kept_code, ==, XIM_ERROR_REPLAYED);
  g_assert_cmpuint (peers_n_evidence (world), ==, 1);
}

/* Claims */

static XimPeersClaim
claim_of (const XimAccount *account, char device)
{
  return (XimPeersClaim){ account->version,
                          account->hash,
                          { { (guint8)device } } };
}

static void
test_compare (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) newest = serve_far (world);
  XimPeersClaim claim = claim_of (newest, 'a');
  g_assert_cmpint (xim_peers_compare (world->peers, TEST_JID, &claim), ==,
                   XIM_CLAIM_NEWER);
  peers_look_up_again (world);
  g_assert_cmpint (xim_peers_compare (world->peers, TEST_JID, &claim), ==,
                   XIM_CLAIM_FITS);
  claim.hash.bytes[0] ^= 1;
  for (guint32 version = 1; version < 5; version++)
    {
      claim.version = version;
      g_assert_cmpint (xim_peers_compare (world->peers, TEST_JID, &claim), ==,
                       XIM_CLAIM_OTHER);
    }
  peers_etag = "\"five\"";
  g_autoptr (XimAccount) reset = peers_serve (
      (TestBundle){ .devices = "x", .before = newest, .reset = TRUE });
  peers_look_up_again (world);
  g_assert_cmpint (xim_peers_compare (world->peers, TEST_JID, &claim), ==,
                   XIM_CLAIM_OLD);
}

/* What the sender uses itself must be fetched before the next seal. */
static void
test_hears_newer (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  g_autoptr (XimAccount) second
      = peers_pass ((TestBundle){ .devices = "ab", .before = first });
  const XimPeersClaim claim = claim_of (second, 'a');
  xim_peers_hear (world->peers, TEST_JID, &claim);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_UNKNOWN);
  peers_restart (world);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_UNKNOWN);
  /* Unreachable does not mean that the older one is good for a day. */
  peers_outcome = XIM_HTTP_TIMEOUT;
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_UNREACHABLE);
  peers_outcome = XIM_HTTP_ANSWER;
  /* The keyserver hides it. */
  fake_sleep (900);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_DENIED);
  /* It shows it. */
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) shown
      = peers_serve ((TestBundle){ .devices = "ab", .before = first });
  fake_sleep (900);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (version_of (world), ==, 2);
  peers_restart (world);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
}

static void
test_accepts_against_claim (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  XimPeersClaim claim = claim_of (first, 'a');
  claim.hash.bytes[0] ^= 1;
  xim_peers_hear (world->peers, TEST_JID, &claim);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_DENIED);
  g_assert_true (xim_peers_accept (world->peers, TEST_JID, NULL));
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  peers_restart (world);
  /* The same again changes nothing, another does. */
  xim_peers_hear (world->peers, TEST_JID, &claim);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  claim.hash.bytes[0] ^= 2;
  xim_peers_hear (world->peers, TEST_JID, &claim);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_DENIED);
}

/* A thief's device cannot stop its owner for longer than it is listed. */
static void
test_claim_of_removed (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "ab" });
  peers_look_up (world);
  XimPeersClaim claim = claim_of (first, 'b');
  claim.version = 900;
  xim_peers_hear (world->peers, TEST_JID, &claim);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_DENIED);
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "a", .before = first });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
}

/* Versions before the first one that this client saw. */
static void
test_completes (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_pass ((TestBundle){ .devices = "a" });
  g_autoptr (XimAccount) second
      = peers_pass ((TestBundle){ .devices = "ab", .before = first });
  g_autoptr (XimAccount) third
      = peers_serve ((TestBundle){ .devices = "ab", .before = second });
  XimPeersClaim claim = claim_of (second, 'a');
  peers_look_up (world);
  g_assert_cmpint (xim_peers_compare (world->peers, TEST_JID, &claim), ==,
                   XIM_CLAIM_MISSING);
  xim_peers_complete (world->peers, TEST_JID, 2);
  fake_run ();
  g_assert_cmpint (xim_peers_compare (world->peers, TEST_JID, &claim), ==,
                   XIM_CLAIM_FITS);
  claim = claim_of (first, 'a');
  peers_set_version (1, third->note);
  xim_peers_complete (world->peers, TEST_JID, 1);
  fake_run ();
  g_assert_cmpint (xim_peers_compare (world->peers, TEST_JID, &claim), ==,
                   XIM_CLAIM_LACKING);
}

static void
test_former (PeersWorld *world, gconstpointer data)
{
  (void)data;
  const XimDeviceId b = { { 'b' } };
  const XimDeviceId x = { { 'x' } };
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "ab" });
  peers_look_up (world);
  g_assert_null (xim_peers_former (world->peers, TEST_JID, &b));
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "a", .before = first });
  peers_look_up_again (world);
  g_autoptr (XimVerified) former
      = xim_peers_former (world->peers, TEST_JID, &b);
  g_assert_nonnull (xim_verified_signer (former, &b));
  g_assert_cmpuint (xim_verified_n_usable (former), ==, 0);
  g_assert_null (xim_peers_former (world->peers, TEST_JID, &x));
}

/* Lines */

static char *
line_of (const GArray *changes, guint i)
{
  return xim_changes_text (&g_array_index (changes, XimPeersChange, i),
                           TEST_JID);
}

static void
test_change_lines (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) newest = serve_far (world);
  peers_look_up_again (world);
  peers_etag = "\"five\"";
  g_autoptr (XimAccount) last = peers_serve (
      (TestBundle){ .devices = "x", .before = newest, .reset = TRUE });
  peers_look_up_again (world);
  /* Nobody was there to read it: not after a restart either. */
  peers_restart (world);
  g_autoptr (GArray) changes = xim_peers_changes (world->peers, TEST_JID);
  g_assert_cmpuint (changes->len, ==, 4);
  g_autofree char *came = line_of (changes, 0);
  g_autofree char *went = line_of (changes, 1);
  g_autofree char *reset = line_of (changes, 3);
  g_assert_true (g_str_has_prefix (came, "Since 2026-11-23 "));
  g_assert_nonnull (strstr (came, TEST_JID " also uses another device."));
  g_assert_nonnull (strstr (went, TEST_JID " no longer uses one device."));
  g_assert_nonnull (strstr (reset, TEST_JID " started again"));
  /* Once. */
  xim_peers_told (world->peers, TEST_JID);
  peers_restart (world);
  g_autoptr (GArray) none = xim_peers_changes (world->peers, TEST_JID);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_unreached_line (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) newest = serve_far (world);
  peers_set_version (2, NULL);
  peers_look_up_again (world);
  g_assert_true (xim_peers_accept (world->peers, TEST_JID, NULL));
  g_autoptr (GArray) changes = xim_peers_changes (world->peers, TEST_JID);
  g_assert_cmpuint (changes->len, >, 0);
  g_autofree char *line = line_of (changes, 0);
  g_assert_nonnull (strstr (line, "do not follow"));
  /* Nothing changed but the version. */
  const XimPeersChange same = { .change = { .version = 2 } };
  g_assert_null (xim_changes_text (&same, TEST_JID));
}

#define ADD(path, function)                                                   \
  g_test_add ("/peers-chain/" path, PeersWorld, NULL, peers_set_up, function, \
              peers_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("walks", test_walks);
  ADD ("missing-version", test_missing_version);
  ADD ("other-version", test_other_version);
  ADD ("honest-again", test_honest_again);
  ADD ("old-pending", test_old_pending);
  ADD ("untrusted-step", test_untrusted_step);
  ADD ("untrusted-next", test_untrusted_next);
  ADD ("too-far", test_too_far);
  ADD ("outage-in-walk", test_outage_in_walk);
  ADD ("freed-in-walk", test_freed_in_walk);
  ADD ("reset-persists", test_reset_persists);
  ADD ("left-and-back", test_left_and_back);
  ADD ("older-serial", test_older_serial);
  ADD ("compare", test_compare);
  ADD ("hears-newer", test_hears_newer);
  ADD ("accepts-against-claim", test_accepts_against_claim);
  ADD ("claim-of-removed", test_claim_of_removed);
  ADD ("completes", test_completes);
  ADD ("former", test_former);
  ADD ("change-lines", test_change_lines);
  ADD ("unreached-line", test_unreached_line);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
