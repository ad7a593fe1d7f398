/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The next version of an account note: a device more, one less, a new start.
 */

#pragma once

#include "xim-account.h"

/**
 * xim_change_add:
 * @present: the newest version
 * Errors: KEY_CHANGED, @present has this id or key already; TOO_LARGE, it
 * lists 16 devices.
 * Returns: (transfer full): the text of the version after @present, with
 * @device in addition
 */
char *xim_change_add (const XimAccount *present,
                      const XimAccountDevice *device, gint64 now_s,
                      GError **error);

/**
 * xim_change_remove:
 * Errors: NOT_FOUND, @present does not list @id; MALFORMED, it is the last.
 * Returns: (transfer full): the text of the version after @present, without
 * the device @id
 */
char *xim_change_remove (const XimAccount *present, const XimDeviceId *id,
                         gint64 now_s, GError **error);

/**
 * xim_change_reset:
 * @version: of the newest note of @jid, also of an erase note
 * @previous: SHA-256 of its text
 * Returns: (transfer full): the text of the version after it, which starts
 * again with @device alone
 */
char *xim_change_reset (const char *jid, guint32 version,
                        const XimHash *previous,
                        const XimAccountDevice *device, gint64 now_s);

/**
 * xim_change_sign:
 * Returns: (transfer full): the note of @text with the line of @key
 * Errors: MALFORMED; TOO_LARGE.
 */
XimNote *xim_change_sign (const char *text, const XimSignKey *key,
                          GError **error);

/**
 * xim_change_check_join:
 * @offered: what a new device asks an old one to sign, with its note
 * @known: what the old device has seen of its account; newest is not NULL
 * @added: (out): the new device
 *
 * Whether @offered is the newest version and exactly one device more, whose id
 * and key no version had, and which has signed it.
 * Errors: WRONG_NAME; EXPIRED, its time is more than 600 s off; KEY_CHANGED,
 * it does not follow the newest version; MALFORMED, it is another change;
 * SIGNATURE, the new device has not signed.
 * Source: PROTOCOL.md, section 7.4.
 */
gboolean xim_change_check_join (const XimAccount *offered,
                                const XimAccountHistory *known, gint64 now_s,
                                XimAccountDevice *added, GError **error);

/**
 * xim_change_check_joined:
 * @joined: what an old device answered, with its note
 * @offered: what it was asked to sign
 * @present: the version before
 *
 * Errors: MALFORMED, another text; SIGNATURE, no device of @present signed.
 */
gboolean xim_change_check_joined (const XimAccount *joined,
                                  const XimAccount *offered,
                                  const XimAccount *present, GError **error);
