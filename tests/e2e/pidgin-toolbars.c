/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* For tests: a plugin for Pidgin that keeps a file of what the visible buttons
 * in the toolbar of each conversation read: one line "WHO<TAB>LABEL" each. */

#include "config.h"

#include <purple.h>

#include <gtkconv.h>
#include <gtkplugin.h>

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
