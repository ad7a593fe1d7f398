/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Current notes: the keyserver's word that a version is the newest. */

#pragma once

#include "xim-note.h"

/**
 * XimCurrent:
 * Source: PROTOCOL.md, section 4.4.
 */
typedef struct
{
  char *jid;
  guint32 version;
  XimHash account; /* of the account text */
  gint64 time_s;
  XimNote *note;
} XimCurrent;

/**
 * xim_current_decode:
 * @note: (transfer none): a decoded note; no signature is checked here
 * Errors: MALFORMED; UNSUPPORTED.
 */
XimCurrent *xim_current_decode (const XimNote *note, GError **error);

/**
 * xim_current_encode:
 * Returns: (transfer full): the text from all fields but note
 */
char *xim_current_encode (const XimCurrent *current);

/**
 * xim_current_check:
 * Errors: WRONG_NAME; SIGNATURE; EXPIRED, over 24 hours old or 600 s early.
 */
gboolean xim_current_check (const XimCurrent *current, const char *jid,
                            const XimVerifyKey *server, gint64 now_s,
                            GError **error);
void xim_current_free (XimCurrent *current);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimCurrent, xim_current_free)
