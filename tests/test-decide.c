/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of plugin/decide.c: the table of section 7.2, then all of it. */

#include "config.h"

#include "plugin/decide.h"

#include <string.h>

#include "xim-limits.h"

#define NOW G_GINT64_CONSTANT (1795000000)

typedef struct
{
  const char *name;
  XimFacts facts;
  XimDecision decision;
  XimHoldReason reason;
} Row;

#define OWN .own_ever = TRUE, .own_unlocked = TRUE, .own_ready = TRUE
#define ALWAYS .policy = XIM_POLICY_ALWAYS
#define NEVER .policy = XIM_POLICY_NEVER
#define READY .peer = XIM_PEER_READY, .peer_ever_held = TRUE
#define ABSENT .peer = XIM_PEER_ABSENT, .domain_pinned = TRUE
#define NO_SERVER .peer = XIM_PEER_NO_KEYSERVER
#define HOLD(reason) XIM_HOLD, XIM_HOLD_##reason
#define SEAL XIM_SEAL, XIM_HOLD_NONE
#define PLAIN XIM_PLAIN, XIM_HOLD_NONE

static const Row rows[] = {
  /* the own account */
  { "never-enrolled", { READY, .checked_s = NOW }, PLAIN },
  { "never-enrolled-always", { ALWAYS, .peer = XIM_PEER_UNKNOWN }, PLAIN },
  { "locked", { READY, .own_ever = TRUE, .checked_s = NOW }, HOLD (LOCKED) },
  { "locked-absent",
    { ABSENT, .own_ever = TRUE, .absent_s = NOW },
    HOLD (LOCKED) },
  { "locked-never", { NEVER, READY, .own_ever = TRUE }, PLAIN },
  { "own-keys",
    { READY, .own_ever = TRUE, .own_unlocked = TRUE, .checked_s = NOW },
    HOLD (OWN_KEYS) },
  { "own-keys-absent",
    { ABSENT, .own_ever = TRUE, .own_unlocked = TRUE, .absent_s = NOW },
    HOLD (OWN_KEYS) },

  { "elsewhere",
    { READY, .own_elsewhere = TRUE, .peer_online = TRUE, .checked_s = NOW },
    HOLD (OTHER_DEVICE) },
  { "elsewhere-was-here",
    { OWN, READY, .own_elsewhere = TRUE, .peer_online = TRUE,
      .checked_s = NOW },
    HOLD (OTHER_DEVICE) },
  { "elsewhere-unknown", { .own_elsewhere = TRUE }, HOLD (LOOKING_UP) },
  { "elsewhere-absent",
    { ABSENT, .own_elsewhere = TRUE, .absent_s = NOW },
    PLAIN },
  { "elsewhere-never",
    { NEVER, READY, .own_elsewhere = TRUE, .checked_s = NOW },
    PLAIN },

  /* a verified bundle */
  { "fresh", { OWN, READY, .peer_online = TRUE, .checked_s = NOW }, SEAL },
  { "fresh-always",
    { OWN, ALWAYS, READY, .peer_online = TRUE, .checked_s = NOW },
    SEAL },
  { "fresh-never",
    { OWN, NEVER, READY, .peer_online = TRUE, .checked_s = NOW },
    PLAIN },
  { "hour-old",
    { OWN, READY, .peer_online = TRUE, .checked_s = NOW - 3600 },
    SEAL },
  { "over-an-hour-old",
    { OWN, READY, .peer_online = TRUE, .checked_s = NOW - 3601 },
    HOLD (LOOKING_UP) },
  { "from-the-future",
    { OWN, READY, .peer_online = TRUE, .checked_s = NOW + 1 },
    HOLD (LOOKING_UP) },
  { "outage-day-old", { OWN, READY, .checked_s = NOW - 86400 }, SEAL },
  { "outage-over-a-day-old",
    { OWN, READY, .checked_s = NOW - 86401 },
    HOLD (UNREACHABLE) },
  { "never-checked", { OWN, READY, .checked_s = 0 }, HOLD (UNREACHABLE) },

  /* 7.2 (a) */
  { "absent", { OWN, ABSENT, .absent_s = NOW }, PLAIN },
  { "absent-600-old", { OWN, ABSENT, .absent_s = NOW - 600 }, PLAIN },
  { "absent-601-old",
    { OWN, ABSENT, .absent_s = NOW - 601 },
    HOLD (LOOKING_UP) },
  { "absent-600-early", { OWN, ABSENT, .absent_s = NOW + 600 }, PLAIN },
  { "absent-601-early",
    { OWN, ABSENT, .absent_s = NOW + 601 },
    HOLD (LOOKING_UP) },
  { "absent-always",
    { OWN, ALWAYS, ABSENT, .absent_s = NOW },
    HOLD (NO_KEYS) },
  { "absent-never", { OWN, NEVER, ABSENT, .absent_s = 0 }, PLAIN },
  { "left",
    { OWN, ABSENT, .peer_ever_held = TRUE, .absent_s = NOW },
    HOLD (LEFT) },
  { "left-always",
    { OWN, ALWAYS, ABSENT, .peer_ever_held = TRUE, .absent_s = NOW },
    HOLD (LEFT) },
  { "left-never",
    { OWN, NEVER, ABSENT, .peer_ever_held = TRUE, .absent_s = NOW },
    PLAIN },

  /* 7.2 (b) */
  { "no-keyserver", { OWN, NO_SERVER, .no_keyserver_s = NOW }, PLAIN },
  { "no-keyserver-hour-old",
    { OWN, NO_SERVER, .no_keyserver_s = NOW - 3600 },
    PLAIN },
  { "no-keyserver-older",
    { OWN, NO_SERVER, .no_keyserver_s = NOW - 3601 },
    HOLD (LOOKING_UP) },
  { "no-keyserver-early",
    { OWN, NO_SERVER, .no_keyserver_s = NOW + 1 },
    HOLD (LOOKING_UP) },
  { "no-keyserver-always",
    { OWN, ALWAYS, NO_SERVER, .no_keyserver_s = NOW },
    HOLD (NO_KEYS) },
  { "no-keyserver-pinned",
    { OWN, NO_SERVER, .domain_pinned = TRUE, .no_keyserver_s = NOW },
    HOLD (UNREACHABLE) },
  { "no-keyserver-held",
    { OWN, NO_SERVER, .peer_ever_held = TRUE, .no_keyserver_s = NOW },
    HOLD (UNREACHABLE) },

  /* everything that is not known for sure */
  { "unknown", { OWN, .peer = XIM_PEER_UNKNOWN }, HOLD (LOOKING_UP) },
  { "unreachable", { OWN, .peer = XIM_PEER_UNREACHABLE }, HOLD (UNREACHABLE) },
  { "no-device", { OWN, .peer = XIM_PEER_NO_DEVICE }, HOLD (NO_DEVICE) },
  { "key-changed", { OWN, .peer = XIM_PEER_KEY_CHANGED }, HOLD (KEY_CHANGED) },
  { "rolled-back", { OWN, .peer = XIM_PEER_ROLLED_BACK }, HOLD (ROLLED_BACK) },
  { "denied", { OWN, .peer = XIM_PEER_DENIED }, HOLD (DENIED) },
  { "server-changed",
    { OWN, .peer = XIM_PEER_SERVER_CHANGED },
    HOLD (SERVER_CHANGED) },
  { "bad-answer", { OWN, .peer = XIM_PEER_BAD_ANSWER }, HOLD (BAD_ANSWER) },
  { "not-logged", { OWN, .peer = XIM_PEER_NOT_LOGGED }, HOLD (NOT_LOGGED) },
  { "log-forked", { OWN, .peer = XIM_PEER_LOG_FORKED }, HOLD (LOG_FORKED) },
  { "no-such-state", { OWN, .peer = 99 }, HOLD (BAD_ANSWER) },
  { "no-such-policy",
    { OWN, .policy = 99, ABSENT, .absent_s = NOW },
    HOLD (NO_KEYS) },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  XimHoldReason reason = 99;

  g_assert_cmpint (xim_decide (&row->facts, NOW, &reason), ==, row->decision);
  g_assert_cmpint (reason, ==, row->reason);
  g_assert_cmpint (xim_decide (&row->facts, NOW, NULL), ==, row->decision);
}

