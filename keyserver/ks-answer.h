/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Answers: status, type and bytes of what a request gets, shared by threads.
 */

#pragma once

#include "xim-crypto.h"

#define XIM_KS_TYPE_JSON "application/json"
#define XIM_KS_TYPE_TEXT "text/plain; charset=utf-8"
#define XIM_KS_TYPE_BYTES "application/octet-stream"
#define XIM_KS_FOREVER_S 31536000 /* of what never changes */

/**
 * XimKsAnswer:
 * Counted, and constant once others have it: the same answer goes out on many
 * connections at the same time.
 */
typedef struct _XimKsAnswer XimKsAnswer;

/**
 * xim_ks_answer_new:
 * @type: one of the types above (static)
 * @body: (transfer full)
 */
XimKsAnswer *xim_ks_answer_new (guint status, const char *type, char *body);

/**
 * xim_ks_answer_new_bytes:
 * @body: (transfer full)
 */
XimKsAnswer *xim_ks_answer_new_bytes (guint status, const char *type,
                                      GBytes *body);
XimKsAnswer *xim_ks_answer_ref (XimKsAnswer *answer);
void xim_ks_answer_unref (XimKsAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsAnswer, xim_ks_answer_unref)

/**
 * xim_ks_answer_cacheable:
 * @max_age_s: how long others may use it without asking; XIM_KS_FOREVER_S: it
 * never changes
 * Gives it a strong ETag made from its bytes.  Only by its maker.
 */
void xim_ks_answer_cacheable (XimKsAnswer *answer, guint max_age_s);

/**
 * xim_ks_answer_allow:
 * @methods: (static): what a 405 says is possible
 */
void xim_ks_answer_allow (XimKsAnswer *answer, const char *methods);

guint xim_ks_answer_status (const XimKsAnswer *answer);
const char *xim_ks_answer_type (const XimKsAnswer *answer);
GBytes *xim_ks_answer_body (const XimKsAnswer *answer);
const char *xim_ks_answer_etag (const XimKsAnswer *answer);
guint xim_ks_answer_max_age_s (const XimKsAnswer *answer);
guint xim_ks_answer_retry_after_s (const XimKsAnswer *answer);
const char *xim_ks_answer_methods (const XimKsAnswer *answer);

/**
 * xim_ks_answer_error:
 * @error: of the domain XIM_ERROR
 * @now_s: the clock, told where a note's time was refused
 *
 * JSON `{"error": word, "message": text}` with the status of the code (and
 * `now` as RFC 3339 with signature and expired).  An error of the store or of
 * another domain says nothing about its cause.
 * Source: PROTOCOL.md, section 6.
 */
XimKsAnswer *xim_ks_answer_error (const GError *error, gint64 now_s);

/* What a 409 tells. */
typedef struct
{
  const char *member;      /* "version" or "serial" */
  guint32 have;            /* the newest one stored, 0 for none */
  const XimHash *previous; /* (nullable): what the next note has to follow */
} XimKsConflict;

/**
 * xim_ks_answer_refusal:
 * @error: why something was not stored
 *
 * For conflict, key-changed and replayed the 409 that tells what is there;
 * otherwise as xim_ks_answer_error(), and a failure of the store is logged.
 */
XimKsAnswer *xim_ks_answer_refusal (const GError *error,
                                    const XimKsConflict *conflict,
                                    gint64 now_s);

/**
 * xim_ks_answer_status_error:
 * @status: of HTTP, where no code of XIM_ERROR has it (404, 405, 414)
 */
XimKsAnswer *xim_ks_answer_status_error (guint status, const char *word,
                                         const char *message);

/* What GET /v1/server tells. */
typedef struct
{
  const char *note;
  const char *component;
  const char *software;
  guint64 body_bytes;
  guint64 devices;
  guint64 versions_per_day;
} XimKsServerInfo;

XimKsAnswer *xim_ks_answer_server (const XimKsServerInfo *info);

/**
 * xim_ks_answer_prepared:
 * @make: called once, by the first thread that needs it
 * @release: frees it with the answer
 *
 * A place for the HTTP server's own form of the answer, so that it is made
 * once. Returns: (transfer none): what @make made
 */
gpointer xim_ks_answer_prepared (XimKsAnswer *answer,
                                 gpointer (*make) (const XimKsAnswer *),
                                 GDestroyNotify release);
