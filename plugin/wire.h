/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Serialised XML on its way to the stream: what gate 2 passed, and raw XML. */

#pragma once

#include "verdict.h"

typedef struct _XimWire XimWire;

XimWire *xim_wire_new (XimVerdict *verdict);
void xim_wire_free (XimWire *wire);

/* Gate 2 has passed @stanza: its text may be written once. */
void xim_wire_pass (XimWire *wire, const xmlnode *stanza);

/**
 * xim_wire_allows:
 * @text: what is about to be written to the stream
 * Returns: whether @text is a stanza that gate 2 has just passed, no message,
 * or a message that may go in the clear.  What cannot be read may not.
 */
gboolean xim_wire_allows (XimWire *wire, const char *text);
