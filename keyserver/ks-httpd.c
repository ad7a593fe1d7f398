/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The HTTP server; the only file that knows libmicrohttpd. */

#include "config.h"

#include "ks-httpd.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "xim-error.h"

#include "ks-etag.h"
#include "ks-tls.h"
#include "ks-listen.h"
#include "ks-log.h"
#include "ks-metrics.h"
#include "ks-peers.h"

/* TLS 1.2 and 1.3 with ephemeral keys and authenticated ciphers only. */
#define PRIORITIES                                                            \
  "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:"         \
  "+ECDHE-ECDSA:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:"    \
  "-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"
#define STOP_MAX_US (10 * G_USEC_PER_SEC)
#define STOP_STEP_US 5000
#define CORK_MAX 8192
#define SWALLOW_FACTOR 4 /* of a body's limit, before the line is cut */

struct _XimKsHttpd
{
  XimKsHttpdOptions options;
  struct MHD_Daemon *daemon;
  int listen_fd;
  guint16 port;
  atomic_bool stopping;
  atomic_int n_waiting; /* requests that wait for the store */
  XimKsPeers *peers;
};

/* One connection. */
typedef struct
{
  XimKsPeer *peer;
  int fd;
  gnutls_session_t session; /* NULL without TLS */
  XimKsTlsInput *input;
  gboolean corked;
  gboolean flushed; /* TCP_CORK is off */
} Line;

/* One request with a body. */
typedef struct
{
  XimKsRequest request; /* first: handlers know only this */
  XimKsHttpd *httpd;
  struct MHD_Connection *connection;
  const XimKsRoute *route;
  GByteArray *body;
  gsize n_dropped;
  gboolean waits;
} Exchange;

/* The state of a request without a body: an answer to its first call would
 * end the connection. */
static int plain;

static void
exchange_free (Exchange *exchange)
{
  if (exchange->request.finish != NULL)
    xim_ks_answer_unref (exchange->request.finish (exchange->request.job));
  xim_ks_request_clear (&exchange->request);
  g_clear_pointer (&exchange->body, g_byte_array_unref);
  g_free (exchange);
}

static void
wait_request (XimKsRequest *request)
{
  Exchange *exchange = (Exchange *)request;
  exchange->waits = TRUE;
  atomic_fetch_add (&exchange->httpd->n_waiting, 1);
  MHD_suspend_connection (exchange->connection);
}

static void
wake_request (XimKsRequest *request)
{
  Exchange *exchange = (Exchange *)request;
  XimKsHttpd *httpd = exchange->httpd;
  MHD_resume_connection (exchange->connection);
  atomic_fetch_sub (&httpd->n_waiting, 1);
}

static void
release_bytes (void *bytes)
{
  g_bytes_unref (bytes);
}

static void
add_cache_headers (struct MHD_Response *response, const XimKsAnswer *answer)
{
  const char *etag = xim_ks_answer_etag (answer);
  if (etag == NULL)
    {
      MHD_add_response_header (response, "Cache-Control", "no-store");
      return;
    }
  char value[40];
  guint max_age_s = xim_ks_answer_max_age_s (answer);
  g_snprintf (value, sizeof value, "max-age=%u%s", max_age_s,
              max_age_s >= XIM_KS_FOREVER_S ? ", immutable" : "");
  MHD_add_response_header (response, "Cache-Control", value);
  MHD_add_response_header (response, "ETag", etag);
}

static gpointer
make_response (const XimKsAnswer *answer)
{
  GBytes *body = xim_ks_answer_body (answer);
  gsize len = 0;
  void *data = (void *)g_bytes_get_data (body, &len); /* only read */
  struct MHD_Response *response
      = MHD_create_response_from_buffer_with_free_callback_cls (
          len, data, release_bytes, g_bytes_ref (body));
  MHD_add_response_header (response, "Content-Type",
                           xim_ks_answer_type (answer));
  add_cache_headers (response, answer);
  if (xim_ks_answer_methods (answer) != NULL)
    MHD_add_response_header (response, "Allow",
                             xim_ks_answer_methods (answer));
  if (xim_ks_answer_retry_after_s (answer) != 0)
    {
      char value[16];
      g_snprintf (value, sizeof value, "%u",
                  xim_ks_answer_retry_after_s (answer));
      MHD_add_response_header (response, "Retry-After", value);
    }
  return response;
}

