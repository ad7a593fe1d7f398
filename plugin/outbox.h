/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Messages that wait to be sent: sealed by the master key, in order. */

#pragma once

#include <purple.h>

#include "keystore.h"

typedef struct _XimOutbox XimOutbox;

/* One of them, opened. */
typedef struct
{
  XimHeldKind kind; /* XIM_HELD_IM or XIM_HELD_STANZA */
  const char *jid;
  const char *text; /* (nullable): HTML, or a <message/>; NULL when the file
                       does not give it back */
  gint64 time_s;
  gboolean shown; /* the user saw it in a conversation of this process */
} XimOutboxItem;

/**
 * XimOutboxSend:
 * Returns: TRUE when the item is done with, FALSE when it and all after it
 * stay
 */
typedef gboolean (*XimOutboxSend) (const XimOutboxItem *item,
                                   gpointer user_data);

/**
 * xim_outbox_new:
 * Errors: STORE.
 */
XimOutbox *xim_outbox_new (XimStore *store, XimKeystore *keystore,
                           GError **error);
void xim_outbox_free (XimOutbox *outbox);
gboolean xim_outbox_is_open (const XimOutbox *outbox); /* unlocked */

/**
 * xim_outbox_keep:
 * Durable when it returns.
 * Errors: STORE; UNAVAILABLE, locked.
 */
gboolean xim_outbox_keep (XimOutbox *outbox, XimHeldKind kind, const char *jid,
                          const char *text, GError **error);

/* @jid NULL means of all addresses. */
guint xim_outbox_n (const XimOutbox *outbox, const char *jid);
GStrv xim_outbox_addresses (const XimOutbox *outbox); /* (transfer full) */

/**
 * xim_outbox_discard:
 * Returns: how many messages to @jid were thrown away
 */
guint xim_outbox_discard (XimOutbox *outbox, const char *jid);

/**
 * xim_outbox_send:
 * Gives what waits for @jid to @send, oldest first; does nothing when locked.
 */
void xim_outbox_send (XimOutbox *outbox, const char *jid, XimOutboxSend send,
                      gpointer user_data);
