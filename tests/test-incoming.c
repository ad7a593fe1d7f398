/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of plugin/incoming.c and plugin/opener.c. */

#include "config.h"

#include <string.h>

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
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  (void)data;
  world_client_free (f->bob);
  world_client_free (f->alice);
}

/* What alice seals for @who; only bob's lines are kept. */
static char *
sealed (Fixture *f, const char *html)
{
  world_type (f->alice, WORLD_BOB, html);
  headless_clear_lines ();
  return g_strdup (world_last (f->alice));
}

static void
assert_shows (WorldClient *client, const char *stanza, const char *expected)
{
  g_autofree char *html = world_receive (client, FROM_ALICE, stanza);
  g_assert_cmpstr (html, ==, expected);
}

static void
test_open (Fixture *f, gconstpointer data)
{
  g_autofree char *plain = sealed (f, "a &lt;b&gt; &amp; c<br>d");
  g_autofree char *bold = sealed (f, "a <b>word</b>");
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'a');
  assert_shows (f->bob, plain,
                "<body xmlns='http://www.w3.org/1999/xhtml'><p>a &lt;b&gt; "
                "&amp; c<br/>d</p></body>");
  assert_shows (f->bob, bold,
                "<body xmlns='http://www.w3.org/1999/xhtml'><p>a <span "
                "style='font-weight: bold;'>word</span></p></body>");
  g_assert_cmpuint (headless_lines ()->len, ==, 0);
}

/* Archives, resends and copies cause it honestly: not a word. */
static void
test_replay (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'a');
  assert_shows (f->bob, stanza, "text");
  assert_shows (f->bob, stanza, NULL);
  world_client_restart (f->bob);
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (headless_lines ()->len, ==, 0);
}

/* Plain text around an envelope is not shown, whether it opens or not. */
static void
test_beside (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  g_autoptr (GString) both = g_string_new (stanza);
  (void)data;
  g_string_replace (both, "<active", "<body>forged</body><active", 1);
  g_string_replace (both, "</message>",
                    "<body>forged</body><subject>forged</subject></message>",
                    1);
  world_found (f->bob, WORLD_ALICE, 'a');
  assert_shows (f->bob, both->str, "text");
  assert_shows (f->bob, both->str, NULL);
  g_string_replace (both, "urn:x-im:envelope:1'>", "urn:x-im:envelope:1'>AA",
                    1);
  assert_shows (f->bob, both->str, NULL);
  g_assert_true (world_has_line ("S|A message from alice@example.org cannot "
                                 "be read: it was damaged"));
}

static void
test_other_sender (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  g_autofree char *html = NULL;
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'a');
  world_found (f->bob, WORLD_CAROL, 'c');
  html = world_receive (f->bob, WORLD_CAROL "/pc", stanza);
  g_assert_null (html);
  g_assert_true (
      world_has_line ("S|A message that came from carol@example.org "
                      "was not shown: it was written by or for"));
  g_assert_cmpuint (world_n_lookups (f->bob, WORLD_CAROL), ==, 0);
  assert_shows (f->bob, stanza, "text");
}

static void
test_unlisted_device (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'c');
  assert_shows (f->bob, stanza, NULL);
  world_now_s++;
  world_found (f->bob, WORLD_ALICE, 'c');
  xim_incoming_retry (f->bob->incoming, WORLD_ALICE);
  world_now_s--;
  g_assert_true (world_has_line ("S|A message from alice@example.org was not "
                                 "shown: the device"));
}

static void
test_not_for_us (Fixture *f, gconstpointer data)
{
  WorldClient *carol = world_client_new (WORLD_CAROL, 'c');
  g_autofree char *stanza = sealed (f, "text");
  (void)data;
  world_found (carol, WORLD_ALICE, 'a');
  assert_shows (carol, stanza, NULL);
  g_assert_true (world_has_line ("S|A message from alice@example.org cannot "
                                 "be read: it was not sealed to this device"));
  world_client_free (carol);
}

/* A co-recipient cannot pass on what was sealed to somebody else: here alice
 * wrote to carol, and the server hands it to alice's other contact. */
