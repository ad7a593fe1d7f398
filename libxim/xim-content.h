/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The content of a chat message: an XEP-0420 envelope. */

#pragma once

#include <glib.h>

#include "xim-crypto.h"
#include "xim-secret.h"

/* One line of what the sender used: whose note, which version and text. */
typedef struct
{
  char *jid;
  guint32 version;
  XimHash hash;
} XimSeen;

/**
 * XimContent:
 * Plain text: what libxim makes of it lies in secrets, but libxml2 keeps the
 * names of elements, and for the time of one call attribute values with
 * references in them, in ordinary memory that is not wiped.
 * Source: PROTOCOL.md, section 5.1; XEP-0420.
 */
typedef struct
{
  char *from; /* bare */
  char *to;   /* bare, or the room */
  gint64 time_s;
  GArray *seen; /* of XimSeen */
  XimSecret *children; /* UTF-8 XML: the allowed children of <content>, each
                          with its namespace declared and no prefixes; not
                          ended by NUL */
} XimContent;

/**
 * xim_content_new:
 * @from, @to: prepared bare addresses
 * @children: (transfer full): as in #XimContent; what is not on the allow list
 * is dropped when encoding and when decoding, so leave it out
 */
XimContent *xim_content_new (const char *from, const char *to, gint64 time_s,
                             XimSecret *children);

/**
 * xim_content_add_seen:
 * Adds a line; the 65th and one of an address that is there already are
 * mistakes of the caller.
 */
void xim_content_add_seen (XimContent *content, const char *jid,
                           guint32 version, const XimHash *hash);

/**
 * xim_content_encode:
 * Writes the children as xim_content_decode() would take them.
 * Errors: MALFORMED, @children is no well-formed XML or holds an envelope;
 * TOO_LARGE, over 131,072 bytes.
 * Returns: (transfer full): the bytes to seal
 */
XimSecret *xim_content_encode (const XimContent *content, GError **error);

/**
 * xim_content_decode:
 * @bytes: elements, attributes, text and references to characters; a
 * declaration, DOCTYPE, comment, CDATA section or processing instruction is
 * malformed
 *
 * No network, entities or DTD; bounded depth and size.  From <content> only
 * body, html, subject, thread, replace, receipts, markers, reply and reactions
 * are taken, the rest is dropped, as is what does not belong inside of them.
 * Errors: MALFORMED, also an envelope inside; TOO_LARGE.
 * Returns: (transfer full): the content, or NULL with @error set
 */
XimContent *xim_content_decode (const XimSecret *bytes, GError **error);

/* The life of the own key that opened a message. */
typedef struct
{
  gint64 created_s;
  gint64 expires_s;
} XimContentLife;

/**
 * xim_content_check:
 * @from: the signer; @to: our bare JID (or the peer's, in own copies; or the
 * room)
 * Errors: WRONG_NAME; EXPIRED, the signed time is outside of
 * created - 1 h to min (expires, now) + 1 h.
 */
gboolean xim_content_check (const XimContent *content, const char *from,
                            const char *to, const XimContentLife *life,
                            gint64 now_s, GError **error);
void xim_content_free (XimContent *content);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimContent, xim_content_free)
