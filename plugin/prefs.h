/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What users set once for all contacts. */

#pragma once

#include <purple.h>

#include "decide.h"

#define XIM_PREFS_ROOT "/plugins/core/x-im"

#define XIM_PREFS_LOCK_SCREEN XIM_PREFS_ROOT "/lock-with-screen"

/* At load, before any account state is made. */
void xim_prefs_init (void);

/**
 * xim_prefs_policy:
 * Returns: the policy of contacts for which none was set: automatic or always
 */
XimPolicy xim_prefs_policy (void);

/**
 * xim_prefs_lock_minutes:
 * Returns: after how many minutes without input keys are locked; 0 for never
 */
int xim_prefs_lock_minutes (void);

/**
 * xim_prefs_lock_with_screen:
 * Returns: whether keys are locked when the screen is
 */
gboolean xim_prefs_lock_with_screen (void);

/* For PurplePluginUiInfo: `get_plugin_pref_frame`. */
PurplePluginPrefFrame *xim_prefs_frame (PurplePlugin *plugin);
