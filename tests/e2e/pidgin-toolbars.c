/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* For tests: a plugin for Pidgin that keeps a file of what the visible buttons
 * in the toolbar of each conversation read: one line "WHO<TAB>LABEL" each.  It
 * keeps the picture of a QR code that is open beside it, and types a command
 * that it finds there, "WHO<TAB>COMMAND", into the conversation. */

#include "config.h"

#include <purple.h>

#include <gtkconv.h>
#include <glib/gstdio.h>
#include <gtkplugin.h>
#include <string.h>

#define FILE_VARIABLE "XIM_TEST_TOOLBARS"
#define PERIOD_MS 100

static guint timer;

typedef struct
{
  GString *lines;
  const char *who;
} Toolbar;

static void
add_button (GtkWidget *widget, gpointer data)
{
  Toolbar *toolbar = data;

  if (GTK_IS_BUTTON (widget) && gtk_widget_get_visible (widget)
      && gtk_button_get_label (GTK_BUTTON (widget)) != NULL)
    g_string_append_printf (toolbar->lines, "%s\t%s\n", toolbar->who,
                            gtk_button_get_label (GTK_BUTTON (widget)));
}

static void
save_picture (GtkWidget *widget, gpointer data)
{
  if (GTK_IS_IMAGE (widget))
    gdk_pixbuf_save (gtk_image_get_pixbuf (GTK_IMAGE (widget)), data, "png",
                     NULL, NULL);
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_foreach (GTK_CONTAINER (widget), save_picture, data);
}

static void
save_code (const char *path)
{
  g_autofree char *picture = g_strconcat (path, ".png", NULL);
  GList *windows = gtk_window_list_toplevels ();

  for (GList *l = windows; l != NULL; l = l->next)
    if (strcmp (gtk_widget_get_name (l->data), "xim-code") == 0
        && gtk_widget_get_visible (l->data))
      save_picture (l->data, picture);
  g_list_free (windows);
}

static void
type_command (const char *path)
{
  g_autofree char *file = g_strconcat (path, ".command", NULL);
  g_autofree char *text = NULL;
  g_autofree char *error = NULL;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return;
  g_unlink (file);
  g_auto (GStrv) words = g_strsplit (text, "\t", 2);
  for (GList *l = purple_get_ims (); l != NULL; l = l->next)
    if (g_str_has_prefix (purple_conversation_get_name (l->data), words[0]))
      purple_cmd_do_command (l->data, words[1], words[1], &error);
}

static gboolean
write_toolbars (gpointer data)
{
  const char *path = g_getenv (FILE_VARIABLE);
  g_autoptr (GString) lines = g_string_new ("");

  (void)data;
  for (GList *l = purple_get_conversations (); l != NULL; l = l->next)
    {
      Toolbar toolbar = { lines, purple_conversation_get_name (l->data) };
      if (PIDGIN_IS_PIDGIN_CONVERSATION ((PurpleConversation *)l->data))
        gtk_container_foreach (
            GTK_CONTAINER (
                PIDGIN_CONVERSATION ((PurpleConversation *)l->data)->toolbar),
            add_button, &toolbar);
    }
  save_code (path);
  type_command (path);
  g_file_set_contents (path, lines->str, (gssize)lines->len, NULL);
  return TRUE;
}

static gboolean
load (PurplePlugin *plugin)
{
  (void)plugin;
  if (g_getenv (FILE_VARIABLE) == NULL)
    return FALSE;
  timer = g_timeout_add (PERIOD_MS, write_toolbars, NULL);
  return TRUE;
}

static gboolean
unload (PurplePlugin *plugin)
{
  (void)plugin;
  g_source_remove (timer);
  return TRUE;
}

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_STANDARD,
  .ui_requirement = (char *)PIDGIN_PLUGIN_TYPE,
  .priority = PURPLE_PRIORITY_DEFAULT,
  .id = (char *)"gtk-x-im-toolbars",
  .name = (char *)"Toolbars, for tests of X-IM",
  .version = (char *)PACKAGE_VERSION,
  .load = load,
  .unload = unload,
};

static void
init (PurplePlugin *plugin)
{
  (void)plugin;
}

PURPLE_INIT_PLUGIN (xim_toolbars, init, info)
