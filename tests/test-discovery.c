/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of discovery.c and disco.c. */

#include "config.h"

#include "plugin/evidence.h"
#include "tests/fake-client.h"

typedef FakeClient World;

/* What the network does. */
static XimHttpOutcome outcome;
static guint status;
static GPtrArray *served;    /* server notes, serial 1 first */
static const char *items;    /* what disco#items says; NULL: no answer */
static const char *infos[2]; /* of the domain, of its item */
static char *vkey;           /* of the own domain's form */

/* What came back. */
static guint n_answers;
static XimDomainState state;
static gboolean pinned;
static gboolean shown;

static void
got (const XimDomain *domain, gpointer data)
{
  (void)data;
  n_answers++;
  state = domain->state;
  pinned = domain->server != NULL;
  shown = domain->shown != NULL;
}

/* A server note: @before is the one before it. */
static char *
server_note (const char *domain, const char *origin, const XimServer *before,
             char letter, const char *signers)
{
  g_autoptr (XimSignKey) key = test_sign_key (letter);
  g_autofree char *log = g_strconcat (origin, "/log", NULL);
  XimServer server = {
    .origin = (char *)origin,
    .domain = (char *)domain,
    .serial = before != NULL ? before->serial + 1 : 1,
    .time_s = TEST_NOW_S,
    .log = log,
  };
  g_autoptr (XimVerifyKey) named
      = xim_verify_key_new (origin, &xim_sign_key_public (key)->key, NULL);
  g_autoptr (XimSecret) vrf = xim_crypto_vrf_generate ();
  server.key = named;
  xim_crypto_vrf_public (vrf, &server.vrf);
  if (before != NULL)
    {
      server.has_previous = TRUE;
      server.previous = before->hash;
      server.vrf = before->vrf;
    }
  g_autofree char *text = xim_server_encode (&server);
  g_autoptr (XimNote) note = xim_note_new (text, NULL);
  for (const char *p = signers; *p != '\0'; p++)
    {
      XimSecret *seed = xim_secret_new (XIM_KEY_LEN);
      memset (xim_secret_data (seed), *p, XIM_KEY_LEN);
      g_autoptr (XimSignKey) signer = xim_sign_key_new (origin, seed, NULL);
      xim_note_sign (note, signer, NULL);
    }
  return xim_note_encode (note);
}

static XimServer *
decode_server (const char *text)
{
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), NULL);
  return xim_server_decode (note, NULL);
}

static void
serve (char *note)
{
  g_ptr_array_add (served, note);
}

static void
handle (const XimHttpRequest *request, FakeAnswer *answer)
{
  answer->outcome = outcome;
  answer->status = status;
  guint i = served->len;
  const char *serial = strstr (request->url, "/v1/server/");
  if (serial != NULL)
    i = (guint)g_ascii_strtoull (serial + strlen ("/v1/server/"), NULL, 10);
  if (i == 0 || i > served->len)
    answer->body = g_strdup ("{\"note\": \"nothing\"}");
  else if (serial != NULL)
    answer->body = g_strdup (g_ptr_array_index (served, i - 1));
  else
    {
      g_autofree char *escaped
          = g_strescape (g_ptr_array_index (served, i - 1), "\342\200\224");
      answer->body = g_strdup_printf (
          "{\"note\": \"%s\", \"component\": \"x\", \"limits\": {}}", escaped);
    }
}

/* What the keyserver shows from the question for its form on. */
static char *rotated;

static char *
handle_iq (const char *to, const XimIqElement *element)
{
  if (rotated != NULL)
    serve (g_steal_pointer (&rotated));
  if (g_str_has_suffix (element->ns, "#items"))
    return g_strdup (items);
  if (g_str_has_prefix (to, "keys.own") && vkey != NULL)
    return g_strdup_printf (
        "<iq type='result'><query"
        " xmlns='http://jabber.org/protocol/disco#info'>"
        "<x xmlns='jabber:x:data'><field var='FORM_TYPE'>"
        "<value>" XIM_NS_KEYSERVER "</value></field>"
        "<field var='vkey'><value>%s</value></field></x></query></iq>",
        vkey);
  return g_strdup (infos[strcmp (to, TEST_DOMAIN) == 0 ? 0 : 1]);
}

