/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of consistent.c and tiles.c. */

#include "config.h"

#include "plugin/consistent.h"
#include "tests/fake-log.h"
#include "tests/headless.h"

#define SIZE 700 /* three tiles of level 0, one of level 1 */

static FakeLog server;
static XimHttp *http;

typedef struct
{
  gboolean done;
  XimConsistentEnd end;
  XimConsistentResult result;
} Outcome;

static void
handle (const XimHttpRequest *request, FakeAnswer *answer)
{
  g_assert_true (fake_log_answer (&server, request, answer));
}

static void
ended (XimConsistentEnd end, const XimConsistentResult *result, gpointer data)
{
  Outcome *outcome = data;
  g_assert_false (outcome->done);
  outcome->done = TRUE;
  outcome->end = end;
  outcome->result = *result;
}

static const XimDomain domain = { .base_url = "https://keys.example.org" };

static Outcome
ask (const XimTreeHead *older, const XimTreeHead *newer)
{
  Outcome outcome = { 0 };
  g_autoptr (XimConsistent) consistent
      = xim_consistent_new (http, &domain, older, newer, ended, &outcome);
  g_assert_false (outcome.done);
  fake_run ();
  g_assert_true (outcome.done);
  return outcome;
}

static XimConsistentEnd
between (guint64 older, guint64 newer)
{
  const XimTreeHead a = fake_log_head (server.log, older);
  const XimTreeHead b = fake_log_head (server.log, newer);
  return ask (&a, &b).end;
}

static void
set_up (void)
{
  static TestLog log;
  fake_net_reset (handle, NULL);
  test_log_init (&log, SIZE - 1);
  server = (FakeLog){ .log = &log, .status = 200 };
  xim_http_free (http);
  http = xim_http_new (NULL);
}

static void
test_consistent (void)
{
  const guint64 sizes[]
      = { 1, 2, 3, 5, 8, 255, 256, 257, 300, 511, 512, 513, 699, 700 };
  set_up ();
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = i + 1; j < G_N_ELEMENTS (sizes); j++)
      g_assert_cmpint (between (sizes[i], sizes[j]), ==, XIM_CONSISTENT_YES);
}

static void
test_asks_little (void)
{
  set_up ();
  g_assert_cmpint (between (300, 700), ==, XIM_CONSISTENT_YES);
  /* Tiles 1 and 2 of level 0 and the one of level 1. */
  g_assert_cmpuint (fake_n_requests (), ==, 3);
  g_assert_cmpstr (fake_request (0), ==,
                   "GET https://keys.example.org/log/tile/0/001");
}

static void
test_known (void)
{
  set_up ();
  const XimTreeHead empty = fake_log_head (server.log, 0);
  const XimTreeHead head = fake_log_head (server.log, 300);
  XimTreeHead other = head;
  XimConsistentEnd end;
  g_assert_true (xim_consistent_known (&empty, &head, &end));
  g_assert_cmpint (end, ==, XIM_CONSISTENT_YES);
  g_assert_true (xim_consistent_known (&head, &head, &end));
  g_assert_cmpint (end, ==, XIM_CONSISTENT_YES);
  other.root.bytes[0] ^= 1;
  g_assert_true (xim_consistent_known (&head, &other, &end));
  g_assert_cmpint (end, ==, XIM_CONSISTENT_FORK);
  other.size++;
  g_assert_false (xim_consistent_known (&head, &other, &end));
}

/* The older tree is not the beginning: what comes with it proves that. */
static void
test_fork (void)
{
  const guint64 sizes[] = { 1, 256, 300, 512, 699 };
  set_up ();
  const XimTreeHead newer = fake_log_head (server.log, SIZE);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GError) error = NULL;
      XimTreeHead older = fake_log_head (server.log, sizes[i]);
      const XimHash right = older.root;
      older.root.bytes[31] ^= 1;
      const Outcome outcome = ask (&older, &newer);
      g_assert_cmpint (outcome.end, ==, XIM_CONSISTENT_FORK);
      g_assert_cmpmem (&outcome.result.beginning, sizeof right, &right,
                       sizeof right);
      older.root = outcome.result.beginning;
      xim_tree_verify_consistency (&older, &newer, outcome.result.proof.hashes,
                                   outcome.result.proof.n, &error);
      g_assert_no_error (error);
    }
}

/* Nothing is proven by tiles that lead nowhere. */
static void
test_wrong_tiles (void)
{
  const char *const bent[] = { "0/001", "0/002.p/188", "1/000.p/2" };
  set_up ();
  for (guint i = 0; i < G_N_ELEMENTS (bent); i++)
    {
      server.bent = bent[i];
      g_assert_cmpint (between (300, 700), ==, XIM_CONSISTENT_WRONG);
    }
  server.bent = "0/000";
  g_assert_cmpint (between (300, 700), ==, XIM_CONSISTENT_YES);
  /* Of another log altogether. */
  server.bent = NULL;
  XimTreeHead newer = fake_log_head (server.log, SIZE);
  const XimTreeHead older = fake_log_head (server.log, 300);
  newer.root.bytes[0] ^= 1;
  g_assert_cmpint (ask (&older, &newer).end, ==, XIM_CONSISTENT_WRONG);
}

static void
test_no_tiles (void)
{
  set_up ();
  server.status = 404;
  g_assert_cmpint (between (300, 700), ==, XIM_CONSISTENT_WRONG);
  server.status = 503;
  g_assert_cmpint (between (300, 700), ==, XIM_CONSISTENT_OUTAGE);
  server.status = 429;
  g_assert_cmpint (between (300, 700), ==, XIM_CONSISTENT_OUTAGE);
  server.outcome = XIM_HTTP_TIMEOUT;
  g_assert_cmpint (between (300, 700), ==, XIM_CONSISTENT_OUTAGE);
}

/* A tree that the keyserver does not have yet, or a tile that is too short. */
static void
test_too_small (void)
{
  set_up ();
  const XimTreeHead older = fake_log_head (server.log, 300);
  const XimTreeHead newer = { .size = SIZE + 1 };
  g_assert_cmpint (ask (&older, &newer).end, ==, XIM_CONSISTENT_WRONG);
}

static void
test_freed (void)
{
  Outcome outcome = { 0 };
  set_up ();
  const XimTreeHead older = fake_log_head (server.log, 300);
  const XimTreeHead newer = fake_log_head (server.log, SIZE);
  XimConsistent *consistent
      = xim_consistent_new (http, &domain, &older, &newer, ended, &outcome);
  xim_consistent_free (consistent);
  fake_run ();
  g_assert_false (outcome.done);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  g_test_add_func ("/consistent/consistent", test_consistent);
  g_test_add_func ("/consistent/asks-little", test_asks_little);
  g_test_add_func ("/consistent/known", test_known);
  g_test_add_func ("/consistent/fork", test_fork);
  g_test_add_func ("/consistent/wrong-tiles", test_wrong_tiles);
  g_test_add_func ("/consistent/no-tiles", test_no_tiles);
  g_test_add_func ("/consistent/too-small", test_too_small);
  g_test_add_func ("/consistent/freed", test_freed);
  int result = g_test_run ();
  xim_http_free (http);
  headless_stop ();
  return result;
}
