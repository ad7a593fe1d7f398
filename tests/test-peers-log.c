/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of logs.c and peers-log.c: what a keyserver says of its log is
 * compared before anything that came with it counts. */

#include "config.h"

#include "plugin/logs.h"
#include "plugin/proof-file.h"
#include "tests/headless.h"
#include "tests/peers-world.h"

static TestLog first_log;
static TestLog other_log; /* that the keyserver shows to somebody else */

/* @n entries of others, then alice with one device. */
static XimAccount *
serve_first (guint n)
{
  test_log_init (&first_log, n);
  peers_log.log = &first_log;
  return peers_serve ((TestBundle){ .devices = "a" });
}

/* The log goes on, and the answer with it. */
static void
serve_later (guint n)
{
  fake_log_grow (&peers_log, n, 'y');
  peers_etag = "\"later\"";
  g_autoptr (XimAccount) same = peers_serve ((TestBundle){ .devices = "a" });
}

/* From here on another history: what was shown before is not in it. */
static void
fork_log (guint n, const XimAccount *account)
{
  test_log_init (&other_log, 0);
  peers_log.log = &other_log;
  fake_log_grow (&peers_log, n, 'z');
  if (account != NULL)
    serve_later (0);
}

static guint64
kept_size (PeersWorld *world)
{
  g_auto (XimStoreLog) log = { 0 };
  gboolean found = FALSE;
  g_assert_true (xim_store_load_log (world->client.store, TEST_DOMAIN, &found,
                                     &log, NULL));
  return found ? log.head.size : 0;
}

static gboolean
trusts (PeersWorld *world)
{
  XimTrustPeer trust = { 0 };
  return xim_peers_trust (world->peers, TEST_JID, &trust);
}

static char *
read_evidence (PeersWorld *world)
{
  g_autofree char *folder
      = g_build_filename (world->client.dir, "evidence", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_assert_nonnull (dir);
  g_autofree char *path
      = g_build_filename (folder, g_dir_read_name (dir), NULL);
  char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_grows (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (kept_size (world), ==, 12);
  guint before = fake_n_requests ();
  serve_later (500);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (kept_size (world), ==, 512);
  /* A bundle and tiles: bytes, of a tree of 512 entries. */
  g_assert_cmpuint (fake_n_requests (), <=, before + 6);
  peers_restart (world);
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  g_assert_cmpuint (kept_size (world), ==, 512);
  g_assert_cmpuint (peers_n_evidence (world), ==, 0);
}

/* An answer that is a little older is as good, and does not set it back. */
static void
test_older_fits (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve_first (10);
  g_autofree char *early = g_strdup (peers_body);
  serve_later (40);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (kept_size (world), ==, 52);
  g_free (peers_body);
  peers_body = g_steal_pointer (&early);
  peers_etag = "\"early\"";
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (kept_size (world), ==, 52);
}

static void
assert_forked (PeersWorld *world)
{
  XimFacts facts = { 0 };
  g_assert_cmpint (peers_facts (world, &facts), ==, XIM_PEER_LOG_FORKED);
  facts.own_ever = facts.own_unlocked = facts.own_ready = TRUE;
  XimHoldReason reason;
  g_assert_cmpint (xim_decide (&facts, fake_now_s, &reason), ==, XIM_HOLD);
  g_assert_cmpint (reason, ==, XIM_HOLD_LOG_FORKED);
  g_assert_false (trusts (world));
  g_assert_true (xim_log_is_forked (world->client.store, TEST_DOMAIN));
}

/* Two logs of one size, or of a larger one: two clients that were shown each
 * its own, or an entry that was dropped. */
static void
test_fork (PeersWorld *world, gconstpointer data)
{
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  fork_log (GPOINTER_TO_UINT (data), account);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_LOG_FORKED);
  assert_forked (world);
  g_assert_cmpuint (peers_n_forked, ==, 1);
  g_assert_cmpuint (peers_n_evidence (world), ==, 1);
  g_autofree char *text = read_evidence (world);
  g_assert_nonnull (strstr (text, "signed tree, kept before"));
  g_assert_nonnull (strstr (text, "keys.example.org/log\n12\n"));
  g_assert_nonnull (strstr (text, "signed tree, shown now"));
  /* It is not forgotten, whatever is shown, and nothing is asked any more. */
  peers_log.log = &first_log;
  serve_later (0);
  guint asked = fake_n_requests ();
  peers_restart (world);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_LOG_FORKED);
  assert_forked (world);
  g_assert_cmpuint (fake_n_requests (), ==, asked);
  /* Nor does another member of the domain count. */
  XimFacts facts = { 0 };
  xim_peers_facts (world->peers, "erin@example.org", &facts);
  g_assert_cmpint (facts.peer, ==, XIM_PEER_LOG_FORKED);
  xim_peers_facts (world->peers, "erin@other.test", &facts);
  g_assert_cmpint (facts.peer, ==, XIM_PEER_UNKNOWN);
}

/* What contradicts a larger tree is proven by the tiles of that one; without
 * them it is only refused. */
