/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-checkpoint.c. */

#include "config.h"

#include "fuzz-log.h"
#include "fuzz.h"
#include "xim-checkpoint.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_assert_true (xim_secret_init (NULL));
  g_autoptr (GError) error = NULL;
  g_autoptr (XimCheckpoint) checkpoint
      = xim_checkpoint_decode ((const char *)data, size, &error);
  g_assert_true ((checkpoint == NULL) == (error != NULL));
  if (checkpoint == NULL)
    return 0;
  /* There is one text for each value. */
  g_autofree char *text
      = xim_checkpoint_text (checkpoint->origin, &checkpoint->head);
  g_assert_cmpstr (text, ==, xim_note_text (checkpoint->note));
  g_autoptr (XimVerifyKey) log = xim_verify_key_decode (FUZZ_LOG, NULL);
  gboolean ok = xim_checkpoint_check (checkpoint, log, &error);
  g_assert_true (ok == (error == NULL));
  return 0;
}
