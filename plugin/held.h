/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Messages that wait, in order: on disk whole, in memory only which. */

#pragma once

#include "store.h"

typedef struct _XimHeldList XimHeldList;

/* What is in memory of one message. */
typedef struct
{
  gint64 id;
  char *jid;
  gboolean shown; /* in a conversation of this process */
} XimHeldItem;

typedef enum
{
  XIM_HELD_TO_SEND,
  XIM_HELD_RECEIVED,     /* they wait for keys */
  XIM_HELD_FROM_REMOVED, /* of removed devices, shown on request only */
} XimHeldGroup;

/**
 * xim_held_list_new:
 * Errors: STORE.
 */
XimHeldList *xim_held_list_new (XimStore *store, XimHeldGroup group,
                                GError **error);
void xim_held_list_free (XimHeldList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimHeldList, xim_held_list_free)

/**
 * xim_held_list_add:
 * @row: gets its id; durable when this returns
 * Errors: STORE.
 */
gboolean xim_held_list_add (XimHeldList *list, XimHeld *row, gboolean shown,
                            GError **error);

/**
 * xim_held_list_n:
 * @jid: (nullable): of all addresses
 */
guint xim_held_list_n (const XimHeldList *list, const char *jid);

/* (transfer full): every address of which something waits, oldest first. */
GStrv xim_held_list_addresses (const XimHeldList *list);

/**
 * xim_held_list_load:
 * Errors: STORE.
 * Returns: (transfer full): the rows of @jid, of #XimHeld, oldest first
 */
GPtrArray *xim_held_list_load (const XimHeldList *list, const char *jid,
                               GError **error);

/* (transfer none) (nullable) */
XimHeldItem *xim_held_list_find (const XimHeldList *list, gint64 id);

/**
 * xim_held_list_remove:
 * Errors: STORE; it is gone from memory all the same.
 */
gboolean xim_held_list_remove (XimHeldList *list, gint64 id, GError **error);
