/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The proof that a version of an account stands in the log. */

#pragma once

#include "xim-checkpoint.h"
#include "xim-entry.h"
#include "xim-json.h"

/**
 * XimLogged:
 * What a bundle says of its account note and the log; not yet trusted.
 * Source: PROTOCOL.md, sections 4.4 and 8.
 */
typedef struct
{
  guint64 leaf;
  XimVrfProof index; /* of this version */
  XimVrfProof next;  /* of the version after it */
  XimOpening opening;
  XimTreeProof inclusion;
  XimCheckpoint *checkpoint;
} XimLogged;

/* Where a version stands in the log, proven. */
typedef struct
{
  guint64 leaf;
  XimEntry entry;
  XimIndex next; /* that the version after it will have */
} XimLogPlace;

/**
 * xim_logged_decode:
 * @json: the member `log` of a bundle
 * Errors: MALFORMED; TOO_LARGE.
 */
XimLogged *xim_logged_decode (const XimJson *json, GError **error);

void xim_logged_free (XimLogged *logged);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimLogged, xim_logged_free)

/**
 * xim_logged_check:
 * @account: the note that the proof is about
 * @log: the key of the log, named by its origin; @vrf: its VRF key
 * @out: (out)
 *
 * The leaf is made again from @account and must lead to the root of the
 * checkpoint.  Whether the checkpoint is consistent with others is for the
 * caller to find out.
 * Errors: WRONG_NAME or SIGNATURE, the checkpoint; NOT_LOGGED, a proof that
 * does not prove.
 * Source: PROTOCOL.md, section 8.
 */
gboolean xim_logged_check (const XimLogged *logged, const XimAccount *account,
                           const XimVerifyKey *log, const XimVrfPublic *vrf,
                           XimLogPlace *out, GError **error);

/**
 * xim_logged_check_entry:
 * The same without the proof of the next index: @out->next is not written.
 */
gboolean xim_logged_check_entry (const XimLogged *logged,
                                 const XimAccount *account,
                                 const XimVerifyKey *log,
                                 const XimVrfPublic *vrf, XimLogPlace *out,
                                 GError **error);
