/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Own IQ stanzas and their answers. */

#pragma once

#include <purple.h>
#include <xmlnode.h>

typedef struct _XimIq XimIq;

/**
 * XimIqCallback:
 * @answer: (nullable): the whole <iq/> of type result or error, or NULL after
 * the time-out
 */
typedef void (*XimIqCallback) (xmlnode *answer, gpointer user_data);

/**
 * xim_iq_new:
 * One for each account; it lives as long as the account does.
 */
XimIq *xim_iq_new (PurpleAccount *account);

/**
 * xim_iq_send:
 * @type: "get" or "set"; @to: full or bare JID or domain
 * @child: (transfer full): the payload
 *
 * Makes an unguessable id, emits the stanza by `jabber-sending-xmlnode`.
 * @callback comes once, from the main loop; not after xim_iq_free().  When the
 * account is offline or goes offline the answer is NULL.
 */
void xim_iq_send (XimIq *iq, const char *type, const char *to, xmlnode *child,
                  XimIqCallback callback, gpointer user_data);

/**
 * xim_iq_receive:
 * From `jabber-receiving-iq`.
 * Returns: TRUE when it was the answer to one of ours, from the one asked
 */
gboolean xim_iq_receive (XimIq *iq, const char *type, const char *id,
                         const char *from, xmlnode *stanza);
void xim_iq_offline (XimIq *iq); /* answers NULL to all that wait */
void xim_iq_free (XimIq *iq);
