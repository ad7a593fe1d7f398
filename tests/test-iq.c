/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of iq.c, over a protocol that keeps what it is given to send. */

#include "config.h"

#include "plugin/iq.h"
#include "tests/fake-protocol.h"
#include "tests/headless.h"
#include "xim-secret.h"

#define SERVER "keys.example.org"

/* The protocol. */

static PurplePlugin *protocol;
static char *sent; /* the last stanza */

static void
write_stanza (PurpleConnection *gc, xmlnode **packet, gpointer data)
{
  (void)gc, (void)data;
  g_free (sent);
  sent = xmlnode_to_str (*packet, NULL);
}

/* The client. */

static PurpleAccount *account;

static guint n_answers;
static gboolean was_null;

static void
got (xmlnode *answer, gpointer data)
{
  n_answers++;
  was_null = answer == NULL;
  /* An owner may go away in the middle of its own callback. */
  if (data != NULL)
    xim_iq_free (data);
}

/* Returns the id of the stanza that left. */
static char *
ask (XimIq *iq, gpointer data)
{
  XimIqElement element = { "prove", "urn:x", "digest", "d&d" };
  g_clear_pointer (&sent, g_free);
  n_answers = 0;
  g_assert_cmpuint (
      xim_iq_send_element (iq, "set", SERVER, &element, got, data), !=, 0);
  g_assert_cmpuint (n_answers, ==, 0);
  if (sent == NULL)
    return NULL;
  xmlnode *stanza = xmlnode_from_str (sent, -1);
  char *id = g_strdup (xmlnode_get_attrib (stanza, "id"));
  g_assert_cmpstr (xmlnode_get_attrib (stanza, "to"), ==, SERVER);
  g_assert_cmpstr (xmlnode_get_attrib (stanza, "type"), ==, "set");
  xmlnode *child = xmlnode_get_child_with_namespace (stanza, "prove", "urn:x");
  g_assert_cmpstr (xmlnode_get_attrib (child, "digest"), ==, "d&d");
  xmlnode_free (stanza);
  return id;
}

static gboolean
answer (XimIq *iq, const char *type, const char *id, const char *from)
{
  xmlnode *stanza = xmlnode_new ("iq");
  if (type != NULL)
    xmlnode_set_attrib (stanza, "type", type);
  gboolean taken = xim_iq_receive (iq, type, id, from, stanza);
  xmlnode_free (stanza);
  return taken;
}

static void
run_main_loop (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_answers (void)
{
  XimIq *iq = xim_iq_new (account);
  g_autofree char *id = ask (iq, NULL);
  g_autofree char *other = ask (iq, NULL);
  g_assert_cmpstr (id, !=, other);
  g_assert_cmpuint (strlen (id), >=, 32);
  g_assert_true (answer (iq, "result", id, SERVER));
  g_assert_cmpuint (n_answers, ==, 1);
  g_assert_false (was_null);
  /* Once. */
  g_assert_false (answer (iq, "result", id, SERVER));
  g_assert_true (answer (iq, "error", other, SERVER));
  g_assert_cmpuint (n_answers, ==, 2);
  xim_iq_free (iq);
}

/* Somebody who guesses that a question is open cannot answer it. */
static void
test_refuses_others (void)
{
  XimIq *iq = xim_iq_new (account);
  g_autofree char *id = ask (iq, NULL);
  g_assert_false (answer (iq, "result", id, "mallory@example.org/x"));
  g_assert_false (answer (iq, "result", id, "example.org"));
  g_assert_false (answer (iq, "result", id, SERVER "/x"));
  g_assert_false (answer (iq, "result", id, NULL));
  g_assert_false (answer (iq, "result", "purple1", SERVER));
  g_assert_false (answer (iq, "result", NULL, SERVER));
  g_assert_false (answer (iq, "get", id, SERVER));
  g_assert_false (answer (iq, "set", id, SERVER));
  g_assert_false (answer (iq, NULL, id, SERVER));
  g_assert_cmpuint (n_answers, ==, 0);
  g_assert_true (answer (iq, "result", id, SERVER));
  xim_iq_free (iq);
}

static void
test_offline (void)
{
  XimIq *iq = xim_iq_new (account);
  g_autofree char *id = ask (iq, NULL);
  xim_iq_offline (iq);
  g_assert_cmpuint (n_answers, ==, 0);
  run_main_loop ();
  g_assert_cmpuint (n_answers, ==, 1);
  g_assert_true (was_null);
  g_assert_false (answer (iq, "result", id, SERVER));
  purple_account_disconnect (account);
  g_assert_null (ask (iq, NULL));
  run_main_loop ();
  g_assert_cmpuint (n_answers, ==, 1);
  g_assert_true (was_null);
  purple_account_connect (account);
  xim_iq_free (iq);
}

static void
test_cancels (void)
{
  XimIqElement element = { "query", "urn:y", NULL, NULL };
  XimIq *iq = xim_iq_new (account);
  n_answers = 0;
  guint id = xim_iq_send_element (iq, "get", SERVER, &element, got, NULL);
  xim_iq_cancel (iq, id);
  xim_iq_cancel (iq, id);
  xim_iq_cancel (iq, 0);
  xim_iq_offline (iq);
  run_main_loop ();
  g_assert_cmpuint (n_answers, ==, 0);
  g_autofree char *other = ask (iq, NULL);
  xim_iq_free (iq);
  run_main_loop ();
  g_assert_cmpuint (n_answers, ==, 0);
}

static void
test_freed_in_callback (void)
{
  XimIq *iq = xim_iq_new (account);
  g_autofree char *id = ask (iq, iq);
  g_assert_true (answer (iq, "result", id, SERVER));
  g_assert_cmpuint (n_answers, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  protocol = fake_protocol_start (write_stanza, NULL);
  account = purple_account_new ("carol@own.test", FAKE_PROTOCOL);
  purple_account_set_enabled (account, "xim-test", TRUE);
  purple_account_connect (account);
  g_assert_true (purple_account_is_connected (account));
  g_test_add_func ("/iq/answers", test_answers);
  g_test_add_func ("/iq/refuses-others", test_refuses_others);
  g_test_add_func ("/iq/offline", test_offline);
  g_test_add_func ("/iq/cancels", test_cancels);
  g_test_add_func ("/iq/freed-in-callback", test_freed_in_callback);
  int result = g_test_run ();
  purple_signals_disconnect_by_handle (protocol);
  headless_stop ();
  g_free (sent);
  return result;
}
