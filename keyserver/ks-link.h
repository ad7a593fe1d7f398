/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The link: calls from many threads to the signer's process. */

#pragma once

#include "ks-call.h"

/**
 * XimKsLink:
 * Sends calls over a stream and hands each reply to the thread that waits for
 * it.  For all threads.
 */
typedef struct _XimKsLink XimKsLink;

/**
 * xim_ks_link_new:
 * @fd: (transfer full): one end of a socket pair
 * @ended: called once, in a thread of the link's, when the other end is gone
 * or writes what is no reply, after it was ready
 */
XimKsLink *xim_ks_link_new (int fd, void (*ended) (gpointer user_data),
                            gpointer user_data);

/**
 * xim_ks_link_ready:
 * Waits for the reply that the signer gives by itself, as soon as it serves.
 * Errors: those of the signer; UNAVAILABLE, it ended.
 */
XimKsReply *xim_ks_link_ready (XimKsLink *link, GError **error);

/**
 * xim_ks_link_call:
 * @call: its id is set here
 * Errors: those of the signer; UNAVAILABLE, it is gone; TOO_LARGE.
 * Returns: (transfer full): the reply; NULL also when it says an error, but
 * for a group, whose reply has the errors of its items
 */
XimKsReply *xim_ks_link_call (XimKsLink *link, XimKsCall *call,
                              GError **error);

/**
 * xim_ks_link_call_all:
 * @replies: (out) (array length=n) (element-type transfer full): as of
 * xim_ks_link_call()
 *
 * Sends all calls before it waits for their replies, so that the threads of
 * the signer share the work.
 * Errors: of the first one that fails.
 * Returns: whether there are all replies
 */
gboolean xim_ks_link_call_all (XimKsLink *link, XimKsCall *calls, gsize n,
                               XimKsReply **replies, GError **error);

/**
 * xim_ks_link_stop:
 * Asks the signer to end and waits until it closes its end, without a call of
 * @ended.  Other threads have ended before.
 */
void xim_ks_link_stop (XimKsLink *link);
void xim_ks_link_free (XimKsLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsLink, xim_ks_link_free)
