/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Routes: which request is answered by what. */

#include "config.h"

#include "ks-routes.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

#include "ks-erasures.h"
#include "ks-metrics.h"

#define SEGMENTS_MAX 6

/* A pattern has the segments of a path; one that begins with a colon takes a
 * value, and a star, as the last one, all that is left.  The rows of one
 * pattern stand together. */
struct _XimKsRoute
{
  const char *method;
  const char *segments[SEGMENTS_MAX];
  const char *allow; /* all methods of the pattern */
  XimKsLimit limit;
  gboolean has_body;
  XimKsAnswer *(*handle) (const XimKsRoutes *routes, XimKsRequest *request);
};

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* By reference: @answer is made by the call that sets @error. */
static XimKsAnswer *
or_error (XimKsAnswer *answer, GError *const *error)
{
  return answer != NULL ? answer : xim_ks_answer_error (*error, now_s ());
}

static XimKsAnswer *
too_many (void)
{
  g_autoptr (GError) error
      = g_error_new (XIM_ERROR, XIM_ERROR_TOO_MANY,
                     "too many requests from this network, try again later");
  xim_ks_metrics_count (XIM_KS_LIMITED);
  return xim_ks_answer_error (error, 0);
}

static XimKsAnswer *
get_server (const XimKsRoutes *routes, XimKsRequest *request)
{
  g_autoptr (GError) error = NULL;
  return or_error (
      xim_ks_lookup_server (routes->accounts.lookup, request->number, &error),
      &error);
}

static XimKsAnswer *
get_account (const XimKsRoutes *routes, XimKsRequest *request)
{
  XimKsLookup *lookup = routes->accounts.lookup;
  g_autoptr (GError) error = NULL;
  XimKsAnswer *answer
      = xim_ks_lookup_bundle (lookup, request->jid, NULL, now_s (), &error);
  if (answer != NULL || error != NULL)
    return or_error (answer, &error);
  if (!xim_ks_limits_take (routes->limits, request->network,
                           XIM_KS_LIMIT_MISSES, g_get_monotonic_time ()))
    return too_many ();
  return or_error (
      xim_ks_lookup_absent (lookup, request->jid, now_s (), &error), &error);
}

static XimKsAnswer *
get_version (const XimKsRoutes *routes, XimKsRequest *request)
{
  g_autoptr (GError) error = NULL;
  return or_error (xim_ks_lookup_version (routes->accounts.lookup,
                                          request->jid, request->number,
                                          &error),
                   &error);
}

static XimKsAnswer *
post_account (const XimKsRoutes *routes, XimKsRequest *request)
{
  return xim_ks_accounts_post (&routes->accounts, request);
}

static XimKsAnswer *
delete_account (const XimKsRoutes *routes, XimKsRequest *request)
{
  return xim_ks_erasures_delete (&routes->accounts, request);
}

static XimKsAnswer *
put_device (const XimKsRoutes *routes, XimKsRequest *request)
{
  return xim_ks_accounts_put (&routes->accounts, request);
}

static XimKsAnswer *
get_checkpoint (const XimKsRoutes *routes, XimKsRequest *request)
{
  (void)request;
  g_autoptr (GError) error = NULL;
  return or_error (xim_ks_tiles_checkpoint (routes->tiles, &error), &error);
}

static XimKsAnswer *
get_tile (const XimKsRoutes *routes, XimKsRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strconcat ("tile/", request->rest, NULL);
  return or_error (xim_ks_tiles_answer (routes->tiles, path, now_s (), &error),
                   &error);
}

static XimKsAnswer *
get_health (const XimKsRoutes *routes, XimKsRequest *request)
{
  (void)routes;
  (void)request;
  return xim_ks_answer_new (200, XIM_KS_TYPE_TEXT, g_strdup ("ok\n"));
}

