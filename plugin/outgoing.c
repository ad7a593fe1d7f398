/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The two gates: text to recipients to content to envelope to stanza. */

#include "config.h"

#include "outgoing.h"

#include <string.h>
#include <time.h>

#include "address.h"
#include "clock.h"
#include "gate.h"
#include "i18n.h"
#include "verdict.h"
#include "notices.h"
#include "outbox.h"
#include "sealer.h"

/* How often what is held is looked at again. */
#define RETRY_S 10

/* What is held for one address, while it is sent. */
typedef struct
{
  XimOutgoing *outgoing;
  const char *jid;
  guint n[XIM_WENT_N];
} Flush;

struct _XimOutgoing
{
  PurpleAccount *account;
  XimSealer *sealer;
  XimVerdict *verdict;
  XimOutbox *outbox;
  XimGate *gate;
  gboolean flushing;
  guint timer;
};

static gboolean
retry (gpointer data)
{
  xim_outgoing_flush (data, NULL);
  return TRUE;
}

XimOutgoing *
xim_outgoing_new (PurpleAccount *account, const char *jid, XimStore *store,
                  XimKeystore *keystore, XimEnrol *enrol, XimPeers *peers)
{
  g_autoptr (GError) error = NULL;
  XimOutbox *outbox = xim_outbox_new (store, keystore, &error);
  XimOutgoing *outgoing;

  if (outbox == NULL)
    {
      purple_debug_error ("x-im", "held messages: %s\n", error->message);
      return NULL;
    }
  outgoing = g_new0 (XimOutgoing, 1);
  outgoing->account = account;
  outgoing->sealer = xim_sealer_new (jid, enrol, peers);
  outgoing->verdict
      = xim_verdict_new (account, keystore, enrol, store, peers,
                         outgoing->sealer);
  outgoing->outbox = outbox;
  outgoing->gate = xim_gate_new (account, jid, outgoing->verdict,
                                 outgoing->sealer, outbox);
  outgoing->timer = purple_timeout_add_seconds (RETRY_S, retry, outgoing);
  return outgoing;
}

void
xim_outgoing_free (XimOutgoing *outgoing)
{
  if (outgoing == NULL)
    return;
  purple_timeout_remove (outgoing->timer);
  purple_notify_close_with_handle (outgoing);
  xim_gate_free (outgoing->gate);
  xim_verdict_free (outgoing->verdict);
  xim_sealer_free (outgoing->sealer);
  xim_outbox_free (outgoing->outbox);
  g_free (outgoing);
}

static gboolean
is_online (XimOutgoing *outgoing)
{
  return purple_account_is_connected (outgoing->account);
}

/* Gate 1 */

static PurpleConversation *
window (XimOutgoing *outgoing, const char *who)
{
  PurpleConversation *conv = purple_find_conversation_with_account (
      PURPLE_CONV_TYPE_IM, who, outgoing->account);

  return conv != NULL ? conv
                      : purple_conversation_new (PURPLE_CONV_TYPE_IM,
                                                 outgoing->account, who);
}

static void
write_waiting (XimOutgoing *outgoing, const char *who, const char *html)
{
  g_autofree char *shown = g_strdup_printf ("%s %s", _ ("[waiting]"), html);

  purple_conv_im_write (PURPLE_CONV_IM (window (outgoing, who)), NULL, shown,
                        PURPLE_MESSAGE_SEND, time (NULL));
}

static void
take (XimOutgoing *outgoing, const char *who, const char *jid,
      XimHoldReason reason, const char *html)
{
  g_autoptr (GError) error = NULL;

  if (!xim_outbox_keep (outgoing->outbox, XIM_HELD_IM, jid, html, &error))
    {
      purple_debug_error ("x-im", "holding a text: %s\n", error->message);
      xim_notices_not_sent (
          outgoing->account, who, html,
          _ ("Not sent: a file of X-IM cannot be written. Look whether "
             "the disk is full."));
      return;
    }
  write_waiting (outgoing, who, html);
  xim_verdict_show (outgoing->verdict, jid, XIM_HOLD, reason);
  xim_verdict_look_up (outgoing->verdict, jid, reason);
}

