/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Keys are locked when nobody is there: idle time, and the screen's lock. */

#include "config.h"

#include "autolock.h"

#include <gio/gio.h>
#include <purple.h>

#include "clock.h"
#include "i18n.h"
#include "prefs.h"

#define TICK_S 15

/* Every desktop says it under a name of its own. */
static const char *const screens[]
    = { "org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver",
        "org.mate.ScreenSaver",        "org.cinnamon.ScreenSaver",
        "org.xfce.ScreenSaver",        "org.kde.screensaver" };

static struct
{
  XimAutolockCallback callback;
  guint timer;
  gint64 active_boot_s;
  gboolean locked; /* since the last input */
  GCancellable *connecting;
  GDBusConnection *bus; /* NULL while the screen does not count */
  guint subscriptions[G_N_ELEMENTS (screens)];
} self;

/* Idle time. */

static gint64
idle_s (void)
{
  const gint64 own_s = xim_plugin_boot_s () - self.active_boot_s;
  PurpleIdleUiOps *ops = purple_idle_get_ui_ops ();
  if (ops == NULL || ops->get_time_idle == NULL)
    return own_s;
  return MIN (own_s, (gint64)ops->get_time_idle ());
}

static gboolean
look (gpointer data)
{
  (void)data;
  const gint64 limit_s = (gint64)xim_prefs_lock_minutes () * 60;
  const gboolean is_over = limit_s > 0 && idle_s () >= limit_s;
  if (is_over && !self.locked)
    self.callback (_ ("Your keys were locked because there was no input for "
                      "a while. To unlock them, type /xim unlock"));
  self.locked = is_over;
  return TRUE;
}

void
xim_autolock_active (void)
{
  self.active_boot_s = xim_plugin_boot_s ();
}

/* The screen. */

static void
screen_changed (GDBusConnection *bus, const char *sender, const char *path,
                const char *interface, const char *name, GVariant *arguments,
                gpointer data)
{
  (void)bus, (void)sender, (void)path, (void)interface, (void)name, (void)data;
  gboolean active = FALSE;
  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (arguments, "(b)", &active);
  if (active && xim_prefs_lock_with_screen ())
    self.callback (_ ("Your keys were locked with the screen. To unlock them, "
                      "type /xim unlock"));
}

static void
connected (GObject *source, GAsyncResult *result, gpointer data)
{
  (void)source, (void)data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_bus_get_finish (result, &error);
  if (bus == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        purple_debug_warning ("x-im", "autolock: %s\n", error->message);
      return;
    }
  g_clear_object (&self.connecting);
  self.bus = bus;
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (screens); i++)
    self.subscriptions[i] = g_dbus_connection_signal_subscribe (
        bus, NULL, screens[i], "ActiveChanged", NULL, NULL,
        G_DBUS_SIGNAL_FLAGS_NONE, screen_changed, NULL, NULL);
}

/* Nothing is asked of a bus unless the user wants it. */
static void
listen (void)
{
  if (!xim_prefs_lock_with_screen () || self.bus != NULL
      || self.connecting != NULL)
    return;
  self.connecting = g_cancellable_new ();
  g_bus_get (G_BUS_TYPE_SESSION, self.connecting, connected, NULL);
}

static void
screen_set (const char *name, PurplePrefType type, gconstpointer value,
            gpointer data)
{
  (void)name, (void)type, (void)value, (void)data;
  listen ();
}

static void
typed_im (PurpleAccount *account, const char *who, char **text, gpointer data)
{
  (void)account, (void)who, (void)text, (void)data;
  xim_autolock_active ();
}

static void
typed_chat (PurpleAccount *account, char **text, int id, gpointer data)
{
  (void)account, (void)text, (void)id, (void)data;
  xim_autolock_active ();
}

void
xim_autolock_start (XimAutolockCallback callback)
{
  void *conversations = purple_conversations_get_handle ();
  self.callback = callback;
  self.locked = FALSE;
  xim_autolock_active ();
  self.timer = purple_timeout_add_seconds (TICK_S, look, NULL);
  purple_prefs_connect_callback (&self, XIM_PREFS_LOCK_SCREEN, screen_set,
                                 NULL);
  purple_signal_connect (conversations, "sending-im-msg", &self,
                         PURPLE_CALLBACK (typed_im), NULL);
  purple_signal_connect (conversations, "sending-chat-msg", &self,
                         PURPLE_CALLBACK (typed_chat), NULL);
  listen ();
}

void
xim_autolock_stop (void)
{
  if (self.timer == 0)
    return;
  purple_timeout_remove (self.timer);
  self.timer = 0;
  purple_prefs_disconnect_by_handle (&self);
  purple_signals_disconnect_by_handle (&self);
  if (self.connecting != NULL)
    g_cancellable_cancel (self.connecting);
  g_clear_object (&self.connecting);
  for (guint i = 0; self.bus != NULL && i < G_N_ELEMENTS (screens); i++)
    g_dbus_connection_signal_unsubscribe (self.bus, self.subscriptions[i]);
  g_clear_object (&self.bus);
}
