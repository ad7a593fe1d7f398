/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim_absent_decode(). */

#include "config.h"

#include "fuzz.h"
#include "xim-absent.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (XimNote) note = xim_note_new (text, NULL);
  if (note == NULL)
    return 0;
  g_autoptr (XimAbsent) absent = xim_absent_decode (note, &error);
  g_assert_true ((absent == NULL) == (error != NULL));
  if (absent == NULL)
    return 0;
  /* There is one text for each value. */
  g_autofree char *encoded = xim_absent_encode (absent);
  g_assert_cmpstr (encoded, ==, text);
  return 0;
}
