/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-crypto.c. */

#include "config.h"

#include "xim-crypto.h"

#include <string.h>

#include "test-util.h"

#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

static XimSecret *
secret_of_hex (const char *hex)
{
  XimSecret *secret = xim_secret_new (strlen (hex) / 2);
  test_hex (hex, xim_secret_data (secret), xim_secret_len (secret));
  return secret;
}

static void
test_hashes (void)
{
  const XimPiece whole[] = { { "abc", 3 } };
  const XimPiece parts[] = { { "a", 1 }, { "", 0 }, { "bc", 2 } };
  static const char sha256[]
      = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  static const char sha512[]
      = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
  XimHash hash;
  XimDigest digest;

  xim_crypto_sha256 (whole, 1, &hash);
  test_assert_hex (hash.bytes, 32, sha256);
  xim_crypto_sha256 (parts, 3, &hash);
  test_assert_hex (hash.bytes, 32, sha256);
  xim_crypto_sha512 (whole, 1, &digest);
  test_assert_hex (digest.bytes, 64, sha512);
  xim_crypto_sha512 (parts, 3, &digest);
  test_assert_hex (digest.bytes, 64, sha512);
  XimSha512 *sha = xim_sha512_new ();
  xim_sha512_update (sha, "ab", 2);
  xim_sha512_update (sha, "", 0);
  xim_sha512_update (sha, "c", 1);
  xim_sha512_finish (sha, &digest);
  test_assert_hex (digest.bytes, 64, sha512);
}

