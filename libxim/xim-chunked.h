/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* C2SP chunked encryption v1 with AES-256-GCM: a payload of any length. */

#pragma once

#include <glib.h>

#include "xim-crypto.h"

#define XIM_CHUNKED_CONTEXT_MAX 64

/**
 * XimChunked:
 * The state of one payload: salt 24, commitment 32, then chunks of 16,384
 * plain bytes, each with its tag of 16.  The same type seals and opens; one
 * object does one of them once, chunk after chunk, in constant memory.
 * Source: C2SP chunked-encryption v1 with AEAD_AES_256_GCM and HKDF-Expand
 * over SHA-512.
 */
typedef struct _XimChunked XimChunked;

/**
 * xim_chunked_new:
 * @key: 32 bytes; @salt: 24 bytes, random for every payload
 * @context: what the payload is for, for example "x-im payload v1"; at most
 * %XIM_CHUNKED_CONTEXT_MAX bytes
 */
XimChunked *xim_chunked_new (const guint8 *key, const guint8 *salt,
                             const char *context);
void xim_chunked_free (XimChunked *chunked);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimChunked, xim_chunked_free)

/**
 * xim_chunked_commitment:
 * Returns: (transfer none): the 32 bytes that tie the payload to its key
 */
const guint8 *xim_chunked_commitment (const XimChunked *chunked);

/**
 * xim_chunked_seal:
 * @len: 16,384, or fewer and @last; a payload of a multiple of 16,384 bytes
 * ends with a chunk of 0
 * @out: (out): @len + 16 bytes
 */
void xim_chunked_seal (XimChunked *chunked, const guint8 *plain, gsize len,
                       gboolean last, guint8 *out);

/**
 * xim_chunked_open:
 * @sealed: one chunk of 16,400 bytes, or fewer and @last
 * @out: (out): @sealed_len - 16 bytes; wiped when it does not open
 *
 * After an error or the last chunk @chunked opens nothing more.
 * Errors: MALFORMED, the chunk is of a wrong length or does not open.
 */
gboolean xim_chunked_open (XimChunked *chunked, const guint8 *sealed,
                           gsize sealed_len, gboolean last, guint8 *out,
                           GError **error);

/**
 * xim_chunked_sealed_len:
 * Returns: bytes of all chunks of @plain_len bytes, without salt and
 * commitment
 */
guint64 xim_chunked_sealed_len (guint64 plain_len);

/**
 * xim_chunked_plain_len:
 * @sealed_len: bytes of all chunks, without salt and commitment
 * Errors: MALFORMED, no payload has this length.
 */
gboolean xim_chunked_plain_len (guint64 sealed_len, guint64 *plain_len,
                                GError **error);
