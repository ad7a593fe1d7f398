/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What happened to the own list of devices, seen from this device. */

#pragma once

#include "history.h"
#include "own.h"

/* What a new version of the own account note means to this device. */
typedef enum
{
  XIM_WATCH_FINE,
  XIM_WATCH_ADDED,   /* another own device has added one: a question */
  XIM_WATCH_REMOVED, /* this device is not in the list any more */
  XIM_WATCH_RESET,   /* somebody started again without the devices before */
  XIM_WATCH_BROKEN,  /* it does not continue what this device took */
} XimWatchFinding;

/* What is wrong with this device or its address. */
typedef enum
{
  XIM_ALARM_NONE,
  XIM_ALARM_REMOVED, /* another own device has removed this one */
  XIM_ALARM_RESET,   /* somebody started again without this device */
  XIM_ALARM_BROKEN,  /* the keyserver contradicts what it said before */
  XIM_ALARM_COPIED,  /* somebody else has the keys of this device */
  XIM_ALARM_ERASED,  /* the keyserver says that there are no keys */
} XimAlarm;

typedef struct
{
  XimDeviceId id;
  XimHash version; /* of the text of the first version that lists it */
} XimWatchAdded;

typedef struct
{
  XimWatchFinding finding;
  guint n_added;
  XimWatchAdded added[XIM_DEVICES_MAX];
} XimWatchReport;

/**
 * xim_watch_judge:
 * @before: (nullable): the newest version that this device took; NULL when it
 * was never listed
 * @now: what the keyserver has
 * @history: versions seen
 * @own: this device
 * Source: PROTOCOL.md, section 7.
 */
void xim_watch_judge (const XimAccount *before, const XimVerified *now,
                      const XimHistory *history, const XimDeviceId *own,
                      XimWatchReport *out);

/**
 * xim_watch_own:
 * The same, of @own and what @store has seen.
 * Errors: STORE.
 */
gboolean xim_watch_own (const XimOwn *own, XimStore *store,
                        const XimVerified *now, XimWatchReport *out,
                        GError **error);

/**
 * xim_watch_was_removed:
 * Returns: whether the newest version in @history does not list @own any more:
 * what this device has learnt before the program ended
 */
gboolean xim_watch_was_removed (const XimOwn *own, const XimHistory *history);

/**
 * xim_watch_alarm:
 * Returns: what @report is to be told as
 */
XimAlarm xim_watch_alarm (const XimWatchReport *report);
