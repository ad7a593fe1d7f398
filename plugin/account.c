/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Everything of one account, wired together. */

#include "config.h"

#include "account.h"

#include <string.h>

#include "address.h"
#include "carbons.h"
#include "changes.h"
#include "enrol-words.h"
#include "face.h"
#include "i18n.h"
#include "key-warning.h"
#include "marks.h"
#include "notices.h"

#define PROTOCOL "prpl-jabber"
#define NO_CODE (-1)

static GHashTable *states; /* PurpleAccount -> XimAccountState */
static GHashTable *broken; /* PurpleAccount -> why, of those with files */

/* Telling the user. */

static void
write_lines (XimAccountState *state, const char *text)
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      PurpleConversation *conv = item->data;
      if (purple_conversation_get_account (conv) == state->purple)
        xim_notices_line (state->purple, purple_conversation_get_name (conv),
                          FALSE, text);
    }
}

/* A line in every open conversation, and a window where there is one. */
static void
tell (XimAccountState *state, PurpleNotifyMsgType type, const char *text)
{
  write_lines (state, text);
  purple_notify_message (state, type, _ ("X-IM"), state->jid, text, NULL,
                         NULL);
}

static void
tell_error (XimAccountState *state)
{
  const GError *error = xim_enrol_error (state->enrol);
  int code = error != NULL ? error->code : NO_CODE;
  if (code == state->told_code)
    return;
  state->told_code = code;
  g_autofree char *warning
      = code == XIM_ERROR_KEY_CHANGED
            ? xim_key_warning_text (state->discovery,
                                    xim_jid_domain (state->jid))
            : NULL;
  g_autofree char *text = warning != NULL
                              ? g_steal_pointer (&warning)
                              : xim_enrol_words_error (state->enrol);
  if (text != NULL)
    tell (state, PURPLE_NOTIFY_MSG_WARNING, text);
}

static void
tell_alarm (XimAccountState *state)
{
  XimAlarm alarm = xim_enrol_alarm (state->enrol);
  if (alarm == state->told_alarm)
    return;
  state->told_alarm = alarm;
  if (alarm != XIM_ALARM_NONE)
    tell (state, PURPLE_NOTIFY_MSG_ERROR, xim_enrol_words_alarm (alarm));
}

/* A line about the own devices. */
static void
tell_family (const char *text, gboolean loud, gpointer data)
{
  XimAccountState *state = data;
  if (loud)
    tell (state, PURPLE_NOTIFY_MSG_INFO, text);
  else
    write_lines (state, text);
}

/* What changes. */

/* Others of this account are told what is sent and received here, and the
 * other way round. */
static void
want_carbons (XimAccountState *state)
{
  if (state->has_carbons || !xim_enrol_ever (state->enrol)
      || !purple_account_is_connected (state->purple))
    return;
  state->has_carbons = TRUE;
  xim_carbons_enable (state->iq, state->jid);
}

static guint32
version_at_peers (XimAccountState *state)
{
  XimTrustPeer own;
  return xim_peers_trust (state->peers, state->jid, &own)
             ? xim_verified_account (own.verified)->version
             : 0;
}

/* What this device took needs no acceptance of its user; and every message is
 * sealed to the devices that are in the list now. */
static void
sync_own_bundle (XimAccountState *state)
{
  g_autoptr (GError) error = NULL;
  const XimVerified *present = xim_enrol_present (state->enrol);
  if (present == NULL || xim_enrol_state (state->enrol) != XIM_ENROL_READY)
    return;
  XimTrustPeer own;
  guint32 version = xim_verified_account (present)->version;
  if (!xim_peers_trust (state->peers, state->jid, &own)
      || xim_verified_account (own.verified)->version < version)
    {
      xim_peers_refresh (state->peers, state->jid, TRUE);
      return;
    }
  if (xim_verified_account (own.verified)->version == version
      && own.reset_version != 0
      && !xim_peers_accept (state->peers, state->jid, &error))
    purple_debug_error ("x-im", "account: %s\n", error->message);
}

static void
read_log (XimAccountState *state)
{
  gboolean good = FALSE;
  const guint n_looks = xim_enrol_n_looks (state->enrol, &good);
  if (!good || n_looks == state->n_looks)
    return;
  state->n_looks = n_looks;
  xim_monitor_looked (state->monitor);
}

