/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Everything of one account, wired together. */

#include "config.h"

#include "account.h"

#include <string.h>

#include "face.h"
#include "i18n.h"
#include "notices.h"

#define PROTOCOL "prpl-jabber"
#define NO_CODE (-1)

static GHashTable *states; /* PurpleAccount -> XimAccountState */
static GHashTable *broken; /* PurpleAccount -> why, of those with files */

/* Telling the user. */

/* A line in every open conversation, and a window where there is one. */
static void
tell (XimAccountState *state, PurpleNotifyMsgType type, const char *text)
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      PurpleConversation *conv = item->data;
      if (purple_conversation_get_account (conv) == state->purple)
        xim_notices_line (state->purple, purple_conversation_get_name (conv),
                          FALSE, text);
    }
  purple_notify_message (state, type, _ ("X-IM"), state->jid, text, NULL,
                         NULL);
}

static char *
clock_text (gint64 off_s)
{
  gint64 minutes = (ABS (off_s) + 59) / 60;
  return g_strdup_printf (
      off_s > 0
          ? NG_ ("This computer's clock is %d minute ahead of the keyserver's."
                 " New keys are made when it is right.",
                 "This computer's clock is %d minutes ahead of the"
                 " keyserver's. New keys are made when it is right.",
                 (gulong)minutes)
          : NG_ ("This computer's clock is %d minute behind the keyserver's."
                 " New keys are made when it is right.",
                 "This computer's clock is %d minutes behind the keyserver's."
                 " New keys are made when it is right.",
                 (gulong)minutes),
      (int)MIN (minutes, G_MAXINT));
}

/* What a user must know of; an outage is for `/xim status`. */
static char *
error_text (const XimAccountState *state, int code)
{
  if (code == XIM_ERROR_KEY_CHANGED)
    return g_strdup (_ (
        "WARNING: your keyserver shows another key than before. Somebody may "
        "be pretending to be it. X-IM does not use it until it shows the "
        "right key."));
  if (code == XIM_ERROR_CONFLICT)
    return g_strdup (
        _ ("WARNING: the keyserver has a key of this device that was not made "
           "here. This device was copied."));
  if (code == XIM_ERROR_NOT_FOUND)
    return g_strdup (_ ("WARNING: the keyserver says that you have no keys. "
                        "They were erased there."));
  if (code == XIM_ERROR_EXPIRED && xim_enrol_clock_off_s (state->enrol) != 0)
    return clock_text (xim_enrol_clock_off_s (state->enrol));
  return NULL;
}

static void
tell_error (XimAccountState *state)
{
  const GError *error = xim_enrol_error (state->enrol);
  int code = error != NULL ? error->code : NO_CODE;
  if (code == state->told_code)
    return;
  state->told_code = code;
  g_autofree char *text = error_text (state, code);
  if (text != NULL)
    tell (state, PURPLE_NOTIFY_MSG_WARNING, text);
}

/* What changes. */

static void
enrol_changed (gpointer data)
{
  XimAccountState *state = data;
  switch (xim_enrol_state (state->enrol))
    {
    case XIM_ENROL_READY:
      xim_peers_refresh (state->peers, state->jid, FALSE);
      xim_outgoing_flush (state->outgoing, NULL);
      xim_incoming_retry (state->incoming, NULL);
      break;
    case XIM_ENROL_OTHER_DEVICE:
      tell (state, PURPLE_NOTIFY_MSG_INFO,
            _ ("Your address has keys of another device. X-IM works on one "
               "device for now: this one waits."));
      break;
    case XIM_ENROL_NEVER:
    case XIM_ENROL_LOCKED:
    case XIM_ENROL_WORKING:
    case XIM_ENROL_NO_SERVER:
    case XIM_ENROL_FAILED:
    default:
      break;
    }
  tell_error (state);
  xim_face_changed (state->purple, NULL);
  if (xim_enrol_needs_unlock (state->enrol))
    xim_unlock_ask_once (state->unlock);
}

static void
peers_changed (const char *jid, gpointer data)
{
  XimAccountState *state = data;
  gboolean own = strcmp (jid, state->jid) == 0;
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

/* Making. */

static void
state_free (gpointer data)
{
  XimAccountState *state = data;
  purple_notify_close_with_handle (state);
  xim_rekey_free (state->rekey);
  xim_unlock_free (state->unlock);
  xim_desktop_keyring_free (state->keyring);
  xim_erasure_free (state->erasure);
  xim_incoming_free (state->incoming);
  xim_outgoing_free (state->outgoing);
  xim_peers_free (state->peers);
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
  state->peers = xim_peers_new (state->store, state->http, state->discovery,
                                peers_changed, state);
  state->outgoing
      = xim_outgoing_new (account, state->jid, state->store, state->keystore,
                          state->enrol, state->peers);
  state->incoming = xim_incoming_new (account, state->jid, state->store,
                                      state->enrol, state->peers);
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
  xim_iq_offline (state->iq);
  xim_enrol_offline (state->enrol);
  xim_erasure_offline (state->erasure);
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
  xim_keystore_lock (state->keystore);
  xim_enrol_locked (state->enrol);
  xim_outgoing_flush (state->outgoing, NULL);
  xim_face_changed (state->purple, NULL);
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
