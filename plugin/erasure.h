/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Old decryption keys go when it is time. */

#pragma once

#include "incoming.h"

/**
 * XimErasure:
 * Looks every minute.  A key goes XIM_DEVICE_KEY_ERASE_S after it was
 * replaced, but not before the account has been online for
 * XIM_DEVICE_KEY_ONLINE_S without a pause and nothing waits to be read; what
 * waits holds it up for XIM_DEVICE_KEY_WAIT_S at most.
 * Source: PROTOCOL.md, section 4.2.
 */
typedef struct _XimErasure XimErasure;

/**
 * xim_erasure_new:
 * @enrol, @incoming: outlive it
 */
XimErasure *xim_erasure_new (XimEnrol *enrol, XimIncoming *incoming);
void xim_erasure_free (XimErasure *erasure);

/**
 * xim_erasure_look:
 * What the timer does.
 */
void xim_erasure_look (XimErasure *erasure);

/* The account signed on or off. */
void xim_erasure_online (XimErasure *erasure);
void xim_erasure_offline (XimErasure *erasure);
