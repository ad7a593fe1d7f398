/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The desktop's keyring, as it holds master keys; the only file that calls
 * libsecret. */

#pragma once

#include "xim.h"

typedef struct _XimDesktopKeyring XimDesktopKeyring;

/**
 * XimDesktopKeyringCallback:
 * @master: (transfer full) (nullable): what was kept, when it was asked for
 * @error: (nullable): UNAVAILABLE, there is no keyring, it did not answer, or
 * it stays locked; NOT_FOUND, it has nothing under this id
 */
typedef void (*XimDesktopKeyringCallback) (XimSecret *master,
                                           const GError *error,
                                           gpointer user_data);

/**
 * xim_desktop_keyring_new:
 * @jid: the account whose master keys it holds
 */
XimDesktopKeyring *xim_desktop_keyring_new (const char *jid);

/* Ends what is under way; callbacks do not come. */
void xim_desktop_keyring_free (XimDesktopKeyring *keyring);

/**
 * xim_desktop_keyring_make_id:
 * Returns: (transfer full): an id that no other master key has
 */
char *xim_desktop_keyring_make_id (void);

/* Each never blocks and calls @callback once, from the main loop. */
void xim_desktop_keyring_store (XimDesktopKeyring *keyring, const char *id,
                                const XimSecret *master,
                                XimDesktopKeyringCallback callback,
                                gpointer user_data);
void xim_desktop_keyring_load (XimDesktopKeyring *keyring, const char *id,
                               XimDesktopKeyringCallback callback,
                               gpointer user_data);
void xim_desktop_keyring_erase (XimDesktopKeyring *keyring, const char *id,
                                XimDesktopKeyringCallback callback,
                                gpointer user_data);
