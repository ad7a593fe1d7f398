/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-signer.c and ks-vault.c: what is signed, and what is not. */

#include "config.h"

#include "ks-signer.h"

#include "xim-erase.h"
#include "xim-error.h"

#include "ks-tag.h"
#include "test-notes.h"
#include "test-small-tree.h"

#define LOG TEST_ORIGIN "/log"

static XimKsSigner *
signer_new (void)
{
  XimKsKeys *keys = g_new0 (XimKsKeys, 1);
  keys->sign = test_sign_key ('K');
  keys->vrf = xim_crypto_vrf_generate ();
  keys->members = xim_secret_new (XIM_KEY_LEN);
  return xim_ks_signer_new (TEST_DOMAIN, keys);
}

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
assert_line (const char *text, const char *line, const XimVerifyKey *key)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = g_strconcat (text, "\n", line, NULL);
  g_autoptr (XimNote) note = xim_note_decode (whole, strlen (whole), &error);
  g_assert_no_error (error);
  guint64 good = 0;
  g_assert_true (xim_note_verify (note, &key, 1, &good, &error));
  g_assert_cmpstr (xim_note_text (note), ==, text);
}

static void
assert_signs (XimKsSigner *signer, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = xim_ks_signer_sign (signer, text, &error);
  g_assert_no_error (error);
  assert_line (text, line, xim_ks_signer_public (signer));
}

