/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-unwrapped.c: sealing to verified bundles, opening with one. */

#include "config.h"

#include "xim-unwrapped.h"

#include "test-bundles.h"
#include "test-util.h"

#define BOB "bob@example.org"
#define TEXT "<envelope/>"

static XimVerified *
verified_of (const char *jid, const char *devices)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimBundle) bundle
      = test_bundle ((TestBundle){ .jid = jid, .devices = devices });
  const XimKnown known = { .n_devices = 0 };
  XimVerified *verified
      = test_verify (bundle, jid, &known, TEST_NOW_S, &error);
  g_assert_no_error (error);
  return verified;
}

/* The decryption key of the device that @letter names. */
static XimKeyring *
ring_of (const char *jid, char letter)
{
  const XimDeviceId id = { { (guint8)letter } };
  XimKeyring *ring = xim_keyring_new (jid, &id);
  XimSecret *key = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (key), letter, XIM_KEY_LEN);
  xim_keyring_add (ring, key, 1, TEST_NOW_S, TEST_NOW_S + 86400);
  return ring;
}

/* From the device that @letter names, to all devices of both. */
static GBytes *
seal (const XimVerified *from, const XimVerified *to, char letter)
{
  g_autoptr (GError) error = NULL;
  const XimTrustPeer peers[]
      = { { .verified = to, .checked_s = TEST_NOW_S },
          { .verified = from, .checked_s = TEST_NOW_S } };
  g_autoptr (XimRecipients) recipients
      = xim_trust_recipients (peers, 2, TRUE, TEST_NOW_S, &error);
  g_assert_no_error (error);
  g_autoptr (XimSignKey) key = test_sign_key (letter);
  const XimSender sender
      = { xim_verified_jid (from), { { (guint8)letter } }, key };
  g_autoptr (XimSession) session = xim_session_new ();
  g_autoptr (XimSecret) content = xim_secret_new (sizeof TEXT - 1);
  memcpy (xim_secret_data (content), TEXT, sizeof TEXT - 1);
  GBytes *bytes = xim_envelope_seal (session, recipients, &sender, content,
                                     TEST_NOW_S, &error);
  g_assert_no_error (error);
  return bytes;
}

static gboolean
never_seen (const XimDigest *digest G_GNUC_UNUSED,
            gpointer user_data G_GNUC_UNUSED)
{
  return FALSE;
}

static XimSecret *
open_as (GBytes *bytes, const char *jid, char letter,
         const XimVerified *sender, GError **error)
{
  const XimReplayOps replay = { never_seen, NULL };
  g_autoptr (XimKeyring) ring = ring_of (jid, letter);
  XimEnvelope *envelope = xim_envelope_decode (bytes, error);
  g_assert_nonnull (envelope);
  g_autoptr (XimUnwrapped) unwrapped
      = xim_envelope_unwrap (envelope, ring, TEST_NOW_S, error);
  if (unwrapped == NULL)
    return NULL;
  return xim_envelope_open (unwrapped, sender, ring, &replay, TEST_NOW_S,
                            error);
}

static void
test_all_devices (void)
{
  static const struct
  {
    const char *jid;
    char letter;
  } readers[]
      = { { BOB, 'c' }, { BOB, 'd' }, { TEST_JID, 'a' }, { TEST_JID, 'b' } };
  g_autoptr (XimVerified) alice = verified_of (TEST_JID, "ab");
  g_autoptr (XimVerified) bob = verified_of (BOB, "cd");
  g_autoptr (GBytes) bytes = seal (alice, bob, 'a');
  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (XimSecret) content
          = open_as (bytes, readers[i].jid, readers[i].letter, alice, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (xim_secret_peek (content), xim_secret_len (content),
                       TEXT, sizeof TEXT - 1);
    }
}

static void
assert_refused (GBytes *bytes, char letter, const XimVerified *sender,
                XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (open_as (bytes, BOB, letter, sender, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_refuses (void)
{
  g_autoptr (XimVerified) alice = verified_of (TEST_JID, "ab");
  g_autoptr (XimVerified) bob = verified_of (BOB, "cd");
  g_autoptr (XimVerified) without = verified_of (TEST_JID, "b");
  g_autoptr (GBytes) bytes = seal (alice, bob, 'a');
  assert_refused (bytes, 'e', alice, XIM_ERROR_NOT_FOR_US);
  assert_refused (bytes, 'c', bob, XIM_ERROR_WRONG_NAME);
  assert_refused (bytes, 'c', without, XIM_ERROR_NOT_FOUND);
}

/* A device that is listed cannot sign in the name of another one. */
static void
test_refuses_other_signer (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerified) alice = verified_of (TEST_JID, "ab");
  g_autoptr (XimVerified) bob = verified_of (BOB, "c");
  const XimTrustPeer peer = { .verified = bob, .checked_s = TEST_NOW_S };
  g_autoptr (XimRecipients) recipients
      = xim_trust_recipients (&peer, 1, TRUE, TEST_NOW_S, &error);
  g_autoptr (XimSignKey) key = test_sign_key ('b');
  const XimSender sender = { TEST_JID, { { 'a' } }, key };
  g_autoptr (XimSession) session = xim_session_new ();
  g_autoptr (XimSecret) content = xim_secret_new (10);
  g_autoptr (GBytes) bytes = xim_envelope_seal (session, recipients, &sender,
                                                content, TEST_NOW_S, &error);
  g_assert_no_error (error);
  assert_refused (bytes, 'c', alice, XIM_ERROR_SIGNATURE);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  xim_secret_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/unwrapped/all-devices", test_all_devices);
  g_test_add_func ("/unwrapped/refuses", test_refuses);
  g_test_add_func ("/unwrapped/refuses-other-signer",
                   test_refuses_other_signer);
  return g_test_run ();
}
