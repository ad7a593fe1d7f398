/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The signer: the one holder of the keyserver's private keys. */

#pragma once

#include "ks-keys.h"

/**
 * XimKsSigner:
 * Is given whole texts and hands out signature lines.  It believes nobody: it
 * parses each text itself and signs only what this keyserver may say.  For all
 * threads.
 * Source: PROTOCOL.md, sections 4.3 to 4.6.
 */
typedef struct _XimKsSigner XimKsSigner;

/**
 * xim_ks_signer_new:
 * @domain: the one domain whose notes are signed
 * @keys: (transfer full)
 */
XimKsSigner *xim_ks_signer_new (const char *domain, XimKsKeys *keys);
void xim_ks_signer_free (XimKsSigner *signer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsSigner, xim_ks_signer_free)

const XimVerifyKey *xim_ks_signer_public (const XimKsSigner *signer);
void xim_ks_signer_vrf (const XimKsSigner *signer, XimVrfPublic *out);

/**
 * xim_ks_signer_sign:
 * @text: the text of a server, absent, current, account or device note
 *
 * Errors: MALFORMED or UNSUPPORTED, the text is no such note; WRONG_NAME, it
 * is of another domain, or a server note of another origin or key. Returns:
 * (transfer full): one signature line with its newline
 */
char *xim_ks_signer_sign (XimKsSigner *signer, const char *text,
                          GError **error);

/**
 * xim_ks_signer_note:
 * Returns: (transfer full): the whole note that has only the server's line;
 * errors as above
 */
char *xim_ks_signer_note (XimKsSigner *signer, const char *text,
                          GError **error);

/**
 * xim_ks_signer_hand_over:
 * @text: of a server note that follows the one with this signer's key
 *
 * The line of the old key under the note of a new one, for rotate-key alone;
 * xim_server_check() tells whether the whole follows.
 * Errors: MALFORMED; UNSUPPORTED; WRONG_NAME, of another domain, origin or VRF
 * key, or of serial 1.
 * Returns: (transfer full): one signature line with its newline
 */
char *xim_ks_signer_hand_over (XimKsSigner *signer, const char *text,
                               GError **error);
