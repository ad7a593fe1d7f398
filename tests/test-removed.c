/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of plugin/incoming.c and opener.c: what removed devices sent, and what
 * messages say that does not fit. */

#include "config.h"

#include "tests/headless.h"
#include "tests/world.h"

#define FROM_ALICE WORLD_ALICE "/pc"

typedef struct
{
  WorldClient *alice;
  WorldClient *bob;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  (void)data;
  f->alice = world_client_new (WORLD_ALICE, 'a');
  f->bob = world_client_new (WORLD_BOB, 'b');
  world_found (f->alice, WORLD_BOB, 'b');
  world_found (f->bob, WORLD_ALICE, 'a');
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  (void)data;
  world_client_free (f->bob);
  world_client_free (f->alice);
}

static char *
sealed (WorldClient *sender, const char *html)
{
  world_type (sender, WORLD_BOB, html);
  headless_clear_lines ();
  return g_strdup (world_last (sender));
}

static void
assert_shows (WorldClient *client, const char *stanza, const char *expected)
{
  g_autofree char *html = world_receive (client, FROM_ALICE, stanza);
  g_assert_cmpstr (html, ==, expected);
}

static guint
n_removed (Fixture *f)
{
  return xim_incoming_n_removed (f->bob->incoming, WORLD_ALICE);
}

/* Whoever has the device now can have written it: only on request, and said
 * to be from a removed device. */
static void
test_on_request (Fixture *f, gconstpointer data)
{
  g_autofree char *first = sealed (f->alice, "first");
  g_autofree char *second = sealed (f->alice, "second");
  (void)data;
  world_removed (f->bob, WORLD_ALICE, 'c');
  assert_shows (f->bob, first, NULL);
  assert_shows (f->bob, second, NULL);
  g_assert_cmpuint (
      world_n_lines ("S|A message from a removed device of " WORLD_ALICE), ==,
      1);
  g_assert_cmpuint (headless_lines ()->len, ==, 1);
  g_assert_cmpuint (n_removed (f), ==, 2);
  /* What is not asked for stays, also after a restart. */
  xim_incoming_retry (f->bob->incoming, NULL);
  world_client_restart (f->bob);
  g_assert_cmpuint (n_removed (f), ==, 2);
  xim_incoming_allow (f->bob->incoming, WORLD_ALICE);
  g_assert_true (world_has_line ("[from a removed device] first"));
  g_assert_true (world_has_line ("[from a removed device] second"));
  g_assert_cmpuint (n_removed (f), ==, 0);
}

/* It is shown once, and the next one has to be asked for again. */
static void
test_asked_each_time (Fixture *f, gconstpointer data)
{
  g_autofree char *first = sealed (f->alice, "first");
  g_autofree char *second = sealed (f->alice, "second");
  (void)data;
  world_removed (f->bob, WORLD_ALICE, 'c');
  assert_shows (f->bob, first, NULL);
  xim_incoming_allow (f->bob->incoming, WORLD_ALICE);
  assert_shows (f->bob, first, NULL);
  g_assert_cmpuint (n_removed (f), ==, 0);
  assert_shows (f->bob, second, NULL);
  g_assert_cmpuint (n_removed (f), ==, 1);
  g_assert_false (world_has_line ("second"));
}

/* What was never listed is nobody's device. */
static void
test_never_listed (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f->alice, "text");
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'd');
  world_removed (f->bob, WORLD_ALICE, 'c');
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (n_removed (f), ==, 0);
}

/* Messages of listed devices do not wait behind those of a removed one. */
static void
test_does_not_block (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f->alice, "text");
  (void)data;
  world_client_free (f->alice);
  f->alice = world_client_new (WORLD_ALICE, 'c');
  world_found (f->alice, WORLD_BOB, 'b');
  g_autofree char *honest = sealed (f->alice, "honest");
  world_removed (f->bob, WORLD_ALICE, 'c');
  assert_shows (f->bob, stanza, NULL);
  assert_shows (f->bob, honest, "honest");
}

static void
test_bounds (Fixture *f, gconstpointer data)
{
  (void)data;
  g_autoptr (GPtrArray) stanzas = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < XIM_WAITING_PER_SENDER_MAX + 1; i++)
    g_ptr_array_add (stanzas, sealed (f->alice, "text"));
  world_removed (f->bob, WORLD_ALICE, 'c');
  for (guint i = 0; i < stanzas->len; i++)
    assert_shows (f->bob, stanzas->pdata[i], NULL);
  g_assert_cmpuint (n_removed (f), ==, XIM_WAITING_PER_SENDER_MAX);
}

/* The sender uses keys that the keyserver does not show here: what it wrote is
 * shown, and nothing is sent. */
static void
test_alarm (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f->alice, "text");
  (void)data;
  world_said (f->bob, WORLD_ALICE, XIM_CLAIM_OTHER);
  assert_shows (f->bob, stanza, "text");
  g_assert_cmpuint (f->bob->n_alarms, ==, 1);
  world_type (f->bob, WORLD_ALICE, "answer");
  g_assert_null (world_last (f->bob));
  g_assert_true (world_has_line ("S|Stopped: a message of " WORLD_ALICE));
}

/* A removed device has no say about versions. */
static void
test_no_say (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f->alice, "text");
  (void)data;
  world_removed (f->bob, WORLD_ALICE, 'c');
  world_said (f->bob, WORLD_ALICE, XIM_CLAIM_OTHER);
  assert_shows (f->bob, stanza, NULL);
  xim_incoming_allow (f->bob->incoming, WORLD_ALICE);
  g_assert_true (world_has_line ("[from a removed device] text"));
  g_assert_cmpuint (f->bob->n_alarms, ==, 0);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  world_start ();
  add ("/removed/on-request", test_on_request);
  add ("/removed/asked-each-time", test_asked_each_time);
  add ("/removed/never-listed", test_never_listed);
  add ("/removed/does-not-block", test_does_not_block);
  add ("/removed/bounds", test_bounds);
  add ("/removed/alarm", test_alarm);
  add ("/removed/no-say", test_no_say);
  int result = g_test_run ();
  world_stop ();
  return result;
}
