/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-cache.c and ks-answer.c. */

#include "config.h"

#include "ks-cache.h"

#include <string.h>

#include "xim-error.h"
#include "xim-json.h"
#include "xim-secret.h"

static guint n_made;
static gint64 made_life_s = 100;

static XimKsAnswer *
make (const char *key, gconstpointer hint, gpointer user_data, gint64 now_s,
      gint64 *life_s, GError **error)
{
  (void)hint;
  (void)user_data;
  n_made++;
  if (strcmp (key, "nothing") == 0)
    return NULL;
  if (strcmp (key, "wrong") == 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "as the test wants it");
      return NULL;
    }
  *life_s = made_life_s;
  return xim_ks_answer_new (
      200, XIM_KS_TYPE_TEXT,
      g_strdup_printf ("%s at %" G_GINT64_FORMAT, key, now_s));
}

static gboolean
get (XimKsCache *cache, const char *key, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  gboolean hit = FALSE;
  g_autoptr (XimKsAnswer) answer
      = xim_ks_cache_get (cache, key, NULL, now_s, &hit, &error);
  g_assert_no_error (error);
  g_assert_nonnull (answer);
  return hit;
}

static void
test_kept_until (void)
{
  g_autoptr (XimKsCache) cache = xim_ks_cache_new (1 << 20, make, NULL);
  g_assert_false (get (cache, "a", 1000));
  g_assert_true (get (cache, "a", 1000));
  g_assert_true (get (cache, "a", 1099));
  g_assert_false (get (cache, "a", 1100));
  g_assert_false (get (cache, "b", 1100));
  xim_ks_cache_drop (cache, "a");
  xim_ks_cache_drop (cache, "never");
  g_assert_false (get (cache, "a", 1101));
  g_assert_true (get (cache, "b", 1101));
  g_assert_false (get (cache, "b", 900)); /* a clock that was set back */
}

static void
test_nothing_is_not_kept (void)
{
  g_autoptr (XimKsCache) cache = xim_ks_cache_new (1 << 20, make, NULL);
  g_autoptr (GError) error = NULL;
  gboolean hit = TRUE;
  n_made = 0;
  g_assert_null (xim_ks_cache_get (cache, "nothing", NULL, 1, &hit, &error));
  g_assert_no_error (error);
  g_assert_false (hit);
  g_assert_null (xim_ks_cache_get (cache, "wrong", NULL, 1, &hit, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
  g_assert_null (xim_ks_cache_get (cache, "wrong", NULL, 1, &hit, NULL));
  g_assert_cmpuint (n_made, ==, 3);
}

static void
test_bounded (void)
{
  g_autoptr (XimKsCache) cache = xim_ks_cache_new (64 * 8192, make, NULL);
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *key = g_strdup_printf ("key%u", i);
      get (cache, key, 10);
      get (cache, "key0", 10); /* in use, so it stays */
    }
  g_assert_true (get (cache, "key0", 11));
  g_assert_true (get (cache, "key4999", 11));
  n_made = 0;
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *key = g_strdup_printf ("key%u", i);
      get (cache, key, 12);
    }
  g_assert_cmpuint (n_made, >, 4000);
}

static void
assert_error_answer (GError *error, guint status, const char *word)
{
  g_autoptr (XimKsAnswer) answer = xim_ks_answer_error (error, 0);
  gsize len = 0;
  const char *text = g_bytes_get_data (xim_ks_answer_body (answer), &len);
  g_autoptr (XimJson) json = xim_json_decode (text, len, 4096, NULL);
  const char *told = NULL;
  g_assert_cmpuint (xim_ks_answer_status (answer), ==, status);
  g_assert_true (xim_json_string (json, "error", &told, NULL));
  g_assert_cmpstr (told, ==, word);
  g_assert_cmpint (xim_json_member (json, "now") != NULL, ==, status == 422);
  g_assert_cmpint (xim_ks_answer_retry_after_s (answer) != 0, ==,
                   status == 429 || status == 503);
  g_error_free (error);
}

static void
test_errors (void)
{
  static const guint statuses[] = {
    [XIM_ERROR_MALFORMED] = 400,   [XIM_ERROR_TOO_LARGE] = 413,
    [XIM_ERROR_UNSUPPORTED] = 400, [XIM_ERROR_SIGNATURE] = 422,
    [XIM_ERROR_WRONG_NAME] = 400,  [XIM_ERROR_KEY_CHANGED] = 409,
    [XIM_ERROR_EXPIRED] = 422,     [XIM_ERROR_REPLAYED] = 409,
    [XIM_ERROR_NOT_FOR_US] = 400,  [XIM_ERROR_NOT_FOUND] = 404,
    [XIM_ERROR_NOT_LOGGED] = 400,  [XIM_ERROR_STORE] = 503,
    [XIM_ERROR_NO_PROOF] = 403,    [XIM_ERROR_CONFLICT] = 409,
    [XIM_ERROR_TOO_MANY] = 429,    [XIM_ERROR_UNAVAILABLE] = 503,
  };
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      const char *word = xim_error_word ((XimError)i);
      if (i == XIM_ERROR_STORE)
        word = "unavailable";
      assert_error_answer (g_error_new (XIM_ERROR, (int)i, "\"why\"\n"),
                           statuses[i], word);
    }
  assert_error_answer (
      g_error_new (G_FILE_ERROR, G_FILE_ERROR_NOENT, "a secret path"), 503,
      "unavailable");
}

static void
test_hides_what_failed_inside (void)
{
  g_autoptr (GError) error
      = g_error_new (XIM_ERROR, XIM_ERROR_STORE, "a secret path");
  g_autoptr (XimKsAnswer) answer = xim_ks_answer_error (error, 0);
  g_assert_null (g_strstr_len (
      g_bytes_get_data (xim_ks_answer_body (answer), NULL),
      (gssize)g_bytes_get_size (xim_ks_answer_body (answer)), "secret"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/ks-cache/kept-until", test_kept_until);
  g_test_add_func ("/ks-cache/nothing-is-not-kept", test_nothing_is_not_kept);
  g_test_add_func ("/ks-cache/bounded", test_bounded);
  g_test_add_func ("/ks-answer/errors", test_errors);
  g_test_add_func ("/ks-answer/hides-what-failed-inside",
                   test_hides_what_failed_inside);
  return g_test_run ();
}
