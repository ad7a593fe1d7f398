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
#include "xim-codec.h"
#include "xim-jid.h"

#define SETTING_PREFIX "xim-keyserver:"

/* One call of the command. */
typedef struct
{
  PurpleConversation *conv;
  XimAccountState *state;
  char *jid;   /* (nullable): the contact; NULL in rooms */
  GStrv words; /* behind the verb */
} Call;

/* Returns: (transfer full) (nullable): what the user reads. */
typedef char *(*Verb) (const Call *call);

static PurpleCmdId command;

static char *
no_contact (void)
{
  return g_strdup (_ ("This works in a conversation with one contact."));
}

static char *
verb_status (const Call *call)
{
  g_autofree char *account = xim_status_account (call->state);
  g_autofree char *contact = call->jid != NULL
                                 ? xim_status_contact (call->state, call->jid)
                                 : g_strdup (_ ("NOT encrypted: rooms are not "
                                                "encrypted by this version of "
                                                "X-IM."));

  return g_strdup_printf ("%s\n%s", account, contact);
}

static char *
verb_fingerprint (const Call *call)
{
  g_autofree char *own
      = xim_peers_fingerprint (call->state->peers, call->state->jid);
  g_autofree char *theirs
      = call->jid != NULL
            ? xim_peers_fingerprint (call->state->peers, call->jid)
            : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (own != NULL)
    g_string_append_printf (text, _ ("Your key:\n%s"), own);
  else
    g_string_append (text, _ ("Your own keys are not at hand."));
  if (theirs != NULL)
    g_string_append_printf (text, _ ("\nKeys of %s:\n%s"), call->jid, theirs);
  else if (call->jid != NULL)
    g_string_append_printf (text, _ ("\nNo keys of %s are at hand."),
                            call->jid);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
verb_lock (const Call *call)
{
  xim_account_state_lock (call->state);
  xim_face_changed (call->state->purple, NULL);
  return g_strdup (_ ("Your keys are locked. Nothing can be read or sent "
                      "encrypted until you unlock them: type /xim unlock"));
}

static char *
verb_unlock (const Call *call)
{
  if (xim_keystore_state (call->state->keystore) == XIM_KEYSTORE_UNLOCKED)
    return g_strdup (_ ("Your keys are unlocked already."));
  if (xim_keystore_state (call->state->keystore) == XIM_KEYSTORE_WORKING)
    return g_strdup (_ ("Your keys are just being unlocked."));
  xim_account_state_ask_passphrase (call->state);
  return NULL;
}

static const char *const policy_words[]
    = { [XIM_POLICY_AUTOMATIC] = "automatic",
        [XIM_POLICY_ALWAYS] = "always",
        [XIM_POLICY_NEVER] = "never" };

static char *
policy_text (XimPolicy policy, const char *jid)
{
  switch (policy)
    {
    case XIM_POLICY_ALWAYS:
      return g_strdup_printf (_ ("Messages to %s go only encrypted."), jid);
    case XIM_POLICY_NEVER:
      return g_strdup_printf (_ ("Messages to %s are NOT encrypted."), jid);
    case XIM_POLICY_AUTOMATIC:
    default:
      return g_strdup_printf (_ ("Messages to %s are encrypted unless it is "
                                 "sure that the contact does not use X-IM."),
                              jid);
    }
}

static char *
verb_policy (const Call *call)
{
  g_autoptr (GError) error = NULL;
  XimPeers *peers = call->state->peers;

  if (call->jid == NULL)
    return no_contact ();
  if (call->words[0] == NULL)
    return policy_text (xim_peers_policy (peers, call->jid), call->jid);
  for (guint i = 0; i < G_N_ELEMENTS (policy_words); i++)
    if (strcmp (call->words[0], policy_words[i]) == 0)
      {
        if (!xim_peers_set_policy (peers, call->jid, (XimPolicy)i, &error))
          {
            purple_debug_error ("x-im", "policy: %s\n", error->message);
            return g_strdup (_ ("This was not kept: a file of X-IM cannot be "
                                "written."));
          }
        xim_outgoing_flush (call->state->outgoing, call->jid);
        xim_face_changed (call->state->purple, call->jid);
        return policy_text ((XimPolicy)i, call->jid);
      }
  return g_strdup (_ ("Type /xim policy automatic, /xim policy always or /xim "
                      "policy never"));
}

static char *
verb_accept (const Call *call)
{
  g_autoptr (GError) error = NULL;

  if (call->jid == NULL)
    return no_contact ();
  if (!xim_peers_accept (call->state->peers, call->jid, &error))
    {
      purple_debug_error ("x-im", "accepting: %s\n", error->message);
      return g_strdup_printf (_ ("There are no new keys of %s to accept."),
                              call->jid);
    }
  xim_outgoing_flush (call->state->outgoing, call->jid);
  xim_incoming_retry (call->state->incoming, call->jid);
  return g_strdup_printf (_ ("The new keys of %s are used from now on."),
                          call->jid);
}

static char *
verb_open (const Call *call)
{
  if (call->jid == NULL)
    return no_contact ();
  if (xim_incoming_n_waiting (call->state->incoming, call->jid) == 0)
    return g_strdup_printf (_ ("No message from %s waits."), call->jid);
  xim_incoming_allow (call->state->incoming, call->jid);
  return g_strdup_printf (_ ("The keys of %s are being looked up."),
                          call->jid);
}

static char *
verb_discard (const Call *call)
{
  guint n;

  if (call->jid == NULL)
    return no_contact ();
  n = xim_outgoing_discard (call->state->outgoing, call->jid);
  return g_strdup_printf (
      NG_ ("%u waiting message to %s was thrown away; it was not sent.",
           "%u waiting messages to %s were thrown away; they were not sent.",
           n),
      n, call->jid);
}

static char *
keyserver_set (const Call *call, const char *domain, const char *setting)
{
  g_autofree char *name = g_strconcat (SETTING_PREFIX, domain, NULL);

  purple_account_set_string (call->state->purple, name, setting);
  xim_peers_retry (call->state->peers);
  xim_account_state_online (call->state->purple);
  if (setting == NULL)
    return g_strdup_printf (_ ("The keyserver of %s is found by its name "
                               "again: keys.%s"),
                            domain, domain);
  return g_strdup_printf (_ ("The keyserver of %s is %s"), domain, setting);
}

static gboolean
is_keyserver (GStrv words)
{
  const guint n = g_strv_length (words);
  g_autoptr (XimVerifyKey) vkey = NULL;

  if (n < 2 || n > 3 || !g_str_has_prefix (words[0], "https://"))
    return FALSE;
  vkey = xim_verify_key_decode (words[1], NULL);
  return (vkey != NULL || strcmp (words[1], "-") == 0)
         && (n == 2 || g_path_is_absolute (words[2]));
}

static char *
keyserver_show (const Call *call)
{
  const char *domain = xim_jid_domain (call->state->jid);
  g_autofree char *name = g_strconcat (SETTING_PREFIX, domain, NULL);
  const char *setting
      = purple_account_get_string (call->state->purple, name, NULL);

  if (setting != NULL && *setting != '\0')
    return g_strdup_printf (_ ("The keyserver of %s was set by hand: %s"),
                            domain, setting);
  return g_strdup_printf (_ ("The keyserver of %s is found by its name: "
                             "keys.%s"),
                          domain, domain);
}

static char *
verb_keyserver (const Call *call)
{
  g_autofree char *domain = NULL;
  g_autofree char *setting = NULL;

  if (call->words[0] == NULL)
    return keyserver_show (call);
  domain = xim_jid_prepare_domain (call->words[0], NULL);
  if (domain != NULL && g_strv_length (call->words) == 2
      && strcmp (call->words[1], "none") == 0)
    return keyserver_set (call, domain, NULL);
  if (domain == NULL || !is_keyserver (call->words + 1))
    return g_strdup (_ ("Type /xim keyserver DOMAIN https://HOST[:PORT] KEY "
                        "[CA-FILE], where KEY is the line that the keyserver "
                        "printed, or - for none; or /xim keyserver DOMAIN "
                        "none"));
  setting = g_strjoinv (" ", call->words + 1);
  return keyserver_set (call, domain, setting);
}

static char *
verb_help (const Call *call)
{
  (void)call;
  return g_strdup (
      _ ("/xim status: whether this conversation is encrypted, and why\n"
         "/xim fingerprint: your key and the keys of the contact\n"
         "/xim lock, /xim unlock: your own keys\n"
         "/xim policy automatic: encrypt, unless it is sure that the contact "
         "does not use X-IM\n"
         "/xim policy always: send nothing that is not encrypted\n"
         "/xim policy never: do not encrypt for this contact\n"
         "/xim open: read what somebody sent who is not in your buddy list\n"
         "/xim accept: use the new keys of a contact that has started again\n"
         "/xim discard: throw away what waits to be sent to this contact\n"
         "/xim keyserver: where the keys of your domain are; "
         "/xim keyserver DOMAIN URL KEY [CA-FILE] sets that by hand"));
}

static const struct
{
  const char *word;
  Verb verb;
} verbs[] = {
  { "status", verb_status },   { "fingerprint", verb_fingerprint },
  { "lock", verb_lock },       { "unlock", verb_unlock },
  { "policy", verb_policy },   { "keyserver", verb_keyserver },
  { "open", verb_open },       { "accept", verb_accept },
  { "discard", verb_discard }, { "help", verb_help },
};

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

static Verb
find_verb (const char *word)
{
  if (word == NULL)
    return verb_status;
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (word, verbs[i].word) == 0)
      return verbs[i].verb;
  return verb_help;
}

static PurpleCmdRet
run (PurpleConversation *conv, const gchar *name, gchar **args, gchar **error,
     void *data)
{
  PurpleAccount *account = purple_conversation_get_account (conv);
  XimAccountState *state = xim_account_state_get (account);
  g_auto (GStrv) words = split (args != NULL ? args[0] : NULL);
  Call call = { conv, state, NULL, words[0] != NULL ? words + 1 : words };
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
  text = find_verb (words[0]) (&call);
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
      _ ("xim [status|fingerprint|lock|unlock|policy|keyserver|open|accept|"
         "discard|help]: end-to-end encryption with X-IM"),
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
