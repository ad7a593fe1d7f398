/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-json.c. */

#include "config.h"

#include "xim-json.h"

#include <string.h>

#include "xim-error.h"
#include "xim-limits.h"

static XimJson *
decode (const char *text)
{
  g_autoptr (GError) error = NULL;
  XimJson *json = xim_json_decode (text, strlen (text), 100000, &error);
  g_assert_no_error (error);
  g_assert_nonnull (json);
  return json;
}

static void
test_object (void)
{
  static const char *const names[] = { "b", "n", "l", "o", NULL };
  g_autoptr (XimJson) json = decode (" {\"n\" : 18446744073709551615 ,\r\n"
                                     "\t\"b\":\"x\",\"l\":[\"p\",\"q\"],"
                                     "\"o\":{\"i\":0}} ");
  g_autoptr (GPtrArray) strings = NULL;
  const char *string = NULL;
  guint64 number = 7;

  g_assert_true (xim_json_members (json, names, NULL));
  g_assert_true (xim_json_string (json, "b", &string, NULL));
  g_assert_cmpstr (string, ==, "x");
  g_assert_true (xim_json_number (json, "n", G_MAXUINT64, &number, NULL));
  g_assert_cmpuint (number, ==, G_MAXUINT64);
  g_assert_true (xim_json_strings (json, "l", 2, &strings, NULL));
  g_assert_cmpuint (strings->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (strings, 1), ==, "q");
  const XimJson *inner = xim_json_member (json, "o");
  g_assert_nonnull (inner);
  g_assert_true (xim_json_number (inner, "i", 0, &number, NULL));
  g_assert_cmpuint (number, ==, 0);
  g_assert_null (xim_json_member (json, "z"));
  g_assert_null (xim_json_member (xim_json_member (json, "b"), "b"));
}

static void
test_strings (void)
{
  static const struct
  {
    const char *json;
    const char *string;
  } cases[] = {
    { "\"\"", "" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
    { "\"\\u0041\\u00e9\\u20AC\"", "Aé€" },
    { "\"\\ud83d\\uDE00\"", "\xf0\x9f\x98\x80" },
    { "\"é€\xf0\x9f\x98\x80\x7f\"", "é€\xf0\x9f\x98\x80\x7f" },
    { "\"\\u0001\\uffff\"", "\x01\xef\xbf\xbf" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"a\":%s}", cases[i].json);
      g_autoptr (XimJson) json = decode (text);
      const char *string = NULL;
      g_assert_true (xim_json_string (json, "a", &string, NULL));
      g_assert_cmpstr (string, ==, cases[i].string);
    }
}

static void
test_accepts (void)
{
  static const char *const good[]
      = { "{}",          "[]",
          "0",           "\"a\"",
          "null",        "true",
          "false",       "[[[[]]]]",
          "[1,2]",       "[{\"a\":[{}]}]",
          " \t\r\n[ ] ", "{\"a\":1,\"A\":1,\"\":1}" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (XimJson) json = decode (good[i]);
      g_assert_nonnull (json);
    }
}

static void
assert_refuses (const char *text, gsize len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimJson) json = xim_json_decode (text, len, 1000000, &error);

  if (json != NULL)
    g_error ("accepted: %s", text);
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static const char *const bad[] = {
  "",
  " ",
  "{",
  "}",
  "[",
  "]",
  "[}",
  "{]",
  "[1",
  "[1,",
  "[1,]",
  "[,1]",
  "[1 2]",
  "[1]]",
  "{}{}",
  "1 2",
  "{} x",
  "{\"a\"}",
  "{\"a\":}",
  "{\"a\":1,}",
  "{,\"a\":1}",
  "{\"a\" 1}",
  "{\"a\":1 \"b\":2}",
  "{a:1}",
  "{'a':1}",
  "{1:1}",
  "{null:1}",
  "{\"a\":1,\"a\":2}",
  "{\"a\":1,\"b\":1,\"\\u0061\":2}",
  "{\"o\":{\"a\":1,\"a\":2}}",
  "[[[[[]]]]]",
  "{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}",
  "[[[[{}]]]]",
  "-1",
  "-0",
  "+1",
  "01",
  "00",
  "1.0",
  ".5",
  "1.",
  "1e3",
  "1E3",
  "0x10",
  "18446744073709551616",
  "NaN",
  "Infinity",
  "nul",
  "nullx",
  "True",
  "tru",
  "'a'",
  "\"a",
  "\"",
  "\"\\\"",
  "\"\\",
  "\"\\x41\"",
  "\"\\u\"",
  "\"\\u00\"",
  "\"\\u00g0\"",
  "\"\\u 041\"",
  "\"\\u+041\"",
  "\"\\U0041\"",
  "\"\\u0000\"",
  "{\"\\u0000\":1}",
  "\"\\ud83d\"",
  "\"\\ud83dx\"",
  "\"\\ud83d\\u0041\"",
  "\"\\ud83d\\ud83d\"",
  "\"\\ud83d\\n\"",
  "\"\\ude00\"",
  "\"a\nb\"",
  "\"a\tb\"",
  "\"\x1f\"",
  "\"\xff\"",
  "\"\xc0\xaf\"",
  "\"\xed\xa0\x80\"",
  "\"\xf4\x90\x80\x80\"",
  "\"\xe2\x82\"",
  "\xef\xbb\xbf{}",
  "\xc2\xa0{}",
  "\f{}",
  "// c\n{}",
  "{} // c",
  "/* c */{}",
  "{/**/}",
  "#\n{}",
  "[1,/*2*/3]",
  "undefined",
  ",",
  ":",
  "[\"a\":1]",
};

static void
test_refuses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refuses (bad[i], strlen (bad[i]));
}

