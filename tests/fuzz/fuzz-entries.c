/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim_entries_next(). */

#include "config.h"

#include "fuzz.h"
#include "xim-tile.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) again = g_byte_array_new ();
  XimEntries entries = { data, size };
  while (entries.len > 0)
    {
      g_autoptr (GError) error = NULL;
      const guint8 *entry;
      gsize len, left = entries.len;
      if (!xim_entries_next (&entries, &entry, &len, &error))
        {
          g_assert_nonnull (error);
          g_assert_cmpuint (entries.len, ==, left);
          break;
        }
      g_assert_cmpuint (entries.len + len + 2, ==, left);
      xim_entries_append (again, entry, len);
    }
  gsize taken = size - entries.len;
  g_assert_cmpmem (again->data, again->len, data, taken);
  return 0;
}
