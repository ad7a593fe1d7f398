/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* libpurple's operations for a client without a window. */

#include "config.h"

#include "client-ui.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>

#include "client-event.h"
#include "client-request.h"

static GMainLoop *main_loop;
static FILE *debug_log;
static gboolean no_delay; /* measurements: TCP holds nothing back */

typedef struct
{
  PurpleInputFunction function;
  int fd;
  gpointer data;
} Watch;

static gboolean
watch_ready (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  (void)channel;
  Watch *watch = data;
  PurpleInputCondition ready = (PurpleInputCondition)0;
  if ((condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) != 0)
    ready |= PURPLE_INPUT_READ;
  if ((condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL)) != 0)
    ready |= PURPLE_INPUT_WRITE;
  watch->function (watch->data, watch->fd, ready);
  return TRUE;
}

static guint
add_input (int fd, PurpleInputCondition condition,
           PurpleInputFunction function, gpointer data)
{
  const int on = 1;
  if (no_delay) /* what is no TCP socket refuses it */
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Watch *watch = g_new0 (Watch, 1);
  watch->function = function;
  watch->fd = fd;
  watch->data = data;
  GIOCondition wanted = (GIOCondition)0;
  if ((condition & PURPLE_INPUT_READ) != 0)
    wanted |= G_IO_IN | G_IO_HUP | G_IO_ERR;
  if ((condition & PURPLE_INPUT_WRITE) != 0)
    wanted |= G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL;
  GIOChannel *channel = g_io_channel_unix_new (fd);
  guint id = g_io_add_watch_full (channel, G_PRIORITY_DEFAULT, wanted,
                                  watch_ready, watch, g_free);
  g_io_channel_unref (channel);
  return id;
}

static PurpleEventLoopUiOps loop_ops = {
  .timeout_add = g_timeout_add,
  .timeout_remove = g_source_remove,
  .input_add = add_input,
  .input_remove = g_source_remove,
  .timeout_add_seconds = g_timeout_add_seconds,
};

static void
print_debug (PurpleDebugLevel level, const char *category, const char *text)
{
  (void)level;
  if (debug_log == NULL)
    return;
  fprintf (debug_log, "%s: %s", category != NULL ? category : "-", text);
  fflush (debug_log);
}

static gboolean
debug_is_enabled (PurpleDebugLevel level, const char *category)
{
  (void)level, (void)category;
  return TRUE;
}

static PurpleDebugUiOps debug_ops
    = { .print = print_debug, .is_enabled = debug_is_enabled };

static const char *
connection_name (PurpleConnection *gc)
{
  return purple_account_get_username (purple_connection_get_account (gc));
}

static void
report_disconnect (PurpleConnection *gc, PurpleConnectionError reason,
                   const char *text)
{
  Event *event = event_new ("disconnected");
  event_string (event, "account", connection_name (gc));
  event_int (event, "reason", reason);
  event_string (event, "text", text);
  event_send (event);
}

static PurpleConnectionUiOps connection_ops
    = { .report_disconnect_reason = report_disconnect };

static const struct
{
  PurpleMessageFlags flag;
  const char *name;
} flag_names[] = {
  { PURPLE_MESSAGE_SEND, "send" },       { PURPLE_MESSAGE_RECV, "recv" },
  { PURPLE_MESSAGE_SYSTEM, "system" },   { PURPLE_MESSAGE_AUTO_RESP, "auto" },
  { PURPLE_MESSAGE_NO_LOG, "no-log" },   { PURPLE_MESSAGE_ERROR, "error" },
  { PURPLE_MESSAGE_DELAYED, "delayed" }, { PURPLE_MESSAGE_RAW, "raw" },
  { PURPLE_MESSAGE_NOTIFY, "notify" },
};

static void
write_conversation (PurpleConversation *conv, const char *name,
                    const char *alias, const char *message,
                    PurpleMessageFlags flags, time_t when)
{
  (void)alias;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (flag_names); i++)
    if ((flags & flag_names[i].flag) != 0)
      g_ptr_array_add (names, (char *)flag_names[i].name);
  g_ptr_array_add (names, NULL);
  PurpleAccount *account = purple_conversation_get_account (conv);
  PurpleConversationType type = purple_conversation_get_type (conv);
  Event *event = event_new ("line");
  event_string (event, "account", purple_account_get_username (account));
  event_string (event, "conversation", purple_conversation_get_name (conv));
  event_string (event, "kind", type == PURPLE_CONV_TYPE_CHAT ? "chat" : "im");
  event_string (event, "who", name);
  event_strings (event, "flags", (char *const *)names->pdata);
  event_string (event, "text", message);
  event_int (event, "time", when);
  event_send (event);
}

static PurpleConversationUiOps conversation_ops
    = { .write_conv = write_conversation };

