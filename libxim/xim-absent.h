/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Absence notes: the keyserver's word that an address has no keys. */

#pragma once

#include "xim-note.h"

/**
 * XimAbsent:
 * Source: PROTOCOL.md, section 4.6.
 */
typedef struct
{
  char *jid;
  gint64 time_s;
  guint64 size; /* of the log's newest checkpoint; 0 before there is a log */
  XimHash root; /* of a tree of size 0: SHA-256 of nothing */
  XimNote *note;
} XimAbsent;

/**
 * xim_absent_decode:
 * @note: (transfer none): a decoded note; no signature is checked here
 * Errors: MALFORMED, also size 0 with another root than that of the empty
 * tree; UNSUPPORTED.
 */
XimAbsent *xim_absent_decode (const XimNote *note, GError **error);

/**
 * xim_absent_encode:
 * Returns: (transfer full): the text from all fields but note
 */
char *xim_absent_encode (const XimAbsent *absent);

/**
 * xim_absent_check:
 * Errors: WRONG_NAME; SIGNATURE; EXPIRED, more than 600 s off.
 */
gboolean xim_absent_check (const XimAbsent *absent, const char *jid,
                           const XimVerifyKey *server, gint64 now_s,
                           GError **error);
void xim_absent_free (XimAbsent *absent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimAbsent, xim_absent_free)
