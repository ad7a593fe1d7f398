/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Invitations to members: they go in the clear, so the user is asked. */

#include "config.h"

#include "invitations.h"

#include <string.h>

#include "i18n.h"

struct _XimInvitations
{
  PurpleAccount *account;
  char *jid;
  GList *open;           /* of Invitation: asked and not answered */
  const xmlnode *agreed; /* (nullable): on its way through the gates */
};

typedef struct
{
  XimInvitations *invitations;
  xmlnode *stanza;
} Invitation;

XimInvitations *
xim_invitations_new (PurpleAccount *account, const char *jid)
{
  XimInvitations *invitations = g_new0 (XimInvitations, 1);

  invitations->account = account;
  invitations->jid = g_strdup (jid);
  return invitations;
}

static void
invitation_free (gpointer data)
{
  Invitation *invitation = data;

  xmlnode_free (invitation->stanza);
  g_free (invitation);
}

void
xim_invitations_free (XimInvitations *invitations)
{
  if (invitations == NULL)
    return;
  purple_request_close_with_handle (invitations);
  g_list_free_full (invitations->open, invitation_free);
  g_free (invitations->jid);
  g_free (invitations);
}

static void
drop (Invitation *invitation)
{
  XimInvitations *invitations = invitation->invitations;

  invitations->open = g_list_remove (invitations->open, invitation);
  invitation_free (invitation);
}

static void
send_anyway (gpointer data, int action)
{
  Invitation *invitation = data;
  XimInvitations *invitations = invitation->invitations;
  PurpleConnection *gc = purple_account_get_connection (invitations->account);
  xmlnode *packet = invitation->stanza;

  (void)action;
  if (gc != NULL && PURPLE_CONNECTION_IS_CONNECTED (gc))
    {
      invitations->agreed = packet;
      purple_signal_emit (purple_connection_get_prpl (gc),
                          "jabber-sending-xmlnode", gc, &packet);
      invitations->agreed = NULL;
    }
  drop (invitation);
}

static void
do_not_send (gpointer data, int action)
{
  (void)action;
  drop (data);
}

/* The stanza cannot be taken back: without its address and its content it
 * becomes an empty headline to ourselves, which servers do not keep. */
static void
divert (xmlnode *stanza, const char *jid)
{
  xmlnode *next;

  for (xmlnode *child = stanza->child; child != NULL; child = next)
    {
      next = child->next;
      xmlnode_free (child);
    }
  xmlnode_set_attrib (stanza, "type", "headline");
  xmlnode_set_attrib (stanza, "to", jid);
}

void
xim_invitations_ask (XimInvitations *invitations, const char *who,
                     xmlnode *stanza)
{
  Invitation *invitation = g_new0 (Invitation, 1);
  g_autofree char *question
      = g_strdup_printf (_ ("Invite %s in the clear?"), who);

  invitation->invitations = invitations;
  invitation->stanza = xmlnode_copy (stanza);
  invitations->open = g_list_prepend (invitations->open, invitation);
  divert (stanza, invitations->jid);
  purple_request_action (
      invitations, _ ("X-IM"), question,
      _ ("Invitations to rooms cannot be encrypted: the servers can read the "
         "name of the room and the reason."),
      1, invitations->account, who, NULL, invitation, 2,
      _ ("_Invite in the clear"), send_anyway, _ ("_Do not invite"),
      do_not_send);
}

gboolean
xim_invitations_agreed (const XimInvitations *invitations,
                        const xmlnode *stanza)
{
  return stanza == invitations->agreed;
}
