/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The error domain of libxim and the words of its codes. */

#include "config.h"

#include "xim-error.h"

static const char *const words[] = {
  [XIM_ERROR_MALFORMED] = "malformed",
  [XIM_ERROR_TOO_LARGE] = "too-large",
  [XIM_ERROR_UNSUPPORTED] = "unsupported",
  [XIM_ERROR_SIGNATURE] = "signature",
  [XIM_ERROR_WRONG_NAME] = "wrong-name",
  [XIM_ERROR_KEY_CHANGED] = "key-changed",
  [XIM_ERROR_EXPIRED] = "expired",
  [XIM_ERROR_REPLAYED] = "replayed",
  [XIM_ERROR_NOT_FOR_US] = "not-for-us",
  [XIM_ERROR_NOT_FOUND] = "not-found",
  [XIM_ERROR_NOT_LOGGED] = "not-logged",
  [XIM_ERROR_STORE] = "store",
  [XIM_ERROR_NO_PROOF] = "no-proof",
  [XIM_ERROR_CONFLICT] = "conflict",
  [XIM_ERROR_TOO_MANY] = "too-many",
  [XIM_ERROR_UNAVAILABLE] = "unavailable",
};

G_DEFINE_QUARK (xim-error-quark, xim_error)

const char *
xim_error_word (XimError code)
{
  g_return_val_if_fail ((guint) code < G_N_ELEMENTS (words), NULL);
  return words[code];
}

gboolean
xim_error_from_word (const char *word, XimError *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (word, words[i]) == 0)
      {
        *code = (XimError) i;
        return TRUE;
      }
  return FALSE;
}
