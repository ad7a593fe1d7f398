/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Runs every vector below the given directories: run-vectors DIR... */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "vector-case.h"
#include "xim-secret.h"

static const VectorCheck *const tables[]
    = { vectors_notes, vectors_envelope, vectors_log };

typedef struct
{
  guint passed;
  guint failed;
} Tally;

static const VectorCheck *
find_check (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const VectorCheck *check = tables[i]; check->name != NULL; check++)
      if (strcmp (check->name, name) == 0)
        return check;
  return NULL;
}

/* Every result that the case gives must be what the check found. */
static char *
compare_results (const VectorCase *vector, const VectorCheck *check,
                 VectorResults *results)
{
  for (const char *const *name = check->results; *name != NULL; name++)
    {
      const char *wanted = vector_case_bytes (vector, *name, 0, NULL);
      const char *found = g_hash_table_lookup (results, *name);
      if (wanted != NULL && g_strcmp0 (wanted, found) != 0)
        return g_strdup_printf ("%s is %s, not %s", *name,
                                found != NULL ? found : "missing", wanted);
    }
  return NULL;
}

static char *
compare_error (const char *expected, const GError *error)
{
  const char *word
      = error->domain == XIM_ERROR ? xim_error_word (error->code) : "(case)";
  if (strcmp (word, expected) == 0)
    return NULL;
  return g_strdup_printf ("expected %s, got %s: %s", expected, word,
                          error->message);
}

/* Returns why the case failed, or NULL when it passed. */
static char *
run_check (const VectorCase *vector, const VectorCheck *check,
           const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) results
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gboolean ok = check->run (vector, results, &error);
  if (ok != (error == NULL))
    return g_strdup ("the check contradicts itself");
  if (!ok)
    return compare_error (expected, error);
  if (strcmp (expected, "ok") != 0)
    return g_strdup_printf ("expected %s, but it was accepted", expected);
  return compare_results (vector, check, results);
}

static void
report_failure (const char *path, const char *why, Tally *tally)
{
  tally->failed++;
  g_print ("FAIL %s: %s\n", path, why);
}

static void
run_case (const char *path, const VectorCase *vector, Tally *tally)
{
  XimError code;
  const char *expected = vector_case_bytes (vector, "expect", 0, NULL);
  const char *name = vector_case_bytes (vector, "check", 0, NULL);
  if (strcmp (expected, "ok") != 0 && !xim_error_from_word (expected, &code))
    {
      report_failure (path, "it expects no known word", tally);
      return;
    }
  const VectorCheck *check = name != NULL ? find_check (name) : NULL;
  g_autofree char *why
      = check != NULL
            ? run_check (vector, check, expected)
            : g_strdup_printf ("unknown check %s", name != NULL ? name : "");
  if (why != NULL)
    {
      report_failure (path, why, tally);
      return;
    }
  tally->passed++;
  g_print ("ok %s\n", path);
}

static void
run_file (const char *path, Tally *tally)
{
  g_autofree char *text = NULL;
  gsize len;
  g_autoptr (GError) error = NULL;
  if (!g_file_get_contents (path, &text, &len, &error))
    {
      report_failure (path, error->message, tally);
      return;
    }
  if (!vector_case_is (text))
    return;
  g_autoptr (VectorCase) vector = vector_case_new (text, len, &error);
  if (vector == NULL)
    report_failure (path, error->message, tally);
  else
    run_case (path, vector, tally);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
run_dir (const char *path, Tally *tally)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  if (dir == NULL)
    {
      report_failure (path, error->message, tally);
      return;
    }
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    if (g_file_test (names->pdata[i], G_FILE_TEST_IS_DIR))
      run_dir (names->pdata[i], tally);
    else
      run_file (names->pdata[i], tally);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  Tally tally = { 0 };
  if (argc < 2)
    {
      g_printerr ("usage: run-vectors DIR...\n");
      return 2;
    }
  if (!xim_secret_init (&error))
    {
      g_printerr ("run-vectors: %s\n", error->message);
      return 2;
    }
  for (int i = 1; i < argc; i++)
    if (g_file_test (argv[i], G_FILE_TEST_IS_DIR))
      run_dir (argv[i], &tally);
    else
      run_file (argv[i], &tally);
  g_print ("%u passed, %u failed\n", tally.passed, tally.failed);
  return tally.failed == 0 ? 0 : 1;
}