static void
assert_refuses (XimKsSigner *signer, const char *text, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_ks_signer_sign (signer, text, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static char *
current_text (const XimAccount *account, gint64 time_s)
{
  const XimCurrent current
      = { account->jid, account->version, account->hash, time_s, NULL };
  return xim_current_encode (&current);
}

static char *
absent_text (const char *jid, gint64 time_s, XimTreeHead head)
{
  const XimAbsent absent = {
    .jid = (char *)jid, .time_s = time_s, .size = head.size, .root = head.root
  };
  return xim_absent_encode (&absent);
}

static char *
erase_text (const XimAccount *account)
{
  const XimErase erase = { .jid = account->jid,
                           .version = account->version + 1,
                           .previous = account->hash,
                           .time_s = TEST_NOW_S };
  return xim_erase_encode (&erase);
}

/* Records an erase note. */
static gboolean
erase (XimKsSigner *signer, const char *text, GError **error)
{
  XimKsSignItem item = { .text = text };
  gboolean ok = xim_ks_signer_group (signer, &item, 1, NULL, NULL, error);
  g_assert_null (item.line);
  xim_ks_sign_item_clear (&item);
  return ok;
}

/* A checkpoint alone. */
static gboolean
checkpoint (XimKsSigner *signer, TestTree tree, guint64 from, guint64 size,
            GError **error)
{
  XimTreeHead head = test_tree_head (tree, size);
  XimTreeProof proof = test_tree_proof (tree, MIN (from, size), size);
  g_autofree char *text = xim_checkpoint_text (LOG, &head);
  const XimKsSignTree step = { text, proof.hashes, proof.n };
  g_autofree char *line = NULL;
  if (!xim_ks_signer_group (signer, NULL, 0, &step, &line, error))
    return FALSE;
  g_autoptr (XimVerifyKey) key
      = xim_verify_key_new (LOG, &xim_ks_signer_public (signer)->key, NULL);
  assert_line (text, line, key);
  return TRUE;
}

static void
assert_last (XimKsSigner *signer, guint64 size)
{
  guint64 got = 0;
  XimHash root;
  XimTreeHead head = test_tree_head (TEST_TREE, size);
  g_assert_true (xim_ks_signer_last (signer, &got, &root, NULL));
  g_assert_cmpuint (got, ==, size);
  g_assert_cmpmem (&root, sizeof root, &head.root, sizeof head.root);
}

static void
test_signs_its_own (void)
{
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  g_autofree char *current = current_text (account, now_s ());
  g_autofree char *absent
      = absent_text (TEST_JID, now_s (), test_tree_head (TEST_TREE, 0));
  assert_signs (signer, absent);
  assert_signs (signer, account->text);
  assert_signs (signer, device->text);
  assert_signs (signer, current);
}

static void
test_refuses_what_is_not (void)
{
  g_autoptr (XimKsSigner) signer = signer_new ();
  const char *other = "alice@other.test";
  g_autoptr (XimAccount) account = test_account (
      (TestAccount){ .jid = other, .devices = "a", .signers = "a" });
  g_autoptr (XimDevice) device = test_device (
      (TestDevice){ .jid = other, .device = 'a', .signers = "a" });
  g_autofree char *current = current_text (account, now_s ());
  g_autofree char *absent
      = absent_text (other, now_s (), test_tree_head (TEST_TREE, 0));
  g_autofree char *erased = erase_text (account);
  const char *const foreign[]
      = { account->text, device->text, current, absent, erased };
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    assert_refuses (signer, foreign[i], XIM_ERROR_WRONG_NAME);

  XimTreeHead head = test_tree_head (TEST_TREE, 1);
  g_autofree char *tree = xim_checkpoint_text (LOG, &head);
  const char *const unknown[]
      = { tree, "hello\n", "x-im server v1\norigin " TEST_ORIGIN "\n",
          "x-im account v2\njid " TEST_JID "\n" };
  for (guint i = 0; i < G_N_ELEMENTS (unknown); i++)
    assert_refuses (signer, unknown[i], XIM_ERROR_UNSUPPORTED);

  g_autoptr (XimDevice) own
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  g_autofree char *more = g_strconcat (own->text, "more than that\n", NULL);
  const char *const broken[]
      = { "", "x-im account v1", "x-im account v1\njid " TEST_JID "\n", more };
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    assert_refuses (signer, broken[i], XIM_ERROR_MALFORMED);
}

/* A word of another time would outlive a break-in. */
static void
test_only_of_now (void)
{
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  assert_signs (signer, account->text);
  const gint64 off_s[] = { -86400, -700, 700, 86400 * 365 };
  for (guint i = 0; i < G_N_ELEMENTS (off_s); i++)
    {
      g_autofree char *current = current_text (account, now_s () + off_s[i]);
      g_autofree char *absent
          = absent_text ("bob@example.org", now_s () + off_s[i],
                         test_tree_head (TEST_TREE, 0));
      assert_refuses (signer, current, XIM_ERROR_EXPIRED);
      assert_refuses (signer, absent, XIM_ERROR_EXPIRED);
    }
}

static void
test_never_skips_or_forks (void)
{
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) fork
      = test_account ((TestAccount){ .devices = "b", .signers = "b" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "ab" });
  g_autoptr (XimAccount) fork_2 = test_account (
      (TestAccount){ .before = first, .devices = "ac", .signers = "ac" });
  g_autoptr (XimAccount) stranger = test_account (
      (TestAccount){ .before = fork, .devices = "ab", .signers = "ab" });
  g_autoptr (XimAccount) third = test_account (
      (TestAccount){ .before = second, .devices = "a", .signers = "a" });
  assert_refuses (signer, second->text, XIM_ERROR_CONFLICT);
  assert_signs (signer, first->text);
  assert_signs (signer, first->text); /* the same text again */
  assert_refuses (signer, fork->text, XIM_ERROR_CONFLICT);
  assert_refuses (signer, third->text, XIM_ERROR_CONFLICT);
  assert_refuses (signer, stranger->text, XIM_ERROR_KEY_CHANGED);
  assert_signs (signer, second->text);
  assert_refuses (signer, fork_2->text, XIM_ERROR_CONFLICT);
  assert_refuses (signer, first->text, XIM_ERROR_CONFLICT); /* rolled back */
  assert_signs (signer, second->text);
  assert_signs (signer, third->text);
}

/* An erasure is a version like any; only a reset comes after it. */
static void
test_erasure (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "ab" });
  g_autofree char *text = erase_text (first);
  g_autofree char *early = erase_text (second);
  g_autofree char *current = current_text (first, now_s ());
  assert_signs (signer, first->text);
  assert_refuses (signer, text, XIM_ERROR_UNSUPPORTED);
  g_assert_false (erase (signer, early, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (erase (signer, text, &error));
  g_assert_true (erase (signer, text, &error));
  assert_refuses (signer, second->text, XIM_ERROR_CONFLICT);
  assert_refuses (signer, first->text, XIM_ERROR_CONFLICT);
  g_autofree char *absent
      = absent_text (TEST_JID, now_s (), test_tree_head (TEST_TREE, 0));
  assert_signs (signer, absent);

  g_autoptr (XimErase) erased = xim_erase_decode (text, strlen (text), &error);
  XimAccount before = { .version = 2, .hash = erased->hash };
  g_autoptr (XimAccount) on = test_account (
      (TestAccount){ .before = &before, .devices = "b", .signers = "b" });
  g_autoptr (XimAccount) back = test_account ((TestAccount){
      .before = &before, .reset = TRUE, .devices = "b", .signers = "b" });
  g_autofree char *twice = erase_text (&before);
  g_autofree char *again
      = test_replace_line (twice, "jid", "jid " TEST_JID "\n");
  assert_refuses (signer, on->text, XIM_ERROR_KEY_CHANGED);
  g_assert_false (erase (signer, again, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
  assert_signs (signer, back->text);
}

static void
test_current_is_the_newest (void)
{
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "ab" });
  g_autoptr (XimAccount) third = test_account (
      (TestAccount){ .before = second, .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) fork = test_account (
      (TestAccount){ .before = first, .devices = "ac", .signers = "ac" });
  g_autofree char *of_first = current_text (first, now_s ());
  g_autofree char *of_second = current_text (second, now_s ());
  g_autofree char *of_third = current_text (third, now_s ());
  g_autofree char *of_fork = current_text (fork, now_s ());
  assert_refuses (signer, of_first, XIM_ERROR_CONFLICT);
  assert_signs (signer, first->text);
  assert_signs (signer, second->text);
  assert_signs (signer, of_second);
  assert_signs (signer, of_first); /* until a moment ago */
  assert_refuses (signer, of_fork, XIM_ERROR_CONFLICT);
  assert_refuses (signer, of_third, XIM_ERROR_CONFLICT);
  assert_signs (signer, third->text);
  assert_signs (signer, of_third);
  assert_refuses (signer, of_first, XIM_ERROR_CONFLICT);
}

static void
test_absent_is_true (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "ab" });
  g_assert_true (checkpoint (signer, TEST_TREE, 0, 3, &error));
  g_assert_true (checkpoint (signer, TEST_TREE, 3, 5, &error));
  g_autofree char *good
      = absent_text (TEST_JID, now_s (), test_tree_head (TEST_TREE, 5));
  g_autofree char *before
      = absent_text (TEST_JID, now_s (), test_tree_head (TEST_TREE, 3));
  const TestTree other = { .fork = 4 };
  g_autofree char *never
      = absent_text (TEST_JID, now_s (), test_tree_head (TEST_TREE, 4));
  g_autofree char *forked
      = absent_text (TEST_JID, now_s (), test_tree_head (other, 5));
  g_autofree char *ahead
      = absent_text (TEST_JID, now_s (), test_tree_head (TEST_TREE, 6));
  assert_signs (signer, good);
  assert_signs (signer, before);
  assert_refuses (signer, never, XIM_ERROR_CONFLICT);
  assert_refuses (signer, forked, XIM_ERROR_CONFLICT);
  assert_refuses (signer, ahead, XIM_ERROR_CONFLICT);
  assert_signs (signer, first->text);
  assert_signs (signer, good); /* until a moment ago */
  assert_signs (signer, second->text);
  assert_refuses (signer, good, XIM_ERROR_CONFLICT);
}

