/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The decision for a contact with all facts of the account, and its words. */

#include "config.h"

#include "verdict.h"

#include "address.h"
#include "clock.h"
#include "marks.h"
#include "notices.h"
#include "places.h"

/* A bundle is asked for again before it gets too old to seal to. */
#define REFRESH_S (XIM_BUNDLE_FRESH_S * 3 / 4)

struct _XimVerdict
{
  PurpleAccount *account;
  XimKeystore *keystore;
  XimEnrol *enrol;
  XimStore *store;
  XimPeers *peers;
  XimSealer *sealer;
};

XimVerdict *
xim_verdict_new (PurpleAccount *account, XimKeystore *keystore,
                 XimEnrol *enrol, XimStore *store, XimPeers *peers,
                 XimSealer *sealer)
{
  XimVerdict *verdict = g_new0 (XimVerdict, 1);

  verdict->account = account;
  verdict->keystore = keystore;
  verdict->enrol = enrol;
  verdict->store = store;
  verdict->peers = peers;
  verdict->sealer = sealer;
  return verdict;
}

void
xim_verdict_free (XimVerdict *verdict)
{
  g_free (verdict);
}

static gboolean
is_elsewhere (const XimVerdict *verdict)
{
  return xim_enrol_state (verdict->enrol) == XIM_ENROL_OTHER_DEVICE;
}

static gboolean
is_alarmed (const XimVerdict *verdict)
{
  const XimEnrolState state = xim_enrol_state (verdict->enrol);

  return state == XIM_ENROL_ALARM || state == XIM_ENROL_LEFT
         || xim_sealer_is_stopped (verdict->sealer)
         || xim_places_alarm (verdict->store) != XIM_PLACES_FINE;
}

gboolean
xim_verdict_takes_part (const XimVerdict *verdict)
{
  return xim_enrol_ever (verdict->enrol) || is_elsewhere (verdict);
}

XimDecision
xim_verdict_decide (XimVerdict *verdict, const char *jid,
                    XimHoldReason *reason)
{
  const gint64 now_s = xim_plugin_now_s ();
  XimFacts facts = { 0 };
  XimHoldReason own_reason = XIM_HOLD_NONE;
  XimDecision decision;

  xim_peers_facts (verdict->peers, jid, &facts);
  facts.own_ever = xim_enrol_ever (verdict->enrol);
  facts.own_elsewhere = is_elsewhere (verdict);
  facts.own_alarm = is_alarmed (verdict);
  facts.own_unlocked
      = xim_keystore_state (verdict->keystore) == XIM_KEYSTORE_UNLOCKED;
  facts.own_ready = facts.own_ever && facts.policy != XIM_POLICY_NEVER
                    && facts.own_unlocked
                    && xim_sealer_ready (verdict->sealer, now_s, &own_reason);
  decision = xim_decide (&facts, now_s, reason);
  if (xim_verdict_takes_part (verdict) && facts.policy != XIM_POLICY_NEVER
      && *reason != XIM_HOLD_LOCKED
      && !purple_account_is_connected (verdict->account))
    {
      *reason = XIM_HOLD_OFFLINE;
      return XIM_HOLD;
    }
  if (decision == XIM_SEAL && now_s - facts.checked_s >= REFRESH_S)
    xim_peers_refresh (verdict->peers, jid, TRUE);
  return decision;
}

XimDecision
xim_verdict_decide_for (XimVerdict *verdict, const char *who,
                        XimHoldReason *reason)
{
  g_autofree char *jid = NULL;

  switch (xim_address_kind (verdict->account, who, &jid))
    {
    case XIM_ADDRESS_PERSON:
      return xim_verdict_decide (verdict, jid, reason);
    case XIM_ADDRESS_ROOM:
    case XIM_ADDRESS_SERVICE:
      *reason = XIM_HOLD_NONE;
      return XIM_PLAIN;
    case XIM_ADDRESS_BAD:
    default:
      *reason = XIM_HOLD_BAD_ANSWER;
      return XIM_HOLD;
    }
}

void
xim_verdict_look_up (XimVerdict *verdict, const char *jid,
                     XimHoldReason reason)
{
  if (reason == XIM_HOLD_LOCKED || reason == XIM_HOLD_OFFLINE
      || reason == XIM_HOLD_OWN_KEYS)
    return;
  xim_peers_refresh (verdict->peers, jid, reason == XIM_HOLD_LOOKING_UP);
}

void
xim_verdict_show (XimVerdict *verdict, const char *jid, XimDecision decision,
                  XimHoldReason reason)
{
  g_autofree char *text = NULL;
  XimFaceState state = XIM_FACE_WAITING;

  if (decision == XIM_PLAIN)
    {
      state = XIM_FACE_NOT_ENCRYPTED;
      text = xim_notices_plain_text (xim_verdict_takes_part (verdict),
                                     xim_peers_policy (verdict->peers, jid),
                                     jid);
    }
  else if (decision == XIM_SEAL)
    {
      gboolean marked
          = xim_marks_holds (verdict->store, verdict->peers, jid);
      state = marked ? XIM_FACE_VERIFIED : XIM_FACE_ENCRYPTED;
      text = xim_notices_sealed_text (marked, jid);
    }
  else
    {
      if (reason == XIM_HOLD_LOCKED)
        state = XIM_FACE_LOCKED;
      text = xim_notices_hold_text (reason, jid);
    }
  xim_notices_state (verdict->account, jid, state, reason, text);
}
