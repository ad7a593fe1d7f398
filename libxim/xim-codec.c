/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Strict text codecs and a bounded reader. */

#include "config.h"

#include "xim-codec.h"

#include <string.h>

#include "xim-error.h"

#define NOT_A_DIGIT 0xff

static const char digits_base64[65]
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char digits_base64url[65]
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* These tables are indexed by the data: they are for public bytes only. */
static const guint8 *
values_base64 (void)
{
  static guint8 values[256];
  static gsize once = 0;

  if (g_once_init_enter (&once))
    {
      memset (values, NOT_A_DIGIT, sizeof values);
      for (guint8 i = 0; i < 64; i++)
        values[(guint8)digits_base64[i]] = i;
      g_once_init_leave (&once, 1);
    }
  return values;
}

static char *
encode_whole_groups (const guint8 *data, gsize len, const char *digits,
                     char *out)
{
  for (; len >= 3; data += 3, len -= 3)
    {
      guint32 group
          = ((guint32)data[0] << 16) | ((guint32)data[1] << 8) | data[2];
      *out++ = digits[group >> 18];
      *out++ = digits[(group >> 12) & 63];
      *out++ = digits[(group >> 6) & 63];
      *out++ = digits[group & 63];
    }
  return out;
}

static char *
encode (const guint8 *data, gsize len, const char *digits, gboolean pad)
{
  char *text = g_malloc ((len + 2) / 3 * 4 + 1);
  char *out = encode_whole_groups (data, len, digits, text);
  gsize rest = len % 3;

  if (rest > 0)
    {
      guint8 first = data[len - rest];
      guint8 second = rest == 2 ? data[len - 1] : 0;
      *out++ = digits[first >> 2];
      *out++ = digits[((first & 3) << 4) | (second >> 4)];
      if (rest == 2)
        *out++ = digits[(second & 15) << 2];
      for (gsize i = rest; pad && i < 3; i++)
        *out++ = '=';
    }
  *out = '\0';
  return text;
}

char *
xim_codec_base64_encode (const guint8 *data, gsize len)
{
  return encode (data, len, digits_base64, TRUE);
}

/* Bytes that come out of @text, if the rest of it is good too. */
static gboolean
decoded_len (const char *text, gsize text_len, gsize *len, GError **error)
{
  gsize pads = 0;

  if (text_len % 4 != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected base64 in groups of four, got %" G_GSIZE_FORMAT
                   " characters",
                   text_len);
      return FALSE;
    }
  if (text_len > 0 && text[text_len - 1] == '=')
    pads = text[text_len - 2] == '=' ? 2 : 1;
  *len = text_len / 4 * 3 - pads;
  return TRUE;
}

/* A group that stops early must leave its loose bits zero. */
static gboolean
decode_last_group (const char *text, gsize n_bytes, guint8 *out)
{
  const guint8 *values = values_base64 ();
  guint8 a = values[(guint8)text[0]];
  guint8 b = values[(guint8)text[1]];
  guint8 c = n_bytes == 2 ? values[(guint8)text[2]] : 0;

  if (((a | b | c) & 0xc0) != 0)
    return FALSE;
  if (n_bytes == 1 ? (b & 15) != 0 : (c & 3) != 0)
    return FALSE;
  out[0] = (guint8)((a << 2) | (b >> 4));
  if (n_bytes == 2)
    out[1] = (guint8)(((b & 15) << 4) | (c >> 2));
  return TRUE;
}

static gboolean
decode_into (const char *text, guint8 *out, gsize len, GError **error)
{
  const guint8 *values = values_base64 ();
  gsize rest = len % 3;
  guint8 bad = 0;

  if (len == 0)
    return TRUE;
  for (guint8 *end = out + (len - rest); out < end; out += 3, text += 4)
    {
      guint8 a = values[(guint8)text[0]], b = values[(guint8)text[1]];
      guint8 c = values[(guint8)text[2]], d = values[(guint8)text[3]];
      bad |= (guint8)((a | b | c | d) & 0xc0);
      out[0] = (guint8)((a << 2) | (b >> 4));
      out[1] = (guint8)((b << 4) | (c >> 2));
      out[2] = (guint8)((c << 6) | d);
    }
  if (bad == 0 && (rest == 0 || decode_last_group (text, rest, out)))
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected canonical base64, got another character or "
                       "loose bits");
  return FALSE;
}