static void
test_for_another (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = NULL;
  (void)data;
  world_found (f->alice, WORLD_CAROL, 'b');
  world_type (f->alice, WORLD_CAROL, "text");
  headless_clear_lines ();
  stanza = g_strdup (world_last (f->alice));
  world_found (f->bob, WORLD_ALICE, 'a');
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (headless_lines ()->len, ==, 1);
}

static void
test_time (Fixture *f, gconstpointer data)
{
  const gint64 now_s = world_now_s;
  g_autofree char *late = sealed (f, "late");
  g_autofree char *early = NULL;
  (void)data;
  world_found (f->alice, WORLD_ALICE, 'a');
  world_now_s += 7200;
  world_found (f->alice, WORLD_BOB, 'b');
  world_found (f->alice, WORLD_ALICE, 'a');
  early = sealed (f, "early");
  world_now_s = now_s + 300;
  world_found (f->bob, WORLD_ALICE, 'a');
  assert_shows (f->bob, late, "late");
  g_assert_cmpuint (
      world_n_lines (
          "S|The next message of alice@example.org was written at "),
      ==, 1);
  assert_shows (f->bob, early, NULL);
  g_assert_true (world_has_line ("its time does not fit"));
  world_now_s = now_s;
}

static void
test_plain (Fixture *f, gconstpointer data)
{
  const char *stanza = "<message type='chat'><body>text</body></message>";
  (void)data;
  assert_shows (f->bob, stanza, "text");
  world_found (f->bob, WORLD_ALICE, 'a');
  assert_shows (f->bob, stanza, "[NOT encrypted] text");
  world_facts (f->bob, WORLD_ALICE)->peer = XIM_PEER_ABSENT;
  assert_shows (f->bob, stanza, "[NOT encrypted] text");
  world_facts (f->bob, WORLD_ALICE)->policy = XIM_POLICY_NEVER;
  assert_shows (f->bob, stanza, "[NOT encrypted] text");
  world_set_never_enrolled (f->bob);
  assert_shows (f->bob, stanza, "text");
}

static void
test_never_enrolled (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  g_autofree char *html = NULL;
  (void)data;
  world_set_never_enrolled (f->bob);
  html = world_receive (f->bob, FROM_ALICE, stanza);
  g_assert_true (g_str_has_prefix (html, "This message is encrypted"));
}

/* Its keys may be known to others before it hears that they were accepted. */
static void
test_offered (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'a');
  world_set_offered (f->bob);
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (xim_incoming_n_waiting (f->bob->incoming, WORLD_ALICE), ==,
                    1);
  g_assert_cmpuint (world_n_lines ("until your own keys are ready"), ==, 1);
  world_unlock (f->bob);
  xim_incoming_retry (f->bob->incoming, NULL);
  g_assert_cmpuint (world_n_lines ("r|text"), ==, 1);
}

static void
test_error (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  g_autoptr (GString) bounce = g_string_new (stanza);
  g_autofree char *html = NULL;
  (void)data;
  g_string_replace (bounce, "type='chat'", "type='error'", 1);
  html = world_receive (f->alice, WORLD_BOB, bounce->str);
  g_assert_null (html);
  g_assert_cmpuint (world_n_lines ("S|Not delivered: "), ==, 1);
}

/* libpurple shows the text of an error: it is marked like any other. */
static void
test_error_text (Fixture *f, gconstpointer data)
{
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'a');
  assert_shows (f->bob, "<message type='error'><body>text</body></message>",
                "[NOT encrypted] text");
}

static void
test_room (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  g_autoptr (GString) room = g_string_new (stanza);
  g_autofree char *html = NULL;
  (void)data;
  g_string_replace (room, "type='chat'", "type='groupchat'", 1);
  html = world_receive (f->bob, "room@rooms.example.org/alice", room->str);
  g_assert_true (g_str_has_prefix (html, "This message is encrypted"));
}

static guint
n_shown (const char *text)
{
  g_autofree char *line = g_strconcat ("r|", text, NULL);
  return world_n_lines (line);
}

