/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-proofs.c. */

#include "config.h"

#include "ks-proofs.h"

#include <string.h>

#include "xim-error.h"

#define S_US G_GINT64_CONSTANT (1000000)
#define ALICE "alice@example.org"

static XimHash
digest (char letter)
{
  XimHash hash;
  memset (&hash, letter, sizeof hash);
  return hash;
}

static void
add (XimKsProofs *proofs, const char *jid, char letter, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  XimHash hash = digest (letter);
  g_assert_true (xim_ks_proofs_add (proofs, jid, &hash, now_s * S_US, &error));
  g_assert_no_error (error);
}

static gboolean
has (XimKsProofs *proofs, const char *jid, char letter, gint64 now_s)
{
  XimHash hash = digest (letter);
  return xim_ks_proofs_has (proofs, jid, &hash, now_s * S_US);
}

static gboolean
take (XimKsProofs *proofs, const char *jid, char letter, gint64 now_s)
{
  XimHash hash = digest (letter);
  return xim_ks_proofs_take (proofs, jid, &hash, now_s * S_US);
}

static void
test_used_up (void)
{
  g_autoptr (XimKsProofs) proofs = xim_ks_proofs_new (10);
  g_assert_false (has (proofs, ALICE, 'a', 1));
  add (proofs, ALICE, 'a', 1);
  g_assert_true (has (proofs, ALICE, 'a', 2));
  g_assert_true (has (proofs, ALICE, 'a', 2));
  g_assert_false (has (proofs, ALICE, 'b', 2));
  g_assert_false (has (proofs, "bob@example.org", 'a', 2));
  g_assert_false (take (proofs, "bob@example.org", 'a', 2));
  g_assert_true (take (proofs, ALICE, 'a', 3));
  g_assert_false (has (proofs, ALICE, 'a', 3));
  g_assert_false (take (proofs, ALICE, 'a', 3));
}

static void
test_expires (void)
{
  g_autoptr (XimKsProofs) proofs = xim_ks_proofs_new (10);
  add (proofs, ALICE, 'a', 100);
  g_assert_true (has (proofs, ALICE, 'a', 100 + XIM_PROOF_LIFE_S - 1));
  g_assert_false (has (proofs, ALICE, 'a', 100 + XIM_PROOF_LIFE_S));
  g_assert_false (take (proofs, ALICE, 'a', 100 + XIM_PROOF_LIFE_S));
}

static void
test_oldest_goes (void)
{
  g_autoptr (XimKsProofs) proofs = xim_ks_proofs_new (10);
  add (proofs, ALICE, 'a', 1);
  add (proofs, ALICE, 'b', 2);
  add (proofs, ALICE, 'c', 3);
  add (proofs, ALICE, 'a', 4); /* again: only lives longer */
  g_assert_true (has (proofs, ALICE, 'b', 5));
  add (proofs, ALICE, 'd', 5);
  g_assert_false (has (proofs, ALICE, 'b', 5));
  g_assert_true (has (proofs, ALICE, 'a', 5));
  g_assert_true (has (proofs, ALICE, 'c', 5));
  g_assert_true (has (proofs, ALICE, 'd', 5));
}

static void
test_refuses_too_many (void)
{
  g_autoptr (XimKsProofs) proofs = xim_ks_proofs_new (2);
  g_autoptr (GError) error = NULL;
  XimHash hash = digest ('a');
  add (proofs, "a@example.org", 'a', 1);
  add (proofs, "b@example.org", 'a', 1);
  g_assert_false (
      xim_ks_proofs_add (proofs, "c@example.org", &hash, 2 * S_US, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_MANY);
  add (proofs, "b@example.org", 'b', 2);
  add (proofs, "c@example.org", 'a', 2 + XIM_PROOF_LIFE_S);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/ks-proofs/used-up", test_used_up);
  g_test_add_func ("/ks-proofs/expires", test_expires);
  g_test_add_func ("/ks-proofs/oldest-goes", test_oldest_goes);
  g_test_add_func ("/ks-proofs/refuses-too-many", test_refuses_too_many);
  return g_test_run ();
}
