/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One strict JSON reader for everything that comes from outside. */

#pragma once

#include <glib.h>

/**
 * XimJson:
 * A value of RFC 8259, with less than it allows: no duplicate members, at most
 * %XIM_JSON_MEMBERS_MAX in an object, at most %XIM_JSON_DEPTH_MAX brackets
 * open at once, no NUL in a string, no lone surrogates, and of the numbers
 * only whole ones from 0 to 2^64 - 1 without exponent.
 */
typedef struct _XimJson XimJson;

/**
 * xim_json_decode:
 * @data: @len bytes of UTF-8, at most @max_len
 * Errors: MALFORMED; TOO_LARGE, @len is over @max_len.
 */
XimJson *xim_json_decode (const char *data, gsize len, gsize max_len,
                          GError **error);
void xim_json_free (XimJson *json);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimJson, xim_json_free)

/**
 * xim_json_members:
 * @names: the members the object must have, neither more nor fewer, in any
 * order, ended by NULL
 * Errors: MALFORMED, not an object, or other members.
 */
gboolean xim_json_members (const XimJson *json, const char *const *names,
                           GError **error);

/**
 * xim_json_member:
 * Returns: (transfer none): the member, or NULL without an error when there is
 * none (or @json is no object)
 */
const XimJson *xim_json_member (const XimJson *json, const char *name);

/* What a member holds.  Errors: MALFORMED, missing or of another type. */
gboolean xim_json_string (const XimJson *object, const char *name,
                          const char **out, GError **error);
gboolean xim_json_number (const XimJson *object, const char *name,
                          guint64 max, guint64 *out, GError **error);

/**
 * xim_json_strings:
 * @out: (out) (transfer container): the strings of the array, at most @max
 * Errors: MALFORMED; TOO_LARGE.
 */
gboolean xim_json_strings (const XimJson *object, const char *name, guint max,
                           GPtrArray **out, GError **error);
