/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The XMPP component (XEP-0114): where members prove their address. */

#include "config.h"

#include "ks-component.h"

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "xim-error.h"

#include "ks-log.h"
#include "ks-metrics.h"
#include "ks-xmpp.h"

#define STANZA_MAX (1024 * 1024)
#define OUTPUT_MAX (4 * 1024 * 1024)
#define READ_LEN 16384
#define CONNECT_MAX_S 20 /* until the handshake is accepted */
#define QUIET_MAX_S 60   /* then a space keeps the line alive */
#define PAUSE_MIN_MS 500
#define PAUSE_MAX_MS 60000

typedef enum
{
  PAUSED,     /* until the timer */
  CONNECTING, /* TCP */
  OPENING,    /* stream header and handshake */
  UP,
} State;

struct _XimKsComponent
{
  const char *host;
  guint16 port;
  XimKsService service;
  State state;
  GSocket *socket;
  GSource *readable, *writable, *timer;
  XimKsXmpp *xmpp;
  GByteArray *output;
  guint pause_ms;
};

static void try_connect (XimKsComponent *component);

static void
drop_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_source_unref (*source);
  *source = NULL;
}

static GSource *
attach (GSource *source, GSourceFunc function, gpointer user_data)
{
  g_source_set_callback (source, function, user_data, NULL);
  g_source_attach (source, NULL);
  return source;
}

static void
set_timer (XimKsComponent *component, guint ms, GSourceFunc function)
{
  drop_source (&component->timer);
  component->timer = attach (g_timeout_source_new (ms), function, component);
}

static void
close_socket (XimKsComponent *component)
{
  drop_source (&component->readable);
  drop_source (&component->writable);
  drop_source (&component->timer);
  if (component->socket != NULL)
    g_socket_close (component->socket, NULL);
  g_clear_object (&component->socket);
  g_clear_pointer (&component->xmpp, xim_ks_xmpp_free);
  g_byte_array_set_size (component->output, 0);
  xim_ks_metrics_set (XIM_KS_COMPONENT_UP, 0);
}

static gboolean
pause_over (gpointer user_data)
{
  try_connect (user_data);
  return G_SOURCE_REMOVE;
}

/* Random, so that the keyservers of a server that restarts do not all come in
 * the same moment. */
static void
reconnect_later (XimKsComponent *component, const char *why)
{
  xim_ks_log (component->state == UP ? XIM_KS_LOG_WARNING : XIM_KS_LOG_INFO,
              "component-lost", "cause=\"%s\" pause_ms=%u", why,
              component->pause_ms);
  close_socket (component);
  component->state = PAUSED;
  guint ms = component->pause_ms / 2
             + g_random_int () % (component->pause_ms / 2 + 1);
  component->pause_ms = MIN (component->pause_ms * 2, PAUSE_MAX_MS);
  set_timer (component, ms, pause_over);
}

static gboolean
would_block (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* Sends what it can; returns FALSE with @error set when the line is broken. */
static gboolean
flush_output (XimKsComponent *component, GError **error)
{
  while (component->output->len > 0)
    {
      g_autoptr (GError) cause = NULL;
      gssize n = g_socket_send (component->socket,
                                (const char *)component->output->data,
                                component->output->len, NULL, &cause);
      if (n <= 0 && would_block (cause))
        return TRUE;
      if (n <= 0)
        {
          g_propagate_error (error, g_steal_pointer (&cause));
          return FALSE;
        }
      g_byte_array_remove_range (component->output, 0, (guint)n);
    }
  return TRUE;
}

static gboolean on_writable (GSocket *socket, GIOCondition condition,
                             gpointer user_data);

static void
watch_output (XimKsComponent *component)
{
  gboolean needed = component->output->len > 0;
  if (!needed)
    drop_source (&component->writable);
  else if (component->writable == NULL)
    component->writable
        = attach (g_socket_create_source (component->socket, G_IO_OUT, NULL),
                  G_SOURCE_FUNC (on_writable), component);
}

static gboolean
on_writable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  (void)socket, (void)condition;
  XimKsComponent *component = user_data;
  g_autoptr (GError) error = NULL;
  if (!flush_output (component, &error))
    reconnect_later (component, error->message);
  else
    watch_output (component);
  return component->writable != NULL;
}

static void
queue_text (XimKsComponent *component, const char *text)
{
  g_byte_array_append (component->output, (const guint8 *)text,
                       (guint)strlen (text));
}

static gboolean
keep_alive (gpointer user_data)
{
  XimKsComponent *component = user_data;
  queue_text (component, " ");
  watch_output (component);
  return G_SOURCE_CONTINUE;
}

static void
stream_opened (const char *id, gpointer user_data)
{
  XimKsComponent *component = user_data;
  g_autofree char *handshake = xim_ks_stanzas_handshake (
      id == NULL ? "" : id, component->service.secret);
  queue_text (component, handshake);
}

static void
handshake_accepted (XimKsComponent *component)
{
  component->state = UP;
  component->pause_ms = PAUSE_MIN_MS;
  set_timer (component, QUIET_MAX_S * 1000, keep_alive);
  xim_ks_metrics_set (XIM_KS_COMPONENT_UP, 1);
  xim_ks_metrics_count (XIM_KS_COMPONENT_CONNECTS);
  xim_ks_log (XIM_KS_LOG_INFO, "component-connected", "address=%s",
              component->service.address);
}

