/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Signing keys and verifier keys with the names that notes know them by. */

#pragma once

#include "xim-crypto.h"

typedef struct
{
  guint8 bytes[XIM_DEVICE_ID_LEN];
} XimDeviceId;

#define XIM_DEVICE_NAME_LEN 20 /* "dev/" and 16 hex digits */

/**
 * xim_device_id_name:
 * @out: (out): the key name of the device, "dev/" and 16 lower-case hex
 * digits, with a NUL
 */
void xim_device_id_name (const XimDeviceId *id,
                         char out[XIM_DEVICE_NAME_LEN + 1]);

/**
 * xim_device_id_generate:
 * @out: (out): 8 random bytes
 */
void xim_device_id_generate (XimDeviceId *out);

/**
 * xim_device_id_compare:
 * Returns: below, equal to or above 0, in the order of the bytes
 */
int xim_device_id_compare (const XimDeviceId *a, const XimDeviceId *b);

/**
 * XimVerifyKey:
 * A public Ed25519 key under a name.  `id` is the first 4 bytes of
 * SHA-256(name, 0x0A, 0x01, key).
 */
typedef struct
{
  char *name;
  XimEd25519Public key;
  guint8 id[XIM_NOTE_KEY_ID_LEN];
} XimVerifyKey;

/**
 * xim_verify_key_new:
 * @name: bytes 0x21 to 0x7E without `+`
 * Errors: MALFORMED, the name or the key (xim_crypto_ed25519_check()).
 */
XimVerifyKey *xim_verify_key_new (const char *name,
                                  const XimEd25519Public *key, GError **error);

/**
 * xim_verify_key_new_device:
 * @key: a key that has passed xim_crypto_ed25519_check(), as those of a
 * decoded account note have; checking it again would cost as much as verifying
 * Returns: (transfer full): @key under the name of the device
 */
XimVerifyKey *xim_verify_key_new_device (const XimDeviceId *id,
                                         const XimEd25519Public *key);

/**
 * xim_verify_key_decode:
 * @vkey: a C2SP vkey: name + 8 hex digits + base64(0x01, key)
 * Errors: MALFORMED; UNSUPPORTED, another key type.
 */
XimVerifyKey *xim_verify_key_decode (const char *vkey, GError **error);

/**
 * xim_verify_key_encode:
 * Returns: (transfer full): the vkey that xim_verify_key_decode() reads
 */
char *xim_verify_key_encode (const XimVerifyKey *key);

/**
 * xim_verify_key_copy:
 * Returns: (transfer full)
 */
XimVerifyKey *xim_verify_key_copy (const XimVerifyKey *key);

/**
 * xim_verify_key_equal:
 * Returns: whether name and key are the same
 */
gboolean xim_verify_key_equal (const XimVerifyKey *a, const XimVerifyKey *b);
void xim_verify_key_free (XimVerifyKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimVerifyKey, xim_verify_key_free)

/**
 * xim_verify_key_fingerprint:
 * Returns: (transfer full): SHA-256 of the key as text for people, hex digits
 * in groups of four
 */
char *xim_verify_key_fingerprint (const XimVerifyKey *key);

/**
 * XimSignKey:
 * An Ed25519 key pair under a name; the private half is a #XimSecret.
 */
typedef struct _XimSignKey XimSignKey;

/**
 * xim_sign_key_new:
 * @seed: (transfer full): 32 bytes
 * Errors: MALFORMED, the name.
 */
XimSignKey *xim_sign_key_new (const char *name, XimSecret *seed,
                              GError **error);

/**
 * xim_sign_key_generate:
 * Errors: MALFORMED, the name.
 * Returns: (transfer full): a new random key pair
 */
XimSignKey *xim_sign_key_generate (const char *name, GError **error);

/**
 * xim_sign_key_rename:
 * @name: of the same key in another role
 * Errors: MALFORMED, the name.
 * Returns: (transfer full): a pair of its own with the same private half
 */
XimSignKey *xim_sign_key_rename (const XimSignKey *key, const char *name,
                                 GError **error);

/**
 * xim_sign_key_public:
 * Returns: (transfer none): the public half under the name of the pair
 */
const XimVerifyKey *xim_sign_key_public (const XimSignKey *key);

/**
 * xim_sign_key_seed:
 * Returns: (transfer none): the 32 bytes that the pair was made of
 */
const XimSecret *xim_sign_key_seed (const XimSignKey *key);

/**
 * xim_sign_key_sign:
 * @data: @len bytes
 * @out: (out): the Ed25519 signature
 */
void xim_sign_key_sign (const XimSignKey *key, const guint8 *data, gsize len,
                        XimSignature *out);
void xim_sign_key_free (XimSignKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimSignKey, xim_sign_key_free)
