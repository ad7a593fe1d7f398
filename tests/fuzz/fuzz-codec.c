/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-codec.c: what is accepted must encode to the same text. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-codec.h"

static void
assert_same (const char *encoded, const char *text, gsize len)
{
  g_assert_cmpuint (strlen (encoded), ==, len);
  g_assert_true (len == 0 || memcmp (encoded, text, len) == 0);
}

static void
try_base64 (const char *text, gsize len)
{
  g_autoptr (GBytes) bytes = xim_codec_base64_decode (text, len, 3000, NULL);
  guint8 exact[32];

  if (bytes != NULL)
    {
      gsize out_len;
      const guint8 *out = g_bytes_get_data (bytes, &out_len);
      g_autofree char *encoded = xim_codec_base64_encode (out, out_len);
      assert_same (encoded, text, len);
    }
  if (xim_codec_base64_decode_exact (text, len, exact, sizeof exact, NULL))
    {
      g_autofree char *encoded = xim_codec_base64_encode (exact, sizeof exact);
      assert_same (encoded, text, len);
    }
}

static void
try_hex (const char *text, gsize len)
{
  guint8 out[8];

  if (!xim_codec_hex_decode_exact (text, len, out, sizeof out, NULL))
    return;
  g_autofree char *encoded = xim_codec_hex_encode (out, sizeof out);
  assert_same (encoded, text, len);
}

static void
try_decimal (const char *text, gsize len)
{
  guint64 number;

  if (!xim_codec_decimal_decode (text, len, 0, G_MAXUINT64, &number, NULL))
    return;
  g_autofree char *encoded = g_strdup_printf ("%" G_GUINT64_FORMAT, number);
  assert_same (encoded, text, len);
}

static void
try_time (const char *text, gsize len)
{
  gint64 time_s;

  if (!xim_codec_time_decode (text, len, &time_s, NULL))
    return;
  g_autofree char *encoded = xim_codec_time_encode (time_s);
  assert_same (encoded, text, len);
}

static void
try_reader (const guint8 *data, gsize len)
{
  XimReader reader = { data, len };
  guint16 part;

  while (xim_reader_u16 (&reader, &part, "a length", NULL))
    if (xim_reader_bytes (&reader, part, "a part", NULL) == NULL)
      return;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;

  try_base64 (text, size);
  try_hex (text, size);
  try_decimal (text, size);
  try_time (text, size);
  try_reader (data, size);
  return 0;
}
