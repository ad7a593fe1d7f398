/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of monitor.c, reading.c and places.c: the log is searched for what
 * stands in it of the own address. */

#include "config.h"

#include "plugin/judge.h"
#include "plugin/monitor.h"
#include "plugin/reading.h"
#include "tests/headless.h"
#include "tests/peers-world.h"

typedef struct
{
  PeersWorld peers;
  TestLog log;
  XimMonitor *monitor;
  guint n_forked;
  guint n_alarms;
  XimPlacesAlarm alarm;
  guint n_doubts;
} World;

static void
forked (const char *domain, gpointer data)
{
  World *world = data;
  g_assert_cmpstr (domain, ==, TEST_DOMAIN);
  world->n_forked++;
}

static void
alarmed (XimPlacesAlarm alarm, gpointer data)
{
  World *world = data;
  world->n_alarms++;
  world->alarm = alarm;
}

static void
doubted (gpointer data)
{
  World *world = data;
  world->n_doubts++;
}

static const XimMonitorOps ops = { forked, alarmed, doubted };

static void
make (World *world)
{
  const FakeClient *client = &world->peers.client;
  world->monitor = xim_monitor_new (TEST_JID, client->store, client->http,
                                    client->discovery, &ops, world);
}

static void
set_up (World *world, gconstpointer data)
{
  peers_set_up (&world->peers, data);
  test_log_init (&world->log, 9);
  peers_log.log = &world->log;
  make (world);
}

static void
tear_down (World *world, gconstpointer data)
{
  xim_monitor_free (world->monitor);
  peers_tear_down (&world->peers, data);
}

/* What the own look does with an answer. */
static void
look (World *world)
{
  g_autoptr (GError) error = NULL;
  XimStore *store = world->peers.client.store;
  g_autoptr (GBytes) json = g_bytes_new (peers_body, strlen (peers_body));
  const XimJudge judge = { .store = store,
                           .server = xim_discovery_known (
                               world->peers.client.discovery, TEST_DOMAIN),
                           .jid = TEST_JID,
                           .now_s = fake_now_s };
  g_autoptr (XimVerified) verified = xim_judge_walked (&judge, json, &error);
  g_assert_no_error (error);
  g_auto (XimLogWord) word = { 0 };
  xim_log_word_of (verified, NULL, judge.server, &word);
  g_assert_true (xim_store_begin (store, XIM_STORE_CACHE, NULL));
  g_assert_true (xim_judge_remember (store, verified, NULL));
  g_assert_true (xim_places_keep (store, verified, NULL));
  g_assert_true (xim_log_keep (store, TEST_DOMAIN, &word, NULL));
  g_assert_true (xim_store_commit (store, XIM_STORE_CACHE, NULL));
  xim_monitor_looked (world->monitor);
  fake_run ();
}

/* Version 1 at the end of a log of 11 entries, looked at for the first time.
 */
static XimAccount *
begin (World *world)
{
  XimAccount *first = peers_serve ((TestBundle){ .devices = "a" });
  g_assert_cmpint (peers_look_up (&world->peers), ==, XIM_PEER_READY);
  look (world);
  return first;
}

static void
look_next_day (World *world, TestBundle spec)
{
  fake_sleep (86400);
  g_autoptr (XimAccount) account = peers_serve (spec);
  look (world);
}

static XimStoreReading
reading_of (World *world)
{
  XimStoreReading reading;
  gboolean found = FALSE;
  g_assert_true (xim_store_load_reading (world->peers.client.store, &found,
                                         &reading, NULL));
  g_assert_true (found);
  return reading;
}

static void
assert_fine (World *world, guint64 size)
{
  const XimStoreReading reading = reading_of (world);
  g_assert_cmpuint (reading.head.size, ==, size);
  g_assert_cmpint (reading.time_s, ==, fake_now_s);
  g_assert_cmpuint (world->n_alarms, ==, 0);
  g_assert_cmpuint (world->n_forked, ==, 0);
  g_assert_cmpuint (peers_n_evidence (&world->peers), ==, 0);
}

static void
assert_alarm (World *world, XimPlacesAlarm alarm)
{
  g_assert_cmpuint (world->n_alarms, ==, 1);
  g_assert_cmpint (world->alarm, ==, alarm);
  g_assert_cmpuint (peers_n_evidence (&world->peers), ==, 1);
  g_assert_cmpint (xim_places_alarm (world->peers.client.store), ==, alarm);
}