static XimKsAnswer *
get_ready (const XimKsRoutes *routes, XimKsRequest *request)
{
  (void)request;
  const XimKsAccounts *accounts = &routes->accounts;
  const char *why = NULL;
  if (!xim_ks_writer_check (accounts->writer, NULL))
    why = "short of disk space\n";
  else if (xim_ks_metrics_gauge (XIM_KS_WRITES_REFUSED) != 0)
    why = "the store fails\n";
  else if (*accounts->config->component_host != '\0'
           && xim_ks_metrics_gauge (XIM_KS_COMPONENT_UP) == 0)
    why = "not connected to the XMPP server\n";
  return xim_ks_answer_new (why == NULL ? 200 : 503, XIM_KS_TYPE_TEXT,
                            g_strdup (why == NULL ? "ready\n" : why));
}

static XimKsAnswer *
get_metrics (const XimKsRoutes *routes, XimKsRequest *request)
{
  (void)routes;
  (void)request;
  return xim_ks_answer_new (200, XIM_KS_TYPE_TEXT, xim_ks_metrics_text ());
}

#define READ "GET, HEAD"

static const XimKsRoute public_routes[] = {
  { "GET",
    { "v1", "accounts", ":jid" },
    "GET, HEAD, POST, DELETE",
    XIM_KS_LIMIT_LOOKUPS,
    FALSE,
    get_account },
  { "POST",
    { "v1", "accounts", ":jid" },
    "GET, HEAD, POST, DELETE",
    XIM_KS_LIMIT_WRITES,
    TRUE,
    post_account },
  { "DELETE",
    { "v1", "accounts", ":jid" },
    "GET, HEAD, POST, DELETE",
    XIM_KS_LIMIT_WRITES,
    TRUE,
    delete_account },
  { "GET",
    { "v1", "accounts", ":jid", "versions", ":number" },
    READ,
    XIM_KS_LIMIT_LOOKUPS,
    FALSE,
    get_version },
  { "PUT",
    { "v1", "accounts", ":jid", "devices", ":device" },
    "PUT",
    XIM_KS_LIMIT_WRITES,
    TRUE,
    put_device },
  { "GET", { "v1", "server" }, READ, XIM_KS_LIMIT_LOOKUPS, FALSE, get_server },
  { "GET",
    { "v1", "server", ":number" },
    READ,
    XIM_KS_LIMIT_LOOKUPS,
    FALSE,
    get_server },
  { "GET",
    { "log", "checkpoint" },
    READ,
    XIM_KS_LIMIT_TILES,
    FALSE,
    get_checkpoint },
  { "GET", { "log", "tile", "*" }, READ, XIM_KS_LIMIT_TILES, FALSE, get_tile },
  { .method = NULL },
};

static const XimKsRoute admin_routes[] = {
  { "GET", { "healthz" }, READ, XIM_KS_N_LIMITS, FALSE, get_health },
  { "GET", { "readyz" }, READ, XIM_KS_N_LIMITS, FALSE, get_ready },
  { "GET", { "metrics" }, READ, XIM_KS_N_LIMITS, FALSE, get_metrics },
  { .method = NULL },
};

const XimKsRoute *
xim_ks_routes_public (void)
{
  return public_routes;
}

const XimKsRoute *
xim_ks_routes_admin (void)
{
  return admin_routes;
}

typedef struct
{
  const char *start;
  gsize len;
} Segment;

/* Returns the number of segments of "/a/b", of which the first SEGMENTS_MAX
 * are kept; 0 when the path does not begin with a slash. */
static guint
split (const char *path, Segment *segments)
{
  guint n = 0;
  while (*path == '/')
    {
      const char *start = path + 1;
      gsize len = strcspn (start, "/");
      if (n < SEGMENTS_MAX)
        segments[n] = (Segment){ start, len };
      n++;
      path = start + len;
    }
  return *path == '\0' ? n : 0;
}

static gboolean
is_rest (const char *expected)
{
  return strcmp (expected, "*") == 0;
}

static gboolean
matches_one (const char *expected, const Segment *segment)
{
  return *expected == ':'
         || (strncmp (expected, segment->start, segment->len) == 0
             && expected[segment->len] == '\0');
}

static gboolean
matches (const XimKsRoute *route, const Segment *segments, guint n)
{
  guint i = 0;
  for (; i < SEGMENTS_MAX && route->segments[i] != NULL; i++)
    {
      if (i >= n)
        return FALSE;
      if (is_rest (route->segments[i]))
        return TRUE;
      if (!matches_one (route->segments[i], &segments[i]))
        return FALSE;
    }
  return i == n;
}

