/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The commands of the headless client, in a table. */

#include "config.h"

#include "client-command.h"

#include <purple.h>
#include <string.h>

#include "client-event.h"
#include "client-request.h"

/* Runs with exactly the number of arguments in the table, or at least that
 * many when it is negative.  Returns NULL, or why it failed (literal or
 * owned by libpurple). */
typedef const char *(*CommandFunc) (char **args);

static PurpleAccount *
find_account (const char *name)
{
  GList *all = purple_accounts_get_all ();
  for (GList *item = all; item != NULL; item = item->next)
    if (g_str_equal (purple_account_get_username (item->data), name))
      return item->data;
  return NULL;
}

static PurpleConnection *
find_connection (const char *name)
{
  PurpleAccount *account = find_account (name);
  return account == NULL ? NULL : purple_account_get_connection (account);
}

static PurpleConversation *
find_conversation (const char *name, const char *who)
{
  return purple_find_conversation_with_account (PURPLE_CONV_TYPE_ANY, who,
                                                find_account (name));
}

static PurpleConversation *
open_conversation (const char *name, const char *who)
{
  PurpleConversation *conv = find_conversation (name, who);
  PurpleAccount *account = find_account (name);
  if (conv == NULL && account != NULL)
    conv = purple_conversation_new (PURPLE_CONV_TYPE_IM, account, who);
  return conv;
}

/* account NAME PASSWORD HOST PORT */
static const char *
run_account (char **args)
{
  PurpleAccount *account = purple_account_new (args[0], "prpl-jabber");
  purple_account_set_password (account, args[1]);
  purple_account_set_remember_password (account, TRUE);
  purple_account_set_string (account, "connect_server", args[2]);
  purple_account_set_int (account, "port",
                          (int)g_ascii_strtoll (args[3], NULL, 10));
  purple_accounts_add (account);
  return NULL;
}

/* set NAME string|int|bool SETTING VALUE */
static const char *
run_set (char **args)
{
  PurpleAccount *account = find_account (args[0]);
  if (account == NULL)
    return "no such account";
  if (g_str_equal (args[1], "string"))
    purple_account_set_string (account, args[2], args[3]);
  else if (g_str_equal (args[1], "int"))
    purple_account_set_int (account, args[2],
                            (int)g_ascii_strtoll (args[3], NULL, 10));
  else if (g_str_equal (args[1], "bool"))
    purple_account_set_bool (account, args[2], g_str_equal (args[3], "1"));
  else
    return "no such type of setting";
  return NULL;
}

static const char *
run_connect (char **args)
{
  PurpleAccount *account = find_account (args[0]);
  if (account == NULL)
    return "no such account";
  purple_account_set_enabled (account, "x-im-e2e", TRUE);
  if (purple_account_is_disconnected (account))
    purple_account_connect (account);
  return NULL;
}

static const char *
run_disconnect (char **args)
{
  PurpleAccount *account = find_account (args[0]);
  if (account == NULL)
    return "no such account";
  purple_account_disconnect (account);
  return NULL;
}

/* load PATH: also tells how many microseconds it took */
static const char *
run_load (char **args)
{
  gint64 start_us = g_get_monotonic_time ();
  PurplePlugin *plugin = purple_plugin_probe (args[0]);
  if (plugin == NULL)
    return "no such plugin";
  if (!purple_plugin_load (plugin))
    return plugin->error != NULL ? plugin->error : "did not load";
  Event *event = event_new ("loaded");
  event_string (event, "plugin", purple_plugin_get_id (plugin));
  event_int (event, "took_us", g_get_monotonic_time () - start_us);
  event_send (event);
  return NULL;
}

static const char *
run_unload (char **args)
{
  PurplePlugin *plugin = purple_plugins_find_with_id (args[0]);
  if (plugin == NULL)
    return "no such plugin";
  return purple_plugin_unload (plugin) ? NULL : "did not unload";
}

/* send NAME WHO HTML: as typed into a window, through sending-im-msg; the
 * event "typed" tells when the key was pressed */
static const char *
run_send (char **args)
{
  PurpleConversation *conv = open_conversation (args[0], args[1]);
  if (conv == NULL)
    return "no such account";
  event_send (event_new ("typed"));
  if (purple_conversation_get_type (conv) == PURPLE_CONV_TYPE_CHAT)
    purple_conv_chat_send (PURPLE_CONV_CHAT (conv), args[2]);
  else
    purple_conv_im_send (PURPLE_CONV_IM (conv), args[2]);
  return NULL;
}

/* open NAME WHO: opens a window */
static const char *
run_open (char **args)
{
  return open_conversation (args[0], args[1]) == NULL ? "no such account"
                                                      : NULL;
}

static const char *
run_close (char **args)
{
  PurpleConversation *conv = find_conversation (args[0], args[1]);
  if (conv == NULL)
    return "no such conversation";
  purple_conversation_destroy (conv);
  return NULL;
}

/* command NAME WHO TEXT: TEXT without the slash */
static const char *
run_command (char **args)
{
  static const char *const words[] = {
    NULL,        "failed", "not found", "wrong arguments", "wrong protocol",
    "wrong type"
  };
  PurpleConversation *conv = open_conversation (args[0], args[1]);
  if (conv == NULL)
    return "no such account";
  g_autofree char *markup = g_markup_escape_text (args[2], -1);
  char *error = NULL;
  PurpleCmdStatus status
      = purple_cmd_do_command (conv, args[2], markup, &error);
  if (error != NULL)
    {
      Event *event = event_new ("command-error");
      event_string (event, "text", error);
      event_send (event);
    }
  g_free (error);
  return words[status];
}

