/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Bundles, judged by what was seen of their address before. */

#pragma once

#include "store.h"

/**
 * xim_judge_bundle:
 * @server: the pinned note of the domain of @jid
 * @json: @len bytes of a bundle
 * Decodes it and verifies it against what @store has of @jid.
 * Errors: those of xim_bundle_decode() and xim_verify_bundle(); STORE.
 * Returns: (transfer full): the proof
 */
XimVerified *xim_judge_bundle (XimStore *store, const XimServer *server,
                               const char *jid, const char *json, gsize len,
                               gint64 now_s, GError **error);

/* What a bundle is judged by when versions before it were fetched. */
typedef struct
{
  XimStore *store;
  const XimServer *server; /* the pinned note of the domain of `jid` */
  const char *jid;
  gint64 now_s;
  GPtrArray *between; /* (nullable): of XimAccount, as a walk brought them */
  gboolean walked;    /* what is not reached with them is a reset */
} XimJudge;

/**
 * xim_judge_walked:
 * xim_judge_bundle() with what a walk brought.
 */
XimVerified *xim_judge_walked (const XimJudge *judge, GBytes *json,
                               GError **error);

/**
 * xim_judge_gap:
 * Asked after KEY_CHANGED.
 * @newest: (out) (transfer full): the account note of the bundle, which was
 * not proven
 * @known: (out): the newest version that was seen
 * Returns: whether the bundle is of a higher version than was seen
 */
gboolean xim_judge_gap (const XimJudge *judge, GBytes *json,
                        XimAccount **newest, guint32 *known);

/**
 * xim_judge_history:
 * @out: (out) (transfer full): every text of @jid that was seen, of
 * XimAccount, ascending by version; there may be gaps
 * Errors: STORE.
 */
gboolean xim_judge_history (XimStore *store, const char *jid, GPtrArray **out,
                            GError **error);

/**
 * xim_judge_clock_off_s:
 * @json: @len bytes that were refused with EXPIRED
 * Returns: by how many seconds @now_s is ahead of what the keyserver signed
 */
gint64 xim_judge_clock_off_s (const char *json, gsize len, gint64 now_s);

/**
 * xim_judge_remember:
 * Keeps the account texts and the newest device notes for the next judgement;
 * within a transaction of XIM_STORE_CACHE they are all kept or none.
 * Errors: STORE.
 */
gboolean xim_judge_remember (XimStore *store, const XimVerified *verified,
                             GError **error);

/**
 * xim_judge_absent:
 * @server: the pinned note of the domain of @jid; @body: an absence note
 * Errors: those of xim_absent_decode() and xim_absent_check().
 */
XimAbsent *xim_judge_absent (const XimServer *server, const char *jid,
                             GBytes *body, gint64 now_s, GError **error);

/**
 * xim_judge_fingerprint:
 * Returns: (transfer full): one line per listed device, for people
 */
char *xim_judge_fingerprint (const XimVerified *verified);