static void
know (WorldClient *client, const char *jid)
{
  purple_blist_add_buddy (purple_buddy_new (client->account, jid, NULL), NULL,
                          NULL, NULL);
}

static void
forget (WorldClient *client, const char *jid)
{
  purple_blist_remove_buddy (purple_find_buddy (client->account, jid));
}

static void
test_wait_bundle (Fixture *f, gconstpointer data)
{
  g_autofree char *first = sealed (f, "first");
  g_autofree char *second = sealed (f, "second");
  const GPtrArray *lines = headless_lines ();
  (void)data;
  know (f->bob, WORLD_ALICE);
  assert_shows (f->bob, first, NULL);
  g_assert_cmpuint (world_n_lookups (f->bob, WORLD_ALICE), ==, 1);
  assert_shows (f->bob, second, NULL);
  assert_shows (f->bob, first, NULL);
  g_assert_cmpuint (xim_incoming_n_waiting (f->bob->incoming, WORLD_ALICE), ==,
                    3);
  xim_incoming_retry (f->bob->incoming, WORLD_ALICE);
  g_assert_cmpuint (lines->len, ==, 0);

  world_client_restart (f->bob);
  world_found (f->bob, WORLD_ALICE, 'a');
  xim_incoming_retry (f->bob->incoming, NULL);
  g_assert_cmpuint (lines->len, ==, 2);
  g_assert_true (g_str_has_suffix (g_ptr_array_index (lines, 0), "r|first"));
  g_assert_true (g_str_has_suffix (g_ptr_array_index (lines, 1), "r|second"));
  g_assert_cmpuint (xim_incoming_n_waiting (f->bob->incoming, NULL), ==, 0);
  forget (f->bob, WORLD_ALICE);
}

/* An absence that is older than the message is asked for again, a newer one
 * is not. */
static void
test_wait_newcomer (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  XimFacts *facts = world_facts (f->bob, WORLD_ALICE);
  (void)data;
  know (f->bob, WORLD_ALICE);
  facts->peer = XIM_PEER_ABSENT;
  facts->absent_s = world_now_s + 1;
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (world_n_lookups (f->bob, WORLD_ALICE), ==, 0);
  facts->absent_s = world_now_s - 60;
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (world_n_lookups (f->bob, WORLD_ALICE), ==, 1);
  forget (f->bob, WORLD_ALICE);
}

static void
test_wait_old_bundle (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'a');
  world_facts (f->bob, WORLD_ALICE)->checked_s = world_now_s - 3601;
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (world_n_lookups (f->bob, WORLD_ALICE), >=, 1);
  world_facts (f->bob, WORLD_ALICE)->peer_online = FALSE;
  xim_incoming_retry (f->bob->incoming, WORLD_ALICE);
  g_assert_cmpuint (n_shown ("text"), ==, 1);
}

/* A device may be newer than the bundle: it is asked for once more. */
static void
test_wait_new_device (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'c');
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (world_n_lookups (f->bob, WORLD_ALICE), >=, 1);
  g_assert_cmpuint (headless_lines ()->len, ==, 0);
  world_found (f->bob, WORLD_ALICE, 'a');
  xim_incoming_retry (f->bob->incoming, WORLD_ALICE);
  g_assert_cmpuint (n_shown ("text"), ==, 1);
}

static void
test_wait_locked (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'a');
  world_lock (f->bob);
  assert_shows (f->bob, stanza, NULL);
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (world_n_lines ("S|A message from alice@example.org waits. "
                                   "To read it, unlock"),
                    ==, 1);
  xim_incoming_retry (f->bob->incoming, NULL);
  g_assert_cmpuint (n_shown ("text"), ==, 0);
  world_unlock (f->bob);
  xim_incoming_retry (f->bob->incoming, NULL);
  g_assert_cmpuint (n_shown ("text"), ==, 1);
}

