/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What is brought to the signer together. */

#include "config.h"

#include "ks-sign.h"

#include <string.h>

void
xim_ks_sign_item_clear (XimKsSignItem *item)
{
  g_clear_pointer (&item->line, g_free);
  g_clear_error (&item->error);
}

char *
xim_ks_sign_text (const XimSignKey *key, const char *text, GError **error)
{
  g_autoptr (XimNote) note = xim_note_new (text, error);
  if (note == NULL || !xim_note_sign (note, key, error))
    return NULL;
  g_autofree char *whole = xim_note_encode (note);
  return g_strdup (whole + strlen (text) + 1);
}
