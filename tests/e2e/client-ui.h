/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The user interface that libpurple gets: a main loop, a log file, events. */

#pragma once

#include <purple.h>

/**
 * ui_start:
 * @dir: the user directory, which holds debug.log from then on
 * @loop: ended when libpurple's core has quit
 *
 * Starts libpurple's core with the operations of this client.
 *
 * Returns: whether it started
 */
gboolean ui_start (const char *dir, GMainLoop *loop);
