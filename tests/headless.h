/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* libpurple without a window, for tests of the plugin's parts. */

#pragma once

#include <purple.h>

/* Starts libpurple's core in a new directory below the system's one for
 * temporary files. */
void headless_start (void);

/* Ends the core and removes the directory. */
void headless_stop (void);
const char *headless_dir (void);

/* Removes @path and everything below it. */
void headless_remove (const char *path);

/* What was written into conversations, "FLAGS|TEXT" each, oldest first; FLAGS
 * is made of s(end), r(ecv), S(ystem), e(rror). */
const GPtrArray *headless_lines (void);
void headless_clear_lines (void);

/* The answer to the next questions: which choice, -1 leaves them open. */
void headless_answer (int choice);
guint headless_n_questions (void);
