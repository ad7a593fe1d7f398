/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Prints texts of the plugin: say LOCALEDIR. */

#include "config.h"

#include <locale.h>

#include "plugin/face.h"
#include "plugin/i18n.h"
#include "plugin/notices.h"

int
main (int argc, char **argv)
{
  g_autofree char *text = NULL;

  setlocale (LC_ALL, "");
  if (argc != 2)
    return 2;
  xim_i18n_init (argv[1]);
  text = xim_notices_failure_text (XIM_ERROR_NOT_FOR_US, "alice@example.org");
  g_print ("%s\n", xim_face_words (XIM_FACE_ENCRYPTED));
  g_print ("%s\n", text);
  for (guint n = 1; n <= 2; n++)
    {
      const char *format
          = NG_ ("%u waiting message went to %s, encrypted.",
                 "%u waiting messages went to %s, encrypted.", n);
      g_print ("%s\n", format);
    }
  return 0;
}
