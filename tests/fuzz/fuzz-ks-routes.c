/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes the paths of keyserver/ks-routes.c. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-error.h"
#include "xim-json.h"

#include "ks-routes.h"

static void
check_refusal (const XimKsAnswer *refusal)
{
  gsize len = 0;
  g_autoptr (GError) error = NULL;
  const char *word = NULL;
  XimError code = XIM_ERROR_STORE;
  guint status = xim_ks_answer_status (refusal);
  const char *body = g_bytes_get_data (xim_ks_answer_body (refusal), &len);
  g_assert_true (status == 400 || status == 404 || status == 405);
  g_assert_cmpint (status == 405, ==, xim_ks_answer_methods (refusal) != NULL);
  g_autoptr (XimJson) json = xim_json_decode (body, len, 4096, &error);
  g_assert_no_error (error);
  g_assert_true (xim_json_string (json, "error", &word, &error));
  g_assert_true (xim_error_from_word (word, &code));
}

/* The address in it, written by the rules, is found again as the same. */
static void
check_jid (const char *jid)
{
  g_assert_true (g_utf8_validate (jid, -1, NULL));
  g_autofree char *escaped = g_uri_escape_string (jid, NULL, FALSE);
  g_autofree char *path = g_strconcat ("/v1/accounts/", escaped, NULL);
  XimKsRequest request = { 0 };
  g_autoptr (XimKsAnswer) refusal = NULL;
  g_assert_nonnull (xim_ks_routes_find (xim_ks_routes_public (), "GET", path,
                                        &request, &refusal));
  g_assert_cmpstr (request.jid, ==, jid);
  g_free (request.jid);
}

static void
find (const XimKsRoute *table, const char *method, const char *path)
{
  XimKsRequest request = { 0 };
  g_autoptr (XimKsAnswer) refusal = NULL;
  const XimKsRoute *route
      = xim_ks_routes_find (table, method, path, &request, &refusal);
  g_assert_true ((route == NULL) == (refusal != NULL));
  if (refusal != NULL)
    check_refusal (refusal);
  else if (request.jid != NULL)
    check_jid (request.jid);
  g_free (request.jid);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const methods[]
      = { "GET", "HEAD", "POST", "PUT", "DELETE", "" };
  g_autofree char *path = g_strndup ((const char *)data, size);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      find (xim_ks_routes_public (), methods[i], path);
      find (xim_ks_routes_admin (), methods[i], path);
    }
  return 0;
}
