/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the driver can make the headless client do. */

#pragma once

#include <glib.h>

/**
 * command_run:
 * @line: a number, a tab, the name of a command and its arguments, separated
 *   by tabs; in each a backslash escapes as in C
 *
 * Runs the command and sends the event "done" with the number, "ok" and, when
 * it failed, "text".
 */
void command_run (const char *line);
