/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The keys of an account are unlocked: who is asked, and what comes of it. */

#pragma once

#include "desktop-keyring.h"
#include "keystore.h"
#include "passphrase.h"

typedef struct _XimUnlock XimUnlock;

typedef struct
{
  void (*unlocked) (gpointer user_data);
  void (*tell) (const char *text, gpointer user_data); /* a warning */
} XimUnlockOps;

/**
 * xim_unlock_new:
 * @jid, @keystore, @keyring: outlive it
 */
XimUnlock *xim_unlock_new (PurpleAccount *account, const char *jid,
                           XimKeystore *keystore, XimDesktopKeyring *keyring,
                           const XimUnlockOps *ops, gpointer user_data);
void xim_unlock_free (XimUnlock *unlock);

/* A new sign-on: xim_unlock_ask_once() asks again. */
void xim_unlock_reset (XimUnlock *unlock);
void xim_unlock_ask_once (XimUnlock *unlock);

/**
 * xim_unlock_ask:
 * Does nothing while the keystore is unlocked; while a passphrase is tried, it
 * asks when that was the wrong one.  Takes what the desktop's keyring has when
 * it holds the master key; else asks by libpurple's request API, or reads the
 * file that XIM_PASSPHRASE_FILE names.
 */
void xim_unlock_ask (XimUnlock *unlock);

/* Whether XIM_PASSPHRASE_FILE names a file. */
gboolean xim_unlock_has_file (void);
