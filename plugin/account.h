/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Everything of one account, wired together. */

#pragma once

#include "incoming.h"
#include "outgoing.h"

/**
 * XimAccountState:
 * Made at the first sign-on of an XMPP account, freed at unload; parts are
 * in the order of their dependence.
 */
typedef struct
{
  PurpleAccount *purple;
  char *jid; /* own bare address, prepared */
  XimStore *store;
  XimKeystore *keystore;
  XimHttp *http;
  XimIq *iq;
  XimDiscovery *discovery;
  XimEnrol *enrol;
  XimPeers *peers;
  XimOutgoing *outgoing;
  XimIncoming *incoming;
} XimAccountState;

/**
 * xim_account_state_get:
 * Returns: (transfer none) (nullable): NULL for accounts that are not XMPP or
 * whose files cannot be opened
 */
XimAccountState *xim_account_state_get (PurpleAccount *account);
void xim_account_state_online (PurpleAccount *account);
void xim_account_state_offline (PurpleAccount *account);

/**
 * xim_account_state_ask_passphrase:
 * Asks by libpurple's request API, or reads the file XIM_PASSPHRASE_FILE names
 * (refused unless it is a regular file of mode 0600 of this user).
 */
void xim_account_state_ask_passphrase (XimAccountState *state);

/**
 * xim_account_state_lock:
 * Wipes the master key, the own keys, and the sessions made with them.
 */
void xim_account_state_lock (XimAccountState *state);
void xim_account_state_free_all (void);