static void
release_response (gpointer response)
{
  MHD_destroy_response (response);
}

static struct MHD_Response *
make_unchanged (const XimKsAnswer *answer)
{
  struct MHD_Response *response
      = MHD_create_response_from_buffer (0, NULL, MHD_RESPMEM_PERSISTENT);
  add_cache_headers (response, answer);
  return response;
}

static const char *
header (struct MHD_Connection *connection, const char *name)
{
  return MHD_lookup_connection_value (connection, MHD_HEADER_KIND, name);
}

/* Leaves *@etag NULL when this header names it.  A list may come in lines. */
static enum MHD_Result
look_for_tag (void *etag, enum MHD_ValueKind kind, const char *name,
              const char *value)
{
  (void)kind;
  const char **wanted = etag;
  if (g_ascii_strcasecmp (name, "If-None-Match") == 0 && value != NULL
      && xim_ks_etag_is_named (value, *wanted))
    *wanted = NULL;
  return *wanted == NULL ? MHD_NO : MHD_YES;
}

static gboolean
is_unchanged (struct MHD_Connection *connection, const XimKsAnswer *answer)
{
  const char *etag = xim_ks_answer_etag (answer);
  if (etag == NULL || header (connection, "If-None-Match") == NULL)
    return FALSE;
  MHD_get_connection_values (connection, MHD_HEADER_KIND, look_for_tag, &etag);
  return etag == NULL;
}

/* Sends @answer (transfer full); @reading: to a GET or HEAD, which may say
 * what it has. */
static enum MHD_Result
respond (XimKsHttpd *httpd, struct MHD_Connection *connection,
         XimKsAnswer *answer, gboolean reading)
{
  guint status = xim_ks_answer_status (answer);
  struct MHD_Response *own = NULL;
  if (reading && status == 200 && is_unchanged (connection, answer))
    {
      status = 304;
      own = make_unchanged (answer);
      xim_ks_metrics_count (XIM_KS_LOOKUPS_UNCHANGED);
    }
  else if (atomic_load (&httpd->stopping))
    {
      own = make_response (answer);
      MHD_add_response_header (own, "Connection", "close");
    }
  struct MHD_Response *response = own;
  if (response == NULL)
    response
        = xim_ks_answer_prepared (answer, make_response, release_response);
  xim_ks_metrics_count_answer (status);
  enum MHD_Result result = MHD_queue_response (connection, status, response);
  if (own != NULL)
    MHD_destroy_response (own);
  xim_ks_answer_unref (answer);
  return result;
}

static XimKsAnswer *
too_large (gsize max)
{
  g_autoptr (GError) error = g_error_new (
      XIM_ERROR, XIM_ERROR_TOO_LARGE,
      "expected a body of at most %" G_GSIZE_FORMAT " bytes", max);
  return xim_ks_answer_error (error, 0);
}

static Line *
line_of (struct MHD_Connection *connection)
{
  return MHD_get_connection_info (connection,
                                  MHD_CONNECTION_INFO_SOCKET_CONTEXT)
      ->socket_context;
}

/* Whether the headers announce a body of more than @max bytes; of one in
 * chunks the length is not known yet. */
static gboolean
announces_more (struct MHD_Connection *connection, gsize max)
{
  const char *length = header (connection, "Content-Length");
  guint64 value = 0;
  if (length == NULL)
    return max == 0 && header (connection, "Transfer-Encoding") != NULL;
  return !g_ascii_string_to_unsigned (length, 10, 0, max, &value, NULL);
}

