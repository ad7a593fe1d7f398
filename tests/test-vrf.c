/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-vrf.c. */

#include "config.h"

#include "xim-vrf.h"

#include "test-vector.h"

#define VECTOR "c2sp-vrf-r255.txt"

/* The order of the group, little-endian. */
#define ORDER                                                                 \
  "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"

/* What c2sp-vrf-r255.txt gives; its lines read NAME = VALUE. */
typedef struct
{
  XimVrfKey *key;
  GByteArray *alpha;
  XimVrfProof proof;
} Known;

static const char *
value (GStrv lines, const char *name)
{
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], name)
        && g_str_has_prefix (lines[i] + strlen (name), " = "))
      return lines[i] + strlen (name) + 3;
  g_assert_not_reached ();
}

static XimVrfKey *
make_key (const char *hex)
{
  g_autoptr (GError) error = NULL;
  XimSecret *scalar = xim_secret_new (XIM_KEY_LEN);
  test_hex (hex, xim_secret_data (scalar), XIM_KEY_LEN);
  XimVrfKey *key = xim_vrf_key_new (scalar, &error);
  g_assert_no_error (error);
  return key;
}

static void
known_setup (Known *known, gconstpointer data G_GNUC_UNUSED)
{
  g_auto (GStrv) lines = test_vector_load (VECTOR);
  const char *alpha = value (lines, "alpha");
  known->key = make_key (value (lines, "SK = x"));
  known->alpha = g_byte_array_new ();
  g_byte_array_set_size (known->alpha, (guint)strlen (alpha) / 2);
  test_hex (alpha, known->alpha->data, known->alpha->len);
  test_hex (value (lines, "pi"), known->proof.bytes,
            sizeof known->proof.bytes);
}

static void
known_teardown (Known *known, gconstpointer data G_GNUC_UNUSED)
{
  xim_vrf_key_free (known->key);
  g_byte_array_unref (known->alpha);
}

static gboolean
verify (const Known *known, const XimVrfProof *proof, XimDigest *out,
        GError **error)
{
  return xim_vrf_verify (xim_vrf_key_public (known->key), known->alpha->data,
                         known->alpha->len, proof, out, error);
}

static void
test_vector (Known *known, gconstpointer data G_GNUC_UNUSED)
{
  g_auto (GStrv) lines = test_vector_load (VECTOR);
  g_autoptr (GError) error = NULL;
  XimVrfProof proof;
  XimDigest output;
  test_assert_hex (xim_vrf_key_public (known->key), XIM_KEY_LEN,
                   value (lines, "PK = Y"));
  xim_vrf_key_prove (known->key, known->alpha->data, known->alpha->len,
                     &proof);
  test_assert_hex (proof.bytes, sizeof proof.bytes, value (lines, "pi"));
  verify (known, &proof, &output, &error);
  g_assert_no_error (error);
  test_assert_hex (output.bytes, sizeof output.bytes, value (lines, "beta"));
  xim_vrf_output (&known->proof, &output);
  test_assert_hex (output.bytes, sizeof output.bytes, value (lines, "beta"));
}

/* Whatever bit is changed, the proof is not taken. */
static void
test_every_bit (Known *known, gconstpointer data G_GNUC_UNUSED)
{
  for (guint bit = 0; bit < 8 * sizeof known->proof.bytes; bit++)
    {
      g_autoptr (GError) error = NULL;
      XimVrfProof decoded, proof = known->proof;
      XimDigest output;
      proof.bytes[bit / 8] ^= (guint8)(1 << bit % 8);
      if (!xim_vrf_proof_decode (proof.bytes, sizeof proof.bytes, &decoded,
                                 &error))
        {
          g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
          continue;
        }
      g_assert_false (verify (known, &decoded, &output, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
    }
}

static void
test_other_input (Known *known, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  XimDigest output;
  known->alpha->data[0] ^= 1;
  g_assert_false (verify (known, &known->proof, &output, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
}

static void
test_other_key (Known *known, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  XimDigest output;
  xim_vrf_key_free (known->key);
  known->key = make_key ("02000000000000000000000000000000"
                         "00000000000000000000000000000000");
  g_assert_false (verify (known, &known->proof, &output, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
}

static void
test_no_input (Known *known, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  XimVrfProof proof;
  XimDigest output;
  xim_vrf_key_prove (known->key, NULL, 0, &proof);
  g_byte_array_set_size (known->alpha, 0);
  verify (known, &proof, &output, &error);
  g_assert_no_error (error);
}

/* s plus the order is the same number in another form; an s of zero or a
 * Gamma that is the identity is of no key. */
static void
test_forms (Known *known, gconstpointer data G_GNUC_UNUSED)
{
  guint8 order[XIM_KEY_LEN];
  XimVrfProof decoded, proof = known->proof;
  XimDigest output;
  guint carry = 0;
  test_hex (ORDER, order, sizeof order);
  for (guint i = 0; i < sizeof order; i++)
    {
      carry += proof.bytes[48 + i] + order[i];
      proof.bytes[48 + i] = (guint8)carry;
      carry >>= 8;
    }
  g_autoptr (GError) error = NULL;
  g_assert_false (xim_vrf_proof_decode (proof.bytes, sizeof proof.bytes,
                                        &decoded, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_clear_error (&error);
  for (guint at = 0; at <= 48; at += 48)
    {
      proof = known->proof;
      memset (proof.bytes + at, 0, XIM_KEY_LEN);
      g_assert_true (xim_vrf_proof_decode (proof.bytes, sizeof proof.bytes,
                                           &decoded, &error));
      g_assert_false (verify (known, &decoded, &output, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
      g_clear_error (&error);
    }
}

static void
test_lengths (Known *known, gconstpointer data G_GNUC_UNUSED)
{
  guint8 bytes[XIM_VRF_PROOF_LEN + 1] = { 0 };
  memcpy (bytes, known->proof.bytes, XIM_VRF_PROOF_LEN);
  for (gsize len = 0; len <= sizeof bytes; len++)
    {
      g_autoptr (GError) error = NULL;
      XimVrfProof decoded;
      if (xim_vrf_proof_decode (bytes, len, &decoded, &error))
        g_assert_cmpuint (len, ==, XIM_VRF_PROOF_LEN);
      else
        g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

static void
test_key_refuses (void)
{
  static const char *const bad[] = {
    "",
    "00",
    "0000000000000000000000000000000000000000000000000000000000000000",
    ORDER,
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize len = strlen (bad[i]) / 2;
      XimSecret *scalar = xim_secret_new (len);
      test_hex (bad[i], xim_secret_data (scalar), len);
      g_assert_null (xim_vrf_key_new (scalar, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
  xim_vrf_key_free (NULL);
}

#define ADD(path, test)                                                       \
  g_test_add (path, Known, NULL, known_setup, test, known_teardown)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("/vrf/c2sp", test_vector);
  ADD ("/vrf/verify/refuses-every-changed-bit", test_every_bit);
  ADD ("/vrf/verify/refuses-other-input", test_other_input);
  ADD ("/vrf/verify/refuses-other-key", test_other_key);
  ADD ("/vrf/verify/no-input", test_no_input);
  ADD ("/vrf/proof/refuses-other-forms", test_forms);
  ADD ("/vrf/proof/refuses-other-lengths", test_lengths);
  g_test_add_func ("/vrf/key/refuses", test_key_refuses);
  return g_test_run ();
}