#define ITEMS(jid)                                                            \
  "<iq type='result'><query "                                                 \
  "xmlns='http://jabber.org/protocol/disco#items'><item jid='" jid            \
  "'/></query></iq>"
#define INFO(feature)                                                         \
  "<iq type='result'><query "                                                 \
  "xmlns='http://jabber.org/protocol/disco#info'><feature var='" feature      \
  "'/></query></iq>"
#define FAILURE(type) "<iq type='error'><error type='" type "'/></iq>"

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  outcome = XIM_HTTP_ANSWER;
  status = 200;
  served = g_ptr_array_new_with_free_func (g_free);
  items = ITEMS ("chat." TEST_DOMAIN);
  infos[0] = infos[1] = INFO ("urn:other");
  g_clear_pointer (&vkey, g_free);
  n_answers = 0;
  fake_client_set_up (world, handle, handle_iq);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  fake_client_tear_down (world);
  g_ptr_array_unref (served);
}

static XimDomainState
find (World *world, const char *domain)
{
  guint before = n_answers;
  xim_discovery_find (world->discovery, domain, got, world);
  g_assert_cmpuint (n_answers, ==, before);
  fake_run ();
  g_assert_cmpuint (n_answers, ==, before + 1);
  return state;
}

static void
serve_first (void)
{
  serve (server_note (TEST_DOMAIN, TEST_ORIGIN, NULL, 'S', "S"));
}

static void
test_pins (World *world, gconstpointer data)
{
  (void)data;
  serve_first ();
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_PINNED);
  g_assert_true (pinned);
  g_assert_cmpuint (fake_n_requests (), ==, 1);
  g_assert_cmpstr (fake_request (0), ==,
                   "GET https://keys.example.org/v1/server");
  /* Within the hour nothing is asked; after it the note is looked at. */
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_PINNED);
  g_assert_cmpuint (fake_n_requests (), ==, 1);
  fake_sleep (3601);
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_PINNED);
  g_assert_cmpuint (fake_n_requests (), ==, 2);
  /* The pin outlives the process. */
  fake_client_close (world);
  fake_client_open (world);
  g_assert_nonnull (xim_discovery_known (world->discovery, TEST_DOMAIN));
}

static void
test_shares (World *world, gconstpointer data)
{
  (void)data;
  serve_first ();
  for (int i = 0; i < 5; i++)
    xim_discovery_find (world->discovery, TEST_DOMAIN, got, world);
  fake_run ();
  g_assert_cmpuint (n_answers, ==, 5);
  g_assert_cmpuint (fake_n_requests (), ==, 1);
}

static void
test_forgets (World *world, gconstpointer data)
{
  (void)data;
  serve_first ();
  xim_discovery_find (world->discovery, TEST_DOMAIN, got, world);
  xim_discovery_forget (world->discovery, world);
  fake_run ();
  g_assert_cmpuint (n_answers, ==, 0);
}

static void
test_refuses_other_key (World *world, gconstpointer data)
{
  (void)data;
  serve_first ();
  find (world, TEST_DOMAIN);
  g_autofree char *right = g_strdup (g_ptr_array_index (served, 0));
  g_ptr_array_set_size (served, 0);
  serve (server_note (TEST_DOMAIN, TEST_ORIGIN, NULL, 'T', "T"));
  fake_sleep (3601);
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_CHANGED);
  g_assert_true (pinned);
  g_assert_true (shown);
  const char *before = NULL;
  const char *now = NULL;
  g_assert_true (
      xim_discovery_changed (world->discovery, TEST_DOMAIN, &before, &now));
  g_autoptr (XimVerifyKey) first = test_verify_key ('S');
  g_autoptr (XimVerifyKey) second = test_verify_key ('T');
  g_autofree char *first_print = xim_verify_key_fingerprint (first);
  g_autofree char *second_print = xim_verify_key_fingerprint (second);
  g_assert_cmpstr (before, ==, first_print);
  g_assert_cmpstr (now, ==, second_print);
  g_assert_cmpuint (xim_evidence_n (world->dir), ==, 1);
  fake_sleep (3601);
  find (world, TEST_DOMAIN); /* the same is kept once */
  g_assert_cmpuint (xim_evidence_n (world->dir), ==, 1);
  /* The pin is the old one still, and counts when it is back. */
  g_ptr_array_set_size (served, 0);
  serve (g_strdup (right));
  fake_sleep (3601);
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_PINNED);
  g_assert_false (
      xim_discovery_changed (world->discovery, TEST_DOMAIN, &before, &now));
  fake_client_close (world);
  fake_client_open (world);
  g_autofree char *name = xim_verify_key_encode (
      xim_discovery_known (world->discovery, TEST_DOMAIN)->key);
  g_autoptr (XimVerifyKey) old = test_verify_key ('S');
  g_autofree char *expected = xim_verify_key_encode (old);
  g_assert_cmpstr (name, ==, expected);
}

