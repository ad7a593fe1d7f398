/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A file with the bytes of an input, for what reads files. */

#pragma once

#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

static char *fuzz_path;

static inline void
fuzz_file_remove (void)
{
  g_unlink (fuzz_path);
  g_clear_pointer (&fuzz_path, g_free);
}

/**
 * fuzz_file:
 * Returns: the name of the one such file, mode 0600, which now holds @data;
 * it goes when the program ends
 */
static inline const char *
fuzz_file (const void *data, size_t size)
{
  static int fd = -1;
  if (fd < 0)
    {
      fd = g_file_open_tmp ("xim-fuzz-XXXXXX", &fuzz_path, NULL);
      g_assert_cmpint (fd, >=, 0);
      atexit (fuzz_file_remove);
    }
  g_assert_cmpint (ftruncate (fd, 0), ==, 0);
  g_assert_cmpint (pwrite (fd, data, size, 0), ==, (gssize)size);
  return fuzz_path;
}
