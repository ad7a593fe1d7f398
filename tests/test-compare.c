/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of compare.c and marks.c: what the peers know is made up. */

#include "config.h"

#include "plugin/compare.h"
#include "plugin/keyserver.h"
#include "plugin/marks.h"
#include "tests/fake-net.h"
#include "tests/headless.h"
#include "test-bundles.h"

#define BOB "bob@example.org"

typedef struct
{
  const char *jid;
  XimVerified *verified;
  gint64 checked_s;
  guint32 reset_version;
  guint32 accepted_version;
} Member;

static Member alice;
static Member bob;
static gboolean answers;      /* a lookup finds what there is */
static guint n_lookups;
static guint version_status;  /* of versions/N; 200: what is in @notes */
static GHashTable *notes;     /* URL -> note */
static XimSender sender;
static gboolean ready; /* the own keys */

typedef struct
{
  char *dir;
  XimStore *store;
  XimHttp *http;
  XimCompare *compare;
  guint n_ends;
  XimCompareEnd end;
  char *jid;
  guint32 versions[2]; /* of READY */
  char number[XIM_SAFETY_LEN + 1];
} World;

/* Instead of the real ones */

const XimSender *
xim_enrol_sender (XimEnrol *enrol)
{
  (void)enrol;
  return ready ? &sender : NULL;
}

static Member *
member_of (const char *jid)
{
  return strcmp (jid, BOB) == 0 ? &bob : &alice;
}

gboolean
xim_peers_trust (XimPeers *peers, const char *jid, XimTrustPeer *out)
{
  (void)peers;
  const Member *member = member_of (jid);
  if (member->verified == NULL)
    return FALSE;
  *out = (XimTrustPeer){ member->verified, member->checked_s,
                         member->reset_version, member->accepted_version };
  return TRUE;
}

void
xim_peers_facts (XimPeers *peers, const char *jid, XimFacts *facts)
{
  (void)peers;
  facts->peer = member_of (jid)->verified == NULL ? XIM_PEER_UNREACHABLE
                                                  : XIM_PEER_READY;
}

/* Whether a lookup need not wait until the next attempt is due. */
static gboolean retries;

void
xim_peers_retry (XimPeers *peers)
{
  (void)peers;
  retries = TRUE;
}

void
xim_peers_refresh (XimPeers *peers, const char *jid, gboolean force)
{
  (void)peers;
  g_assert_true (force);
  g_assert_true (retries);
  retries = FALSE;
  n_lookups++;
  if (answers)
    member_of (jid)->checked_s = fake_now_s;
}

static XimDiscoveryCallback domain_callback;
static gpointer domain_data;

static gboolean
domain_found (gpointer data)
{
  static const XimDomain domain = { .state = XIM_DOMAIN_PINNED,
                                    .base_url = "https://keys.example.org" };
  (void)data;
  domain_callback (&domain, domain_data);
  return FALSE;
}

void
xim_discovery_find (XimDiscovery *discovery, const char *domain,
                    XimDiscoveryCallback callback, gpointer user_data)
{
  (void)discovery;
  g_assert_cmpstr (domain, ==, TEST_DOMAIN);
  domain_callback = callback;
  domain_data = user_data;
  purple_timeout_add (0, domain_found, NULL);
}

void
xim_discovery_forget (XimDiscovery *discovery, gpointer user_data)
{
  (void)discovery, (void)user_data;
}

static void
handle (const XimHttpRequest *request, FakeAnswer *answer)
{
  const char *note = g_hash_table_lookup (notes, request->url);
  answer->outcome = XIM_HTTP_ANSWER;
  answer->status = version_status;
  if (version_status == 200)
    {
      g_assert_nonnull (note);
      answer->body = g_strdup (note);
    }
}

static char *
handle_iq (const char *to, const XimIqElement *element)
{
  (void)to, (void)element;
  return NULL;
}

/* The world */

/* @jid has what @spec says now. */
static XimAccount *
show (Member *member, TestBundle spec)
{
  g_autoptr (GError) error = NULL;
  const XimKnown known = { 0 };
  spec.jid = member->jid;
  g_autoptr (XimBundle) bundle = test_bundle (spec);
  g_clear_pointer (&member->verified, xim_verified_unref);
  member->verified
      = test_verify (bundle, member->jid, &known, fake_now_s, &error);
  g_assert_no_error (error);
  member->checked_s = fake_now_s;
  g_hash_table_insert (notes,
                       xim_keyserver_version_url ("https://keys.example.org",
                                                  member->jid,
                                                  bundle->account->version),
                       xim_note_encode (bundle->account->note));
  return xim_account_copy (bundle->account);
}

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  fake_net_reset (handle, handle_iq);
  fake_now_s = TEST_NOW_S;
  alice = (Member){ .jid = TEST_JID, .accepted_version = 1 };
  bob = (Member){ .jid = BOB, .accepted_version = 1 };
  answers = TRUE;
  ready = TRUE;
  n_lookups = 0;
  version_status = 200;
  notes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  sender = (XimSender){ .jid = TEST_JID,
                        .device = { { 'a' } },
                        .key = test_sign_key ('a') };
  world->dir = g_dir_make_tmp ("xim-compare-XXXXXX", NULL);
  world->store = xim_store_open (world->dir, NULL);
  g_assert_nonnull (world->store);
  world->http = xim_http_new (NULL);
  xim_account_free (show (&alice, (TestBundle){ .devices = "a" }));
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  xim_compare_free (world->compare);
  xim_http_free (world->http);
  xim_store_free (world->store);
  headless_remove (world->dir);
  g_free (world->dir);
  g_free (world->jid);
  xim_verified_unref (alice.verified);
  g_clear_pointer (&bob.verified, xim_verified_unref);
  xim_sign_key_free ((XimSignKey *)sender.key);
  g_hash_table_unref (notes);
}

