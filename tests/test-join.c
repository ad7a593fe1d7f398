/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-join.c. */

#include "config.h"

#include "xim-join.h"

#include <string.h>

#include "xim-error.h"

#define CODE "84020661172883110451"

static void
test_code (void)
{
  char one[XIM_JOIN_CODE_LEN + 1];
  char other[XIM_JOIN_CODE_LEN + 1];
  xim_join_code ("a text\n", one);
  xim_join_code ("a text\n", other);
  g_assert_cmpstr (one, ==, other);
  g_assert_cmpuint (strspn (one, "0123456789"), ==, XIM_JOIN_CODE_LEN);
  xim_join_code ("another text\n", other);
  g_assert_cmpstr (one, !=, other);
}

/* The number is below 10^20 for some text: the zeros in front stay. */
static void
test_leading_zeros (void)
{
  char code[XIM_JOIN_CODE_LEN + 1] = "";
  guint i = 0;
  do
    {
      g_autofree char *text = g_strdup_printf ("text %u\n", i);
      xim_join_code (text, code);
      g_assert_cmpuint (strlen (code), ==, XIM_JOIN_CODE_LEN);
    }
  while (code[0] != '0' && ++i < 1000);
  g_assert_cmpint (code[0], ==, '0');
}

static void
test_show (void)
{
  g_autofree char *shown = xim_join_code_show (CODE);
  g_assert_cmpstr (shown, ==, "84020 66117 28831 10451");
}

static void
test_parse (void)
{
  static const char *const typed[] = {
    CODE,
    "84020 66117 28831 10451",
    " 84020-66117-28831-10451\n",
    "8 4 0 2 0 6 6 1 1 7 2 8 8 3 1 1 0 4 5 1",
    "84020\xc2\xa0"
    "66117\xe2\x80\x93"
    "28831\t10451",
  };
  for (guint i = 0; i < G_N_ELEMENTS (typed); i++)
    {
      g_autoptr (GError) error = NULL;
      char code[XIM_JOIN_CODE_LEN + 1];
      g_assert_true (xim_join_code_parse (typed[i], code, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (code, ==, CODE);
    }
}

static void
test_refuses (void)
{
  static const char *const typed[] = {
    "",
    " ",
    "8402066117288311045",
    "840206611728831104512",
    "84020 66117 28831 1045a",
    "+84020 66117 28831 10451",
    "84020,66117,28831,10451",
    "84020.66117.28831.10451",
    "84020 66117 28831 10451 x",
    "84020 66117 28831 10451\xff",
    /* Digits of another script. */
    "\xd9\xa8"
    "4020 66117 28831 10451",
  };
  for (guint i = 0; i < G_N_ELEMENTS (typed); i++)
    {
      g_autoptr (GError) error = NULL;
      char code[XIM_JOIN_CODE_LEN + 1] = "as it was";
      g_assert_false (xim_join_code_parse (typed[i], code, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_cmpstr (code, ==, "as it was");
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/join/code", test_code);
  g_test_add_func ("/join/leading-zeros", test_leading_zeros);
  g_test_add_func ("/join/show", test_show);
  g_test_add_func ("/join/parse", test_parse);
  g_test_add_func ("/join/refuses", test_refuses);
  return g_test_run ();
}
