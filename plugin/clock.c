/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Wall time, and a clock that does not jump and goes on in sleep. */

#include "config.h"

#include "clock.h"

#include <time.h>

gint64
xim_plugin_now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

gint64
xim_plugin_boot_s (void)
{
  struct timespec now;
  if (clock_gettime (CLOCK_BOOTTIME, &now) != 0)
    return g_get_monotonic_time () / G_USEC_PER_SEC;
  return (gint64)now.tv_sec;
}

char *
xim_plugin_boot_name (void)
{
  char *name = NULL;
  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &name, NULL,
                            NULL))
    return NULL;
  return g_strstrip (name);
}

gint64
xim_plugin_backoff_s (guint n_failures, gint64 min_s, gint64 max_s)
{
  gint64 wait_s = MIN (min_s << MIN (n_failures, 16), max_s);
  return wait_s - g_random_int_range (0, (gint32)(wait_s / 3) + 1);
}
