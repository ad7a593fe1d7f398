/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes the secret files of keyserver/ks-keys.c. */

#include "config.h"

#include <string.h>

#include "fuzz-file.h"
#include "fuzz.h"
#include "xim-error.h"

#include "ks-keys.h"

#define SECRET_MAX 64

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (XimSecret) secret
      = xim_ks_keys_read_secret (fuzz_file (data, size), SECRET_MAX, &error);
  gsize len = size > 0 && data[size - 1] == '\n' ? size - 1 : size;

  g_assert_true ((secret == NULL) == (error != NULL));
  if (secret == NULL)
    {
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_true (len == 0 || size > SECRET_MAX);
      return 0;
    }
  g_assert_cmpuint (len, <=, SECRET_MAX);
  g_assert_cmpuint (xim_secret_len (secret), ==, len);
  g_assert_true (memcmp (xim_secret_peek (secret), data, len) == 0);
  return 0;
}
