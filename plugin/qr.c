/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* QR codes: libqrencode is used here and nowhere else. */

#include "config.h"

#include "qr.h"

#include <qrencode.h>

#define DARK 1 /* the lowest bit of what the library says of a module */

XimQr *
xim_qr_new (const char *text)
{
  QRcode *code
      = QRcode_encodeString (text, 0, QR_ECLEVEL_L, QR_MODE_8, TRUE);
  if (code == NULL)
    return NULL;
  XimQr *qr = g_new0 (XimQr, 1);
  qr->width = (guint)code->width;
  qr->modules = g_malloc (qr->width * qr->width);
  for (guint i = 0; i < qr->width * qr->width; i++)
    qr->modules[i] = code->data[i] & DARK;
  QRcode_free (code);
  return qr;
}

/* The margin is light. */
static gboolean
is_light (const XimQr *qr, guint column, guint row)
{
  if (column < XIM_QR_MARGIN || column >= XIM_QR_MARGIN + qr->width
      || row < XIM_QR_MARGIN || row >= XIM_QR_MARGIN + qr->width)
    return TRUE;
  return qr->modules[(row - XIM_QR_MARGIN) * qr->width + column
                     - XIM_QR_MARGIN]
         == 0;
}

char *
xim_qr_blocks (const XimQr *qr)
{
  /* By upper and lower half.  Of nothing at all a no-break space: clients
   * make one space of many. */
  static const char *const blocks[2][2]
      = { { "\xc2\xa0", "\xe2\x96\x84" },
          { "\xe2\x96\x80", "\xe2\x96\x88" } };
  const guint n = qr->width + 2 * XIM_QR_MARGIN;
  GString *text = g_string_new (NULL);
  for (guint row = 0; row < n; row += 2)
    {
      if (row > 0)
        g_string_append_c (text, '\n');
      for (guint column = 0; column < n; column++)
        {
          gboolean lower = row + 1 < n && is_light (qr, column, row + 1);
          g_string_append (text, blocks[is_light (qr, column, row)][lower]);
        }
    }
  return g_string_free (text, FALSE);
}

void
xim_qr_free (XimQr *qr)
{
  if (qr == NULL)
    return;
  g_free (qr->modules);
  g_free (qr);
}
