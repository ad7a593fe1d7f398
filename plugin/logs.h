/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Every word of a keyserver about its log, compared with the ones before. */

#pragma once

#include "consistent.h"

/* What a keyserver signed of its log. */
typedef struct
{
  char
      *origin; /* of the log; NULL: nothing was said, as before there is one */
  XimTreeHead head;
  char *note; /* the checkpoint, or the absence note that speaks of it */
} XimLogWord;

/**
 * xim_log_word_of:
 * @verified, @absent: (nullable): one of them; what it says was proven
 * @out: (out): to be cleared
 */
void xim_log_word_of (const XimVerified *verified, const XimAbsent *absent,
                      const XimServer *server, XimLogWord *out);
void xim_log_word_copy (const XimLogWord *word, XimLogWord *out);
void xim_log_word_clear (XimLogWord *word);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (XimLogWord, xim_log_word_clear)

/* How a word stands to the ones before. */
typedef enum
{
  XIM_LOG_FITS,
  XIM_LOG_FORKED, /* it can never be one log: kept as evidence, and everything
                     of the domain stops for good */
  XIM_LOG_WRONG,  /* the tiles do not show that it fits */
  XIM_LOG_LOST,   /* there was a log, and nothing is said of it any more */
  XIM_LOG_OUTAGE, /* nobody knows now, try again */
  XIM_LOG_STORE,  /* our own disk failed */
} XimLogEnd;

typedef struct _XimLogCheck XimLogCheck;

typedef void (*XimLogCallback) (XimLogEnd end, guint retry_after_s,
                                gpointer user_data);

/**
 * xim_log_check_new:
 * @word: copied
 * @end: (out): how it ended, when NULL is returned
 * @callback: once, from the main loop and never before this returns; not after
 * xim_log_check_free(), which it may call
 *
 * Compares with the largest tree that was accepted of the domain.  After FITS
 * the caller keeps @word at once, with what came with it: until then nothing
 * else may be accepted of that log.
 * Source: PROTOCOL.md, section 8.
 * Returns: (transfer full) (nullable): NULL when it is known already
 */
XimLogCheck *xim_log_check_new (XimStore *store, XimHttp *http,
                                const XimDomain *domain,
                                const XimLogWord *word, XimLogEnd *end);
void xim_log_check_start (XimLogCheck *check, XimLogCallback callback,
                          gpointer user_data);
void xim_log_check_free (XimLogCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimLogCheck, xim_log_check_free)

/**
 * xim_log_error:
 * @end: not FITS
 * Sets @error to what @end comes to for whoever asked: KEY_CHANGED,
 * NOT_LOGGED, UNAVAILABLE or STORE.
 */
void xim_log_error (XimLogEnd end, GError **error);

/**
 * xim_log_keep:
 * Keeps @word of @domain unless a larger tree is kept; within a transaction of
 * XIM_STORE_CACHE.
 * Errors: STORE.
 */
gboolean xim_log_keep (XimStore *store, const char *domain,
                       const XimLogWord *word, GError **error);

/**
 * xim_log_is_forked:
 * Returns: whether the keyserver of @domain was ever caught with two logs;
 * also when that cannot be read
 */
gboolean xim_log_is_forked (XimStore *store, const char *domain);