static void
compared (const XimComparison *comparison, gpointer data)
{
  World *world = data;
  world->n_ends++;
  world->end = comparison->end;
  g_free (world->jid);
  world->jid = g_strdup (comparison->jid);
  if (comparison->end == XIM_COMPARE_READY)
    {
      world->versions[0] = comparison->own->version;
      world->versions[1] = comparison->contact->version;
      xim_safety_number (comparison->own->text, comparison->contact->text,
                         world->number);
    }
  g_clear_pointer (&world->compare, xim_compare_free);
}

static void
begin (World *world)
{
  const XimCompareParts parts = { .own_jid = TEST_JID,
                                  .store = world->store,
                                  .http = world->http };
  world->n_ends = 0;
  world->compare = xim_compare_new (&parts, BOB, compared, world, NULL);
  fake_run ();
}

static XimCompareEnd
compare (World *world)
{
  begin (world);
  g_assert_cmpuint (world->n_ends, ==, 1);
  return world->end;
}

/* compare.c */

static void
test_first_versions (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_READY);
  g_assert_cmpuint (world->versions[1], ==, 1);
  g_assert_cmpuint (fake_n_requests (), ==, 0);
}

/* A number does not change when devices come and go, and it is the same for
 * whoever saw the contact late. */
static void
test_walks_down (World *world, gconstpointer data)
{
  (void)data;
  char before[XIM_SAFETY_LEN + 1];
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_READY);
  memcpy (before, world->number, sizeof before);
  g_autoptr (XimAccount) two
      = show (&bob, (TestBundle){ .before = one, .devices = "bc" });
  g_autoptr (XimAccount) three
      = show (&bob, (TestBundle){ .before = two, .devices = "cd" });
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_READY);
  g_assert_cmpuint (world->versions[0], ==, 1);
  g_assert_cmpuint (world->versions[1], ==, 1);
  g_assert_cmpstr (world->number, ==, before);
  g_assert_cmpuint (fake_n_requests (), ==, 2);
  g_autoptr (GPtrArray) texts = NULL;
  g_assert_true (xim_store_load_versions (world->store, BOB, &texts, NULL));
  g_assert_cmpuint (texts->len, ==, 2);
  g_assert_cmpstr (texts->pdata[0], ==, one->text);
}

static void
test_stops_at_a_reset (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_autoptr (XimAccount) two = show (
      &bob, (TestBundle){ .before = one, .reset = TRUE, .devices = "c" });
  g_autoptr (XimAccount) three
      = show (&bob, (TestBundle){ .before = two, .devices = "cd" });
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_READY);
  g_assert_cmpuint (world->versions[1], ==, 2);
  g_assert_cmpuint (fake_n_requests (), ==, 1);
}

/* What the keyserver alone put in would give the number of the members. */
static void
test_refuses_a_ghost (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_autoptr (XimAccount) two = show (&bob, (TestBundle){
      .before = one, .devices = "bc", .account_signers = "cS" });
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_BROKEN);
  g_assert_cmpstr (world->jid, ==, BOB);
}

static void
test_missing_version (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_autoptr (XimAccount) two
      = show (&bob, (TestBundle){ .before = one, .devices = "bc" });
  version_status = 404;
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_BROKEN);
  version_status = 503;
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_OUTAGE);
  g_assert_cmpstr (world->jid, ==, BOB);
}

/* The keyserver may show the own address other keys, too. */
static void
test_own_device (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_autoptr (XimAccount) other
      = show (&alice, (TestBundle){ .devices = "x" });
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_OWN);
  ready = FALSE;
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_OWN);
}

static void
test_unaccepted_reset (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  bob.reset_version = 2;
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_RESET);
  bob.accepted_version = 2;
  g_assert_cmpint (compare (world), ==, XIM_COMPARE_READY);
}

static void
test_looks_up (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  bob.checked_s -= 2 * XIM_BUNDLE_FRESH_S;
  begin (world);
  g_assert_cmpuint (n_lookups, ==, 1);
  g_assert_cmpuint (world->n_ends, ==, 0);
  xim_compare_news (world->compare, TEST_JID);
  fake_run ();
  g_assert_cmpuint (world->n_ends, ==, 0);
  xim_compare_news (world->compare, BOB);
  fake_run ();
  g_assert_cmpuint (world->n_ends, ==, 1);
  g_assert_cmpint (world->end, ==, XIM_COMPARE_READY);
}

