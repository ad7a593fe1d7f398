/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-codec.c. */

#include "config.h"

#include "xim-codec.h"

#include <string.h>

#include "xim-error.h"
#include "xim-limits.h"

static void
test_base64_published (void)
{
  static const char *const plain[]
      = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
  static const char *const coded[] = {
    "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"
  }; /* RFC 4648, section 10 */

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text = xim_codec_base64_encode (
          (const guint8 *)plain[i], strlen (plain[i]));
      g_assert_cmpstr (text, ==, coded[i]);
      g_autoptr (GBytes) bytes
          = xim_codec_base64_decode (text, strlen (text), 6, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL),
                       g_bytes_get_size (bytes), plain[i], strlen (plain[i]));
    }
}

static void
test_base64_round_trip (void)
{
  guint8 data[300];

  for (guint i = 0; i < sizeof data; i++)
    data[i] = (guint8)(i * 7 + 250);
  for (gsize len = 0; len <= sizeof data; len++)
    {
      g_autofree char *text = xim_codec_base64_encode (data, len);
      g_autofree char *reference = g_base64_encode (data, len);
      guint8 out[sizeof data];
      g_assert_cmpstr (text, ==, reference);
      g_assert_true (
          xim_codec_base64_decode_exact (text, strlen (text), out, len, NULL));
      g_assert_cmpmem (out, len, data, len);
    }
}