/* The entry that a next version of the own address would have. */
static XimEntry
entry_of_next (const XimAccount *before)
{
  g_autoptr (XimBundle) bundle
      = test_bundle ((TestBundle){ .devices = "ax", .before = before });
  return test_entry (bundle->account);
}

static void
test_begins (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  assert_fine (world, 11);
  g_assert_cmpuint (xim_monitor_n_bytes (world->monitor), ==, 0);
}

static void
test_reads_on (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  fake_log_grow (&peers_log, 600, 'y');
  const guint asked = fake_n_requests ();
  /* Once a day is enough. */
  look (world);
  g_assert_cmpuint (fake_n_requests (), ==, asked);
  look_next_day (world, (TestBundle){ .devices = "a" });
  assert_fine (world, 611);
  g_assert_cmpuint (xim_monitor_n_bytes (world->monitor), ==, 600 * 68);
  fake_log_grow (&peers_log, 1, 'y');
  look_next_day (world, (TestBundle){ .devices = "a" });
  assert_fine (world, 612);
  g_assert_cmpuint (xim_monitor_n_bytes (world->monitor), ==, 601 * 68);
}

/* After a restart it goes on where it was. */
static void
test_restart (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  fake_log_grow (&peers_log, 300, 'y');
  xim_monitor_free (world->monitor);
  make (world);
  look (world);
  assert_fine (world, 311);
}

static void
test_own_version (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  look_next_day (world, (TestBundle){ .devices = "ab", .before = first });
  g_assert_cmpuint (world->n_doubts, ==, 0);
  assert_fine (world, 12);
}

/* The next version came between the look and the reading. */
static void
test_own_version_meanwhile (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  g_autofree char *before = g_strdup (peers_body);
  fake_sleep (86000);
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "ab", .before = first });
  g_autofree char *after = g_strdup (peers_body);
  g_free (peers_body);
  peers_body = g_steal_pointer (&before);
  look (world);
  g_assert_cmpuint (world->n_doubts, ==, 1);
  g_assert_cmpuint (reading_of (world).head.size, ==, 11);
  g_free (peers_body);
  peers_body = g_steal_pointer (&after);
  look (world);
  g_assert_cmpuint (world->n_doubts, ==, 1);
  assert_fine (world, 12);
}

/* A version that its owner never made, shown to others only. */
static void
test_hidden (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  const XimEntry entry = entry_of_next (first);
  fake_log_grow (&peers_log, 300, 'y');
  test_log_append (&world->log, &entry);
  fake_log_grow (&peers_log, 5, 'y');
  look_next_day (world, (TestBundle){ .devices = "a" });
  g_assert_cmpuint (world->n_doubts, ==, 1);
  g_assert_cmpuint (world->n_alarms, ==, 0);
  look (world);
  assert_alarm (world, XIM_PLACES_HIDDEN);
  g_assert_cmpuint (reading_of (world).head.size, ==, 317);
  look_next_day (world, (TestBundle){ .devices = "a" });
  assert_alarm (world, XIM_PLACES_HIDDEN);
  /* It is told once after each start. */
  xim_monitor_free (world->monitor);
  make (world);
  world->n_alarms = 0;
  look_next_day (world, (TestBundle){ .devices = "a" });
  assert_alarm (world, XIM_PLACES_HIDDEN);
  /* When the keyserver shows it at last, the look judges it. */
  look_next_day (world, (TestBundle){ .devices = "ax", .before = first });
  g_assert_cmpint (xim_places_alarm (world->peers.client.store), ==,
                   XIM_PLACES_FINE);
}

/* One text is logged and hidden, another one shown under the same version. */
static void
test_hidden_then_other (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  const XimEntry entry = entry_of_next (first);
  test_log_append (&world->log, &entry);
  look_next_day (world, (TestBundle){ .devices = "a" });
  look (world);
  assert_alarm (world, XIM_PLACES_HIDDEN);
  look_next_day (world, (TestBundle){ .devices = "ab", .before = first });
  g_assert_cmpint (xim_places_alarm (world->peers.client.store), ==,
                   XIM_PLACES_TWICE);
  g_assert_cmpuint (world->n_alarms, ==, 2);
  g_assert_cmpint (world->alarm, ==, XIM_PLACES_TWICE);
  /* Of what was hidden, of what is shown instead, and of both entries. */
  g_assert_cmpuint (peers_n_evidence (&world->peers), ==, 3);
}

