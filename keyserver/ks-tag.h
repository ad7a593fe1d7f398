/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tags: what stands for an address, device id or key that is gone. */

#pragma once

#include "xim-account.h"

/* HMAC-SHA-256 under @secret, of 32 bytes: of the address; of a NUL, the
 * address, a NUL and the id; of a NUL, a NUL and the key.  No address has a
 * NUL in it, so no tag of one kind is one of another.
 * Source: PROTOCOL.md, section 4.6. */
void xim_ks_tag_member (const XimSecret *secret, const char *jid,
                        XimHash *out);
void xim_ks_tag_device (const XimSecret *secret, const char *jid,
                        const XimDeviceId *id, XimHash *out);
void xim_ks_tag_key (const XimSecret *secret, const XimEd25519Public *key,
                     XimHash *out);

/**
 * xim_ks_tag_mark:
 * Returns: (transfer full): what shows that a store and @secret belong
 * together: without its secret a store would take back those who left as if
 * they were new
 */
char *xim_ks_tag_mark (const XimSecret *secret);
