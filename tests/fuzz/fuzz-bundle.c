/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-bundle.c and xim-verify.c. */

#include "config.h"

#include "fuzz.h"
#include "xim-verify.h"

#define NOW_S 1795512600 /* of the seeds, 2026-11-24T09:30:00Z */
#define SERVER                                                                \
  "keys.example.org+c8f81b7d+AXa/tpXdZiRiMjCOIoorCEEwR54ajY81GPsf1/No67dG"

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
  const XimPin pin = { .domain = "example.org", .server = server };
  const XimKnown known = { 0 };
  g_autoptr (XimVerified) verified
      = xim_verify_bundle (bundle, &pin, bundle->jid, &known, NOW_S, &error);
  g_assert_true ((verified == NULL) == (error != NULL));
  if (verified != NULL)
    g_assert_cmpuint (xim_verified_n_usable (verified), <=, bundle->n_devices);
  return 0;
}
