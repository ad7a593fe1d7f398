/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Entity tags: what a client says that it has. */

#pragma once

#include <glib.h>

/**
 * xim_ks_etag_is_named:
 * @header: the value of an If-None-Match header; from outside
 * @etag: a strong tag with its quotes, "..."
 *
 * Whether @header is `*` or a list that names @etag, by weak comparison.  A
 * header that is not exactly one of both names nothing: the client then gets
 * the whole answer.
 * Source: RFC 9110, sections 5.6.1.2, 8.8.3 and 13.1.2.
 */
gboolean xim_ks_etag_is_named (const char *header, const char *etag);
