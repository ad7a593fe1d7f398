/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of peers.c and judge.c. */

#include "config.h"

#include "plugin/peers.h"
#include "tests/fake-client.h"
#include "test-bundles.h"

/* What the network does. */
static XimHttpOutcome outcome;
static guint status;
static char *body;
static const char *etag;
static char server_letter;

static guint n_changes;
static XimPolicy default_policy;

typedef struct
{
  FakeClient client;
  XimPeers *peers;
} World;

XimPolicy
xim_prefs_policy (void)
{
  return default_policy;
}

static void
handle (const XimHttpRequest *request, FakeAnswer *answer)
{
  if (strstr (request->url, "/v1/server") != NULL)
    {
      answer->status = 200;
      answer->body = fake_server_json (server_letter);
      return;
    }
  answer->outcome = outcome;
  answer->status = status;
  answer->body = g_strdup (body);
  answer->etag = etag;
  if (request->etag != NULL && g_strcmp0 (request->etag, etag) == 0
      && status == 200)
    {
      answer->status = 304;
      g_clear_pointer (&answer->body, g_free);
    }
}

static char *
handle_iq (const char *to, const XimIqElement *element)
{
  (void)to, (void)element;
  return NULL;
}

static void
changed (const char *jid, gpointer data)
{
  (void)data;
  g_assert_cmpstr (jid, ==, TEST_JID);
  n_changes++;
}

static void
make_peers (World *world)
{
  const FakeClient *client = &world->client;

  world->peers = xim_peers_new (client->store, client->http, client->discovery,
                                changed, world);
}

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  outcome = XIM_HTTP_ANSWER;
  status = 200;
  etag = "\"one\"";
  server_letter = 'S';
  n_changes = 0;
  default_policy = XIM_POLICY_AUTOMATIC;
  fake_client_set_up (&world->client, handle, handle_iq);
  make_peers (world);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  xim_peers_free (world->peers);
  fake_client_tear_down (&world->client);
  g_clear_pointer (&body, g_free);
}

/* Makes the next answer the bundle that @spec says. */
static XimAccount *
serve (TestBundle spec)
{
  g_autoptr (XimBundle) bundle = test_bundle (spec);
  g_autofree char *account = xim_note_encode (bundle->account->note);
  g_autofree char *current = xim_note_encode (bundle->current->note);
  g_autofree char *device = xim_note_encode (bundle->devices[0]->note);
  const char *devices[] = { device };
  g_free (body);
  body = xim_bundle_encode (bundle->jid, account, current, devices, 1);
  return xim_account_copy (bundle->account);
}

static void
serve_absence (const char *jid, gint64 time_s, const char *signers)
{
  XimAbsent absent = { .jid = (char *)jid, .time_s = time_s };
  xim_crypto_sha256 (NULL, 0, &absent.root);
  g_autofree char *text = xim_absent_encode (&absent);
  g_autoptr (XimNote) note = test_note (text, signers);
  g_free (body);
  body = xim_note_encode (note);
  status = 404;
}

static XimPeerState
facts (World *world, XimFacts *out)
{
  XimFacts mine = { 0 };
  XimFacts *all = out != NULL ? out : &mine;
  xim_peers_facts (world->peers, TEST_JID, all);
  return all->peer;
}

static XimPeerState
look_up (World *world)
{
  xim_peers_refresh (world->peers, TEST_JID, FALSE);
  fake_run ();
  return facts (world, NULL);
}

static guint
n_evidence (World *world)
{
  guint n = 0;
  g_assert_true (
      xim_store_n_evidence (world->client.store, TEST_JID, &n, NULL));
  return n;
}

/* After the back-off. */
static XimPeerState
look_up_again (World *world)
{
  fake_sleep (3601);
  return look_up (world);
}

