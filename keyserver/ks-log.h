/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The log: one line for each event, on stderr. */

#pragma once

#include <glib.h>

typedef enum
{
  XIM_KS_LOG_ERROR,
  XIM_KS_LOG_WARNING,
  XIM_KS_LOG_INFO,
  XIM_KS_LOG_DEBUG,
} XimKsLogLevel;

/**
 * xim_ks_log_level:
 * @level: what is less urgent than this is dropped
 */
void xim_ks_log_level (XimKsLogLevel level);

/**
 * xim_ks_log:
 * @event: a word for what happened, for example "component-connected"
 * @format: `name=value` pairs, separated by spaces; values with spaces in
 * double quotes.  No secrets, and no addresses unless the operator asked.
 *
 * Writes "TIME LEVEL EVENT PAIRS" in one piece, so that lines of several
 * threads never mix.
 */
void xim_ks_log (XimKsLogLevel level, const char *event, const char *format,
                 ...) G_GNUC_PRINTF (3, 4);
