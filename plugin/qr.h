/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* QR codes: libqrencode is used here and nowhere else. */

#pragma once

#include <glib.h>

#define XIM_QR_MARGIN 4 /* light modules on each side, as the standard says */

/**
 * XimQr:
 * @width by @width modules, by rows; 1 is dark.  Without the margin.
 */
typedef struct
{
  guint width;
  guint8 *modules;
} XimQr;

/**
 * xim_qr_new:
 * Returns: (transfer full) (nullable): NULL when @text is too long for a code
 */
XimQr *xim_qr_new (const char *text);

/**
 * xim_qr_blocks:
 * Returns: (transfer full): lines of block characters, two rows of modules
 * each, with the margin: what is light is drawn, as on a dark screen
 */
char *xim_qr_blocks (const XimQr *qr);
void xim_qr_free (XimQr *qr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimQr, xim_qr_free)
