/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The TLS certificate in use, which can change while connections are open. */

#pragma once

#include <glib.h>
#include <gnutls/abstract.h>

/**
 * xim_ks_cert_load:
 * @chain: PEM, the server's certificate first; @key: PEM, its private key
 *
 * From now on new connections get this certificate; those that are open keep
 * theirs.  There is one certificate for the process, because the function
 * below is given no place for another.  When it fails the one in use stays.
 * Errors: STORE, a file cannot be read; MALFORMED, no PEM, or the key does not
 * belong to the certificate; EXPIRED, its time is over.
 */
gboolean xim_ks_cert_load (const char *chain, const char *key, GError **error);

/**
 * xim_ks_cert_unload:
 * Frees all certificates; no connection may be left.
 */
void xim_ks_cert_unload (void);

/**
 * xim_ks_cert_retrieve:
 * A gnutls_certificate_retrieve_function2.
 */
int xim_ks_cert_retrieve (gnutls_session_t session,
                          const gnutls_datum_t *issuers, int n_issuers,
                          const gnutls_pk_algorithm_t *algorithms,
                          int n_algorithms, gnutls_pcert_st **chain,
                          unsigned int *chain_len, gnutls_privkey_t *key);
