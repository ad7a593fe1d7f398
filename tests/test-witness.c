/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of plugin/witness.c over real lookups. */

#include "config.h"

#include "plugin/evidence.h"
#include "plugin/witness.h"
#include "tests/headless.h"
#include "tests/peers-world.h"

#define FRIEND "bob@friend.test"

static guint n_alarms;
static guint n_own_seen;
static char *alarm_jid;

static void
alarm_came (const char *jid, const char *from, gpointer data)
{
  (void)from, (void)data;
  g_free (alarm_jid);
  alarm_jid = g_strdup (jid);
  n_alarms++;
}

static void
own_seen (gpointer data)
{
  (void)data;
  n_own_seen++;
}

static const XimWitnessOps ops = { alarm_came, own_seen };

static XimWitness *
witness_new (PeersWorld *world, const char *own)
{
  n_alarms = n_own_seen = 0;
  g_clear_pointer (&alarm_jid, g_free);
  return xim_witness_new (own, world->client.store, world->peers, &ops, NULL);
}

/* A message of @from, signed by device @device, that has seen @account. */
static void
take (XimWitness *witness, const char *from, char device,
      const XimAccount *account)
{
  const XimDeviceId id = { { (guint8)device } };
  g_autoptr (XimContent) content
      = xim_content_new (from, "x@y.test", TEST_NOW_S, xim_secret_new (0));
  xim_content_add_seen (content, account->jid, account->version,
                        &account->hash);
  const XimWitnessMessage message
      = { .from = from, .device = &id, .base64 = "QUJD", .content = content };
  xim_witness_take (witness, &message);
}

/* All that a lookup leads to. */
static void
settle (XimWitness *witness)
{
  for (int i = 0; i < 3; i++)
    {
      fake_run ();
      xim_witness_retry (witness, TEST_JID);
    }
}

static void
test_own_fits (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  g_autoptr (XimWitness) witness = witness_new (world, TEST_JID);
  take (witness, FRIEND, 'f', first);
  settle (witness);
  g_assert_cmpuint (n_alarms + n_own_seen, ==, 0);
}

/* Another device of ours changed the list, and a friend knows it first. */
static void
test_own_newer (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_etag = "\"three\"";
  g_autoptr (XimAccount) second
      = peers_pass ((TestBundle){ .devices = "ab", .before = first });
  g_autoptr (XimAccount) third
      = peers_serve ((TestBundle){ .devices = "abc", .before = second });
  g_autoptr (XimWitness) witness = witness_new (world, TEST_JID);
  take (witness, FRIEND, 'f', second);
  g_assert_cmpuint (n_own_seen, ==, 1);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 0);
  take (witness, FRIEND, 'f', third);
  g_assert_cmpuint (n_own_seen, ==, 1);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 0);
}

/* A friend was shown a version that the keyserver hides from us. */
static void
test_own_hidden (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  g_autoptr (XimAccount) ghost
      = peers_pass ((TestBundle){ .devices = "ax", .before = first });
  g_autoptr (XimWitness) witness = witness_new (world, TEST_JID);
  /* An outage decides nothing. */
  peers_outcome = XIM_HTTP_TIMEOUT;
  take (witness, FRIEND, 'f', ghost);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 0);
  peers_outcome = XIM_HTTP_ANSWER;
  fake_sleep (900);
  xim_witness_retry (witness, TEST_JID);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 1);
  g_assert_cmpstr (alarm_jid, ==, TEST_JID);
  g_assert_cmpuint (xim_evidence_n (world->client.dir), ==, 1);
  /* Loud, once. */
  take (witness, FRIEND, 'f', ghost);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 1);
  /* Nobody can stop what we send by saying so. */
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
}

static void
test_own_other_hash (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  g_autoptr (XimAccount) other
      = test_account ((TestAccount){ .devices = "x", .signers = "xS" });
  g_autoptr (XimWitness) witness = witness_new (world, TEST_JID);
  take (witness, FRIEND, 'f', other);
  g_assert_cmpuint (n_alarms, ==, 1);
  g_assert_cmpuint (xim_evidence_n (world->client.dir), ==, 1);
}

