/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Verifiable random functions: C2SP vrf-r255, which is RFC 9381 on
 * ristretto255 with SHA-512. */

#include "config.h"

#include "xim-vrf.h"

#include <string.h>

#include "xim-error.h"

/* What every hash begins with, and the byte that says which it is. */
#define SUITE                                                                 \
  "\xff"                                                                      \
  "c2sp.org/vrf-r255"
#define SUITE_LEN (sizeof SUITE - 1)
static const guint8 domain_challenge = 0x02;
static const guint8 domain_output = 0x03;
static const guint8 domain_nonce = 0x81;
static const guint8 domain_element = 0x82;
static const guint8 end = 0x00;

struct _XimVrfKey
{
  XimSecret *scalar;
  XimVrfPublic public_key;
};

/* The parts of a proof. */
typedef struct
{
  XimElement gamma;
  guint8 c[XIM_KEY_LEN]; /* 16 bytes, then zeros */
  guint8 s[XIM_KEY_LEN];
} Parts;

static void
parts_join (const Parts *parts, XimVrfProof *out)
{
  guint8 *p = out->bytes;
  memcpy (p, parts->gamma.bytes, XIM_KEY_LEN);
  memcpy (p + XIM_KEY_LEN, parts->c, XIM_VRF_CHALLENGE_LEN);
  memcpy (p + XIM_KEY_LEN + XIM_VRF_CHALLENGE_LEN, parts->s, XIM_KEY_LEN);
}

static void
parts_split (const XimVrfProof *proof, Parts *out)
{
  const guint8 *p = proof->bytes;
  memcpy (out->gamma.bytes, p, XIM_KEY_LEN);
  memset (out->c, 0, sizeof out->c);
  memcpy (out->c, p + XIM_KEY_LEN, XIM_VRF_CHALLENGE_LEN);
  memcpy (out->s, p + XIM_KEY_LEN + XIM_VRF_CHALLENGE_LEN, XIM_KEY_LEN);
}

XimVrfKey *
xim_vrf_key_new (XimSecret *scalar, GError **error)
{
  g_autoptr (XimSecret) owned = scalar;
  XimElement public_key;
  if (xim_secret_len (scalar) != XIM_KEY_LEN
      || !xim_crypto_scalar_check (xim_secret_peek (scalar))
      || !xim_crypto_element_multiply (xim_secret_peek (scalar), NULL,
                                       &public_key))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected a VRF key of 32 bytes below the order of "
                           "the group and not zero");
      return NULL;
    }
  XimVrfKey *key = g_new0 (XimVrfKey, 1);
  key->scalar = g_steal_pointer (&owned);
  memcpy (key->public_key.bytes, public_key.bytes, XIM_KEY_LEN);
  return key;
}

const XimVrfPublic *
xim_vrf_key_public (const XimVrfKey *key)
{
  return &key->public_key;
}

static void
hash_to_element (const XimVrfPublic *key, const guint8 *alpha, gsize len,
                 XimElement *out)
{
  const XimPiece pieces[] = { { SUITE, SUITE_LEN },
                              { &domain_element, 1 },
                              { key->bytes, sizeof key->bytes },
                              { alpha, len } };
  XimDigest digest;
  xim_crypto_sha512 (pieces, G_N_ELEMENTS (pieces), &digest);
  xim_crypto_element_from_hash (&digest, out);
}

/* @out: 32 bytes, c and zeros */
static void
make_challenge (const XimVrfPublic *key, const XimElement *h,
                const XimElement *gamma, const XimElement *u,
                const XimElement *v, guint8 *out)
{
  const XimPiece pieces[]
      = { { SUITE, SUITE_LEN },          { &domain_challenge, 1 },
          { key->bytes, XIM_KEY_LEN },   { h->bytes, XIM_KEY_LEN },
          { gamma->bytes, XIM_KEY_LEN }, { u->bytes, XIM_KEY_LEN },
          { v->bytes, XIM_KEY_LEN },     { &end, 1 } };
  XimDigest digest;
  xim_crypto_sha512 (pieces, G_N_ELEMENTS (pieces), &digest);
  memset (out, 0, XIM_KEY_LEN);
  memcpy (out, digest.bytes, XIM_VRF_CHALLENGE_LEN);
}