/* One index with two commitments, or with one. */
static void
test_twice (World *world, gconstpointer data)
{
  g_autoptr (XimAccount) first = begin (world);
  XimEntry again = test_entry (first);
  if (data != NULL)
    again.commitment.bytes[0] ^= 1;
  test_log_append (&world->log, &again);
  look_next_day (world, (TestBundle){ .devices = "a" });
  g_assert_cmpuint (world->n_doubts, ==, 0);
  assert_alarm (world, XIM_PLACES_TWICE);
  look_next_day (world, (TestBundle){ .devices = "ab", .before = first });
  assert_alarm (world, XIM_PLACES_TWICE);
}

/* A version that was passed over counts where it stands first. */
static void
test_between (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  g_autoptr (XimAccount) second
      = peers_serve ((TestBundle){ .devices = "ab", .before = first });
  g_autoptr (XimAccount) third
      = peers_serve ((TestBundle){ .devices = "abc", .before = second });
  peers_etag = "\"three\"";
  g_assert_cmpint (peers_look_up_again (&world->peers), ==, XIM_PEER_READY);
  look_next_day (world, (TestBundle){ .devices = "abc", .before = second });
  g_assert_cmpuint (world->n_doubts, ==, 0);
  assert_fine (world, 13);
  XimEntry again = test_entry (second);
  again.commitment.bytes[0] ^= 1;
  test_log_append (&world->log, &again);
  look_next_day (world, (TestBundle){ .devices = "abc", .before = second });
  assert_alarm (world, XIM_PLACES_TWICE);
}

/* Entries that are not those of the signed tree, or are not there. */
static void
test_wrong_entries (World *world, gconstpointer data)
{
  g_autoptr (XimAccount) first = begin (world);
  fake_log_grow (&peers_log, 300, 'y');
  peers_log.bent = data;
  look_next_day (world, (TestBundle){ .devices = "a" });
  g_assert_cmpuint (reading_of (world).head.size, ==, 11);
  g_assert_cmpuint (peers_n_evidence (&world->peers), ==, 1);
  g_assert_cmpuint (world->n_alarms, ==, 0);
  /* Not at once again. */
  peers_log.bent = NULL;
  const guint asked = fake_n_requests ();
  look (world);
  g_assert_cmpuint (fake_n_requests (), ==, asked);
  xim_monitor_stop (world->monitor);
  fake_sleep (86400);
  look (world);
  g_assert_cmpuint (reading_of (world).head.size, ==, 311);
}

static void
test_outage (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  fake_log_grow (&peers_log, 300, 'y');
  fake_sleep (86400);
  peers_log.status = 503;
  look (world);
  g_assert_cmpuint (reading_of (world).head.size, ==, 11);
  peers_log.status = 200;
  xim_monitor_stop (world->monitor);
  look (world);
  assert_fine (world, 311);
}

/* A checkpoint that is never renewed hides nothing of what was seen. */
static void
test_stale_checkpoint (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  XimEntry again = test_entry (first);
  again.flags = XIM_ENTRY_CONTINUED;
  test_log_append (&world->log, &again);
  peers_log.checkpoint_max = 11;
  look_next_day (world, (TestBundle){ .devices = "a" });
  assert_alarm (world, XIM_PLACES_TWICE);
}

static void
test_fork (World *world, gconstpointer data)
{
  (void)data;
  g_autofree TestLog *other = g_new (TestLog, 1);
  g_autoptr (XimAccount) first = begin (world);
  test_log_init (other, 300);
  peers_log.log = other;
  fake_sleep (86400);
  look (world);
  g_assert_cmpuint (world->n_forked, ==, 1);
  g_assert_cmpuint (peers_n_evidence (&world->peers), ==, 1);
  g_assert_true (xim_log_is_forked (world->peers.client.store, TEST_DOMAIN));
  const guint asked = fake_n_requests ();
  look (world);
  g_assert_cmpuint (fake_n_requests (), ==, asked);
}