static void
enrol_changed (gpointer data)
{
  XimAccountState *state = data;
  if (xim_enrol_state (state->enrol) == XIM_ENROL_READY)
    {
      sync_own_bundle (state);
      xim_peers_refresh (state->peers, state->jid, FALSE);
      read_log (state);
      xim_outgoing_flush (state->outgoing, NULL);
      xim_incoming_retry (state->incoming, NULL);
    }
  want_carbons (state);
  tell_error (state);
  tell_alarm (state);
  xim_family_looked (state->family);
  xim_face_changed (state->purple, NULL);
  if (xim_enrol_needs_unlock (state->enrol))
    xim_unlock_ask_once (state->unlock);
}

/* Somebody may have heard of a newer version than this device has. */
static void
own_bundle_changed (XimAccountState *state)
{
  const XimVerified *present = xim_enrol_present (state->enrol);
  if (present == NULL
      || version_at_peers (state) > xim_verified_account (present)->version)
    xim_enrol_look (state->enrol);
  else
    sync_own_bundle (state);
}

/* Also when no window is open: this is what the user relied on. */
static void
tell_if_unmarked (XimAccountState *state, const char *jid)
{
  if (!xim_marks_lost (state->store, state->peers, jid))
    return;
  g_autofree char *text = xim_notices_unmarked_text (jid);
  xim_notices_line (state->purple, jid, TRUE, text);
}

static void
tell_compares (XimAccountState *state, const char *jid)
{
  if (state->compares == NULL)
    return;
  g_autoptr (GList) running = g_hash_table_get_values (state->compares);
  for (GList *l = running; l != NULL; l = l->next)
    xim_compare_news (l->data, jid);
}

static void
peers_changed (const char *jid, gpointer data)
{
  XimAccountState *state = data;
  gboolean own = strcmp (jid, state->jid) == 0;
  if (own)
    own_bundle_changed (state);
  else
    xim_changes_show (state->purple, state->peers, jid);
  xim_witness_retry (state->witness, jid);
  xim_key_warning_show (state->purple, state->discovery, jid);
  tell_if_unmarked (state, jid);
  tell_compares (state, jid);
  xim_incoming_retry (state->incoming, jid);
  /* Every message is sealed to the own devices too. */
  xim_outgoing_flush (state->outgoing, own ? NULL : jid);
  xim_face_changed (state->purple, own ? NULL : jid);
}

static void
unlocked (gpointer data)
{
  XimAccountState *state = data;
  xim_enrol_unlocked (state->enrol);
  xim_outgoing_flush (state->outgoing, NULL);
  xim_incoming_retry (state->incoming, NULL);
  xim_face_changed (state->purple, NULL);
}

static void
warn (const char *text, gpointer data)
{
  tell (data, PURPLE_NOTIFY_MSG_WARNING, text);
}

static void
inform (const char *text, gpointer data)
{
  tell (data, PURPLE_NOTIFY_MSG_INFO, text);
}

static void
peers_kept (const char *jid, XimError code, gpointer data)
{
  XimAccountState *state = data;
  g_autofree char *text = xim_notices_evidence_text (code, jid);
  if (strcmp (jid, state->jid) == 0)
    tell (state, PURPLE_NOTIFY_MSG_WARNING, text);
  else
    xim_notices_line (state->purple, jid, FALSE, text);
}

/* Whoever has a key there may be anybody. */
static void
domain_forked (const char *domain, gpointer data)
{
  XimAccountState *state = data;
  g_autofree char *text = xim_notices_forked_text (domain);
  tell (state, PURPLE_NOTIFY_MSG_ERROR, text);
  xim_outgoing_flush (state->outgoing, NULL);
  xim_face_changed (state->purple, NULL);
}

static void
log_alarm (XimPlacesAlarm alarm, gpointer data)
{
  XimAccountState *state = data;
  tell (state, PURPLE_NOTIFY_MSG_ERROR, xim_notices_log_alarm_text (alarm));
  xim_outgoing_flush (state->outgoing, NULL);
  xim_face_changed (state->purple, NULL);
}

static void
log_doubt (gpointer data)
{
  XimAccountState *state = data;
  xim_enrol_look (state->enrol);
}

static const XimMonitorOps monitor_ops
    = { domain_forked, log_alarm, log_doubt };

static const XimPeersOps peers_ops
    = { peers_changed, peers_kept, domain_forked };

