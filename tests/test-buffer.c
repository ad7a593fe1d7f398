/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-buffer.c. */

#include "config.h"

#include "xim-buffer.h"

#include "test-util.h"

static void
assert_finished (XimBuffer *buffer, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) secret = xim_buffer_finish (buffer, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (xim_secret_peek (secret), xim_secret_len (secret), expected,
                   strlen (expected));
}

static void
test_append (void)
{
  XimBuffer *buffer = xim_buffer_new (100);
  xim_buffer_append (buffer, "one ", 4);
  xim_buffer_append (buffer, "", 0);
  xim_buffer_append_text (buffer, "two");
  assert_finished (buffer, "one two");
  assert_finished (xim_buffer_new (100), "");
}

static void
test_grows (void)
{
  XimBuffer *buffer = xim_buffer_new (100000);
  g_autoptr (GString) expected = g_string_new (NULL);
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *piece = g_strdup_printf ("%u,", i);
      g_string_append (expected, piece);
      xim_buffer_append_text (buffer, piece);
    }
  assert_finished (buffer, expected->str);
}

static void
test_xml (void)
{
  XimBuffer *buffer = xim_buffer_new (1000);
  const char *all = "a&b<c>d'e\"f\tg\nh\ri";
  xim_buffer_append_xml_text (buffer, all, strlen (all));
  xim_buffer_append_xml_attribute (buffer, "n", all, strlen (all));
  xim_buffer_append_xml_attribute (buffer, "m", "", 0);
  assert_finished (buffer,
                   "a&amp;b&lt;c&gt;d'e\"f\tg\nh&#13;i"
                   " n='a&amp;b&lt;c&gt;d&apos;e\"f&#9;g&#10;h&#13;i' m=''");
}

static void
test_refuses_too_large (void)
{
  g_autoptr (GError) error = NULL;
  XimBuffer *exact = xim_buffer_new (8);
  xim_buffer_append_text (exact, "12345678");
  assert_finished (exact, "12345678");

  XimBuffer *buffer = xim_buffer_new (8);
  xim_buffer_append_text (buffer, "1234567");
  xim_buffer_append_text (buffer, "89");
  xim_buffer_append_text (buffer, "x");
  g_assert_null (xim_buffer_finish (buffer, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  xim_secret_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/buffer/append", test_append);
  g_test_add_func ("/buffer/grows", test_grows);
  g_test_add_func ("/buffer/xml", test_xml);
  g_test_add_func ("/buffer/refuses-too-large", test_refuses_too_large);
  return g_test_run ();
}
