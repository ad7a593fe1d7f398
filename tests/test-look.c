/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of look.c: the own entry, and what it says of the log. */

#include "config.h"

#include "plugin/look.h"
#include "plugin/logs.h"
#include "plugin/places.h"
#include "tests/headless.h"
#include "tests/peers-world.h"

typedef struct
{
  PeersWorld peers;
  TestLog log;
  XimHome *home;
  XimLook *look;
  guint n_ended;
  gboolean good;
  gboolean absent;
  int code; /* of the error; -1 */
} World;

static void
found (XimDomainState state, gpointer data)
{
  (void)data;
  g_assert_cmpint (state, ==, XIM_DOMAIN_PINNED);
}

static void
ended (const XimLookResult *result, gpointer data)
{
  World *world = data;
  world->n_ended++;
  world->good = result->verified != NULL;
  world->absent = result->absent;
  world->code = result->error != NULL ? result->error->code : -1;
  g_assert_true (world->good + world->absent + (world->code != -1) == 1);
}

static void
set_up (World *world, gconstpointer data)
{
  peers_set_up (&world->peers, data);
  const FakeClient *client = &world->peers.client;
  test_log_init (&world->log, 9);
  peers_log.log = &world->log;
  world->home
      = xim_home_new (TEST_JID, client->http, client->iq, client->discovery);
  world->look = xim_look_new (TEST_JID, client->store, client->http,
                              world->home, ended, world);
  xim_home_find (world->home, found, world);
  fake_run ();
}

static void
tear_down (World *world, gconstpointer data)
{
  xim_look_free (world->look);
  xim_home_free (world->home);
  peers_tear_down (&world->peers, data);
}

static void
take (World *world)
{
  g_autoptr (GBytes) body = g_bytes_new (peers_body, strlen (peers_body));
  const XimHttpAnswer answer
      = { .outcome = XIM_HTTP_ANSWER, .status = peers_status, .body = body };
  world->n_ended = 0;
  xim_look_take (world->look, &answer);
  fake_run ();
  g_assert_cmpuint (world->n_ended, ==, 1);
  g_assert_false (xim_look_is_busy (world->look));
}

static XimAccount *
look_first (World *world)
{
  XimAccount *first = peers_serve ((TestBundle){ .devices = "a" });
  take (world);
  g_assert_true (world->good);
  return first;
}

static void
serve_again (void)
{
  g_autoptr (XimAccount) same = peers_serve ((TestBundle){ .devices = "a" });
}

static guint64
kept_size (World *world)
{
  g_auto (XimStoreLog) log = { 0 };
  gboolean found_log = FALSE;
  g_assert_true (xim_store_load_log (world->peers.client.store, TEST_DOMAIN,
                                     &found_log, &log, NULL));
  return found_log ? log.head.size : 0;
}

static void
test_fits (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (GPtrArray) places = NULL;
  g_autoptr (XimAccount) first = look_first (world);
  g_assert_cmpuint (kept_size (world), ==, 11);
  fake_log_grow (&peers_log, 300, 'y');
  serve_again ();
  take (world);
  g_assert_true (world->good);
  g_assert_cmpuint (kept_size (world), ==, 311);
  /* The own version, and the index of the next one. */
  g_assert_true (
      xim_store_load_places (world->peers.client.store, &places, NULL));
  g_assert_cmpuint (places->len, ==, 2);
  const XimStorePlace *place = g_ptr_array_index (places, 0);
  g_assert_cmpint (place->leaf, ==, 10);
  place = g_ptr_array_index (places, 1);
  g_assert_cmpint (place->leaf, ==, XIM_STORE_NO_LEAF);
}

static void
test_absent (World *world, gconstpointer data)
{
  (void)data;
  peers_serve_absence (TEST_JID, fake_now_s, "S");
  take (world);
  g_assert_true (world->absent);
  g_assert_cmpuint (kept_size (world), ==, 10);
}

static void
test_fork (World *world, gconstpointer data)
{
  g_autofree TestLog *other = g_new (TestLog, 1);
  g_autoptr (XimAccount) first = look_first (world);
  test_log_init (other, 300);
  peers_log.log = other;
  if (data != NULL)
    peers_serve_absence (TEST_JID, fake_now_s, "S");
  else
    serve_again ();
  for (guint i = 0; i < 2; i++)
    {
      take (world);
      g_assert_cmpint (world->code, ==, XIM_ERROR_KEY_CHANGED);
    }
  g_assert_true (xim_log_is_forked (world->peers.client.store, TEST_DOMAIN));
  g_assert_cmpuint (peers_n_evidence (&world->peers), ==, 1);
  g_assert_cmpuint (kept_size (world), ==, 11);
}

static void
test_lost (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = look_first (world);
  peers_log.log = NULL;
  serve_again ();
  take (world);
  g_assert_cmpint (world->code, ==, XIM_ERROR_NOT_LOGGED);
}

static void
test_wrong_tiles (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = look_first (world);
  fake_log_grow (&peers_log, 300, 'y');
  serve_again ();
  peers_log.bent = "0/000";
  take (world);
  g_assert_cmpint (world->code, ==, XIM_ERROR_NOT_LOGGED);
  peers_log.status = 503;
  take (world);
  g_assert_cmpint (world->code, ==, XIM_ERROR_UNAVAILABLE);
  g_assert_cmpuint (kept_size (world), ==, 11);
}

/* A version that stands elsewhere than it was shown before. */
static void
test_moved (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimAccount) first = look_first (world);
  const XimEntry again = test_entry (first);
  test_log_append (&world->log, &again);
  g_autoptr (XimLogged) logged = test_logged (&world->log, first, 11);
  g_autoptr (XimBundle) bundle = test_bundle ((TestBundle){ .devices = "a" });
  g_autofree char *account = xim_note_encode (bundle->account->note);
  g_autofree char *current = xim_note_encode (bundle->current->note);
  g_autofree char *device = xim_note_encode (bundle->devices[0]->note);
  const char *devices[] = { device };
  g_free (peers_body);
  peers_body
      = xim_bundle_encode (TEST_JID, account, current, devices, 1, logged);
  take (world);
  g_assert_cmpint (xim_places_alarm (world->peers.client.store), ==,
                   XIM_PLACES_TWICE);
  g_assert_cmpuint (peers_n_evidence (&world->peers), ==, 1);
}

#define ADD_DATA(name, data, function)                                        \
  g_test_add ("/look/" name, World, data, set_up, function, tear_down)
#define ADD(name, function) ADD_DATA (name, NULL, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("fits", test_fits);
  ADD ("absent", test_absent);
  ADD ("fork/bundle", test_fork);
  ADD_DATA ("fork/absent", "", test_fork);
  ADD ("lost", test_lost);
  ADD ("wrong-tiles", test_wrong_tiles);
  ADD ("moved", test_moved);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
