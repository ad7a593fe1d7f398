/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Walks a bundle in order; the only maker of XimVerified. */

#pragma once

#include "xim-bundle.h"
#include "xim-chain.h"
#include "xim-server.h"

/**
 * XimVerified:
 * A bundle of which everything was proven.  No other function makes one.
 */
typedef struct _XimVerified XimVerified;

/* What a client has pinned of a domain's keyserver. */
typedef struct
{
  const char *domain;
  const XimVerifyKey *server;
  const XimVerifyKey *log;
  XimVrfPublic vrf;
} XimPin;

/* What a client has seen before of the account asked for. */
typedef struct
{
  XimAccountHistory history;
  const XimDevice *const *devices; /* newest device notes seen */
  guint n_devices;
  const XimAccount *const
      *between; /* (nullable): notes fetched of the versions
                   between, descending, unchecked */
  guint n_between;
  gboolean walked; /* all that can be fetched is in `between`: what is not
                      reached with it is a reset */
} XimKnown;

/**
 * xim_verify_bundle:
 * @jid: the address asked for, prepared
 * @known: what was seen before
 * @now_s: seconds since 1970 UTC
 *
 * Names, signatures, the time of the current note, the chain, the log; then
 * each device note.  Devices whose note is unusable are left out; it is no
 * error when none is left.
 * Errors: WRONG_NAME; SIGNATURE; EXPIRED; NOT_LOGGED, the proofs of the log do
 * not prove; KEY_CHANGED, the note does not continue what is known or is not
 * the one that the current note names.  A higher version that does not
 * continue gives KEY_CHANGED until @known says that it was walked, and from
 * then on a proof whose relation is RESET.
 * Source: PROTOCOL.md, section 7.
 * Returns: (transfer full): the proof, or NULL with @error set
 */
XimVerified *xim_verify_bundle (const XimBundle *bundle, const XimPin *pin,
                                const char *jid, const XimKnown *known,
                                gint64 now_s, GError **error);

/* Counted atomically; everything in it stays as it is until the last unref. */
XimVerified *xim_verified_ref (XimVerified *verified);
void xim_verified_unref (XimVerified *verified);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimVerified, xim_verified_unref)

/* Whose bundle it is, its account note, how that stands to what was known when
 * it was verified, and the time of its current note; (transfer none). */
const char *xim_verified_jid (const XimVerified *verified);
const XimAccount *xim_verified_account (const XimVerified *verified);
XimRelation xim_verified_relation (const XimVerified *verified);
gint64 xim_verified_current_s (const XimVerified *verified);

/**
 * xim_verified_unreached:
 * Returns: (transfer none) (nullable): for experts, why the note counts as a
 * reset although it does not say so or does not fit
 */
const char *xim_verified_unreached (const XimVerified *verified);

/**
 * xim_verified_replayed:
 * Returns: (transfer none) (nullable): for experts, what is wrong with a
 * device note that was left out because a newer one of that device was seen
 */
const char *xim_verified_replayed (const XimVerified *verified);

/* The versions between the known one and this that this one binds by hashes,
 * ascending; (transfer none). */
guint xim_verified_n_between (const XimVerified *verified);
const XimAccount *xim_verified_between (const XimVerified *verified, guint i);

/**
 * xim_verified_place:
 * Returns: (transfer none) (nullable): where the account note stands in the
 * log; NULL for a former version
 */
const XimLogPlace *xim_verified_place (const XimVerified *verified);

/**
 * xim_verified_checkpoint:
 * The caller keeps the largest that it took of each log, and takes another
 * only after xim_tree_verify_consistency().
 * Returns: (transfer none) (nullable): the checkpoint of the bundle;
 * NULL for a former version
 */
const XimCheckpoint *xim_verified_checkpoint (const XimVerified *verified);

/**
 * xim_verified_former:
 * @newest: what counts now
 * @former: an earlier version that this client took, without its note
 *
 * To look at what a device signed before it was removed: nobody can be sealed
 * to, and what it verifies is to be shown only on request.
 * Returns: (transfer full) (nullable): NULL when @former is of another address
 * or is not earlier
 */
XimVerified *xim_verified_former (const XimVerified *newest,
                                  const XimAccount *former);

/* The devices that could be sealed to when the bundle was verified: their
 * notes may have expired since, xim_trust_recipients() looks again. */
guint xim_verified_n_usable (const XimVerified *verified);
const XimDevice *xim_verified_usable (const XimVerified *verified, guint i);

/**
 * xim_verified_signer:
 * Returns: (transfer none): the Ed25519 key of a listed device, or NULL
 */
const XimEd25519Public *xim_verified_signer (const XimVerified *verified,
                                             const XimDeviceId *id);