/* Whoever is not listed makes no lookup until the user asks for it. */
static void
test_stranger (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  (void)data;
  assert_shows (f->bob, stanza, NULL);
  assert_shows (f->bob, stanza, NULL);
  xim_incoming_retry (f->bob->incoming, NULL);
  g_assert_cmpuint (world_n_lookups (f->bob, WORLD_ALICE), ==, 0);
  g_assert_cmpuint (world_n_lines ("type /xim open"), ==, 1);
  xim_incoming_allow (f->bob->incoming, WORLD_ALICE);
  g_assert_cmpuint (world_n_lookups (f->bob, WORLD_ALICE), ==, 1);
  world_found (f->bob, WORLD_ALICE, 'a');
  xim_incoming_retry (f->bob->incoming, WORLD_ALICE);
  g_assert_cmpuint (n_shown ("text"), ==, 1);
}

static void
test_limit (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  (void)data;
  for (guint i = 0; i < XIM_WAITING_PER_SENDER_MAX; i++)
    assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (world_n_lines ("was dropped"), ==, 0);
  assert_shows (f->bob, stanza, NULL);
  g_assert_cmpuint (xim_incoming_n_waiting (f->bob->incoming, WORLD_ALICE), ==,
                    XIM_WAITING_PER_SENDER_MAX);
  g_assert_cmpuint (world_n_lines ("was dropped"), ==, 1);
}

/* A copy of what we wrote elsewhere is ours; of what this device wrote it is
 * shown already. */
static void
test_own_copy (Fixture *f, gconstpointer data)
{
  g_autofree char *stanza = sealed (f, "text");
  g_autofree char *html = NULL;
  (void)data;
  html = world_receive (f->alice, WORLD_ALICE "/other", stanza);
  g_assert_null (html);
  g_assert_cmpuint (headless_lines ()->len, ==, 0);
}

static void
test_garbage (Fixture *f, gconstpointer data)
{
  static const char *const stanzas[] = {
    "<message><sealed xmlns='urn:x-im:envelope:1'/></message>",
    "<message><sealed xmlns='urn:x-im:envelope:1'>!</sealed></message>",
    "<message><sealed xmlns='urn:x-im:envelope:1'>AAAA</sealed></message>",
    "<message><sealed xmlns='urn:x-im:envelope:1'><body>x</body></sealed>"
    "<body>forged</body></message>",
  };
  (void)data;
  world_found (f->bob, WORLD_ALICE, 'a');
  for (guint i = 0; i < G_N_ELEMENTS (stanzas); i++)
    {
      headless_clear_lines ();
      assert_shows (f->bob, stanzas[i], NULL);
      g_assert_cmpuint (world_n_lines ("it was damaged on its way"), ==, 1);
      g_assert_cmpuint (headless_lines ()->len, ==, 1);
    }
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
  add ("/incoming/open", test_open);
  add ("/incoming/replay", test_replay);
  add ("/incoming/beside", test_beside);
  add ("/incoming/refuses/other-sender", test_other_sender);
  add ("/incoming/refuses/unlisted-device", test_unlisted_device);
  add ("/incoming/refuses/not-for-us", test_not_for_us);
  add ("/incoming/refuses/for-another", test_for_another);
  add ("/incoming/refuses/garbage", test_garbage);
  add ("/incoming/time", test_time);
  add ("/incoming/plain", test_plain);
  add ("/incoming/never-enrolled", test_never_enrolled);
  add ("/incoming/offered", test_offered);
  add ("/incoming/error", test_error);
  add ("/incoming/error-text", test_error_text);
  add ("/incoming/room", test_room);
  add ("/incoming/wait-newcomer", test_wait_newcomer);
  add ("/incoming/wait/bundle", test_wait_bundle);
  add ("/incoming/wait/old-bundle", test_wait_old_bundle);
  add ("/incoming/wait/new-device", test_wait_new_device);
  add ("/incoming/wait/locked", test_wait_locked);
  add ("/incoming/wait/stranger", test_stranger);
  add ("/incoming/wait/limit", test_limit);
  add ("/incoming/own-copy", test_own_copy);
  int status = g_test_run ();
  world_stop ();
  return status;
}
