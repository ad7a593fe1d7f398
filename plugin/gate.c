/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Gate 2: every stanza, whatever path it took, and raw XML. */

#include "config.h"

#include "gate.h"

#include <string.h>

#include "address.h"
#include "clock.h"
#include "i18n.h"
#include "invitations.h"
#include "notices.h"
#include "wire.h"
#include "xmlnode.h"

struct _XimGate
{
  PurpleAccount *account;
  XimVerdict *verdict;
  XimSealer *sealer;
  XimOutbox *outbox;
  XimInvitations *invitations;
  XimWire *wire;
  char *expected; /* (nullable): for whom the next stanza was held before */
  XimWent went;   /* what became of it */
};

XimGate *
xim_gate_new (PurpleAccount *account, const char *jid, XimVerdict *verdict,
              XimSealer *sealer, XimOutbox *outbox)
{
  XimGate *gate = g_new0 (XimGate, 1);

  gate->account = account;
  gate->verdict = verdict;
  gate->sealer = sealer;
  gate->outbox = outbox;
  gate->invitations = xim_invitations_new (account, jid);
  gate->wire = xim_wire_new (verdict);
  return gate;
}

void
xim_gate_free (XimGate *gate)
{
  if (gate == NULL)
    return;
  xim_invitations_free (gate->invitations);
  xim_wire_free (gate->wire);
  g_free (gate->expected);
  g_free (gate);
}

void
xim_gate_expect (XimGate *gate, const char *jid)
{
  g_free (gate->expected);
  gate->expected = g_strdup (jid);
  gate->went = XIM_WENT_HELD;
}

XimWent
xim_gate_went (XimGate *gate)
{
  g_clear_pointer (&gate->expected, g_free);
  return gate->went;
}

static gboolean
is_expected (const XimGate *gate, const char *jid)
{
  return purple_strequal (gate->expected, jid);
}

/* What is new goes behind what waits. */
static gboolean
must_queue (const XimGate *gate, const char *jid)
{
  return !is_expected (gate, jid) && xim_outbox_n (gate->outbox, jid) > 0;
}

static XimWent
say_lost (XimGate *gate, const char *jid, xmlnode *message, const char *why)
{
  g_autofree char *html = xim_xmlnode_html (message);
  g_autofree char *text = html ? purple_markup_strip_html (html) : NULL;
  g_autofree char *line
      = text ? g_strdup_printf ("%s %s", why, text) : g_strdup (why);

  xim_notices_line (gate->account, jid, TRUE, line);
  return XIM_WENT_LOST;
}

static XimWent
hold_stanza (XimGate *gate, const char *jid, XimHoldReason reason,
             xmlnode *message)
{
  g_autofree char *text = xmlnode_to_str (message, NULL);
  g_autoptr (GError) error = NULL;
  const gboolean kept
      = xim_outbox_keep (gate->outbox, XIM_HELD_STANZA, jid, text, &error);

  xim_secret_wipe (text, strlen (text));
  if (kept)
    {
      xim_verdict_show (gate->verdict, jid, XIM_HOLD, reason);
      xim_verdict_look_up (gate->verdict, jid, reason);
      return XIM_WENT_HELD;
    }
  purple_debug_error ("x-im", "holding a stanza: %s\n", error->message);
  return say_lost (gate, jid, message,
                   xim_outbox_is_open (gate->outbox)
                       ? _ ("Not sent, a file of X-IM cannot be written:")
                       : _ ("Not sent, your keys are locked:"));
}

/* Seals @stanza in place; @whole is what it was. */
static XimWent
seal_stanza (XimGate *gate, const char *jid, xmlnode *stanza,
             XimSecret *children, xmlnode *whole)
{
  g_autoptr (GError) error = NULL;

  if (xim_sealer_seal (gate->sealer, stanza, jid, children,
                       xim_plugin_now_s (), &error))
    return XIM_WENT_SEALED;
  purple_debug_error ("x-im", "sealing: %s\n", error->message);
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_TOO_LARGE))
    return say_lost (gate, jid, whole,
                     _ ("Not sent, the message is too long:"));
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_MALFORMED))
    return say_lost (gate, jid, whole,
                     _ ("Not sent, the text cannot be written as XML:"));
  return XIM_WENT_HELD;
}

