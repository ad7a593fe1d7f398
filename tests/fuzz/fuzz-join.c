/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-join.c. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-error.h"
#include "xim-join.h"

/* What was understood is shown in a way that is understood again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *typed = g_strndup ((const char *)data, size);
  g_autoptr (GError) error = NULL;
  char code[XIM_JOIN_CODE_LEN + 1];
  char again[XIM_JOIN_CODE_LEN + 1];
  gboolean ok = xim_join_code_parse (typed, code, &error);
  g_assert_true (ok == (error == NULL));
  if (!ok)
    {
      g_assert_true (g_error_matches (error, XIM_ERROR, XIM_ERROR_MALFORMED));
      xim_join_code (typed, code);
    }
  g_assert_cmpuint (strspn (code, "0123456789"), ==, XIM_JOIN_CODE_LEN);
  g_autofree char *shown = xim_join_code_show (code);
  g_assert_true (xim_join_code_parse (shown, again, NULL));
  g_assert_cmpstr (again, ==, code);
  return 0;
}
