/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the parts of xim-tool share. */

#pragma once

#include <glib.h>

/* Prints the word and the sentence of @error and ends. */
void tool_fail (const GError *error) G_GNUC_NORETURN;

/* The clock of the member, as far off as a test wants. */
gint64 tool_now_s (void);

/* Verbs that look at what stands on standard input. */
void tool_verify (const char *note, const char *jid);
void tool_verify_all (const char *note, const char *unused);
void tool_absent (const char *vkey, const char *jid);
void tool_server (const char *vkey, const char *domain);
void tool_follows (const char *pinned, const char *domain);