GBytes *
xim_codec_base64_decode (const char *text, gsize text_len, gsize max_len,
                         GError **error)
{
  g_autofree guint8 *data = NULL;
  gsize len;

  if (!decoded_len (text, text_len, &len, error))
    return NULL;
  if (len > max_len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected at most %" G_GSIZE_FORMAT
                   " bytes in base64, got %" G_GSIZE_FORMAT,
                   max_len, len);
      return NULL;
    }
  data = g_malloc (len);
  if (!decode_into (text, data, len, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&data), len);
}

gboolean
xim_codec_base64_decode_exact (const char *text, gsize text_len, guint8 *out,
                               gsize out_len, GError **error)
{
  gsize len;

  if (!decoded_len (text, text_len, &len, error))
    return FALSE;
  if (len != out_len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected base64 of exactly %" G_GSIZE_FORMAT
                   " bytes, got %" G_GSIZE_FORMAT,
                   out_len, len);
      return FALSE;
    }
  g_autofree guint8 *data = g_malloc (len);
  if (!decode_into (text, data, len, error))
    return FALSE;
  if (len > 0)
    memcpy (out, data, len);
  return TRUE;
}

char *
xim_codec_base64url_encode (const guint8 *data, gsize len)
{
  return encode (data, len, digits_base64url, FALSE);
}

char *
xim_codec_hex_encode (const guint8 *data, gsize len)
{
  static const char digits[] = "0123456789abcdef";
  char *text = g_malloc (2 * len + 1);

  for (gsize i = 0; i < len; i++)
    {
      text[2 * i] = digits[data[i] >> 4];
      text[2 * i + 1] = digits[data[i] & 15];
    }
  text[2 * len] = '\0';
  return text;
}

static gboolean
hex_value (char digit, guint8 *value)
{
  if (!g_ascii_isxdigit (digit) || g_ascii_isupper (digit))
    return FALSE;
  *value = (guint8)g_ascii_xdigit_value (digit);
  return TRUE;
}

gboolean
xim_codec_hex_decode_exact (const char *text, gsize text_len, guint8 *out,
                            gsize out_len, GError **error)
{
  g_autofree guint8 *data = NULL;

  if (text_len % 2 != 0 || text_len / 2 != out_len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected %" G_GSIZE_FORMAT
                   " bytes in hexadecimal, got %" G_GSIZE_FORMAT " characters",
                   out_len, text_len);
      return FALSE;
    }
  data = g_malloc (out_len);
  for (gsize i = 0; i < out_len; i++)
    {
      guint8 high, low;
      if (!hex_value (text[2 * i], &high)
          || !hex_value (text[2 * i + 1], &low))
        {
          g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                               "expected lower-case hexadecimal digits only");
          return FALSE;
        }
      data[i] = (guint8)(high << 4 | low);
    }
  if (out_len > 0)
    memcpy (out, data, out_len);
  return TRUE;
}

static gboolean
decimal_value (const char *text, gsize text_len, guint64 *out)
{
  guint64 value = 0;

  if (text_len == 0 || (text_len > 1 && text[0] == '0'))
    return FALSE;
  for (gsize i = 0; i < text_len; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      guint digit = (guint)(text[i] - '0');
      if (value > (G_MAXUINT64 - digit) / 10)
        return FALSE;
      value = value * 10 + digit;
    }
  *out = value;
  return TRUE;
}

gboolean
xim_codec_decimal_decode (const char *text, gsize text_len, guint64 min,
                          guint64 max, guint64 *out, GError **error)
{
  guint64 value;

  if (!decimal_value (text, text_len, &value))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a decimal number without sign or leading zeros, "
                   "got %" G_GSIZE_FORMAT " characters of another form",
                   text_len);
      return FALSE;
    }
  if (value < min || value > max)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a number from %" G_GUINT64_FORMAT
                   " to %" G_GUINT64_FORMAT ", got %" G_GUINT64_FORMAT,
                   min, max, value);
      return FALSE;
    }
  *out = value;
  return TRUE;
}

#define TIME_LEN 20 /* 2026-11-23T10:00:00Z */
#define YEAR_MIN 1970
#define YEAR_MAX 9999
#define DAY_S 86400

typedef struct
{
  guint year, month, day, hour, minute, second;
} Moment;

