/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The two gates: text to recipients to content to envelope to stanza. */

#include "config.h"

#include "outgoing.h"

#include <string.h>
#include <time.h>

#include "address.h"
#include "clock.h"
#include "i18n.h"
#include "invitations.h"
#include "verdict.h"
#include "notices.h"
#include "outbox.h"
#include "sealer.h"
#include "wire.h"

/* How often what is held is looked at again. */
#define RETRY_S 10

/* What became of a stanza at gate 2. */
typedef enum
{
  WENT_NOWHERE, /* nothing to read in it */
  WENT_SEALED,
  WENT_PLAIN,
  WENT_HELD,
  WENT_LOST, /* it can never go, and a line has said so */
  N_WENT,
} Went;

/* What is held for one address, while it is sent. */
typedef struct
{
  XimOutgoing *outgoing;
  const char *jid;
  gboolean at_gate; /* the next stanza to @jid is the one that was held */
  Went went;
  guint n[N_WENT];
} Flush;

struct _XimOutgoing
{
  PurpleAccount *account;
  XimSealer *sealer;
  XimVerdict *verdict;
  XimInvitations *invitations;
  XimOutbox *outbox;
  XimWire *wire;
  Flush *flush; /* (nullable) */
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
      = xim_verdict_new (account, keystore, enrol, peers, outgoing->sealer);
  outgoing->invitations = xim_invitations_new (account, jid);
  outgoing->outbox = outbox;
  outgoing->wire = xim_wire_new (outgoing->verdict);
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
  xim_verdict_free (outgoing->verdict);
  xim_sealer_free (outgoing->sealer);
  xim_invitations_free (outgoing->invitations);
  xim_outbox_free (outgoing->outbox);
  xim_wire_free (outgoing->wire);
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

static Went
say_lost (XimOutgoing *outgoing, const char *jid, xmlnode *message,
          const char *why)
{
  g_autofree char *html = xim_xmlnode_html (message);
  g_autofree char *text = html ? purple_markup_strip_html (html) : NULL;
  g_autofree char *line
      = text ? g_strdup_printf ("%s %s", why, text) : g_strdup (why);

  xim_notices_line (outgoing->account, jid, TRUE, line);
  return WENT_LOST;
}

static Went
hold_stanza (XimOutgoing *outgoing, const char *jid, XimHoldReason reason,
             xmlnode *message)
{
  g_autofree char *text = xmlnode_to_str (message, NULL);
  g_autoptr (GError) error = NULL;
  const gboolean kept
      = xim_outbox_keep (outgoing->outbox, XIM_HELD_STANZA, jid, text, &error);

  xim_secret_wipe (text, strlen (text));
  if (kept)
    {
      xim_verdict_show (outgoing->verdict, jid, XIM_HOLD, reason);
      xim_verdict_look_up (outgoing->verdict, jid, reason);
      return WENT_HELD;
    }
  purple_debug_error ("x-im", "holding a stanza: %s\n", error->message);
  return say_lost (outgoing, jid, message,
                   xim_outbox_is_open (outgoing->outbox)
                       ? _ ("Not sent, a file of X-IM cannot be written:")
                       : _ ("Not sent, your keys are locked:"));
}

/* Seals @stanza in place; @whole is what it was. */
static Went
seal_stanza (XimOutgoing *outgoing, const char *jid, xmlnode *stanza,
             XimSecret *children, xmlnode *whole)
{
  g_autoptr (GError) error = NULL;

  if (xim_sealer_seal (outgoing->sealer, stanza, jid, children,
                       xim_plugin_now_s (), &error))
    return WENT_SEALED;
  purple_debug_error ("x-im", "sealing: %s\n", error->message);
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_TOO_LARGE))
    return say_lost (outgoing, jid, whole,
                     _ ("Not sent, the message is too long:"));
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_MALFORMED))
    return say_lost (outgoing, jid, whole,
                     _ ("Not sent, the text cannot be written as XML:"));
  return WENT_HELD;
}

static Went
nothing_readable (XimOutgoing *outgoing, const char *jid, gboolean lost,
                  XimHoldReason reason)
{
  if (lost)
    xim_notices_line (outgoing->account, jid, FALSE,
                      _ ("Not sent: what this does (such as asking for "
                         "attention) cannot be encrypted."));
  if (reason != XIM_HOLD_NONE)
    xim_verdict_look_up (outgoing->verdict, jid, reason);
  return WENT_NOWHERE;
}

/* A stanza that is being flushed stays where it is when it cannot go. */
static Went
seal_or_hold (XimOutgoing *outgoing, const char *jid, xmlnode *stanza,
              XimDecision decision, XimHoldReason reason)
{
  const gboolean queued
      = outgoing->flush == NULL && xim_outbox_n (outgoing->outbox, jid) > 0;
  const gboolean flushed = outgoing->flush != NULL && outgoing->flush->at_gate;
  xmlnode *whole = xmlnode_copy (stanza);
  gboolean lost = FALSE;
  XimSecret *children = xim_xmlnode_take_content (stanza, &lost);
  Went went = WENT_HELD;

  if (xim_secret_len (children) == 0)
    went = nothing_readable (outgoing, jid, lost, reason);
  else if (decision == XIM_SEAL && !queued)
    went = seal_stanza (outgoing, jid, stanza, g_steal_pointer (&children),
                        whole);
  xim_secret_free (children);
  if (went == WENT_HELD && !flushed)
    went = hold_stanza (outgoing, jid, reason, whole);
  xmlnode_free (whole);
  return went;
}

/* A stanza with an envelope of this process is one that libpurple sends again:
 * whatever stands beside the envelope now goes. */