static void
test_freed (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = begin (world);
  fake_log_grow (&peers_log, 900, 'y');
  for (guint n = 1; n < 8; n++)
    {
      const guint asked = fake_n_requests ();
      fake_sleep (86400);
      xim_monitor_looked (world->monitor);
      for (guint i = 0; i < 1000 && fake_n_requests () < asked + n; i++)
        g_main_context_iteration (NULL, FALSE);
      xim_monitor_free (world->monitor);
      make (world);
    }
}

/* Reading in steps, each proven by itself */

typedef struct
{
  guint64 n_entries;
  guint64 sizes[8];
  guint n_sizes;
  guint n_max;
  XimReadingEnd end;
} Steps;

static void
step_entry (guint64 leaf, const XimEntry *entry, gpointer data)
{
  Steps *steps = data;
  (void)leaf, (void)entry;
  steps->n_entries++;
}

static gboolean
step_reached (const XimTreeHead *head, gpointer data)
{
  Steps *steps = data;
  const XimTreeHead true_head = fake_log_head (peers_log.log, head->size);
  g_assert_cmpmem (head, sizeof *head, &true_head, sizeof true_head);
  steps->sizes[steps->n_sizes++] = head->size;
  return steps->n_sizes < steps->n_max;
}

static void
step_ended (XimReadingEnd end, guint retry_after_s, gpointer data)
{
  Steps *steps = data;
  (void)retry_after_s;
  steps->end = end;
}

static const XimReadingOps step_ops
    = { 300, step_entry, step_reached, step_ended };

static Steps
read_steps (World *world, guint64 from, guint n_max)
{
  const XimDomain domain = { .base_url = "https://keys.example.org" };
  Steps steps = { .n_max = n_max };
  const XimTreeHead a = fake_log_head (peers_log.log, from);
  const XimTreeHead b
      = fake_log_head (peers_log.log, peers_log.log->frontier.size);
  g_autoptr (XimReading) reading = xim_reading_new (
      world->peers.client.http, &domain, &a, &b, &step_ops, &steps);
  fake_run ();
  return steps;
}

static void
test_steps (World *world, gconstpointer data)
{
  (void)data;
  fake_log_grow (&peers_log, 690, 'y');
  Steps steps = read_steps (world, 100, 9);
  g_assert_cmpint (steps.end, ==, XIM_READING_WHOLE);
  g_assert_cmpuint (steps.n_sizes, ==, 3);
  g_assert_cmpuint (steps.sizes[0], ==, 300);
  g_assert_cmpuint (steps.sizes[1], ==, 600);
  g_assert_cmpuint (steps.sizes[2], ==, 700);
  g_assert_cmpuint (steps.n_entries, ==, 600);
  steps = read_steps (world, 100, 1);
  g_assert_cmpint (steps.end, ==, XIM_READING_LEFT);
  g_assert_cmpuint (steps.n_sizes, ==, 1);
  /* A lie far behind does not undo what was proven before it. */
  peers_log.bent = "entries/002.p/188";
  steps = read_steps (world, 100, 9);
  g_assert_cmpint (steps.end, ==, XIM_READING_WRONG);
  g_assert_cmpuint (steps.n_sizes, ==, 2);
  peers_log.bent = "entries/001.p/44";
  steps = read_steps (world, 100, 9);
  g_assert_cmpint (steps.end, ==, XIM_READING_WRONG);
  g_assert_cmpuint (steps.n_sizes, ==, 0);
}

#define ADD_DATA(name, data, function)                                        \
  g_test_add ("/monitor/" name, World, data, set_up, function, tear_down)
#define ADD(name, function) ADD_DATA (name, NULL, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("begins", test_begins);
  ADD ("reads-on", test_reads_on);
  ADD ("restart", test_restart);
  ADD ("own-version", test_own_version);
  ADD ("own-version-meanwhile", test_own_version_meanwhile);
  ADD ("hidden", test_hidden);
  ADD ("hidden-then-other", test_hidden_then_other);
  ADD ("twice/same", test_twice);
  ADD_DATA ("twice/other", "", test_twice);
  ADD ("between", test_between);
  ADD_DATA ("wrong-entries/last", "entries/001.p/55", test_wrong_entries);
  ADD_DATA ("wrong-entries/edge", "0/000", test_wrong_entries);
  ADD ("outage", test_outage);
  ADD ("stale-checkpoint", test_stale_checkpoint);
  ADD ("fork", test_fork);
  ADD ("freed", test_freed);
  ADD ("steps", test_steps);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
