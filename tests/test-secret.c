/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-secret.c. */

#include "config.h"

#include "xim-secret.h"

#include <string.h>

static gboolean
all_zero (const guint8 *data, gsize len)
{
  for (gsize i = 0; i < len; i++)
    if (data[i] != 0)
      return FALSE;
  return TRUE;
}

static void
test_new_is_zero (void)
{
  for (gsize len = 0; len < 600 * 1024; len = len * 2 + 1)
    {
      g_autoptr (XimSecret) secret = xim_secret_new (len);
      g_assert_cmpuint (xim_secret_len (secret), ==, len);
      g_assert_true (all_zero (xim_secret_peek (secret), len));
      if (len > 0)
        memset (xim_secret_data (secret), 0xa5, len);
    }
}

/* The piece of a freed secret comes back, so its bytes can be looked at. */
static void
test_wiped_when_freed (void)
{
  for (guint i = 0; i < 100; i++)
    {
      XimSecret *secret = xim_secret_new (1000);
      g_assert_true (all_zero (xim_secret_peek (secret), 1000));
      memset (xim_secret_data (secret), 0xa5, 1000);
      xim_secret_free (secret);
    }
}

static void
test_reuses_freed (void)
{
  XimSecret *first = xim_secret_new (32);
  const guint8 *data = xim_secret_peek (first);
  xim_secret_free (first);
  g_autoptr (XimSecret) second = xim_secret_new (20);
  g_assert_true (xim_secret_peek (second) == data);
}

static void
test_take_wipes (void)
{
  guint8 data[] = { 1, 2, 3, 4 };
  g_autoptr (XimSecret) secret = xim_secret_new_take (data, sizeof data);
  g_assert_true (all_zero (data, sizeof data));
  g_assert_cmpmem (xim_secret_peek (secret), xim_secret_len (secret),
                   "\1\2\3\4", 4);
}

static void
test_truncate_wipes (void)
{
  g_autoptr (XimSecret) secret = xim_secret_new (64);
  memset (xim_secret_data (secret), 0xa5, 64);
  xim_secret_truncate (secret, 10);
  g_assert_cmpuint (xim_secret_len (secret), ==, 10);
  g_assert_cmpuint (xim_secret_peek (secret)[9], ==, 0xa5);
#ifndef __SANITIZE_ADDRESS__
  g_assert_true (all_zero (xim_secret_peek (secret) + 10, 54));
#endif
}

static void
test_free_null (void)
{
  xim_secret_free (NULL);
  xim_secret_wipe (NULL, 0);
}

static void
test_refuses_longer (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (XimSecret) secret = xim_secret_new (8);
      xim_secret_truncate (secret, 9);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*len <= secret->len*");
}

/* A neighbour must never see what another secret wrote. */
static void
test_no_overlap (void)
{
  XimSecret *secrets[500];

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      secrets[i] = xim_secret_new (i * 7 % 300);
      memset (xim_secret_data (secrets[i]), (int)(i & 0xff),
              xim_secret_len (secrets[i]));
    }
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      for (gsize k = 0; k < xim_secret_len (secrets[i]); k++)
        g_assert_cmpuint (xim_secret_peek (secrets[i])[k], ==, i & 0xff);
      xim_secret_free (secrets[i]);
    }
}

/* 6 MiB: more than the arena begins with. */
static void
test_grows (void)
{
  XimSecret *secrets[96];

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      secrets[i] = xim_secret_new (64 * 1024);
      memset (xim_secret_data (secrets[i]), 0xa5, 64 * 1024);
    }
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    xim_secret_free (secrets[i]);
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (XimSecret) small = xim_secret_new (100);
      g_assert_true (all_zero (xim_secret_peek (small), 100));
    }
}

static gpointer
churn (gpointer data)
{
  guint8 mark = (guint8)GPOINTER_TO_UINT (data);

  for (gsize i = 0; i < 20000; i++)
    {
      g_autoptr (XimSecret) secret = xim_secret_new (1 + i % 200);
      memset (xim_secret_data (secret), mark, 1 + i % 200);
      g_assert_cmpuint (xim_secret_peek (secret)[i % 200], ==, mark);
    }
  return NULL;
}

static void
test_threads (void)
{
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("churn", churn, GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static gboolean
line_of_smaps (const char *smaps, const void *address, const char *name,
               char **value)
{
  g_auto (GStrv) lines = g_strsplit (smaps, "\n", -1);
  gboolean inside = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *dash = NULL;
      guint64 begin = g_ascii_strtoull (lines[i], &dash, 16);
      if (dash != lines[i] && *dash == '-')
        inside = begin <= (gsize)address
                 && (gsize)address < g_ascii_strtoull (dash + 1, NULL, 16);
      if (inside && g_str_has_prefix (lines[i], name))
        {
          *value = g_strstrip (g_strdup (lines[i] + strlen (name)));
          return TRUE;
        }
    }
  return FALSE;
}

/* The kernel says of the arena: locked (lo) and not dumped (dd). */
static void
test_locked_and_undumpable (void)
{
  g_autoptr (XimSecret) secret = xim_secret_new (32);
  g_autofree char *smaps = NULL;
  g_autofree char *flags = NULL;

  if (!g_file_get_contents ("/proc/self/smaps", &smaps, NULL, NULL)
      || !line_of_smaps (smaps, xim_secret_peek (secret), "VmFlags:", &flags))
    {
      g_test_skip ("the kernel shows no VmFlags");
      return;
    }
  g_assert_nonnull (strstr (flags, "dd"));
#ifndef __SANITIZE_ADDRESS__ /* it makes mlock () do nothing */
  if (xim_secret_all_locked ())
    g_assert_nonnull (strstr (flags, "lo"));
#endif
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (&error));
  g_assert_no_error (error);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/secret/locked-and-undumpable",
                   test_locked_and_undumpable);
  g_test_add_func ("/secret/new/is-zero", test_new_is_zero);
  g_test_add_func ("/secret/new/no-overlap", test_no_overlap);
  g_test_add_func ("/secret/new/grows", test_grows);
  g_test_add_func ("/secret/new/threads", test_threads);
  g_test_add_func ("/secret/take/wipes", test_take_wipes);
  g_test_add_func ("/secret/free/wipes", test_wiped_when_freed);
  g_test_add_func ("/secret/free/reuses", test_reuses_freed);
  g_test_add_func ("/secret/free/null", test_free_null);
  g_test_add_func ("/secret/truncate/wipes", test_truncate_wipes);
  g_test_add_func ("/secret/truncate/refuses-longer", test_refuses_longer);
  return g_test_run ();
}
