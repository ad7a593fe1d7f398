/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes plugin/keyserver.c: what a keyserver answers. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "plugin/keyserver.h"

#define BASE "https://keys.example.org"

static void
check_server (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  XimServer *server = xim_keyserver_server_note (body, &error);
  g_assert_true ((server == NULL) == (error != NULL));
  if (server != NULL)
    {
      g_assert_nonnull (server->key);
      g_assert_true (g_utf8_validate (server->domain, -1, NULL));
    }
  else
    g_assert_true (error->domain == XIM_ERROR);
  xim_server_free (server);
}

/* There is always an error, and numbers only where an answer gave some. */
static void
check_refusal (GBytes *body, guint8 which)
{
  g_autoptr (GError) error = NULL;
  XimHttpAnswer answer = { .body = body };
  XimRefusal refusal = { .version = 1, .serial = 1, .now_s = 1 };
  answer.outcome = (XimHttpOutcome)(which % (XIM_HTTP_FAILED + 1));
  if (answer.outcome == XIM_HTTP_ANSWER)
    answer.status = 300 + which;
  xim_keyserver_refusal (&answer, &refusal, &error);
  g_assert_true (error != NULL && error->domain == XIM_ERROR);
  g_assert_nonnull (xim_error_word ((XimError)error->code));
  g_assert_cmpuint (refusal.version, <=, XIM_NUMBER_MAX);
  g_assert_cmpuint (refusal.serial, <=, XIM_NUMBER_MAX);
  if (answer.outcome == XIM_HTTP_ANSWER)
    return;
  g_assert_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE);
  g_assert_true (refusal.version == 0 && !refusal.has_previous
                 && refusal.serial == 0 && refusal.now_s == 0);
}

/* Whatever an address is, it stays one segment of the path. */
static void
check_url (const char *jid)
{
  g_autofree char *url = xim_keyserver_account_url (BASE, jid);
  const char *segment = url + strlen (BASE "/v1/accounts/");
  g_assert_true (g_str_has_prefix (url, BASE "/v1/accounts/"));
  g_assert_null (strpbrk (segment, "/?#@ \r\n"));
  g_assert_true (g_str_is_ascii (segment));
  g_autofree char *again = g_uri_unescape_string (segment, NULL);
  g_assert_cmpstr (again, ==, jid);
}

/* What we send says what was meant. */
static void
check_registration (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  const char *account = NULL;
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c) && *c != '\n')
      return;
  g_autofree char *body = xim_keyserver_registration (text, text);
  g_autoptr (XimJson) json
      = xim_json_decode (body, strlen (body), G_MAXINT32, &error);
  g_assert_no_error (error);
  g_assert_true (xim_json_string (json, "account", &account, &error));
  g_assert_cmpstr (account, ==, text);
  g_assert_true (xim_json_strings (json, "devices", 1, &devices, &error));
  g_assert_cmpstr (g_ptr_array_index (devices, 0), ==, text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  g_autoptr (GBytes) body = g_bytes_new (data + 1, size - 1);
  g_autofree char *text = g_strndup ((const char *)data + 1, size - 1);
  check_server (body);
  check_refusal (body, data[0]);
  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  check_url (text);
  check_registration (text);
  return 0;
}
