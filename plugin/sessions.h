/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The sealing sessions of all conversations of an account. */

#pragma once

#include "xim.h"

typedef struct _XimSessions XimSessions;

/* What is an hour old is wiped by a timer, whether or not it is used. */
XimSessions *xim_sessions_new (void);
void xim_sessions_free (XimSessions *sessions);
void xim_sessions_clear (XimSessions *sessions);

/**
 * xim_sessions_get:
 * Returns: (transfer none): the session with @jid, made when there is none
 */
XimSession *xim_sessions_get (XimSessions *sessions, const char *jid);
