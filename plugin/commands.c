/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The command /xim and the menu entries that do the same. */

#include "config.h"

#include "commands.h"

#include <string.h>
#include <time.h>

#include "address.h"
#include "face.h"
#include "i18n.h"
#include "status.h"
#include "verbs.h"

static PurpleCmdId command;

static void
answer (PurpleConversation *conv, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);
  g_autofree char *html = purple_strdup_withhtml (markup);

  purple_conversation_write (conv, "", html,
                             PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_NO_LOG,
                             time (NULL));
}

static GStrv
split (const char *line)
{
  g_auto (GStrv) all = g_strsplit_set (line != NULL ? line : "", " \t", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (char **word = all; *word != NULL; word++)
    if (**word != '\0')
      g_strv_builder_add (builder, *word);
  return g_strv_builder_end (builder);
}

static const XimVerb *const subjects[]
    = { xim_verbs_contact, xim_verbs_verify, xim_verbs_keys, xim_verbs_devices,
        xim_verbs_keyserver, xim_verbs_log };

static char *
help (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    for (const XimVerb *verb = subjects[i]; verb->word != NULL; verb++)
      if (verb->help != NULL)
        g_string_append_printf (text, "%s\n", _ (verb->help));
  g_string_append (text, _ ("/xim help: all commands"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Returns: NULL for /xim help, and for what there is not */
static const XimVerb *
find_verb (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    for (const XimVerb *verb = subjects[i]; verb->word != NULL; verb++)
      if (strcmp (word, verb->word) == 0)
        return verb;
  return NULL;
}

static PurpleCmdRet
run (PurpleConversation *conv, const gchar *name, gchar **args, gchar **error,
     void *data)
{
  PurpleAccount *account = purple_conversation_get_account (conv);
  XimAccountState *state = xim_account_state_get (account);
  g_auto (GStrv) words = split (args != NULL ? args[0] : NULL);
  const XimVerb *verb = find_verb (words[0] != NULL ? words[0] : "status");
  XimCall call = { conv, state, NULL, words[0] != NULL ? words + 1 : words };
  g_autofree char *jid = NULL;
  g_autofree char *text = NULL;

  (void)name, (void)error, (void)data;
  if (state == NULL)
    {
      answer (conv, _ ("X-IM does not work with this account: it is not of "
                       "XMPP, it was never online, or its files cannot be "
                       "opened."));
      return PURPLE_CMD_RET_OK;
    }
  if (purple_conversation_get_type (conv) == PURPLE_CONV_TYPE_IM)
    xim_address_kind (account, purple_conversation_get_name (conv), &jid);
  call.jid = jid;
  text = verb != NULL ? verb->run (&call) : help ();
  if (text != NULL)
    answer (conv, text);
  return PURPLE_CMD_RET_OK;
}

/* Menu */

static void
for_all (void (*act) (XimAccountState *state))
{
  g_autoptr (GList) accounts = purple_accounts_get_all_active ();

  for (GList *l = accounts; l != NULL; l = l->next)
    {
      XimAccountState *state = xim_account_state_get (l->data);
      if (state != NULL)
        act (state);
    }
}

static void
unlock_one (XimAccountState *state)
{
  if (xim_keystore_state (state->keystore) != XIM_KEYSTORE_UNLOCKED)
    xim_account_state_ask_passphrase (state);
}

static void
lock_one (XimAccountState *state)
{
  xim_account_state_lock (state);
  xim_face_changed (state->purple, NULL);
}

static void
show_one (XimAccountState *state)
{
  g_autofree char *text = xim_status_account (state);

  purple_notify_info (state->purple, _ ("X-IM"), state->jid, text);
}

static void
action_unlock (PurplePluginAction *action)
{
  (void)action;
  for_all (unlock_one);
}

static void
action_lock (PurplePluginAction *action)
{
  (void)action;
  for_all (lock_one);
}

static void
action_status (PurplePluginAction *action)
{
  (void)action;
  for_all (show_one);
}

GList *
xim_commands_actions (PurplePlugin *plugin, gpointer context)
{
  GList *actions = NULL;

  (void)plugin, (void)context;
  actions = g_list_append (
      actions, purple_plugin_action_new (_ ("Unlock keys"), action_unlock));
  actions = g_list_append (
      actions, purple_plugin_action_new (_ ("Lock keys"), action_lock));
  return g_list_append (
      actions, purple_plugin_action_new (_ ("Status"), action_status));
}

/* Registering */

static int
face_state (PurpleAccount *account, const char *who)
{
  XimAccountState *state = xim_account_state_get (account);

  return (int)(state != NULL ? xim_status_face (state, who) : XIM_FACE_NONE);
}

void
xim_commands_register (PurplePlugin *plugin)
{
  command = purple_cmd_register (
      "xim", "s", PURPLE_CMD_P_PLUGIN,
      PURPLE_CMD_FLAG_IM | PURPLE_CMD_FLAG_CHAT | PURPLE_CMD_FLAG_PRPL_ONLY
          | PURPLE_CMD_FLAG_ALLOW_WRONG_ARGS,
      "prpl-jabber", run,
      _ ("xim VERB: end-to-end encryption with X-IM; /xim help lists the "
         "verbs"),
      NULL);
  purple_plugin_ipc_register (
      plugin, XIM_FACE_STATE, PURPLE_CALLBACK (face_state),
      purple_marshal_INT__POINTER_POINTER, purple_value_new (PURPLE_TYPE_INT),
      2, purple_value_new (PURPLE_TYPE_SUBTYPE, PURPLE_SUBTYPE_ACCOUNT),
      purple_value_new (PURPLE_TYPE_STRING));
}

void
xim_commands_unregister (PurplePlugin *plugin)
{
  purple_plugin_ipc_unregister_all (plugin);
  purple_cmd_unregister (command);
}
