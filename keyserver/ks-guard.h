/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The signer's process: made, locked in, and serving. */

#pragma once

#include "ks-config.h"
#include "ks-vault.h"

/**
 * xim_ks_guard_start:
 * @newest: the key of the newest server note
 * @pid: (out)
 *
 * Makes the process that alone reads the private keys.  It takes the signing
 * key that is @newest, opens its ledger, becomes the user for it when this
 * process is root's, gives up what it does not need, and then serves calls
 * (ks-call.h) on a socket pair, on several threads, until it is told to stop.
 * It ends when this process ends.  Its first reply says whether it serves.
 * Only from a process with one thread.
 * Errors: STORE; NOT_FOUND, no such user.
 * Returns: this process' end of the pair, or -1
 */
int xim_ks_guard_start (const XimKsConfig *config, const XimVerifyKey *newest,
                        pid_t *pid, GError **error);

/**
 * xim_ks_guard_answer:
 * @data: @len bytes of a call, whatever they are
 * @stop: (out): whether it was the call to end
 * Returns: (transfer full): the bytes of the reply
 */
GByteArray *xim_ks_guard_answer (XimKsVault *vault, const guint8 *data,
                                 gsize len, gboolean *stop);
