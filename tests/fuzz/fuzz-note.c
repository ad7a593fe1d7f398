/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-note.c. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-note.h"

#define VKEY                                                                  \
  "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note
      = xim_note_decode ((const char *)data, size, &error);
  g_assert_true ((note == NULL) == (error != NULL));
  if (note == NULL)
    return 0;
  /* There is one way to write a note. */
  g_autofree char *encoded = xim_note_encode (note);
  g_assert_cmpuint (strlen (encoded), ==, size);
  g_assert_true (memcmp (encoded, data, size) == 0);
  g_autoptr (XimVerifyKey) key = xim_verify_key_decode (VKEY, NULL);
  const XimVerifyKey *keys[] = { key };
  (void)xim_note_verify (note, keys, 1, NULL, NULL);
  xim_note_keep (note, keys, 1);
  return 0;
}
