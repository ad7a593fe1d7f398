/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Listening sockets from addresses as the configuration writes them. */

#include "config.h"

#include "ks-listen.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

#define BACKLOG 1024

static GSocketAddress *
parse (const char *where, GError **error)
{
  const char *colon = strrchr (where, ':');
  guint64 port = 0;
  if (colon != NULL
      && xim_codec_decimal_decode (colon + 1, strlen (colon + 1), 0, 65535,
                                   &port, NULL))
    {
      g_autofree char *host = g_strndup (where, (gsize)(colon - where));
      gsize len = strlen (host);
      gboolean v6 = len > 2 && host[0] == '[' && host[len - 1] == ']';
      if (v6)
        host[len - 1] = '\0';
      g_autoptr (GInetAddress) address
          = g_inet_address_new_from_string (host + (v6 ? 1 : 0));
      if (address != NULL)
        return g_inet_socket_address_new (address, (guint16)port);
    }
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected ADDRESS:PORT or [ADDRESS]:PORT to listen on, got "
               "'%s'",
               where);
  return NULL;
}

/* GLib does not count fc00::/7 as local. */
static gboolean
is_private (GSocketAddress *where)
{
  GInetAddress *address
      = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (where));
  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
      && (g_inet_address_to_bytes (address)[0] & 0xfe) == 0xfc)
    return TRUE;
  return g_inet_address_get_is_loopback (address)
         || g_inet_address_get_is_site_local (address)
         || g_inet_address_get_is_link_local (address);
}

static gboolean
listen_on (GSocket *socket, GSocketAddress *address, GError **error)
{
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  return g_socket_bind (socket, address, TRUE, error)
         && g_socket_listen (socket, error);
}

static GSocket *
open_socket (GSocketAddress *address, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GSocket) socket
      = g_socket_new (g_socket_address_get_family (address),
                      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &cause);
  if (socket != NULL && listen_on (socket, address, &cause))
    return g_steal_pointer (&socket);
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "cannot listen: %s",
               cause->message);
  return NULL;
}

gboolean
xim_ks_listen (const char *where, gboolean private_only, int *fd,
               guint16 *port, GError **error)
{
  g_autoptr (GSocketAddress) address = parse (where, error);
  if (address == NULL)
    return FALSE;
  if (private_only && !is_private (address))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a loopback or private address, got '%s'", where);
      return FALSE;
    }
  g_autoptr (GSocket) socket = open_socket (address, error);
  if (socket == NULL)
    {
      g_prefix_error (error, "%s: ", where);
      return FALSE;
    }
  g_autoptr (GSocketAddress) bound = g_socket_get_local_address (socket, NULL);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  *fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);
  if (*fd >= 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "no file descriptor is left to listen on %s", where);
  return FALSE;
}
