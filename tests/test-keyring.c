/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-keyring.c. */

#include "config.h"

#include "xim-keyring.h"

#include "test-util.h"
#include "xim-limits.h"

#define JID "bob@example.org"
#define NOW 1795512600

static const XimDeviceId device = { { 1, 2, 3, 4, 5, 6, 7, 8 } };

static XimKeyring *
ring_of (guint n)
{
  XimKeyring *ring = xim_keyring_new (JID, &device);
  for (guint i = 1; i <= n; i++)
    xim_keyring_add (ring, xim_crypto_x25519_generate (), i, NOW + i,
                     NOW + 100 + i);
  return ring;
}

static void
random_enc (XimX25519Public *enc)
{
  g_autoptr (XimSecret) ephemeral = xim_crypto_x25519_generate ();
  xim_crypto_x25519_public (ephemeral, enc);
}

static void
keep_new (XimKeyring *ring, guint i, const XimX25519Public *enc, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  XimHpke *context = xim_keyring_derive (ring, i, enc, &error);
  g_assert_no_error (error);
  xim_keyring_keep (ring, xim_keyring_entry (ring, i)->serial, enc, context,
                    now_s);
}

static void
test_newest_first (void)
{
  static const guint32 serials[] = { 3, 9, 1, 4294967295u, 5 };
  static const guint32 sorted[] = { 4294967295u, 9, 5, 3, 1 };
  g_autoptr (XimKeyring) ring = xim_keyring_new (JID, &device);
  for (gsize i = 0; i < G_N_ELEMENTS (serials); i++)
    xim_keyring_add (ring, xim_crypto_x25519_generate (), serials[i], NOW,
                     NOW + (gint64)serials[i]);
  g_assert_cmpstr (xim_keyring_jid (ring), ==, JID);
  g_assert_cmpint (xim_device_id_compare (xim_keyring_device (ring), &device),
                   ==, 0);
  g_assert_cmpuint (xim_keyring_n (ring), ==, G_N_ELEMENTS (sorted));
  for (guint i = 0; i < G_N_ELEMENTS (sorted); i++)
    {
      const XimKeyringEntry *entry = xim_keyring_entry (ring, i);
      g_assert_cmpuint (entry->serial, ==, sorted[i]);
      g_assert_cmpint (entry->created_s, ==, NOW);
      g_assert_cmpint (entry->expires_s, ==, NOW + (gint64)sorted[i]);
    }
  xim_keyring_remove (ring, 5);
  xim_keyring_remove (ring, 6);
  g_assert_cmpuint (xim_keyring_n (ring), ==, 4);
  g_assert_cmpuint (xim_keyring_entry (ring, 2)->serial, ==, 3);
}

static void
test_public_half (void)
{
  XimX25519Public expected;
  XimSecret *private_key = xim_crypto_x25519_generate ();
  g_autoptr (XimKeyring) ring = xim_keyring_new (JID, &device);
  xim_crypto_x25519_public (private_key, &expected);
  xim_keyring_add (ring, private_key, 1, NOW, NOW + 1);
  g_assert_cmpmem (&xim_keyring_entry (ring, 0)->key, sizeof expected,
                   &expected, sizeof expected);
}

static void
test_derive_refuses (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKeyring) ring = ring_of (1);
  const XimX25519Public zero = { { 0 } };
  g_assert_null (xim_keyring_derive (ring, 0, &zero, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static void
test_keeps_for_an_hour (void)
{
  g_autoptr (XimKeyring) ring = ring_of (2);
  XimX25519Public enc, other;
  random_enc (&enc);
  random_enc (&other);
  g_assert_null (xim_keyring_find (ring, 0, &enc, NOW));
  keep_new (ring, 0, &enc, NOW);
  g_assert_nonnull (xim_keyring_find (ring, 0, &enc, NOW));
  g_assert_null (xim_keyring_find (ring, 0, &other, NOW));
  g_assert_null (xim_keyring_find (ring, 1, &enc, NOW));
  g_assert_nonnull (
      xim_keyring_find (ring, 0, &enc, NOW + XIM_CONTEXT_LIFE_S - 1));
  g_assert_null (xim_keyring_find (ring, 0, &enc, NOW + XIM_CONTEXT_LIFE_S));
  g_assert_null (xim_keyring_find (ring, 0, &enc, NOW));
}

/* A clock that was set back must not make a context live longer. */
static void
test_clock_set_back (void)
{
  g_autoptr (XimKeyring) ring = ring_of (1);
  XimX25519Public enc;
  random_enc (&enc);
  keep_new (ring, 0, &enc, NOW);
  xim_keyring_expire (ring, NOW);
  g_assert_nonnull (xim_keyring_find (ring, 0, &enc, NOW));
  g_assert_null (xim_keyring_find (ring, 0, &enc, NOW - 1));
  g_assert_null (xim_keyring_find (ring, 0, &enc, NOW));
}

static void
test_removed_with_the_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKeyring) ring = ring_of (2);
  XimX25519Public enc;
  random_enc (&enc);
  keep_new (ring, 0, &enc, NOW);
  keep_new (ring, 1, &enc, NOW);
  XimHpke *late = xim_keyring_derive (ring, 0, &enc, &error);
  xim_keyring_remove (ring, 2);
  g_assert_nonnull (xim_keyring_find (ring, 0, &enc, NOW));
  xim_keyring_keep (ring, 2, &enc, late, NOW);
  xim_keyring_add (ring, xim_crypto_x25519_generate (), 2, NOW, NOW);
  g_assert_null (xim_keyring_find (ring, 0, &enc, NOW));
  g_assert_nonnull (xim_keyring_find (ring, 1, &enc, NOW));
}

static void
test_bounded (void)
{
  g_autoptr (XimKeyring) ring = ring_of (1);
  g_autofree XimX25519Public *encs
      = g_new (XimX25519Public, XIM_CONTEXTS_MAX + 1);
  for (guint i = 0; i <= XIM_CONTEXTS_MAX; i++)
    {
      random_enc (&encs[i]);
      keep_new (ring, 0, &encs[i], NOW);
      keep_new (ring, 0, &encs[i], NOW);
    }
  g_assert_null (xim_keyring_find (ring, 0, &encs[0], NOW));
  for (guint i = 1; i <= XIM_CONTEXTS_MAX; i++)
    g_assert_nonnull (xim_keyring_find (ring, 0, &encs[i], NOW));
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  xim_secret_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/keyring/newest-first", test_newest_first);
  g_test_add_func ("/keyring/public-half", test_public_half);
  g_test_add_func ("/keyring/derive-refuses-low-order", test_derive_refuses);
  g_test_add_func ("/keyring/keeps-for-an-hour", test_keeps_for_an_hour);
  g_test_add_func ("/keyring/clock-set-back", test_clock_set_back);
  g_test_add_func ("/keyring/removed-with-the-key", test_removed_with_the_key);
  g_test_add_func ("/keyring/bounded", test_bounded);
  return g_test_run ();
}