static void
witness_alarm (const char *jid, const char *from, gpointer data)
{
  XimAccountState *state = data;
  g_autofree char *text
      = xim_notices_alarm_text (strcmp (jid, state->jid) == 0, from);
  tell (state, PURPLE_NOTIFY_MSG_WARNING, text);
}

/* The own bundle is being looked up for this; peers_changed() tells when. */
static void
own_seen (gpointer data)
{
  XimAccountState *state = data;
  purple_debug_info ("x-im", "account: %s: somebody has seen newer own keys\n",
                     state->jid);
}

static const XimWitnessOps witness_ops = { witness_alarm, own_seen };

/* Making. */

static void
state_free (gpointer data)
{
  XimAccountState *state = data;
  purple_notify_close_with_handle (state);
  xim_transfer_free (state->transfer);
  xim_rekey_free (state->rekey);
  xim_unlock_free (state->unlock);
  xim_desktop_keyring_free (state->keyring);
  xim_erasure_free (state->erasure);
  g_clear_pointer (&state->compares, g_hash_table_unref);
  xim_incoming_free (state->incoming);
  xim_witness_free (state->witness);
  xim_outgoing_free (state->outgoing);
  xim_peers_free (state->peers);
  xim_family_free (state->family);
  xim_monitor_free (state->monitor);
  xim_enrol_free (state->enrol);
  xim_discovery_free (state->discovery);
  xim_iq_free (state->iq);
  xim_http_free (state->http);
  xim_keystore_free (state->keystore);
  xim_store_free (state->store);
  g_free (state->jid);
  g_free (state);
}

static char *
directory_of (const char *jid)
{
  return g_build_filename (purple_user_dir (), "x-im",
                           purple_escape_filename (jid), NULL);
}

static XimFamily *
make_family (XimAccountState *state)
{
  const XimAmendParts parts = {
    .account = state->purple,
    .jid = state->jid,
    .store = state->store,
    .keystore = state->keystore,
    .http = state->http,
    .iq = state->iq,
    .discovery = state->discovery,
    .enrol = state->enrol,
  };
  return xim_family_new (&parts, tell_family, state);
}

static gboolean
fill (XimAccountState *state, GError **error)
{
  g_autofree char *dir = directory_of (state->jid);
  PurpleAccount *account = state->purple;
  state->store = xim_store_open (dir, error);
  if (state->store == NULL)
    return FALSE;
  state->keystore = xim_keystore_new (state->store, error);
  if (state->keystore == NULL)
    return FALSE;
  static const XimUnlockOps ops = { unlocked, warn };
  state->keyring = xim_desktop_keyring_new (state->jid);
  state->unlock = xim_unlock_new (account, state->jid, state->keystore,
                                  state->keyring, &ops, state);
  state->rekey = xim_rekey_new (account, state->jid, state->keystore,
                                state->keyring, inform, state);
  state->http = xim_http_new (account);
  state->iq = xim_iq_new (account);
  state->discovery = xim_discovery_new (account, state->jid, state->store,
                                        state->http, state->iq);
  state->enrol = xim_enrol_new (state->jid, state->store, state->keystore,
                                state->http, state->iq, state->discovery,
                                enrol_changed, state, error);
  if (state->enrol == NULL)
    return FALSE;
  state->monitor = xim_monitor_new (state->jid, state->store, state->http,
                                    state->discovery, &monitor_ops, state);
  state->family = make_family (state);
  state->transfer
      = xim_transfer_new (account, state->jid, state->enrol, inform, state);
  state->peers = xim_peers_new (state->store, state->http, state->discovery,
                                &peers_ops, state);
  state->witness = xim_witness_new (state->jid, state->store, state->peers,
                                    &witness_ops, state);
  state->outgoing
      = xim_outgoing_new (account, state->jid, state->store, state->keystore,
                          state->enrol, state->peers);
  state->incoming
      = xim_incoming_new (account, state->jid, state->store, state->enrol,
                          state->peers, state->witness);
  if (state->outgoing != NULL && state->incoming != NULL)
    {
      state->erasure = xim_erasure_new (state->enrol, state->incoming);
      return TRUE;
    }
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_STORE,
                       "the messages that wait should be read and were not");
  return FALSE;
}

static void
set_broken (PurpleAccount *account, const char *jid, const GError *error)
{
  g_autofree char *dir = directory_of (jid);
  purple_debug_error ("x-im", "account: %s: %s\n", jid, error->message);
  if (g_file_test (dir, G_FILE_TEST_EXISTS))
    g_hash_table_insert (broken, account, g_strdup (error->message));
}

