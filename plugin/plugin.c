/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The module that libpurple loads: wires its signals to the accounts. */

#include "config.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "account.h"
#include "autolock.h"
#include "carbons.h"
#include "commands.h"
#include "face.h"
#include "files.h"
#include "i18n.h"
#include "notices.h"
#include "prefs.h"
#include "xmlnode.h"

static PurplePlugin *jabber;
static gboolean quitting; /* the whole program ends, not this module alone */

static XimAccountState *
state_of (PurpleConnection *gc)
{
  return xim_account_state_get (purple_connection_get_account (gc));
}

/* Sending. */

static void
tell_broken (PurpleAccount *account, const char *who)
{
  xim_notices_line (account, who, FALSE,
                    _ ("X-IM cannot open its files of this account. It may "
                       "have keys, so nothing is sent."));
}

static void
sending_im (PurpleAccount *account, const char *who, char **html,
            gpointer data)
{
  (void)data;
  XimAccountState *state = xim_account_state_get (account);
  if (state != NULL)
    xim_outgoing_im (state->outgoing, who, html);
  else if (xim_account_state_is_broken (account) && *html != NULL)
    {
      tell_broken (account, who);
      g_clear_pointer (html, g_free);
    }
}

static void
sending_stanza (PurpleConnection *gc, xmlnode **packet, gpointer data)
{
  (void)data;
  if (packet == NULL || *packet == NULL)
    return;
  XimAccountState *state = state_of (gc);
  if (state != NULL)
    xim_outgoing_stanza (state->outgoing, *packet);
  else if (xim_account_state_is_broken (purple_connection_get_account (gc))
           && g_strcmp0 ((*packet)->name, "message") == 0)
    xim_secret_free (xim_xmlnode_take_content (*packet, NULL));
}

static void
sending_text (PurpleConnection *gc, char **text, gpointer data)
{
  (void)data;
  if (text == NULL || *text == NULL)
    return;
  XimAccountState *state = state_of (gc);
  if (state != NULL)
    xim_outgoing_text (state->outgoing, text);
  else if (xim_account_state_is_broken (purple_connection_get_account (gc))
           && strstr (*text, "message") != NULL)
    *text = NULL; /* libpurple frees what it gave */
}

/* Receiving. */

static gboolean
receiving_message (PurpleConnection *gc, const char *type, const char *id,
                   const char *from, const char *to, xmlnode *message,
                   gpointer data)
{
  (void)id;
  (void)data;
  XimAccountState *state = state_of (gc);
  return state != NULL
         && xim_incoming_message (state->incoming, type, from, to, message);
}

static gboolean
receiving_iq (PurpleConnection *gc, const char *type, const char *id,
              const char *from, xmlnode *iq, gpointer data)
{
  (void)data;
  XimAccountState *state = state_of (gc);
  return state != NULL
         && (xim_iq_receive (state->iq, type, id, from, iq)
             || xim_family_iq (state->family, type, id, from, iq));
}

static gboolean
receiving_presence (PurpleConnection *gc, const char *type, const char *from,
                    xmlnode *presence, gpointer data)
{
  (void)presence;
  (void)data;
  XimAccountState *state = state_of (gc);
  if (state != NULL)
    xim_family_presence (state->family, type, from);
  return FALSE;
}

static void
receiving_stanza (PurpleConnection *gc, xmlnode **packet, gpointer data)
{
  (void)data;
  XimAccountState *state = state_of (gc);
  if (state != NULL && packet != NULL && *packet != NULL
      && xim_enrol_ever (state->enrol))
    xim_carbons_unwrap (state->jid, packet);
}

/* Accounts and conversations. */

static void
signed_on (PurpleConnection *gc, gpointer data)
{
  (void)data;
  xim_account_state_online (purple_connection_get_account (gc));
}

static void
signed_off (PurpleConnection *gc, gpointer data)
{
  (void)data;
  xim_account_state_offline (purple_connection_get_account (gc));
}

static void
account_removed (PurpleAccount *account, gpointer data)
{
  (void)data;
  xim_account_state_free (account);
}

static void
conversation_opened (PurpleConversation *conv, gpointer data)
{
  (void)data;
  XimAccountState *state
      = xim_account_state_get (purple_conversation_get_account (conv));
  if (state == NULL)
    return;
  xim_outgoing_conversation (state->outgoing, conv);
  xim_account_state_conversation (state, conv);
}

static void
program_ends (gpointer data)
{
  (void)data;
  quitting = TRUE;
}

/* The gates come last, so that they see what the other plugins made of it; the
 * one that opens comes first, so that the others see a normal message. */
