/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Runs a fuzz target once on each file named, for builds without libFuzzer. */

#include "config.h"

#include <glib.h>
#include <stdlib.h>

#include "fuzz.h"

int
main (int argc, char *argv[])
{
  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *data = NULL;
      gsize len;
      if (!g_file_get_contents (argv[i], &data, &len, &error))
        g_error ("%s", error->message);
      /* A copy of the exact size, so that a sanitizer sees its end. */
      g_autofree guint8 *exact = g_memdup2 (data, len);
      LLVMFuzzerTestOneInput (exact, len);
    }
  return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
