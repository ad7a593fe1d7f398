/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Reads the lines `name: value` of a file in tests/vectors. */

#pragma once

#include "test-util.h"

/**
 * test_vector_load:
 * @name: of the file, relative to tests/vectors
 * Returns: (transfer full): its lines
 */
static inline GStrv
test_vector_load (const char *name)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "vectors", name, NULL);

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return g_strsplit (text, "\n", -1);
}

/**
 * test_vector_value:
 * @nth: which of the lines called @name, from 0
 * Returns: (transfer none): what follows the colon, or NULL
 */
static inline const char *
test_vector_value (GStrv lines, const char *name, guint nth)
{
  gsize len = strlen (name);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (strncmp (lines[i], name, len) != 0 || lines[i][len] != ':')
        continue;
      if (nth-- == 0)
        return lines[i] + len + (lines[i][len + 1] == ' ' ? 2 : 1);
    }
  return NULL;
}

/**
 * test_vector_bytes:
 * Returns: (transfer full): the bytes of a value in hex
 */
static inline GByteArray *
test_vector_bytes (GStrv lines, const char *name, guint nth)
{
  const char *hex = test_vector_value (lines, name, nth);
  GByteArray *bytes = g_byte_array_new ();

  g_assert_nonnull (hex);
  g_byte_array_set_size (bytes, (guint)strlen (hex) / 2);
  test_hex (hex, bytes->data, bytes->len);
  return bytes;
}