static void
test_lookup_fails (World *world, gconstpointer data)
{
  (void)data;
  answers = FALSE;
  begin (world);
  xim_compare_news (world->compare, BOB);
  fake_run ();
  g_assert_cmpuint (world->n_ends, ==, 1);
  g_assert_cmpint (world->end, ==, XIM_COMPARE_OUTAGE);
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  bob.checked_s -= 2 * XIM_BUNDLE_FRESH_S;
  begin (world);
  xim_compare_news (world->compare, BOB);
  fake_run ();
  g_assert_cmpint (world->end, ==, XIM_COMPARE_NONE);
  /* Freed while it waits. */
  begin (world);
  g_clear_pointer (&world->compare, xim_compare_free);
  fake_run ();
  g_assert_cmpuint (world->n_ends, ==, 0);
}

/* marks.c */

static gboolean
holds (World *world)
{
  return xim_marks_holds (world->store, NULL, BOB);
}

static gboolean
lost (World *world)
{
  return xim_marks_lost (world->store, NULL, BOB);
}

static void
remember (World *world, const XimAccount *account)
{
  g_assert_true (xim_store_save_version (world->store, BOB, account->version,
                                         account->text, NULL));
}

static void
test_mark (World *world, gconstpointer data)
{
  (void)data;
  gboolean was = TRUE;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_assert_false (holds (world));
  g_assert_false (lost (world));
  g_assert_true (xim_marks_clear (world->store, BOB, &was, NULL));
  g_assert_false (was);
  g_assert_true (xim_marks_set (world->store, one, TEST_NOW_S, NULL));
  g_assert_true (holds (world));
  /* After a restart, and with one device more. */
  xim_store_free (world->store);
  world->store = xim_store_open (world->dir, NULL);
  g_autoptr (XimAccount) two
      = show (&bob, (TestBundle){ .before = one, .devices = "bc" });
  remember (world, two);
  g_assert_true (holds (world));
  g_assert_false (lost (world));
  /* Whose keys are not known now is not shown as verified. */
  g_clear_pointer (&bob.verified, xim_verified_unref);
  g_assert_false (holds (world));
  g_assert_false (lost (world));
  g_autoptr (XimAccount) again
      = show (&bob, (TestBundle){ .before = one, .devices = "bc" });
  g_assert_true (holds (world));
  g_assert_true (xim_marks_clear (world->store, BOB, &was, NULL));
  g_assert_true (was);
  g_assert_false (holds (world));
}

static void
test_mark_lost (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_assert_true (xim_marks_set (world->store, one, TEST_NOW_S, NULL));
  bob.reset_version = 2;
  g_assert_false (holds (world));
  g_assert_true (lost (world));
  g_assert_false (lost (world));
  /* The user accepts it: that is no mark. */
  bob.accepted_version = 2;
  g_assert_false (holds (world));
}

/* One that was accepted before anybody looked. */
static void
test_mark_lost_by_text (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_assert_true (xim_marks_set (world->store, one, TEST_NOW_S, NULL));
  g_autoptr (XimAccount) two = show (
      &bob, (TestBundle){ .before = one, .reset = TRUE, .devices = "c" });
  remember (world, two);
  g_assert_false (holds (world));
  g_assert_true (lost (world));
}

/* The mark is of one text, not of a number. */
static void
test_mark_of_another_text (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) one = show (&bob, (TestBundle){ .devices = "b" });
  g_assert_true (xim_marks_set (world->store, one, TEST_NOW_S, NULL));
  g_autoptr (XimAccount) other = show (&bob, (TestBundle){ .devices = "c" });
  remember (world, other);
  g_assert_false (holds (world));
  g_assert_true (lost (world));
}

static void
add (const char *path, void (*test) (World *, gconstpointer))
{
  g_test_add (path, World, NULL, set_up, test, tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  headless_start ();
  g_assert_true (xim_secret_init (NULL));
  add ("/compare/first-versions", test_first_versions);
  add ("/compare/walks-down", test_walks_down);
  add ("/compare/stops-at-a-reset", test_stops_at_a_reset);
  add ("/compare/refuses-a-ghost", test_refuses_a_ghost);
  add ("/compare/missing-version", test_missing_version);
  add ("/compare/own-device", test_own_device);
  add ("/compare/unaccepted-reset", test_unaccepted_reset);
  add ("/compare/looks-up", test_looks_up);
  add ("/compare/lookup-fails", test_lookup_fails);
  add ("/marks/mark", test_mark);
  add ("/marks/lost", test_mark_lost);
  add ("/marks/lost-by-text", test_mark_lost_by_text);
  add ("/marks/of-another-text", test_mark_of_another_text);
  int status = g_test_run ();
  headless_stop ();
  return status;
}
