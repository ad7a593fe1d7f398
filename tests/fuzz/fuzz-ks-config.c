/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes the configuration of keyserver/ks-config.c. */

#include "config.h"

#include <string.h>

#include "fuzz-file.h"
#include "fuzz.h"
#include "xim-error.h"

#include "ks-config.h"

static void
check_absolute (const XimKsConfig *config)
{
  const char *const names[]
      = { config->keys, config->store, config->certificate, config->key,
          config->component_secret };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (g_path_is_absolute (names[i]));
}

/* What was read can be written, and reads as the same. */
static void
write_again (const XimKsConfig *config)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = xim_ks_config_encode (config);
  g_autoptr (XimKsConfig) again
      = xim_ks_config_load (fuzz_file (text, strlen (text)), &error);
  g_assert_no_error (error);
  g_autofree char *text_again = xim_ks_config_encode (again);
  g_assert_cmpstr (text, ==, text_again);
}

/* Whether every value is a text: none may be taken for a missing one. */
static gboolean
all_readable (const char *path)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL);
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_auto (GStrv) names = g_key_file_get_keys (file, groups[i], NULL, NULL);
      for (guint j = 0; names != NULL && names[j] != NULL; j++)
        {
          g_autoptr (GError) error = NULL;
          g_free (g_key_file_get_string (file, groups[i], names[j], &error));
          if (error != NULL)
            return FALSE;
        }
    }
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsConfig) config
      = xim_ks_config_load (fuzz_file (data, size), &error);

  g_assert_true ((config == NULL) == (error != NULL));
  if (config == NULL)
    {
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      return 0;
    }
  g_assert_true (xim_ks_config_check (config, &error));
  g_assert_true (all_readable (fuzz_file (data, size)));
  check_absolute (config);
  write_again (config);
  return 0;
}
