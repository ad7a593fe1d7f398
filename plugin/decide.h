/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One pure function: seal, hold or send in the clear. */

#pragma once

#include <glib.h>

typedef enum
{
  XIM_POLICY_AUTOMATIC,
  XIM_POLICY_ALWAYS,
  XIM_POLICY_NEVER,
} XimPolicy;

typedef enum
{
  XIM_SEAL,
  XIM_HOLD,
  XIM_PLAIN,
} XimDecision;

/* Why a message is held; one line for users each. */
typedef enum
{
  XIM_HOLD_NONE,
  XIM_HOLD_LOCKED,         /* the own keystore is locked */
  XIM_HOLD_OWN_KEYS,       /* the own keys are not ready yet */
  XIM_HOLD_LOOKING_UP,     /* the contact's keys are being fetched */
  XIM_HOLD_UNREACHABLE,    /* the contact's keyserver cannot be reached */
  XIM_HOLD_NO_DEVICE,      /* no device with an unexpired key */
  XIM_HOLD_KEY_CHANGED,    /* a reset, or a version that is not reached */
  XIM_HOLD_SERVER_CHANGED, /* the keyserver's key changed */
  XIM_HOLD_LEFT,           /* the keyserver says that the contact has left */
  XIM_HOLD_NO_KEYS,        /* policy always, and the contact has no keys */
  XIM_HOLD_BAD_ANSWER,     /* a proof or signature failed */
  XIM_HOLD_OFFLINE,        /* the own account is not signed on yet */
  XIM_HOLD_OTHER_DEVICE,   /* this device is not in the own list yet */
  XIM_HOLD_ALARM,          /* something is wrong with the own address */
  XIM_HOLD_ROLLED_BACK,    /* older or other keys than were seen before */
  XIM_HOLD_DENIED,         /* the contact uses keys that its keyserver does not
                              show */
  XIM_HOLD_NOT_LOGGED,     /* the keyserver does not prove them by its log */
  XIM_HOLD_LOG_FORKED,     /* the keyserver was caught with two logs */
} XimHoldReason;

/* What is known of the contact at the time of the question. */
typedef enum
{
  XIM_PEER_UNKNOWN,      /* not looked up yet */
  XIM_PEER_READY,        /* a verified bundle with a usable device */
  XIM_PEER_ABSENT,       /* `absent` is an absence note that verified */
  XIM_PEER_NO_KEYSERVER, /* 7.2 (b) holds for the domain */
  XIM_PEER_UNREACHABLE,
  XIM_PEER_NO_DEVICE,
  XIM_PEER_KEY_CHANGED, /* a reset that nobody accepted */
  XIM_PEER_ROLLED_BACK, /* an older version, or a known one with another text
                         */
  XIM_PEER_DENIED, /* a message of the contact contradicts the keyserver */
  XIM_PEER_SERVER_CHANGED,
  XIM_PEER_BAD_ANSWER,
  XIM_PEER_NOT_LOGGED, /* a proof of the log is missing or failed */
  XIM_PEER_LOG_FORKED, /* the keyserver of the domain has two logs */
} XimPeerState;

typedef struct
{
  XimPolicy policy;
  gboolean own_ever;      /* this account was ever enrolled */
  gboolean own_unlocked;  /* the keystore is unlocked */
  gboolean own_ready;     /* enrolled, keys at hand */
  gboolean own_elsewhere; /* another device has the keys of this account */
  gboolean own_alarm;     /* somebody else may have them, or they are gone */
  XimPeerState peer;
  gboolean peer_ever_held; /* a bundle of the address was ever held */
  gboolean domain_pinned;  /* the contact's domain was ever pinned */
  gint64 checked_s;        /* of READY: fetched or revalidated */
  gboolean peer_online;    /* the keyserver answered the last time */
  gint64 absent_s;         /* of ABSENT: the note's time */
  gint64 no_keyserver_s;   /* of NO_KEYSERVER: when that was found */
} XimFacts;

/**
 * xim_decide:
 * @reason: (out) (optional): why, when the answer is XIM_HOLD
 * Source: PROTOCOL.md, section 7.2.
 */
XimDecision xim_decide (const XimFacts *facts, gint64 now_s,
                        XimHoldReason *reason);
