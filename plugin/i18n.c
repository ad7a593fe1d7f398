/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Translation of texts for users. */

#include "config.h"

#include "i18n.h"

void
xim_i18n_init (const char *localedir)
{
  bindtextdomain (XIM_GETTEXT_DOMAIN, localedir);
  bind_textdomain_codeset (XIM_GETTEXT_DOMAIN, "UTF-8");
}
