/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The primitives of suite 1; the only file that calls libsodium and GnuTLS. */

#pragma once

#include <glib.h>

#include "xim-limits.h"
#include "xim-secret.h"

typedef struct
{
  guint8 bytes[32];
} XimHash; /* SHA-256 */

typedef struct
{
  guint8 bytes[64];
} XimDigest; /* SHA-512 */

typedef struct
{
  guint8 bytes[32];
} XimEd25519Public;

typedef struct
{
  guint8 bytes[32];
} XimX25519Public;

typedef struct
{
  guint8 bytes[32];
} XimVrfPublic; /* ristretto255 */

typedef struct
{
  guint8 bytes[64];
} XimSignature; /* Ed25519 */

typedef struct
{
  guint8 bytes[32];
} XimElement; /* ristretto255, encoded */

/* A piece of input; a list of them is hashed as if joined. */
typedef struct
{
  const void *data;
  gsize len;
} XimPiece;

void xim_crypto_random (guint8 *out, gsize len);

/**
 * xim_crypto_equal:
 * Compares in constant time.
 */
gboolean xim_crypto_equal (const void *a, const void *b, gsize len);

void xim_crypto_sha256 (const XimPiece *pieces, guint n_pieces, XimHash *out);
void xim_crypto_sha512 (const XimPiece *pieces, guint n_pieces,
                        XimDigest *out);

/**
 * XimSha512:
 * SHA-512 of bytes that come in parts; finish frees it.
 */
typedef struct _XimSha512 XimSha512;
XimSha512 *xim_sha512_new (void);
void xim_sha512_update (XimSha512 *sha, const void *data, gsize len);
void xim_sha512_finish (XimSha512 *sha, XimDigest *out);
void xim_sha512_free (XimSha512 *sha);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimSha512, xim_sha512_free)

void xim_crypto_hmac_sha256 (const guint8 *key, gsize key_len,
                             const XimPiece *pieces, guint n_pieces,
                             XimHash *out);

/**
 * xim_crypto_hkdf_sha256_extract:
 * @salt: may be NULL with length 0
 * @prk: (out): 32 bytes
 * Source: RFC 5869.
 */
void xim_crypto_hkdf_sha256_extract (const guint8 *salt, gsize salt_len,
                                     const guint8 *ikm, gsize ikm_len,
                                     guint8 *prk);
void xim_crypto_hkdf_sha256_expand (const guint8 *prk, const guint8 *info,
                                    gsize info_len, guint8 *out,
                                    gsize out_len);
/**
 * xim_crypto_hkdf_sha512_expand:
 * @key: @key_len bytes, used as the pseudo-random key
 */
void xim_crypto_hkdf_sha512_expand (const guint8 *key, gsize key_len,
                                    const guint8 *info, gsize info_len,
                                    guint8 *out, gsize out_len);

/**
 * XimGcm:
 * AES-256-GCM under one key.
 */
typedef struct _XimGcm XimGcm;

/**
 * xim_gcm_new:
 * @key: 32 bytes
 */
XimGcm *xim_gcm_new (const guint8 *key);
void xim_gcm_free (XimGcm *gcm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimGcm, xim_gcm_free)

/**
 * xim_gcm_seal:
 * @nonce: 12 bytes, or NULL for twelve zeros (a key used once)
 * @ad: (nullable): additional data
 * @plain: what to encrypt
 * @out: @plain's length + 16 bytes
 */
void xim_gcm_seal (XimGcm *gcm, const guint8 *nonce, const XimPiece *ad,
                   const XimPiece *plain, guint8 *out);

/**
 * xim_gcm_open:
 * @nonce, @ad: as when it was sealed
 * @sealed: the last 16 bytes are the tag
 * @out: @sealed's length - 16 bytes; wiped when it does not open
 * Errors: MALFORMED, it is shorter than its tag or does not open.
 */
gboolean xim_gcm_open (XimGcm *gcm, const guint8 *nonce, const XimPiece *ad,
                       const XimPiece *sealed, guint8 *out, GError **error);

/**
 * xim_crypto_x25519_generate:
 * Returns: (transfer full): a 32-byte private key
 */
XimSecret *xim_crypto_x25519_generate (void);
void xim_crypto_x25519_public (const XimSecret *private_key,
                               XimX25519Public *out);

