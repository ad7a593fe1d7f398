/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Members who leave: erase notes that are offered. */

#pragma once

#include "ks-accounts.h"

/**
 * xim_ks_erasures_delete:
 * @request: `jid` and `body`: an erase note as text, with the line of a listed
 * device, or its text alone
 *
 * Takes every note and key of the address out of the store in one transaction
 * and answers 200 with an absence note once that is durable.
 *
 * In this order: 400 malformed, unsupported or wrong-name; 200 and nothing
 * else when the text is the one that erased the address (a lost answer costs
 * nothing: no proof is needed, whatever the time); 404 when the address has no
 * keys; 409 conflict with `version` when it is not the newest version plus
 * one; 403 when it is text alone and without a proof; 422 signature or expired
 * with `now`, 409 key-changed with `version`; 429 after the versions of a day;
 * 503.  The proof is used up only by a note that was taken. Source:
 * PROTOCOL.md, sections 4.6 and 6. Returns: (transfer full) (nullable): as
 * #XimKsRequest says
 */
XimKsAnswer *xim_ks_erasures_delete (const XimKsAccounts *ks,
                                     XimKsRequest *request);
