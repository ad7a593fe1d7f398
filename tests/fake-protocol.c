/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A protocol without a network, which signs on at once. */

#include "config.h"

#include "tests/fake-protocol.h"

#include <string.h>

static void
login (PurpleAccount *account)
{
  PurpleConnection *gc = purple_account_get_connection (account);

  gc->flags |= PURPLE_CONNECTION_HTML;
  purple_connection_set_state (gc, PURPLE_CONNECTED);
}

static void
close_connection (PurpleConnection *gc)
{
  (void)gc;
}

static const char *
normalize (const PurpleAccount *account, const char *who)
{
  static char buffer[256];
  const char *slash = strchr (who, '/');

  (void)account;
  g_strlcpy (buffer, who, sizeof buffer);
  if (slash != NULL && g_str_has_prefix (who, "room@") == FALSE)
    buffer[slash - who] = '\0';
  return buffer;
}

static const char *
list_icon (PurpleAccount *account, PurpleBuddy *buddy)
{
  (void)account, (void)buddy;
  return "jabber";
}

static GList *
status_types (PurpleAccount *account)
{
  (void)account;
  return g_list_append (
      g_list_append (NULL, purple_status_type_new (PURPLE_STATUS_AVAILABLE,
                                                   NULL, NULL, TRUE)),
      purple_status_type_new (PURPLE_STATUS_OFFLINE, NULL, NULL, TRUE));
}

static PurplePluginProtocolInfo protocol_info = {
  .options = OPT_PROTO_NO_PASSWORD,
  .list_icon = list_icon,
  .status_types = status_types,
  .login = login,
  .close = close_connection,
  .normalize = normalize,
  .struct_size = sizeof (PurplePluginProtocolInfo),
};

static PurplePluginInfo plugin_info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_PROTOCOL,
  .id = (char *)FAKE_PROTOCOL,
  .name = (char *)"Fake",
  .extra_info = &protocol_info,
};

PurplePlugin *
fake_protocol_start (FakeWrite write,
                     int (*send_im) (PurpleConnection *gc, const char *who,
                                     const char *html,
                                     PurpleMessageFlags flags))
{
  PurplePlugin *protocol = purple_plugin_new (TRUE, NULL);

  protocol_info.send_im = send_im;
  protocol->info = &plugin_info;
  g_assert_true (purple_plugin_register (protocol));
  purple_plugins_probe (G_MODULE_SUFFIX);
  g_assert_true (purple_plugin_load (protocol));
  purple_signal_register (
      protocol, "jabber-sending-xmlnode", purple_marshal_VOID__POINTER_POINTER,
      NULL, 2,
      purple_value_new (PURPLE_TYPE_SUBTYPE, PURPLE_SUBTYPE_CONNECTION),
      purple_value_new_outgoing (PURPLE_TYPE_SUBTYPE, PURPLE_SUBTYPE_XMLNODE));
  purple_signal_connect_priority (protocol, "jabber-sending-xmlnode", protocol,
                                  PURPLE_CALLBACK (write), NULL,
                                  PURPLE_SIGNAL_PRIORITY_HIGHEST);
  return protocol;
}
