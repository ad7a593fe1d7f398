/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The face for Pidgin: a button in the toolbar of each conversation that says
 * in words how it stands, with a menu; and text that was not taken goes back
 * into the entry.  All that is decided is decided by the core plugin. */

#include "config.h"

#include <purple.h>

#include <gtkconv.h>
#include <gtkimhtml.h>
#include <gtkplugin.h>

#include "plugin/i18n.h"
#include "plugin/pidgin/code-pidgin.h"

#define DATA_BUTTON "xim-pidgin-button"

static PurplePlugin *core;
static GList *returns; /* of Return */

/* A text on its way back into the entry, which Pidgin clears first. */
typedef struct
{
  PurpleAccount *account;
  char *who;
  char *html;
  guint source;
} Return;

static XimFaceState
state_of (PurpleConversation *conv)
{
  PurpleAccount *account = purple_conversation_get_account (conv);
  gboolean ok = FALSE;
  gpointer state;

  if (purple_conversation_get_type (conv) != PURPLE_CONV_TYPE_IM)
    return XIM_FACE_NONE;
  state = purple_plugin_ipc_call (core, XIM_FACE_STATE, &ok, account,
                                  purple_conversation_get_name (conv));
  return ok ? (XimFaceState)GPOINTER_TO_INT (state) : XIM_FACE_NONE;
}

/* The menu */

static void
run_command (GtkMenuItem *item, gpointer data)
{
  PidginConversation *gtkconv = data;
  const char *command = g_object_get_data (G_OBJECT (item), "command");
  char *error = NULL;

  purple_cmd_do_command (gtkconv->active_conv, command, command, &error);
  g_free (error);
}

static void
add_item (GtkWidget *menu, PidginConversation *gtkconv, const char *label,
          const char *command)
{
  GtkWidget *item = gtk_menu_item_new_with_label (label);

  g_object_set_data (G_OBJECT (item), "command", (gpointer)command);
  g_signal_connect (item, "activate", G_CALLBACK (run_command), gtkconv);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
}

static void
add_line (GtkWidget *menu)
{
  gtk_menu_shell_append (GTK_MENU_SHELL (menu),
                         gtk_separator_menu_item_new ());
}

/* The menu goes with the button, and so before the conversation. */
static void
show_menu (GtkButton *button, gpointer data)
{
  PidginConversation *gtkconv = data;
  GtkWidget *menu = gtk_menu_new ();

  add_item (menu, gtkconv, _ ("Status"), "xim status");
  add_item (menu, gtkconv, _ ("Fingerprints"), "xim fingerprint");
  add_item (menu, gtkconv, _ ("Compare keys"), "xim verify");
  add_line (menu);
  add_item (menu, gtkconv, _ ("Encrypt when possible"),
            "xim policy automatic");
  add_item (menu, gtkconv, _ ("Send only encrypted"), "xim policy always");
  add_item (menu, gtkconv, _ ("Do not encrypt"), "xim policy never");
  add_line (menu);
  if (state_of (gtkconv->active_conv) == XIM_FACE_LOCKED)
    add_item (menu, gtkconv, _ ("Unlock keys"), "xim unlock");
  else
    add_item (menu, gtkconv, _ ("Lock keys"), "xim lock");
  g_signal_connect_object (button, "destroy", G_CALLBACK (gtk_widget_destroy),
                           menu, G_CONNECT_SWAPPED);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy),
                    NULL);
  gtk_widget_show_all (menu);
  gtk_menu_popup (GTK_MENU (menu), NULL, NULL, NULL, NULL, 0,
                  gtk_get_current_event_time ());
}

/* The button: one in each toolbar, which the conversations of one contact by
 * several accounts share. */

static GtkWidget *
make_button (PidginConversation *gtkconv)
{
  GtkWidget *button = gtk_button_new_with_label ("");

  gtk_button_set_relief (GTK_BUTTON (button), GTK_RELIEF_NONE);
  gtk_button_set_focus_on_click (GTK_BUTTON (button), FALSE);
  gtk_widget_set_tooltip_text (button,
                               _ ("Whether what you write is encrypted"));
  gtk_box_pack_start (GTK_BOX (gtkconv->toolbar), button, FALSE, FALSE, 0);
  g_signal_connect (button, "clicked", G_CALLBACK (show_menu), gtkconv);
  g_object_set_data (G_OBJECT (gtkconv->toolbar), DATA_BUTTON, button);
  return button;
}

static void
remove_button (PurpleConversation *conv)
{
  GtkWidget *toolbar;
  GtkWidget *button;

  if (!PIDGIN_IS_PIDGIN_CONVERSATION (conv))
    return;
  toolbar = PIDGIN_CONVERSATION (conv)->toolbar;
  button = g_object_steal_data (G_OBJECT (toolbar), DATA_BUTTON);
  if (button != NULL)
    gtk_widget_destroy (button);
}

