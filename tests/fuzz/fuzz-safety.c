/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-safety.c. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-error.h"
#include "xim-safety.h"

/* There is one text for what is understood. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSafety) safety = xim_safety_decode (text, &error);
  g_assert_true ((safety != NULL) == (error == NULL));
  if (safety == NULL)
    {
      g_assert_true (error->domain == XIM_ERROR);
      return 0;
    }
  g_autofree char *again = xim_safety_encode (safety);
  g_assert_cmpstr (again, ==, text);
  for (guint i = 0; i < 2; i++)
    g_assert_true (
        xim_safety_is_same (safety, safety, safety->sides[i].jid));
  return 0;
}
