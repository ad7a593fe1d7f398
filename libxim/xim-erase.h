/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Erase notes: a member leaves, and all keys go. */

#pragma once

#include "xim-account.h"

/**
 * XimErase:
 * An erase note, parsed; `note` is NULL when it came as text alone.
 * Source: PROTOCOL.md, section 4.6.
 */
typedef struct
{
  char *jid;
  guint32 version;  /* the one after the newest account note, so 2 at least */
  XimHash previous; /* of the text of that account note */
  gint64 time_s;
  char *text;
  XimHash hash; /* of the text */
  XimNote *note;
} XimErase;

/**
 * xim_erase_decode:
 * @data: @len bytes: a whole note with its signature lines, or its text alone,
 * which ends in a newline; no signature is checked here
 * Errors: MALFORMED, also version 1; UNSUPPORTED; TOO_LARGE.
 */
XimErase *xim_erase_decode (const char *data, gsize len, GError **error);

/**
 * xim_erase_encode:
 * Returns: (transfer full): the text from all fields but text, hash and note
 */
char *xim_erase_encode (const XimErase *erase);
void xim_erase_free (XimErase *erase);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimErase, xim_erase_free)

/**
 * xim_erase_needs_proof:
 * Returns: whether it is taken only with a proof of the address: it came as
 * text alone
 */
gboolean xim_erase_needs_proof (const XimErase *erase);

/**
 * xim_erase_check_server:
 * @newest: the newest account note that the keyserver has of the address
 * @now_s: the keyserver's clock
 *
 * The keyserver's own rules for a note that is offered to it: the name, the
 * line of a device that @newest lists (unless it came as text alone), the
 * time, and that it follows @newest.
 * Errors: WRONG_NAME; SIGNATURE; EXPIRED, more than 600 s off; KEY_CHANGED.
 */
gboolean xim_erase_check_server (const XimErase *erase,
                                 const XimAccount *newest, gint64 now_s,
                                 GError **error);