/* Percent-decodes; only what RFC 3986 lets stand in a path may stand there. */
static char *
decode_segment (const Segment *segment, GError **error)
{
  g_autofree char *text = g_strndup (segment->start, segment->len);
  for (const char *c = text; *c != '\0'; c++)
    if ((guchar)*c <= 0x20 || (guchar)*c >= 0x7f)
      {
        g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                     "expected a percent-encoded address in the path");
        return NULL;
      }
  char *decoded = g_uri_unescape_string (text, NULL);
  if (decoded != NULL && g_utf8_validate (decoded, -1, NULL))
    return decoded;
  g_free (decoded);
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected percent-encoded UTF-8 in the path");
  return NULL;
}

static gboolean
take_value (const char *name, const Segment *segment, XimKsRequest *request,
            GError **error)
{
  if (is_rest (name))
    {
      request->rest = g_strdup (segment->start); /* to the end of the path */
      return TRUE;
    }
  if (strcmp (name, ":jid") == 0)
    {
      request->jid = decode_segment (segment, error);
      return request->jid != NULL;
    }
  if (strcmp (name, ":device") == 0)
    return xim_codec_hex_decode_exact (segment->start, segment->len,
                                       request->device.bytes,
                                       XIM_DEVICE_ID_LEN, error);
  guint64 number = 0;
  if (!xim_codec_decimal_decode (segment->start, segment->len, 1,
                                 XIM_NUMBER_MAX, &number, error))
    return FALSE;
  request->number = (guint32)number;
  return TRUE;
}

static XimKsAnswer *
take_values (const XimKsRoute *route, const Segment *segments,
             XimKsRequest *request)
{
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < SEGMENTS_MAX && route->segments[i] != NULL; i++)
    {
      const char *name = route->segments[i];
      if ((*name == ':' || is_rest (name))
          && !take_value (name, &segments[i], request, &error))
        return xim_ks_answer_error (error, 0);
    }
  return NULL;
}

static gboolean
has_method (const XimKsRoute *route, const char *method)
{
  return strcmp (method, route->method) == 0
         || (strcmp (method, "HEAD") == 0
             && strcmp (route->method, "GET") == 0);
}

static XimKsAnswer *
wrong_method (const XimKsRoute *route)
{
  XimKsAnswer *answer = xim_ks_answer_status_error (
      405, xim_error_word (XIM_ERROR_UNSUPPORTED),
      "this method is not possible here");
  xim_ks_answer_allow (answer, route->allow);
  return answer;
}

const XimKsRoute *
xim_ks_routes_find (const XimKsRoute *table, const char *method,
                    const char *path, XimKsRequest *request,
                    XimKsAnswer **refusal)
{
  Segment segments[SEGMENTS_MAX];
  const XimKsRoute *other = NULL;
  guint n = split (path, segments);
  if (n >= 1)
    for (const XimKsRoute *route = table; route->method != NULL; route++)
      if (matches (route, segments, n))
        {
          other = route;
          if (!has_method (route, method))
            continue;
          *refusal = take_values (route, segments, request);
          return *refusal == NULL ? route : NULL;
        }
  if (other != NULL)
    *refusal = wrong_method (other);
  else
    *refusal = xim_ks_answer_status_error (
        404, xim_error_word (XIM_ERROR_NOT_FOUND), "there is nothing here");
  return NULL;
}

gsize
xim_ks_routes_body_max (const XimKsRoutes *routes, const XimKsRoute *route)
{
  return route->has_body ? routes->accounts.config->body_bytes : 0;
}

XimKsAnswer *
xim_ks_routes_answer (const XimKsRoutes *routes, const XimKsRoute *route,
                      XimKsRequest *request)
{
  if (route->limit < XIM_KS_N_LIMITS
      && !xim_ks_limits_take (routes->limits, request->network, route->limit,
                              g_get_monotonic_time ()))
    return too_many ();
  return route->handle (routes, request);
}
