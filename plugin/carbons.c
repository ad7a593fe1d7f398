/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Copies that the server makes for the other own devices, XEP-0280. */

#include "config.h"

#include "carbons.h"

#include <string.h>

#include "xim-jid.h"
#include "xmlnode.h"

#define NS_CARBONS "urn:xmpp:carbons:2"
#define NS_FORWARD "urn:xmpp:forward:0"
#define NS_CLIENT "jabber:client"

static void
enabled (xmlnode *answer, gpointer data)
{
  (void)data;
  if (!xim_iq_is_result (answer))
    purple_debug_info ("x-im", "carbons: the server makes none\n");
}

void
xim_carbons_enable (XimIq *iq, const char *jid)
{
  const XimIqElement enable = { .name = "enable", .ns = NS_CARBONS };
  xim_iq_send_text (iq, jid, &enable, NULL, enabled, NULL);
}

/* The one child of this name; NULL when there is none, or another. */
static xmlnode *
only_child (xmlnode *parent, const char *name, const char *ns)
{
  xmlnode *child = xmlnode_get_child_with_namespace (parent, name, ns);
  return child != NULL && xmlnode_get_next_twin (child) == NULL ? child : NULL;
}

/* Whether the server may have copied @message for @jid. */
static gboolean
fits (xmlnode *message, const char *jid, gboolean sent)
{
  const char *party = xmlnode_get_attrib (message, sent ? "from" : "to");
  g_autofree char *bare = party != NULL ? xim_jid_prepare (party, NULL) : NULL;
  if (purple_strequal (xmlnode_get_attrib (message, "type"), "groupchat"))
    return FALSE;
  return bare != NULL && strcmp (bare, jid) == 0;
}

static xmlnode *
find_copy (const char *jid, xmlnode *packet)
{
  xmlnode *received = only_child (packet, "received", NS_CARBONS);
  xmlnode *sent = only_child (packet, "sent", NS_CARBONS);
  if ((received == NULL) == (sent == NULL))
    return NULL;
  xmlnode *forwarded = only_child (received != NULL ? received : sent,
                                   "forwarded", NS_FORWARD);
  xmlnode *message = forwarded != NULL
                         ? only_child (forwarded, "message", NS_CLIENT)
                         : NULL;
  if (message == NULL || !fits (message, jid, sent != NULL))
    return NULL;
  g_autofree char *sealed = xim_xmlnode_sealed (message);
  return sent == NULL || sealed != NULL ? message : NULL;
}

void
xim_carbons_unwrap (const char *jid, xmlnode **packet)
{
  const char *from = xmlnode_get_attrib (*packet, "from");
  if (!purple_strequal ((*packet)->name, "message")
      || !purple_strequal (from, jid))
    return;
  xmlnode *message = find_copy (jid, *packet);
  if (message == NULL)
    return;
  xmlnode *copy = xmlnode_copy (message);
  xmlnode_free (*packet);
  *packet = copy;
}
