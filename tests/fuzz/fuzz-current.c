/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim_current_decode(). */

#include "config.h"

#include "fuzz.h"
#include "xim-current.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (XimNote) note = xim_note_new (text, NULL);
  if (note == NULL)
    return 0;
  g_autoptr (XimCurrent) current = xim_current_decode (note, &error);
  g_assert_true ((current == NULL) == (error != NULL));
  if (current == NULL)
    return 0;
  /* There is one text for each value. */
  g_autofree char *encoded = xim_current_encode (current);
  g_assert_cmpstr (encoded, ==, text);
  return 0;
}
