/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Strict text codecs and a bounded reader: one form for each value. */

#pragma once

#include <glib.h>

#include "xim-secret.h"

/**
 * xim_codec_base64_encode:
 * Returns: (transfer full): RFC 4648 base64 with padding, no line breaks
 */
char *xim_codec_base64_encode (const guint8 *data, gsize len);

/**
 * xim_codec_base64_decode:
 * @text: @text_len characters of canonical padded base64
 * @max_len: most bytes that may come out
 *
 * Errors: MALFORMED, not canonical; TOO_LARGE, more than @max_len bytes (found
 * before anything is allocated).
 * Returns: (transfer full): the bytes, or NULL with @error set
 */
GBytes *xim_codec_base64_decode (const char *text, gsize text_len,
                                 gsize max_len, GError **error);

/**
 * xim_codec_base64_decode_exact:
 * @out: (out): exactly @out_len bytes, written only on success
 *
 * Errors: MALFORMED, not canonical or of another length.
 */
gboolean xim_codec_base64_decode_exact (const char *text, gsize text_len,
                                        guint8 *out, gsize out_len,
                                        GError **error);

/**
 * xim_codec_base64url_encode:
 * Returns: (transfer full): RFC 4648 section 5, without padding
 */
char *xim_codec_base64url_encode (const guint8 *data, gsize len);

char *xim_codec_hex_encode (const guint8 *data, gsize len);

/**
 * xim_codec_hex_decode_exact:
 * @text: 2 * @out_len lower-case hex digits
 * Errors: MALFORMED.
 */
gboolean xim_codec_hex_decode_exact (const char *text, gsize text_len,
                                     guint8 *out, gsize out_len,
                                     GError **error);

/**
 * xim_codec_decimal_decode:
 * @text: decimal digits without sign or leading zeros, to the end
 * Errors: MALFORMED, another form, or outside of @min to @max.
 */
gboolean xim_codec_decimal_decode (const char *text, gsize text_len,
                                   guint64 min, guint64 max, guint64 *out,
                                   GError **error);

/**
 * xim_codec_time_decode:
 * @text: RFC 3339 UTC with `Z` and whole seconds, years 1970 to 9999
 * @out_s: (out): seconds since 1970 UTC
 * Errors: MALFORMED, another form or a day, hour, minute or second that does
 * not exist (no second 60).
 */
gboolean xim_codec_time_decode (const char *text, gsize text_len,
                                gint64 *out_s, GError **error);

/**
 * xim_codec_time_encode:
 * @time_s: seconds since 1970 UTC, within the years 1970 to 9999
 * Returns: (transfer full): for example "2026-11-23T10:00:00Z"
 */
char *xim_codec_time_encode (gint64 time_s);

/**
 * XimReader:
 * Reads big-endian values from bytes; never past the end.
 */
typedef struct
{
  const guint8 *data;
  gsize len; /* bytes not yet read */
} XimReader;

/**
 * xim_reader_bytes:
 * Returns: (transfer none): the next @len bytes, or NULL with @error set
 * Errors of all readers: MALFORMED, too few bytes are left; @what names the
 * value in the message.
 */
const guint8 *xim_reader_bytes (XimReader *reader, gsize len, const char *what,
                                GError **error);
gboolean xim_reader_u8 (XimReader *reader, guint8 *out, const char *what,
                        GError **error);
gboolean xim_reader_u16 (XimReader *reader, guint16 *out, const char *what,
                         GError **error);
gboolean xim_reader_u64 (XimReader *reader, guint64 *out, const char *what,
                         GError **error);
