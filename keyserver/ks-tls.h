/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* TLS: the certificate in use, which can change while connections are open,
   and how their sessions resume and send. */

#pragma once

#include <glib.h>
#include <gnutls/abstract.h>

/**
 * xim_ks_tls_load:
 * @chain: PEM, the server's certificate first; @key: PEM, its private key
 *
 * From now on new connections get this certificate; those that are open keep
 * theirs.  There is one certificate for the process, because the function
 * below is given no place for another.  When it fails the one in use stays.
 * Errors: STORE, a file cannot be read; MALFORMED, no PEM, or the key does not
 * belong to the certificate; EXPIRED, its time is over.
 */
gboolean xim_ks_tls_load (const char *chain, const char *key, GError **error);

/**
 * xim_ks_tls_unload:
 * Frees all certificates; no connection may be left.
 */
void xim_ks_tls_unload (void);

/**
 * xim_ks_tls_retrieve:
 * A gnutls_certificate_retrieve_function2.
 */
int xim_ks_tls_retrieve (gnutls_session_t session,
                          const gnutls_datum_t *issuers, int n_issuers,
                          const gnutls_pk_algorithm_t *algorithms,
                          int n_algorithms, gnutls_pcert_st **chain,
                          unsigned int *chain_len, gnutls_privkey_t *key);

/**
 * XimKsTlsInput:
 * What was read from a connection and not yet asked for: a record comes with
 * one system call, where GnuTLS itself needs two.
 */
typedef struct _XimKsTlsInput XimKsTlsInput;

/**
 * xim_ks_tls_begin:
 * @session: of a new connection, before its handshake
 * @fd: its socket, which does not block
 *
 * Lets the client resume the session later, by a ticket whose key GnuTLS
 * changes every few hours and which is gone with this process.
 * Returns: (transfer full): to be freed after @session
 */
XimKsTlsInput *xim_ks_tls_begin (gnutls_session_t session, int fd);
void xim_ks_tls_end (XimKsTlsInput *input);

/**
 * xim_ks_tls_cork:
 * Keeps what is sent until xim_ks_tls_uncork(), so that head and body of an
 * answer are one record and one system call.
 */
void xim_ks_tls_cork (gnutls_session_t session);

/**
 * xim_ks_tls_uncork:
 * Returns: whether all was sent; FALSE when the client did not read what it
 * was sent before, and the connection must end
 */
gboolean xim_ks_tls_uncork (gnutls_session_t session);
