/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim_device_decode_text(). */

#include "config.h"

#include "fuzz.h"
#include "xim-device.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (XimDevice) device = xim_device_decode_text (text, &error);
  g_assert_true ((device == NULL) == (error != NULL));
  if (device == NULL)
    return 0;
  /* There is one text for each value. */
  g_autofree char *encoded = xim_device_encode (device);
  g_assert_cmpstr (encoded, ==, text);
  return 0;
}