static void
test_walks_chain (World *world, gconstpointer data)
{
  (void)data;
  serve_first ();
  find (world, TEST_DOMAIN);
  g_autoptr (XimServer) first = decode_server (g_ptr_array_index (served, 0));
  serve (server_note (TEST_DOMAIN, TEST_ORIGIN, first, 'T', "ST"));
  g_autoptr (XimServer) second = decode_server (g_ptr_array_index (served, 1));
  serve (server_note (TEST_DOMAIN, TEST_ORIGIN, second, 'U', "TU"));
  fake_sleep (3601);
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_PINNED);
  g_assert_cmpuint (
      xim_discovery_known (world->discovery, TEST_DOMAIN)->serial, ==, 3);
}

static void
test_refuses_broken_chain (World *world, gconstpointer data)
{
  (void)data;
  serve_first ();
  find (world, TEST_DOMAIN);
  g_autoptr (XimServer) first = decode_server (g_ptr_array_index (served, 0));
  /* The old key did not sign its successor. */
  serve (server_note (TEST_DOMAIN, TEST_ORIGIN, first, 'T', "T"));
  g_autoptr (XimServer) second = decode_server (g_ptr_array_index (served, 1));
  serve (server_note (TEST_DOMAIN, TEST_ORIGIN, second, 'U', "TU"));
  fake_sleep (3601);
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_CHANGED);
  g_assert_cmpuint (
      xim_discovery_known (world->discovery, TEST_DOMAIN)->serial, ==, 1);
}

static void
test_outage_of_a_pinned_domain (World *world, gconstpointer data)
{
  (void)data;
  serve_first ();
  find (world, TEST_DOMAIN);
  const XimHttpOutcome outages[]
      = { XIM_HTTP_NO_ADDRESS, XIM_HTTP_REFUSED, XIM_HTTP_CERTIFICATE,
          XIM_HTTP_TIMEOUT, XIM_HTTP_FAILED };
  for (gsize i = 0; i < G_N_ELEMENTS (outages); i++)
    {
      outcome = outages[i];
      fake_sleep (3601);
      g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_UNREACHABLE);
      g_assert_true (pinned);
    }
  g_assert_cmpuint (fake_n_iqs (), ==, 0);
}

/* Each of these is a definite "no keyserver", over HTTPS. */
static void
test_absence (World *world, gconstpointer data)
{
  (void)data;
  const XimHttpOutcome definite[] = { XIM_HTTP_NO_ADDRESS, XIM_HTTP_REFUSED,
                                      XIM_HTTP_CERTIFICATE, XIM_HTTP_ANSWER };
  for (gsize i = 0; i < G_N_ELEMENTS (definite); i++)
    {
      outcome = definite[i];
      fake_sleep (3601);
      g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_NO_KEYSERVER);
      g_assert_false (pinned);
    }
}

static void
assert_outage (World *world, gboolean asks)
{
  guint before = fake_n_iqs ();
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_UNREACHABLE);
  g_assert_cmpint (fake_n_iqs () > before, ==, asks);
  fake_sleep (3601);
}

