/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* HTTPS requests by libcurl on libpurple's event loop; the only HTTP. */

#include "config.h"

#include "http.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "netaddr.h"
#include "resolve.h"

struct _XimHttp
{
  PurpleAccount *account;
  CURLM *multi;
  guint timer;
  guint last_id;
  GHashTable *requests; /* id -> Request */
};

/* A socket of libcurl that libpurple watches. */
typedef struct
{
  XimHttp *http;
  guint input;
} Watch;

typedef struct _Request Request;

struct _Request
{
  XimHttp *http;
  guint id;
  XimHttpCallback callback;
  gpointer user_data;
  CURL *easy;
  struct curl_slist *headers;
  char *host;
  gboolean local;
  gboolean proxied;
  gsize max_len;
  XimResolve *lookup; /* why there was no address */
  guint timer;

  gboolean forbidden; /* an address that is not public was refused */
  gboolean too_large;
  gsize headers_len;
  gboolean headers_done; /* libcurl takes the end for an end of headers */
  GByteArray *body;
  char *etag;
  guint retry_after_s;
  guint status;
  XimHttpOutcome outcome;
};

static void
request_free (gpointer data)
{
  Request *request = data;
  if (request->easy != NULL)
    {
      curl_multi_remove_handle (request->http->multi, request->easy);
      curl_easy_cleanup (request->easy);
    }
  xim_resolve_cancel (request->lookup);
  if (request->timer != 0)
    purple_timeout_remove (request->timer);
  curl_slist_free_all (request->headers);
  if (request->body != NULL)
    g_byte_array_unref (request->body);
  g_free (request->host);
  g_free (request->etag);
  g_free (request);
}

/* The callback may free the XimHttp, so nothing of it is touched after. */
static gboolean
deliver (gpointer data)
{
  Request *request = data;
  request->timer = 0;
  g_hash_table_steal (request->http->requests, GUINT_TO_POINTER (request->id));
  GBytes *body = g_byte_array_free_to_bytes (request->body);
  request->body = NULL;
  gboolean whole = request->outcome == XIM_HTTP_ANSWER;
  XimHttpAnswer answer = {
    .outcome = request->outcome,
    .status = whole ? request->status : 0,
    .body = body,
    .etag = whole ? request->etag : NULL,
    .retry_after_s = whole ? request->retry_after_s : 0,
  };
  request->callback (&answer, request->user_data);
  g_bytes_unref (body);
  request_free (request);
  return FALSE;
}

static void
finish (Request *request, XimHttpOutcome outcome)
{
  request->outcome = outcome;
  request->timer = purple_timeout_add (0, deliver, request);
}

static void
lookup_done (XimResolveResult result, gpointer data)
{
  Request *request = data;
  request->lookup = NULL;
  finish (request, result == XIM_RESOLVE_ABSENT ? XIM_HTTP_NO_ADDRESS
                                                : XIM_HTTP_FAILED);
}

/* What libcurl's result means. */

static XimHttpOutcome
proxy_outcome (CURL *easy)
{
  long code = CURLPX_OK;
  curl_easy_getinfo (easy, CURLINFO_PROXY_ERROR, &code);
  if (code == CURLPX_REPLY_HOST_UNREACHABLE)
    return XIM_HTTP_NO_ADDRESS;
  if (code == CURLPX_REPLY_CONNECTION_REFUSED)
    return XIM_HTTP_REFUSED;
  return XIM_HTTP_FAILED;
}

static XimHttpOutcome
connect_outcome (const Request *request)
{
  long code = 0;
  curl_easy_getinfo (request->easy, CURLINFO_OS_ERRNO, &code);
  if (request->forbidden || request->proxied || code != ECONNREFUSED)
    return XIM_HTTP_FAILED;
  return XIM_HTTP_REFUSED;
}

static XimHttpOutcome
outcome_of (const Request *request, CURLcode result)
{
  if (request->too_large)
    return XIM_HTTP_FAILED;
  /* A default is right: every other code is an outage, not an answer. */
  if (result == CURLE_OK)
    return XIM_HTTP_ANSWER;
  if (result == CURLE_OPERATION_TIMEDOUT)
    return XIM_HTTP_TIMEOUT;
  if (result == CURLE_PEER_FAILED_VERIFICATION
      || result == CURLE_SSL_ISSUER_ERROR)
    return XIM_HTTP_CERTIFICATE;
  if (result == CURLE_PROXY)
    return proxy_outcome (request->easy);
  if (result == CURLE_COULDNT_CONNECT)
    return connect_outcome (request);
  return XIM_HTTP_FAILED;
}

