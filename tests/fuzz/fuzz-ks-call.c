/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes ks-call.c, and the vault behind it with whatever call comes out. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "tests/test-notes.h"

#include "ks-call.h"
#include "ks-guard.h"

static XimKsVault *
vault_new (void)
{
  XimKsKeys *keys = g_new0 (XimKsKeys, 1);
  g_autoptr (GError) error = NULL;
  keys->sign = test_sign_key ('K');
  keys->vrf = xim_crypto_vrf_generate ();
  keys->members = xim_secret_new (XIM_KEY_LEN);
  const XimKsDatabaseOwner owner = { TEST_DOMAIN, TEST_ORIGIN, keys->members };
  XimKsLedger *ledger = xim_ks_ledger_open (NULL, &owner, 1, &error);
  g_assert_no_error (error);
  XimKsVault *vault = xim_ks_vault_new (TEST_DOMAIN, keys, ledger, &error);
  g_assert_no_error (error);
  return vault;
}

/* What is read is what was written, and nothing else is read. */
static gsize
check_call (const uint8_t *data, size_t size)
{
  guint32 id = 0;
  g_autoptr (XimKsCall) call = xim_ks_call_decode (data, size, &id, NULL);
  if (call == NULL)
    return 0;
  g_autoptr (GByteArray) again = xim_ks_call_encode (call);
  g_assert_cmpmem (again->data, again->len, data, size);
  return call->verb == XIM_KS_CALL_PROVE ? call->n_proofs : call->n_items;
}

/* The same for a reply, but that each fault may be told only once. */
static void
check_reply (const uint8_t *data, size_t size, gsize n_items)
{
  g_autoptr (XimKsReply) reply
      = xim_ks_reply_decode (data, size, n_items, NULL);
  if (reply == NULL || reply->error != NULL)
    return;
  g_autoptr (GByteArray) again = xim_ks_reply_encode (reply);
  g_assert_cmpmem (again->data, again->len, data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static XimKsVault *vault = NULL;
  gboolean stop = FALSE;
  if (vault == NULL)
    {
      g_assert_true (xim_secret_init (NULL));
      vault = vault_new ();
    }
  gsize n_items = check_call (data, size);
  check_reply (data, size, 2);
  g_autoptr (GByteArray) bytes
      = xim_ks_guard_answer (vault, data, size, &stop);
  g_autoptr (XimKsReply) reply
      = xim_ks_reply_decode (bytes->data, bytes->len, n_items, NULL);
  g_assert_nonnull (reply);
  return 0;
}