static void
test_base64_refuses (void)
{
  static const char *const bad[]
      = { "Zg",   "Zg=",      "Zh==",        "Zm9=",     "Z===",  "====",
          "=g==", "Zm9v\n",   "Zm9\n",       " Zm9",     "Zm-v",  "Zm_v",
          "Z=9v", "Zg==Zg==", "Zm9vZ\xc3==", "Zm8=Zm9v", "Zm9vZ", "A=A=" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes
          = xim_codec_base64_decode (bad[i], strlen (bad[i]), 100, &error);
      g_assert_null (bytes);
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

/* Each single character that is no digit, also NUL, at each place. */
static void
test_base64_refuses_each_character (void)
{
  for (guint c = 0; c < 256; c++)
    for (guint place = 0; place < 8; place++)
      {
        char text[] = "Zm9vYmFy";
        guint8 out[6];
        gboolean digit = g_ascii_isalnum ((char)c) || c == '+' || c == '/';
        text[place] = (char)c;
        g_assert_true (xim_codec_base64_decode_exact (text, 8, out, 6, NULL)
                       == digit);
      }
}

static void
test_base64_refuses_too_large (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (xim_codec_base64_decode ("Zm9v", 4, 2, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
}

static void
test_base64_refuses_other_length (void)
{
  g_autoptr (GError) error = NULL;
  guint8 out[4] = { 9, 9, 9, 9 };

  g_assert_false (xim_codec_base64_decode_exact ("Zm9v", 4, out, 4, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_assert_false (xim_codec_base64_decode_exact ("Zm9v", 4, out, 2, NULL));
  g_assert_false (xim_codec_base64_decode_exact ("Z!9v", 4, out, 3, NULL));
  g_assert_cmpmem (out, 4, "\x9\x9\x9\x9", 4);
}

static void
test_base64url (void)
{
  static const guint8 data[] = { 0xfb, 0xff, 0xfe, 0x01 };

  g_autofree char *four = xim_codec_base64url_encode (data, 4);
  g_autofree char *two = xim_codec_base64url_encode (data, 2);
  g_autofree char *none = xim_codec_base64url_encode (data, 0);
  g_assert_cmpstr (four, ==, "-__-AQ");
  g_assert_cmpstr (two, ==, "-_8");
  g_assert_cmpstr (none, ==, "");
}

static void
test_hex (void)
{
  static const guint8 data[] = { 0x00, 0x1f, 0xa0, 0xff };
  guint8 out[4];

  g_autofree char *text = xim_codec_hex_encode (data, 4);
  g_assert_cmpstr (text, ==, "001fa0ff");
  g_assert_true (xim_codec_hex_decode_exact (text, 8, out, 4, NULL));
  g_assert_cmpmem (out, 4, data, 4);
}

static void
test_hex_refuses (void)
{
  static const char *const bad[]
      = { "",         "001fa0f",  "001fa0fff", "001fa0FF",  "001fa0fg",
          "0x1fa0ff", " 01fa0ff", "001fa0f ",  "001fa0ff00" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      guint8 out[4] = { 9, 9, 9, 9 };
      g_assert_false (xim_codec_hex_decode_exact (bad[i], strlen (bad[i]), out,
                                                  4, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_cmpmem (out, 4, "\x9\x9\x9\x9", 4);
    }
}

static void
test_decimal (void)
{
  static const guint64 numbers[]
      = { 0, 1, 9, 10, 4294967295u, G_MAXUINT64 - 1, G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("%" G_GUINT64_FORMAT, numbers[i]);
      guint64 out = 7;
      g_assert_true (xim_codec_decimal_decode (text, strlen (text), 0,
                                               G_MAXUINT64, &out, NULL));
      g_assert_cmpuint (out, ==, numbers[i]);
    }
}

static void
test_decimal_refuses (void)
{
  static const char *const bad[] = { "",
                                     "00",
                                     "01",
                                     "+1",
                                     "-1",
                                     " 1",
                                     "1 ",
                                     "1.0",
                                     "1e3",
                                     "0x1",
                                     "1a",
                                     "1\n",
                                     "٣",
                                     "18446744073709551616",
                                     "99999999999999999999999999999",
                                     "0",
                                     "101" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 out = 7;
      g_assert_false (xim_codec_decimal_decode (bad[i], strlen (bad[i]), 1,
                                                100, &out, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_cmpuint (out, ==, 7);
    }
}

static void
test_time (void)
{
  static const struct
  {
    const char *text;
    gint64 time_s;
  } times[] = {
    { "1970-01-01T00:00:00Z", 0 },
    { "1970-12-31T23:59:59Z", 365 * 86400 - 1 },
    { "1972-02-29T12:00:00Z", 68212800 },
    { "2000-02-29T00:00:00Z", 951782400 },
    { "2001-09-09T01:46:40Z", 1000000000 },
    { "2026-11-23T10:00:00Z", 1795428000 },
    { "2038-01-19T03:14:08Z", G_GINT64_CONSTANT (2147483648) },
    { "2100-03-01T00:00:00Z", G_GINT64_CONSTANT (4107542400) },
    { "9999-12-31T23:59:59Z", G_GINT64_CONSTANT (253402300799) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 time_s = -1;
      g_autofree char *text = xim_codec_time_encode (times[i].time_s);
      g_assert_cmpstr (text, ==, times[i].text);
      g_assert_true (xim_codec_time_decode (text, 20, &time_s, &error));
      g_assert_no_error (error);
      g_assert_cmpint (time_s, ==, times[i].time_s);
    }
}

/* Each day of the 8,030 years, against GLib's calendar. */
static void
test_time_each_day (void)
{
  GDate date;
  gint64 time_s = 43200;

  g_date_clear (&date, 1);
  g_date_set_dmy (&date, 1, G_DATE_JANUARY, 1970);
  for (; g_date_get_year (&date) < 10000; time_s += 86400)
    {
      char expected[40];
      gint64 back = -1;
      g_autofree char *text = xim_codec_time_encode (time_s);
      g_snprintf (expected, sizeof expected, "%04d-%02d-%02dT12:00:00Z",
                  (int)g_date_get_year (&date), (int)g_date_get_month (&date),
                  (int)g_date_get_day (&date));
      g_assert_cmpstr (text, ==, expected);
      g_assert_true (xim_codec_time_decode (text, 20, &back, NULL));
      g_assert_cmpint (back, ==, time_s);
      g_date_add_days (&date, 1);
    }
}

static void
test_time_refuses (void)
{
  static const char *const bad[] = {
    "",
    "2026-11-23T10:00:00",
    "2026-11-23T10:00:00z",
    "2026-11-23t10:00:00Z",
    "2026-11-23 10:00:00Z",
    "2026-11-23T10:00:00+00:00",
    "2026-11-23T10:00:00.0Z",
    "2026-11-23T10:00:60Z",
    "2026-11-23T10:60:00Z",
    "2026-11-23T24:00:00Z",
    "2026-11-00T10:00:00Z",
    "2026-11-31T10:00:00Z",
    "2026-02-29T10:00:00Z",
    "2100-02-29T10:00:00Z",
    "2026-00-23T10:00:00Z",
    "2026-13-23T10:00:00Z",
    "1969-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "+026-11-23T10:00:00Z",
    "2026-11-2 T10:00:00Z",
    "12026-11-23T10:00:00Z",
    "2026-11-23T10:00:00Z\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 time_s = 7;
      g_assert_false (
          xim_codec_time_decode (bad[i], strlen (bad[i]), &time_s, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_cmpint (time_s, ==, 7);
    }
}

static void
test_reader (void)
{
  static const guint8 data[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
  XimReader reader = { data, sizeof data };
  guint8 u8 = 0;
  guint16 u16 = 0;
  guint64 u64 = 0;

  g_assert_true (xim_reader_u8 (&reader, &u8, "a", NULL));
  g_assert_true (xim_reader_u16 (&reader, &u16, "b", NULL));
  g_assert_true (xim_reader_u64 (&reader, &u64, "c", NULL));
  g_assert_cmpuint (u8, ==, 1);
  g_assert_cmpuint (u16, ==, 0x0203);
  g_assert_cmpuint (u64, ==, G_GUINT64_CONSTANT (0x0405060708090a0b));
  g_assert_true (xim_reader_bytes (&reader, 1, "d", NULL) == data + 11);
  g_assert_true (xim_reader_bytes (&reader, 0, "e", NULL) == data + 12);
  g_assert_cmpuint (reader.len, ==, 0);
}

static void
test_reader_refuses_short (void)
{
  static const guint8 data[] = { 1, 2, 3, 4, 5, 6, 7 };
  XimReader reader = { data, 1 };
  guint16 u16 = 9;
  guint64 u64 = 9;
  guint8 u8 = 9;
  g_autoptr (GError) error = NULL;

  g_assert_false (xim_reader_u16 (&reader, &u16, "a count", &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_assert_nonnull (strstr (error->message, "a count"));
  g_assert_cmpuint (reader.len, ==, 1);
  reader = (XimReader){ data, 7 };
  g_assert_false (xim_reader_u64 (&reader, &u64, "a size", NULL));
  g_assert_null (xim_reader_bytes (&reader, G_MAXSIZE, "a text", NULL));
  reader = (XimReader){ data, 0 };
  g_assert_false (xim_reader_u8 (&reader, &u8, "a suite", NULL));
  g_assert_cmpuint (u16 + u64 + u8, ==, 27);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/codec/base64/published", test_base64_published);
  g_test_add_func ("/codec/base64/round-trip", test_base64_round_trip);
  g_test_add_func ("/codec/base64/refuses", test_base64_refuses);
  g_test_add_func ("/codec/base64/refuses-each-character",
                   test_base64_refuses_each_character);
  g_test_add_func ("/codec/base64/refuses-too-large",
                   test_base64_refuses_too_large);
  g_test_add_func ("/codec/base64/refuses-other-length",
                   test_base64_refuses_other_length);
  g_test_add_func ("/codec/base64url/encodes", test_base64url);
  g_test_add_func ("/codec/hex/round-trip", test_hex);
  g_test_add_func ("/codec/hex/refuses", test_hex_refuses);
  g_test_add_func ("/codec/decimal/numbers", test_decimal);
  g_test_add_func ("/codec/decimal/refuses", test_decimal_refuses);
  g_test_add_func ("/codec/time/round-trip", test_time);
  g_test_add_func ("/codec/time/each-day", test_time_each_day);
  g_test_add_func ("/codec/time/refuses", test_time_refuses);
  g_test_add_func ("/codec/reader/reads", test_reader);
  g_test_add_func ("/codec/reader/refuses-short", test_reader_refuses_short);
  return g_test_run ();
}
