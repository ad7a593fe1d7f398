/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A directory for what keeps files while it is fuzzed. */

#pragma once

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>

static char *fuzz_dir_name;

static inline void
fuzz_dir_remove (void)
{
  g_autoptr (GDir) dir = g_dir_open (fuzz_dir_name, 0, NULL);
  const char *name = NULL;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fuzz_dir_name, name, NULL);
      g_unlink (path);
    }
  g_rmdir (fuzz_dir_name);
  g_clear_pointer (&fuzz_dir_name, g_free);
}

/**
 * fuzz_dir:
 * Returns: the one such directory; it goes when the program ends
 */
static inline const char *
fuzz_dir (void)
{
  if (fuzz_dir_name != NULL)
    return fuzz_dir_name;
  fuzz_dir_name = g_dir_make_tmp ("xim-fuzz-XXXXXX", NULL);
  g_assert_nonnull (fuzz_dir_name);
  atexit (fuzz_dir_remove);
  return fuzz_dir_name;
}
