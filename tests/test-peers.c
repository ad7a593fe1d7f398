/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of peers.c and judge.c. */

#include "config.h"

#include <time.h>

#include "tests/headless.h"
#include "tests/peers-world.h"

static void
test_verifies (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimTrustPeer trust = { 0 };
  XimFacts all = { 0 };
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_UNKNOWN);
  g_assert_false (xim_peers_trust (world->peers, TEST_JID, &trust));
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (peers_n_changes, ==, 1);
  g_assert_true (xim_peers_trust (world->peers, TEST_JID, &trust));
  g_assert_cmpstr (xim_verified_jid (trust.verified), ==, TEST_JID);
  peers_facts (world, &all);
  g_assert_true (all.peer_ever_held && all.domain_pinned && all.peer_online);
  g_assert_cmpint (all.checked_s, ==, TEST_NOW_S);
  g_autofree char *fingerprint
      = xim_peers_fingerprint (world->peers, TEST_JID);
  g_assert_nonnull (fingerprint);
}

static void
test_asks_only_when_due (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a" });
  for (int i = 0; i < 5; i++)
    xim_peers_refresh (world->peers, TEST_JID, TRUE);
  peers_look_up (world);
  g_assert_cmpuint (fake_n_requests (), ==, 2);
  g_assert_cmpstr (
      fake_request (1), ==,
      "GET https://keys.example.org/v1/accounts/alice%40example.org");
  peers_look_up (world);
  g_assert_cmpuint (fake_n_requests (), ==, 2);
  /* After an hour it is revalidated, without the bytes. */
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (fake_n_requests (), ==, 4);
  g_assert_true (g_str_has_suffix (fake_request (3), " etag"));
  XimFacts all = { 0 };
  peers_facts (world, &all);
  g_assert_cmpint (all.checked_s, ==, fake_now_s);
}

static double
cpu_ms (void)
{
  return (double)clock () * 1000 / CLOCKS_PER_SEC;
}

/* Processor time, which other programs do not add to. */
static void
test_many_cached (PeersWorld *world, gconstpointer data)
{
  (void)data;
  enum
  {
    CONTACTS = 200,
    LIMIT_MS = 50
  };
  char jids[CONTACTS][32];
  for (guint i = 0; i < CONTACTS; i++)
    {
      g_snprintf (jids[i], sizeof jids[i], "friend%u@example.org", i);
      g_autoptr (XimAccount) account
          = peers_serve ((TestBundle){ .jid = jids[i], .devices = "ab" });
      peers_expected = jids[i];
      xim_peers_refresh (world->peers, jids[i], TRUE);
      fake_run ();
    }
  g_assert_cmpuint (peers_n_changes, ==, CONTACTS);
  guint asked = fake_n_requests ();
  peers_close (world);
  double start_ms = cpu_ms ();
  peers_open (world);
  xim_peers_retry (world->peers);
  fake_run ();
  double online_ms = cpu_ms ();
  for (guint i = 0; i < CONTACTS; i++)
    {
      XimTrustPeer trust = { 0 };
      g_assert_true (xim_peers_trust (world->peers, jids[i], &trust));
    }
  double read_ms = cpu_ms ();
  g_test_message ("sign-on with %d cached contacts: %.1f ms; reading and "
                  "checking all of them: %.1f ms",
                  CONTACTS, online_ms - start_ms, read_ms - online_ms);
  g_assert_cmpuint (fake_n_requests (), ==, asked);
#ifndef __SANITIZE_ADDRESS__ /* it makes everything slower */
  g_assert_cmpfloat (online_ms - start_ms, <, LIMIT_MS);
#endif
}

static void
test_survives_a_restart (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  guint before = fake_n_requests ();
  peers_close (world);
  peers_open (world);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (fake_n_requests (), ==, before);
}

/* The word that a version is the newest is good for a day. */
static void
test_fetches_what_grew_old (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  fake_sleep (86401);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_BAD_ANSWER);
  g_assert_false (
      g_str_has_suffix (fake_request (fake_n_requests () - 1), " etag"));
  g_autoptr (XimAccount) same = peers_serve (
      (TestBundle){ .devices = "a", .current_s = fake_now_s + 3601 });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
}

static void
test_outage (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimFacts all = { 0 };
  peers_outcome = XIM_HTTP_TIMEOUT;
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_UNREACHABLE);
  /* Not at once again. */
  guint before = fake_n_requests ();
  peers_look_up (world);
  g_assert_cmpuint (fake_n_requests (), ==, before);
  xim_peers_retry (world->peers);
  peers_outcome = XIM_HTTP_ANSWER;
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  /* What is held stays, and is known to be unchecked. */
  peers_status = 503;
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  peers_facts (world, &all);
  g_assert_false (all.peer_online);
  g_assert_cmpint (all.checked_s, ==, TEST_NOW_S);
  g_assert_cmpuint (peers_n_evidence (world), ==, 0);
}

static void
test_absence (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimFacts all = { 0 };
  peers_serve_absence (TEST_JID, TEST_NOW_S, "S");
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_ABSENT);
  peers_facts (world, &all);
  g_assert_cmpint (all.absent_s, ==, TEST_NOW_S);
  g_assert_false (all.peer_ever_held);
  peers_status = 200;
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  /* Who had keys has left. */
  peers_serve_absence (TEST_JID, fake_now_s + 3601, "S");
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_ABSENT);
  peers_facts (world, &all);
  g_assert_true (all.peer_ever_held);
  /* A restart does not bring the old bundle back. */
  peers_close (world);
  peers_open (world);
  peers_facts (world, &all);
  g_assert_cmpint (all.checked_s, ==, 0);
}

