/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The log: one line for each event, on stderr. */

#include "config.h"

#include "ks-log.h"

#include <unistd.h>

static int least = XIM_KS_LOG_INFO;

static const char *const words[] = {
  [XIM_KS_LOG_ERROR] = "error",
  [XIM_KS_LOG_WARNING] = "warning",
  [XIM_KS_LOG_INFO] = "info",
  [XIM_KS_LOG_DEBUG] = "debug",
};

void
xim_ks_log_level (XimKsLogLevel level)
{
  g_atomic_int_set (&least, (int)level);
}

/* A name or message from outside must not be able to start a line. */
static void
one_line (char *text)
{
  for (char *c = text; *c != '\0'; c++)
    if ((guchar)*c < 0x20 || *c == 0x7f)
      *c = ' ';
}

void
xim_ks_log (XimKsLogLevel level, const char *event, const char *format, ...)
{
  if ((int)level > g_atomic_int_get (&least))
    return;

  va_list args;
  va_start (args, format);
  g_autofree char *pairs = g_strdup_vprintf (format, args);
  va_end (args);
  one_line (pairs);

  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  g_autofree char *line
      = g_strdup_printf ("%s %s %s%s%s\n", time, words[level], event,
                         *pairs == '\0' ? "" : " ", pairs);
  gssize written = write (STDERR_FILENO, line, strlen (line));
  (void)written; /* there is nobody left to tell */
}
