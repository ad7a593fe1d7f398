/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes plugin/discovery.c: a setting made by hand, and the answers of what
 * claims to be a keyserver. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "plugin/discovery.h"
#include "tests/fake-net.h"
#include "tests/headless.h"
#include "tests/test-notes.h"

#define SETTING "xim-keyserver:" TEST_DOMAIN

/* An input is up to five pieces with a zero byte between them. */
enum
{
  SET_BY_HAND,
  STATUS, /* one byte: how the first request ends */
  NEWEST, /* /v1/server; one capital letter is a note signed by that key */
  STEP,   /* /v1/server/N */
  DISCO,  /* every iq */
  N_PIECES,
};

static char *pieces[N_PIECES];
static PurpleAccount *account;
static XimStore *store;
static char *dir;
static guint n_answers;
static XimDomainState state;

static void
stop (void)
{
  xim_store_free (store);
  headless_remove (dir);
  g_clear_pointer (&dir, g_free);
  headless_stop ();
}

static void
start (void)
{
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  account = purple_account_new ("carol@own.test", "prpl-jabber");
  dir = g_build_filename (headless_dir (), "store", NULL);
  store = xim_store_open (dir, NULL);
  g_assert_nonnull (store);
  atexit (stop);
}

/* A pin stays in the store: it goes with its files. */
static void
forget_pins (void)
{
  xim_store_free (store);
  headless_remove (dir);
  store = xim_store_open (dir, NULL);
  g_assert_nonnull (store);
}

static void
split (const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;
  const char *end = text + size;
  for (guint i = 0; i < N_PIECES; i++)
    {
      g_free (pieces[i]);
      pieces[i] = g_strndup (text, (gsize)(end - text));
      text = MIN (text + strlen (pieces[i]) + 1, end);
    }
}

static void
answer_request (const XimHttpRequest *request, FakeAnswer *answer)
{
  static const guint statuses[] = { 200, 204, 301, 404, 429, 500 };
  guint8 which = (guint8)*pieces[STATUS];
  gboolean newest = g_str_has_suffix (request->url, "/v1/server");
  g_assert_true (g_str_has_prefix (request->url, "https://"));
  answer->outcome = XIM_HTTP_ANSWER;
  if (newest && which < XIM_HTTP_FAILED)
    answer->outcome = (XimHttpOutcome)(which + 1);
  answer->status = statuses[newest ? which % G_N_ELEMENTS (statuses) : 0];
  const char *text = pieces[newest ? NEWEST : STEP];
  if (g_ascii_isupper (text[0]) && text[1] == '\0')
    answer->body = fake_server_json (text[0]);
  else if (strlen (text) <= request->max_len)
    answer->body = g_strdup (text);
}

static char *
answer_iq (const char *to, const XimIqElement *element)
{
  (void)to, (void)element;
  xmlnode *node
      = *pieces[DISCO] != '\0' ? xmlnode_from_str (pieces[DISCO], -1) : NULL;
  if (node == NULL)
    return NULL;
  xmlnode_free (node);
  return g_strdup (pieces[DISCO]);
}

static void
check_pinned (const XimDomain *domain)
{
  g_autoptr (GError) error = NULL;
  g_assert_nonnull (domain->server);
  g_assert_true (xim_server_check (domain->server, TEST_DOMAIN, NULL, &error));
  g_assert_true (*pieces[SET_BY_HAND] != '\0'
                 || strcmp (domain->server->origin, TEST_ORIGIN) == 0);
}

/* It never gets as far as a pin without a note that proves itself, and a
 * setting that cannot be read is not ignored. */
static void
found (const XimDomain *domain, gpointer user_data)
{
  (void)user_data;
  n_answers++;
  state = domain->state;
  if (state == XIM_DOMAIN_PINNED)
    check_pinned (domain);
  else if (state == XIM_DOMAIN_NO_KEYSERVER)
    g_assert_null (domain->server);
  if (*pieces[SET_BY_HAND] == '\0')
    {
      g_assert_cmpstr (domain->base_url, ==, "https://" TEST_ORIGIN);
      g_assert_false (domain->local);
    }
  else
    g_assert_true (
        domain->base_url == NULL
        || g_str_has_prefix (pieces[SET_BY_HAND], domain->base_url));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (store == NULL)
    start ();
  if (size == 0)
    return 0;
  split (data, size);
  fake_net_reset (answer_request, answer_iq);
  fake_now_s = TEST_NOW_S + 600;
  fake_boot_s = 1000;
  n_answers = 0;
  purple_account_set_string (account, SETTING, pieces[SET_BY_HAND]);
  XimHttp *http = xim_http_new (account);
  XimIq *iq = xim_iq_new (account);
  XimDiscovery *discovery
      = xim_discovery_new (account, "carol@own.test", store, http, iq);
  xim_discovery_find (discovery, TEST_DOMAIN, found, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_answers, ==, 1);
  if (xim_discovery_known (discovery, TEST_DOMAIN) != NULL)
    forget_pins ();
  xim_discovery_free (discovery);
  xim_iq_free (iq);
  xim_http_free (http);
  return 0;
}