static void
test_refuses_absence_of_others (PeersWorld *world, gconstpointer data)
{
  (void)data;
  peers_serve_absence ("bob@example.org", TEST_NOW_S, "S");
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_BAD_ANSWER);
  peers_serve_absence (TEST_JID, fake_now_s + 3601, "T");
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_BAD_ANSWER);
  peers_serve_absence (TEST_JID, TEST_NOW_S, "S");
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_BAD_ANSWER);
  /* A time that does not fit may be our clock's: no evidence. */
  g_assert_cmpuint (peers_n_evidence (world), ==, 2);
}

static void
test_refuses_lies (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimTrustPeer trust = { 0 };
  const TestBundle lies[] = {
    { .devices = "a", .account_signers = "a" },
    { .devices = "a", .account_signers = "aT" },
    { .devices = "a", .current_signers = "T" },
    { .devices = "a", .jid = "bob@example.org" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (XimAccount) account = peers_serve (lies[i]);
      g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_BAD_ANSWER);
      g_assert_cmpuint (peers_n_evidence (world), ==, i + 1);
    }
  g_free (peers_body);
  peers_body = g_strdup ("{}");
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_BAD_ANSWER);
  g_assert_false (xim_peers_trust (world->peers, TEST_JID, &trust));
}

static void
test_swapped_key (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimFacts all = { 0 };
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  /* Version 1 again, with a device of somebody else. */
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) other = peers_serve ((TestBundle){ .devices = "b" });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_ROLLED_BACK);
  g_assert_cmpuint (peers_n_evidence (world), ==, 1);
  g_assert_cmpint (peers_kept_code, ==, XIM_ERROR_KEY_CHANGED);
  /* There is nothing that a user could accept. */
  g_assert_false (xim_peers_accept (world->peers, TEST_JID, NULL));
  /* Nor after a restart, until the honest one is back. */
  peers_close (world);
  peers_open (world);
  peers_facts (world, &all);
  g_assert_cmpint (all.checked_s, ==, 0);
  g_autoptr (XimAccount) honest = peers_serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
}

static void
test_reset (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimTrustPeer trust = { 0 };
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) reset = peers_serve (
      (TestBundle){ .devices = "b", .before = first, .reset = TRUE });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  /* The warning outlives the process. */
  peers_close (world);
  peers_open (world);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  g_assert_true (xim_peers_trust (world->peers, TEST_JID, &trust));
  g_assert_cmpuint (trust.reset_version, ==, 2);
  g_assert_cmpuint (trust.accepted_version, ==, 1);
  g_assert_true (xim_peers_accept (world->peers, TEST_JID, NULL));
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  peers_close (world);
  peers_open (world);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
}

static void
test_added_device (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "ab", .before = first });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  XimTrustPeer trust = { 0 };
  g_assert_true (xim_peers_trust (world->peers, TEST_JID, &trust));
  g_assert_cmpuint (xim_verified_account (trust.verified)->version, ==, 2);
}

static void
test_no_device (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a", .life_s = 1800 });
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  fake_sleep (1800);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_NO_DEVICE);
}

static void
test_changed_server (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimTrustPeer trust = { 0 };
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_server_letter = 'T';
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_SERVER_CHANGED);
  g_assert_false (xim_peers_trust (world->peers, TEST_JID, &trust));
  peers_server_letter = 'S';
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
}

static void
test_policy (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_assert_cmpint (xim_peers_policy (world->peers, TEST_JID), ==,
                   XIM_POLICY_AUTOMATIC);
  peers_default_policy = XIM_POLICY_ALWAYS;
  g_assert_cmpint (xim_peers_policy (world->peers, TEST_JID), ==,
                   XIM_POLICY_ALWAYS);
  g_assert_true (
      xim_peers_set_policy (world->peers, TEST_JID, XIM_POLICY_NEVER, NULL));
  peers_close (world);
  peers_open (world);
  g_assert_cmpint (xim_peers_policy (world->peers, TEST_JID), ==,
                   XIM_POLICY_NEVER);
}

/* Freed in the middle: no answer reaches what is gone. */
static void
test_freed (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a" });
  xim_peers_refresh (world->peers, TEST_JID, FALSE);
  peers_close (world);
  fake_run ();
  g_assert_cmpuint (peers_n_changes, ==, 0);
  peers_open (world);
}

#define ADD(path, function)                                                   \
  g_test_add ("/peers/" path, PeersWorld, NULL, peers_set_up, function,       \
              peers_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("verifies", test_verifies);
  ADD ("asks-only-when-due", test_asks_only_when_due);
  ADD ("many-cached", test_many_cached);
  ADD ("survives-a-restart", test_survives_a_restart);
  ADD ("fetches-what-grew-old", test_fetches_what_grew_old);
  ADD ("outage", test_outage);
  ADD ("absence", test_absence);
  ADD ("refuses-absence-of-others", test_refuses_absence_of_others);
  ADD ("refuses-lies", test_refuses_lies);
  ADD ("swapped-key", test_swapped_key);
  ADD ("reset", test_reset);
  ADD ("added-device", test_added_device);
  ADD ("no-device", test_no_device);
  ADD ("changed-server", test_changed_server);
  ADD ("policy", test_policy);
  ADD ("freed", test_freed);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
