/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Verifiable random functions: C2SP vrf-r255. */

#pragma once

#include "xim-crypto.h"

typedef struct
{
  guint8 bytes[XIM_VRF_PROOF_LEN];
} XimVrfProof; /* Gamma 32, c 16, s 32 */

/**
 * XimVrfKey:
 * A key pair; the private half is a #XimSecret.  May be used by several
 * threads at once.
 */
typedef struct _XimVrfKey XimVrfKey;

/**
 * xim_vrf_key_new:
 * @scalar: (transfer full): 32 bytes
 * Errors: MALFORMED, not 32 bytes, not reduced or zero.
 */
XimVrfKey *xim_vrf_key_new (XimSecret *scalar, GError **error);

/**
 * xim_vrf_key_public:
 * Returns: (transfer none)
 */
const XimVrfPublic *xim_vrf_key_public (const XimVrfKey *key);

/**
 * xim_vrf_key_prove:
 * @alpha: @len bytes
 * @out: (out): the proof, the same each time
 */
void xim_vrf_key_prove (const XimVrfKey *key, const guint8 *alpha, gsize len,
                        XimVrfProof *out);
void xim_vrf_key_free (XimVrfKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimVrfKey, xim_vrf_key_free)

/**
 * xim_vrf_proof_decode:
 * @data: @len bytes
 * Errors: MALFORMED, not 80 bytes, Gamma is no element or s is not reduced.
 */
gboolean xim_vrf_proof_decode (const guint8 *data, gsize len, XimVrfProof *out,
                               GError **error);

/**
 * xim_vrf_output:
 * @out: (out): what @proof, made here or verified, says
 */
void xim_vrf_output (const XimVrfProof *proof, XimDigest *out);

/**
 * xim_vrf_verify:
 * @key: as xim_crypto_vrf_check() accepts it
 * @alpha: @len bytes
 * @proof: decoded
 * @out: (out): the output for @alpha
 *
 * Errors: NOT_LOGGED, the proof does not prove.
 * Source: C2SP vrf-r255; PROTOCOL.md, section 3.
 */
gboolean xim_vrf_verify (const XimVrfPublic *key, const guint8 *alpha,
                         gsize len, const XimVrfProof *proof, XimDigest *out,
                         GError **error);
