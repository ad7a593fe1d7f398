/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The primitives of suite 1, by libsodium and GnuTLS. */

#include "config.h"

#include "xim-crypto.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <string.h>

#include "xim-error.h"

struct _XimSha512
{
  gnutls_hash_hd_t hash;
};

struct _XimGcm
{
  gnutls_aead_cipher_hd_t cipher;
};

/* These calls fail only when memory runs out or a library is broken: going on
   would mean sending something that is not encrypted as it should be. */
static void
must (int result, const char *what)
{
  if (result < 0)
    g_error ("%s does not work: %s", what, gnutls_strerror (result));
}

void
xim_crypto_random (guint8 *out, gsize len)
{
  randombytes_buf (out, len);
}

gboolean
xim_crypto_equal (const void *a, const void *b, gsize len)
{
  return sodium_memcmp (a, b, len) == 0;
}

static void
hash_pieces (gnutls_digest_algorithm_t algorithm, const XimPiece *pieces,
             guint n_pieces, void *out)
{
  gnutls_hash_hd_t hash;

  if (n_pieces == 1)
    {
      must (gnutls_hash_fast (algorithm, pieces[0].data, pieces[0].len, out),
            "hashing");
      return;
    }
  must (gnutls_hash_init (&hash, algorithm), "hashing of pieces");
  for (guint i = 0; i < n_pieces; i++)
    must (gnutls_hash (hash, pieces[i].data, pieces[i].len),
          "hashing of a piece");
  gnutls_hash_deinit (hash, out);
}

void
xim_crypto_sha256 (const XimPiece *pieces, guint n_pieces, XimHash *out)
{
  hash_pieces (GNUTLS_DIG_SHA256, pieces, n_pieces, out->bytes);
}

void
xim_crypto_sha512 (const XimPiece *pieces, guint n_pieces, XimDigest *out)
{
  hash_pieces (GNUTLS_DIG_SHA512, pieces, n_pieces, out->bytes);
}

XimSha512 *
xim_sha512_new (void)
{
  XimSha512 *sha = g_new (XimSha512, 1);
  must (gnutls_hash_init (&sha->hash, GNUTLS_DIG_SHA512), "SHA-512");
  return sha;
}

void
xim_sha512_update (XimSha512 *sha, const void *data, gsize len)
{
  must (gnutls_hash (sha->hash, data, len), "SHA-512 of a part");
}

void
xim_sha512_finish (XimSha512 *sha, XimDigest *out)
{
  gnutls_hash_deinit (sha->hash, out->bytes);
  g_free (sha);
}

void
xim_sha512_free (XimSha512 *sha)
{
  if (sha == NULL)
    return;
  gnutls_hash_deinit (sha->hash, NULL);
  g_free (sha);
}

void
xim_crypto_hmac_sha256 (const guint8 *key, gsize key_len,
                        const XimPiece *pieces, guint n_pieces, XimHash *out)
{
  gnutls_hmac_hd_t hmac;

  if (n_pieces == 1)
    {
      must (gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, key_len, pieces[0].data,
                              pieces[0].len, out->bytes),
            "HMAC");
      return;
    }
  must (gnutls_hmac_init (&hmac, GNUTLS_MAC_SHA256, key, key_len),
        "HMAC of pieces");
  for (guint i = 0; i < n_pieces; i++)
    must (gnutls_hmac (hmac, pieces[i].data, pieces[i].len),
          "HMAC of a piece");
  gnutls_hmac_deinit (hmac, out->bytes);
}

/* GnuTLS only reads through a datum, although its pointer is not const. */
static gnutls_datum_t
datum (const guint8 *data, gsize len)
{
  gnutls_datum_t result = { (unsigned char *)data, (unsigned int)len };
  return result;
}

void
xim_crypto_hkdf_sha256_extract (const guint8 *salt, gsize salt_len,
                                const guint8 *ikm, gsize ikm_len, guint8 *prk)
{
  static const guint8 nothing[1] = { 0 };
  gnutls_datum_t key = datum (ikm, ikm_len);
  gnutls_datum_t salt_datum = datum (salt ? salt : nothing, salt_len);

  must (gnutls_hkdf_extract (GNUTLS_MAC_SHA256, &key, &salt_datum, prk),
        "HKDF-Extract");
}

void
xim_crypto_hkdf_sha256_expand (const guint8 *prk, const guint8 *info,
                               gsize info_len, guint8 *out, gsize out_len)
{
  gnutls_datum_t key = datum (prk, XIM_KEY_LEN);
  gnutls_datum_t info_datum = datum (info, info_len);

  must (
      gnutls_hkdf_expand (GNUTLS_MAC_SHA256, &key, &info_datum, out, out_len),
      "HKDF-Expand with SHA-256");
}

void
xim_crypto_hkdf_sha512_expand (const guint8 *key, gsize key_len,
                               const guint8 *info, gsize info_len, guint8 *out,
                               gsize out_len)
{
  gnutls_datum_t key_datum = datum (key, key_len);
  gnutls_datum_t info_datum = datum (info, info_len);

  must (gnutls_hkdf_expand (GNUTLS_MAC_SHA512, &key_datum, &info_datum, out,
                            out_len),
        "HKDF-Expand with SHA-512");
}