/* status NAME ID MESSAGE: ID as prpl-jabber calls it, for example "away" */
static const char *
run_status (char **args)
{
  PurpleAccount *account = find_account (args[0]);
  if (account == NULL)
    return "no such account";
  purple_account_set_status (account, args[1], TRUE, "message", args[2], NULL);
  return NULL;
}

/* auto-reply NAME WHO HTML: as libpurple's server.c sends it when away */
static const char *
run_auto_reply (char **args)
{
  PurpleConnection *gc = find_connection (args[0]);
  if (gc == NULL)
    return "not connected";
  return serv_send_im (gc, args[1], args[2], PURPLE_MESSAGE_AUTO_RESP) < 0
             ? "the protocol did not take it"
             : NULL;
}

static const char *
run_attention (char **args)
{
  PurpleConnection *gc = find_connection (args[0]);
  if (gc == NULL)
    return "not connected";
  purple_prpl_send_attention (gc, args[1], 0);
  return NULL;
}

/* file NAME WHO PATH: as the menu sends it */
static const char *
run_file (char **args)
{
  PurpleConnection *gc = find_connection (args[0]);
  if (gc == NULL)
    return "not connected";
  serv_send_file (gc, args[1], args[2]);
  return NULL;
}

/* buddy NAME WHO: in the list of this client, not in the server's roster */
static const char *
run_buddy (char **args)
{
  PurpleAccount *account = find_account (args[0]);
  if (account == NULL)
    return "no such account";
  if (purple_find_buddy (account, args[1]) == NULL)
    purple_blist_add_buddy (purple_buddy_new (account, args[1], NULL), NULL,
                            NULL, NULL);
  return NULL;
}

/* join NAME ROOM/NICK */
static const char *
run_join (char **args)
{
  PurpleConnection *gc = find_connection (args[0]);
  if (gc == NULL)
    return "not connected";
  PurplePluginProtocolInfo *info
      = PURPLE_PLUGIN_PROTOCOL_INFO (purple_connection_get_prpl (gc));
  GHashTable *components = info->chat_info_defaults (gc, args[1]);
  serv_join_chat (gc, components);
  g_hash_table_unref (components);
  return NULL;
}

/* invite NAME ROOM WHO REASON */
static const char *
run_invite (char **args)
{
  PurpleConversation *conv = find_conversation (args[0], args[1]);
  if (conv == NULL
      || purple_conversation_get_type (conv) != PURPLE_CONV_TYPE_CHAT)
    return "not in that room";
  serv_chat_invite (purple_conversation_get_gc (conv),
                    purple_conv_chat_get_id (PURPLE_CONV_CHAT (conv)), args[3],
                    args[2]);
  return NULL;
}

/* raw NAME XML: as the XMPP console sends it */
static const char *
run_raw (char **args)
{
  PurpleConnection *gc = find_connection (args[0]);
  if (gc == NULL)
    return "not connected";
  PurplePluginProtocolInfo *info
      = PURPLE_PLUGIN_PROTOCOL_INFO (purple_connection_get_prpl (gc));
  int length = (int)strlen (args[1]);
  return info->send_raw (gc, args[1], length) < 0 ? "not sent" : NULL;
}

/* stanza NAME XML: as another plugin sends it */
static const char *
run_stanza (char **args)
{
  PurpleConnection *gc = find_connection (args[0]);
  xmlnode *node = gc == NULL ? NULL : xmlnode_from_str (args[1], -1);
  if (node == NULL)
    return "not connected, or not XML";
  xmlnode *packet = node;
  purple_signal_emit (purple_connection_get_prpl (gc),
                      "jabber-sending-xmlnode", gc, &packet);
  xmlnode_free (node);
  return NULL;
}

/* answer ID CHOICE VALUE... */
static const char *
run_answer (char **args)
{
  guint id = (guint)g_ascii_strtoull (args[0], NULL, 10);
  return request_answer (id, (int)g_ascii_strtoll (args[1], NULL, 10),
                         args + 2)
             ? NULL
             : "no such request or button";
}

/* Ends the process when libpurple has shut down. */
static const char *
run_quit (char **args)
{
  (void)args;
  purple_core_quit ();
  return NULL;
}

static const struct
{
  const char *name;
  int n_args;
  CommandFunc run;
} commands[] = {
  { "account", 4, run_account },     { "set", 4, run_set },
  { "connect", 1, run_connect },     { "disconnect", 1, run_disconnect },
  { "load", 1, run_load },           { "unload", 1, run_unload },
  { "send", 3, run_send },           { "open", 2, run_open },
  { "close", 2, run_close },         { "command", 3, run_command },
  { "status", 3, run_status },       { "auto-reply", 3, run_auto_reply },
  { "attention", 2, run_attention }, { "join", 2, run_join },
  { "invite", 4, run_invite },       { "raw", 2, run_raw },
  { "stanza", 2, run_stanza },       { "answer", -2, run_answer },
  { "file", 3, run_file },           { "buddy", 2, run_buddy },
  { "quit", 0, run_quit },
};

static const char *
dispatch (char **words)
{
  int n_args = (int)g_strv_length (words) - 2;
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      int wanted = commands[i].n_args;
      if (!g_str_equal (commands[i].name, words[1]))
        continue;
      if (wanted < 0 ? n_args < -wanted : n_args != wanted)
        return "wrong number of arguments";
      return commands[i].run (words + 2);
    }
  return "no such command";
}

void
command_run (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, "\t", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      char *plain = g_strcompress (words[i]);
      g_free (words[i]);
      words[i] = plain;
    }
  const char *error
      = g_strv_length (words) < 2 ? "a number and a name" : dispatch (words);
  Event *event = event_new ("done");
  event_string (event, "n", words[0]);
  event_bool (event, "ok", error == NULL);
  event_string (event, "text", error);
  event_send (event);
}
