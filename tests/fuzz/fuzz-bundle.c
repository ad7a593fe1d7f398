/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-bundle.c and xim-verify.c. */

#include "config.h"

#include <string.h>

#include "fuzz-log.h"
#include "fuzz.h"
#include "xim-codec.h"
#include "xim-verify.h"

#define NOW_S 1795512600 /* of the seeds, 2026-11-24T09:30:00Z */
#define SERVER                                                                \
  "keys.example.org+c8f81b7d+AXa/tpXdZiRiMjCOIoorCEEwR54ajY81GPsf1/No67dG"
#define VRF "609d2a4266d9007e7365cf81f044a41d32d45411dfa76c70d5812348583a6f23"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autoptr (XimBundle) bundle
      = xim_bundle_decode ((const char *)data, size, &error);
  g_assert_true ((bundle == NULL) == (error != NULL));
  if (bundle == NULL)
    return 0;
  g_autoptr (XimVerifyKey) server = xim_verify_key_decode (SERVER, NULL);
  g_autoptr (XimVerifyKey) log = xim_verify_key_decode (FUZZ_LOG, NULL);
  XimPin pin = { "example.org", server, log, { { 0 } } };
  g_assert_true (xim_codec_hex_decode_exact (VRF, strlen (VRF), pin.vrf.bytes,
                                             sizeof pin.vrf.bytes, NULL));
  const XimKnown known = { 0 };
  g_autoptr (XimVerified) verified
      = xim_verify_bundle (bundle, &pin, bundle->jid, &known, NOW_S, &error);
  g_assert_true ((verified == NULL) == (error != NULL));
  if (verified != NULL)
    {
      g_assert_cmpuint (xim_verified_n_usable (verified), <=,
                        bundle->n_devices);
      g_assert_true ((xim_verified_place (verified) == NULL)
                     == (bundle->logged == NULL));
    }
  return 0;
}
