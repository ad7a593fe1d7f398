/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim_entry_decode(). */

#include "config.h"

#include "fuzz.h"
#include "xim-entry.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  XimEntry entry;
  guint8 bytes[XIM_ENTRY_MAX];
  gboolean ok = xim_entry_decode (data, size, &entry, &error);
  g_assert_true (ok == (error == NULL));
  if (!ok)
    return 0;
  /* There is one form for each entry. */
  gsize len = xim_entry_encode (&entry, bytes);
  g_assert_cmpmem (bytes, len, data, size);
  return 0;
}
