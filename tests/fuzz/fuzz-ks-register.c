/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes the bodies of ks-accounts.c and ks-erasures.c. */

#include "config.h"

#include <string.h>

#include "fuzz-dir.h"
#include "fuzz.h"
#include "tests/test-ks.h"
#include "xim-error.h"
#include "xim-json.h"

#include "ks-erasures.h"

static XimKsAccounts ks;

/* A keyserver without a single account, whose writer finds the disk full. */
static void
start (void)
{
  g_assert_true (xim_secret_init (NULL));
  g_autofree char *path = g_build_filename (fuzz_dir (), "store.sqlite", NULL);
  test_store_create (path);
  XimKsConfig *config = xim_ks_config_new ();
  g_free (config->domain);
  g_free (config->origin);
  config->domain = g_strdup (TEST_DOMAIN);
  config->origin = g_strdup (TEST_ORIGIN);
  ks.config = config;
  ks.store = test_store_open (path);
  XimKsKeys *keys = g_new0 (XimKsKeys, 1);
  keys->sign = test_sign_key ('K');
  keys->vrf = xim_crypto_vrf_generate ();
  XimKsSigner *signer = xim_ks_signer_new (TEST_DOMAIN, keys);
  XimKsTiles *tiles = xim_ks_tiles_new (ks.store, 65536);
  XimKsPublisher *publisher
      = xim_ks_publisher_new (ks.store, signer, tiles, TEST_ORIGIN "/log");
  ks.writer
      = xim_ks_writer_new (ks.store, publisher, fuzz_dir (), 1, G_MAXUINT64);
  ks.lookup = xim_ks_lookup_new (config, ks.store, signer, tiles);
}

static void
nothing (XimKsRequest *request)
{
  (void)request;
}

/* Gives the proof that the first note of @body needs, if there is one. */
static XimKsProofs *
prove (const char *body, gsize len)
{
  XimKsProofs *proofs = xim_ks_proofs_new (4);
  const char *text = NULL;
  g_autoptr (XimJson) json
      = xim_json_decode (body, len, ks.config->body_bytes, NULL);
  if (json == NULL || !xim_json_string (json, "account", &text, NULL))
    return proofs;
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), NULL);
  g_autoptr (XimAccount) account
      = note != NULL ? xim_account_decode (note, NULL) : NULL;
  if (account != NULL)
    xim_ks_proofs_add (proofs, account->jid, &account->hash,
                       g_get_monotonic_time (), NULL);
  return proofs;
}

/* Nothing can be kept, so each answer is a refusal in the form of section 6.
 */
static void
check_answer (const XimKsAnswer *answer)
{
  gsize len = 0;
  g_autoptr (GError) error = NULL;
  const char *word = NULL;
  XimError code = XIM_ERROR_STORE;
  guint status = xim_ks_answer_status (answer);
  const char *body = g_bytes_get_data (xim_ks_answer_body (answer), &len);
  g_assert_cmpuint (status, >=, 400);
  g_assert_true (status < 500 || status == 503);
  g_autoptr (XimJson) json = xim_json_decode (body, len, 4096, &error);
  g_assert_no_error (error);
  g_assert_true (xim_json_string (json, "error", &word, &error));
  g_assert_true (xim_error_from_word (word, &code));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimKsRecord) record = NULL;
  if (ks.store == NULL)
    start ();
  if (size == 0)
    return 0;
  g_autoptr (GBytes) body = g_bytes_new (data + 1, size - 1);
  g_autoptr (XimKsProofs) proofs = prove ((const char *)data + 1, size - 1);
  ks.proofs = proofs;
  XimKsRequest request = { .jid = (char *)TEST_JID,
                           .device = { { 'a' } },
                           .body = body,
                           .wait = nothing,
                           .wake = nothing };
  g_autoptr (XimKsAnswer) answer = NULL;
  switch (data[0])
    {
    case '>':
      answer = xim_ks_accounts_put (&ks, &request);
      break;
    case '<':
      answer = xim_ks_erasures_delete (&ks, &request);
      break;
    default:
      answer = xim_ks_accounts_post (&ks, &request);
    }
  if (answer == NULL)
    answer = request.finish (request.job);
  check_answer (answer);
  g_assert_true (xim_ks_store_record (ks.store, TEST_JID, &record, &error));
  g_assert_null (record);
  return 0;
}
