/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* TLS: the certificate in use, which can change while connections are open,
   and how their sessions resume and send. */

#include "config.h"

#include "ks-tls.h"

#include <gnutls/x509.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "xim-error.h"

#include "ks-metrics.h"

#define CHAIN_MAX 16
#define INPUT_LEN 2048 /* a request and its record */

typedef struct
{
  gnutls_pcert_st chain[CHAIN_MAX];
  unsigned int chain_len;
  gnutls_privkey_t key;
} Certificate;

struct _XimKsTlsInput
{
  int fd;
  const guint8 *next;
  size_t len; /* from next on */
  guint8 data[INPUT_LEN];
};

static GMutex lock;
static Certificate *current;
/* A handshake may still use an older one; they are few and small. */
static GPtrArray *all;
static gnutls_datum_t ticket_key;

static void
certificate_free (Certificate *certificate)
{
  for (unsigned int i = 0; i < certificate->chain_len; i++)
    gnutls_pcert_deinit (&certificate->chain[i]);
  if (certificate->key != NULL)
    gnutls_privkey_deinit (certificate->key);
  g_free (certificate);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Certificate, certificate_free)

static gboolean
failed (const char *path, int result, GError **error)
{
  XimError code
      = result == GNUTLS_E_FILE_ERROR ? XIM_ERROR_STORE : XIM_ERROR_MALFORMED;
  g_set_error (error, XIM_ERROR, (int)code, "%s: %s", path,
               gnutls_strerror (result));
  return FALSE;
}

/* GnuTLS compares the key with the certificate only in its own structure. */
static gboolean
check_pair (const char *chain, const char *key, GError **error)
{
  gnutls_certificate_credentials_t credentials;
  int result = gnutls_certificate_allocate_credentials (&credentials);
  if (result >= 0)
    {
      result = gnutls_certificate_set_x509_key_file (credentials, chain, key,
                                                     GNUTLS_X509_FMT_PEM);
      gnutls_certificate_free_credentials (credentials);
    }
  return result >= 0 || failed (chain, result, error);
}

static gboolean
load_chain (Certificate *certificate, const char *path, GError **error)
{
  unsigned int n = CHAIN_MAX;
  gnutls_datum_t pem = { NULL, 0 };
  int result = gnutls_load_file (path, &pem);
  if (result >= 0)
    {
      result = gnutls_pcert_list_import_x509_raw (certificate->chain, &n, &pem,
                                                  GNUTLS_X509_FMT_PEM,
                                                  GNUTLS_X509_CRT_LIST_SORT);
      gnutls_free (pem.data);
    }
  if (result < 0)
    return failed (path, result, error);
  certificate->chain_len = n;
  return TRUE;
}

static gboolean
load_key (Certificate *certificate, const char *path, GError **error)
{
  gnutls_datum_t pem = { NULL, 0 };
  int result = gnutls_load_file (path, &pem);
  if (result >= 0)
    {
      result = gnutls_privkey_init (&certificate->key);
      if (result >= 0)
        result = gnutls_privkey_import_x509_raw (certificate->key, &pem,
                                                 GNUTLS_X509_FMT_PEM, NULL, 0);
      gnutls_memset (pem.data, 0, pem.size);
      gnutls_free (pem.data);
    }
  return result >= 0 || failed (path, result, error);
}

static gboolean
read_expiry (const Certificate *certificate, gint64 *expires_s, GError **error)
{
  gnutls_x509_crt_t leaf;
  int result = gnutls_x509_crt_init (&leaf);
  if (result < 0)
    return failed ("certificate", result, error);
  result = gnutls_x509_crt_import (leaf, &certificate->chain[0].cert,
                                   GNUTLS_X509_FMT_DER);
  *expires_s = (gint64)gnutls_x509_crt_get_expiration_time (leaf);
  gnutls_x509_crt_deinit (leaf);
  return result >= 0 || failed ("certificate", result, error);
}

