/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The pen: what only the operator's own commands sign. */

#pragma once

#include "ks-keys.h"

/**
 * XimKsPen:
 * Signs for init and rotate-key, which run while no keyserver does and read
 * the private keys themselves.  A running keyserver has a signer (ks-signer.h)
 * that signs none of this.
 */
typedef struct _XimKsPen XimKsPen;

/**
 * xim_ks_pen_new:
 * @domain: the one domain whose notes are signed
 * @keys: (transfer full)
 */
XimKsPen *xim_ks_pen_new (const char *domain, XimKsKeys *keys);
void xim_ks_pen_free (XimKsPen *pen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsPen, xim_ks_pen_free)

const XimVerifyKey *xim_ks_pen_public (const XimKsPen *pen);
void xim_ks_pen_vrf (const XimKsPen *pen, XimVrfPublic *out);

/**
 * xim_ks_pen_server:
 * @text: of a server note with this key
 *
 * Errors: MALFORMED; UNSUPPORTED; WRONG_NAME, of another domain, origin, key
 * or log.
 * Returns: (transfer full): the whole note that has only this key's line
 */
char *xim_ks_pen_server (XimKsPen *pen, const char *text, GError **error);

/**
 * xim_ks_pen_hand_over:
 * @text: of a server note that follows the one with this key
 *
 * The line of the old key under the note of a new one; xim_server_check()
 * tells whether the whole follows.
 * Errors: MALFORMED; UNSUPPORTED; WRONG_NAME, of another domain, origin or VRF
 * key, or of serial 1.
 * Returns: (transfer full): one signature line with its newline
 */
char *xim_ks_pen_hand_over (XimKsPen *pen, const char *text, GError **error);

/**
 * xim_ks_pen_again:
 * @text: of an account or device note that the key before signed
 *
 * Errors: MALFORMED; UNSUPPORTED, no such note; WRONG_NAME, of another domain.
 * Returns: (transfer full): one signature line with its newline
 */
char *xim_ks_pen_again (XimKsPen *pen, const char *text, GError **error);
