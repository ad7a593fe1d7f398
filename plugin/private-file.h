/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Files that only their owner reads, written whole or not at all. */

#pragma once

#include "xim.h"

/**
 * xim_private_file_path:
 * @name: as a person types it: absolute, or below the home directory
 * Returns: (transfer full): the path
 */
char *xim_private_file_path (const char *name);

/**
 * xim_private_file_read:
 * Errors: UNAVAILABLE, it cannot be read or is no regular file; TOO_LARGE.
 */
GBytes *xim_private_file_read (const char *path, gsize max_len,
                               GError **error);

/**
 * xim_private_file_write:
 * @path: a file that does not exist yet
 * Mode 0600; under its name it is whole and on the disk, or not there.
 * May take long: not for the main loop.
 * Errors: CONFLICT, it exists; STORE.
 */
gboolean xim_private_file_write (const char *path, GBytes *data,
                                 GError **error);