static void
test_checkpoints (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsSigner) signer = signer_new ();
  const TestTree other = { .fork = 2 };
  assert_last (signer, 0);
  g_assert_true (checkpoint (signer, TEST_TREE, 0, 3, &error));
  assert_last (signer, 3);
  g_assert_true (checkpoint (signer, TEST_TREE, 3, 3, &error));
  g_assert_true (checkpoint (signer, TEST_TREE, 3, 7, &error));
  assert_last (signer, 7);

  g_assert_false (checkpoint (signer, TEST_TREE, 7, 6, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (checkpoint (signer, other, 7, 7, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (
      checkpoint (signer, other, 7, 9, &error)); /* its own proof */
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
  g_clear_error (&error);
  g_assert_false (checkpoint (signer, TEST_TREE, 3, 9, &error)); /* from 3 */
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
  g_clear_error (&error);
  assert_last (signer, 7);

  XimTreeHead head = test_tree_head (TEST_TREE, 9);
  g_autofree char *foreign = xim_checkpoint_text ("log.test/log", &head);
  g_autofree char *origin = xim_checkpoint_text (TEST_ORIGIN, &head);
  g_autofree char *own = xim_checkpoint_text (LOG, &head);
  g_autofree char *more = g_strconcat (own, "more\n", NULL);
  const struct
  {
    const char *text;
    XimError code;
  } bad[] = { { foreign, XIM_ERROR_WRONG_NAME },
              { origin, XIM_ERROR_WRONG_NAME },
              { more, XIM_ERROR_MALFORMED },
              { "x-im device v1\n", XIM_ERROR_MALFORMED } };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const XimKsSignTree tree = { .text = bad[i].text };
      g_assert_false (
          xim_ks_signer_group (signer, NULL, 0, &tree, NULL, &error));
      g_assert_error (error, XIM_ERROR, (int)bad[i].code);
      g_clear_error (&error);
    }
  assert_last (signer, 7);
}

/* One text at fault: nothing is signed, and nothing is recorded. */
static void
test_group_is_whole (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) bob = test_account ((TestAccount){
      .jid = "bob@example.org", .devices = "b", .signers = "b" });
  g_autoptr (XimAccount) skips
      = test_account ((TestAccount){ .before = bob,
                                     .jid = "eve@example.org",
                                     .devices = "c",
                                     .signers = "c" });
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  XimTreeHead head = test_tree_head (TEST_TREE, 2);
  g_autofree char *text = xim_checkpoint_text (LOG, &head);
  const XimKsSignTree tree = { .text = text };
  XimKsSignItem items[] = { { .text = first->text },
                            { .text = skips->text },
                            { .text = device->text },
                            { .text = "nothing\n" } };
  g_autofree char *line = NULL;
  g_assert_false (
      xim_ks_signer_group (signer, items, 4, &tree, &line, &error));
  g_clear_error (&error);
  g_assert_error (items[3].error, XIM_ERROR, XIM_ERROR_UNSUPPORTED);
  xim_ks_sign_item_clear (&items[3]);
  items[3].text = bob->text;
  g_assert_false (
      xim_ks_signer_group (signer, items, 4, &tree, &line, &error));
  g_clear_error (&error);
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      g_assert_null (items[i].line);
      g_assert_true ((items[i].error != NULL) == (i == 1));
    }
  g_assert_null (line);
  assert_last (signer, 0);
  xim_ks_sign_item_clear (&items[1]);

  /* As if the first had never come. */
  g_autoptr (XimAccount) instead
      = test_account ((TestAccount){ .devices = "b", .signers = "b" });
  items[0].text = instead->text;
  items[1] = (XimKsSignItem){ .text = device->text };
  g_assert_true (xim_ks_signer_group (signer, items, 4, &tree, &line, &error));
  g_assert_nonnull (line);
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      assert_line (items[i].text, items[i].line,
                   xim_ks_signer_public (signer));
      xim_ks_sign_item_clear (&items[i]);
    }
  assert_last (signer, 2);
}

