/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* OpenPGP by gpgme, with Ed25519 and Curve25519 keys. */

#include "config.h"

#include <gpgme.h>
#include <string.h>

#include "bench.h"
#include "peer.h"

typedef struct
{
  gpgme_ctx_t context;
  char *home;
  gpgme_key_t keys[2];
} Pair;

static void
must (gpgme_error_t error, const char *what)
{
  if (error != 0)
    g_error ("gpgme: %s: %s", what, gpgme_strerror (error));
}

static char *
text_of (gpgme_data_t data)
{
  size_t len;
  char *bytes = gpgme_data_release_and_get_mem (data, &len);
  char *text = g_strndup (bytes, len);
  gpgme_free (bytes);
  return text;
}

static char *
pair_seal (gpointer state, guint from, const char *text)
{
  Pair *pair = state;
  gpgme_key_t recipients[] = { pair->keys[1 - from], NULL };
  gpgme_data_t in, out;

  gpgme_signers_clear (pair->context);
  must (gpgme_signers_add (pair->context, pair->keys[from]), "a signer");
  must (gpgme_data_new_from_mem (&in, text, strlen (text), 0), "the text");
  must (gpgme_data_new (&out), "a message");
  must (gpgme_op_encrypt_sign (pair->context, recipients,
                               GPGME_ENCRYPT_ALWAYS_TRUST, in, out),
        "sealing");
  gpgme_data_release (in);
  return text_of (out);
}

static char *
pair_open (gpointer state, guint to, const char *sealed)
{
  Pair *pair = state;
  gpgme_data_t in, out;

  (void)to;
  must (gpgme_data_new_from_mem (&in, sealed, strlen (sealed), 0),
        "a message to read");
  must (gpgme_data_new (&out), "a text");
  must (gpgme_op_decrypt_verify (pair->context, in, out), "opening");
  gpgme_verify_result_t result = gpgme_op_verify_result (pair->context);
  if (result->signatures == NULL || result->signatures->status != 0)
    bench_refuse ("a signature by gpgme");
  gpgme_data_release (in);
  return text_of (out);
}

BenchPeer *
bench_gpg_new (void)
{
  static const char *const names[]
      = { "alice@example.org", "bob@example.org" };
  Pair *pair = g_new0 (Pair, 1);

  pair->home = g_dir_make_tmp ("xim-bench-gpg-XXXXXX", NULL);
  gpgme_check_version (NULL);
  must (gpgme_new (&pair->context), "a context");
  must (gpgme_ctx_set_engine_info (pair->context, GPGME_PROTOCOL_OpenPGP, NULL,
                                   pair->home),
        "its home");
  gpgme_set_armor (pair->context, 1);
  for (guint i = 0; i < 2; i++)
    {
      must (gpgme_op_createkey (pair->context, names[i], "future-default", 0,
                                0, NULL, GPGME_CREATE_NOPASSWD),
            "a key");
      must (gpgme_get_key (pair->context,
                           gpgme_op_genkey_result (pair->context)->fpr,
                           &pair->keys[i], 1),
            "a key's handle");
    }
  return bench_peer_new ("gpgme", pair, pair_seal, pair_open);
}

void
bench_gpg_stop (BenchPeer *peer)
{
  Pair *pair = peer->state;
  const char *kill[]
      = { "gpgconf", "--homedir", pair->home, "--kill", "all", NULL };
  const char *remove[] = { "rm", "-rf", pair->home, NULL };

  gpgme_release (pair->context);
  g_spawn_sync (NULL, (char **)kill, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                NULL, NULL, NULL, NULL);
  g_spawn_sync (NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                NULL, NULL, NULL, NULL);
}
