/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Contacts whose keys the user has compared. */

#pragma once

#include "peers.h"

/**
 * xim_marks_holds:
 * Returns: whether the user marked @jid as verified and it did not start again
 * since; no network
 */
gboolean xim_marks_holds (XimStore *store, XimPeers *peers, const char *jid);

/**
 * xim_marks_set:
 * @first: the first note of the contact since its last reset, whose text is
 * kept
 * Errors: STORE.
 */
gboolean xim_marks_set (XimStore *store, const XimAccount *first, gint64 now_s,
                        GError **error);

/**
 * xim_marks_clear:
 * @was: (out): whether @jid was marked, although it may have started again
 * Errors: STORE.
 */
gboolean xim_marks_clear (XimStore *store, const char *jid, gboolean *was,
                          GError **error);

/**
 * xim_marks_lost:
 * Takes the mark of a contact away that has started again; to be called before
 * the user accepts that.
 * Returns: whether it was taken away now: the user is to be told
 */
gboolean xim_marks_lost (XimStore *store, XimPeers *peers, const char *jid);