static void
stanza_came (const XimKsStanza *stanza, gpointer user_data)
{
  XimKsComponent *component = user_data;
  if (component->state == OPENING)
    {
      if (strcmp (stanza->name, "handshake") == 0)
        handshake_accepted (component);
      else
        xim_ks_log (XIM_KS_LOG_WARNING, "component-refused",
                    "element=\"%s\" condition=\"%s\"", stanza->name,
                    stanza->child == NULL ? "" : stanza->child);
      return;
    }
  xim_ks_metrics_count (XIM_KS_STANZAS);
  g_autofree char *answer = xim_ks_stanzas_answer (&component->service, stanza,
                                                   g_get_monotonic_time ());
  if (answer != NULL)
    queue_text (component, answer);
}

static void
stream_closed (gpointer user_data)
{
  (void)user_data; /* the end of the connection follows */
}

static const XimKsXmppOps xmpp_ops
    = { stream_opened, stanza_came, stream_closed };

/* Reads once; a broken line and a wrong stream are the same to the caller. */
static gboolean
read_some (XimKsComponent *component, GError **error)
{
  char data[READ_LEN];
  g_autoptr (GError) cause = NULL;
  gssize n
      = g_socket_receive (component->socket, data, sizeof data, NULL, &cause);
  if (n < 0 && would_block (cause))
    return TRUE;
  if (n < 0)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  if (n == 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                   "the XMPP server closed the connection");
      return FALSE;
    }
  if (!xim_ks_xmpp_feed (component->xmpp, data, (gsize)n, error))
    return FALSE;
  if (component->output->len > OUTPUT_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "the XMPP server does not read its answers");
      return FALSE;
    }
  return flush_output (component, error);
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  (void)socket, (void)condition;
  XimKsComponent *component = user_data;
  g_autoptr (GError) error = NULL;
  if (!read_some (component, &error))
    {
      reconnect_later (component, error->message);
      return G_SOURCE_REMOVE;
    }
  watch_output (component);
  return G_SOURCE_CONTINUE;
}

static gboolean
took_too_long (gpointer user_data)
{
  reconnect_later (user_data, "no handshake in time");
  return G_SOURCE_REMOVE;
}

static gboolean
on_connected (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  (void)condition;
  XimKsComponent *component = user_data;
  g_autoptr (GError) error = NULL;
  if (!g_socket_check_connect_result (socket, &error))
    {
      reconnect_later (component, error->message);
      return G_SOURCE_REMOVE;
    }
  drop_source (&component->writable);
  component->state = OPENING;
  component->xmpp = xim_ks_xmpp_new (&xmpp_ops, component, STANZA_MAX);
  g_autofree char *header = xim_ks_stanzas_header (component->service.address);
  queue_text (component, header);
  component->readable = attach (g_socket_create_source (socket, G_IO_IN, NULL),
                                G_SOURCE_FUNC (on_readable), component);
  watch_output (component);
  return G_SOURCE_REMOVE;
}

static GInetAddress *
resolve (const char *host, GError **error)
{
  GInetAddress *address = g_inet_address_new_from_string (host);
  if (address != NULL)
    return address;
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GList *found = g_resolver_lookup_by_name (resolver, host, NULL, error);
  if (found != NULL)
    address = g_object_ref (found->data);
  g_resolver_free_addresses (found);
  return address;
}

static void
set_options (GSocket *socket)
{
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
                       2 * QUIET_MAX_S * 1000, NULL);
}

/* Begins a TCP connection; that it is under way is no error. */
static gboolean
begin_connect (XimKsComponent *component, GError **error)
{
  g_autoptr (GInetAddress) host = resolve (component->host, error);
  if (host == NULL)
    return FALSE;
  component->socket
      = g_socket_new (g_inet_address_get_family (host), G_SOCKET_TYPE_STREAM,
                      G_SOCKET_PROTOCOL_TCP, error);
  if (component->socket == NULL)
    return FALSE;
  set_options (component->socket);
  g_autoptr (GSocketAddress) address
      = g_inet_socket_address_new (host, component->port);
  g_autoptr (GError) cause = NULL;
  if (g_socket_connect (component->socket, address, NULL, &cause)
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PENDING))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

static void
try_connect (XimKsComponent *component)
{
  g_autoptr (GError) error = NULL;
  component->state = CONNECTING;
  if (!begin_connect (component, &error))
    {
      reconnect_later (component, error->message);
      return;
    }
  set_timer (component, CONNECT_MAX_S * 1000, took_too_long);
  component->writable
      = attach (g_socket_create_source (component->socket, G_IO_OUT, NULL),
                G_SOURCE_FUNC (on_connected), component);
}

XimKsComponent *
xim_ks_component_new (const char *host, guint16 port,
                      const XimKsService *service)
{
  XimKsComponent *component = g_new0 (XimKsComponent, 1);
  component->host = host;
  component->port = port;
  component->service = *service;
  component->output = g_byte_array_new ();
  component->pause_ms = PAUSE_MIN_MS;
  try_connect (component);
  return component;
}

void
xim_ks_component_free (XimKsComponent *component)
{
  if (component == NULL)
    return;
  close_socket (component);
  g_byte_array_unref (component->output);
  g_free (component);
}

gboolean
xim_ks_component_is_up (const XimKsComponent *component)
{
  return component->state == UP;
}