static void
test_no_absence_without_proof (World *world, gconstpointer data)
{
  (void)data;
  outcome = XIM_HTTP_TIMEOUT;
  assert_outage (world, FALSE);
  outcome = XIM_HTTP_FAILED;
  assert_outage (world, FALSE);
  outcome = XIM_HTTP_ANSWER;
  status = 503;
  assert_outage (world, FALSE);
  status = 429;
  assert_outage (world, FALSE);

  outcome = XIM_HTTP_REFUSED;
  items = NULL;
  assert_outage (world, TRUE);
  items = FAILURE ("cancel");
  assert_outage (world, TRUE);
  items = ITEMS ("chat." TEST_DOMAIN);
  infos[1] = NULL;
  assert_outage (world, TRUE);
  infos[1] = INFO ("urn:x-im:keyserver:1");
  assert_outage (world, TRUE);
  infos[1] = INFO ("urn:other");
  infos[0] = INFO ("urn:x-im:keyserver:1");
  assert_outage (world, TRUE);
  /* The keyserver's component is down. */
  infos[0] = INFO ("urn:other");
  items = ITEMS ("keys." TEST_DOMAIN);
  infos[1] = FAILURE ("wait");
  assert_outage (world, TRUE);
}

static void
test_errors_of_items (World *world, gconstpointer data)
{
  (void)data;
  outcome = XIM_HTTP_REFUSED;
  infos[0] = FAILURE ("cancel");
  infos[1] = FAILURE ("wait");
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_NO_KEYSERVER);
}

static void
test_refuses_notes_of_others (World *world, gconstpointer data)
{
  (void)data;
  serve (server_note ("other.test", "keys.other.test", NULL, 'S', "S"));
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_NO_KEYSERVER);
  serve (server_note (TEST_DOMAIN, "keys.other.test", NULL, 'S', "S"));
  fake_sleep (3601);
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_NO_KEYSERVER);
  serve (server_note (TEST_DOMAIN, TEST_ORIGIN, NULL, 'S', "T"));
  fake_sleep (3601);
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_NO_KEYSERVER);
  g_assert_null (xim_discovery_known (world->discovery, TEST_DOMAIN));
}

static void
test_own_form (World *world, gconstpointer data)
{
  (void)data;
  serve (server_note ("own.test", "keys.own.test", NULL, 'S', "S"));
  g_autoptr (XimServer) server = decode_server (g_ptr_array_index (served, 0));
  XimAccountDevice listed = test_listed ('t');
  g_autoptr (XimVerifyKey) other
      = xim_verify_key_new ("keys.own.test", &listed.key, NULL);
  vkey = xim_verify_key_encode (other);
  g_assert_cmpint (find (world, "own.test"), ==, XIM_DOMAIN_CHANGED);
  g_assert_false (pinned);
  g_assert_true (shown);
  /* The same, or no form at all, is fine. */
  g_free (vkey);
  vkey = xim_verify_key_encode (server->key);
  fake_sleep (3601);
  g_assert_cmpint (find (world, "own.test"), ==, XIM_DOMAIN_PINNED);
  g_clear_pointer (&vkey, g_free);
  infos[1] = NULL;
  fake_sleep (3601);
  g_assert_cmpint (find (world, "own.test"), ==, XIM_DOMAIN_PINNED);
}

/* Between the note and the form the keyserver got a new key. */
static void
test_form_of_a_rotation (World *world, gconstpointer data)
{
  (void)data;
  serve (server_note ("own.test", "keys.own.test", NULL, 'S', "S"));
  g_assert_cmpint (find (world, "own.test"), ==, XIM_DOMAIN_PINNED);
  g_autoptr (XimServer) first = decode_server (g_ptr_array_index (served, 0));
  rotated = server_note ("own.test", "keys.own.test", first, 'T', "ST");
  g_autoptr (XimServer) second = decode_server (rotated);
  vkey = xim_verify_key_encode (second->key);
  fake_sleep (3601);
  g_assert_cmpint (find (world, "own.test"), ==, XIM_DOMAIN_PINNED);
  g_assert_cmpuint (xim_discovery_known (world->discovery, "own.test")->serial,
                    ==, 2);
  g_assert_cmpuint (xim_evidence_n (world->dir), ==, 0);
  /* But a key that it does not come to is one. */
  fake_sleep (3601);
  g_free (vkey);
  vkey = xim_verify_key_encode (first->key);
  g_assert_cmpint (find (world, "own.test"), ==, XIM_DOMAIN_CHANGED);
  g_assert_cmpuint (xim_evidence_n (world->dir), ==, 1);
}

