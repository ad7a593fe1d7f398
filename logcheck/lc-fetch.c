/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fetches what a log serves, by libcurl. */

#include "config.h"

#include "lc-fetch.h"

#include <curl/curl.h>
#include <string.h>

#include "xim-error.h"

#define TIMEOUT_S 60L
#define TRIES_MAX 10
#define WAIT_MAX_S 60
#define AGENT "xim-log-check/" PACKAGE_VERSION

struct _XimLcFetch
{
  CURL *curl;
  char *prefix; /* without a slash at its end */
};

typedef struct
{
  GByteArray *bytes;
  gsize max_len;
  gboolean is_too_large;
} Body;

static gsize
write_body (char *data, gsize size, gsize n, void *user_data)
{
  Body *body = user_data;
  gsize len = size * n;
  if (len > body->max_len - body->bytes->len)
    {
      body->is_too_large = TRUE;
      return 0;
    }
  g_byte_array_append (body->bytes, (const guint8 *)data, (guint)len);
  return len;
}

static gboolean
check_url (const char *url, GError **error)
{
  if (g_str_has_prefix (url, "https://") || g_str_has_prefix (url, "http://"))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected a URL that begins with https://, got %s", url);
  return FALSE;
}

/* Every answer is checked by hashes that a signature covers: TLS only keeps
 * others from seeing who checks. */
static void
set_options (CURL *curl, const char *ca_file)
{
  curl_easy_setopt (curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt (curl, CURLOPT_TIMEOUT, TIMEOUT_S);
  curl_easy_setopt (curl, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt (curl, CURLOPT_USERAGENT, AGENT);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, write_body);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  if (ca_file != NULL)
    curl_easy_setopt (curl, CURLOPT_CAINFO, ca_file);
}

XimLcFetch *
xim_lc_fetch_new (const char *url, const char *ca_file, GError **error)
{
  if (!check_url (url, error))
    return NULL;
  CURL *curl = curl_easy_init ();
  if (curl == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE,
                           "expected memory for libcurl, there is none");
      return NULL;
    }
  set_options (curl, ca_file);
  XimLcFetch *fetch = g_new0 (XimLcFetch, 1);
  fetch->curl = curl;
  fetch->prefix = g_strdup (url);
  for (gsize len = strlen (url); len > 0 && fetch->prefix[len - 1] == '/';)
    fetch->prefix[--len] = '\0';
  return fetch;
}

void
xim_lc_fetch_free (XimLcFetch *fetch)
{
  if (fetch == NULL)
    return;
  curl_easy_cleanup (fetch->curl);
  g_free (fetch->prefix);
  g_free (fetch);
}

static long
get_status (CURL *curl)
{
  long status = 0;
  curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

/* What stands in an answer of another status does not matter, however long it
 * is. */
static gboolean
check_status (CURL *curl, const char *url, GError **error)
{
  long status = get_status (curl);
  if (status == 200 || status == 0)
    return TRUE;
  gboolean is_gone = status == 404 || status == 410;
  g_set_error (error, XIM_ERROR,
               is_gone ? XIM_ERROR_NOT_FOUND : XIM_ERROR_UNAVAILABLE,
               "expected %s, got status %ld", url, status);
  return FALSE;
}

static gboolean
check_result (CURLcode result, const Body *body, const char *url,
              GError **error)
{
  if (result == CURLE_OK)
    return TRUE;
  if (body->is_too_large)
    g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                 "expected at most %" G_GSIZE_FORMAT " bytes of %s",
                 body->max_len, url);
  else
    g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                 "expected %s, got: %s", url, curl_easy_strerror (result));
  return FALSE;
}

/* A log may ask those who read much to be slower. */
static gboolean
must_wait (CURL *curl)
{
  long status = get_status (curl);
  curl_off_t wait_s = 0;
  if ((status != 429 && status != 503)
      || curl_easy_getinfo (curl, CURLINFO_RETRY_AFTER, &wait_s) != CURLE_OK
      || wait_s <= 0)
    return FALSE;
  g_usleep ((gulong)MIN (wait_s, WAIT_MAX_S) * G_USEC_PER_SEC);
  return TRUE;
}

GByteArray *
xim_lc_fetch_get (XimLcFetch *fetch, const char *path, gsize max_len,
                  GError **error)
{
  g_autofree char *url = g_strdup_printf ("%s/%s", fetch->prefix, path);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  Body body = { bytes, max_len, FALSE };
  curl_easy_setopt (fetch->curl, CURLOPT_URL, url);
  curl_easy_setopt (fetch->curl, CURLOPT_WRITEDATA, &body);
  CURLcode result = curl_easy_perform (fetch->curl);
  for (guint tries = 1; tries < TRIES_MAX && must_wait (fetch->curl); tries++)
    {
      body.is_too_large = FALSE;
      g_byte_array_set_size (bytes, 0);
      result = curl_easy_perform (fetch->curl);
    }
  if (!check_status (fetch->curl, url, error)
      || !check_result (result, &body, url, error))
    return NULL;
  return g_steal_pointer (&bytes);
}
