/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim_server_decode_text(). */

#include "config.h"

#include "fuzz.h"
#include "xim-server.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (XimServer) server = xim_server_decode_text (text, &error);
  g_assert_true ((server == NULL) == (error != NULL));
  if (server == NULL)
    return 0;
  /* There is one text for each value. */
  g_autofree char *encoded = xim_server_encode (server);
  g_assert_cmpstr (encoded, ==, text);
  return 0;
}