static void
test_hashes_nothing (void)
{
  XimHash hash;
  g_autoptr (XimSha512) unfinished = xim_sha512_new ();

  xim_crypto_sha256 (NULL, 0, &hash);
  test_assert_hex (
      hash.bytes, 32,
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  xim_sha512_update (unfinished, "freed without being finished", 28);
}

/* RFC 4231, test case 2. */
static void
test_hmac (void)
{
  static const char expected[]
      = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  const XimPiece whole[] = { { "what do ya want for nothing?", 28 } };
  const XimPiece parts[]
      = { { "what do ya want ", 16 }, { "for nothing?", 12 } };
  XimHash mac;

  xim_crypto_hmac_sha256 ((const guint8 *)"Jefe", 4, whole, 1, &mac);
  test_assert_hex (mac.bytes, 32, expected);
  xim_crypto_hmac_sha256 ((const guint8 *)"Jefe", 4, parts, 2, &mac);
  test_assert_hex (mac.bytes, 32, expected);
}

/* RFC 5869, test cases 1 and 3. */
static void
test_hkdf_sha256 (void)
{
  guint8 ikm[22], salt[13], info[10], prk[32], okm[42];

  memset (ikm, 0x0b, sizeof ikm);
  test_hex ("000102030405060708090a0b0c", salt, sizeof salt);
  test_hex ("f0f1f2f3f4f5f6f7f8f9", info, sizeof info);
  xim_crypto_hkdf_sha256_extract (salt, sizeof salt, ikm, sizeof ikm, prk);
  test_assert_hex (
      prk, 32,
      "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  xim_crypto_hkdf_sha256_expand (prk, info, sizeof info, okm, sizeof okm);
  test_assert_hex (okm, 42,
                   "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56"
                   "ecc4c5bf34007208d5b887185865");
  xim_crypto_hkdf_sha256_extract (NULL, 0, ikm, sizeof ikm, prk);
  test_assert_hex (
      prk, 32,
      "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  xim_crypto_hkdf_sha256_expand (prk, NULL, 0, okm, sizeof okm);
  test_assert_hex (okm, 42,
                   "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f"
                   "3c738d2d9d201395faa4b61a96c8");
}

/* RFC 5869 names no values for SHA-512: by hand, T(1) and T(2). */
static void
test_hkdf_sha512 (void)
{
  static const guint8 key[32] = { 1, 2, 3 };
  guint8 okm[96], expected[128];
  g_autoptr (GHmac) first = g_hmac_new (G_CHECKSUM_SHA512, key, sizeof key);
  g_autoptr (GHmac) second = g_hmac_new (G_CHECKSUM_SHA512, key, sizeof key);
  gsize len = 64;

  g_hmac_update (first, (const guint8 *)"info\1", 5);
  g_hmac_get_digest (first, expected, &len);
  g_hmac_update (second, expected, 64);
  g_hmac_update (second, (const guint8 *)"info\2", 5);
  g_hmac_get_digest (second, expected + 64, &len);
  xim_crypto_hkdf_sha512_expand (key, sizeof key, (const guint8 *)"info", 4,
                                 okm, sizeof okm);
  g_assert_cmpmem (okm, 96, expected, 96);
}

#define GCM_KEY                                                               \
  "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define GCM_PLAIN                                                             \
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95"  \
  "956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define GCM_SEALED                                                            \
  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48"  \
  "590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853"  \
  "bb2d551b"

/* Test cases 16 and 14 of the paper that defines GCM. */
static void
test_gcm (void)
{
  guint8 key[32], nonce[12], ad[20], plain[60], out[76], zeros[32] = { 0 };

  test_hex (GCM_KEY, key, sizeof key);
  test_hex ("cafebabefacedbaddecaf888", nonce, sizeof nonce);
  test_hex ("feedfacedeadbeeffeedfacedeadbeefabaddad2", ad, sizeof ad);
  test_hex (GCM_PLAIN, plain, sizeof plain);
  g_autoptr (XimGcm) gcm = xim_gcm_new (key);
  xim_gcm_seal (gcm, nonce, &(XimPiece){ ad, sizeof ad },
                &(XimPiece){ plain, sizeof plain }, out);
  test_assert_hex (out, sizeof out, GCM_SEALED);
  g_assert_true (xim_gcm_open (gcm, nonce, &(XimPiece){ ad, sizeof ad },
                               &(XimPiece){ out, sizeof out }, plain, NULL));
  test_assert_hex (plain, sizeof plain, GCM_PLAIN);
  g_autoptr (XimGcm) zero = xim_gcm_new (zeros);
  xim_gcm_seal (zero, NULL, NULL, &(XimPiece){ zeros, 16 }, out);
  test_assert_hex (
      out, 32,
      "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  xim_gcm_seal (zero, NULL, NULL, &(XimPiece){ NULL, 0 }, out);
  test_assert_hex (out, 16, "530f8afbc74536b9a963b4f1c4cb738b");
  g_assert_true (
      xim_gcm_open (zero, NULL, NULL, &(XimPiece){ out, 16 }, plain, NULL));
}

static void
assert_does_not_open (XimGcm *gcm, const guint8 *nonce, const guint8 *ad,
                      const guint8 *sealed, gsize sealed_len)
{
  g_autoptr (GError) error = NULL;
  guint8 out[64];

  memset (out, 0xa5, sizeof out);
  g_assert_false (xim_gcm_open (gcm, nonce, &(XimPiece){ ad, 4 },
                                &(XimPiece){ sealed, sealed_len }, out,
                                &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  for (gsize i = 0; sealed_len >= 16 && i < sealed_len - 16; i++)
    g_assert_cmpuint (out[i], ==, 0);
}

static void
test_gcm_refuses (void)
{
  static const guint8 key[32] = { 1 }, other_key[32] = { 2 };
  static const guint8 nonce[12] = { 3 };
  guint8 ad[4] = "head", sealed[48];
  g_autoptr (XimGcm) gcm = xim_gcm_new (key);
  g_autoptr (XimGcm) other = xim_gcm_new (other_key);

  xim_gcm_seal (gcm, nonce, &(XimPiece){ ad, 4 }, &(XimPiece){ key, 32 },
                sealed);
  for (gsize bit = 0; bit < 8 * sizeof sealed; bit++)
    {
      sealed[bit / 8] ^= (guint8)(1 << bit % 8);
      assert_does_not_open (gcm, nonce, ad, sealed, sizeof sealed);
      sealed[bit / 8] ^= (guint8)(1 << bit % 8);
    }
  for (gsize len = 0; len < sizeof sealed; len++)
    assert_does_not_open (gcm, nonce, ad, sealed, len);
  assert_does_not_open (gcm, NULL, ad, sealed, sizeof sealed);
  assert_does_not_open (other, nonce, ad, sealed, sizeof sealed);
  assert_does_not_open (gcm, nonce, (const guint8 *)"Head", sealed,
                        sizeof sealed);
}

/* RFC 7748, section 5.2. */
static void
test_x25519 (void)
{
  g_autoptr (XimSecret) scalar = secret_of_hex (
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
  XimX25519Public peer;
  guint8 out[32];

  test_hex ("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            peer.bytes, 32);
  g_assert_true (xim_crypto_x25519 (scalar, &peer, out, NULL));
  test_assert_hex (
      out, 32,
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
}

static void
test_x25519_agrees (void)
{
  g_autoptr (XimSecret) a = xim_crypto_x25519_generate ();
  g_autoptr (XimSecret) b = xim_crypto_x25519_generate ();
  XimX25519Public a_public, b_public;
  guint8 ab[32], ba[32];

  xim_crypto_x25519_public (a, &a_public);
  xim_crypto_x25519_public (b, &b_public);
  g_assert_true (xim_crypto_x25519_check (&a_public, NULL));
  g_assert_true (xim_crypto_x25519 (a, &b_public, ab, NULL));
  g_assert_true (xim_crypto_x25519 (b, &a_public, ba, NULL));
  g_assert_cmpmem (ab, 32, ba, 32);
}

/* Every u of low order, also those over p and with the high bit. */
static const char *const low_order[] = {
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "0100000000000000000000000000000000000000000000000000000000000080",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

static void
test_x25519_refuses_low_order (void)
{
  g_autoptr (XimSecret) key = xim_crypto_x25519_generate ();

  for (guint i = 0; i < G_N_ELEMENTS (low_order); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) check_error = NULL;
      XimX25519Public peer;
      guint8 out[32];
      test_hex (low_order[i], peer.bytes, 32);
      g_assert_false (xim_crypto_x25519 (key, &peer, out, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_assert_false (xim_crypto_x25519_check (&peer, &check_error));
      g_assert_error (check_error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

/* RFC 8032, section 7.1, test 1. */
static void
test_ed25519 (void)
{
  g_autoptr (XimSecret) seed = secret_of_hex (SEED);
  g_autoptr (XimSecret) expanded = xim_crypto_ed25519_expand (seed);
  XimEd25519Public key;
  XimSignature signature;

  xim_crypto_ed25519_public (seed, &key);
  test_assert_hex (
      key.bytes, 32,
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  xim_crypto_ed25519_sign (expanded, NULL, 0, &signature);
  test_assert_hex (
      signature.bytes, 64,
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  g_assert_true (xim_crypto_ed25519_verify (&key, NULL, 0, &signature, NULL));
  g_assert_true (xim_crypto_ed25519_check (&key, NULL));
}

static void
assert_not_signed (const XimEd25519Public *key, const char *text, gsize len,
                   const XimSignature *signature)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (xim_crypto_ed25519_verify (key, (const guint8 *)text, len,
                                             signature, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE);
}

static void
test_ed25519_refuses (void)
{
  g_autoptr (XimSecret) seed = secret_of_hex (SEED);
  g_autoptr (XimSecret) expanded = xim_crypto_ed25519_expand (seed);
  XimEd25519Public key, other;
  XimSignature signature;

  xim_crypto_ed25519_public (seed, &key);
  xim_crypto_ed25519_sign (expanded, (const guint8 *)"text", 4, &signature);
  g_assert_true (xim_crypto_ed25519_verify (&key, (const guint8 *)"text", 4,
                                            &signature, NULL));
  assert_not_signed (&key, "tex", 3, &signature);
  assert_not_signed (&key, "texu", 4, &signature);
  for (gsize bit = 0; bit < 8 * sizeof signature; bit++)
    {
      signature.bytes[bit / 8] ^= (guint8)(1 << bit % 8);
      assert_not_signed (&key, "text", 4, &signature);
      signature.bytes[bit / 8] ^= (guint8)(1 << bit % 8);
    }
  test_hex ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            other.bytes, 32);
  assert_not_signed (&other, "text", 4, &signature);
}

/* The owner of the key made these two: R the identity, and S not reduced. */
static void
test_ed25519_refuses_lax (void)
{
  static const char text[] = "x-im account v1\nany text\n";
  static const char *const lax[] = {
    "0100000000000000000000000000000000000000000000000000000000000000"
    "fb74d39251966618618f3c42ed0ca0c537357a181758f807f2bee6275cce730a",
    "ff837d711145bccb5e17cda56189d0ed34ec4c827fb73b446e8f850fa130659c"
    "7fa32218332c2ebd2bdb3a84e30376f3251ebb0b47b94afa8fb250e0e70a3b10",
  };
  XimEd25519Public key;
  XimSignature signature;

  test_hex ("76bfb695dd66246232308e228a2b084130479e1a8d8f3518fb1fd7f368ebb746",
            key.bytes, 32);
  for (guint i = 0; i < G_N_ELEMENTS (lax); i++)
    {
      test_hex (lax[i], signature.bytes, 64);
      assert_not_signed (&key, text, strlen (text), &signature);
    }
}

/* Small order, not canonical, no point, and of mixed order (a base point plus
   a point of order 2). */
static void
test_ed25519_check_refuses (void)
{
  static const char *const bad[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "0200000000000000000000000000000000000000000000000000000000000000",
    "9599999999999999999999999999999999999999999999999999999999999999",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      XimEd25519Public key;
      test_hex (bad[i], key.bytes, 32);
      g_assert_false (xim_crypto_ed25519_check (&key, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

/* RFC 9496, appendix A.1: the generator. */
static void
test_vrf_key (void)
{
  g_autoptr (XimSecret) one = xim_secret_new (32);
  g_autoptr (XimSecret) random_key = xim_crypto_vrf_generate ();
  XimVrfPublic key;

  xim_secret_data (one)[0] = 1;
  xim_crypto_vrf_public (one, &key);
  test_assert_hex (
      key.bytes, 32,
      "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76");
  g_assert_true (xim_crypto_vrf_check (&key, NULL));
  xim_crypto_vrf_public (random_key, &key);
  g_assert_true (xim_crypto_vrf_check (&key, NULL));
}

/* The identity; then, from RFC 9496, appendix A.2: not canonical, negative,
   and no element. */
static void
test_vrf_check_refuses (void)
{
  static const char *const bad[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      XimVrfPublic key;
      test_hex (bad[i], key.bytes, 32);
      g_assert_false (xim_crypto_vrf_check (&key, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

/* The value comes from the reference program of Argon2. */
static void
test_argon2id (void)
{
  g_autoptr (XimSecret) passphrase = xim_secret_new (13);
  g_autoptr (GError) error = NULL;

  memcpy (xim_secret_data (passphrase), "correct horse", 13);
  g_autoptr (XimSecret) key = xim_crypto_argon2id (
      passphrase, (const guint8 *)"sixteen byte sal", XIM_ARGON2_BYTES_MIN,
      XIM_ARGON2_PASSES_MIN, 32, &error);
  g_assert_no_error (error);
  test_assert_hex (
      xim_secret_peek (key), xim_secret_len (key),
      "2c4ea0b023f69c7a27769412f53575e97ed04cea60e5d952796c274c5a65d840");
}

static void
test_argon2id_refuses_memory (void)
{
  g_autoptr (XimSecret) passphrase = xim_secret_new (1);
  g_autoptr (GError) error = NULL;

  g_assert_null (xim_crypto_argon2id (passphrase,
                                      (const guint8 *)"sixteen byte sal",
                                      G_MAXUINT64, 3, 32, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_STORE);
}

static void
test_equal (void)
{
  g_assert_true (xim_crypto_equal ("same", "same", 4));
  g_assert_false (xim_crypto_equal ("same", "sama", 4));
  g_assert_true (xim_crypto_equal ("same", "sama", 3));
  g_assert_true (xim_crypto_equal ("a", "b", 0));
}

static void
test_random (void)
{
  guint8 a[32] = { 0 }, b[32] = { 0 };

  xim_crypto_random (a, sizeof a);
  xim_crypto_random (b, sizeof b);
  g_assert_false (xim_crypto_equal (a, b, sizeof a));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/crypto/hash/published", test_hashes);
  g_test_add_func ("/crypto/hash/nothing", test_hashes_nothing);
  g_test_add_func ("/crypto/hmac/published", test_hmac);
  g_test_add_func ("/crypto/hkdf/sha256", test_hkdf_sha256);
  g_test_add_func ("/crypto/hkdf/sha512", test_hkdf_sha512);
  g_test_add_func ("/crypto/gcm/published", test_gcm);
  g_test_add_func ("/crypto/gcm/refuses", test_gcm_refuses);
  g_test_add_func ("/crypto/x25519/published", test_x25519);
  g_test_add_func ("/crypto/x25519/agrees", test_x25519_agrees);
  g_test_add_func ("/crypto/x25519/refuses-low-order",
                   test_x25519_refuses_low_order);
  g_test_add_func ("/crypto/ed25519/published", test_ed25519);
  g_test_add_func ("/crypto/ed25519/refuses", test_ed25519_refuses);
  g_test_add_func ("/crypto/ed25519/refuses-lax", test_ed25519_refuses_lax);
  g_test_add_func ("/crypto/ed25519/check-refuses",
                   test_ed25519_check_refuses);
  g_test_add_func ("/crypto/vrf/key", test_vrf_key);
  g_test_add_func ("/crypto/vrf/check-refuses", test_vrf_check_refuses);
  g_test_add_func ("/crypto/argon2id/reference", test_argon2id);
  g_test_add_func ("/crypto/argon2id/refuses-memory",
                   test_argon2id_refuses_memory);
  g_test_add_func ("/crypto/equal", test_equal);
  g_test_add_func ("/crypto/random", test_random);
  return g_test_run ();
}