/**
 * xim_crypto_x25519:
 * @out: (out): 32 bytes
 * Errors: MALFORMED, the result is all zero.
 */
gboolean xim_crypto_x25519 (const XimSecret *private_key,
                            const XimX25519Public *peer, guint8 *out,
                            GError **error);

/**
 * xim_crypto_x25519_check:
 * Errors: MALFORMED, a key of low order: every result is all zero.
 */
gboolean xim_crypto_x25519_check (const XimX25519Public *key, GError **error);

/**
 * xim_crypto_ed25519_public:
 * @seed: 32 bytes
 */
void xim_crypto_ed25519_public (const XimSecret *seed, XimEd25519Public *out);

/**
 * xim_crypto_ed25519_expand:
 * @seed: 32 bytes
 * Returns: (transfer full): the 64-byte form that signing takes
 */
XimSecret *xim_crypto_ed25519_expand (const XimSecret *seed);
void xim_crypto_ed25519_sign (const XimSecret *expanded, const guint8 *data,
                              gsize len, XimSignature *out);

/**
 * xim_crypto_ed25519_verify:
 * RFC 8032, as strict as libsodium: S reduced, R and key of no small order.
 * Errors: SIGNATURE.
 */
gboolean xim_crypto_ed25519_verify (const XimEd25519Public *key,
                                    const guint8 *data, gsize len,
                                    const XimSignature *signature,
                                    GError **error);

/**
 * xim_crypto_ed25519_check:
 * Errors: MALFORMED, not a canonical point of the prime-order group, or the
 * identity.
 */
gboolean xim_crypto_ed25519_check (const XimEd25519Public *key,
                                   GError **error);

/**
 * xim_crypto_vrf_check:
 * Errors: MALFORMED, no canonical ristretto255 element, or the identity.
 */
gboolean xim_crypto_vrf_check (const XimVrfPublic *key, GError **error);

/**
 * xim_crypto_vrf_generate:
 * Returns: (transfer full): a 32-byte scalar, the private key of vrf-r255
 */
XimSecret *xim_crypto_vrf_generate (void);
void xim_crypto_vrf_public (const XimSecret *private_key, XimVrfPublic *out);

/**
 * xim_crypto_element_check:
 * Returns: whether @element is the canonical encoding of an element of
 * ristretto255; the identity is one
 */
gboolean xim_crypto_element_check (const XimElement *element);

/**
 * xim_crypto_element_from_hash:
 * @out: (out): what the one-way map of ristretto255 makes of @hash
 */
void xim_crypto_element_from_hash (const XimDigest *hash, XimElement *out);

/**
 * xim_crypto_element_multiply:
 * @scalar: 32 bytes, reduced; takes the same time whatever they are
 * @element: (nullable): NULL for the generator
 * Returns: FALSE when the result is the identity or @element is none
 */
gboolean xim_crypto_element_multiply (const guint8 *scalar,
                                      const XimElement *element,
                                      XimElement *out);

/**
 * xim_crypto_element_subtract:
 * @out: (out): @a - @b
 * Returns: FALSE when one of them is no element
 */
gboolean xim_crypto_element_subtract (const XimElement *a, const XimElement *b,
                                      XimElement *out);

/* Scalars of ristretto255: 32 bytes, little-endian, below the order. */
gboolean xim_crypto_scalar_check (const guint8 *scalar);

/**
 * xim_crypto_scalar_reduce:
 * @wide: 64 bytes
 * @out: 32 bytes
 */
void xim_crypto_scalar_reduce (const guint8 *wide, guint8 *out);

/**
 * xim_crypto_scalar_multiply_add:
 * @out: (out): 32 bytes, @a * @b + @c
 */
void xim_crypto_scalar_multiply_add (const guint8 *a, const guint8 *b,
                                     const guint8 *c, guint8 *out);

/**
 * xim_crypto_argon2id:
 * @salt: 16 bytes
 * @bytes: memory; @passes: iterations; both checked by the caller's limits
 * Errors: STORE, no memory.
 * Returns: (transfer full): @out_len bytes; may take seconds
 * Source: RFC 9106, parallelism 1.
 */
XimSecret *xim_crypto_argon2id (const XimSecret *passphrase,
                                const guint8 *salt, guint64 bytes,
                                guint64 passes, gsize out_len,
                                GError **error);
