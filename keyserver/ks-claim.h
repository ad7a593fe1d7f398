/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Claims: what a text says that is to be signed. */

#pragma once

#include "xim-crypto.h"

typedef enum
{
  XIM_KS_CLAIM_ACCOUNT,
  XIM_KS_CLAIM_ERASE,
  XIM_KS_CLAIM_DEVICE,
  XIM_KS_CLAIM_CURRENT,
  XIM_KS_CLAIM_ABSENT,
} XimKsClaimKind;

/**
 * XimKsClaim:
 * The few things that decide whether a text may be signed.
 * Source: PROTOCOL.md, sections 4.1 to 4.6.
 */
typedef struct
{
  XimKsClaimKind kind;
  char *jid;
  gint64 time_s;
  guint32 version;       /* of an account, erase or current note */
  XimHash hash;          /* of the account or erase text; in a current note
                          * that of the account text that it names */
  gboolean has_previous; /* of an account or erase note */
  XimHash previous;
  gboolean reset; /* of an account note */
  guint64 size;   /* of an absence note: the log's newest checkpoint */
  XimHash root;
} XimKsClaim;

/**
 * xim_ks_claim_decode:
 * @text: read whole or refused, with no signature lines
 * @domain: whose members it may speak of
 *
 * Errors: MALFORMED; TOO_LARGE; UNSUPPORTED, no note of these kinds;
 * WRONG_NAME, of an address of another domain.
 */
XimKsClaim *xim_ks_claim_decode (const char *text, const char *domain,
                                 GError **error);
void xim_ks_claim_free (XimKsClaim *claim);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsClaim, xim_ks_claim_free)
