/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-checkpoint.c. */

#include "config.h"

#include "xim-checkpoint.h"

#include "test-logs.h"
#include "xim-error.h"

#define ROOT "sib2GvSbKXTzcvPuoVTfyWbUBafF2OVfoloAx9L4h/U="
#define EMPTY_ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define TEXT TEST_LOG_ORIGIN "\n7\n" ROOT "\n"

static void
test_text (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimCheckpoint) checkpoint
      = xim_checkpoint_decode_text (TEXT, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (checkpoint->origin, ==, TEST_LOG_ORIGIN);
  g_assert_cmpuint (checkpoint->head.size, ==, 7);
  g_assert_null (checkpoint->note);
  g_autoptr (XimCheckpoint) copy = xim_checkpoint_copy (checkpoint);
  g_autofree char *text = xim_checkpoint_text (copy->origin, &copy->head);
  g_assert_cmpstr (text, ==, TEXT);
  xim_checkpoint_free (NULL);
}

static void
test_text_refuses (void)
{
  static const char *const bad[] = {
    "",
    "\n",
    TEST_LOG_ORIGIN,
    TEST_LOG_ORIGIN "\n7\n" ROOT,
    "\n7\n" ROOT "\n",
    TEST_LOG_ORIGIN "\n\n" ROOT "\n",
    TEST_LOG_ORIGIN "\n7\n\n",
    TEST_LOG_ORIGIN "\n07\n" ROOT "\n",
    TEST_LOG_ORIGIN "\n+7\n" ROOT "\n",
    TEST_LOG_ORIGIN "\n7 \n" ROOT "\n",
    TEST_LOG_ORIGIN "\n9007199254740992\n" ROOT "\n",
    TEST_LOG_ORIGIN "\n7\nsib2\n",
    TEST_LOG_ORIGIN "\n0\n" ROOT "\n",
    TEXT "\n",
    TEXT "more\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (xim_checkpoint_decode_text (bad[i], &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
  g_autoptr (XimCheckpoint) empty = xim_checkpoint_decode_text (
      TEST_LOG_ORIGIN "\n0\n" EMPTY_ROOT "\n", NULL);
  g_assert_nonnull (empty);
}

/* @code: a code of XimError, or -1 where it is accepted */
static void
check (const XimCheckpoint *checkpoint, char letter, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) log = test_log_public (letter);
  g_assert_true (xim_checkpoint_check (checkpoint, log, &error)
                 == (code == -1));
  if (code != -1)
    g_assert_error (error, XIM_ERROR, code);
}

static void
test_check (void)
{
  const XimTreeHead head = { 7, { { 1 } } };
  g_autoptr (XimCheckpoint) checkpoint = test_checkpoint (&head, 'S');
  check (checkpoint, 'S', -1);
  check (checkpoint, 'T', XIM_ERROR_SIGNATURE);
  g_autoptr (XimCheckpoint) copy = xim_checkpoint_copy (checkpoint);
  check (copy, 'S', -1);
  g_free (copy->origin);
  copy->origin = g_strdup ("keys.example.com/log");
  check (copy, 'S', XIM_ERROR_WRONG_NAME);
}

static void
test_note_refuses (void)
{
  g_autofree char *huge = g_strnfill (XIM_NOTE_MAX + 1, 'x');
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_checkpoint_decode (TEXT, strlen (TEXT), &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_clear_error (&error);
  g_assert_null (xim_checkpoint_decode (huge, strlen (huge), &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/checkpoint/text", test_text);
  g_test_add_func ("/checkpoint/text/refuses", test_text_refuses);
  g_test_add_func ("/checkpoint/check", test_check);
  g_test_add_func ("/checkpoint/note/refuses", test_note_refuses);
  return g_test_run ();
}