static XimAccountState *
make (PurpleAccount *account)
{
  g_autoptr (GError) error = NULL;
  const char *name = purple_account_get_username (account);
  char *jid = name != NULL ? xim_jid_prepare (name, &error) : NULL;
  if (jid == NULL)
    return NULL;
  XimAccountState *state = g_new0 (XimAccountState, 1);
  state->purple = account;
  state->jid = jid;
  state->told_code = NO_CODE;
  if (fill (state, &error))
    {
      g_hash_table_insert (states, account, state);
      return state;
    }
  set_broken (account, jid, error);
  state_free (state);
  return NULL;
}

XimAccountState *
xim_account_state_get (PurpleAccount *account)
{
  if (account == NULL
      || g_strcmp0 (purple_account_get_protocol_id (account), PROTOCOL) != 0)
    return NULL;
  if (states == NULL)
    {
      states = g_hash_table_new_full (NULL, NULL, NULL, state_free);
      broken = g_hash_table_new_full (NULL, NULL, NULL, g_free);
    }
  XimAccountState *state = g_hash_table_lookup (states, account);
  if (state != NULL || g_hash_table_contains (broken, account))
    return state;
  return make (account);
}

gboolean
xim_account_state_is_broken (PurpleAccount *account)
{
  return xim_account_state_get (account) == NULL && broken != NULL
         && g_hash_table_contains (broken, account);
}

void
xim_account_state_online (PurpleAccount *account)
{
  if (broken != NULL)
    g_hash_table_remove (broken, account);
  XimAccountState *state = xim_account_state_get (account);
  if (state == NULL)
    return;
  xim_unlock_reset (state->unlock);
  state->told_code = NO_CODE;
  state->told_alarm = XIM_ALARM_NONE;
  state->has_carbons = FALSE;
  want_carbons (state);
  xim_discovery_retry (state->discovery);
  xim_peers_retry (state->peers);
  xim_enrol_online (state->enrol);
  xim_erasure_online (state->erasure);
  if (xim_keystore_state (state->keystore) == XIM_KEYSTORE_LOCKED)
    xim_account_state_ask_passphrase (state);
  xim_outgoing_online (state->outgoing);
}

void
xim_account_state_offline (PurpleAccount *account)
{
  XimAccountState *state = xim_account_state_get (account);
  if (state == NULL)
    return;
  xim_family_offline (state->family);
  xim_iq_offline (state->iq);
  xim_enrol_offline (state->enrol);
  xim_monitor_stop (state->monitor);
  xim_erasure_offline (state->erasure);
}

void
xim_account_state_conversation (XimAccountState *state,
                                PurpleConversation *conv)
{
  g_autofree char *jid = NULL;
  if (purple_conversation_get_type (conv) == PURPLE_CONV_TYPE_IM
      && xim_address_kind (state->purple, purple_conversation_get_name (conv),
                           &jid)
             == XIM_ADDRESS_PERSON
      && strcmp (jid, state->jid) != 0)
    xim_changes_show (state->purple, state->peers, jid);
}

/* Unlocking. */

void
xim_account_state_ask_passphrase (XimAccountState *state)
{
  xim_unlock_ask (state->unlock);
}

void
xim_account_state_lock (XimAccountState *state)
{
  xim_family_locked (state->family);
  xim_keystore_lock (state->keystore);
  xim_enrol_locked (state->enrol);
  xim_outgoing_flush (state->outgoing, NULL);
  xim_face_changed (state->purple, NULL);
}

void
xim_account_state_lock_all (const char *why)
{
  g_autoptr (GList) all
      = states != NULL ? g_hash_table_get_values (states) : NULL;
  for (GList *item = all; item != NULL; item = item->next)
    {
      XimAccountState *state = item->data;
      if (xim_keystore_state (state->keystore) != XIM_KEYSTORE_UNLOCKED)
        continue;
      xim_account_state_lock (state);
      inform (why, state);
    }
}

void
xim_account_state_free (PurpleAccount *account)
{
  if (states == NULL)
    return;
  g_hash_table_remove (states, account);
  g_hash_table_remove (broken, account);
}

void
xim_account_state_free_all (void)
{
  g_clear_pointer (&states, g_hash_table_unref);
  g_clear_pointer (&broken, g_hash_table_unref);
}
