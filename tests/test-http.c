/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of http.c, netaddr.c and resolve.c: a TLS server in a thread. */

#include "config.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugin/http.h"
#include "plugin/netaddr.h"
#include "tests/headless.h"
#include "xim-secret.h"

/* Certificates. */

static char *dir;
static char *ca_file;    /* of the server */
static char *other_file; /* of somebody else */
static gnutls_certificate_credentials_t credentials;

static char *
write_certificate (const char *name, gnutls_x509_privkey_t *key_out,
                   gnutls_x509_crt_t *crt_out)
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t crt;
  gnutls_datum_t pem = { 0 };
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  const guint8 ip[] = { 127, 0, 0, 1 };

  gnutls_x509_privkey_init (&key);
  g_assert_cmpint (gnutls_x509_privkey_generate (
                       key, GNUTLS_PK_ECDSA,
                       GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                   ==, 0);
  gnutls_x509_crt_init (&crt);
  gnutls_x509_crt_set_version (crt, 3);
  gnutls_x509_crt_set_serial (crt, "\1", 1);
  gnutls_x509_crt_set_dn (crt, "CN=X-IM test", NULL);
  gnutls_x509_crt_set_activation_time (crt, (time_t)now_s - 3600);
  gnutls_x509_crt_set_expiration_time (crt, (time_t)now_s + 86400);
  gnutls_x509_crt_set_key (crt, key);
  gnutls_x509_crt_set_basic_constraints (crt, 1, -1);
  gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_IPADDRESS, ip,
                                        sizeof ip, GNUTLS_FSAN_SET);
  g_assert_cmpint (gnutls_x509_crt_sign2 (crt, crt, key, GNUTLS_DIG_SHA256, 0),
                   ==, 0);
  gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_PEM, &pem);
  char *path = g_build_filename (dir, name, NULL);
  g_assert_true (g_file_set_contents (path, (const char *)pem.data,
                                      (gssize)pem.size, NULL));
  gnutls_free (pem.data);
  *key_out = key;
  *crt_out = crt;
  return path;
}

static void
make_certificates (void)
{
  gnutls_x509_privkey_t key, other_key;
  gnutls_x509_crt_t crt, other_crt;

  dir = g_dir_make_tmp ("xim-http-XXXXXX", NULL);
  ca_file = write_certificate ("ca.crt", &key, &crt);
  other_file = write_certificate ("other.crt", &other_key, &other_crt);
  gnutls_certificate_allocate_credentials (&credentials);
  g_assert_cmpint (gnutls_certificate_set_x509_key (credentials, &crt, 1, key),
                   ==, 0);
  gnutls_x509_crt_deinit (crt);
  gnutls_x509_privkey_deinit (key);
  gnutls_x509_crt_deinit (other_crt);
  gnutls_x509_privkey_deinit (other_key);
}

/* The server: one connection after the other, one answer each. */

static int listener;
static guint16 port;
static GThread *thread;
static const char *answer; /* NULL: none ever comes */
static GString *asked;     /* of the last request */
static gint n_connections;

static int
bind_loopback (guint16 *bound)
{
  struct sockaddr_in address
      = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t len = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, len), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *)&address, &len), ==, 0);
  *bound = ntohs (address.sin_port);
  return fd;
}

static void
read_request (gnutls_session_t session)
{
  char buffer[4096];

  g_string_truncate (asked, 0);
  while (strstr (asked->str, "\r\n\r\n") == NULL)
    {
      gssize n = gnutls_record_recv (session, buffer, sizeof buffer);
      if (n <= 0)
        return;
      g_string_append_len (asked, buffer, n);
    }
  const char *length = strstr (asked->str, "Content-Length: ");
  gsize body = strstr (asked->str, "\r\n\r\n") + 4 - asked->str;
  gsize want = length != NULL ? strtoul (length + 16, NULL, 10) : 0;
  while (asked->len < body + want)
    {
      gssize n = gnutls_record_recv (session, buffer, sizeof buffer);
      if (n <= 0)
        return;
      g_string_append_len (asked, buffer, n);
    }
}

