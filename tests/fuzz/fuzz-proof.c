/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-proof.c. */

#include "config.h"

#include <string.h>

#include "fuzz-log.h"
#include "fuzz.h"
#include "xim-proof.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autoptr (XimProof) proof
      = xim_proof_decode ((const char *)data, size, &error);
  g_assert_true ((proof == NULL) == (error != NULL));
  if (proof == NULL)
    return 0;
  /* There is one form for each proof. */
  g_autofree char *again
      = xim_proof_encode (proof->server, proof->account, proof->logged);
  g_assert_cmpmem (again, strlen (again), data, size);
  g_autoptr (XimVerifyKey) log = xim_verify_key_decode (FUZZ_LOG, NULL);
  XimLogPlace place;
  gboolean ok = xim_proof_check (proof, log, &place, &error);
  g_assert_true (ok == (error == NULL));
  return 0;
}