static XimWent
nothing_readable (XimGate *gate, const char *jid, gboolean lost,
                  XimHoldReason reason)
{
  if (lost)
    xim_notices_line (gate->account, jid, FALSE,
                      _ ("Not sent: what this does (such as asking for "
                         "attention) cannot be encrypted."));
  if (reason != XIM_HOLD_NONE)
    xim_verdict_look_up (gate->verdict, jid, reason);
  return XIM_WENT_NOWHERE;
}

/* A stanza that was held already stays where it is when it cannot go. */
static XimWent
seal_or_hold (XimGate *gate, const char *jid, xmlnode *stanza,
              XimDecision decision, XimHoldReason reason)
{
  const gboolean held = is_expected (gate, jid);
  xmlnode *whole = xmlnode_copy (stanza);
  gboolean lost = FALSE;
  XimSecret *children = xim_xmlnode_take_content (stanza, &lost);
  XimWent went = XIM_WENT_HELD;

  if (xim_secret_len (children) == 0)
    went = nothing_readable (gate, jid, lost, reason);
  else if (decision == XIM_SEAL && !must_queue (gate, jid))
    went = seal_stanza (gate, jid, stanza, g_steal_pointer (&children), whole);
  xim_secret_free (children);
  if (went == XIM_WENT_HELD && !held)
    went = hold_stanza (gate, jid, reason, whole);
  xmlnode_free (whole);
  return went;
}

/* A stanza with an envelope of this process is one that libpurple sends again:
 * whatever stands beside the envelope now goes. */
static gboolean
passes_as_own (XimGate *gate, xmlnode *stanza)
{
  g_autofree char *base64 = xim_xmlnode_sealed (stanza);

  if (base64 == NULL || !xim_sealer_made (gate->sealer, base64))
    return FALSE;
  xim_secret_free (xim_xmlnode_take_content (stanza, NULL));
  xim_xmlnode_set_sealed (stanza, base64);
  return TRUE;
}

static XimWent
gate_person (XimGate *gate, const char *jid, xmlnode *stanza)
{
  XimHoldReason reason = XIM_HOLD_NONE;
  XimDecision decision;

  if (passes_as_own (gate, stanza))
    return XIM_WENT_SEALED;
  decision = xim_verdict_decide (gate->verdict, jid, &reason);
  if (decision == XIM_PLAIN && !must_queue (gate, jid))
    return XIM_WENT_PLAIN;
  if (!purple_strequal (xmlnode_get_attrib (stanza, "type"), "error"))
    return seal_or_hold (gate, jid, stanza, decision, reason);
  /* Nobody opens an envelope of this type. */
  xim_secret_free (xim_xmlnode_take_content (stanza, NULL));
  return XIM_WENT_NOWHERE;
}

static void
gate_stanza (XimGate *gate, xmlnode *stanza)
{
  g_autofree char *jid = NULL;

  switch (xim_address_kind (gate->account, xim_xmlnode_to (stanza), &jid))
    {
    case XIM_ADDRESS_PERSON:
      {
        const XimWent went = gate_person (gate, jid, stanza);
        if (!is_expected (gate, jid))
          return;
        gate->went = went;
        g_clear_pointer (&gate->expected, g_free);
        return;
      }
    case XIM_ADDRESS_ROOM:
    case XIM_ADDRESS_SERVICE:
      return;
    case XIM_ADDRESS_BAD:
    default:
      xim_secret_free (xim_xmlnode_take_content (stanza, NULL));
      return;
    }
}

/* Whom the invitation in @stanza is for, if that is somebody who may have
 * X-IM; an invitation cannot be encrypted. */
static char *
invited_member (XimGate *gate, xmlnode *stanza)
{
  const char *invited = xim_xmlnode_invited (stanza);
  g_autofree char *jid = NULL;
  XimHoldReason reason = XIM_HOLD_NONE;

  if (invited == NULL
      || xim_address_kind (gate->account, invited, &jid) != XIM_ADDRESS_PERSON
      || xim_verdict_decide (gate->verdict, jid, &reason) == XIM_PLAIN)
    return NULL;
  return g_steal_pointer (&jid);
}

void
xim_gate_stanza (XimGate *gate, xmlnode *stanza)
{
  if (!xim_invitations_agreed (gate->invitations, stanza))
    {
      g_autofree char *jid = invited_member (gate, stanza);
      if (jid != NULL)
        xim_invitations_ask (gate->invitations, jid, stanza);
      else
        gate_stanza (gate, stanza);
    }
  xim_wire_pass (gate->wire, stanza);
}

gboolean
xim_gate_allows (XimGate *gate, const char *text)
{
  return xim_wire_allows (gate->wire, text);
}