static void
test_smaller (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  fork_log (3, account);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_NOT_LOGGED);
  g_assert_cmpuint (peers_n_forked, ==, 0);
  peers_log.log = &first_log;
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_LOG_FORKED);
  assert_forked (world);
}

/* An absence note speaks of the log too. */
static void
test_absent_forks (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  fork_log (300, NULL);
  peers_serve_absence (TEST_JID, fake_now_s + 3601, "S");
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_LOG_FORKED);
  assert_forked (world);
}

static void
test_absent_kept (PeersWorld *world, gconstpointer data)
{
  (void)data;
  test_log_init (&first_log, 10);
  peers_log.log = &first_log;
  peers_serve_absence (TEST_JID, fake_now_s, "S");
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_ABSENT);
  g_assert_cmpuint (kept_size (world), ==, 11);
  peers_status = 200;
  fork_log (300, NULL);
  g_autoptr (XimAccount) account
      = peers_serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_LOG_FORKED);
  assert_forked (world);
}

/* A tile that was changed proves nothing: what needs it is not taken. */
static void
test_changed_tile (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  serve_later (500);
  peers_log.bent = "0/000";
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_NOT_LOGGED);
  g_assert_cmpint (peers_kept_code, ==, XIM_ERROR_NOT_LOGGED);
  g_assert_cmpuint (peers_n_evidence (world), ==, 1);
  g_assert_cmpuint (kept_size (world), ==, 12);
  g_assert_cmpuint (peers_n_forked, ==, 0);
  peers_log.bent = NULL;
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (kept_size (world), ==, 512);
}

/* No tile is no answer: what is held counts until it gets old. */
static void
test_outage (PeersWorld *world, gconstpointer data)
{
  (void)data;
  XimFacts facts = { 0 };
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  serve_later (500);
  peers_log.status = 503;
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  peers_facts (world, &facts);
  g_assert_false (facts.peer_online);
  g_assert_cmpint (facts.checked_s, ==, TEST_NOW_S);
  g_assert_cmpuint (kept_size (world), ==, 12);
  /* A newer version that cannot be judged ends that. */
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "ab", .before = account });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_UNREACHABLE);
  g_assert_false (trusts (world));
  peers_log.status = 200;
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  g_assert_true (trusts (world));
  g_assert_cmpuint (peers_n_evidence (world), ==, 0);
}

/* A keyserver that had a log cannot do without. */
static void
test_lost (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  peers_log.log = NULL;
  peers_etag = "\"bare\"";
  g_autoptr (XimAccount) bare = peers_serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_NOT_LOGGED);
  g_assert_cmpuint (peers_n_evidence (world), ==, 1);
  peers_serve_absence (TEST_JID, fake_now_s + 3601, "S");
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_NOT_LOGGED);
  peers_status = 200;
  peers_log.log = &first_log;
  serve_later (1);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
}

/* Without a log nothing is believed, not even at first sight. */
static void
test_needs_a_log (PeersWorld *world, gconstpointer data)
{
  (void)data;
  peers_log.log = NULL;
  g_autoptr (XimAccount) bare = peers_serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_NOT_LOGGED);
  g_assert_cmpuint (kept_size (world), ==, 0);
  g_autoptr (XimAccount) account = serve_first (3);
  peers_etag = "\"logged\"";
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
  g_assert_cmpuint (kept_size (world), ==, 5);
}

/* Proofs that do not prove */

static void
bend_leaf (XimLogged *logged)
{
  logged->leaf--;
}

static void
bend_index (XimLogged *logged)
{
  g_autoptr (XimVrfKey) key = test_vrf_key ('V');
  xim_entry_prove (key, "bob@example.org", 1, &logged->index, NULL);
}

static void
bend_version (XimLogged *logged)
{
  logged->index = logged->next;
}

static void
bend_next (XimLogged *logged)
{
  logged->next = logged->index;
}

static void
bend_opening (XimLogged *logged)
{
  logged->opening.bytes[0] ^= 1;
}

static void
bend_inclusion (XimLogged *logged)
{
  logged->inclusion.hashes[0].bytes[0] ^= 1;
}

static void
bend_root (XimLogged *logged)
{
  XimTreeHead head = logged->checkpoint->head;
  head.root.bytes[0] ^= 1;
  xim_checkpoint_free (logged->checkpoint);
  logged->checkpoint = test_checkpoint (&head, 'S');
}

static void (*const bends[]) (XimLogged *)
    = { bend_leaf,    bend_index,     bend_version, bend_next,
        bend_opening, bend_inclusion, bend_root };

static void
test_refuses_proofs (PeersWorld *world, gconstpointer data)
{
  (void)data;
  for (guint i = 0; i < G_N_ELEMENTS (bends); i++)
    {
      peers_bend = bends[i];
      g_autoptr (XimAccount) account = serve_first (10);
      g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_NOT_LOGGED);
      g_assert_false (trusts (world));
      g_assert_cmpint (peers_kept_code, ==, XIM_ERROR_NOT_LOGGED);
      g_assert_cmpuint (kept_size (world), ==, 0);
    }
  peers_bend = NULL;
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up_again (world), ==, XIM_PEER_READY);
}