static gboolean
gate_person (XimOutgoing *outgoing, const char *who, const char *jid,
             const char *html)
{
  XimHoldReason reason = XIM_HOLD_NONE;
  XimDecision decision;

  xim_outgoing_flush (outgoing, jid);
  decision = xim_verdict_decide (outgoing->verdict, jid, &reason);
  if (decision != XIM_PLAIN
      && !xim_sealer_fits (outgoing->sealer, jid, html, xim_plugin_now_s ()))
    {
      xim_notices_not_sent (
          outgoing->account, who, html,
          _ ("Not sent: the message is too long. Send it in parts."));
      return FALSE;
    }
  if (decision == XIM_HOLD && !xim_outbox_is_open (outgoing->outbox))
    {
      xim_verdict_show (outgoing->verdict, jid, decision, reason);
      xim_verdict_look_up (outgoing->verdict, jid, reason);
      xim_notices_not_sent (
          outgoing->account, who, html,
          reason == XIM_HOLD_LOCKED
              ? _ ("Not sent: your keys are locked.")
              : _ ("Not sent: without keys of your own nothing can be "
                   "kept until it can go."));
      return FALSE;
    }
  if (decision == XIM_HOLD || xim_outbox_n (outgoing->outbox, jid) > 0)
    {
      take (outgoing, who, jid, reason, html);
      return FALSE;
    }
  xim_verdict_show (outgoing->verdict, jid, decision, reason);
  return TRUE;
}

void
xim_outgoing_im (XimOutgoing *outgoing, const char *who, char **html)
{
  g_autofree char *jid = NULL;
  const XimAddressKind kind = xim_address_kind (outgoing->account, who, &jid);

  if (*html == NULL || **html == '\0' || kind == XIM_ADDRESS_SERVICE)
    return;
  if (kind == XIM_ADDRESS_ROOM)
    {
      PurpleConversation *conv = purple_find_conversation_with_account (
          PURPLE_CONV_TYPE_IM, who, outgoing->account);
      if (conv != NULL)
        xim_notices_once (conv, "xim-room",
                          _ ("NOT encrypted: private messages in rooms are "
                             "not encrypted."));
      return;
    }
  if (kind == XIM_ADDRESS_BAD && !xim_verdict_takes_part (outgoing->verdict))
    return;
  if (kind == XIM_ADDRESS_BAD)
    xim_notices_not_sent (outgoing->account, who, *html,
                          _ ("Not sent: this is not an address of XMPP."));
  else if (gate_person (outgoing, who, jid, *html))
    return;
  g_clear_pointer (html, g_free);
}

/* Gate 2 */

void
xim_outgoing_stanza (XimOutgoing *outgoing, xmlnode *stanza)
{
  if (strcmp (stanza->name, "message") == 0
      && xim_verdict_takes_part (outgoing->verdict))
    xim_gate_stanza (outgoing->gate, stanza);
}

void
xim_outgoing_text (XimOutgoing *outgoing, char **text)
{
  if (*text == NULL || !xim_verdict_takes_part (outgoing->verdict)
      || xim_gate_allows (outgoing->gate, *text))
    return;
  *text = NULL;
  purple_notify_warning (outgoing, _ ("X-IM"), _ ("A message was not sent"),
                         _ ("A plugin tried to send raw XML to a contact to "
                            "whom X-IM sends only encrypted messages."));
}

/* What is held */

/* After a restart no window shows what was written before it. */
static PurpleConversation *
show_held (XimOutgoing *outgoing, const XimOutboxItem *item)
{
  PurpleConversation *conv = window (outgoing, item->jid);

  if (!item->shown)
    purple_conv_im_write (PURPLE_CONV_IM (conv), NULL, item->text,
                          PURPLE_MESSAGE_SEND, (time_t)item->time_s);
  return conv;
}

/* Returns: FALSE when the file does not give it back. */
static gboolean
send_text (XimOutgoing *outgoing, const XimOutboxItem *item)
{
  PurpleConnection *gc = purple_account_get_connection (outgoing->account);
  xmlnode *message;
  xmlnode *packet;

  if (item->text != NULL && item->kind == XIM_HELD_IM)
    {
      PurpleConversation *conv = show_held (outgoing, item);
      serv_send_im (gc, purple_conversation_get_name (conv), item->text,
                    PURPLE_MESSAGE_SEND);
      return TRUE;
    }
  message = item->text != NULL ? xmlnode_from_str (item->text, -1) : NULL;
  if (message == NULL)
    return FALSE;
  packet = message;
  purple_signal_emit (purple_connection_get_prpl (gc),
                      "jabber-sending-xmlnode", gc, &packet);
  xmlnode_free (message);
  return TRUE;
}

static gboolean
send_held (const XimOutboxItem *item, gpointer user_data)
{
  Flush *flush = user_data;
  XimOutgoing *outgoing = flush->outgoing;
  XimWent went;
  gboolean readable;

  xim_gate_expect (outgoing->gate, item->jid);
  readable = send_text (outgoing, item);
  went = xim_gate_went (outgoing->gate);
  if (!readable)
    {
      went = XIM_WENT_LOST;
      xim_notices_line (outgoing->account, item->jid, TRUE,
                        _ ("A waiting message was lost: a file of X-IM is "
                           "damaged."));
    }
  flush->n[went]++;
  return went != XIM_WENT_HELD;
}