/* What section 7.2 allows in the clear, written as one sentence. */
static gboolean
may_be_plain (const XimFacts *f)
{
  const gboolean absent = f->peer == XIM_PEER_ABSENT
                          && ABS (f->absent_s - NOW) <= XIM_CLOCK_SKEW_S;
  const gboolean none = f->peer == XIM_PEER_NO_KEYSERVER && !f->domain_pinned
                        && f->no_keyserver_s <= NOW
                        && f->no_keyserver_s >= NOW - 3600;

  return (!f->own_ever && !f->own_elsewhere) || f->policy == XIM_POLICY_NEVER
         || (((f->own_unlocked && f->own_ready) || f->own_elsewhere)
             && f->policy == XIM_POLICY_AUTOMATIC && !f->peer_ever_held
             && (absent || none));
}

static gboolean
may_seal (const XimFacts *f)
{
  const gint64 age_s = NOW - f->checked_s;

  return f->own_ever && f->own_unlocked && f->own_ready && !f->own_elsewhere
         && f->policy != XIM_POLICY_NEVER && f->peer == XIM_PEER_READY
         && age_s >= 0 && age_s <= (f->peer_online ? 3600 : 86400);
}

static void
check_one (const XimFacts *f)
{
  XimHoldReason reason = 99;
  const XimDecision decision = xim_decide (f, NOW, &reason);

  g_assert_true ((decision == XIM_PLAIN) == may_be_plain (f));
  g_assert_true ((decision == XIM_SEAL) == may_seal (f));
  g_assert_true ((decision == XIM_HOLD) == (reason != XIM_HOLD_NONE));
}

static void
check_times (XimFacts *f)
{
  static const gint64 ages_s[]
      = { -3601, -601, -600, -1,   0,     1,     599,
          600,   601,  3600, 3601, 86400, 86401, NOW };

  for (guint i = 0; i < G_N_ELEMENTS (ages_s); i++)
    {
      f->checked_s = f->absent_s = f->no_keyserver_s = NOW - ages_s[i];
      check_one (f);
    }
}

/* Every combination of flags, policy and state, at every edge of time. */
static void
test_exhaustive (void)
{
  for (guint bits = 0; bits < 128; bits++)
    for (int policy = XIM_POLICY_AUTOMATIC; policy <= XIM_POLICY_NEVER + 1;
         policy++)
      for (int peer = XIM_PEER_UNKNOWN; peer <= XIM_PEER_LOG_FORKED + 1;
           peer++)
        {
          XimFacts f = { .policy = (XimPolicy)policy,
                         .own_ever = bits & 1,
                         .own_unlocked = bits >> 1 & 1,
                         .own_ready = bits >> 2 & 1,
                         .peer = (XimPeerState)peer,
                         .peer_ever_held = bits >> 3 & 1,
                         .domain_pinned = bits >> 4 & 1,
                         .peer_online = bits >> 5 & 1,
                         .own_elsewhere = bits >> 6 & 1 };
          check_times (&f);
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/decide/%s", rows[i].name);
      g_test_add_data_func (path, &rows[i], test_row);
    }
  g_test_add_func ("/decide/exhaustive", test_exhaustive);
  return g_test_run ();
}
