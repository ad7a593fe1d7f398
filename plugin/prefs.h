/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What users set once for all contacts. */

#pragma once

#include <purple.h>

#include "decide.h"

#define XIM_PREFS_ROOT "/plugins/core/x-im"

/* At load, before any account state is made. */
void xim_prefs_init (void);

/**
 * xim_prefs_policy:
 * Returns: the policy of contacts for which none was set: automatic or always
 */
XimPolicy xim_prefs_policy (void);

/* For PurplePluginUiInfo: `get_plugin_pref_frame`. */
PurplePluginPrefFrame *xim_prefs_frame (PurplePlugin *plugin);
