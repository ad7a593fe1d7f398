/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What goes into the log for a version of an account. */

#pragma once

#include "ks-rows.h"
#include "ks-signer.h"

/**
 * xim_ks_leaf_account:
 * @before: (nullable): what the log has of the version before: its proof of
 * the next version is the proof of this one and is not made again
 * @logged: (out): all but the leaf
 * @bytes: (out): the entry
 * Errors: those of the signer.
 */
gboolean xim_ks_leaf_account (XimKsSigner *signer, const XimAccount *account,
                              const XimKsLogged *before, XimKsLogged *logged,
                              guint8 bytes[XIM_ENTRY_ACCOUNT_LEN],
                              GError **error);

/**
 * xim_ks_leaf_erase:
 * The same for an erase note.  Its opening is thrown away as its text is.
 */
gboolean xim_ks_leaf_erase (XimKsSigner *signer, const XimErase *erase,
                            const XimKsLogged *before,
                            guint8 bytes[XIM_ENTRY_ACCOUNT_LEN],
                            GError **error);

/**
 * xim_ks_leaf_server:
 * @text: of a server note
 */
void xim_ks_leaf_server (const char *text, guint8 bytes[XIM_ENTRY_SERVER_LEN]);
