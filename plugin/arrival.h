/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One received stanza, and how what was in it is shown. */

#pragma once

#include <purple.h>

#include "held.h"

/* A signed time further than this from the arrival is shown. */
#define XIM_ARRIVAL_DIFFERS_S 120

/* A received stanza and what is known of it. */
typedef struct
{
  PurpleAccount *account;
  xmlnode *message; /* without anything readable */
  const char *full; /* the sender as it stands there */
  const char *jid;  /* the same, bare and prepared */
  const char *base64;
  gint64 arrived_s;
} XimArrival;

/**
 * xim_arrival_row:
 * @row: (out): all that is needed to open the message later
 * Returns: (transfer full): the bytes, which @row has without owning them
 */
GBytes *xim_arrival_row (const XimArrival *arrival, XimHeldKind kind,
                         XimHeld *row);

/* The text says that a removed device signed it. */
void xim_arrival_mark_removed (const XimArrival *arrival);

/* A line in the conversation with the sender. */
void xim_arrival_say (const XimArrival *arrival, const char *text);
void xim_arrival_say_failure (const XimArrival *arrival, const GError *error);

/**
 * xim_arrival_time:
 * @signed_s: what the sender signed
 * The window shows the signed time; where the server claims another one a line
 * says so.
 * Returns: the time to show
 */
gint64 xim_arrival_time (const XimArrival *arrival, gint64 signed_s);

/* Our own message, sealed on another device of ours. */
void xim_arrival_show_own (const XimArrival *arrival,
                           const XimContent *content, gint64 shown_s);

/* A message that is not on its way through libpurple any more. */
void xim_arrival_show_late (const XimArrival *arrival, gint64 shown_s);
