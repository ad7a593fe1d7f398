/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-session.c. */

#include "config.h"

#include "xim-session.h"

#include "test-util.h"
#include "xim-limits.h"

#define NOW 1795512600

static void
make_device (XimSessionDevice *device, const char *jid, guint8 id)
{
  g_autoptr (XimSecret) private_key = xim_crypto_x25519_generate ();
  memset (device, 0, sizeof *device);
  device->jid = jid;
  device->device.bytes[0] = id;
  xim_crypto_x25519_public (private_key, &device->key);
}

static GPtrArray *
contexts_of (XimSession *session, const XimSessionDevice *devices, guint n,
             gint64 now_s, XimX25519Public *enc)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *contexts
      = xim_session_contexts (session, devices, n, now_s, enc, &error);
  g_assert_no_error (error);
  return contexts;
}

/* Contexts are secret and opaque: two are the same if they export the same. */
static void
assert_same (const XimHpke *a, const XimHpke *b, gboolean same)
{
  guint8 x[32], y[32];
  xim_hpke_export (a, NULL, 0, x, sizeof x);
  xim_hpke_export (b, NULL, 0, y, sizeof y);
  g_assert_cmpint (memcmp (x, y, sizeof x) == 0, ==, same);
}

static void
test_reuses (void)
{
  g_autoptr (XimSession) session = xim_session_new ();
  XimSessionDevice devices[2];
  XimX25519Public enc, again;
  make_device (&devices[0], "a@x.test", 1);
  make_device (&devices[1], "b@x.test", 1);
  g_autoptr (GPtrArray) first = contexts_of (session, devices, 2, NOW, &enc);
  g_autoptr (GPtrArray) second
      = contexts_of (session, devices, 2, NOW + 3599, &again);
  g_assert_cmpuint (first->len, ==, 2);
  g_assert_true (first->pdata[0] == second->pdata[0]);
  g_assert_true (first->pdata[1] == second->pdata[1]);
  g_assert_cmpmem (&enc, sizeof enc, &again, sizeof again);
  assert_same (first->pdata[0], first->pdata[1], FALSE);
}

static void
assert_renewed_at (gint64 now_s)
{
  g_autoptr (XimSession) session = xim_session_new ();
  XimSessionDevice device;
  XimX25519Public enc, again;
  guint8 before[32], after[32];
  make_device (&device, "a@x.test", 1);
  g_autoptr (GPtrArray) first = contexts_of (session, &device, 1, NOW, &enc);
  xim_hpke_export (first->pdata[0], NULL, 0, before, sizeof before);
  g_autoptr (GPtrArray) second
      = contexts_of (session, &device, 1, now_s, &again);
  xim_hpke_export (second->pdata[0], NULL, 0, after, sizeof after);
  g_assert_cmpint (memcmp (&enc, &again, sizeof enc), !=, 0);
  g_assert_cmpint (memcmp (before, after, sizeof before), !=, 0);
}

static void
test_renewed (void)
{
  assert_renewed_at (NOW + XIM_CONTEXT_LIFE_S);
  assert_renewed_at (NOW - 1);
}

static void
test_expire (void)
{
  g_autoptr (XimSession) session = xim_session_new ();
  XimSessionDevice device;
  XimX25519Public enc, again;
  make_device (&device, "a@x.test", 1);
  xim_session_expire (session, NOW);
  g_autoptr (GPtrArray) first = contexts_of (session, &device, 1, NOW, &enc);
  xim_session_expire (session, NOW + XIM_CONTEXT_LIFE_S - 1);
  g_autoptr (GPtrArray) second
      = contexts_of (session, &device, 1, NOW, &again);
  g_assert_cmpmem (&enc, sizeof enc, &again, sizeof again);
  xim_session_expire (session, NOW + XIM_CONTEXT_LIFE_S);
  g_autoptr (GPtrArray) third = contexts_of (session, &device, 1, NOW, &again);
  g_assert_cmpint (memcmp (&enc, &again, sizeof enc), !=, 0);
}

/* Everything that names a device is in its context. */
static void
test_tells_apart (void)
{
  g_autoptr (XimSession) session = xim_session_new ();
  XimSessionDevice devices[4];
  XimX25519Public enc;
  make_device (&devices[0], "a@x.test", 1);
  devices[1] = devices[2] = devices[3] = devices[0];
  devices[1].jid = "b@x.test";
  devices[2].device.bytes[0] = 2;
  devices[3].key.bytes[0] ^= 8;
  g_autoptr (GPtrArray) contexts
      = contexts_of (session, devices, 4, NOW, &enc);
  g_assert_cmpuint (contexts->len, ==, 4);
  for (guint i = 1; i < 4; i++)
    assert_same (contexts->pdata[0], contexts->pdata[i], FALSE);
}

static void
test_drops (void)
{
  XimSessionDevice devices[2];
  XimX25519Public enc;
  g_autoptr (XimSession) session = xim_session_new ();
  make_device (&devices[0], "a@x.test", 1);
  make_device (&devices[1], "b@x.test", 1);
  g_autoptr (GPtrArray) both = contexts_of (session, devices, 2, NOW, &enc);
  gconstpointer kept = both->pdata[0];
  guint8 before[32], after[32];
  xim_hpke_export (kept, NULL, 0, before, sizeof before);
  g_autoptr (GPtrArray) one = contexts_of (session, devices, 1, NOW, &enc);
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_true (one->pdata[0] == kept);
  xim_hpke_export (kept, NULL, 0, after, sizeof after);
  g_assert_cmpmem (before, sizeof before, after, sizeof after);
}

static void
test_twice_counts_once (void)
{
  g_autoptr (XimSession) session = xim_session_new ();
  XimSessionDevice devices[3];
  XimX25519Public enc;
  make_device (&devices[0], "a@x.test", 1);
  make_device (&devices[1], "b@x.test", 1);
  devices[2] = devices[0];
  g_autoptr (GPtrArray) contexts
      = contexts_of (session, devices, 3, NOW, &enc);
  g_assert_cmpuint (contexts->len, ==, 2);
}

static void
test_refuses_low_order (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSession) session = xim_session_new ();
  XimSessionDevice device = { "a@x.test", { { 1 } }, { { 0 } } };
  XimX25519Public enc;
  g_assert_null (
      xim_session_contexts (session, &device, 1, NOW, &enc, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  xim_secret_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/session/reuses", test_reuses);
  g_test_add_func ("/session/renewed", test_renewed);
  g_test_add_func ("/session/expire", test_expire);
  g_test_add_func ("/session/tells-apart", test_tells_apart);
  g_test_add_func ("/session/drops", test_drops);
  g_test_add_func ("/session/twice-counts-once", test_twice_counts_once);
  g_test_add_func ("/session/refuses-low-order", test_refuses_low_order);
  return g_test_run ();
}