static gboolean
is_leap_year (guint year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static guint
days_of_month (guint year, guint month)
{
  static const guint8 days[]
      = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  return month == 2 && is_leap_year (year) ? 29 : days[month - 1];
}

/* Days from 1970 to the first day of @year. */
static gint64
days_before_year (guint year)
{
  guint y = year - 1;
  guint to_1969 = 1969 * 365 + 1969 / 4 - 1969 / 100 + 1969 / 400;
  return (gint64)(y * 365 + y / 4 - y / 100 + y / 400) - to_1969;
}

static gboolean
matches_time_form (const char *text, gsize text_len)
{
  static const char form[] = "dddd-dd-ddTdd:dd:ddZ";

  if (text_len != TIME_LEN)
    return FALSE;
  for (gsize i = 0; i < TIME_LEN; i++)
    if (form[i] == 'd' ? !g_ascii_isdigit (text[i]) : text[i] != form[i])
      return FALSE;
  return TRUE;
}

static guint
two_digits (const char *text)
{
  return (guint)(text[0] - '0') * 10 + (guint)(text[1] - '0');
}

static gboolean
is_possible (const Moment *at)
{
  return at->year >= YEAR_MIN && at->month >= 1 && at->month <= 12
         && at->day >= 1 && at->day <= days_of_month (at->year, at->month)
         && at->hour <= 23 && at->minute <= 59 && at->second <= 59;
}

gboolean
xim_codec_time_decode (const char *text, gsize text_len, gint64 *out_s,
                       GError **error)
{
  if (!matches_time_form (text, text_len))
    {
      g_set_error (
          error, XIM_ERROR, XIM_ERROR_MALFORMED,
          "expected a time like 2026-11-23T10:00:00Z, got %" G_GSIZE_FORMAT
          " characters of another form",
          text_len);
      return FALSE;
    }
  Moment at = { .year = two_digits (text) * 100 + two_digits (text + 2),
                .month = two_digits (text + 5),
                .day = two_digits (text + 8),
                .hour = two_digits (text + 11),
                .minute = two_digits (text + 14),
                .second = two_digits (text + 17) };
  if (!is_possible (&at))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a time that exists, from 1970 on, got %.*s",
                   TIME_LEN, text);
      return FALSE;
    }
  gint64 days = days_before_year (at.year) + at.day - 1;
  for (guint month = 1; month < at.month; month++)
    days += days_of_month (at.year, month);
  *out_s = days * DAY_S + at.hour * 3600 + at.minute * 60 + at.second;
  return TRUE;
}

char *
xim_codec_time_encode (gint64 time_s)
{
  g_return_val_if_fail (time_s >= 0, NULL);
  g_return_val_if_fail (time_s < days_before_year (YEAR_MAX + 1) * DAY_S,
                        NULL);
  gint64 days = time_s / DAY_S;
  guint rest = (guint)(time_s % DAY_S);
  guint year = YEAR_MIN + (guint)(days / 366);
  guint month = 1;

  while (days_before_year (year + 1) <= days)
    year++;
  days -= days_before_year (year);
  for (; days >= days_of_month (year, month); month++)
    days -= days_of_month (year, month);
  return g_strdup_printf ("%04u-%02u-%02uT%02u:%02u:%02uZ", year, month,
                          (guint)days + 1, rest / 3600, rest / 60 % 60,
                          rest % 60);
}

const guint8 *
xim_reader_bytes (XimReader *reader, gsize len, const char *what,
                  GError **error)
{
  const guint8 *data = reader->data;

  if (len > reader->len)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected %" G_GSIZE_FORMAT
                   " bytes of %s, got %" G_GSIZE_FORMAT,
                   len, what, reader->len);
      return NULL;
    }
  reader->data += len;
  reader->len -= len;
  return data;
}

/* Reads @len bytes as one big-endian number. */
static gboolean
read_number (XimReader *reader, gsize len, guint64 *out, const char *what,
             GError **error)
{
  const guint8 *data = xim_reader_bytes (reader, len, what, error);
  guint64 value = 0;

  if (data == NULL)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    value = value << 8 | data[i];
  *out = value;
  return TRUE;
}

gboolean
xim_reader_u8 (XimReader *reader, guint8 *out, const char *what,
               GError **error)
{
  guint64 value;

  if (!read_number (reader, 1, &value, what, error))
    return FALSE;
  *out = (guint8)value;
  return TRUE;
}

gboolean
xim_reader_u16 (XimReader *reader, guint16 *out, const char *what,
                GError **error)
{
  guint64 value;

  if (!read_number (reader, 2, &value, what, error))
    return FALSE;
  *out = (guint16)value;
  return TRUE;
}

gboolean
xim_reader_u64 (XimReader *reader, guint64 *out, const char *what,
                GError **error)
{
  return read_number (reader, 8, out, what, error);
}
