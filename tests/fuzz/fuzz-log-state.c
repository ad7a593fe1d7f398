/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes the state of logcheck/lc-state.c. */

#include "config.h"

#include <string.h>

#include "fuzz-file.h"
#include "fuzz.h"
#include "xim-crypto.h"
#include "xim-error.h"

#include "lc-state.h"

#define ORIGIN "keys.example.org/log"

/* What was read is written as it was. */
static void
write_again (const XimLcState *state, const guint8 *data, gsize len)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *written = NULL;
  g_autofree char *path = g_strconcat (fuzz_path, ".again", NULL);
  gsize written_len;
  g_assert_true (xim_lc_state_save (state, path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &written, &written_len, NULL));
  g_assert_cmpmem (written, written_len, data, len);
  g_unlink (path);
}

static void
take (const guint8 *data, gsize len)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimLcState) state
      = xim_lc_state_load (fuzz_file (data, len), ORIGIN, &error);
  g_assert_true ((state == NULL) == (error != NULL));
  if (state == NULL)
    {
      g_assert_true (g_error_matches (error, XIM_ERROR, XIM_ERROR_MALFORMED)
                     || g_error_matches (error, XIM_ERROR, XIM_ERROR_TOO_LARGE)
                     || g_error_matches (error, XIM_ERROR,
                                         XIM_ERROR_WRONG_NAME));
      return;
    }
  g_assert_nonnull (state->checkpoint);
  g_assert_cmpstr (state->checkpoint->origin, ==, ORIGIN);
  g_assert_cmpuint (xim_lc_indices_size (state->indices), ==,
                    state->checkpoint->head.size);
  write_again (state, data, len);
}

/* Once as it is, once with the sum that hides what the rest is made of. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GByteArray) summed = g_byte_array_new ();
  const XimPiece piece = { data, size };
  XimHash sum;
  xim_crypto_sha256 (&piece, 1, &sum);
  g_byte_array_append (summed, data, (guint)size);
  g_byte_array_append (summed, sum.bytes, sizeof sum.bytes);
  take (data, size);
  take (summed->data, summed->len);
  return 0;
}