static void
send_all (gnutls_session_t session, const char *data, gsize len)
{
  while (len > 0)
    {
      gssize n = gnutls_record_send (session, data, len);
      if (n <= 0)
        return;
      data += n;
      len -= (gsize)n;
    }
}

static void
serve (int fd)
{
  gnutls_session_t session;
  char byte;

  gnutls_init (&session, GNUTLS_SERVER);
  gnutls_set_default_priority (session);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  gnutls_transport_set_int (session, fd);
  if (gnutls_handshake (session) == 0)
    {
      read_request (session);
      if (answer != NULL)
        {
          send_all (session, answer, strlen (answer));
          gnutls_bye (session, GNUTLS_SHUT_WR);
        }
      else
        gnutls_record_recv (session, &byte, 1);
    }
  gnutls_deinit (session);
}

static gpointer
run_server (gpointer data)
{
  (void)data;
  int fd;

  while ((fd = accept (listener, NULL, NULL)) >= 0)
    {
      g_atomic_int_inc (&n_connections);
      serve (fd);
      close (fd);
    }
  return NULL;
}

static void
start_server (void)
{
  asked = g_string_new (NULL);
  listener = bind_loopback (&port);
  g_assert_cmpint (listen (listener, 8), ==, 0);
  thread = g_thread_new ("server", run_server, NULL);
}

static void
stop_server (void)
{
  shutdown (listener, SHUT_RDWR);
  g_thread_join (thread);
  close (listener);
  g_string_free (asked, TRUE);
}

/* The client. */

static PurpleAccount *account;
static XimHttp *http;

static struct
{
  gboolean here;
  XimHttpOutcome outcome;
  guint status;
  char *body;
  char *etag;
  guint retry_after_s;
} got;

static void
take (const XimHttpAnswer *whole, gpointer data)
{
  (void)data;
  gsize len = 0;
  const char *bytes = g_bytes_get_data (whole->body, &len);

  g_assert_false (got.here);
  got.here = TRUE;
  got.outcome = whole->outcome;
  got.status = whole->status;
  got.body = g_strndup (bytes != NULL ? bytes : "", len);
  got.etag = g_strdup (whole->etag);
  got.retry_after_s = whole->retry_after_s;
}

static void
forget (void)
{
  g_free (got.body);
  g_free (got.etag);
  memset (&got, 0, sizeof got);
}

static XimHttpOutcome
fetch (XimHttpRequest request)
{
  forget ();
  if (request.method == NULL)
    request.method = "GET";
  if (request.max_len == 0)
    request.max_len = 1000;
  xim_http_send (http, &request, take, NULL);
  g_assert_false (got.here);
  while (!got.here)
    g_main_context_iteration (NULL, TRUE);
  return got.outcome;
}

static char *
url_of (guint16 to_port, const char *path)
{
  return g_strdup_printf ("https://127.0.0.1:%u%s", to_port, path);
}

static XimHttpOutcome
get (const char *reply)
{
  g_autofree char *url = url_of (port, "/x");
  answer = reply;
  return fetch ((XimHttpRequest){
      .url = url, .ca_file = ca_file, .local = TRUE, .deadline_s = 2 });
}

#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"

static void
test_gets (void)
{
  g_assert_cmpint (get (HEAD "ETag: \"a1\"\r\nContent-Length: 5\r\n\r\nhello"),
                   ==, XIM_HTTP_ANSWER);
  g_assert_cmpuint (got.status, ==, 200);
  g_assert_cmpstr (got.body, ==, "hello");
  g_assert_cmpstr (got.etag, ==, "\"a1\"");
  g_assert_true (g_str_has_prefix (asked->str, "GET /x HTTP/1.1\r\n"));
  g_assert_null (strstr (asked->str, "If-None-Match"));
}