static void
transfer_done (CURL *easy, CURLcode result)
{
  char *private_data = NULL;
  curl_easy_getinfo (easy, CURLINFO_PRIVATE, &private_data);
  Request *request = (Request *)(gpointer)private_data;
  long status = 0;
  curl_easy_getinfo (easy, CURLINFO_RESPONSE_CODE, &status);
  request->status = (guint)CLAMP (status, 0, 999);
  XimHttpOutcome outcome = outcome_of (request, result);
  if (outcome == XIM_HTTP_ANSWER
      && (request->status == 0 || !request->headers_done))
    outcome = XIM_HTTP_FAILED;

  curl_multi_remove_handle (request->http->multi, easy);
  curl_easy_cleanup (easy);
  request->easy = NULL;
  if (result == CURLE_COULDNT_RESOLVE_HOST && !request->proxied)
    request->lookup = xim_resolve_start (request->host, lookup_done, request);
  else
    finish (request, outcome);
}

static void
take_results (XimHttp *http)
{
  int left = 0;
  CURLMsg *message = NULL;
  while ((message = curl_multi_info_read (http->multi, &left)) != NULL)
    if (message->msg == CURLMSG_DONE)
      transfer_done (message->easy_handle, message->data.result);
}

/* libcurl on libpurple's event loop. */

static void
socket_ready (gpointer data, int fd, PurpleInputCondition condition)
{
  XimHttp *http = ((Watch *)data)->http;
  int events = 0;
  int running = 0;
  if ((condition & PURPLE_INPUT_READ) != 0)
    events |= CURL_CSELECT_IN;
  if ((condition & PURPLE_INPUT_WRITE) != 0)
    events |= CURL_CSELECT_OUT;
  curl_multi_socket_action (http->multi, fd, events, &running);
  take_results (http);
}

static void
watch_free (Watch *watch)
{
  if (watch->input != 0)
    purple_input_remove (watch->input);
  g_free (watch);
}

static int
watch_socket (CURL *easy, curl_socket_t fd, int what, void *http_data,
              void *watch_data)
{
  (void)easy;
  XimHttp *http = http_data;
  Watch *watch = watch_data;
  if (what == CURL_POLL_REMOVE)
    {
      curl_multi_assign (http->multi, fd, NULL);
      if (watch != NULL)
        watch_free (watch);
      return 0;
    }
  if (watch == NULL)
    {
      watch = g_new0 (Watch, 1);
      watch->http = http;
      curl_multi_assign (http->multi, fd, watch);
    }
  if (watch->input != 0)
    purple_input_remove (watch->input);
  int condition = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
    condition |= PURPLE_INPUT_READ;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
    condition |= PURPLE_INPUT_WRITE;
  watch->input = purple_input_add (fd, (PurpleInputCondition)condition,
                                   socket_ready, watch);
  return 0;
}

