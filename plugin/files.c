/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Files offered to contacts: they go in the clear, so the user is asked. */

#include "config.h"

#include "files.h"

#include "account.h"
#include "address.h"
#include "i18n.h"
#include "notices.h"

typedef void (*SendFile) (PurpleConnection *gc, const char *who,
                          const char *path);

/* A file that the user is asked about. */
typedef struct
{
  PurpleAccount *account;
  char *who;
  char *path; /* (nullable): libpurple asks for it */
} Offer;

static PurplePluginProtocolInfo *protocol;
static SendFile send_in_clear; /* the protocol's own */
static GList *offers;          /* of Offer: asked and not answered */

static void
offer_free (gpointer data)
{
  Offer *offer = data;

  g_free (offer->who);
  g_free (offer->path);
  g_free (offer);
}

static void
do_send (gpointer data, int action)
{
  Offer *offer = data;
  PurpleConnection *gc = purple_account_get_connection (offer->account);

  (void)action;
  offers = g_list_remove (offers, offer);
  if (gc != NULL && PURPLE_CONNECTION_IS_CONNECTED (gc))
    send_in_clear (gc, offer->who, offer->path);
  offer_free (offer);
}

static void
do_not_send (gpointer data, int action)
{
  (void)action;
  offers = g_list_remove (offers, data);
  offer_free (data);
}

static void
ask (PurpleAccount *account, const char *who, const char *path)
{
  Offer *offer = g_new0 (Offer, 1);

  offer->account = account;
  offer->who = g_strdup (who);
  offer->path = g_strdup (path);
  offers = g_list_prepend (offers, offer);
  purple_request_action (
      &offers, _ ("X-IM"), _ ("This file is NOT encrypted"),
      _ ("This version of X-IM encrypts messages, not files: the servers can "
         "read what you send."),
      1, account, who, NULL, offer, 2, _ ("_Send in the clear"), do_send,
      _ ("_Do not send"), do_not_send);
}

static void
send_file (PurpleConnection *gc, const char *who, const char *path)
{
  PurpleAccount *account = purple_connection_get_account (gc);
  XimAccountState *state = xim_account_state_get (account);
  XimHoldReason reason = XIM_HOLD_NONE;
  g_autofree char *jid = NULL;

  if (state == NULL
      || xim_outgoing_decide (state->outgoing, who, &reason) == XIM_PLAIN)
    send_in_clear (gc, who, path);
  else if (xim_address_kind (account, who, &jid) == XIM_ADDRESS_PERSON
           && xim_peers_policy (state->peers, jid) != XIM_POLICY_ALWAYS)
    ask (account, who, path);
  else
    xim_notices_line (account, who, TRUE,
                      _ ("Not sent: the file is NOT encrypted, and you chose "
                         "to send only what is."));
}

void
xim_files_watch (PurplePlugin *jabber)
{
  protocol = PURPLE_PLUGIN_PROTOCOL_INFO (jabber);
  send_in_clear = protocol->send_file;
  if (send_in_clear != NULL)
    protocol->send_file = send_file;
}

void
xim_files_unwatch (void)
{
  if (protocol != NULL && protocol->send_file == send_file)
    protocol->send_file = send_in_clear;
  protocol = NULL;
  purple_request_close_with_handle (&offers);
  g_list_free_full (g_steal_pointer (&offers), offer_free);
}
