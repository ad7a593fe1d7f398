/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-error.c. */

#include "config.h"

#include "xim-error.h"

static void
test_words (void)
{
  for (int i = 0; i <= XIM_ERROR_UNAVAILABLE; i++)
    {
      const char *word = xim_error_word ((XimError) i);
      XimError code = (XimError) -1;
      g_assert_nonnull (word);
      g_assert_true (xim_error_from_word (word, &code));
      g_assert_cmpint (code, ==, i);
    }
}

static void
test_refuses_unknown_word (void)
{
  XimError code = XIM_ERROR_STORE;
  g_assert_false (xim_error_from_word ("no-such-word", &code));
  g_assert_false (xim_error_from_word (NULL, &code));
  g_assert_cmpint (code, ==, XIM_ERROR_STORE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/words", test_words);
  g_test_add_func ("/error/refuses-unknown-word", test_refuses_unknown_word);
  return g_test_run ();
}
