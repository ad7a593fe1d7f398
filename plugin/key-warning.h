/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The warning that a keyserver shows another key than the pinned one. */

#pragma once

#include "discovery.h"

/**
 * xim_key_warning_text:
 * Returns: (transfer full) (nullable): for the user, with both fingerprints;
 * NULL while @domain shows no other key
 */
char *xim_key_warning_text (XimDiscovery *discovery, const char *domain);

/**
 * xim_key_warning_show:
 * Writes it into the conversation with @jid, if one is open, once for each key
 * that was shown.
 */
void xim_key_warning_show (PurpleAccount *account, XimDiscovery *discovery,
                           const char *jid);