static gboolean
check_expiry (const Certificate *certificate, GError **error)
{
  gint64 expires_s = 0;
  if (!read_expiry (certificate, &expires_s, error))
    return FALSE;
  if (expires_s <= g_get_real_time () / G_USEC_PER_SEC)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED,
                   "the certificate is no longer valid");
      return FALSE;
    }
  xim_ks_metrics_set (XIM_KS_CERTIFICATE_EXPIRES, expires_s);
  return TRUE;
}

gboolean
xim_ks_tls_load (const char *chain, const char *key, GError **error)
{
  g_autoptr (Certificate) certificate = g_new0 (Certificate, 1);
  if (!check_pair (chain, key, error)
      || !load_chain (certificate, chain, error)
      || !load_key (certificate, key, error)
      || !check_expiry (certificate, error))
    return FALSE;

  g_mutex_lock (&lock);
  if (all == NULL)
    all = g_ptr_array_new_with_free_func ((GDestroyNotify)certificate_free);
  current = g_steal_pointer (&certificate);
  g_ptr_array_add (all, current);
  if (ticket_key.data == NULL
      && gnutls_session_ticket_key_generate (&ticket_key) < 0)
    ticket_key.data = NULL; /* then nobody resumes */
  g_mutex_unlock (&lock);
  return TRUE;
}

void
xim_ks_tls_unload (void)
{
  g_mutex_lock (&lock);
  current = NULL;
  g_clear_pointer (&all, g_ptr_array_unref);
  if (ticket_key.data != NULL)
    gnutls_memset (ticket_key.data, 0, ticket_key.size);
  g_clear_pointer (&ticket_key.data, gnutls_free);
  ticket_key.size = 0;
  g_mutex_unlock (&lock);
}

int
xim_ks_tls_retrieve (gnutls_session_t session, const gnutls_datum_t *issuers,
                     int n_issuers, const gnutls_pk_algorithm_t *algorithms,
                     int n_algorithms, gnutls_pcert_st **chain,
                     unsigned int *chain_len, gnutls_privkey_t *key)
{
  (void)session, (void)issuers, (void)n_issuers;
  (void)algorithms, (void)n_algorithms;
  g_mutex_lock (&lock);
  Certificate *certificate = current;
  g_mutex_unlock (&lock);
  if (certificate == NULL)
    return -1;
  *chain = certificate->chain;
  *chain_len = certificate->chain_len;
  *key = certificate->key;
  return 0;
}

static ssize_t
pull (gnutls_transport_ptr_t from, void *out, size_t len)
{
  XimKsTlsInput *input = from;
  if (input->len == 0)
    {
      ssize_t n = recv (input->fd, input->data, sizeof input->data, 0);
      if (n <= 0)
        return n;
      input->next = input->data;
      input->len = (size_t)n;
    }
  size_t n = MIN (len, input->len);
  memcpy (out, input->next, n);
  input->next += n;
  input->len -= n;
  return (ssize_t)n;
}

static int
pull_timeout (gnutls_transport_ptr_t from, unsigned int ms)
{
  XimKsTlsInput *input = from;
  struct pollfd poll_fd = { .fd = input->fd, .events = POLLIN };
  return input->len > 0 ? 1 : poll (&poll_fd, 1, (int)MIN (ms, G_MAXINT));
}

XimKsTlsInput *
xim_ks_tls_begin (gnutls_session_t session, int fd)
{
  XimKsTlsInput *input = g_new0 (XimKsTlsInput, 1);
  input->fd = fd;
  gnutls_transport_set_ptr2 (session, input, GINT_TO_POINTER (fd));
  gnutls_transport_set_pull_function (session, pull);
  gnutls_transport_set_pull_timeout_function (session, pull_timeout);
  if (ticket_key.data != NULL)
    gnutls_session_ticket_enable_server (session, &ticket_key);
  return input;
}

void
xim_ks_tls_end (XimKsTlsInput *input)
{
  g_free (input);
}

void
xim_ks_tls_cork (gnutls_session_t session)
{
  gnutls_record_cork (session);
}

gboolean
xim_ks_tls_uncork (gnutls_session_t session)
{
  return gnutls_record_uncork (session, 0) >= 0;
}