static void
connect_signals (PurplePlugin *plugin)
{
  void *conversations = purple_conversations_get_handle ();
  void *connections = purple_connections_get_handle ();
  purple_signal_connect_priority (conversations, "sending-im-msg", plugin,
                                  PURPLE_CALLBACK (sending_im), NULL,
                                  PURPLE_SIGNAL_PRIORITY_HIGHEST);
  purple_signal_connect_priority (jabber, "jabber-sending-xmlnode", plugin,
                                  PURPLE_CALLBACK (sending_stanza), NULL,
                                  PURPLE_SIGNAL_PRIORITY_HIGHEST);
  purple_signal_connect_priority (jabber, "jabber-sending-text", plugin,
                                  PURPLE_CALLBACK (sending_text), NULL,
                                  PURPLE_SIGNAL_PRIORITY_HIGHEST);
  purple_signal_connect_priority (jabber, "jabber-receiving-message", plugin,
                                  PURPLE_CALLBACK (receiving_message), NULL,
                                  PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect (jabber, "jabber-receiving-iq", plugin,
                         PURPLE_CALLBACK (receiving_iq), NULL);
  purple_signal_connect (jabber, "jabber-receiving-presence", plugin,
                         PURPLE_CALLBACK (receiving_presence), NULL);
  purple_signal_connect_priority (jabber, "jabber-receiving-xmlnode", plugin,
                                  PURPLE_CALLBACK (receiving_stanza), NULL,
                                  PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect (connections, "signed-on", plugin,
                         PURPLE_CALLBACK (signed_on), NULL);
  purple_signal_connect (connections, "signed-off", plugin,
                         PURPLE_CALLBACK (signed_off), NULL);
  purple_signal_connect (purple_accounts_get_handle (), "account-removed",
                         plugin, PURPLE_CALLBACK (account_removed), NULL);
  purple_signal_connect (conversations, "conversation-created", plugin,
                         PURPLE_CALLBACK (conversation_opened), NULL);
  purple_signal_connect (conversations, "chat-joined", plugin,
                         PURPLE_CALLBACK (conversation_opened), NULL);
  purple_signal_connect (purple_get_core (), "quitting", plugin,
                         PURPLE_CALLBACK (program_ends), NULL);
}

static void
take_connected_accounts (void)
{
  for (GList *item = purple_connections_get_all (); item != NULL;
       item = item->next)
    if (purple_connection_get_state (item->data) == PURPLE_CONNECTED)
      signed_on (item->data, NULL);
  for (GList *item = purple_get_conversations (); item != NULL;
       item = item->next)
    conversation_opened (item->data, NULL);
}

/* What this process had in memory must not be found in a file later.  A dump
 * that goes to another program knows no limit; it is not made either, nor can
 * other programs of the user look into the memory. */
static void
forbid_core_dumps (void)
{
  struct rlimit limit;
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (getrlimit (RLIMIT_CORE, &limit) != 0)
    return;
  limit.rlim_cur = 0;
  setrlimit (RLIMIT_CORE, &limit);
}

static gboolean
load (PurplePlugin *plugin)
{
  g_autoptr (GError) error = NULL;
  jabber = purple_find_prpl ("prpl-jabber");
  if (jabber == NULL || !xim_secret_init (&error))
    {
      purple_debug_error ("x-im", "plugin: %s\n",
                          error != NULL ? error->message : "no XMPP");
      return FALSE;
    }
  forbid_core_dumps ();
  xim_prefs_init ();
  xim_face_register (plugin);
  xim_commands_register (plugin);
  connect_signals (plugin);
  xim_files_watch (jabber);
  xim_autolock_start (xim_account_state_lock_all);
  take_connected_accounts ();
  return TRUE;
}

static gboolean
unload (PurplePlugin *plugin)
{
  purple_signals_disconnect_by_handle (plugin);
  xim_files_unwatch ();
  xim_autolock_stop ();
  if (!quitting)
    xim_notices_unload ();
  xim_commands_unregister (plugin);
  xim_account_state_free_all ();
  xim_face_unregister (plugin);
  return TRUE;
}

static PurplePluginUiInfo prefs_info = {
  .get_plugin_pref_frame = xim_prefs_frame,
};

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_STANDARD,
  .priority = PURPLE_PRIORITY_DEFAULT,
  .id = (char *)XIM_PLUGIN_ID,
  .name = (char *)"X-IM",
  .version = (char *)PACKAGE_VERSION,
  .author = (char *)"The X-IM developers",
  .load = load,
  .unload = unload,
  .prefs_info = &prefs_info,
  .actions = xim_commands_actions,
};

static void
init (PurplePlugin *plugin)
{
  (void)plugin;
  xim_i18n_init (LOCALEDIR);
  if (info.dependencies == NULL)
    info.dependencies = g_list_prepend (NULL, (gpointer) "prpl-jabber");
  info.summary = (char *)_ ("End-to-end encryption for XMPP");
  info.description
      = (char *)_ ("Encrypts what you write to contacts who have X-IM too. "
                   "There is nothing to decide.");
}

PURPLE_INIT_PLUGIN (xim, init, info)
