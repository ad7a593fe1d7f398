/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim_verify_key_decode(). */

#include "config.h"

#include "fuzz.h"
#include "xim-key.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *vkey = g_strndup ((const char *)data, size);
  g_autoptr (XimVerifyKey) key = xim_verify_key_decode (vkey, &error);
  g_assert_true ((key == NULL) == (error != NULL));
  if (key == NULL)
    return 0;
  g_autofree char *encoded = xim_verify_key_encode (key);
  g_assert_cmpstr (encoded, ==, vkey);
  return 0;
}
