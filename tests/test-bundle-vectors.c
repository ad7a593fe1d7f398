/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The vectors of bundles as far as this stage goes: without their log. */

#include "config.h"

#include <string.h>

#include "vector-case.h"
#include "xim-codec.h"
#include "xim-verify.h"

/* What is wrong with the log of these, nobody sees without it. */
static const char *const only_log[]
    = { "bundle-leaf-as-text.txt", "bundle-next-of-now.txt",
        "bundle-other-index.txt", "bundle-other-leaf.txt",
        "bundle-other-opening.txt" };

static VectorCase *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize len;
  g_file_get_contents (path, &text, &len, &error);
  g_assert_no_error (error);
  VectorCase *vector = vector_case_new (text, len, &error);
  g_assert_no_error (error);
  return vector;
}

static const char *
get (const VectorCase *vector, const char *name)
{
  g_autoptr (GError) error = NULL;
  const char *value = vector_case_get (vector, name, &error);
  g_assert_no_error (error);
  return value;
}

/* The JSON without its member `log`, an object that holds no other object and
 * no brace in a string. */
static char *
cut_log (const char *json)
{
  const char *log = strstr (json, ",\"log\":{");
  g_assert_nonnull (log);
  const char *end = strchr (log, '}');
  g_assert_nonnull (end);
  g_autofree char *head = g_strndup (json, (gsize)(log - json));
  g_autofree char *joined = g_strconcat (head, end + 1, NULL);
  return g_strdup (g_strchomp (joined));
}

static XimVerified *
verify (const VectorCase *vector, const XimBundle *bundle, GError **error)
{
  gint64 now_s;
  g_assert_true (vector_case_time (vector, "now", &now_s, NULL));
  g_autoptr (XimVerifyKey) server
      = xim_verify_key_decode (get (vector, "server"), NULL);
  const XimPin pin = { .domain = get (vector, "domain"), .server = server };
  const char *text = vector_case_bytes (vector, "before", 0, NULL);
  g_autoptr (XimAccount) before
      = text != NULL ? xim_account_decode_text (text, NULL) : NULL;
  g_assert_true ((text == NULL) == (before == NULL));
  g_assert_cmpuint (vector_case_count (vector, "older"), ==, 0);
  const XimKnown known = { .history = { .newest = before } };
  return xim_verify_bundle (bundle, &pin, get (vector, "jid"), &known, now_s,
                            error);
}

static XimVerified *
decode_and_verify (const VectorCase *vector, GError **error)
{
  g_autofree char *json = cut_log (get (vector, "bundle"));
  g_autoptr (XimBundle) bundle
      = xim_bundle_decode (json, strlen (json), error);
  return bundle != NULL ? verify (vector, bundle, error) : NULL;
}

static void
assert_results (const VectorCase *vector, const XimVerified *verified)
{
  g_autofree char *version
      = g_strdup_printf ("%u", xim_verified_account (verified)->version);
  g_assert_cmpstr (version, ==, get (vector, "version"));
  g_assert_cmpstr (xim_relation_word (xim_verified_relation (verified)), ==,
                   get (vector, "relation"));
  g_autoptr (GString) usable = g_string_new (NULL);
  for (guint i = 0; i < xim_verified_n_usable (verified); i++)
    {
      const XimDevice *device = xim_verified_usable (verified, i);
      g_autofree char *id
          = xim_codec_hex_encode (device->id.bytes, sizeof device->id.bytes);
      g_string_append_printf (usable, "%s%s", i > 0 ? " " : "", id);
    }
  g_assert_cmpstr (usable->str, ==, get (vector, "usable"));
}

static gboolean
fault_is_in_log (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (only_log); i++)
    if (strcmp (only_log[i], name) == 0)
      return TRUE;
  return FALSE;
}

static void
test_vector (gconstpointer data)
{
  const char *path = data;
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (VectorCase) vector = load (path);
  const char *expected = get (vector, "expect");
  g_autoptr (XimVerified) verified = decode_and_verify (vector, &error);
  if (strcmp (expected, "ok") == 0 || fault_is_in_log (name))
    {
      g_assert_no_error (error);
      if (strcmp (expected, "ok") == 0)
        assert_results (vector, verified);
      return;
    }
  XimError code;
  g_assert_null (verified);
  g_assert_true (xim_error_from_word (expected, &code));
  g_assert_error (error, XIM_ERROR, (int)code);
}

/* A bundle with its log is for the next stage to read. */
static void
test_refuses_log (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (VectorCase) vector = load (data);
  const char *json = get (vector, "bundle");
  g_assert_null (xim_bundle_decode (json, strlen (json), &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

/* Adds the cases of one folder and says how many there are. */
static guint
add_folder (const char *folder)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "vectors", folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_assert_nonnull (dir);
  guint n = 0;
  const char *name;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (!g_str_has_prefix (name, "bundle"))
        continue;
      g_autofree char *test = g_strconcat ("/bundle/vectors/", name, NULL);
      g_test_add_data_func_full (test, g_build_filename (path, name, NULL),
                                 test_vector, g_free);
      n++;
    }
  return n;
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_assert_cmpuint (add_folder ("."), ==, 2);
  g_assert_cmpuint (add_folder ("refuse"), ==, 16);
  g_test_add_data_func_full (
      "/bundle/vectors/refuses-log",
      g_test_build_filename (G_TEST_DIST, "vectors", "bundle.txt", NULL),
      test_refuses_log, g_free);
  return g_test_run ();
}
