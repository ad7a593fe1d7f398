/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* This device becomes one of the account: keys, code, approval, list. */

#pragma once

#include "amend.h"
#include "join.h"

typedef struct _XimJoining XimJoining;

/* A line for the user; @loud: a window too. */
typedef void (*XimTell) (const char *text, gboolean loud, gpointer user_data);

/**
 * xim_joining_new:
 * @parts, @resources, @amend: what it works with; all outlive it
 */
XimJoining *xim_joining_new (const XimAmendParts *parts,
                             XimResources *resources, XimAmend *amend,
                             XimTell tell, gpointer user_data);
void xim_joining_free (XimJoining *joining);

/**
 * xim_joining_start:
 * Asks the other devices now, with a new code; the user hears how it goes.  A
 * device that was removed becomes a new one first.
 */
void xim_joining_start (XimJoining *joining);

/* A look at the own entry ended: if this device is to join, and another one
 * is online, it asks by itself, once for each sign-on. */
void xim_joining_looked (XimJoining *joining);

/* Another client of the address came online. */
void xim_joining_came (XimJoining *joining, const char *full);

/* How XIM_AMEND_JOIN ended. */
void xim_joining_registered (XimJoining *joining, const GError *error);

/* The account went offline, or was locked. */
void xim_joining_stop (XimJoining *joining);

/* The list changed: the other clients are told to look. */
void xim_joining_announce (XimJoining *joining);
