/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The command /xim and the menu entries that do the same. */

#pragma once

#include "account.h"

/**
 * xim_commands_register:
 * At load, after xim_face_register(): the command, and what faces ask by IPC.
 */
void xim_commands_register (PurplePlugin *plugin);
void xim_commands_unregister (PurplePlugin *plugin);

/**
 * xim_commands_actions:
 * For PurplePluginInfo.actions: Unlock, Lock, Status, for all accounts.
 * Returns: (transfer full): of PurplePluginAction
 */
GList *xim_commands_actions (PurplePlugin *plugin, gpointer context);