static void
say_sent (const Flush *flush)
{
  const guint n_sealed = flush->n[XIM_WENT_SEALED];
  const guint n_plain = flush->n[XIM_WENT_PLAIN];
  g_autofree char *sealed = g_strdup_printf (
      NG_ ("%u waiting message went to %s, encrypted.",
           "%u waiting messages went to %s, encrypted.", n_sealed),
      n_sealed, flush->jid);
  g_autofree char *plain = g_strdup_printf (
      NG_ ("%u waiting message went to %s, NOT encrypted.",
           "%u waiting messages went to %s, NOT encrypted.", n_plain),
      n_plain, flush->jid);

  if (n_sealed > 0)
    xim_notices_line (flush->outgoing->account, flush->jid, FALSE, sealed);
  if (n_plain > 0)
    xim_notices_line (flush->outgoing->account, flush->jid, FALSE, plain);
}

static void
flush_one (XimOutgoing *outgoing, const char *jid)
{
  Flush flush = { .outgoing = outgoing, .jid = jid };
  XimHoldReason reason = XIM_HOLD_NONE;
  XimDecision decision;

  if (xim_outbox_n (outgoing->outbox, jid) == 0
      || !xim_outbox_is_open (outgoing->outbox))
    return;
  decision = xim_verdict_decide (outgoing->verdict, jid, &reason);
  xim_verdict_show (outgoing->verdict, jid, decision, reason);
  if (decision == XIM_HOLD)
    {
      xim_verdict_look_up (outgoing->verdict, jid, reason);
      return;
    }
  outgoing->flushing = TRUE;
  xim_outbox_send (outgoing->outbox, jid, send_held, &flush);
  outgoing->flushing = FALSE;
  say_sent (&flush);
}

void
xim_outgoing_flush (XimOutgoing *outgoing, const char *jid)
{
  g_auto (GStrv) addresses = NULL;

  if (!xim_outbox_is_open (outgoing->outbox))
    xim_sealer_lock (outgoing->sealer);
  if (outgoing->flushing || !is_online (outgoing))
    return;
  if (jid != NULL)
    {
      flush_one (outgoing, jid);
      return;
    }
  addresses = xim_outbox_addresses (outgoing->outbox);
  for (char **address = addresses; *address != NULL; address++)
    flush_one (outgoing, *address);
}

/* For others */

void
xim_outgoing_online (XimOutgoing *outgoing)
{
  if (xim_verdict_takes_part (outgoing->verdict))
    {
      xim_outgoing_flush (outgoing, NULL);
      return;
    }
  for (GList *l = purple_get_ims (); l != NULL; l = l->next)
    {
      PurpleConversation *conv = l->data;
      g_autofree char *jid = NULL;
      if (purple_conversation_get_account (conv) == outgoing->account
          && xim_address_kind (outgoing->account,
                               purple_conversation_get_name (conv), &jid)
                 == XIM_ADDRESS_PERSON)
        xim_verdict_show (outgoing->verdict, jid, XIM_PLAIN, XIM_HOLD_NONE);
    }
}

static gboolean
is_joined (PurpleConversation *conv)
{
  PurpleConnection *gc = purple_conversation_get_gc (conv);

  return gc != NULL && g_slist_find (gc->buddy_chats, conv) != NULL;
}

void
xim_outgoing_conversation (XimOutgoing *outgoing, PurpleConversation *conv)
{
  const char *who = purple_conversation_get_name (conv);
  g_autofree char *jid = NULL;
  XimHoldReason reason = XIM_HOLD_NONE;

  if (purple_conversation_get_type (conv) == PURPLE_CONV_TYPE_CHAT)
    {
      /* libpurple shows nothing in a room before it counts as joined. */
      if (is_joined (conv))
        xim_notices_once (conv, "xim-room",
                          _ ("NOT encrypted: rooms are not encrypted by this "
                             "version of X-IM."));
      return;
    }
  if (!xim_verdict_takes_part (outgoing->verdict)
      || xim_address_kind (outgoing->account, who, &jid) != XIM_ADDRESS_PERSON
      || !xim_address_is_known (outgoing->account, jid))
    return;
  if (xim_verdict_decide (outgoing->verdict, jid, &reason) == XIM_HOLD)
    xim_verdict_look_up (outgoing->verdict, jid, reason);
}

XimDecision
xim_outgoing_decide (XimOutgoing *outgoing, const char *who,
                     XimHoldReason *reason)
{
  XimHoldReason why = XIM_HOLD_NONE;

  return xim_verdict_decide_for (outgoing->verdict, who,
                                 reason != NULL ? reason : &why);
}

guint
xim_outgoing_n_held (XimOutgoing *outgoing, const char *jid)
{
  return xim_outbox_n (outgoing->outbox, jid);
}

guint
xim_outgoing_discard (XimOutgoing *outgoing, const char *jid)
{
  return outgoing->flushing ? 0 : xim_outbox_discard (outgoing->outbox, jid);
}