/* A leaf that says "continued" of a first version. */
static void
test_refuses_flags (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimBundle) bundle = test_bundle ((TestBundle){ .devices = "a" });
  XimEntry entry = test_entry (bundle->account);
  entry.flags = XIM_ENTRY_CONTINUED;
  test_log_init (&first_log, 10);
  test_log_append (&first_log, &entry);
  g_autoptr (XimLogged) logged = test_logged (&first_log, bundle->account, 11);
  g_autofree char *account = xim_note_encode (bundle->account->note);
  g_autofree char *current = xim_note_encode (bundle->current->note);
  peers_body = xim_bundle_encode (TEST_JID, account, current, NULL, 0, logged);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_NOT_LOGGED);
}

/* Signed by somebody else, or under another name. */
static void
bend_signer (XimLogged *logged)
{
  const XimTreeHead head = logged->checkpoint->head;
  xim_checkpoint_free (logged->checkpoint);
  logged->checkpoint = test_checkpoint (&head, 'T');
}

static void
test_refuses_signer (PeersWorld *world, gconstpointer data)
{
  (void)data;
  peers_bend = bend_signer;
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_BAD_ANSWER);
  g_assert_cmpuint (kept_size (world), ==, 0);
}

/* Proof files */

static gboolean
save_proof (PeersWorld *world, char **path, GError **error)
{
  guint32 version = 0;
  if (!xim_proof_file_save (
          xim_discovery_known (world->client.discovery, TEST_DOMAIN),
          xim_peers_bundle (world->peers, TEST_JID), world->client.dir, path,
          &version, error))
    return FALSE;
  g_assert_cmpuint (version, ==, 1);
  return TRUE;
}

static void
test_proof_file (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAccount) account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path = NULL;
      g_autofree char *text = NULL;
      XimLogPlace place;
      gsize len = 0;
      g_assert_true (save_proof (world, &path, &error));
      g_assert_true (
          g_str_has_suffix (path, "/proofs/alice@example.org-1.tlog-proof"));
      g_assert_true (g_file_get_contents (path, &text, &len, NULL));
      g_autoptr (XimProof) proof = xim_proof_decode (text, len, &error);
      g_assert_no_error (error);
      g_autoptr (XimVerifyKey) key = test_log_public ('S');
      g_assert_true (xim_proof_check (proof, key, &place, &error));
      g_assert_cmpuint (place.leaf, ==, 11);
    }
}

/* A larger tree was shown, and its tiles are being fetched. */
static XimAccount *
await_tiles (PeersWorld *world)
{
  XimAccount *account = serve_first (10);
  g_assert_cmpint (peers_look_up (world), ==, XIM_PEER_READY);
  serve_later (500);
  fake_sleep (3601);
  xim_peers_refresh (world->peers, TEST_JID, FALSE);
  guint asked = fake_n_requests ();
  while (fake_n_requests () < asked + 2)
    g_main_context_iteration (NULL, FALSE);
  return account;
}

/* Two answers at once: what the first one brought is compared with too. */
static void
test_two_at_once (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = await_tiles (world);
  /* While its tiles come, a tree that contradicts it is accepted. */
  fork_log (600, NULL);
  const XimTreeHead head = fake_log_head (&other_log, 600);
  const XimStoreLog log = { .origin = (char *)TEST_LOG_ORIGIN,
                            .head = head,
                            .note = (char *)"made up" };
  g_assert_true (
      xim_store_save_log (world->client.store, TEST_DOMAIN, &log, NULL));
  peers_log.log = &first_log;
  fake_run ();
  /* The keyserver has no tiles that lead there. */
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_NOT_LOGGED);
  g_assert_cmpuint (kept_size (world), ==, 600);
}

static void
test_freed (PeersWorld *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) account = await_tiles (world);
  /* The same version: what is held counts meanwhile. */
  g_assert_cmpint (peers_facts (world, NULL), ==, XIM_PEER_READY);
  g_assert_true (trusts (world));
  peers_close (world);
  fake_run ();
  peers_open (world);
}

#define ADD(name, function)                                                   \
  g_test_add ("/peers-log/" name, PeersWorld, NULL, peers_set_up, function,   \
              peers_tear_down)
#define ADD_FORK(name, n)                                                     \
  g_test_add ("/peers-log/fork/" name, PeersWorld, GUINT_TO_POINTER (n),      \
              peers_set_up, test_fork, peers_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("grows", test_grows);
  ADD ("older-fits", test_older_fits);
  ADD_FORK ("same-size", 10);
  ADD_FORK ("larger", 300);
  ADD ("fork/smaller", test_smaller);
  ADD ("absent-forks", test_absent_forks);
  ADD ("absent-kept", test_absent_kept);
  ADD ("changed-tile", test_changed_tile);
  ADD ("outage", test_outage);
  ADD ("lost", test_lost);
  ADD ("needs-a-log", test_needs_a_log);
  ADD ("refuses-proofs", test_refuses_proofs);
  ADD ("refuses-flags", test_refuses_flags);
  ADD ("refuses-signer", test_refuses_signer);
  ADD ("proof-file", test_proof_file);
  ADD ("two-at-once", test_two_at_once);
  ADD ("freed", test_freed);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
