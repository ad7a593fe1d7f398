/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver rotate-key`: a new signing key. */

#pragma once

#include "ks-config.h"
#include "ks-resign.h"

/* What became of it. */
typedef struct
{
  guint32 serial; /* of the newest server note */
  XimVerifyKey *old;
  XimVerifyKey *now;
  XimKsResignCount count;
  gboolean finished_only; /* an earlier call had done all but the last step */
} XimKsRotated;

void xim_ks_rotated_free (XimKsRotated *rotated);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsRotated, xim_ks_rotated_free)

/**
 * xim_ks_rotate:
 * Makes a new signing key, adds its line to the newest notes of everybody,
 * then stores the server note that both keys signed, then puts the key into
 * the place of the old one, which is overwritten.  Whenever it is cut off, the
 * keyserver runs with the old key or with the new one, and the next call goes
 * on where this one was, with the same key.
 * Errors: STORE, also while a keyserver runs on the store; KEY_CHANGED, the
 * keys are not those of the newest server note; MALFORMED.
 * Source: PROTOCOL.md, section 4.5.
 */
XimKsRotated *xim_ks_rotate (const XimKsConfig *config, gint64 now_s,
                             GError **error);