static Exchange *
exchange_new (XimKsHttpd *httpd, struct MHD_Connection *connection,
              const XimKsRoute *route, const XimKsRequest *request)
{
  Exchange *exchange = g_new0 (Exchange, 1);
  exchange->request = *request;
  exchange->request.wait = wait_request;
  exchange->request.wake = wake_request;
  exchange->httpd = httpd;
  exchange->connection = connection;
  exchange->route = route;
  exchange->body = g_byte_array_new ();
  return exchange;
}

/* With a body: refused before it is read (libmicrohttpd then ends the
 * connection), or taken piece by piece. */
static enum MHD_Result
begin_body (XimKsHttpd *httpd, struct MHD_Connection *connection,
            const char *method, const char *path, void **state)
{
  XimKsRequest request
      = { .network = xim_ks_peer_network (line_of (connection)->peer) };
  XimKsAnswer *refusal = NULL;
  const XimKsRoute *route = xim_ks_routes_find (httpd->options.table, method,
                                                path, &request, &refusal);
  gsize max = route == NULL
                  ? 0
                  : xim_ks_routes_body_max (httpd->options.routes, route);
  if (refusal == NULL && announces_more (connection, max))
    refusal = too_large (max);
  if (refusal != NULL)
    {
      xim_ks_request_clear (&request);
      return respond (httpd, connection, refusal, FALSE);
    }
  *state = exchange_new (httpd, connection, route, &request);
  return MHD_YES;
}

/* libmicrohttpd sends head and body apart.  Only where the connection goes on
 * afterwards (its end would overtake what is held back), and only what a
 * socket takes at once. */
static void
cork (const XimKsHttpd *httpd, struct MHD_Connection *connection,
      const XimKsAnswer *answer)
{
  Line *line = line_of (connection);
  if (line->session == NULL || atomic_load (&httpd->stopping)
      || xim_ks_answer_status (answer) != 200
      || g_bytes_get_size (xim_ks_answer_body (answer)) > CORK_MAX
      || header (connection, "Connection") != NULL)
    return;
  xim_ks_tls_cork (line->session);
  line->corked = TRUE;
}

static void
uncork (Line *line)
{
  if (!line->corked)
    return;
  line->corked = FALSE;
  if (!xim_ks_tls_uncork (line->session))
    xim_ks_peer_cut (line->peer);
  if (line->flushed)
    return;
  /* libmicrohttpd leaves TCP_CORK on and flushes before this was sent. */
  const int off = 0;
  setsockopt (line->fd, IPPROTO_TCP, TCP_CORK, &off, sizeof off);
  line->flushed = TRUE;
}

static enum MHD_Result
answer_plain (XimKsHttpd *httpd, struct MHD_Connection *connection,
              const char *method, const char *path)
{
  const XimKsRoutes *routes = httpd->options.routes;
  XimKsRequest request
      = { .network = xim_ks_peer_network (line_of (connection)->peer) };
  XimKsAnswer *answer = NULL;
  const XimKsRoute *route = xim_ks_routes_find (httpd->options.table, method,
                                                path, &request, &answer);
  if (route != NULL && xim_ks_routes_body_max (routes, route) > 0)
    answer = xim_ks_answer_status_error (
        411, xim_error_word (XIM_ERROR_MALFORMED), "expected a body");
  else if (route != NULL)
    answer = xim_ks_routes_answer (routes, route, &request);
  xim_ks_request_clear (&request);
  cork (httpd, connection, answer);
  return respond (httpd, connection, answer, TRUE);
}

static enum MHD_Result
take_body (Exchange *exchange, const char *data, gsize *len)
{
  gsize max = xim_ks_routes_body_max (exchange->httpd->options.routes,
                                      exchange->route);
  if (exchange->n_dropped == 0 && exchange->body->len + *len <= max)
    g_byte_array_append (exchange->body, (const guint8 *)data, (guint)*len);
  else
    exchange->n_dropped += *len;
  *len = 0;
  return exchange->n_dropped > max * SWALLOW_FACTOR ? MHD_NO : MHD_YES;
}

