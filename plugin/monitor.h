/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The log of the own domain, read once a day for what stands in it of the own
 * address. */

#pragma once

#include "logs.h"
#include "places.h"

typedef struct _XimMonitor XimMonitor;

typedef struct
{
  /* The keyserver of @domain has two logs. */
  void (*forked) (const char *domain, gpointer user_data);
  /* Of xim_places_alarm(), once since the start; the evidence is kept. */
  void (*alarm) (XimPlacesAlarm alarm, gpointer user_data);
  /* The log has a newer version of the own address than is known: it is to be
   * looked up, and xim_monitor_looked() called. */
  void (*doubt) (gpointer user_data);
} XimMonitorOps;

/**
 * xim_monitor_new:
 * @jid: own bare address, prepared
 * @store, @http, @discovery: outlive it
 * @ops: static; called from the main loop
 */
XimMonitor *xim_monitor_new (const char *jid, XimStore *store, XimHttp *http,
                             XimDiscovery *discovery, const XimMonitorOps *ops,
                             gpointer user_data);
void xim_monitor_free (XimMonitor *monitor);

/**
 * xim_monitor_looked:
 * A look at the own entry ended well and is remembered.  Reads what is new in
 * the log if that was not done for a day, or not since the start, or if this
 * look was asked for.
 */
void xim_monitor_looked (XimMonitor *monitor);

/* The account is offline: nothing is asked any more. */
void xim_monitor_stop (XimMonitor *monitor);

/* Since it was made, for people: bytes of entries that were read. */
guint64 xim_monitor_n_bytes (const XimMonitor *monitor);