static void
assert_group (XimKsSigner *signer, const char *const *texts, gsize n, int code)
{
  g_autoptr (GError) error = NULL;
  XimKsSignItem items[3] = { { .text = NULL } };
  for (gsize i = 0; i < n; i++)
    items[i].text = texts[i];
  gboolean ok = xim_ks_signer_group (signer, items, n, NULL, NULL, &error);
  g_assert_cmpint (ok ? -1 : error->code, ==, code);
  for (gsize i = 0; i < n; i++)
    {
      if (ok)
        assert_line (texts[i], items[i].line, xim_ks_signer_public (signer));
      else
        g_assert_null (items[i].line);
      xim_ks_sign_item_clear (&items[i]);
    }
}

/* With its account note, and with no other. */
static void
test_current_in_group (void)
{
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimAccount) first
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) second = test_account (
      (TestAccount){ .before = first, .devices = "ab", .signers = "ab" });
  g_autoptr (XimAccount) fork
      = test_account ((TestAccount){ .devices = "b", .signers = "b" });
  g_autoptr (XimAccount) bob = test_account ((TestAccount){
      .jid = "bob@example.org", .devices = "c", .signers = "c" });
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  g_autofree char *of_first = current_text (first, now_s ());
  g_autofree char *of_second = current_text (second, now_s ());
  g_autofree char *of_fork = current_text (fork, now_s ());
  g_autofree char *of_bob = current_text (bob, now_s ());
  g_autofree char *old = current_text (first, now_s () - 700);
  g_autofree char *absent
      = absent_text (TEST_JID, now_s (), test_tree_head (TEST_TREE, 0));
  const struct
  {
    const char *texts[3];
    XimError code;
  } bad[] = {
    { { of_first, first->text, device->text }, XIM_ERROR_CONFLICT },
    { { first->text, device->text, of_first }, XIM_ERROR_CONFLICT },
    { { first->text, of_second, device->text }, XIM_ERROR_CONFLICT },
    { { first->text, of_fork, device->text }, XIM_ERROR_CONFLICT },
    { { first->text, of_bob, device->text }, XIM_ERROR_CONFLICT },
    { { first->text, of_first, of_first }, XIM_ERROR_CONFLICT },
    { { first->text, old, device->text }, XIM_ERROR_EXPIRED },
    { { first->text, absent, device->text }, XIM_ERROR_UNSUPPORTED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_group (signer, bad[i].texts, 3, (int)bad[i].code);
  assert_signs (signer, absent); /* nothing of all that is recorded */
  const char *const good[] = { first->text, of_first, device->text };
  assert_group (signer, good, 3, -1);
  assert_group (signer, good, 3, -1);
  const char *const next[] = { second->text, of_second };
  assert_group (signer, next, 2, -1);
  assert_group (signer, good, 3, XIM_ERROR_CONFLICT);
}

/* Its owner's clients and all others look whether a key is one; see
 * ks-claim.c. */
static void
test_any_key (void)
{
  g_autoptr (XimKsSigner) signer = signer_new ();
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  g_autofree char *text
      = test_replace_line (device->text, "key",
                           "key x25519 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                           "AAAA=\n");
  g_assert_null (xim_device_decode_text (text, NULL));
  assert_signs (signer, text);
}

static void
test_proofs (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsSigner) signer = signer_new ();
  XimVrfPublic vrf;
  XimIndex proven;
  XimKsSignProof proofs[] = { { .jid = TEST_JID, .version = 3 },
                              { .jid = "bob@example.org", .version = 1 } };
  xim_ks_signer_vrf (signer, &vrf);
  g_assert_true (
      xim_ks_signer_prove (signer, proofs, G_N_ELEMENTS (proofs), &error));
  for (guint i = 0; i < G_N_ELEMENTS (proofs); i++)
    g_assert_true (xim_entry_verify (&vrf, proofs[i].jid, proofs[i].version,
                                     &proofs[i].proof, &proven, &error));
  g_assert_false (
      xim_entry_verify (&vrf, TEST_JID, 4, &proofs[0].proof, &proven, NULL));
  const char *const bad[] = { "alice@other.test", "alice", "", "Alice@x.y" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      proofs[1].jid = bad[i];
      g_assert_false (xim_ks_signer_prove (signer, proofs, 2, NULL));
    }
  proofs[1].jid = TEST_JID;
  proofs[1].version = 0;
  g_assert_false (xim_ks_signer_prove (signer, proofs, 2, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/ks-signer/signs-its-own", test_signs_its_own);
  g_test_add_func ("/ks-signer/refuses-what-is-not", test_refuses_what_is_not);
  g_test_add_func ("/ks-signer/only-of-now", test_only_of_now);
  g_test_add_func ("/ks-signer/never-skips-or-forks",
                   test_never_skips_or_forks);
  g_test_add_func ("/ks-signer/erasure", test_erasure);
  g_test_add_func ("/ks-signer/current-is-the-newest",
                   test_current_is_the_newest);
  g_test_add_func ("/ks-signer/absent-is-true", test_absent_is_true);
  g_test_add_func ("/ks-signer/checkpoints", test_checkpoints);
  g_test_add_func ("/ks-signer/group-is-whole", test_group_is_whole);
  g_test_add_func ("/ks-signer/current-in-group", test_current_in_group);
  g_test_add_func ("/ks-signer/any-key", test_any_key);
  g_test_add_func ("/ks-signer/proofs", test_proofs);
  return g_test_run ();
}
