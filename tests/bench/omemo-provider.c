/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What libomemo-c asks its users for: HMAC, SHA-512, AES-CBC, randomness. */

#include "config.h"

#include "omemo-provider.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <string.h>

#include "bench.h"

static int
random_bytes (uint8_t *data, size_t len, void *user_data)
{
  (void)user_data;
  randombytes_buf (data, len);
  return 0;
}

static int
hmac_init (void **hmac, const uint8_t *key, size_t key_len, void *user_data)
{
  (void)user_data;
  return gnutls_hmac_init ((gnutls_hmac_hd_t *)hmac, GNUTLS_MAC_SHA256, key,
                           key_len);
}

static int
hmac_update (void *hmac, const uint8_t *data, size_t len, void *user_data)
{
  (void)user_data;
  return gnutls_hmac (hmac, data, len);
}

static int
hmac_final (void *hmac, signal_buffer **out, void *user_data)
{
  uint8_t mac[32];
  (void)user_data;
  gnutls_hmac_output (hmac, mac);
  *out = signal_buffer_create (mac, sizeof mac);
  return 0;
}

static void
hmac_cleanup (void *hmac, void *user_data)
{
  (void)user_data;
  gnutls_hmac_deinit (hmac, NULL);
}

static int
sha512_init (void **hash, void *user_data)
{
  (void)user_data;
  return gnutls_hash_init ((gnutls_hash_hd_t *)hash, GNUTLS_DIG_SHA512);
}

static int
sha512_update (void *hash, const uint8_t *data, size_t len, void *user_data)
{
  (void)user_data;
  return gnutls_hash (hash, data, len);
}

static int
sha512_final (void *hash, signal_buffer **out, void *user_data)
{
  uint8_t digest[64];
  (void)user_data;
  gnutls_hash_output (hash, digest);
  *out = signal_buffer_create (digest, sizeof digest);
  return 0;
}

static void
sha512_cleanup (void *hash, void *user_data)
{
  (void)user_data;
  gnutls_hash_deinit (hash, NULL);
}

static gnutls_cipher_hd_t
cbc_new (const uint8_t *key, size_t key_len, const uint8_t *iv, size_t iv_len)
{
  gnutls_datum_t key_datum = { (unsigned char *)key, (unsigned int)key_len };
  gnutls_datum_t iv_datum = { (unsigned char *)iv, (unsigned int)iv_len };
  gnutls_cipher_hd_t cipher;

  if (gnutls_cipher_init (&cipher,
                          key_len == 32 ? GNUTLS_CIPHER_AES_256_CBC
                                        : GNUTLS_CIPHER_AES_128_CBC,
                          &key_datum, &iv_datum)
      < 0)
    bench_refuse ("AES-CBC");
  return cipher;
}

static int
cbc_encrypt (signal_buffer **out, int mode, const uint8_t *key, size_t key_len,
             const uint8_t *iv, size_t iv_len, const uint8_t *plain,
             size_t len, void *user_data)
{
  size_t pad = 16 - len % 16;
  (void)user_data;

  if (mode != SG_CIPHER_AES_CBC_PKCS5)
    return SG_ERR_INVAL;
  gnutls_cipher_hd_t cipher = cbc_new (key, key_len, iv, iv_len);
  *out = signal_buffer_alloc (len + pad);
  memcpy (signal_buffer_data (*out), plain, len);
  memset (signal_buffer_data (*out) + len, (int)pad, pad);
  int result
      = gnutls_cipher_encrypt (cipher, signal_buffer_data (*out), len + pad);
  gnutls_cipher_deinit (cipher);
  return result;
}

static int
cbc_decrypt (signal_buffer **out, int mode, const uint8_t *key, size_t key_len,
             const uint8_t *iv, size_t iv_len, const uint8_t *sealed,
             size_t len, void *user_data)
{
  (void)user_data;
  if (mode != SG_CIPHER_AES_CBC_PKCS5 || len == 0 || len % 16 != 0)
    return SG_ERR_INVAL;
  gnutls_cipher_hd_t cipher = cbc_new (key, key_len, iv, iv_len);
  g_autofree uint8_t *plain = g_memdup2 (sealed, len);
  int result = gnutls_cipher_decrypt (cipher, plain, len);
  gnutls_cipher_deinit (cipher);
  if (plain[len - 1] < 1 || plain[len - 1] > 16)
    return SG_ERR_INVAL;
  *out = signal_buffer_create (plain, len - plain[len - 1]);
  return result;
}

const signal_crypto_provider bench_omemo_provider = {
  .random_func = random_bytes,
  .hmac_sha256_init_func = hmac_init,
  .hmac_sha256_update_func = hmac_update,
  .hmac_sha256_final_func = hmac_final,
  .hmac_sha256_cleanup_func = hmac_cleanup,
  .sha512_digest_init_func = sha512_init,
  .sha512_digest_update_func = sha512_update,
  .sha512_digest_final_func = sha512_final,
  .sha512_digest_cleanup_func = sha512_cleanup,
  .encrypt_func = cbc_encrypt,
  .decrypt_func = cbc_decrypt,
};
