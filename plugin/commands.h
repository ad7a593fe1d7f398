/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The command /xim and the menu entries that do the same. */

#pragma once

#include "account.h"

/* At load and at unload. */
void xim_commands_register (void);
void xim_commands_unregister (void);

/**
 * xim_commands_actions:
 * For PurplePluginInfo.actions: Unlock, Lock, Status, for all accounts.
 * Returns: (transfer full): of PurplePluginAction
 */
GList *xim_commands_actions (PurplePlugin *plugin, gpointer context);