/* This device came later than the version that the friend has seen. */
static void
test_own_older (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_pass ((TestBundle){ .devices = "a" });
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "ab", .before = first });
  g_autoptr (XimAccount) forged
      = test_account ((TestAccount){ .devices = "x", .signers = "xS" });
  peers_look_up (world);
  g_autoptr (XimWitness) witness = witness_new (world, TEST_JID);
  take (witness, FRIEND, 'f', first);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 0);
  take (witness, FRIEND, 'f', forged);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 1);
}

static void
test_own_lacking (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_pass ((TestBundle){ .devices = "a" });
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "ab", .before = first });
  peers_set_version (1, NULL);
  peers_look_up (world);
  g_autoptr (XimWitness) witness = witness_new (world, TEST_JID);
  take (witness, FRIEND, 'f', first);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 1);
}

static void
test_below_reset (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_pass ((TestBundle){ .devices = "x" });
  g_autoptr (XimAccount) reset = peers_serve (
      (TestBundle){ .devices = "a", .before = first, .reset = TRUE });
  peers_look_up (world);
  g_autoptr (XimWitness) witness = witness_new (world, TEST_JID);
  take (witness, FRIEND, 'f', first);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 0);
}

static void
test_sender_newer (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  peers_etag = "\"two\"";
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "ab", .before = first });
  g_autoptr (XimWitness) witness = witness_new (world, PEERS_OWN);
  take (witness, TEST_JID, 'a', second);
  /* Nothing is sealed before it is here. */
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_UNKNOWN);
  settle (witness);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  g_assert_cmpuint (n_alarms + n_own_seen, ==, 0);
}

static void
test_sender_other (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  g_autoptr (XimAccount) other
      = test_account ((TestAccount){ .devices = "ab", .signers = "abS" });
  g_autoptr (XimWitness) witness = witness_new (world, PEERS_OWN);
  take (witness, TEST_JID, 'a', other);
  g_assert_cmpuint (n_alarms, ==, 1);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_DENIED);
}

/* What one says of a third is nobody's business. */
static void
test_of_others (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  g_autoptr (XimAccount) other
      = test_account ((TestAccount){ .devices = "x", .signers = "xS" });
  g_autoptr (XimWitness) witness = witness_new (world, PEERS_OWN);
  take (witness, FRIEND, 'f', other);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 0);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
}

/* A flood of claims costs little, and does not hide that of another friend. */
static void
test_flood (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = peers_serve ((TestBundle){ .devices = "a" });
  peers_look_up (world);
  g_autoptr (XimAccount) ghost
      = peers_pass ((TestBundle){ .devices = "ax", .before = first });
  g_autoptr (XimWitness) witness = witness_new (world, TEST_JID);
  peers_outcome = XIM_HTTP_TIMEOUT;
  guint before = fake_n_requests ();
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (XimAccount) wild = xim_account_copy (ghost);
      wild->version = 1000 + i;
      take (witness, "mallory@friend.test", 'm', wild);
      fake_run ();
    }
  g_assert_cmpuint (fake_n_requests () - before, <=, 2);
  take (witness, FRIEND, 'f', ghost);
  peers_outcome = XIM_HTTP_ANSWER;
  fake_sleep (900);
  xim_witness_retry (witness, TEST_JID);
  settle (witness);
  g_assert_cmpuint (n_alarms, ==, 5);
}

#define ADD(path, function)                                                   \
  g_test_add ("/witness/" path, PeersWorld, NULL, peers_set_up, function,     \
              peers_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("own-fits", test_own_fits);
  ADD ("own-newer", test_own_newer);
  ADD ("own-hidden", test_own_hidden);
  ADD ("own-other-hash", test_own_other_hash);
  ADD ("own-older", test_own_older);
  ADD ("own-lacking", test_own_lacking);
  ADD ("below-reset", test_below_reset);
  ADD ("sender-newer", test_sender_newer);
  ADD ("sender-other", test_sender_other);
  ADD ("of-others", test_of_others);
  ADD ("flood", test_flood);
  int result = g_test_run ();
  g_free (alarm_jid);
  headless_stop ();
  return result;
}