/* Whoever learns one nonce learns the key. */
static XimSecret *
make_nonce (const XimVrfKey *key, const XimElement *h)
{
  const XimPiece pieces[] = { { SUITE, SUITE_LEN },
                              { &domain_nonce, 1 },
                              { xim_secret_peek (key->scalar), XIM_KEY_LEN },
                              { h->bytes, XIM_KEY_LEN } };
  XimSecret *nonce = xim_secret_new (XIM_KEY_LEN);
  XimDigest digest;
  xim_crypto_sha512 (pieces, G_N_ELEMENTS (pieces), &digest);
  xim_crypto_scalar_reduce (digest.bytes, xim_secret_data (nonce));
  xim_secret_wipe (&digest, sizeof digest);
  return nonce;
}

/* A hash that gives the identity or zero would be one in 2^252. */
static void
multiply (const guint8 *scalar, const XimElement *element, XimElement *out)
{
  if (!xim_crypto_element_multiply (scalar, element, out))
    g_error ("a product of ristretto255 is the identity");
}

void
xim_vrf_key_prove (const XimVrfKey *key, const guint8 *alpha, gsize len,
                   XimVrfProof *out)
{
  const guint8 *scalar = xim_secret_peek (key->scalar);
  Parts parts;
  XimElement h, u, v;
  hash_to_element (&key->public_key, alpha, len, &h);
  multiply (scalar, &h, &parts.gamma);
  g_autoptr (XimSecret) nonce = make_nonce (key, &h);
  multiply (xim_secret_peek (nonce), NULL, &u);
  multiply (xim_secret_peek (nonce), &h, &v);
  make_challenge (&key->public_key, &h, &parts.gamma, &u, &v, parts.c);
  xim_crypto_scalar_multiply_add (parts.c, scalar, xim_secret_peek (nonce),
                                  parts.s);
  parts_join (&parts, out);
}

void
xim_vrf_key_free (XimVrfKey *key)
{
  if (key == NULL)
    return;
  xim_secret_free (key->scalar);
  g_free (key);
}

gboolean
xim_vrf_proof_decode (const guint8 *data, gsize len, XimVrfProof *out,
                      GError **error)
{
  XimVrfProof proof;
  Parts parts;
  if (len != sizeof proof.bytes)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a VRF proof of %d bytes, got %" G_GSIZE_FORMAT,
                   XIM_VRF_PROOF_LEN, len);
      return FALSE;
    }
  memcpy (proof.bytes, data, len);
  parts_split (&proof, &parts);
  if (!xim_crypto_element_check (&parts.gamma)
      || !xim_crypto_scalar_check (parts.s))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected a VRF proof of a ristretto255 element "
                           "and a reduced scalar");
      return FALSE;
    }
  *out = proof;
  return TRUE;
}

void
xim_vrf_output (const XimVrfProof *proof, XimDigest *out)
{
  const XimPiece pieces[] = { { SUITE, SUITE_LEN },
                              { &domain_output, 1 },
                              { proof->bytes, XIM_KEY_LEN },
                              { &end, 1 } };
  xim_crypto_sha512 (pieces, G_N_ELEMENTS (pieces), out);
}

/* @out = s @base - c @element; no honest proof has a product that is the
 * identity. */
static gboolean
recompute (const Parts *parts, const XimElement *base,
           const XimElement *element, XimElement *out)
{
  XimElement first, second;
  return xim_crypto_element_multiply (parts->s, base, &first)
         && xim_crypto_element_multiply (parts->c, element, &second)
         && xim_crypto_element_subtract (&first, &second, out);
}

gboolean
xim_vrf_verify (const XimVrfPublic *key, const guint8 *alpha, gsize len,
                const XimVrfProof *proof, XimDigest *out, GError **error)
{
  Parts parts;
  XimElement h, u, v, y;
  guint8 c[XIM_KEY_LEN];
  parts_split (proof, &parts);
  memcpy (y.bytes, key->bytes, sizeof y.bytes);
  hash_to_element (key, alpha, len, &h);
  if (recompute (&parts, NULL, &y, &u)
      && recompute (&parts, &h, &parts.gamma, &v))
    {
      make_challenge (key, &h, &parts.gamma, &u, &v, c);
      if (memcmp (c, parts.c, XIM_VRF_CHALLENGE_LEN) == 0)
        {
          xim_vrf_output (proof, out);
          return TRUE;
        }
    }
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
                       "expected a VRF proof of this key for this input, it "
                       "does not prove");
  return FALSE;
}