static gboolean
timer_fired (gpointer data)
{
  XimHttp *http = data;
  int running = 0;
  http->timer = 0;
  curl_multi_socket_action (http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  take_results (http);
  return FALSE;
}

static int
set_timer (CURLM *multi, long timeout_ms, void *data)
{
  (void)multi;
  XimHttp *http = data;
  if (http->timer != 0)
    purple_timeout_remove (http->timer);
  http->timer = 0;
  if (timeout_ms >= 0)
    http->timer = purple_timeout_add ((guint)MIN (timeout_ms, G_MAXINT),
                                      timer_fired, http);
  return 0;
}

/* The public functions. */

XimHttp *
xim_http_new (PurpleAccount *account)
{
  static gsize ready = 0;
  if (g_once_init_enter (&ready))
    {
      curl_global_init (CURL_GLOBAL_DEFAULT);
      g_once_init_leave (&ready, 1);
    }
  XimHttp *http = g_new0 (XimHttp, 1);
  http->account = account;
  http->multi = curl_multi_init ();
  http->requests = g_hash_table_new_full (NULL, NULL, NULL, request_free);
  curl_multi_setopt (http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
  curl_multi_setopt (http->multi, CURLMOPT_SOCKETDATA, http);
  curl_multi_setopt (http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
  curl_multi_setopt (http->multi, CURLMOPT_TIMERDATA, http);
  curl_multi_setopt (http->multi, CURLMOPT_MAXCONNECTS, 8L);
  return http;
}

static curl_socket_t
open_socket (void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
  (void)purpose;
  Request *request = data;
  if (!request->local && !request->proxied
      && !xim_netaddr_is_public (&address->addr))
    {
      request->forbidden = TRUE;
      return CURL_SOCKET_BAD;
    }
  return socket (address->family, address->socktype | SOCK_CLOEXEC,
                 address->protocol);
}

static size_t
take_body (char *data, size_t size, size_t n, void *request_data)
{
  Request *request = request_data;
  gsize len = size * n;
  if (len > request->max_len - request->body->len)
    {
      request->too_large = TRUE;
      return 0;
    }
  g_byte_array_append (request->body, (const guint8 *)data, (guint)len);
  return len;
}

static gboolean
header_is (const char *line, gsize len, const char *name, char **value)
{
  gsize name_len = strlen (name);
  if (len <= name_len || line[name_len] != ':'
      || g_ascii_strncasecmp (line, name, name_len) != 0)
    return FALSE;
  *value = g_strstrip (g_strndup (line + name_len + 1, len - name_len - 1));
  return TRUE;
}

static gboolean
is_etag (const char *value)
{
  gsize len = strlen (value);
  if (len == 0 || len > XIM_HTTP_ETAG_MAX)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    if (value[i] < 0x21 || value[i] > 0x7e)
      return FALSE;
  return TRUE;
}

static size_t
take_header (char *data, size_t size, size_t n, void *request_data)
{
  Request *request = request_data;
  gsize len = size * n;
  if (len > XIM_HTTP_HEADERS_MAX - request->headers_len)
    {
      request->too_large = TRUE;
      return 0;
    }
  request->headers_len += len;
  request->headers_done = len <= 2;
  g_autofree char *value = NULL;
  if (header_is (data, len, "etag", &value) && is_etag (value))
    {
      g_free (request->etag);
      request->etag = g_steal_pointer (&value);
    }
  else if (value == NULL && header_is (data, len, "retry-after", &value))
    {
      guint64 seconds = 0;
      if (g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT, &seconds, NULL))
        request->retry_after_s
            = (guint)MIN (seconds, XIM_HTTP_RETRY_AFTER_MAX_S);
    }
  return len;
}

static gboolean
set_proxy (Request *request, const PurpleProxyInfo *info, long type)
{
  CURL *easy = request->easy;
  PurpleProxyInfo *proxy = (PurpleProxyInfo *)info;
  const char *host = purple_proxy_info_get_host (proxy);
  int port = purple_proxy_info_get_port (proxy);
  if (host == NULL || *host == '\0' || port <= 0 || port > G_MAXUINT16)
    return FALSE;
  const char *user = purple_proxy_info_get_username (proxy);
  const char *password = purple_proxy_info_get_password (proxy);
  request->proxied = TRUE;
  curl_easy_setopt (easy, CURLOPT_PROXY, host);
  curl_easy_setopt (easy, CURLOPT_PROXYPORT, (long)port);
  curl_easy_setopt (easy, CURLOPT_PROXYTYPE, type);
  if (user != NULL && *user != '\0')
    {
      curl_easy_setopt (easy, CURLOPT_PROXYUSERNAME, user);
      curl_easy_setopt (easy, CURLOPT_PROXYPASSWORD,
                        password != NULL ? password : "");
    }
  return TRUE;
}

/* The proxy resolves the names, so that no question about them leaks.  Its
 * environment variables are libpurple's to read, not libcurl's. */
static gboolean
choose_proxy (Request *request)
{
  curl_easy_setopt (request->easy, CURLOPT_PROXY, "");
  curl_easy_setopt (request->easy, CURLOPT_NOPROXY, "");
  PurpleProxyInfo *proxy = purple_proxy_get_setup (request->http->account);
  if (proxy == NULL)
    return TRUE;
  switch (purple_proxy_info_get_type (proxy))
    {
    case PURPLE_PROXY_NONE:
      return TRUE;
    case PURPLE_PROXY_HTTP:
    case PURPLE_PROXY_USE_ENVVAR:
      return set_proxy (request, proxy, CURLPROXY_HTTP);
    case PURPLE_PROXY_SOCKS4:
      return set_proxy (request, proxy, CURLPROXY_SOCKS4A);
    case PURPLE_PROXY_SOCKS5:
    case PURPLE_PROXY_TOR:
      return set_proxy (request, proxy, CURLPROXY_SOCKS5_HOSTNAME);
    case PURPLE_PROXY_USE_GLOBAL:
    default:
      return FALSE;
    }
}

static char *
host_of (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  if (uri == NULL || strcmp (g_uri_get_scheme (uri), "https") != 0)
    return NULL;
  const char *host = g_uri_get_host (uri);
  return host != NULL && *host != '\0' ? g_strdup (host) : NULL;
}

static void
set_security (Request *request, const XimHttpRequest *wanted)
{
  CURL *easy = request->easy;
  guint deadline_s
      = wanted->deadline_s != 0 ? wanted->deadline_s : XIM_HTTP_DEADLINE_S;
  curl_easy_setopt (easy, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt (easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt (easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt (easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt (easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (wanted->ca_file != NULL)
    {
      curl_easy_setopt (easy, CURLOPT_CAINFO, wanted->ca_file);
      curl_easy_setopt (easy, CURLOPT_CAPATH, NULL);
    }
  curl_easy_setopt (easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt (easy, CURLOPT_OPENSOCKETDATA, request);
  curl_easy_setopt (easy, CURLOPT_TIMEOUT, (long)deadline_s);
  curl_easy_setopt (easy, CURLOPT_CONNECTTIMEOUT,
                    (long)MIN (deadline_s, XIM_HTTP_CONNECT_S));
  curl_easy_setopt (easy, CURLOPT_NOSIGNAL, 1L);
  /* Without it a time-out waits for the resolver's thread. */
  curl_easy_setopt (easy, CURLOPT_QUICK_EXIT, 1L);
}

static void
add_header (Request *request, const char *name, const char *value)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", name, value);
  request->headers = curl_slist_append (request->headers, line);
}

static void
set_request (Request *request, const XimHttpRequest *wanted)
{
  CURL *easy = request->easy;
  curl_easy_setopt (easy, CURLOPT_PRIVATE, request);
  curl_easy_setopt (easy, CURLOPT_URL, wanted->url);
  curl_easy_setopt (easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt (easy, CURLOPT_USERAGENT, "X-IM");
  curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt (easy, CURLOPT_WRITEDATA, request);
  curl_easy_setopt (easy, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt (easy, CURLOPT_HEADERDATA, request);
  curl_easy_setopt (easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (wanted->body != NULL)
    {
      curl_easy_setopt (easy, CURLOPT_POSTFIELDSIZE_LARGE,
                        (curl_off_t)wanted->body_len);
      curl_easy_setopt (easy, CURLOPT_COPYPOSTFIELDS, wanted->body);
      add_header (request, "Expect", "");
    }
  if (wanted->content_type != NULL)
    add_header (request, "Content-Type", wanted->content_type);
  if (wanted->etag != NULL)
    add_header (request, "If-None-Match", wanted->etag);
  curl_easy_setopt (easy, CURLOPT_HTTPHEADER, request->headers);
  curl_easy_setopt (easy, CURLOPT_CUSTOMREQUEST, wanted->method);
}

/* Returns FALSE when nothing may be sent. */
static gboolean
start (Request *request, const XimHttpRequest *wanted)
{
  request->host = host_of (wanted->url);
  if (request->host == NULL)
    return FALSE;
  if (!wanted->local && !xim_netaddr_host_is_public (request->host))
    return FALSE;
  request->easy = curl_easy_init ();
  if (request->easy == NULL || !choose_proxy (request))
    return FALSE;
  set_security (request, wanted);
  set_request (request, wanted);
  return curl_multi_add_handle (request->http->multi, request->easy)
         == CURLM_OK;
}

guint
xim_http_send (XimHttp *http, const XimHttpRequest *wanted,
               XimHttpCallback callback, gpointer user_data)
{
  Request *request = g_new0 (Request, 1);
  request->http = http;
  request->id = ++http->last_id;
  request->callback = callback;
  request->user_data = user_data;
  request->local = wanted->local;
  request->max_len = wanted->max_len;
  request->body = g_byte_array_new ();
  g_hash_table_insert (http->requests, GUINT_TO_POINTER (request->id),
                       request);
  if (!start (request, wanted))
    finish (request, XIM_HTTP_FAILED);
  return request->id;
}

void
xim_http_cancel (XimHttp *http, guint id)
{
  g_hash_table_remove (http->requests, GUINT_TO_POINTER (id));
}

void
xim_http_free (XimHttp *http)
{
  if (http == NULL)
    return;
  g_hash_table_unref (http->requests);
  curl_multi_cleanup (http->multi);
  if (http->timer != 0)
    purple_timeout_remove (http->timer);
  g_free (http);
}
