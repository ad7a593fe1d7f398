/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver run`: all parts, from start to a clean stop. */

#pragma once

#include "ks-config.h"

/**
 * xim_ks_run:
 * @ports_file: (nullable): where to write `https=PORT` and `admin=PORT`, in
 * one piece, once all sockets listen
 *
 * Serves until SIGTERM or SIGINT; SIGHUP reads the certificate again.
 * Errors: what kept it from starting.
 * Returns: TRUE after a clean stop
 */
gboolean xim_ks_run (const XimKsConfig *config, const char *ports_file,
                     GError **error);
