/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One pure function: seal, hold or send in the clear. */

#include "config.h"

#include "decide.h"

#include "xim-limits.h"

static XimDecision
hold (XimHoldReason why, XimHoldReason *reason)
{
  *reason = why;
  return XIM_HOLD;
}

/* A bundle may be an hour old; a day while its keyserver does not answer.  One
 * from the future is of a clock that jumped and is asked for again. */
static XimDecision
decide_ready (const XimFacts *facts, gint64 now_s, XimHoldReason *reason)
{
  const gint64 age_s = now_s - facts->checked_s;
  const gint64 limit_s
      = facts->peer_online ? XIM_BUNDLE_FRESH_S : XIM_BUNDLE_STALE_MAX_S;

  if (age_s >= 0 && age_s <= limit_s)
    return XIM_SEAL;
  return hold (facts->peer_online ? XIM_HOLD_LOOKING_UP : XIM_HOLD_UNREACHABLE,
               reason);
}

/* Section 7.2 (a). */
static XimDecision
decide_absent (const XimFacts *facts, gint64 now_s, XimHoldReason *reason)
{
  if (facts->peer_ever_held)
    return hold (XIM_HOLD_LEFT, reason);
  if (facts->policy != XIM_POLICY_AUTOMATIC)
    return hold (XIM_HOLD_NO_KEYS, reason);
  if (facts->absent_s < now_s - XIM_CLOCK_SKEW_S
      || facts->absent_s > now_s + XIM_CLOCK_SKEW_S)
    return hold (XIM_HOLD_LOOKING_UP, reason);
  return XIM_PLAIN;
}

/* Section 7.2 (b).  For a domain that ever had a keyserver its loss is an
 * outage; what was found of a domain counts for an hour. */
static XimDecision
decide_no_keyserver (const XimFacts *facts, gint64 now_s,
                     XimHoldReason *reason)
{
  const gint64 age_s = now_s - facts->no_keyserver_s;

  if (facts->peer_ever_held || facts->domain_pinned)
    return hold (XIM_HOLD_UNREACHABLE, reason);
  if (facts->policy != XIM_POLICY_AUTOMATIC)
    return hold (XIM_HOLD_NO_KEYS, reason);
  if (age_s < 0 || age_s > XIM_BUNDLE_FRESH_S)
    return hold (XIM_HOLD_LOOKING_UP, reason);
  return XIM_PLAIN;
}

static XimDecision
decide_peer (const XimFacts *facts, gint64 now_s, XimHoldReason *reason)
{
  switch (facts->peer)
    {
    case XIM_PEER_READY:
      return decide_ready (facts, now_s, reason);
    case XIM_PEER_ABSENT:
      return decide_absent (facts, now_s, reason);
    case XIM_PEER_NO_KEYSERVER:
      return decide_no_keyserver (facts, now_s, reason);
    case XIM_PEER_UNKNOWN:
      return hold (XIM_HOLD_LOOKING_UP, reason);
    case XIM_PEER_UNREACHABLE:
      return hold (XIM_HOLD_UNREACHABLE, reason);
    case XIM_PEER_NO_DEVICE:
      return hold (XIM_HOLD_NO_DEVICE, reason);
    case XIM_PEER_KEY_CHANGED:
      return hold (XIM_HOLD_KEY_CHANGED, reason);
    case XIM_PEER_ROLLED_BACK:
      return hold (XIM_HOLD_ROLLED_BACK, reason);
    case XIM_PEER_DENIED:
      return hold (XIM_HOLD_DENIED, reason);
    case XIM_PEER_SERVER_CHANGED:
      return hold (XIM_HOLD_SERVER_CHANGED, reason);
    case XIM_PEER_NOT_LOGGED:
      return hold (XIM_HOLD_NOT_LOGGED, reason);
    case XIM_PEER_LOG_FORKED:
      return hold (XIM_HOLD_LOG_FORKED, reason);
    case XIM_PEER_BAD_ANSWER:
    default:
      return hold (XIM_HOLD_BAD_ANSWER, reason);
    }
}

/* A device that is not in the list yet cannot seal; it knows all the same to
 * whom nothing may go in the clear. */
static XimDecision
decide_elsewhere (const XimFacts *facts, gint64 now_s, XimHoldReason *reason)
{
  XimDecision decision = decide_peer (facts, now_s, reason);

  return decision == XIM_SEAL ? hold (XIM_HOLD_OTHER_DEVICE, reason)
                              : decision;
}

XimDecision
xim_decide (const XimFacts *facts, gint64 now_s, XimHoldReason *reason)
{
  XimHoldReason why = XIM_HOLD_NONE;
  XimDecision decision;

  if ((!facts->own_ever && !facts->own_elsewhere)
      || facts->policy == XIM_POLICY_NEVER)
    decision = XIM_PLAIN;
  else if (facts->own_alarm)
    decision = hold (XIM_HOLD_ALARM, &why);
  else if (facts->own_elsewhere)
    decision = decide_elsewhere (facts, now_s, &why);
  else if (!facts->own_unlocked)
    decision = hold (XIM_HOLD_LOCKED, &why);
  else if (!facts->own_ready)
    decision = hold (XIM_HOLD_OWN_KEYS, &why);
  else
    decision = decide_peer (facts, now_s, &why);
  if (reason != NULL)
    *reason = why;
  return decision;
}
