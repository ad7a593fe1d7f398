/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fetches what a log serves. */

#pragma once

#include <glib.h>

/**
 * XimLcFetch:
 * One log at one URL; connections are kept for the next request.
 */
typedef struct _XimLcFetch XimLcFetch;

/**
 * xim_lc_fetch_new:
 * @url: the prefix of the log, http or https
 * @ca_file: (nullable): certificates to trust instead of the system's
 * Errors: MALFORMED; STORE, no memory.
 */
XimLcFetch *xim_lc_fetch_new (const char *url, const char *ca_file,
                              GError **error);
void xim_lc_fetch_free (XimLcFetch *fetch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimLcFetch, xim_lc_fetch_free)

/**
 * xim_lc_fetch_get:
 * @path: below the prefix
 * @max_len: most bytes that are read
 *
 * Redirects are not followed; a request ends after a minute.  A log that says
 * when to come again (429 and 503 with Retry-After) is asked up to ten times.
 * Errors: NOT_FOUND, status 404 or 410; TOO_LARGE; UNAVAILABLE, anything else.
 * Returns: (transfer full): the body
 */
GByteArray *xim_lc_fetch_get (XimLcFetch *fetch, const char *path,
                              gsize max_len, GError **error);
