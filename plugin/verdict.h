/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The decision for a contact with all facts of the account, and its words. */

#pragma once

#include "enrol.h"
#include "keystore.h"
#include "peers.h"
#include "sealer.h"

typedef struct _XimVerdict XimVerdict;

XimVerdict *xim_verdict_new (PurpleAccount *account, XimKeystore *keystore,
                             XimEnrol *enrol, XimStore *store,
                             XimPeers *peers, XimSealer *sealer);
void xim_verdict_free (XimVerdict *verdict);

/**
 * xim_verdict_takes_part:
 * Returns: whether this account has keys, here or on another device; the gates
 * of an account that has none pass everything
 */
gboolean xim_verdict_takes_part (const XimVerdict *verdict);

/**
 * xim_verdict_decide:
 * @jid: prepared
 * @reason: (out): why, when the answer is XIM_HOLD
 * Gathers the facts and asks xim_decide(); before the account is signed on the
 * answer is never XIM_SEAL.  A bundle that gets old is asked for in time.
 */
XimDecision xim_verdict_decide (XimVerdict *verdict, const char *jid,
                                XimHoldReason *reason);

/* The same for an address as a stanza or a conversation has it; rooms and
 * services are XIM_PLAIN. */
XimDecision xim_verdict_decide_for (XimVerdict *verdict, const char *who,
                                    XimHoldReason *reason);

/* Asks the keyserver for what a decision to hold lacks. */
void xim_verdict_look_up (XimVerdict *verdict, const char *jid,
                          XimHoldReason reason);

/* Writes into the conversation what has changed since the last time. */
void xim_verdict_show (XimVerdict *verdict, const char *jid,
                       XimDecision decision, XimHoldReason reason);
