/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-json.c. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-error.h"
#include "xim-json.h"

static void
read_members (const XimJson *json)
{
  static const char *const names[] = { "jid", "account", NULL };
  static const char *const singles[] = { "a", "jid", "devices", "leaf" };

  (void)xim_json_members (json, names, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (singles); i++)
    {
      const char *string = NULL;
      guint64 number = 0;
      g_autoptr (GPtrArray) strings = NULL;
      const XimJson *member = xim_json_member (json, singles[i]);
      if (xim_json_string (json, singles[i], &string, NULL))
        g_assert_true (g_utf8_validate (string, -1, NULL));
      if (xim_json_number (json, singles[i], 100, &number, NULL))
        g_assert_cmpuint (number, <=, 100);
      if (xim_json_strings (json, singles[i], 16, &strings, NULL))
        g_assert_cmpuint (strings->len, <=, 16);
      if (member != NULL)
        (void)xim_json_member (member, "b");
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimJson) json
      = xim_json_decode ((const char *)data, size, 100000, &error);

  g_assert_true ((json == NULL) == (error != NULL));
  if (json != NULL)
    read_members (json);
  return 0;
}