static void
test_sends (void)
{
  g_autofree char *url = url_of (port, "/x");
  answer = "HTTP/1.1 429 No\r\nConnection: close\r\nRetry-After: 17\r\n"
           "Content-Length: 0\r\n\r\n";
  g_assert_cmpint (fetch ((XimHttpRequest){ .method = "PUT",
                                            .url = url,
                                            .ca_file = ca_file,
                                            .local = TRUE,
                                            .content_type = "text/plain",
                                            .etag = "\"b\"",
                                            .body = "some\nbody",
                                            .body_len = 9 }),
                   ==, XIM_HTTP_ANSWER);
  g_assert_cmpuint (got.status, ==, 429);
  g_assert_cmpuint (got.retry_after_s, ==, 17);
  g_assert_true (g_str_has_prefix (asked->str, "PUT /x "));
  g_assert_true (g_str_has_suffix (asked->str, "\r\n\r\nsome\nbody"));
  g_assert_nonnull (strstr (asked->str, "\r\nContent-Type: text/plain\r\n"));
  g_assert_nonnull (strstr (asked->str, "\r\nIf-None-Match: \"b\"\r\n"));
  g_assert_null (strstr (asked->str, "Expect"));
}

static void
test_refuses_redirect (void)
{
  int before = g_atomic_int_get (&n_connections);
  g_autofree char *reply = g_strdup_printf (
      "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: "
      "https://127.0.0.1:%u/y\r\nContent-Length: 0\r\n\r\n",
      port);
  g_assert_cmpint (get (reply), ==, XIM_HTTP_ANSWER);
  g_assert_cmpuint (got.status, ==, 302);
  g_assert_cmpint (g_atomic_int_get (&n_connections), ==, before + 1);
}

static void
test_refuses_too_large (void)
{
  g_autofree char *body = g_strnfill (1001, 'x');
  g_autofree char *known
      = g_strdup_printf (HEAD "Content-Length: 1001\r\n\r\n%s", body);
  g_autofree char *unknown = g_strdup_printf (HEAD "\r\n%s", body);
  g_autofree char *headers = g_strnfill (20000, 'y');
  g_autofree char *head
      = g_strdup_printf (HEAD "X: %s\r\nContent-Length: 0\r\n\r\n", headers);
  g_assert_cmpint (get (known), ==, XIM_HTTP_FAILED);
  g_assert_cmpint (get (unknown), ==, XIM_HTTP_FAILED);
  g_assert_cmpuint (strlen (got.body), <=, 1000);
  g_assert_cmpint (get (head), ==, XIM_HTTP_FAILED);
  g_autofree char *fits
      = g_strdup_printf (HEAD "Content-Length: 1000\r\n\r\n%s", body + 1);
  g_assert_cmpint (get (fits), ==, XIM_HTTP_ANSWER);
}

static void
test_refuses_half (void)
{
  g_assert_cmpint (get (HEAD "Content-Length: 10\r\n\r\nhel"), ==,
                   XIM_HTTP_FAILED);
  g_assert_cmpint (get (HEAD "Content-Len"), ==, XIM_HTTP_FAILED);
  g_assert_cmpint (get (HEAD), ==, XIM_HTTP_FAILED);
  g_assert_cmpint (get ("hello"), ==, XIM_HTTP_FAILED);
}

static void
test_times_out (void)
{
  gint64 start = g_get_monotonic_time ();
  g_autofree char *url = url_of (port, "/x");
  answer = NULL;
  g_assert_cmpint (
      fetch ((XimHttpRequest){
          .url = url, .ca_file = ca_file, .local = TRUE, .deadline_s = 1 }),
      ==, XIM_HTTP_TIMEOUT);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 3 * G_USEC_PER_SEC);
}

static void
test_refuses_certificate (void)
{
  g_autofree char *url = url_of (port, "/x");
  g_autofree char *name = g_strdup_printf ("https://localhost:%u/", port);
  answer = HEAD "Content-Length: 0\r\n\r\n";
  g_assert_cmpint (fetch ((XimHttpRequest){
                       .url = url, .ca_file = other_file, .local = TRUE }),
                   ==, XIM_HTTP_CERTIFICATE);
  g_assert_cmpint (fetch ((XimHttpRequest){ .url = url, .local = TRUE }), ==,
                   XIM_HTTP_CERTIFICATE);
  /* The right authority, another name. */
  g_assert_cmpint (fetch ((XimHttpRequest){
                       .url = name, .ca_file = ca_file, .local = TRUE }),
                   ==, XIM_HTTP_CERTIFICATE);
  g_assert_cmpuint (got.status, ==, 0);
}