static XimKsAnswer *
stopping (void)
{
  g_autoptr (GError) error
      = g_error_new (XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                     "the keyserver is about to stop, try again later");
  return xim_ks_answer_error (error, 0);
}

static XimKsAnswer *
answer_body (Exchange *exchange)
{
  XimKsHttpd *httpd = exchange->httpd;
  const XimKsRoutes *routes = httpd->options.routes;
  if (exchange->n_dropped > 0)
    return too_large (xim_ks_routes_body_max (routes, exchange->route));
  if (atomic_load (&httpd->stopping))
    return stopping ();
  exchange->request.body
      = g_byte_array_free_to_bytes (g_steal_pointer (&exchange->body));
  return xim_ks_routes_answer (routes, exchange->route, &exchange->request);
}

static enum MHD_Result
end_request (Exchange *exchange)
{
  XimKsAnswer *answer = NULL;
  if (exchange->waits)
    {
      answer = exchange->request.finish (exchange->request.job);
      exchange->request.finish = NULL;
    }
  else
    answer = answer_body (exchange);
  if (answer == NULL) /* it waits, and comes here again */
    return MHD_YES;
  return respond (exchange->httpd, exchange->connection, answer, FALSE);
}

static enum MHD_Result
handle (void *user_data, struct MHD_Connection *connection, const char *path,
        const char *method, const char *version, const char *data,
        size_t *data_len, void **state)
{
  (void)version;
  XimKsHttpd *httpd = user_data;
  if (*state == &plain)
    return answer_plain (httpd, connection, method, path);
  if (*state != NULL && *data_len > 0)
    return take_body (*state, data, data_len);
  if (*state != NULL)
    return end_request (*state);

  xim_ks_peers_begin (httpd->peers, line_of (connection)->peer);
  if (announces_more (connection, 0))
    return begin_body (httpd, connection, method, path, state);
  *state = &plain;
  return MHD_YES;
}

static void
completed (void *user_data, struct MHD_Connection *connection, void **state,
           enum MHD_RequestTerminationCode why)
{
  (void)why;
  XimKsHttpd *httpd = user_data;
  if (*state != &plain && *state != NULL)
    exchange_free (*state);
  *state = NULL;
  Line *line = line_of (connection);
  uncork (line);
  xim_ks_peers_answered (httpd->peers, line->peer);
}

static Line *
line_new (XimKsHttpd *httpd, struct MHD_Connection *connection)
{
  int fd
      = MHD_get_connection_info (connection, MHD_CONNECTION_INFO_CONNECTION_FD)
            ->connect_fd;
  const struct sockaddr *address
      = MHD_get_connection_info (connection,
                                 MHD_CONNECTION_INFO_CLIENT_ADDRESS)
            ->client_addr;
  Line *line = g_new0 (Line, 1);
  line->fd = fd;
  line->peer = xim_ks_peers_add (httpd->peers, fd, xim_ks_network (address));
  if (httpd->options.tls)
    {
      line->session = MHD_get_connection_info (
                          connection, MHD_CONNECTION_INFO_GNUTLS_SESSION)
                          ->tls_session;
      line->input = xim_ks_tls_begin (line->session, fd);
    }
  return line;
}

static void
connection_changed (void *user_data, struct MHD_Connection *connection,
                    void **context, enum MHD_ConnectionNotificationCode what)
{
  XimKsHttpd *httpd = user_data;
  Line *line = *context;
  if (what == MHD_CONNECTION_NOTIFY_STARTED)
    *context = line_new (httpd, connection);
  else
    {
      xim_ks_peers_remove (httpd->peers, line->peer);
      xim_ks_tls_end (line->input);
      g_free (line);
    }
}

static enum MHD_Result
may_connect (void *user_data, const struct sockaddr *address,
             socklen_t address_len)
{
  (void)address_len;
  XimKsHttpd *httpd = user_data;
  if (httpd->options.private_only) /* the operator's, also under attack */
    return MHD_YES;
  if (xim_ks_limits_take (httpd->options.routes->limits,
                          xim_ks_network (address), XIM_KS_LIMIT_CONNECTS,
                          g_get_monotonic_time ()))
    return MHD_YES;
  xim_ks_metrics_count (XIM_KS_CONNECTIONS_REFUSED);
  return MHD_NO;
}