XimGcm *
xim_gcm_new (const guint8 *key)
{
  gnutls_datum_t key_datum = datum (key, XIM_KEY_LEN);
  XimGcm *gcm = g_new (XimGcm, 1);

  must (gnutls_aead_cipher_init (&gcm->cipher, GNUTLS_CIPHER_AES_256_GCM,
                                 &key_datum),
        "AES-256-GCM");
  return gcm;
}

void
xim_gcm_free (XimGcm *gcm)
{
  if (gcm == NULL)
    return;
  gnutls_aead_cipher_deinit (gcm->cipher);
  g_free (gcm);
}

static const guint8 zero_nonce[XIM_GCM_NONCE_LEN];

static const XimPiece nothing;

void
xim_gcm_seal (XimGcm *gcm, const guint8 *nonce, const XimPiece *ad,
              const XimPiece *plain, guint8 *out)
{
  gsize out_len = plain->len + XIM_GCM_TAG_LEN;

  if (ad == NULL)
    ad = &nothing;
  must (gnutls_aead_cipher_encrypt (gcm->cipher, nonce ? nonce : zero_nonce,
                                    XIM_GCM_NONCE_LEN, ad->data, ad->len,
                                    XIM_GCM_TAG_LEN, plain->data, plain->len,
                                    out, &out_len),
        "AES-256-GCM encryption");
}

gboolean
xim_gcm_open (XimGcm *gcm, const guint8 *nonce, const XimPiece *ad,
              const XimPiece *sealed, guint8 *out, GError **error)
{
  gsize out_len = sealed->len - XIM_GCM_TAG_LEN;

  if (sealed->len < XIM_GCM_TAG_LEN)
    {
      g_set_error (
          error, XIM_ERROR, XIM_ERROR_MALFORMED,
          "expected sealed bytes with a tag of %d, got %" G_GSIZE_FORMAT
          " bytes",
          XIM_GCM_TAG_LEN, sealed->len);
      return FALSE;
    }
  if (ad == NULL)
    ad = &nothing;
  if (gnutls_aead_cipher_decrypt (
          gcm->cipher, nonce ? nonce : zero_nonce, XIM_GCM_NONCE_LEN, ad->data,
          ad->len, XIM_GCM_TAG_LEN, sealed->data, sealed->len, out, &out_len)
      == GNUTLS_E_SUCCESS)
    return TRUE;
  xim_secret_wipe (out, sealed->len - XIM_GCM_TAG_LEN);
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected bytes sealed with this key, they do not "
                       "open");
  return FALSE;
}

XimSecret *
xim_crypto_x25519_generate (void)
{
  XimSecret *key = xim_secret_new (crypto_scalarmult_curve25519_SCALARBYTES);
  xim_crypto_random (xim_secret_data (key), xim_secret_len (key));
  return key;
}

void
xim_crypto_x25519_public (const XimSecret *private_key, XimX25519Public *out)
{
  g_return_if_fail (xim_secret_len (private_key) == XIM_KEY_LEN);
  crypto_scalarmult_curve25519_base (out->bytes,
                                     xim_secret_peek (private_key));
}

gboolean
xim_crypto_x25519 (const XimSecret *private_key, const XimX25519Public *peer,
                   guint8 *out, GError **error)
{
  g_return_val_if_fail (xim_secret_len (private_key) == XIM_KEY_LEN, FALSE);
  if (crypto_scalarmult_curve25519 (out, xim_secret_peek (private_key),
                                    peer->bytes)
      == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected an X25519 key that agrees on a secret, the "
                       "result is all zero");
  return FALSE;
}

gboolean
xim_crypto_x25519_check (const XimX25519Public *key, GError **error)
{
  /* Any scalar does: each is made a multiple of 8, the low orders. */
  static const guint8 scalar[crypto_scalarmult_curve25519_SCALARBYTES] = { 8 };
  guint8 result[crypto_scalarmult_curve25519_BYTES];

  if (crypto_scalarmult_curve25519 (result, scalar, key->bytes) == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected an X25519 key, got one of low order");
  return FALSE;
}

void
xim_crypto_ed25519_public (const XimSecret *seed, XimEd25519Public *out)
{
  g_autoptr (XimSecret) expanded = xim_crypto_ed25519_expand (seed);
  memcpy (out->bytes, xim_secret_peek (expanded) + crypto_sign_SEEDBYTES,
          sizeof out->bytes);
}

XimSecret *
xim_crypto_ed25519_expand (const XimSecret *seed)
{
  g_return_val_if_fail (xim_secret_len (seed) == crypto_sign_SEEDBYTES, NULL);
  XimSecret *expanded = xim_secret_new (crypto_sign_SECRETKEYBYTES);
  guint8 public_key[crypto_sign_PUBLICKEYBYTES];

  crypto_sign_seed_keypair (public_key, xim_secret_data (expanded),
                            xim_secret_peek (seed));
  return expanded;
}

void
xim_crypto_ed25519_sign (const XimSecret *expanded, const guint8 *data,
                         gsize len, XimSignature *out)
{
  g_return_if_fail (xim_secret_len (expanded) == crypto_sign_SECRETKEYBYTES);
  crypto_sign_detached (out->bytes, NULL, data, len,
                        xim_secret_peek (expanded));
}

gboolean
xim_crypto_ed25519_verify (const XimEd25519Public *key, const guint8 *data,
                           gsize len, const XimSignature *signature,
                           GError **error)
{
  if (crypto_sign_verify_detached (signature->bytes, data, len, key->bytes)
      == 0)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                       "expected an Ed25519 signature of this key, it does "
                       "not verify");
  return FALSE;
}

