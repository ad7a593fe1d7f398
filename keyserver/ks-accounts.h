/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Registrations: account notes and device notes that are offered to be kept.
 */

#pragma once

#include "ks-config.h"
#include "ks-lookup.h"
#include "ks-proofs.h"
#include "ks-request.h"
#include "ks-writer.h"

/* What a registration needs; all of it outlives every request. */
typedef struct
{
  const XimKsConfig *config;
  XimKsStore *store;
  XimKsWriter *writer;
  XimKsProofs *proofs;
  XimKsLookup *lookup;
} XimKsAccounts;

/**
 * xim_ks_accounts_post:
 * @request: `jid` and `body`: JSON `{"account": note, "devices": [note, ...]}`
 *
 * Takes an account note with the notes of devices that it adds (each serial
 * 1), countersigns them, stores all of them in one transaction and answers
 * with the bundle once they are durable.
 *
 * In this order: 400 malformed, unsupported or wrong-name; 200 and nothing
 * else when the account text is the newest one stored and so is the text of
 * every device note (a lost answer costs nothing: no proof is used up, nothing
 * is signed again, whatever the time); for an address without keys 403 without
 * a proof where version or reset need one; 409 conflict with `version` when it
 * is not the newest version plus one; 403; 422 signature or expired with
 * `now`, 409 key-changed with `version`; 429 after the versions of a day; 400
 * wrong-name when a device key was ever listed for another address; 503.  A
 * 409 to who has proven an address that was erased has `previous`, the hash of
 * the erase text, too; a device id or key that was erased is key-changed.  The
 * proof is used up only by a note that was stored. Source: PROTOCOL.md,
 * sections 4.1 to 4.3 and 6. Returns: (transfer full) (nullable): as
 * #XimKsRequest says
 */
XimKsAnswer *xim_ks_accounts_post (const XimKsAccounts *ks,
                                   XimKsRequest *request);

/**
 * xim_ks_accounts_put:
 * @request: `jid`, `device` and `body`: a device note as text
 *
 * Takes a newer device note of a listed device and answers 200 with the
 * countersigned note.  404 when the address has no keys; the same text again
 * answers 200 with the note as stored; 409 conflict (the serial is not above
 * the one stored) or key-changed (it skips), with `serial`; 400 wrong-name
 * when the device is not listed; 422 signature or expired with `now`; 503.
 */
XimKsAnswer *xim_ks_accounts_put (const XimKsAccounts *ks,
                                  XimKsRequest *request);

/**
 * xim_ks_accounts_stored:
 * What is stored was checked when it came; only its form is read again.
 * Errors: STORE.
 * Returns: (transfer full): the account note of @record
 */
XimAccount *xim_ks_accounts_stored (const XimKsRecord *record, GError **error);
