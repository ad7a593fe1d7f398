/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-entry.c; what vectors of log entries say is run-vectors'. */

#include "config.h"

#include "xim-entry.h"

#include "test-logs.h"
#include "xim-error.h"

static void
refuses (const guint8 *data, gsize len, XimError code)
{
  g_autoptr (GError) error = NULL;
  XimEntry entry;
  g_assert_false (xim_entry_decode (data, len, &entry, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
check_again (const XimEntry *entry, gsize expected_len)
{
  g_autoptr (GError) error = NULL;
  guint8 bytes[XIM_ENTRY_MAX + 1] = { 0 };
  XimEntry again;
  gsize len = xim_entry_encode (entry, bytes);
  g_assert_cmpuint (len, ==, expected_len);
  xim_entry_decode (bytes, len, &again, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (&again, sizeof again, entry, sizeof *entry);
  refuses (bytes, 0, XIM_ERROR_MALFORMED);
  for (gsize other = 1; other <= sizeof bytes; other++)
    if (other != len)
      refuses (bytes, other, XIM_ERROR_MALFORMED);
}

static void
test_codec (void)
{
  XimEntry server = { .type = XIM_ENTRY_SERVER };
  memset (&server.hash, 's', sizeof server.hash);
  check_again (&server, 33);
  XimEntry account = { .type = XIM_ENTRY_ACCOUNT, .flags = XIM_ENTRY_ERASED };
  memset (&account.index, 'i', sizeof account.index);
  memset (&account.commitment, 'c', sizeof account.commitment);
  check_again (&account, 66);
}

static void
test_flags (void)
{
  XimEntry entry = { .type = XIM_ENTRY_ACCOUNT, .flags = XIM_ENTRY_NEW };
  guint8 bytes[XIM_ENTRY_MAX];
  gsize len = xim_entry_encode (&entry, bytes);
  for (guint flags = 0; flags < 256; flags++)
    {
      bytes[len - 1] = (guint8)flags;
      if (flags == 1 || flags == 2 || flags == 4 || flags == 8)
        g_assert_true (xim_entry_decode (bytes, len, &entry, NULL));
      else
        refuses (bytes, len, XIM_ERROR_MALFORMED);
    }
}

static void
test_types (void)
{
  guint8 bytes[XIM_ENTRY_MAX] = { 0 };
  for (guint type = 2; type < 256; type++)
    {
      bytes[0] = (guint8)type;
      refuses (bytes, sizeof bytes, XIM_ERROR_UNSUPPORTED);
      refuses (bytes, 1, XIM_ERROR_UNSUPPORTED);
    }
}

static void
test_account_flags (void)
{
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) next = test_account (
      (TestAccount){ .before = first, .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) reset = test_account ((TestAccount){
      .before = next, .reset = TRUE, .devices = "b", .signers = "b" });
  g_assert_cmpint (xim_entry_account_flags (first), ==, XIM_ENTRY_NEW);
  g_assert_cmpint (xim_entry_account_flags (next), ==, XIM_ENTRY_CONTINUED);
  g_assert_cmpint (xim_entry_account_flags (reset), ==, XIM_ENTRY_RESET);
}

/* Addresses of any length that one can have; the parts do not run into each
 * other. */
static void
test_index (void)
{
  g_autoptr (XimVrfKey) key = test_vrf_key ('V');
  const XimVrfPublic *public_key = xim_vrf_key_public (key);
  g_autofree char *part = g_strnfill (XIM_JID_PART_MAX, 'x');
  g_autofree char *longest = g_strconcat (part, "@", part, NULL);
  const char *const jids[] = { "a@b", "a@b1", longest };
  for (guint i = 0; i < G_N_ELEMENTS (jids); i++)
    {
      g_autoptr (GError) error = NULL;
      XimVrfProof proof;
      XimIndex index, verified, proven;
      xim_entry_prove (key, jids[i], 7, &proof, &index);
      xim_entry_verify (public_key, jids[i], 7, &proof, &verified, &error);
      g_assert_no_error (error);
      xim_entry_proven (&proof, &proven);
      g_assert_cmpmem (&index, sizeof index, &verified, sizeof verified);
      g_assert_cmpmem (&index, sizeof index, &proven, sizeof proven);
      g_assert_false (xim_entry_verify (public_key, jids[i], 8, &proof,
                                        &verified, &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
      g_assert_false (
          xim_entry_verify (public_key, "a@c", 7, &proof, &verified, NULL));
    }
}

static void
test_commit (void)
{
  XimOpening opening = { { 1 } };
  XimHash one, other;
  xim_entry_commit (&opening, "text\n", &one);
  xim_entry_commit (&opening, "text", &other);
  g_assert_true (memcmp (&one, &other, sizeof one) != 0);
  opening.bytes[0] = 2;
  xim_entry_commit (&opening, "text\n", &other);
  g_assert_true (memcmp (&one, &other, sizeof one) != 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/entry/codec", test_codec);
  g_test_add_func ("/entry/decode/flags", test_flags);
  g_test_add_func ("/entry/decode/refuses-types", test_types);
  g_test_add_func ("/entry/flags-of-accounts", test_account_flags);
  g_test_add_func ("/entry/index", test_index);
  g_test_add_func ("/entry/commitment", test_commit);
  return g_test_run ();
}
