/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One message of 200 bytes to many devices: the sender's side. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "peer.h"
#include "xim-crypto.h"

#define ROUNDS 15
#define DEVICES_MAX 1000
#define TEXT_LEN 200

typedef struct
{
  BenchFan *fan;
  guint n;
  gsize sealed_len; /* characters of base64 */
} Fan;

static void
seal (gpointer data, guint n)
{
  Fan *state = data;
  char text[TEXT_LEN + 1];

  memset (text, 'x', TEXT_LEN);
  text[TEXT_LEN] = '\0';
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *sealed
          = state->fan->seal (state->fan->state, state->n, text);
      state->sealed_len = strlen (sealed);
    }
}

typedef struct
{
  XimSecret *key;
  XimX25519Public peer;
  guint n;
} Agreement;

/* One X25519 for each device, which no sender without contexts can avoid. */
static void
agree (gpointer data, guint n)
{
  Agreement *state = data;
  guint8 out[XIM_KEY_LEN];

  for (guint i = 0; i < n * state->n; i++)
    if (!xim_crypto_x25519 (state->key, &state->peer, out, NULL))
      bench_refuse ("X25519");
}

enum
{
  XIM,
  XIM_COLD,
  OMEMO,
  LIMIT,
  N_CANDIDATES,
};

typedef struct
{
  BenchFan *xim;
  BenchFan *xim_cold;
  BenchFan *omemo;
  Agreement limit;
} Fans;

/* Returns: characters of base64 that a message to @n devices has */
static gsize
measure (Fans *fans, guint n)
{
  guint times = MAX (1, 200 / n);
  Fan states[LIMIT] = { { fans->xim, n, 0 },
                        { fans->xim_cold, n, 0 },
                        { fans->omemo, n, 0 } };
  BenchCandidate all[N_CANDIDATES];
  gboolean most = n == DEVICES_MAX;
  g_autofree char *cached
      = g_strdup_printf ("seal to %u devices, contexts cached", n);
  g_autofree char *cold = g_strdup_printf ("seal to %u devices, cold", n);

  fans->limit.n = n;
  for (guint i = 0; i < LIMIT; i++)
    all[i] = (BenchCandidate){ seal, &states[i], times, 1, FALSE, 0 };
  all[LIMIT] = (BenchCandidate){ agree, &fans->limit, times, 1, FALSE, 0 };
  bench_alternate (all, N_CANDIDATES, ROUNDS);
  bench_row (&(BenchRow){ cached, "us", all[XIM].median, all[OMEMO].median,
                          "libomemo-c", most ? ">=4" : NULL, FALSE });
  bench_row (&(BenchRow){ cold, "us", all[XIM_COLD].median, all[OMEMO].median,
                          "libomemo-c", NULL, FALSE });
  bench_row (&(BenchRow){ cold, "us", all[XIM_COLD].median, all[LIMIT].median,
                          "one X25519 per device", most ? "<=1.3" : NULL,
                          TRUE });
  return states[XIM].sealed_len;
}

int
main (void)
{
  Fans fans;
  gsize first_len = 0, last_len = 0;

  if (!xim_secret_init (NULL))
    bench_refuse ("the arena of secrets");
  g_autoptr (XimSecret) peer = xim_crypto_x25519_generate ();
  fans.limit.key = xim_crypto_x25519_generate ();
  xim_crypto_x25519_public (peer, &fans.limit.peer);
  fans.xim = bench_xim_fan_new (DEVICES_MAX, FALSE);
  fans.xim_cold = bench_xim_fan_new (DEVICES_MAX, TRUE);
  fans.omemo = bench_omemo_fan_new (DEVICES_MAX);
  for (guint n = 1; n <= DEVICES_MAX; n *= 10)
    {
      last_len = measure (&fans, n);
      first_len = n == 1 ? last_len : first_len;
    }
  bench_row (&(BenchRow){ "base64 for each further device", "B",
                          (double)(last_len - first_len) / (DEVICES_MAX - 1),
                          80, "the most it may be", "<=1", TRUE });
  xim_secret_free (fans.limit.key);
  return EXIT_SUCCESS;
}
