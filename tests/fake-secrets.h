/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A desktop's keyring that a test plays: org.freedesktop.secrets on a bus of
 * its own. */

#pragma once

#include <glib.h>

/**
 * fake_secrets_start:
 * Starts a session bus, which this process uses from now on.
 * Returns: FALSE when there is no dbus-daemon
 */
gboolean fake_secrets_start (void);
void fake_secrets_stop (void);

/* Whether the keyring is there, and whether it is locked and its user does not
 * unlock it. */
void fake_secrets_show (gboolean is_there);
void fake_secrets_lock (gboolean is_locked);

/* What it holds: the number of items, and the bytes of the last. */
guint fake_secrets_n (void);
GBytes *fake_secrets_last (void);   /* (transfer none) */
const char *fake_secrets_id (void); /* attribute `id` of the last */
void fake_secrets_replace (const void *data, gsize len);