static void
test_verifies (World *world, gconstpointer data)
{
  (void)data;
  XimTrustPeer trust = { 0 };
  XimFacts all = { 0 };
  g_autoptr (XimAccount) account = serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (facts (world, NULL), ==, XIM_PEER_UNKNOWN);
  g_assert_false (xim_peers_trust (world->peers, TEST_JID, &trust));
  g_assert_cmpint (look_up (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_true (xim_peers_trust (world->peers, TEST_JID, &trust));
  g_assert_cmpstr (xim_verified_jid (trust.verified), ==, TEST_JID);
  facts (world, &all);
  g_assert_true (all.peer_ever_held && all.domain_pinned && all.peer_online);
  g_assert_cmpint (all.checked_s, ==, TEST_NOW_S);
  g_autofree char *fingerprint
      = xim_peers_fingerprint (world->peers, TEST_JID);
  g_assert_nonnull (fingerprint);
}

static void
test_asks_only_when_due (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve ((TestBundle){ .devices = "a" });
  for (int i = 0; i < 5; i++)
    xim_peers_refresh (world->peers, TEST_JID, TRUE);
  look_up (world);
  g_assert_cmpuint (fake_n_requests (), ==, 2);
  g_assert_cmpstr (
      fake_request (1), ==,
      "GET https://keys.example.org/v1/accounts/alice%40example.org");
  look_up (world);
  g_assert_cmpuint (fake_n_requests (), ==, 2);
  /* After an hour it is revalidated, without the bytes. */
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (fake_n_requests (), ==, 4);
  g_assert_true (g_str_has_suffix (fake_request (3), " etag"));
  XimFacts all = { 0 };
  facts (world, &all);
  g_assert_cmpint (all.checked_s, ==, fake_now_s);
}

static void
test_survives_a_restart (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve ((TestBundle){ .devices = "a" });
  look_up (world);
  guint before = fake_n_requests ();
  xim_peers_free (world->peers);
  fake_client_close (&world->client);
  fake_client_open (&world->client);
  make_peers (world);
  g_assert_cmpint (facts (world, NULL), ==, XIM_PEER_READY);
  g_assert_cmpint (look_up (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (fake_n_requests (), ==, before);
}

/* The word that a version is the newest is good for a day. */
static void
test_fetches_what_grew_old (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve ((TestBundle){ .devices = "a" });
  look_up (world);
  fake_sleep (86401);
  g_assert_cmpint (look_up (world), ==, XIM_PEER_BAD_ANSWER);
  g_assert_false (
      g_str_has_suffix (fake_request (fake_n_requests () - 1), " etag"));
  g_autoptr (XimAccount) same
      = serve ((TestBundle){ .devices = "a", .current_s = fake_now_s + 3601 });
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_READY);
}

static void
test_outage (World *world, gconstpointer data)
{
  (void)data;
  XimFacts all = { 0 };
  outcome = XIM_HTTP_TIMEOUT;
  g_assert_cmpint (look_up (world), ==, XIM_PEER_UNREACHABLE);
  /* Not at once again. */
  guint before = fake_n_requests ();
  look_up (world);
  g_assert_cmpuint (fake_n_requests (), ==, before);
  xim_peers_retry (world->peers);
  outcome = XIM_HTTP_ANSWER;
  g_autoptr (XimAccount) account = serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (look_up (world), ==, XIM_PEER_READY);
  /* What is held stays, and is known to be unchecked. */
  status = 503;
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_READY);
  facts (world, &all);
  g_assert_false (all.peer_online);
  g_assert_cmpint (all.checked_s, ==, TEST_NOW_S);
  g_assert_cmpuint (n_evidence (world), ==, 0);
}

static void
test_absence (World *world, gconstpointer data)
{
  (void)data;
  XimFacts all = { 0 };
  serve_absence (TEST_JID, TEST_NOW_S, "S");
  g_assert_cmpint (look_up (world), ==, XIM_PEER_ABSENT);
  facts (world, &all);
  g_assert_cmpint (all.absent_s, ==, TEST_NOW_S);
  g_assert_false (all.peer_ever_held);
  status = 200;
  g_autoptr (XimAccount) account = serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_READY);
  /* Who had keys has left. */
  serve_absence (TEST_JID, fake_now_s + 3601, "S");
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_ABSENT);
  facts (world, &all);
  g_assert_true (all.peer_ever_held);
  /* A restart does not bring the old bundle back. */
  xim_peers_free (world->peers);
  fake_client_close (&world->client);
  fake_client_open (&world->client);
  make_peers (world);
  facts (world, &all);
  g_assert_cmpint (all.checked_s, ==, 0);
}

static void
test_refuses_absence_of_others (World *world, gconstpointer data)
{
  (void)data;
  serve_absence ("bob@example.org", TEST_NOW_S, "S");
  g_assert_cmpint (look_up (world), ==, XIM_PEER_BAD_ANSWER);
  serve_absence (TEST_JID, fake_now_s + 3601, "T");
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_BAD_ANSWER);
  serve_absence (TEST_JID, TEST_NOW_S, "S");
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_BAD_ANSWER);
  g_assert_cmpuint (n_evidence (world), ==, 3);
}

static void
test_refuses_lies (World *world, gconstpointer data)
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
      g_autoptr (XimAccount) account = serve (lies[i]);
      g_assert_cmpint (look_up_again (world), ==, XIM_PEER_BAD_ANSWER);
      g_assert_cmpuint (n_evidence (world), ==, i + 1);
    }
  g_free (body);
  body = g_strdup ("{}");
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_BAD_ANSWER);
  g_assert_false (xim_peers_trust (world->peers, TEST_JID, &trust));
}

