/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim_erase_decode(). */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-erase.h"
#include "xim-error.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = g_memdup2 (data, size);
  g_autoptr (XimErase) erase = xim_erase_decode (copy, size, &error);
  g_assert_true ((erase == NULL) == (error != NULL));
  if (erase == NULL)
    return 0;
  g_assert_cmpuint (erase->version, >, 1);
  /* There is one text for each value. */
  g_autofree char *text = xim_erase_encode (erase);
  g_assert_cmpstr (text, ==, erase->text);
  gboolean alone = size == strlen (text) && memcmp (text, data, size) == 0;
  g_assert_true (xim_erase_needs_proof (erase) == alone);
  return 0;
}
