/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What a client does with the bundle of a contact, as it arrives: it reads
   and verifies it, with the proof that it is in the log. */

#include "config.h"

#include "bench.h"

#include <string.h>

#include "test-bundles.h"
#include "test-logs.h"

#define N_BEFORE 1000 /* entries of the log */
#define N 100
#define ROUNDS 31

typedef struct
{
  char *json;
  const XimPin *pin;
} Work;

static void
verify (gpointer data, guint n)
{
  const Work *work = data;
  const XimKnown nothing = { .n_devices = 0 };
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (XimBundle) bundle
          = xim_bundle_decode (work->json, strlen (work->json), NULL);
      g_autoptr (XimVerified) verified
          = bundle == NULL ? NULL
                           : xim_verify_bundle (bundle, work->pin, TEST_JID,
                                                &nothing, TEST_NOW_S, NULL);
      if (verified == NULL)
        bench_refuse ("verifying a bundle");
    }
}

static char *
encode (const XimBundle *bundle, const XimLogged *logged)
{
  g_autofree char *account = xim_note_encode (bundle->account->note);
  g_autofree char *current = xim_note_encode (bundle->current->note);
  g_autofree char *device = xim_note_encode (bundle->devices[0]->note);
  const char *devices[] = { device };
  return xim_bundle_encode (bundle->jid, account, current, devices, 1, logged);
}

int
main (void)
{
  if (!xim_secret_init (NULL))
    bench_refuse ("locked memory");
  g_autoptr (XimVerifyKey) server = test_verify_key ('S');
  g_autoptr (XimVerifyKey) log = test_log_public ('S');
  const XimVrfPublic vrf = test_vrf_public ('V');
  const XimPin pin
      = { .domain = TEST_DOMAIN, .server = server, .log = log, .vrf = vrf };
  g_autoptr (XimBundle) bundle = test_bundle ((TestBundle){ .devices = "a" });
  g_autoptr (XimLogged) logged = test_log_account (bundle->account, N_BEFORE);
  Work with = { encode (bundle, logged), &pin };
  BenchCandidate candidates[]
      = { { .run = verify, .data = &with, .n = N, .every = 1 } };
  bench_alternate (candidates, G_N_ELEMENTS (candidates), ROUNDS);
  bench_row (&(BenchRow){ .what = "a bundle read and verified with its proofs",
                          .unit = "us",
                          .ours = candidates[0].median,
                          .peer = 1000,
                          .peer_name = "the most it may be",
                          .target = "<=1",
                          .is_limit = TRUE });
  g_free (with.json);
  return 0;
}