static void
test_refused_port (void)
{
  guint16 closed = 0;
  int fd = bind_loopback (&closed); /* bound, and nobody listens */
  g_autofree char *url = url_of (closed, "/");
  g_assert_cmpint (fetch ((XimHttpRequest){ .url = url, .local = TRUE }), ==,
                   XIM_HTTP_REFUSED);
  close (fd);
}

/* A resolver that is out of order must not look like a name without address:
 * whichever this machine has, the answer is one of the two. */
static void
test_unknown_host (void)
{
  XimHttpOutcome outcome = fetch (
      (XimHttpRequest){ .url = "https://keys.no-such-name.invalid/" });
  g_assert_true (outcome == XIM_HTTP_NO_ADDRESS || outcome == XIM_HTTP_FAILED);
}

static void
test_refuses_private_address (void)
{
  int before = g_atomic_int_get (&n_connections);
  g_autofree char *url = url_of (port, "/");
  g_autofree char *name = g_strdup_printf ("https://localhost:%u/", port);
  g_autofree char *six = g_strdup_printf ("https://[::1]:%u/", port);
  g_assert_cmpint (fetch ((XimHttpRequest){ .url = url }), ==,
                   XIM_HTTP_FAILED);
  g_assert_cmpint (fetch ((XimHttpRequest){ .url = name }), ==,
                   XIM_HTTP_FAILED);
  g_assert_cmpint (fetch ((XimHttpRequest){ .url = six }), ==,
                   XIM_HTTP_FAILED);
  g_assert_cmpint (g_atomic_int_get (&n_connections), ==, before);
}

static void
test_refuses_plain (void)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", port);
  int before = g_atomic_int_get (&n_connections);
  g_assert_cmpint (fetch ((XimHttpRequest){ .url = url, .local = TRUE }), ==,
                   XIM_HTTP_FAILED);
  g_assert_cmpint (
      fetch ((XimHttpRequest){ .url = "file:///etc/passwd", .local = TRUE }),
      ==, XIM_HTTP_FAILED);
  g_assert_cmpint (fetch ((XimHttpRequest){ .url = "", .local = TRUE }), ==,
                   XIM_HTTP_FAILED);
  g_assert_cmpint (g_atomic_int_get (&n_connections), ==, before);
}

static void
test_ignores_environment (void)
{
  g_setenv ("https_proxy", "http://127.0.0.1:1/", TRUE);
  g_assert_cmpint (get (HEAD "Content-Length: 0\r\n\r\n"), ==,
                   XIM_HTTP_ANSWER);
  g_unsetenv ("https_proxy");
}

/* A proxy that cannot be used is no reason to go without one. */
static void
test_never_around_the_proxy (void)
{
  const PurpleProxyType types[] = { PURPLE_PROXY_HTTP, PURPLE_PROXY_SOCKS4,
                                    PURPLE_PROXY_SOCKS5, PURPLE_PROXY_TOR };
  guint16 closed = 0;
  int fd = bind_loopback (&closed);
  int before = g_atomic_int_get (&n_connections);
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (types); i++)
    {
      PurpleProxyInfo *proxy = purple_proxy_info_new ();
      purple_proxy_info_set_type (proxy, types[i / 2]);
      if (i % 2 == 0)
        {
          purple_proxy_info_set_host (proxy, "127.0.0.1");
          purple_proxy_info_set_port (proxy, closed);
        }
      purple_account_set_proxy_info (account, proxy);
      g_assert_cmpint (get (HEAD "Content-Length: 0\r\n\r\n"), ==,
                       XIM_HTTP_FAILED);
    }
  purple_account_set_proxy_info (account, NULL);
  g_assert_cmpint (g_atomic_int_get (&n_connections), ==, before);
  close (fd);
}

