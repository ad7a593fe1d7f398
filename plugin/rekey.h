/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What unlocks the keys is changed: passphrase, or the desktop's keyring. */

#pragma once

#include "unlock.h"

/* One change at a time. */
typedef struct _XimRekey XimRekey;

/**
 * xim_rekey_new:
 * @jid, @keystore, @keyring: outlive it
 * @tell: shows the user a line about how it ended
 */
XimRekey *xim_rekey_new (PurpleAccount *account, const char *jid,
                         XimKeystore *keystore, XimDesktopKeyring *keyring,
                         void (*tell) (const char *text, gpointer user_data),
                         gpointer user_data);
void xim_rekey_free (XimRekey *rekey);

/* Each returns (transfer full) (nullable) why it does not begin, as text for
 * the user; what becomes of it is told later.  Whatever fails, what unlocked
 * the keys before still does. */
char *xim_rekey_passphrase (XimRekey *rekey);
char *xim_rekey_keyring_on (XimRekey *rekey);
char *xim_rekey_keyring_off (XimRekey *rekey);