static void
test_refuses_nul (void)
{
  assert_refuses (NULL, 0);
  assert_refuses ("{}\0", 3);
  assert_refuses ("\0{}", 3);
  assert_refuses ("\"a\0b\"", 5);
  assert_refuses ("[1,\0]", 5);
}

/* Each beginning of a good text, so nothing is read past the end. */
static void
test_refuses_cut (void)
{
  static const char good[]
      = "{\"a\\u20ac\\ud83d\\ude00\":[1,\"\\n\",true,false,null]}";

  for (gsize len = 0; len < strlen (good); len++)
    {
      g_autofree char *cut = g_memdup2 (good, len);
      assert_refuses (cut ? cut : "", len);
    }
}

static void
test_refuses_deep (void)
{
  g_autofree char *deep = g_malloc (500000);

  memset (deep, '[', 500000);
  assert_refuses (deep, 500000);
  for (gsize i = 0; i + 5 <= 500000; i += 5)
    memcpy (deep + i, "{\"a\":", 5);
  assert_refuses (deep, 500000);
}

static void
test_refuses_many_members (void)
{
  g_autoptr (GString) text = g_string_new ("{\"a0\":0");

  for (guint i = 1; i < XIM_JSON_MEMBERS_MAX; i++)
    g_string_append_printf (text, ",\"a%u\":0", i);
  g_autofree char *most = g_strconcat (text->str, "}", NULL);
  g_autofree char *more = g_strconcat (text->str, ",\"b\":0}", NULL);
  g_autoptr (XimJson) json = decode (most);
  g_assert_nonnull (xim_json_member (json, "a63"));
  assert_refuses (more, strlen (more));
}

static void
test_refuses_too_large (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (xim_json_decode ("{}  ", 4, 3, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
}

static void
test_members_refuses (void)
{
  static const char *const objects[]
      = { "{\"a\":1}",         "{\"a\":1,\"b\":2,\"c\":3}",
          "{\"a\":1,\"c\":2}", "{}",
          "[\"a\",\"b\"]",     "\"a\"" };
  static const char *const names[] = { "a", "b", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_autoptr (XimJson) json = decode (objects[i]);
      g_autoptr (GError) error = NULL;
      g_assert_false (xim_json_members (json, names, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

static void
test_types_refuse (void)
{
  static const char *const texts[]
      = { "{\"a\":null}", "{\"a\":true}", "{\"a\":{}}",
          "{\"a\":[1]}",  "{\"b\":1}",    "[]" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (XimJson) json = decode (texts[i]);
      g_autoptr (GError) string_error = NULL;
      g_autoptr (GError) number_error = NULL;
      g_autoptr (GError) strings_error = NULL;
      const char *string = "unchanged";
      guint64 number = 7;
      GPtrArray *strings = NULL;
      g_assert_false (xim_json_string (json, "a", &string, &string_error));
      g_assert_error (string_error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_cmpstr (string, ==, "unchanged");
      g_assert_false (
          xim_json_number (json, "a", G_MAXUINT64, &number, &number_error));
      g_assert_error (number_error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_cmpuint (number, ==, 7);
      g_assert_false (
          xim_json_strings (json, "a", 5, &strings, &strings_error));
      g_assert_error (strings_error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_null (strings);
    }
}

static void
test_limits_refuse (void)
{
  g_autoptr (XimJson) json
      = decode ("{\"n\":5,\"s\":[\"a\",\"b\"],\"t\":\"5\"}");
  g_autoptr (GError) number_error = NULL;
  g_autoptr (GError) strings_error = NULL;
  GPtrArray *strings = NULL;
  guint64 number = 7;

  g_assert_false (xim_json_number (json, "n", 4, &number, &number_error));
  g_assert_error (number_error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_assert_false (xim_json_number (json, "t", 9, &number, NULL));
  g_assert_cmpuint (number, ==, 7);
  g_assert_false (xim_json_strings (json, "s", 1, &strings, &strings_error));
  g_assert_error (strings_error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/decode/object", test_object);
  g_test_add_func ("/json/decode/strings", test_strings);
  g_test_add_func ("/json/decode/accepts", test_accepts);
  g_test_add_func ("/json/decode/refuses", test_refuses);
  g_test_add_func ("/json/decode/refuses-nul", test_refuses_nul);
  g_test_add_func ("/json/decode/refuses-cut", test_refuses_cut);
  g_test_add_func ("/json/decode/refuses-deep", test_refuses_deep);
  g_test_add_func ("/json/decode/refuses-many-members",
                   test_refuses_many_members);
  g_test_add_func ("/json/decode/refuses-too-large", test_refuses_too_large);
  g_test_add_func ("/json/members/refuses", test_members_refuses);
  g_test_add_func ("/json/types/refuse", test_types_refuse);
  g_test_add_func ("/json/limits/refuse", test_limits_refuse);
  return g_test_run ();
}
