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

/**
 * xim_judge_clock_off_s:
 * @json: @len bytes that were refused with EXPIRED
 * Returns: by how many seconds @now_s is ahead of what the keyserver signed
 */
gint64 xim_judge_clock_off_s (const char *json, gsize len, gint64 now_s);

/**
 * xim_judge_remember:
 * Keeps the account text and the newest device notes for the next judgement;
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