static void
log_line (void *user_data, const char *format, va_list args)
{
  (void)user_data;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  g_autofree char *text = g_strdup_vprintf (format, args);
#pragma GCC diagnostic pop
  g_strstrip (text);
  xim_ks_log (XIM_KS_LOG_DEBUG, "http", "message=\"%s\"", text);
}

/* The routes decode their own segments, so that %2F does not become a slash.
 */
static size_t
keep_escapes (void *user_data, struct MHD_Connection *connection, char *text)
{
  (void)user_data;
  (void)connection;
  return strlen (text);
}

static void
start_daemon (XimKsHttpd *httpd)
{
  const XimKsConfig *config = httpd->options.config;
  gboolean tls = httpd->options.tls;
  unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME
                       | MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0);
  struct MHD_OptionItem tls_options[] = {
    { MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)xim_ks_tls_retrieve },
    { MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)PRIORITIES },
    { MHD_OPTION_END, 0, NULL },
  };
  struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
  httpd->daemon = MHD_start_daemon (
      flags, 0, may_connect, httpd, handle, httpd, MHD_OPTION_EXTERNAL_LOGGER,
      log_line, NULL, MHD_OPTION_LISTEN_SOCKET, httpd->listen_fd,
      MHD_OPTION_THREAD_POOL_SIZE, tls ? (unsigned int)config->threads : 0u,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned int)config->max_connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT,
      (unsigned int)config->connections_per_address,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)config->connection_memory,
      MHD_OPTION_NOTIFY_COMPLETED, completed, httpd,
      MHD_OPTION_NOTIFY_CONNECTION, connection_changed, httpd,
      MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
      MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY,
      tls ? tls_options : none, MHD_OPTION_END);
}

XimKsHttpd *
xim_ks_httpd_new (const XimKsHttpdOptions *options, GError **error)
{
  g_autoptr (XimKsHttpd) httpd = g_new0 (XimKsHttpd, 1);
  httpd->options = *options;
  httpd->listen_fd = -1;
  httpd->peers = xim_ks_peers_new (options->config);
  if (!xim_ks_listen (options->listen, options->private_only,
                      &httpd->listen_fd, &httpd->port, error))
    return NULL;
  start_daemon (httpd);
  if (httpd->daemon == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "cannot start the HTTP server on %s", options->listen);
      return NULL;
    }
  return g_steal_pointer (&httpd);
}

guint16
xim_ks_httpd_port (const XimKsHttpd *httpd)
{
  return httpd->port;
}

/* Answers are on their way; what waits for the store must come back, because
 * libmicrohttpd does not end while a connection is suspended. */
static void
wait_for_answers (XimKsHttpd *httpd)
{
  gint64 end_us = g_get_monotonic_time () + STOP_MAX_US;
  while (atomic_load (&httpd->n_waiting) > 0
         || (xim_ks_peers_n_busy (httpd->peers) > 0
             && g_get_monotonic_time () < end_us))
    g_usleep (STOP_STEP_US);
}

void
xim_ks_httpd_stop (XimKsHttpd *httpd)
{
  if (httpd->daemon == NULL)
    return;
  atomic_store (&httpd->stopping, TRUE);
  MHD_quiesce_daemon (httpd->daemon);
  wait_for_answers (httpd);
  MHD_stop_daemon (httpd->daemon);
  httpd->daemon = NULL;
}

void
xim_ks_httpd_free (XimKsHttpd *httpd)
{
  if (httpd == NULL)
    return;
  xim_ks_httpd_stop (httpd);
  if (httpd->listen_fd >= 0)
    close (httpd->listen_fd);
  xim_ks_peers_free (httpd->peers);
  g_free (httpd);
}
