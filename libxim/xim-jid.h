/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* XMPP addresses: prepared bare JIDs and domains. */

#pragma once

#include <glib.h>

/* An address is a string LOCAL@DOMAIN; every string that has passed
 * xim_jid_check() is prepared, so two are equal if strcmp says so. */

/**
 * xim_jid_check:
 * @text: @len bytes that must be a prepared bare address
 *
 * LOCAL and DOMAIN are each 1 to 1,023 bytes of UTF-8 and equal to their own
 * nodeprep or nameprep, unassigned code points refused; labels are 1 to 63
 * characters in Unicode form (no `xn--`), no trailing dot, no bracketed IP.
 * Errors: MALFORMED.
 * Source: PROTOCOL.md, section 2.1; RFC 3491, RFC 3920 appendix A.
 */
gboolean xim_jid_check (const char *text, gsize len, GError **error);

/**
 * xim_jid_check_domain:
 * The same for a domain alone, in Unicode form.
 */
gboolean xim_jid_check_domain (const char *text, gsize len, GError **error);

/**
 * xim_jid_prepare:
 * @jid: an address as a client or server wrote it, bare or full
 *
 * Errors: MALFORMED, it has no local part or cannot be prepared.
 * Returns: (transfer full): the prepared bare address
 */
char *xim_jid_prepare (const char *jid, GError **error);

/**
 * xim_jid_prepare_domain:
 * Returns: (transfer full): the prepared domain in Unicode form
 */
char *xim_jid_prepare_domain (const char *domain, GError **error);

/**
 * xim_jid_domain:
 * @jid: a prepared bare address
 * Returns: (transfer none): the part behind the @
 */
const char *xim_jid_domain (const char *jid);

/**
 * xim_jid_domain_to_ascii:
 * @domain: a prepared domain
 * Errors: MALFORMED, no ASCII form exists (a label over 63 characters).
 * Returns: (transfer full): the domain in IDNA A-labels
 */
char *xim_jid_domain_to_ascii (const char *domain, GError **error);

/**
 * xim_jid_check_origin:
 * Checks a host in ASCII form (IDNA A-labels, lower case), optionally with
 * the suffix "/log" of a log's origin cut off by the caller.
 * Errors: MALFORMED.
 */
gboolean xim_jid_check_origin (const char *text, gsize len, GError **error);