static void
update (PurpleConversation *conv)
{
  PidginConversation *gtkconv;
  GtkWidget *button;
  XimFaceState state;
  char *label;

  if (!PIDGIN_IS_PIDGIN_CONVERSATION (conv))
    return;
  gtkconv = PIDGIN_CONVERSATION (conv);
  state = state_of (gtkconv->active_conv);
  if (state == XIM_FACE_NONE)
    {
      remove_button (conv);
      return;
    }
  button = g_object_get_data (G_OBJECT (gtkconv->toolbar), DATA_BUTTON);
  if (button == NULL)
    button = make_button (gtkconv);
  label = g_strdup_printf ("X-IM: %s", xim_face_words (state));
  gtk_button_set_label (GTK_BUTTON (button), label);
  gtk_widget_show_all (button);
  g_free (label);
}

static void
conversation_displayed (PidginConversation *gtkconv, gpointer data)
{
  (void)data;
  update (gtkconv->active_conv);
}

static void
conversation_switched (PurpleConversation *conv, gpointer data)
{
  (void)data;
  update (conv);
}

static void
state_changed (PurpleAccount *account, const char *who, gpointer data)
{
  (void)data;
  for (GList *l = purple_get_ims (); l != NULL; l = l->next)
    {
      PurpleConversation *conv = l->data;
      if (purple_conversation_get_account (conv) != account)
        continue;
      if (who == NULL
          || conv
                 == purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM,
                                                           who, account))
        update (conv);
    }
}

/* Text that was not taken */

static void
return_free (Return *text)
{
  returns = g_list_remove (returns, text);
  g_free (text->who);
  g_free (text->html);
  g_free (text);
}

static gboolean
put_back (gpointer data)
{
  Return *text = data;
  PurpleConversation *conv = purple_find_conversation_with_account (
      PURPLE_CONV_TYPE_IM, text->who, text->account);

  if (conv != NULL && PIDGIN_IS_PIDGIN_CONVERSATION (conv))
    gtk_imhtml_append_text (GTK_IMHTML (PIDGIN_CONVERSATION (conv)->entry),
                            text->html, GTK_IMHTML_NO_SCROLL);
  return_free (text);
  return FALSE;
}

static gboolean
text_returned (PurpleAccount *account, const char *who, const char *html,
               gpointer data)
{
  PurpleConversation *conv = purple_find_conversation_with_account (
      PURPLE_CONV_TYPE_IM, who, account);
  Return *text;

  (void)data;
  if (conv == NULL || !PIDGIN_IS_PIDGIN_CONVERSATION (conv))
    return FALSE;
  text = g_new0 (Return, 1);
  text->account = account;
  text->who = g_strdup (who);
  text->html = g_strdup (html);
  text->source = g_idle_add (put_back, text);
  returns = g_list_prepend (returns, text);
  return TRUE;
}

/* A QR code */

static gboolean
code_wanted (PurpleAccount *account, const char *who, const XimFaceCode *code,
             gpointer data)
{
  PurpleConversation *conv = purple_find_conversation_with_account (
      PURPLE_CONV_TYPE_IM, who, account);

  (void)data;
  if (conv == NULL || !PIDGIN_IS_PIDGIN_CONVERSATION (conv))
    return FALSE;
  xim_pidgin_code_show (PIDGIN_CONVERSATION (conv), who, code);
  return TRUE;
}

/* Loading */

static gboolean
load (PurplePlugin *plugin)
{
  void *conversations = pidgin_conversations_get_handle ();

  core = purple_plugins_find_with_id (XIM_PLUGIN_ID);
  if (core == NULL)
    return FALSE;
  purple_signal_connect (conversations, "conversation-displayed", plugin,
                         PURPLE_CALLBACK (conversation_displayed), NULL);
  purple_signal_connect (conversations, "conversation-switched", plugin,
                         PURPLE_CALLBACK (conversation_switched), NULL);
  purple_signal_connect (core, XIM_FACE_CHANGED, plugin,
                         PURPLE_CALLBACK (state_changed), NULL);
  purple_signal_connect (core, XIM_FACE_CODE, plugin,
                         PURPLE_CALLBACK (code_wanted), NULL);
  purple_signal_connect (core, XIM_FACE_RETURNED, plugin,
                         PURPLE_CALLBACK (text_returned), NULL);
  purple_conversation_foreach (update);
  return TRUE;
}

static gboolean
unload (PurplePlugin *plugin)
{
  purple_signals_disconnect_by_handle (plugin);
  while (returns != NULL)
    {
      Return *text = returns->data;
      g_source_remove (text->source);
      return_free (text);
    }
  xim_pidgin_code_close ();
  purple_conversation_foreach (remove_button);
  return TRUE;
}

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_STANDARD,
  .ui_requirement = (char *)PIDGIN_PLUGIN_TYPE,
  .priority = PURPLE_PRIORITY_DEFAULT,
  .id = (char *)"gtk-x-im",
  .name = (char *)"X-IM for Pidgin",
  .version = (char *)PACKAGE_VERSION,
  .author = (char *)"The X-IM developers",
  .load = load,
  .unload = unload,
};

static void
init (PurplePlugin *plugin)
{
  (void)plugin;
  xim_i18n_init (LOCALEDIR);
  if (info.dependencies == NULL)
    info.dependencies = g_list_prepend (NULL, (gpointer)XIM_PLUGIN_ID);
  info.summary = (char *)_ ("Shows in Pidgin whether a conversation is "
                            "encrypted");
  info.description = (char *)_ ("A button in each conversation says in words "
                                "how it stands and has a menu for the rest.");
}

PURPLE_INIT_PLUGIN (xim_pidgin, init, info)
