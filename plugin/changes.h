/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Changes of a contact's devices, as quiet lines. */

#pragma once

#include <purple.h>

#include "peers.h"

/**
 * xim_changes_show:
 * Writes one line for each change that the user was not told of yet into the
 * conversation with @jid; without a conversation they wait for one, also after
 * a restart.
 */
void xim_changes_show (PurpleAccount *account, XimPeers *peers,
                       const char *jid);

/**
 * xim_changes_text:
 * Returns: (transfer full) (nullable): the line of one change; NULL when no
 * device came or went
 */
char *xim_changes_text (const XimPeersChange *change, const char *jid);
