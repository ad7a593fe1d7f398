/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* plugin/peers.c over a keyserver that the test plays, see the header. */

#include "config.h"

#include "tests/peers-world.h"

#include "plugin/evidence.h"
#include "tests/headless.h"

XimHttpOutcome peers_outcome;
guint peers_status;
char *peers_body;
const char *peers_etag;
char peers_server_letter;
guint peers_version_status;
FakeLog peers_log;
void (*peers_bend) (XimLogged *logged);
const char *peers_expected;
guint peers_n_changes;
guint peers_n_kept;
guint peers_n_forked;
int peers_kept_code;
XimPolicy peers_default_policy;

static GHashTable *versions; /* number -> note as text */

XimPolicy
xim_prefs_policy (void)
{
  return peers_default_policy;
}

static void
answer_version (const char *number, FakeAnswer *answer)
{
  const char *note = g_hash_table_lookup (
      versions, GUINT_TO_POINTER (g_ascii_strtoull (number, NULL, 10)));
  answer->outcome = XIM_HTTP_ANSWER;
  answer->status = peers_version_status;
  if (answer->status != 200)
    return;
  if (note == NULL)
    answer->status = 404;
  answer->body = g_strdup (note != NULL ? note : "{}");
}

static void
handle (const XimHttpRequest *request, FakeAnswer *answer)
{
  const char *version = strstr (request->url, "/versions/");
  if (version != NULL)
    {
      answer_version (version + strlen ("/versions/"), answer);
      return;
    }
  if (fake_log_answer (&peers_log, request, answer))
    return;
  if (strstr (request->url, "/v1/server") != NULL)
    {
      answer->status = 200;
      answer->body = fake_server_json (peers_server_letter);
      return;
    }
  answer->outcome = peers_outcome;
  answer->status = peers_status;
  answer->body = g_strdup (peers_body);
  answer->etag = peers_etag;
  if (request->etag != NULL && g_strcmp0 (request->etag, peers_etag) == 0
      && peers_status == 200)
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
  g_assert_cmpstr (jid, ==, peers_expected);
  peers_n_changes++;
}

static void
kept (const char *jid, XimError code, gpointer data)
{
  (void)data;
  g_assert_cmpstr (jid, ==, peers_expected);
  peers_n_kept++;
  peers_kept_code = (int)code;
}

static void
forked (const char *domain, gpointer data)
{
  (void)data;
  g_assert_cmpstr (domain, ==, TEST_DOMAIN);
  peers_n_forked++;
}

static const XimPeersOps ops = { changed, kept, forked };

void
peers_open (PeersWorld *world)
{
  const FakeClient *client = &world->client;
  if (client->store == NULL)
    fake_client_open (&world->client);
  world->peers = xim_peers_new (client->store, client->http, client->discovery,
                                &ops, world);
}

void
peers_close (PeersWorld *world)
{
  xim_peers_free (world->peers);
  fake_client_close (&world->client);
  world->client.store = NULL;
}

void
peers_restart (PeersWorld *world)
{
  peers_close (world);
  peers_open (world);
}

/* What is served is logged here, unless a test has a log of its own. */
static TestLog whole_log;

void
peers_set_up (PeersWorld *world, gconstpointer data)
{
  (void)data;
  peers_outcome = XIM_HTTP_ANSWER;
  peers_status = peers_version_status = 200;
  peers_etag = "\"one\"";
  peers_server_letter = 'S';
  peers_expected = TEST_JID;
  peers_n_changes = peers_n_kept = peers_n_forked = 0;
  peers_kept_code = -1;
  peers_default_policy = XIM_POLICY_AUTOMATIC;
  test_log_init (&whole_log, 1);
  peers_log = (FakeLog){ .log = &whole_log, .status = 200 };
  peers_bend = NULL;
  versions = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  fake_client_set_up (&world->client, handle, handle_iq);
  peers_open (world);
}

void
peers_tear_down (PeersWorld *world, gconstpointer data)
{
  (void)data;
  xim_peers_free (world->peers);
  fake_client_tear_down (&world->client);
  g_clear_pointer (&peers_body, g_free);
  g_clear_pointer (&versions, g_hash_table_unref);
}

void
peers_set_version (guint32 version, const XimNote *note)
{
  g_hash_table_insert (versions, GUINT_TO_POINTER (version),
                       note != NULL ? xim_note_encode (note) : NULL);
}

XimAccount *
peers_pass (TestBundle spec)
{
  g_autoptr (XimBundle) bundle = test_bundle (spec);
  peers_set_version (bundle->account->version, bundle->account->note);
  return xim_account_copy (bundle->account);
}

static XimLogged *
log_account (const XimAccount *account)
{
  if (peers_log.log == NULL)
    return NULL;
  XimLogged *logged = fake_log_account (&peers_log, account);
  if (peers_bend != NULL)
    peers_bend (logged);
  return logged;
}

XimAccount *
peers_serve (TestBundle spec)
{
  if (spec.current_s == 0)
    spec.current_s = fake_now_s;
  g_autoptr (XimBundle) bundle = test_bundle (spec);
  g_autofree char *account = xim_note_encode (bundle->account->note);
  g_autofree char *current = xim_note_encode (bundle->current->note);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; i < bundle->n_devices; i++)
    {
      g_autofree char *device = xim_note_encode (bundle->devices[i]->note);
      g_strv_builder_add (builder, device);
    }
  g_auto (GStrv) devices = g_strv_builder_end (builder);
  g_autoptr (XimLogged) logged = log_account (bundle->account);
  g_free (peers_body);
  peers_body = xim_bundle_encode (bundle->jid, account, current,
                                  (const char *const *)devices,
                                  bundle->n_devices, logged);
  peers_set_version (bundle->account->version, bundle->account->note);
  return xim_account_copy (bundle->account);
}

void
peers_serve_absence (const char *jid, gint64 time_s, const char *signers)
{
  g_free (peers_body);
  peers_body = fake_log_absence (&peers_log, jid, time_s, signers);
  peers_status = 404;
}

XimPeerState
peers_facts (PeersWorld *world, XimFacts *out)
{
  XimFacts mine = { 0 };
  XimFacts *all = out != NULL ? out : &mine;
  xim_peers_facts (world->peers, TEST_JID, all);
  return all->peer;
}

XimPeerState
peers_look_up (PeersWorld *world)
{
  xim_peers_refresh (world->peers, TEST_JID, FALSE);
  fake_run ();
  return peers_facts (world, NULL);
}

XimPeerState
peers_look_up_again (PeersWorld *world)
{
  fake_sleep (3601);
  return peers_look_up (world);
}

guint
peers_n_evidence (PeersWorld *world)
{
  return xim_evidence_n (world->client.dir);
}
