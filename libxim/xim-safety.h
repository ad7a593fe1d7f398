/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What two people compare to know that they have each other's keys. */

#pragma once

#include "xim-account.h"

#define XIM_SAFETY_LEN 60 /* digits of the number */

/**
 * xim_safety_first:
 * @newest: a note that counts; version 1 and a reset carry the lines of all
 * their devices
 * @between: @n_between fetched notes, descending by version from the one
 * before @newest; nothing of them was checked
 *
 * The first version since the last reset: reached from @newest by hashes, each
 * step upwards signed by a device of the version before, and the first by all
 * its own devices.  What the keyserver put in between is never walked over.
 * Errors: NOT_FOUND, @between ends before it; KEY_CHANGED, WRONG_NAME,
 * SIGNATURE: no such walk leads to @newest.
 * Source: PROTOCOL.md, section 7.7.
 * Returns: (transfer none): @newest or one of @between, or NULL with @error
 * set
 */
const XimAccount *xim_safety_first (const XimAccount *newest,
                                    const XimAccount *const *between,
                                    guint n_between, GError **error);

/**
 * xim_safety_number:
 * @one, @other: the texts of the two first notes, in any order
 * @out: (out): the digits, with a NUL
 */
void xim_safety_number (const char *one, const char *other,
                        char out[XIM_SAFETY_LEN + 1]);

/**
 * xim_safety_number_show:
 * @number: of xim_safety_number()
 * Returns: (transfer full): two lines of six groups of five digits
 */
char *xim_safety_number_show (const char *number);

/* The first note of one of the two, named. */
typedef struct
{
  char *jid;
  guint32 version;
  XimHash hash; /* of its text */
} XimSafetySide;

/**
 * XimSafety:
 * What a QR code holds.
 */
typedef struct
{
  XimSafetySide sides[2]; /* ascending by address */
} XimSafety;

/**
 * xim_safety_new:
 * @one, @other: the first notes of two addresses, in any order
 */
XimSafety *xim_safety_new (const XimAccount *one, const XimAccount *other);

/**
 * xim_safety_encode:
 * Returns: (transfer full): "x-im:JID1;VERSION;HASH;JID2;VERSION;HASH"
 */
char *xim_safety_encode (const XimSafety *safety);

/**
 * xim_safety_decode:
 * @text: only what xim_safety_encode() gives
 * Errors: MALFORMED; TOO_LARGE.
 */
XimSafety *xim_safety_decode (const char *text, GError **error);

/**
 * xim_safety_is_same:
 * Returns: whether both name the same first note of @jid; FALSE when one of
 * them is not about @jid
 */
gboolean xim_safety_is_same (const XimSafety *one, const XimSafety *other,
                             const char *jid);

/**
 * xim_safety_is_about:
 * Returns: whether one of the two sides is @jid
 */
gboolean xim_safety_is_about (const XimSafety *safety, const char *jid);
void xim_safety_free (XimSafety *safety);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimSafety, xim_safety_free)