static void
test_doubt (World *world, gconstpointer data)
{
  (void)data;
  g_assert_false (xim_discovery_doubt (world->discovery, TEST_DOMAIN));
  serve_first ();
  find (world, TEST_DOMAIN);
  g_assert_false (xim_discovery_doubt (world->discovery, TEST_DOMAIN));
  fake_sleep (31);
  find (world, TEST_DOMAIN);
  g_assert_cmpuint (fake_n_requests (), ==, 1);
  g_assert_true (xim_discovery_doubt (world->discovery, TEST_DOMAIN));
  find (world, TEST_DOMAIN);
  g_assert_cmpuint (fake_n_requests (), ==, 2);
  g_assert_false (xim_discovery_doubt (world->discovery, TEST_DOMAIN));
}

static void
test_by_hand (World *world, gconstpointer data)
{
  (void)data;
  g_autoptr (XimVerifyKey) key = test_verify_key ('S');
  g_autofree char *name = xim_verify_key_encode (key);
  g_autofree char *setting
      = g_strdup_printf ("https://127.0.0.1:1/ %s /ca.crt", name);
  const char *where = "xim-keyserver:" TEST_DOMAIN;
  purple_account_set_string (world->account, where, setting);
  outcome = XIM_HTTP_REFUSED;
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_UNREACHABLE);
  g_assert_cmpuint (fake_n_iqs (), ==, 0);
  outcome = XIM_HTTP_ANSWER;
  serve (server_note (TEST_DOMAIN, TEST_ORIGIN, NULL, 'T', "T"));
  fake_sleep (3601);
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_CHANGED);
  g_assert_false (pinned);
  serve_first ();
  fake_sleep (3601);
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_PINNED);
  g_assert_cmpstr (fake_request (0), ==, "GET https://127.0.0.1:1/v1/server");
  /* What is no use is not replaced by the default name. */
  purple_account_set_string (world->account, where, "http://127.0.0.1:1 -");
  guint before = fake_n_requests ();
  g_assert_cmpint (find (world, TEST_DOMAIN), ==, XIM_DOMAIN_UNREACHABLE);
  g_assert_cmpuint (fake_n_requests (), ==, before);
}

static void
test_waits_after_failure (World *world, gconstpointer data)
{
  (void)data;
  outcome = XIM_HTTP_TIMEOUT;
  find (world, TEST_DOMAIN);
  find (world, TEST_DOMAIN);
  g_assert_cmpuint (fake_n_requests (), ==, 1);
  xim_discovery_retry (world->discovery);
  find (world, TEST_DOMAIN);
  g_assert_cmpuint (fake_n_requests (), ==, 2);
}

#define ADD(path, function)                                                   \
  g_test_add ("/discovery/" path, World, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("pins", test_pins);
  ADD ("shares", test_shares);
  ADD ("forgets", test_forgets);
  ADD ("refuses-other-key", test_refuses_other_key);
  ADD ("walks-chain", test_walks_chain);
  ADD ("refuses-broken-chain", test_refuses_broken_chain);
  ADD ("outage-of-a-pinned-domain", test_outage_of_a_pinned_domain);
  ADD ("absence", test_absence);
  ADD ("no-absence-without-proof", test_no_absence_without_proof);
  ADD ("errors-of-items", test_errors_of_items);
  ADD ("refuses-notes-of-others", test_refuses_notes_of_others);
  ADD ("own-form", test_own_form);
  ADD ("form-of-a-rotation", test_form_of_a_rotation);
  ADD ("doubt", test_doubt);
  ADD ("by-hand", test_by_hand);
  ADD ("waits-after-failure", test_waits_after_failure);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
