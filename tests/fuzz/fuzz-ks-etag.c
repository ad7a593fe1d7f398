/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes ks-etag.c: a list that names a tag holds it, and still does so as a
   part of a longer one. */

#include "config.h"

#include <string.h>

#include "fuzz.h"

#include "ks-etag.h"

#define ETAG "\"x\""

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *header = g_strndup ((const char *)data, size);
  if (!xim_ks_etag_is_named (header, ETAG))
    return 0;
  if (strchr (header, '"') == NULL)
    {
      g_strstrip (header);
      g_assert_cmpstr (header, ==, "*");
      return 0;
    }
  g_assert_nonnull (strstr (header, ETAG));
  g_autofree char *longer = g_strconcat ("W/\"y\", ", header, NULL);
  g_assert_true (xim_ks_etag_is_named (longer, ETAG));
  g_autofree char *broken = g_strconcat (header, ", y", NULL);
  g_assert_false (xim_ks_etag_is_named (broken, ETAG));
  return 0;
}