static void
test_swapped_key (World *world, gconstpointer data)
{
  (void)data;
  XimFacts all = { 0 };
  g_autoptr (XimAccount) first = serve ((TestBundle){ .devices = "a" });
  look_up (world);
  /* Version 1 again, with a device of somebody else. */
  etag = "\"two\"";
  g_autoptr (XimAccount) other = serve ((TestBundle){ .devices = "b" });
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  g_assert_cmpuint (n_evidence (world), ==, 1);
  /* Nor after a restart, until the honest one is back. */
  xim_peers_free (world->peers);
  fake_client_close (&world->client);
  fake_client_open (&world->client);
  make_peers (world);
  facts (world, &all);
  g_assert_cmpint (all.checked_s, ==, 0);
  g_autoptr (XimAccount) honest = serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_READY);
}

static void
test_reset (World *world, gconstpointer data)
{
  (void)data;
  XimTrustPeer trust = { 0 };
  g_autoptr (XimAccount) first = serve ((TestBundle){ .devices = "a" });
  look_up (world);
  etag = "\"two\"";
  g_autoptr (XimAccount) reset
      = serve ((TestBundle){ .devices = "b", .before = first, .reset = TRUE });
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  /* The warning outlives the process. */
  xim_peers_free (world->peers);
  fake_client_close (&world->client);
  fake_client_open (&world->client);
  make_peers (world);
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_KEY_CHANGED);
  g_assert_true (xim_peers_trust (world->peers, TEST_JID, &trust));
  g_assert_cmpuint (trust.reset_version, ==, 2);
  g_assert_cmpuint (trust.accepted_version, ==, 1);
  g_assert_true (xim_peers_accept (world->peers, TEST_JID, NULL));
  g_assert_cmpint (facts (world, NULL), ==, XIM_PEER_READY);
  xim_peers_free (world->peers);
  fake_client_close (&world->client);
  fake_client_open (&world->client);
  make_peers (world);
  g_assert_cmpint (facts (world, NULL), ==, XIM_PEER_READY);
}

static void
test_added_device (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = serve ((TestBundle){ .devices = "a" });
  look_up (world);
  etag = "\"two\"";
  g_autoptr (XimAccount) second
      = serve ((TestBundle){ .devices = "ab", .before = first });
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_READY);
  XimTrustPeer trust = { 0 };
  g_assert_true (xim_peers_trust (world->peers, TEST_JID, &trust));
  g_assert_cmpuint (xim_verified_account (trust.verified)->version, ==, 2);
}

static void
test_no_device (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account
      = serve ((TestBundle){ .devices = "a", .life_s = 1800 });
  g_assert_cmpint (look_up (world), ==, XIM_PEER_READY);
  fake_sleep (1800);
  g_assert_cmpint (facts (world, NULL), ==, XIM_PEER_NO_DEVICE);
}

static void
test_changed_server (World *world, gconstpointer data)
{
  (void)data;
  XimTrustPeer trust = { 0 };
  g_autoptr (XimAccount) account = serve ((TestBundle){ .devices = "a" });
  look_up (world);
  server_letter = 'T';
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_SERVER_CHANGED);
  g_assert_false (xim_peers_trust (world->peers, TEST_JID, &trust));
  server_letter = 'S';
  g_assert_cmpint (look_up_again (world), ==, XIM_PEER_READY);
}

static void
test_policy (World *world, gconstpointer data)
{
  (void)data;
  g_assert_cmpint (xim_peers_policy (world->peers, TEST_JID), ==,
                   XIM_POLICY_AUTOMATIC);
  default_policy = XIM_POLICY_ALWAYS;
  g_assert_cmpint (xim_peers_policy (world->peers, TEST_JID), ==,
                   XIM_POLICY_ALWAYS);
  g_assert_true (
      xim_peers_set_policy (world->peers, TEST_JID, XIM_POLICY_NEVER, NULL));
  xim_peers_free (world->peers);
  fake_client_close (&world->client);
  fake_client_open (&world->client);
  make_peers (world);
  g_assert_cmpint (xim_peers_policy (world->peers, TEST_JID), ==,
                   XIM_POLICY_NEVER);
}

/* Freed in the middle: no answer reaches what is gone. */
static void
test_freed (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve ((TestBundle){ .devices = "a" });
  xim_peers_refresh (world->peers, TEST_JID, FALSE);
  xim_peers_free (world->peers);
  fake_client_close (&world->client);
  fake_run ();
  g_assert_cmpuint (n_changes, ==, 0);
  fake_client_open (&world->client);
  make_peers (world);
}

#define ADD(path, function)                                                   \
  g_test_add ("/peers/" path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("verifies", test_verifies);
  ADD ("asks-only-when-due", test_asks_only_when_due);
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
