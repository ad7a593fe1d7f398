/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What is brought to the signer together. */

#include "config.h"

#include "ks-sign.h"

void
xim_ks_sign_item_clear (XimKsSignItem *item)
{
  g_clear_pointer (&item->line, g_free);
  g_clear_error (&item->error);
}
