/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes plugin/export.c: the file around an export, and its content. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "plugin/export.h"

static void
open_file (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = g_bytes_new (data, size);
  g_autoptr (XimSecret) key = xim_secret_new (XIM_KEY_LEN);
  XimStretchHow how;
  if (xim_export_peek (file, &how, &error))
    {
      g_assert_cmpuint (how.bytes, <=, XIM_ARGON2_BYTES_MAX);
      g_assert_cmpuint (how.passes, <=, XIM_ARGON2_PASSES_MAX);
      g_autoptr (XimExport) opened = xim_export_open (file, key, &error);
      g_assert_true ((opened == NULL) == (error != NULL));
    }
  else
    g_assert_nonnull (error);
}

/* What is read is written as the same bytes. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (xim_secret_init (NULL));
  open_file (data, size);
  g_autoptr (XimSecret) content = xim_secret_new (size);
  if (size > 0)
    memcpy (xim_secret_data (content), data, size);
  g_autoptr (XimExport) decoded = xim_export_decode (content, &error);
  if (decoded == NULL)
    {
      g_assert_nonnull (error);
      return 0;
    }
  g_autoptr (XimSecret) again = xim_export_encode (decoded, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (xim_secret_len (again), ==, size);
  g_assert_true (memcmp (xim_secret_peek (again), data, size) == 0);
  return 0;
}
