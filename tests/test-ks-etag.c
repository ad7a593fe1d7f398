/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-etag.c. */

#include "config.h"

#include "ks-etag.h"

#define ETAG "\"Zf1c0m3x0mGqkq1dTbHhXQSr\""

static void
test_named (void)
{
  static const char *const headers[] = {
    ETAG,
    "W/" ETAG,
    "*",
    " \t* ",
    "\t" ETAG " ",
    "\"x\"," ETAG,
    "\"x\", " ETAG " , \"y\"",
    ETAG ", W/\"x\"",
    "\"\", W/" ETAG,
    "\"a,b\"," ETAG,
    "\"*\"," ETAG,
    "\"\\\", " ETAG, /* no escapes: a backslash is one letter of the tag */
    "\"\xc3\xa4\"," ETAG,
    ", ,\t," ETAG ",,",
  };
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_test_message ("%s", headers[i]);
      g_assert_true (xim_ks_etag_is_named (headers[i], ETAG));
    }
}

static void
test_not_named (void)
{
  static const char *const headers[] = {
    "",
    " ",
    ",",
    "\"\"",
    "\"x\"",
    "W/\"x\"",
    "\"x\", W/\"y\"",
    "\"Zf1c0m3x0mGqkq1dTbHhXQSR\"",  /* letters count */
    "\"Zf1c0m3x0mGqkq1dTbHhXQSr.\"", /* a longer one */
    "\"Zf1c0m3x0mGqkq1dTbHhXQS\"",   /* a shorter one */
    "\"*\"",
  };
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_test_message ("%s", headers[i]);
      g_assert_false (xim_ks_etag_is_named (headers[i], ETAG));
    }
}

/* Where the tag stands in what is no list of tags, nothing is named. */
static void
test_malformed (void)
{
  static const char *const headers[] = {
    "Zf1c0m3x0mGqkq1dTbHhXQSr",
    "\"Zf1c0m3x0mGqkq1dTbHhXQSr",
    "Zf1c0m3x0mGqkq1dTbHhXQSr\"",
    "x" ETAG,
    ETAG "x",
    ETAG " \"x\"",
    ETAG ETAG,
    ETAG ";",
    ETAG ", x",
    ETAG ", \"x",
    ETAG ", *",
    "*, " ETAG,
    "**",
    "*\"",
    "w/" ETAG,
    "W" ETAG,
    "W/ " ETAG,
    "W/W/" ETAG,
    "W/",
    "\"a b\", " ETAG,
    "\"\x7f\", " ETAG,
    "\"\x01\", " ETAG,
    ETAG "\r\n",
    "'Zf1c0m3x0mGqkq1dTbHhXQSr'",
  };
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_test_message ("%s", headers[i]);
      g_assert_false (xim_ks_etag_is_named (headers[i], ETAG));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ks-etag/named", test_named);
  g_test_add_func ("/ks-etag/not-named", test_not_named);
  g_test_add_func ("/ks-etag/malformed", test_malformed);
  return g_test_run ();
}
