/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* HPKE base mode with its export interface; X-IM uses nothing else of it. */

#pragma once

#include <glib.h>

#include "xim-crypto.h"

#define XIM_HPKE_CONTEXT_MAX 96 /* bytes of an exporter context */

/**
 * XimHpke:
 * The exporter secret of one context: DHKEM(X25519, HKDF-SHA256),
 * HKDF-SHA256, AES-256-GCM, mode base.  Both sides hold the same one.
 * Source: RFC 9180, sections 5.1 and 5.3.
 */
typedef struct _XimHpke XimHpke;

/**
 * xim_hpke_new_sender:
 * @ephemeral: the ephemeral private key; @enc: its public key
 * @recipient: the recipient's public key
 * @info: @info_len bytes
 *
 * Errors: MALFORMED, @recipient is of low order.
 * Returns: (transfer full): the context of SetupBaseS with this ephemeral key
 */
XimHpke *xim_hpke_new_sender (const XimSecret *ephemeral,
                              const XimX25519Public *enc,
                              const XimX25519Public *recipient,
                              const guint8 *info, gsize info_len,
                              GError **error);

/**
 * xim_hpke_new_recipient:
 * @own: the recipient's private key; @own_public: its public key
 * @enc: the sender's ephemeral public key
 *
 * Errors: MALFORMED, @enc is of low order.
 * Returns: (transfer full): the context of SetupBaseR
 */
XimHpke *xim_hpke_new_recipient (const XimSecret *own,
                                 const XimX25519Public *own_public,
                                 const XimX25519Public *enc,
                                 const guint8 *info, gsize info_len,
                                 GError **error);

/**
 * xim_hpke_export:
 * @context: @context_len bytes, at most %XIM_HPKE_CONTEXT_MAX
 * @out: (out): @out_len bytes, at most 8,160
 * Source: RFC 9180, section 5.3.
 */
void xim_hpke_export (const XimHpke *hpke, const guint8 *context,
                      gsize context_len, guint8 *out, gsize out_len);

void xim_hpke_free (XimHpke *hpke);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimHpke, xim_hpke_free)