gboolean
xim_crypto_ed25519_check (const XimEd25519Public *key, GError **error)
{
  if (crypto_core_ed25519_is_valid_point (key->bytes) == 1)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected an Ed25519 key, got no canonical point of "
                       "the prime-order group");
  return FALSE;
}

gboolean
xim_crypto_vrf_check (const XimVrfPublic *key, GError **error)
{
  if (sodium_is_zero (key->bytes, sizeof key->bytes) == 0
      && crypto_core_ristretto255_is_valid_point (key->bytes) == 1)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected a ristretto255 key, got no canonical "
                       "element or the identity");
  return FALSE;
}

XimSecret *
xim_crypto_vrf_generate (void)
{
  XimSecret *key = xim_secret_new (crypto_core_ristretto255_SCALARBYTES);
  crypto_core_ristretto255_scalar_random (xim_secret_data (key));
  return key;
}

void
xim_crypto_vrf_public (const XimSecret *private_key, XimVrfPublic *out)
{
  g_return_if_fail (xim_secret_len (private_key) == XIM_KEY_LEN);
  if (crypto_scalarmult_ristretto255_base (out->bytes,
                                           xim_secret_peek (private_key))
      != 0)
    g_error ("a VRF key must not be zero");
}

gboolean
xim_crypto_element_check (const XimElement *element)
{
  return crypto_core_ristretto255_is_valid_point (element->bytes) == 1;
}

void
xim_crypto_element_from_hash (const XimDigest *hash, XimElement *out)
{
  G_STATIC_ASSERT (crypto_core_ristretto255_HASHBYTES == sizeof hash->bytes);
  crypto_core_ristretto255_from_hash (out->bytes, hash->bytes);
}

gboolean
xim_crypto_element_multiply (const guint8 *scalar, const XimElement *element,
                             XimElement *out)
{
  int result = element != NULL
                   ? crypto_scalarmult_ristretto255 (out->bytes, scalar,
                                                     element->bytes)
                   : crypto_scalarmult_ristretto255_base (out->bytes, scalar);
  return result == 0;
}

gboolean
xim_crypto_element_subtract (const XimElement *a, const XimElement *b,
                             XimElement *out)
{
  return crypto_core_ristretto255_sub (out->bytes, a->bytes, b->bytes) == 0;
}

gboolean
xim_crypto_scalar_check (const guint8 *scalar)
{
  guint8 wide[crypto_core_ristretto255_NONREDUCEDSCALARBYTES] = { 0 };
  guint8 reduced[crypto_core_ristretto255_SCALARBYTES];
  memcpy (wide, scalar, sizeof reduced);
  crypto_core_ristretto255_scalar_reduce (reduced, wide);
  gboolean is_same = xim_crypto_equal (reduced, scalar, sizeof reduced);
  xim_secret_wipe (wide, sizeof wide);
  xim_secret_wipe (reduced, sizeof reduced);
  return is_same;
}

void
xim_crypto_scalar_reduce (const guint8 *wide, guint8 *out)
{
  crypto_core_ristretto255_scalar_reduce (out, wide);
}

void
xim_crypto_scalar_multiply_add (const guint8 *a, const guint8 *b,
                                const guint8 *c, guint8 *out)
{
  guint8 product[crypto_core_ristretto255_SCALARBYTES];
  crypto_core_ristretto255_scalar_mul (product, a, b);
  crypto_core_ristretto255_scalar_add (out, product, c);
  xim_secret_wipe (product, sizeof product);
}

XimSecret *
xim_crypto_argon2id (const XimSecret *passphrase, const guint8 *salt,
                     guint64 bytes, guint64 passes, gsize out_len,
                     GError **error)
{
  G_STATIC_ASSERT (crypto_pwhash_argon2id_SALTBYTES == XIM_ARGON2_SALT_LEN);
  g_autoptr (XimSecret) key = xim_secret_new (out_len);

  if (crypto_pwhash_argon2id (xim_secret_data (key), out_len,
                              (const char *)xim_secret_peek (passphrase),
                              xim_secret_len (passphrase), salt, passes, bytes,
                              crypto_pwhash_argon2id_ALG_ARGON2ID13)
      == 0)
    return g_steal_pointer (&key);
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "expected %" G_GUINT64_FORMAT
               " bytes of memory for Argon2id, there are fewer",
               bytes);
  return NULL;
}
