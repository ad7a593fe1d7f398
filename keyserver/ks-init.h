/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver init`: keys, store and configuration of a new keyserver. */

#pragma once

#include "ks-config.h"
#include "ks-keys.h"

/**
 * xim_ks_init:
 * @dir: made if it is not there
 * @config: what to write; names of files relative to @dir
 *
 * Makes DIR/keys, DIR/store.sqlite with the server note of serial 1, and
 * DIR/keyserver.conf.  Overwrites nothing.
 * Errors: CONFLICT, one of them exists; MALFORMED, @config; STORE.
 * Returns: (transfer full): the verifier key that members' programs will pin
 */
XimVerifyKey *xim_ks_init (const char *dir, const XimKsConfig *config,
                           gint64 now_s, GError **error);
