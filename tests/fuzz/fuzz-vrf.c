/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-vrf.c: a proof and, after it, what it is said to be of. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-codec.h"
#include "xim-vrf.h"

/* Of the seeds. */
#define KEY "609d2a4266d9007e7365cf81f044a41d32d45411dfa76c70d5812348583a6f23"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  XimVrfProof proof;
  XimDigest verified, output;
  XimVrfPublic key;
  gsize len = MIN (size, XIM_VRF_PROOF_LEN);
  gboolean ok = xim_vrf_proof_decode (data, len, &proof, &error);
  g_assert_true (ok == (error == NULL));
  if (!ok)
    return 0;
  g_assert_true (xim_codec_hex_decode_exact (KEY, strlen (KEY), key.bytes,
                                             sizeof key.bytes, NULL));
  ok = xim_vrf_verify (&key, data + len, size - len, &proof, &verified,
                       &error);
  g_assert_true (ok == (error == NULL));
  if (!ok)
    return 0;
  xim_vrf_output (&proof, &output);
  g_assert_cmpmem (&output, sizeof output, &verified, sizeof verified);
  return 0;
}