static void
test_cancels (void)
{
  g_autofree char *url = url_of (port, "/x");
  XimHttpRequest request = { .method = "GET",
                             .url = url,
                             .ca_file = ca_file,
                             .local = TRUE,
                             .max_len = 10 };
  forget ();
  answer = HEAD "Content-Length: 0\r\n\r\n";
  guint id = xim_http_send (http, &request, take, NULL);
  g_assert_cmpuint (id, !=, 0);
  xim_http_cancel (http, id);
  xim_http_cancel (http, id);
  xim_http_cancel (http, 0);
  g_assert_cmpint (get (HEAD "Content-Length: 0\r\n\r\n"), ==,
                   XIM_HTTP_ANSWER);
  /* Freed with requests under way, one of them at the resolver. */
  forget ();
  answer = NULL;
  XimHttp *other = xim_http_new (account);
  xim_http_send (other, &request, take, NULL);
  request.url = "https://keys.no-such-name.invalid/";
  xim_http_send (other, &request, take, NULL);
  for (int i = 0; i < 20; i++)
    {
      forget ();
      g_main_context_iteration (NULL, FALSE);
    }
  xim_http_free (other);
  forget ();
  for (int i = 0; i < 100; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_false (got.here);
}

static void
test_addresses (void)
{
  const char *const private_ones[] = {
    "0.0.0.0",       "10.1.2.3",         "100.64.0.1",      "127.0.0.1",
    "169.254.1.1",   "172.16.0.1",       "172.31.255.255",  "192.168.1.1",
    "198.18.0.1",    "224.0.0.1",        "255.255.255.255", "::",
    "::1",           "fe80::1",          "fc00::1",         "fd12::1",
    "ff02::1",       "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2001:db8::1",      "2001::1"
  };
  const char *const public_ones[]
      = { "1.1.1.1",          "172.15.255.255", "172.32.0.1",
          "100.63.0.1",       "100.128.0.1",    "192.167.1.1",
          "198.20.0.1",       "223.255.255.1",  "2a00::1",
          "2606:4700::1",     "::ffff:1.1.1.1", "64:ff9b::101:101",
          "keys.example.org", "localhost" };
  for (gsize i = 0; i < G_N_ELEMENTS (private_ones); i++)
    g_assert_false (xim_netaddr_host_is_public (private_ones[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (public_ones); i++)
    g_assert_true (xim_netaddr_host_is_public (public_ones[i]));
  struct sockaddr other = { .sa_family = AF_UNIX };
  g_assert_false (xim_netaddr_is_public (&other));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  signal (SIGPIPE, SIG_IGN);
  headless_start ();
  make_certificates ();
  start_server ();
  account = purple_account_new ("carol@own.test", "prpl-jabber");
  http = xim_http_new (account);
  g_test_add_func ("/http/gets", test_gets);
  g_test_add_func ("/http/sends", test_sends);
  g_test_add_func ("/http/refuses-redirect", test_refuses_redirect);
  g_test_add_func ("/http/refuses-too-large", test_refuses_too_large);
  g_test_add_func ("/http/refuses-half", test_refuses_half);
  g_test_add_func ("/http/times-out", test_times_out);
  g_test_add_func ("/http/refuses-certificate", test_refuses_certificate);
  g_test_add_func ("/http/refused-port", test_refused_port);
  g_test_add_func ("/http/unknown-host", test_unknown_host);
  g_test_add_func ("/http/refuses-private-address",
                   test_refuses_private_address);
  g_test_add_func ("/http/refuses-plain", test_refuses_plain);
  g_test_add_func ("/http/ignores-environment", test_ignores_environment);
  g_test_add_func ("/http/never-around-the-proxy",
                   test_never_around_the_proxy);
  g_test_add_func ("/http/cancels", test_cancels);
  g_test_add_func ("/netaddr/addresses", test_addresses);
  int result = g_test_run ();
  forget ();
  xim_http_free (http);
  purple_account_destroy (account);
  stop_server ();
  gnutls_certificate_free_credentials (credentials);
  headless_stop ();
  headless_remove (dir);
  g_free (dir);
  g_free (ca_file);
  g_free (other_file);
  return result;
}