static gboolean
passes_as_own (XimOutgoing *outgoing, xmlnode *stanza)
{
  g_autofree char *base64 = xim_xmlnode_sealed (stanza);

  if (base64 == NULL || !xim_sealer_made (outgoing->sealer, base64))
    return FALSE;
  xim_secret_free (xim_xmlnode_take_content (stanza, NULL));
  xim_xmlnode_set_sealed (stanza, base64);
  return TRUE;
}

static Went
gate_person_stanza (XimOutgoing *outgoing, const char *jid, xmlnode *stanza)
{
  XimHoldReason reason = XIM_HOLD_NONE;
  XimDecision decision;

  if (passes_as_own (outgoing, stanza))
    return WENT_SEALED;
  decision = xim_verdict_decide (outgoing->verdict, jid, &reason);
  if (decision == XIM_PLAIN
      && (outgoing->flush != NULL
          || xim_outbox_n (outgoing->outbox, jid) == 0))
    return WENT_PLAIN;
  if (!purple_strequal (xmlnode_get_attrib (stanza, "type"), "error"))
    return seal_or_hold (outgoing, jid, stanza, decision, reason);
  xim_xmlnode_remove_bodies (stanza);
  return WENT_NOWHERE;
}

static void
gate_stanza (XimOutgoing *outgoing, xmlnode *stanza)
{
  Flush *flush = outgoing->flush;
  g_autofree char *jid = NULL;
  Went went = WENT_PLAIN;

  switch (xim_address_kind (outgoing->account,
                            xmlnode_get_attrib (stanza, "to"), &jid))
    {
    case XIM_ADDRESS_PERSON:
      went = gate_person_stanza (outgoing, jid, stanza);
      break;
    case XIM_ADDRESS_ROOM:
    case XIM_ADDRESS_SERVICE:
      break;
    case XIM_ADDRESS_BAD:
    default:
      xim_secret_free (xim_xmlnode_take_content (stanza, NULL));
      break;
    }
  if (flush == NULL || !flush->at_gate || !purple_strequal (jid, flush->jid))
    return;
  flush->at_gate = FALSE;
  flush->went = went;
}

/* Whom the invitation in @stanza is for, if that is somebody who may have
 * X-IM; an invitation cannot be encrypted. */
static char *
invited_member (XimOutgoing *outgoing, xmlnode *stanza)
{
  const char *invited = xim_xmlnode_invited (stanza);
  g_autofree char *jid = NULL;
  XimHoldReason reason = XIM_HOLD_NONE;

  if (invited == NULL
      || xim_address_kind (outgoing->account, invited, &jid)
             != XIM_ADDRESS_PERSON
      || xim_verdict_decide (outgoing->verdict, jid, &reason) == XIM_PLAIN)
    return NULL;
  return g_steal_pointer (&jid);
}

void
xim_outgoing_stanza (XimOutgoing *outgoing, xmlnode *stanza)
{
  if (strcmp (stanza->name, "message") != 0
      || !xim_verdict_takes_part (outgoing->verdict))
    return;
  if (!xim_invitations_agreed (outgoing->invitations, stanza))
    {
      g_autofree char *jid = invited_member (outgoing, stanza);
      if (jid != NULL)
        xim_invitations_ask (outgoing->invitations, jid, stanza);
      else
        gate_stanza (outgoing, stanza);
    }
  xim_wire_pass (outgoing->wire, stanza);
}

/* Raw XML */

void
xim_outgoing_text (XimOutgoing *outgoing, char **text)
{
  if (*text == NULL || !xim_verdict_takes_part (outgoing->verdict)
      || xim_wire_allows (outgoing->wire, *text))
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

static void
send_text (XimOutgoing *outgoing, const XimOutboxItem *item)
{
  PurpleConnection *gc = purple_account_get_connection (outgoing->account);
  xmlnode *packet;
  xmlnode *message;

  if (item->kind == XIM_HELD_IM)
    {
      PurpleConversation *conv = show_held (outgoing, item);
      serv_send_im (gc, purple_conversation_get_name (conv), item->text,
                    PURPLE_MESSAGE_SEND);
      return;
    }
  packet = message = xmlnode_from_str (item->text, -1);
  if (message == NULL)
    return;
  purple_signal_emit (purple_connection_get_prpl (gc),
                      "jabber-sending-xmlnode", gc, &packet);
  xmlnode_free (message);
}

static gboolean
send_held (const XimOutboxItem *item, gpointer user_data)
{
  Flush *flush = user_data;

  flush->went = WENT_LOST;
  if (item->text == NULL)
    xim_notices_line (flush->outgoing->account, item->jid, TRUE,
                      _ ("A waiting message was lost: a file of X-IM is "
                         "damaged."));
  else
    {
      flush->at_gate = TRUE;
      send_text (flush->outgoing, item);
      if (flush->at_gate)
        flush->went = WENT_HELD;
      flush->at_gate = FALSE;
    }
  flush->n[flush->went]++;
  return flush->went != WENT_HELD;
}

static void
say_sent (const Flush *flush)
{
  const guint n_sealed = flush->n[WENT_SEALED];
  const guint n_plain = flush->n[WENT_PLAIN];
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
  outgoing->flush = &flush;
  xim_outbox_send (outgoing->outbox, jid, send_held, &flush);
  outgoing->flush = NULL;
  say_sent (&flush);
}

void
xim_outgoing_flush (XimOutgoing *outgoing, const char *jid)
{
  g_auto (GStrv) addresses = NULL;

  if (!xim_outbox_is_open (outgoing->outbox))
    xim_sealer_lock (outgoing->sealer);
  if (outgoing->flush != NULL || !is_online (outgoing))
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
