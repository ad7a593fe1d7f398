/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The code that a person carries from a new device to an old one. */

#pragma once

#include <glib.h>

#define XIM_JOIN_CODE_LEN 20 /* digits */

/**
 * xim_join_code:
 * @text: of the account note that adds the new device, without signatures
 * @out: (out): the digits, with a NUL
 * Source: PROTOCOL.md, section 7.4.
 */
void xim_join_code (const char *text, char out[XIM_JOIN_CODE_LEN + 1]);

/**
 * xim_join_code_show:
 * @code: of xim_join_code()
 * Returns: (transfer full): groups of five digits, as a person reads them
 */
char *xim_join_code_show (const char *code);

/**
 * xim_join_code_parse:
 * @typed: what a person typed: 20 digits, with any spaces and dashes
 * @out: (out): the digits, with a NUL
 * Errors: MALFORMED.
 */
gboolean xim_join_code_parse (const char *typed,
                              char out[XIM_JOIN_CODE_LEN + 1], GError **error);
