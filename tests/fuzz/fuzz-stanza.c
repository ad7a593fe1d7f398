/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes the text of the <sealed/> element. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-envelope-private.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (xim_secret_init (NULL));
  const char *text = (const char *)data;
  g_autoptr (XimEnvelope) envelope
      = xim_envelope_decode_text (text, size, &error);

  g_assert_true ((envelope == NULL) == (error != NULL));
  if (envelope == NULL)
    return 0;
  g_autofree char *again = xim_envelope_encode_text (envelope->bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (again), ==, size);
  g_assert_true (memcmp (again, text, size) == 0);
  return 0;
}
