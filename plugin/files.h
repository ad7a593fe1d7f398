/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Files offered to contacts: they go in the clear, so the user is asked. */

#pragma once

#include <purple.h>

/**
 * xim_files_watch:
 * @jabber: the XMPP protocol; from now on its `send_file` asks first where
 * messages are encrypted or wait, and refuses where the policy is always
 */
void xim_files_watch (PurplePlugin *jabber);

/* At unload: questions are closed, nothing is sent. */
void xim_files_unwatch (void);
