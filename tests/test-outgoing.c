/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of plugin/outgoing.c and what it is made of: the two gates. */

#include "config.h"

#include <string.h>

#include "plugin/places.h"
#include "plugin/store-rows.h"
#include "tests/headless.h"
#include "tests/world.h"

#define STATE "<active xmlns='http://jabber.org/protocol/chatstates'/>"

typedef struct
{
  WorldClient *alice;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  (void)data;
  fixture->alice = world_client_new (WORLD_ALICE, 'a');
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void)data;
  world_client_free (fixture->alice);
}

static void
assert_sealed (const char *stanza)
{
  g_assert_nonnull (stanza);
  g_assert_nonnull (strstr (stanza, "<sealed xmlns='urn:x-im:envelope:1'>"));
  g_assert_nonnull (strstr (stanza, "<body>This message is encrypted"));
  g_assert_null (strstr (stanza, "secret"));
}

static void
assert_nothing_readable (const WorldClient *client)
{
  for (guint i = 0; i < client->sent->len; i++)
    {
      const char *stanza = g_ptr_array_index (client->sent, i);
      g_assert_null (strstr (stanza, "secret"));
      g_assert_null (strstr (stanza, "<html"));
    }
}

static void
test_never_enrolled (Fixture *f, gconstpointer data)
{
  (void)data;
  world_set_never_enrolled (f->alice);
  world_type (f->alice, WORLD_BOB, "secret");
  world_type (f->alice, WORLD_BOB, "secret 2");
  g_assert_nonnull (strstr (world_last (f->alice), "<body>secret 2</body>"));
  g_assert_cmpuint (world_n_lines ("NOT encrypted: X-IM is not set up"), ==,
                    1);
  g_assert_cmpuint (world_n_lookups (f->alice, WORLD_BOB), ==, 0);
  world_send_raw (f->alice, "<message to='bob@example.org'><body>secret"
                            "</body></message>");
  g_assert_cmpuint (f->alice->sent->len, ==, 3);
}

static void
test_seal (Fixture *f, gconstpointer data)
{
  (void)data;
  world_found (f->alice, WORLD_BOB, 'b');
  world_type (f->alice, WORLD_BOB, "a <b>secret</b>");
  world_type (f->alice, WORLD_BOB "/phone", "another secret");
  g_assert_cmpuint (f->alice->sent->len, ==, 2);
  assert_sealed (g_ptr_array_index (f->alice->sent, 0));
  assert_sealed (g_ptr_array_index (f->alice->sent, 1));
  assert_nothing_readable (f->alice);
  g_assert_nonnull (strstr (world_last (f->alice), "type='chat'"));
  g_assert_nonnull (strstr (world_last (f->alice), STATE));
  g_assert_cmpuint (world_n_lines ("S|Encrypted: only you and bob@"), ==, 1);
  g_assert_true (world_has_line ("s|a <b>secret</b>"));
}

static void
test_policy_never (Fixture *f, gconstpointer data)
{
  (void)data;
  world_found (f->alice, WORLD_BOB, 'b');
  world_facts (f->alice, WORLD_BOB)->policy = XIM_POLICY_NEVER;
  world_type (f->alice, WORLD_BOB, "secret");
  g_assert_nonnull (strstr (world_last (f->alice), "<body>secret</body>"));
  g_assert_cmpuint (world_n_lines ("S|NOT encrypted: you chose"), ==, 1);
}

