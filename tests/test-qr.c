/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of qr.c; a decoder reads what it drew in the end-to-end tests. */

#include "config.h"

#include "plugin/qr.h"

#include <string.h>

#define TEXT "x-im:alice%40example.org;1;a;bob%40example.org;1;b"
#define FINDER 7 /* modules of the square in three corners */

static void
check_finder (const XimQr *qr, guint column, guint row)
{
  for (guint y = 0; y < FINDER; y++)
    for (guint x = 0; x < FINDER; x++)
      {
        guint edge = MIN (MIN (x, FINDER - 1 - x), MIN (y, FINDER - 1 - y));
        g_assert_cmpuint (qr->modules[(row + y) * qr->width + column + x], ==,
                          edge != 1);
      }
}

static void
test_modules (void)
{
  g_autoptr (XimQr) qr = xim_qr_new (TEXT);
  g_assert_nonnull (qr);
  g_assert_cmpuint (qr->width % 4, ==, 1);
  check_finder (qr, 0, 0);
  check_finder (qr, qr->width - FINDER, 0);
  check_finder (qr, 0, qr->width - FINDER);
}

static gboolean
is_dark (const XimQr *qr, guint column, guint row)
{
  if (column < XIM_QR_MARGIN || row < XIM_QR_MARGIN
      || column >= qr->width + XIM_QR_MARGIN
      || row >= qr->width + XIM_QR_MARGIN)
    return FALSE;
  return qr->modules[(row - XIM_QR_MARGIN) * qr->width + column
                     - XIM_QR_MARGIN]
         == 1;
}

/* Each character stands for the two modules that it shows. */
static void
test_blocks (void)
{
  g_autoptr (XimQr) qr = xim_qr_new (TEXT);
  g_autofree char *text = xim_qr_blocks (qr);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  const guint n = qr->width + 2 * XIM_QR_MARGIN;
  g_assert_cmpuint (g_strv_length (lines), ==, (n + 1) / 2);
  for (guint row = 0; row < n; row += 2)
    {
      const char *p = lines[row / 2];
      g_assert_cmpint (g_utf8_strlen (p, -1), ==, n);
      for (guint column = 0; column < n; column++, p = g_utf8_next_char (p))
        {
          gunichar c = g_utf8_get_char (p);
          gboolean upper = c == 0x2580 || c == 0x2588;
          gboolean lower = c == 0x2584 || c == 0x2588;
          g_assert_true (upper || lower || c == 0xa0);
          g_assert_true (upper == !is_dark (qr, column, row));
          if (row + 1 < n)
            g_assert_true (lower == !is_dark (qr, column, row + 1));
          else
            g_assert_false (lower);
        }
    }
}

static void
test_too_long (void)
{
  g_autofree char *text = g_strnfill (5000, 'a');
  g_assert_null (xim_qr_new (text));
  g_assert_null (xim_qr_new (""));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qr/modules", test_modules);
  g_test_add_func ("/qr/blocks", test_blocks);
  g_test_add_func ("/qr/too-long", test_too_long);
  return g_test_run ();
}
