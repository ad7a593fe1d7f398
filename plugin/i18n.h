/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Translation of texts for users. */

#pragma once

#include <glib.h>
#include <libintl.h>

#define XIM_GETTEXT_DOMAIN "x-im"
#define _(text) dgettext (XIM_GETTEXT_DOMAIN, text)
#define N_(text) (text)
#define NG_(one, many, n) dngettext (XIM_GETTEXT_DOMAIN, one, many, n)

/**
 * xim_i18n_init:
 * @localedir: where the translations are installed
 */
void xim_i18n_init (const char *localedir);
