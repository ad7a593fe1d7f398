/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Seconds that have passed, counted without the wall clock. */

#pragma once

#include "store.h"

/**
 * XimTally:
 * A count that goes on with the clock that does not jump, over restarts of the
 * program too.  When the computer was off, what the keyserver's clock says
 * fills the gap.  It is never ahead of the time that has really passed; it may
 * be behind.
 * Source: PROTOCOL.md, section 4.2.
 */
typedef struct _XimTally XimTally;

/**
 * xim_tally_new:
 * @store: outlives it
 * Errors: STORE.
 */
XimTally *xim_tally_new (XimStore *store, GError **error);
void xim_tally_free (XimTally *tally);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimTally, xim_tally_free)

/**
 * xim_tally_now_s:
 * Returns: seconds, from any beginning, that only ever rise
 */
gint64 xim_tally_now_s (const XimTally *tally);

/**
 * xim_tally_heard:
 * @server_s: a time that the keyserver has signed just now, or at most
 * XIM_CURRENT_RENEW_S ago
 */
void xim_tally_heard (XimTally *tally, gint64 server_s);

/**
 * xim_tally_save:
 * What is not saved is counted again, less the time that the computer was on.
 * Errors: STORE.
 */
gboolean xim_tally_save (XimTally *tally, GError **error);
