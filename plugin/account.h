/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Everything of one account, wired together. */

#pragma once

#include "compare.h"
#include "erasure.h"
#include "family.h"
#include "incoming.h"
#include "monitor.h"
#include "outgoing.h"
#include "rekey.h"
#include "transfer.h"

/**
 * XimAccountState:
 * Of an XMPP account, until unload or until the account is removed; the parts
 * are in the order of their dependence.
 */
typedef struct
{
  PurpleAccount *purple;
  char *jid; /* own bare address, prepared */
  XimStore *store;
  XimKeystore *keystore;
  XimDesktopKeyring *keyring;
  XimUnlock *unlock;
  XimRekey *rekey;
  XimTransfer *transfer;
  XimHttp *http;
  XimIq *iq;
  XimDiscovery *discovery;
  XimEnrol *enrol;
  XimMonitor *monitor;
  XimFamily *family;
  XimPeers *peers;
  XimWitness *witness;
  XimOutgoing *outgoing;
  XimIncoming *incoming;
  XimErasure *erasure;
  GHashTable *compares; /* (nullable): contact -> XimCompare that runs */
  int told_code;        /* of the last error that the user was told; -1 */
  guint n_looks;        /* at the own entry, after which the log was read */
  XimAlarm told_alarm;  /* the last one that the user was told */
  gboolean has_carbons; /* asked for since the last sign-on */
} XimAccountState;

/**
 * xim_account_state_get:
 * Made when it is asked for first.
 * Returns: (transfer none) (nullable): NULL for accounts that are not XMPP or
 * whose files cannot be opened
 */
XimAccountState *xim_account_state_get (PurpleAccount *account);

/**
 * xim_account_state_is_broken:
 * Returns: whether @account has files of ours and they cannot be opened: it
 * may have been enrolled, so nothing may be sent in the clear
 */
gboolean xim_account_state_is_broken (PurpleAccount *account);

/* From `signed-on`, or at load when the account is connected already. */
void xim_account_state_online (PurpleAccount *account);
void xim_account_state_offline (PurpleAccount *account);

/* @conv was opened: it shows what changed since the last one. */
void xim_account_state_conversation (XimAccountState *state,
                                     PurpleConversation *conv);

/**
 * xim_account_state_ask_passphrase:
 * See xim_unlock_ask().
 */
void xim_account_state_ask_passphrase (XimAccountState *state);

/**
 * xim_account_state_lock:
 * Wipes the master key, the own keys, and the sessions made with them.
 */
void xim_account_state_lock (XimAccountState *state);

/**
 * xim_account_state_lock_all:
 * @why: as text for the user, shown for each account that was unlocked
 */
void xim_account_state_lock_all (const char *why);

/**
 * xim_account_state_free:
 * @account: about to be removed
 */
void xim_account_state_free (PurpleAccount *account);
void xim_account_state_free_all (void);