static void
send_notice (const char *kind, const char *title, const char *primary,
             const char *text)
{
  Event *event = event_new ("notify");
  event_string (event, "kind", kind);
  event_string (event, "title", title);
  event_string (event, "primary", primary);
  event_string (event, "text", text);
  event_send (event);
}

/* libpurple takes NULL for "could not be shown": any other value will do. */
static int shown;

static void *
notify_message (PurpleNotifyMsgType type, const char *title,
                const char *primary, const char *secondary)
{
  (void)type;
  send_notice ("message", title, primary, secondary);
  return &shown;
}

static void *
notify_formatted (const char *title, const char *primary,
                  const char *secondary, const char *text)
{
  (void)secondary;
  send_notice ("formatted", title, primary, text);
  return &shown;
}

static void
close_notify (PurpleNotifyType type, void *handle)
{
  (void)type, (void)handle;
}

static PurpleNotifyUiOps notify_ops = {
  .notify_message = notify_message,
  .notify_formatted = notify_formatted,
  .close_notify = close_notify,
};

static void
start_debug (void)
{
  purple_debug_set_ui_ops (&debug_ops);
}

static void
start_ui (void)
{
  purple_connections_set_ui_ops (&connection_ops);
  purple_conversations_set_ui_ops (&conversation_ops);
  purple_notify_set_ui_ops (&notify_ops);
  purple_request_set_ui_ops (request_ops ());
}

static void
quit_ui (void)
{
  purple_connections_set_ui_ops (NULL);
  purple_conversations_set_ui_ops (NULL);
  g_main_loop_quit (main_loop);
}

static PurpleCoreUiOps core_ops = {
  .debug_ui_init = start_debug,
  .ui_init = start_ui,
  .quit = quit_ui,
};

static void
signed_on (PurpleConnection *gc, gpointer data)
{
  (void)data;
  Event *event = event_new ("signed-on");
  event_string (event, "account", connection_name (gc));
  event_string (event, "jid", purple_connection_get_display_name (gc));
  event_send (event);
}

static void
signed_off (PurpleConnection *gc, gpointer data)
{
  (void)data;
  Event *event = event_new ("signed-off");
  event_string (event, "account", connection_name (gc));
  event_send (event);
}

static void
chat_joined (PurpleConversation *conv, gpointer data)
{
  (void)data;
  Event *event = event_new ("chat-joined");
  PurpleAccount *account = purple_conversation_get_account (conv);
  event_string (event, "account", purple_account_get_username (account));
  event_string (event, "conversation", purple_conversation_get_name (conv));
  event_send (event);
}

static void
chat_buddy_joined (PurpleConversation *conv, const char *name,
                   PurpleConvChatBuddyFlags flags, gboolean new_arrival,
                   gpointer data)
{
  (void)flags, (void)new_arrival, (void)data;
  Event *event = event_new ("chat-buddy-joined");
  PurpleAccount *account = purple_conversation_get_account (conv);
  event_string (event, "account", purple_account_get_username (account));
  event_string (event, "conversation", purple_conversation_get_name (conv));
  event_string (event, "who", name);
  event_send (event);
}

/* When the clock of a test jumps twice within a moment, the answer to the ping
 * that the first jump led to would be hours late. */
static void
send_no_pings (void)
{
  PurplePlugin *plugin = purple_find_prpl ("prpl-jabber");
  if (plugin != NULL)
    PURPLE_PLUGIN_PROTOCOL_INFO (plugin)->keepalive = NULL;
}

gboolean
ui_start (const char *dir, GMainLoop *loop)
{
  static int handle;
  main_loop = loop;
  no_delay = g_getenv ("XIM_CLIENT_NO_DELAY") != NULL;
  g_autofree char *path = g_build_filename (dir, "debug.log", NULL);
  debug_log = fopen (path, "ae");
  purple_util_set_user_dir (dir);
  purple_debug_set_enabled (FALSE);
  purple_core_set_ui_ops (&core_ops);
  purple_eventloop_set_ui_ops (&loop_ops);
  if (!purple_core_init ("x-im-e2e"))
    return FALSE;
  if (g_getenv ("FAKETIME_TIMESTAMP_FILE") != NULL)
    send_no_pings ();
  purple_set_blist (purple_blist_new ());
  purple_blist_load ();
  purple_prefs_load ();
  purple_prefs_set_bool ("/purple/away/away_when_idle", FALSE);
  void *connections = purple_connections_get_handle ();
  purple_signal_connect (connections, "signed-on", &handle,
                         PURPLE_CALLBACK (signed_on), NULL);
  purple_signal_connect (connections, "signed-off", &handle,
                         PURPLE_CALLBACK (signed_off), NULL);
  void *conversations = purple_conversations_get_handle ();
  purple_signal_connect (conversations, "chat-joined", &handle,
                         PURPLE_CALLBACK (chat_joined), NULL);
  purple_signal_connect (conversations, "chat-buddy-joined", &handle,
                         PURPLE_CALLBACK (chat_buddy_joined), NULL);
  return TRUE;
}
