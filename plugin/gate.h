/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Gate 2: every stanza, whatever path it took, and raw XML. */

#pragma once

#include "outbox.h"
#include "sealer.h"
#include "verdict.h"

typedef struct _XimGate XimGate;

/* What became of a stanza. */
typedef enum
{
  XIM_WENT_NOWHERE, /* nothing to read in it */
  XIM_WENT_SEALED,
  XIM_WENT_PLAIN,
  XIM_WENT_HELD,
  XIM_WENT_LOST, /* it can never go, and a line has said so */
  XIM_WENT_N,
} XimWent;

/**
 * xim_gate_new:
 * @jid: own bare address
 * @verdict, @sealer, @outbox: outlive it
 */
XimGate *xim_gate_new (PurpleAccount *account, const char *jid,
                       XimVerdict *verdict, XimSealer *sealer,
                       XimOutbox *outbox);
void xim_gate_free (XimGate *gate);

/**
 * xim_gate_stanza:
 * @stanza: a <message/>; sealed in place, or left without anything readable,
 * which is then in the outbox; it fails closed
 */
void xim_gate_stanza (XimGate *gate, xmlnode *stanza);

/**
 * xim_gate_allows:
 * @text: serialised XML that is about to be written to the stream
 */
gboolean xim_gate_allows (XimGate *gate, const char *text);

/**
 * xim_gate_expect:
 * The next stanza to @jid comes from the outbox: it does not queue, and when
 * it cannot go it is not put there again.
 */
void xim_gate_expect (XimGate *gate, const char *jid);

/**
 * xim_gate_went:
 * Returns: what became of the stanza that was expected; XIM_WENT_HELD when
 * none came
 */
XimWent xim_gate_went (XimGate *gate);
