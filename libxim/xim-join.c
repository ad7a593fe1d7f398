/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The code that a person carries from a new device to an old one. */

#include "config.h"

#include "xim-join.h"

#include <string.h>

#include "xim-crypto.h"
#include "xim-error.h"

#define PREFIX "x-im join v1\n"
#define NUMBER_LEN 9 /* bytes of the hash that make the number */
#define GROUP_LEN 5

/* Divides the big-endian number in place and returns what is left over. */
static guint
divide_by_ten (guint8 number[NUMBER_LEN])
{
  guint rest = 0;
  for (guint i = 0; i < NUMBER_LEN; i++)
    {
      rest = rest * 256 + number[i];
      number[i] = (guint8)(rest / 10);
      rest %= 10;
    }
  return rest;
}

void
xim_join_code (const char *text, char out[XIM_JOIN_CODE_LEN + 1])
{
  const XimPiece pieces[]
      = { { PREFIX, strlen (PREFIX) }, { text, strlen (text) } };
  XimHash hash;
  xim_crypto_sha256 (pieces, G_N_ELEMENTS (pieces), &hash);
  for (guint i = XIM_JOIN_CODE_LEN; i > 0; i--)
    out[i - 1] = (char)('0' + divide_by_ten (hash.bytes));
  out[XIM_JOIN_CODE_LEN] = '\0';
}

char *
xim_join_code_show (const char *code)
{
  g_return_val_if_fail (strlen (code) == XIM_JOIN_CODE_LEN, NULL);
  GString *shown = g_string_new (NULL);
  for (guint i = 0; i < XIM_JOIN_CODE_LEN; i++)
    {
      if (i > 0 && i % GROUP_LEN == 0)
        g_string_append_c (shown, ' ');
      g_string_append_c (shown, code[i]);
    }
  return g_string_free (shown, FALSE);
}

/* A no-break space comes with what is copied from a window. */
static gboolean
is_between (gunichar c)
{
  return g_unichar_isspace (c)
         || g_unichar_type (c) == G_UNICODE_DASH_PUNCTUATION;
}

gboolean
xim_join_code_parse (const char *typed, char out[XIM_JOIN_CODE_LEN + 1],
                     GError **error)
{
  char digits[XIM_JOIN_CODE_LEN + 1] = { 0 };
  guint n = 0;
  gboolean ok = g_utf8_validate (typed, -1, NULL);
  for (const char *p = typed; ok && *p != '\0'; p = g_utf8_next_char (p))
    if (g_ascii_isdigit (*p))
      {
        ok = n < XIM_JOIN_CODE_LEN;
        if (ok)
          digits[n++] = *p;
      }
    else
      ok = is_between (g_utf8_get_char (p));
  if (!ok || n != XIM_JOIN_CODE_LEN)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a join code of %d digits", XIM_JOIN_CODE_LEN);
      return FALSE;
    }
  memcpy (out, digits, sizeof digits);
  return TRUE;
}
