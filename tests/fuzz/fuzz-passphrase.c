/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes the file of plugin/passphrase.c. */

#include "config.h"

#include <string.h>

#include "fuzz-file.h"
#include "fuzz.h"
#include "plugin/passphrase.h"

/* Every byte counts but for one newline at the end. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (XimSecret) secret
      = xim_passphrase_read (fuzz_file (data, size), &error);
  gsize len = size > 0 && data[size - 1] == '\n' ? size - 1 : size;

  if (secret != NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (len, >, 0);
      g_assert_cmpuint (len, <=, XIM_PASSPHRASE_MAX + 1);
      g_assert_cmpuint (xim_secret_len (secret), ==, len);
      g_assert_true (memcmp (xim_secret_peek (secret), data, len) == 0);
    }
  else if (len == 0)
    g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  else
    {
      g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
      g_assert_cmpuint (len, >, XIM_PASSPHRASE_MAX);
    }
  return 0;
}
