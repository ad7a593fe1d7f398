/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A chat line of 200 bytes to one device: sealing and opening together. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "peer.h"
#include "xim-crypto.h"

#define ROUNDS 41
#define TEXT_LEN 200
#define SIGNED_LEN 81 /* what an envelope's signature is over */

typedef struct
{
  BenchPeer *peer;
  gboolean alternating;
  guint turn;
} Talk;

static void
talk (gpointer data, guint n)
{
  Talk *state = data;
  BenchPeer *peer = state->peer;
  char text[TEXT_LEN + 1];

  memset (text, 'x', TEXT_LEN);
  text[TEXT_LEN] = '\0';
  for (guint i = 0; i < n; i++)
    {
      guint from = state->alternating ? state->turn++ % 2 : 0;
      text[i % TEXT_LEN] = (char)('a' + i % 26);
      g_autofree char *sealed = peer->seal (peer->state, from, text);
      g_autofree char *opened = peer->open (peer->state, 1 - from, sealed);
      if (g_strcmp0 (opened, text) != 0)
        bench_refuse (peer->name);
    }
}

typedef struct
{
  XimSecret *expanded;
  XimEd25519Public key;
} Signer;

static void
sign_and_verify (gpointer data, guint n)
{
  Signer *signer = data;
  guint8 text[SIGNED_LEN] = { 0 };

  for (guint i = 0; i < n; i++)
    {
      XimSignature signature;
      text[0] = (guint8)i;
      xim_crypto_ed25519_sign (signer->expanded, text, sizeof text,
                               &signature);
      if (!xim_crypto_ed25519_verify (&signer->key, text, sizeof text,
                                      &signature, NULL))
        bench_refuse ("Ed25519");
    }
}

enum
{
  XIM_ALTERNATING,
  XIM_ONE_WAY,
  XIM_COLD_ALTERNATING,
  XIM_COLD_ONE_WAY,
  OMEMO_ALTERNATING,
  OMEMO_ONE_WAY,
  OTR_ALTERNATING,
  OTR_ONE_WAY,
  GPG,
  LIMIT,
  N_CANDIDATES,
};

static BenchCandidate
talk_candidate (BenchPeer *peer, gboolean alternating, guint n, guint every)
{
  Talk *state = g_new0 (Talk, 1);
  BenchCandidate candidate = { talk, state, n, every, FALSE, 0 };

  state->peer = peer;
  state->alternating = alternating;
  return candidate;
}

static void
print_rows (const BenchCandidate *all, guint ours, const char *what,
            const char *const targets[3])
{
  gboolean alternating
      = ours == XIM_ALTERNATING || ours == XIM_COLD_ALTERNATING;
  guint omemo = alternating ? OMEMO_ALTERNATING : OMEMO_ONE_WAY;
  guint otr = alternating ? OTR_ALTERNATING : OTR_ONE_WAY;
  const BenchRow rows[] = {
    { what, "us", all[ours].median, all[omemo].median, "libomemo-c",
      targets[0], FALSE },
    { what, "us", all[ours].median, all[otr].median, "libotr", targets[1],
      FALSE },
    { what, "us", all[ours].median, all[GPG].median, "gpgme", NULL, FALSE },
    { what, "us", all[ours].median, all[LIMIT].median, "Ed25519 sign + verify",
      targets[2], TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    bench_row (&rows[i]);
}

int
main (void)
{
  static const char *const none[3] = { NULL, NULL, NULL };
  static const char *const alternating[3] = { ">=5", ">=25", NULL };
  static const char *const one_way[3] = { NULL, NULL, "<=1.5" };
  BenchCandidate all[N_CANDIDATES];
  Signer signer;

  if (!xim_secret_init (NULL))
    bench_refuse ("the arena of secrets");
  g_autoptr (XimSecret) seed = xim_crypto_x25519_generate ();
  signer.expanded = xim_crypto_ed25519_expand (seed);
  xim_crypto_ed25519_public (seed, &signer.key);
  BenchPeer *gpg = bench_gpg_new ();
  all[XIM_ALTERNATING] = talk_candidate (bench_xim_new (FALSE), TRUE, 100, 1);
  all[XIM_ONE_WAY] = talk_candidate (bench_xim_new (FALSE), FALSE, 100, 1);
  all[XIM_COLD_ALTERNATING]
      = talk_candidate (bench_xim_new (TRUE), TRUE, 50, 1);
  all[XIM_COLD_ONE_WAY] = talk_candidate (bench_xim_new (TRUE), FALSE, 50, 1);
  all[OMEMO_ALTERNATING] = talk_candidate (bench_omemo_new (), TRUE, 20, 1);
  all[OMEMO_ONE_WAY] = talk_candidate (bench_omemo_new (), FALSE, 100, 1);
  all[OTR_ALTERNATING] = talk_candidate (bench_otr_new (), TRUE, 4, 1);
  all[OTR_ONE_WAY] = talk_candidate (bench_otr_new (), FALSE, 100, 1);
  all[GPG] = talk_candidate (gpg, TRUE, 1, 4);
  all[GPG].wall = TRUE;
  all[LIMIT] = (BenchCandidate){ sign_and_verify, &signer, 100, 1, FALSE, 0 };
  bench_alternate (all, N_CANDIDATES, ROUNDS);
  bench_gpg_stop (gpg);
  print_rows (all, XIM_ALTERNATING, "chat line, alternating, contexts cached",
              alternating);
  print_rows (all, XIM_ONE_WAY, "chat line, one way, contexts cached",
              one_way);
  print_rows (all, XIM_COLD_ALTERNATING, "chat line, alternating, cold", none);
  print_rows (all, XIM_COLD_ONE_WAY, "chat line, one way, cold", none);
  bench_row (&(BenchRow){ "limit: one Ed25519 sign and verify", "us",
                          all[LIMIT].median, 0, NULL, NULL, FALSE });
  xim_secret_free (signer.expanded);
  return EXIT_SUCCESS;
}