static gboolean
file_has (const WorldClient *client, const char *text)
{
  g_autoptr (GDir) dir = g_dir_open (client->dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (client->dir, name, NULL);
      g_autofree char *data = NULL;
      gsize len = 0;
      g_assert_true (g_file_get_contents (path, &data, &len, NULL));
      if (memmem (data, len, text, strlen (text)) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* What the log of the own keyserver shows stops everything, whoever it is
 * written to, and so does not knowing what it showed. */
static void
test_own_log (Fixture *f, gconstpointer what)
{
  const XimStoreReading reading = { .alarm = XIM_PLACES_HIDDEN, .version = 2 };
  XimStore *store = f->alice->store;
  world_found (f->alice, WORLD_BOB, 'b');
  if (g_str_equal (what, "hidden"))
    g_assert_true (xim_store_save_reading (store, &reading, NULL));
  else if (g_str_equal (what, "unreadable"))
    g_assert_true (xim_sql_script (store->cache, "DROP TABLE reading", NULL));
  else
    world_facts (f->alice, WORLD_ALICE)->peer = XIM_PEER_LOG_FORKED;
  world_type (f->alice, WORLD_BOB, "secret");
  g_assert_cmpuint (f->alice->sent->len, ==, 0);
  g_assert_cmpuint (
      world_n_lines ("S|Stopped: something is wrong with your own keys"), ==,
      1);
}

static void
test_hold (Fixture *f, gconstpointer data)
{
  (void)data;
  world_type (f->alice, WORLD_BOB, "secret 1");
  world_type (f->alice, WORLD_BOB, "secret 2");
  g_assert_cmpuint (f->alice->sent->len, ==, 0);
  g_assert_cmpuint (xim_outgoing_n_held (f->alice->outgoing, WORLD_BOB), ==,
                    2);
  g_assert_true (world_has_line ("s|[waiting] secret 1"));
  g_assert_true (world_has_line ("s|[waiting] secret 2"));
  g_assert_cmpuint (world_n_lines ("S|Waiting: the keys of bob@"), ==, 1);
  g_assert_cmpuint (world_n_lookups (f->alice, WORLD_BOB), >=, 1);
  g_assert_false (file_has (f->alice, "secret"));
  g_assert_true (file_has (f->alice, WORLD_BOB));

  world_found (f->alice, WORLD_BOB, 'b');
  xim_outgoing_flush (f->alice->outgoing, WORLD_BOB);
  g_assert_cmpuint (f->alice->sent->len, ==, 2);
  assert_sealed (g_ptr_array_index (f->alice->sent, 0));
  assert_nothing_readable (f->alice);
  g_assert_true (
      world_has_line ("S|2 waiting messages went to bob@example.org,"
                      " encrypted."));
  g_assert_cmpuint (xim_outgoing_n_held (f->alice->outgoing, WORLD_BOB), ==,
                    0);
}

/* What is typed while something waits goes after it, also when it could go at
 * once. */
static void
test_hold_order (Fixture *f, gconstpointer data)
{
  WorldClient *bob = world_client_new (WORLD_BOB, 'b');
  (void)data;
  world_found (bob, WORLD_ALICE, 'a');
  world_type (f->alice, WORLD_BOB, "secret 1");
  world_send (f->alice, "<message to='bob@example.org'><body>secret 2</body>"
                        "</message>");
  world_found (f->alice, WORLD_BOB, 'b');
  world_type (f->alice, WORLD_BOB, "secret 3");
  assert_nothing_readable (f->alice);
  for (guint i = 0, n = 0; i < f->alice->sent->len; i++)
    {
      const char *stanza = g_ptr_array_index (f->alice->sent, i);
      g_autofree char *expected = NULL;
      g_autofree char *html = NULL;
      if (strstr (stanza, "<sealed") == NULL)
        continue;
      expected = g_strdup_printf ("secret %u", ++n);
      html = world_receive (bob, WORLD_ALICE "/pc", stanza);
      g_assert_cmpstr (html, ==, expected);
      g_assert_cmpuint (n, <=, 3);
    }
  g_assert_cmpuint (xim_outgoing_n_held (f->alice->outgoing, NULL), ==, 0);
  world_client_free (bob);
}

static void
test_hold_then_plain (Fixture *f, gconstpointer data)
{
  XimFacts *facts = world_facts (f->alice, WORLD_CAROL);
  (void)data;
  world_type (f->alice, WORLD_CAROL, "secret");
  g_assert_cmpuint (f->alice->sent->len, ==, 0);
  facts->peer = XIM_PEER_ABSENT;
  facts->absent_s = world_now_s;
  xim_outgoing_flush (f->alice->outgoing, NULL);
  g_assert_nonnull (strstr (world_last (f->alice), "<body>secret</body>"));
  g_assert_true (world_has_line ("S|1 waiting message went to "
                                 "carol@example.org, NOT encrypted."));
  g_assert_true (world_has_line ("S|NOT encrypted: carol@"));
}

static void
test_hold_restart (Fixture *f, gconstpointer data)
{
  (void)data;
  world_type (f->alice, WORLD_BOB, "secret");
  world_client_restart (f->alice);
  headless_clear_lines ();
  g_assert_cmpuint (xim_outgoing_n_held (f->alice->outgoing, WORLD_BOB), ==,
                    1);
  world_found (f->alice, WORLD_BOB, 'b');
  xim_outgoing_flush (f->alice->outgoing, NULL);
  assert_sealed (world_last (f->alice));
  g_assert_true (world_has_line ("s|secret"));
  g_assert_true (world_has_line ("S|1 waiting message went"));
}

static void
test_hold_discard (Fixture *f, gconstpointer data)
{
  (void)data;
  world_type (f->alice, WORLD_BOB, "secret");
  world_type (f->alice, WORLD_CAROL, "secret");
  g_assert_cmpuint (xim_outgoing_discard (f->alice->outgoing, WORLD_BOB), ==,
                    1);
  g_assert_cmpuint (xim_outgoing_n_held (f->alice->outgoing, NULL), ==, 1);
  world_found (f->alice, WORLD_BOB, 'b');
  world_client_restart (f->alice);
  xim_outgoing_flush (f->alice->outgoing, NULL);
  g_assert_cmpuint (f->alice->sent->len, ==, 0);
}

static void
test_hold_offline (Fixture *f, gconstpointer data)
{
  PurpleConnection *gc = purple_account_get_connection (f->alice->account);
  (void)data;
  world_found (f->alice, WORLD_BOB, 'b');
  purple_connection_set_state (gc, PURPLE_CONNECTING);
  world_type (f->alice, WORLD_BOB, "secret");
  g_assert_cmpuint (f->alice->sent->len, ==, 0);
  g_assert_true (world_has_line ("S|Waiting: this account is not online"));
  xim_outgoing_flush (f->alice->outgoing, NULL);
  g_assert_cmpuint (f->alice->sent->len, ==, 0);
  purple_connection_set_state (gc, PURPLE_CONNECTED);
  xim_outgoing_flush (f->alice->outgoing, NULL);
  assert_sealed (world_last (f->alice));
}

static void
test_locked (Fixture *f, gconstpointer data)
{
  (void)data;
  world_found (f->alice, WORLD_BOB, 'b');
  world_lock (f->alice);
  world_type (f->alice, WORLD_BOB, "secret");
  g_assert_cmpuint (f->alice->sent->len, ==, 0);
  g_assert_cmpuint (xim_outgoing_n_held (f->alice->outgoing, NULL), ==, 0);
  g_assert_true (world_has_line ("S|Locked: "));
  g_assert_true (world_has_line ("S|Not sent: secret"));

  world_send (f->alice, "<message to='bob@example.org'><body>secret 2</body>"
                        "</message>");
  assert_nothing_readable (f->alice);
  g_assert_true (
      world_has_line ("S|Not sent, your keys are locked: secret 2"));

  world_unlock (f->alice);
  world_type (f->alice, WORLD_BOB, "secret");
  assert_sealed (world_last (f->alice));
}

static void
test_own_bundle (Fixture *f, gconstpointer data)
{
  (void)data;
  world_found (f->alice, WORLD_BOB, 'b');
  world_facts (f->alice, WORLD_ALICE)->checked_s = world_now_s - 3601;
  world_type (f->alice, WORLD_BOB, "secret");
  g_assert_cmpuint (f->alice->sent->len, ==, 0);
  g_assert_true (world_has_line ("S|Waiting: your own keys are not ready"));
  g_assert_cmpuint (world_n_lookups (f->alice, WORLD_ALICE), >=, 1);
}

static void
test_too_long (Fixture *f, gconstpointer data)
{
  g_autofree char *fits = g_strnfill (80000, 'x');
  g_autofree char *too_long = g_strnfill (98500, 'x');
  (void)data;
  world_found (f->alice, WORLD_BOB, 'b');
  world_type (f->alice, WORLD_BOB, fits);
  assert_sealed (world_last (f->alice));
  g_assert_cmpuint (strlen (world_last (f->alice)), <, 132000);
  headless_clear_lines ();
  world_type (f->alice, WORLD_BOB, too_long);
  g_assert_cmpuint (f->alice->sent->len, ==, 1);
  g_assert_true (world_has_line ("S|Not sent: the message is too long"));
}

/* Just below and above the limit, gate 1 and gate 2 must agree. */
static void
test_too_long_edge (Fixture *f, gconstpointer data)
{
  (void)data;
  world_found (f->alice, WORLD_BOB, 'b');
  for (gsize len = 94000; len < 99000; len += 250)
    {
      g_autofree char *text = g_strnfill (len, 'x');
      const guint before = f->alice->sent->len;
      headless_clear_lines ();
      world_type (f->alice, WORLD_BOB, text);
      g_assert_cmpuint (world_n_lines ("too long"), ==,
                        f->alice->sent->len == before);
      if (f->alice->sent->len != before)
        assert_sealed (world_last (f->alice));
    }
}

typedef struct
{
  const char *name;
  const char *stanza;
  gboolean sealed;
} Path;

#define TO "to='bob@example.org'"
#define READABLE "<body>secret</body>"

/* Whatever did not come through gate 1. */
static const Path paths[] = {
  { "chat", "<message type='chat' " TO ">" READABLE "</message>", TRUE },
  { "normal", "<message " TO "><subject>secret</subject></message>", TRUE },
  { "headline", "<message type='headline' " TO ">" READABLE "</message>",
    TRUE },
  { "groupchat", "<message type='groupchat' " TO ">" READABLE "</message>",
    TRUE },
  { "full-jid", "<message to='BOB@example.org/x'>" READABLE "</message>",
    TRUE },
  { "own", "<message>" READABLE "</message>", TRUE },
  { "error",
    "<message type='error' " TO ">" READABLE
    "<paused xmlns='http://jabber.org/protocol/chatstates'>secret</paused>"
    "<error type='cancel'><text>secret</text></error></message>",
    FALSE },
  { "attention",
    "<message type='headline' " TO ">"
    "<attention xmlns='urn:xmpp:attention:0'>secret</attention>"
    "</message>",
    FALSE },
  { "unknown", "<message " TO "><x xmlns='urn:y'>secret</x></message>",
    FALSE },
  { "oob",
    "<message " TO "><x xmlns='jabber:x:oob'><url>secret</url></x>"
    "</message>",
    FALSE },
  { "attribute", "<message secret='secret' " TO ">" STATE "</message>",
    FALSE },
  { "prefix",
    "<message xmlns:secret='urn:y' " TO ">"
    "<paused xmlns='http://jabber.org/protocol/chatstates' "
    "xmlns:e='secret'/></message>",
    FALSE },
  { "foreign-envelope",
    "<message " TO "><sealed xmlns='urn:x-im:envelope:1'>secret</sealed>"
    "</message>",
    FALSE },
  { "bad-address", "<message to='a b@example.org'>" READABLE "</message>",
    FALSE },
};

static void
test_path_sealed (Fixture *f, gconstpointer data)
{
  const Path *path = data;
  world_found (f->alice, WORLD_BOB, 'b');
  world_send (f->alice, path->stanza);
  g_assert_cmpuint (f->alice->sent->len, ==, 1);
  assert_nothing_readable (f->alice);
  if (path->sealed)
    assert_sealed (world_last (f->alice));
}

static void
test_path_held (Fixture *f, gconstpointer data)
{
  const Path *path = data;
  const gboolean own = strcmp (path->name, "own") == 0;
  world_facts (f->alice, WORLD_BOB)->peer = XIM_PEER_UNREACHABLE;
  world_send (f->alice, path->stanza);
  g_assert_cmpuint (f->alice->sent->len, ==, 1);
  assert_nothing_readable (f->alice);
  g_assert_cmpuint (xim_outgoing_n_held (f->alice->outgoing, NULL), ==,
                    path->sealed && !own);
  world_found (f->alice, WORLD_BOB, 'b');
  xim_outgoing_flush (f->alice->outgoing, NULL);
  assert_nothing_readable (f->alice);
  if (path->sealed)
    assert_sealed (world_last (f->alice));
}

static void
test_auto_reply (Fixture *f, gconstpointer data)
{
  (void)data;
  world_found (f->alice, WORLD_BOB, 'b');
  serv_send_im (purple_account_get_connection (f->alice->account), WORLD_BOB,
                "secret", PURPLE_MESSAGE_AUTO_RESP);
  assert_sealed (world_last (f->alice));
}

/* A resend is the same envelope; what another plugin puts beside it goes. */
static void
test_resend (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autoptr (GString) changed = NULL;
  (void)data;
  world_found (f->alice, WORLD_BOB, 'b');
  world_type (f->alice, WORLD_BOB, "secret");
  first = g_strdup (world_last (f->alice));
  purple_connection_set_state (
      purple_account_get_connection (f->alice->account), PURPLE_CONNECTING);
  world_send (f->alice, first);
  g_assert_cmpstr (world_last (f->alice), ==, first);
  changed = g_string_new (first);
  g_string_replace (changed, "</message>",
                    "<body>secret</body><x xmlns='urn:y'>secret</x></message>",
                    1);
  world_send (f->alice, changed->str);
  g_assert_cmpstr (world_last (f->alice), ==, first);
}

static void
test_typing (Fixture *f, gconstpointer data)
{
  (void)data;
  world_send (f->alice, "<message type='chat' " TO ">" STATE "</message>");
  g_assert_cmpstr (world_last (f->alice), ==,
                   "<message type='chat' " TO ">" STATE "</message>");
  g_assert_cmpuint (xim_outgoing_n_held (f->alice->outgoing, NULL), ==, 0);
  g_assert_cmpuint (world_n_lookups (f->alice, WORLD_BOB), >=, 1);
}

#define MEDIATED                                                              \
  "<message to='room@rooms.example.org'>"                                     \
  "<x xmlns='http://jabber.org/protocol/muc#user'>"                           \
  "<invite "                                                                  \
  "to='bob@example.org'><reason>secret</reason></invite></x></message>"
#define DIRECT                                                                \
  "<message " TO "><body>secret</body><x xmlns='jabber:x:conference' "        \
  "jid='room@rooms.example.org'/></message>"

static void
test_invitation (Fixture *f, gconstpointer data)
{
  const char *stanza = data;
  const guint asked = headless_n_questions ();

  world_found (f->alice, WORLD_BOB, 'b');
  headless_answer (1);
  world_send (f->alice, stanza);
  g_assert_cmpuint (headless_n_questions (), ==, asked + 1);
  g_assert_cmpstr (world_last (f->alice), ==,
                   "<message type='headline' to='alice@example.org'/>");
  headless_answer (0);
  world_send (f->alice, stanza);
  g_assert_cmpuint (f->alice->sent->len, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (f->alice->sent, 1), ==, stanza);
  headless_answer (-1);
  world_send (f->alice, stanza);
  g_assert_cmpuint (f->alice->sent->len, ==, 4);
  g_assert_null (strstr (world_last (f->alice), "secret"));
}

static void
test_invitation_plain (Fixture *f, gconstpointer data)
{
  const guint asked = headless_n_questions ();
  (void)data;
  world_facts (f->alice, WORLD_BOB)->policy = XIM_POLICY_NEVER;
  world_send (f->alice, DIRECT);
  g_assert_cmpuint (headless_n_questions (), ==, asked);
  g_assert_cmpstr (world_last (f->alice), ==, DIRECT);
}

static void
test_room (Fixture *f, gconstpointer data)
{
  PurpleConnection *gc = purple_account_get_connection (f->alice->account);
  PurpleConversation *conv
      = serv_got_joined_chat (gc, 1, "room@rooms.example.org");
  (void)data;
  xim_outgoing_conversation (f->alice->outgoing, conv);
  xim_outgoing_conversation (f->alice->outgoing, conv);
  g_assert_cmpuint (world_n_lines ("S|NOT encrypted: rooms"), ==, 1);
  world_send (f->alice,
              "<message type='groupchat' to='room@rooms.example.org'>"
              "<body>all</body></message>");
  g_assert_nonnull (strstr (world_last (f->alice), "<body>all</body>"));
  world_type (f->alice, "room@rooms.example.org/bob", "private");
  g_assert_nonnull (strstr (world_last (f->alice), "<body>private</body>"));
  g_assert_cmpuint (world_n_lines ("S|NOT encrypted: private"), ==, 1);
}

/* A lookup tells a keyserver: only for those whom the user has listed. */
static void
test_conversation (Fixture *f, gconstpointer data)
{
  PurpleConversation *conv = world_conversation (f->alice, WORLD_BOB);
  PurpleBuddy *buddy;
  (void)data;
  xim_outgoing_conversation (f->alice->outgoing, conv);
  g_assert_cmpuint (world_n_lookups (f->alice, WORLD_BOB), ==, 0);
  buddy = purple_buddy_new (f->alice->account, WORLD_BOB, NULL);
  purple_blist_add_buddy (buddy, NULL, NULL, NULL);
  xim_outgoing_conversation (f->alice->outgoing, conv);
  g_assert_cmpuint (world_n_lookups (f->alice, WORLD_BOB), ==, 1);
  purple_blist_remove_buddy (buddy);
}

static void
add (const char *path, gconstpointer data,
     void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, data, set_up, test, tear_down);
}

static void
add_tables (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *sealed
          = g_strdup_printf ("/outgoing/path/%s/sealed", paths[i].name);
      g_autofree char *held
          = g_strdup_printf ("/outgoing/path/%s/held", paths[i].name);
      add (sealed, &paths[i], test_path_sealed);
      add (held, &paths[i], test_path_held);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  world_start ();
  add ("/outgoing/never-enrolled", NULL, test_never_enrolled);
  add ("/outgoing/seal", NULL, test_seal);
  add ("/outgoing/policy-never", NULL, test_policy_never);
  add ("/outgoing/own-log/forked", "forked", test_own_log);
  add ("/outgoing/own-log/hidden-version", "hidden", test_own_log);
  add ("/outgoing/own-log/unreadable", "unreadable", test_own_log);
  add ("/outgoing/hold/goes-sealed", NULL, test_hold);
  add ("/outgoing/hold/order", NULL, test_hold_order);
  add ("/outgoing/hold/goes-plain", NULL, test_hold_then_plain);
  add ("/outgoing/hold/restart", NULL, test_hold_restart);
  add ("/outgoing/hold/discard", NULL, test_hold_discard);
  add ("/outgoing/hold/offline", NULL, test_hold_offline);
  add ("/outgoing/locked", NULL, test_locked);
  add ("/outgoing/own-bundle", NULL, test_own_bundle);
  add ("/outgoing/too-long", NULL, test_too_long);
  add ("/outgoing/too-long-edge", NULL, test_too_long_edge);
  add ("/outgoing/auto-reply", NULL, test_auto_reply);
  add ("/outgoing/resend", NULL, test_resend);
  add ("/outgoing/typing", NULL, test_typing);
  add ("/outgoing/invitation/mediated", MEDIATED, test_invitation);
  add ("/outgoing/invitation/direct", DIRECT, test_invitation);
  add ("/outgoing/invitation/plain", NULL, test_invitation_plain);
  add ("/outgoing/room", NULL, test_room);
  add ("/outgoing/conversation", NULL, test_conversation);
  add_tables ();
  int status = g_test_run ();
  world_stop ();
  return status;
}
