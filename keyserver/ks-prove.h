/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver proof`: that an account note stands in the log. */

#pragma once

#include "ks-config.h"

/**
 * xim_ks_prove:
 * @jid: prepared
 *
 * Of the newest version; whoever has the verifier key can check it without
 * asking the keyserver.  A keyserver may run meanwhile.
 * Errors: NOT_FOUND, the address has no account; STORE; NOT_LOGGED, what is
 * stored does not prove it.
 * Source: PROTOCOL.md, section 8; C2SP tlog-proof, version 1.
 * Returns: (transfer full): the file, text
 */
char *xim_ks_prove (const XimKsConfig *config, const char *jid,
                    GError **error);
