/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Slots: the session key of an envelope, wrapped to one device. */

#pragma once

#include "xim-hpke.h"
#include "xim-key.h"

/**
 * XimSlotKey:
 * What an HPKE context gives for one envelope: by which tag the device finds
 * its slot and under which key the session key is wrapped.  Wipe it after use.
 */
typedef struct
{
  guint8 tag[XIM_TAG_LEN];
  guint8 w[XIM_KEY_LEN];
} XimSlotKey;

/**
 * xim_slot_info:
 * Returns: (transfer full): the info of the context for a device: "x-im slot
 * v1", 0x0A, the id, the address
 * Source: PROTOCOL.md, section 5.
 */
GBytes *xim_slot_info (const char *jid, const XimDeviceId *device);

/**
 * xim_slot_key:
 * @nonce: the 16 bytes of the envelope
 */
void xim_slot_key (const XimHpke *hpke, const guint8 *nonce, XimSlotKey *out);

/**
 * xim_slot_wrap:
 * @header: the first 55 bytes of the envelope
 * @session_key: 32 bytes
 * @out: (out): the slot of 56 bytes: tag, wrapped session key
 */
void xim_slot_wrap (const XimSlotKey *key, const guint8 *header,
                    const XimSecret *session_key, guint8 *out);

/**
 * xim_slot_unwrap:
 * @slot: 56 bytes that begin with the tag of @key
 * Errors: MALFORMED, it does not open.
 * Returns: (transfer full): the session key
 */
XimSecret *xim_slot_unwrap (const XimSlotKey *key, const guint8 *header,
                            const guint8 *slot, GError **error);
