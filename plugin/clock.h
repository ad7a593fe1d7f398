/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Wall time, and a clock that does not jump and goes on in sleep. */

#pragma once

#include <glib.h>

/**
 * xim_plugin_now_s:
 * Returns: seconds since 1970 UTC; read once per event and passed on
 */
gint64 xim_plugin_now_s (void);

/**
 * xim_plugin_boot_s:
 * Returns: seconds of CLOCK_BOOTTIME, for intervals
 */
gint64 xim_plugin_boot_s (void);

/**
 * xim_plugin_boot_name:
 * Returns: (transfer full) (nullable): the name of this start of the computer;
 * xim_plugin_boot_s() can be compared with what it was under the same name
 */
char *xim_plugin_boot_name (void);

/**
 * xim_plugin_backoff_s:
 * @n_failures: how many attempts have failed before this wait
 * Returns: a wait that doubles with each failure from @min_s to @max_s, less
 * a random third: clients of a server that comes back do not come at once
 */
gint64 xim_plugin_backoff_s (guint n_failures, gint64 min_s, gint64 max_s);
