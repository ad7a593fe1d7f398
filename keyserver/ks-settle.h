/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the log lacks when the keyserver starts. */

#pragma once

#include "ks-publisher.h"

/**
 * xim_ks_settle:
 * @publisher: started and not halted
 *
 * Logs the server notes that are not in the log yet: the first one, and those
 * that rotate-key made.  Of a store of before the log it has the signer adopt
 * what is there and logs every version, in the order in which they were
 * accepted; that takes about a minute for 300,000 versions, and goes on where
 * it was when it is cut off.  Before the network is opened.
 * Errors: STORE; those of the signer.
 * Source: PROTOCOL.md, section 8.
 */
gboolean xim_ks_settle (XimKsStore *store, XimKsSigner *signer,
                        XimKsPublisher *publisher, GError **error);
