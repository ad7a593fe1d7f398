/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Server notes: who the keyserver of a domain is. */

#pragma once

#include "xim-note.h"

/**
 * XimServer:
 * A server note, parsed; `note` is NULL when only the text was given.
 * Source: PROTOCOL.md, section 4.5.
 */
typedef struct
{
  char *origin; /* ASCII, the host and the key name */
  char *domain; /* Unicode */
  guint32 serial;
  gboolean has_previous;
  XimHash previous;
  gint64 time_s;
  XimVerifyKey *key; /* named by the origin */
  XimVrfPublic vrf;
  char *log;
  char *text;
  XimHash hash; /* of the text */
  XimNote *note;
} XimServer;

/**
 * xim_server_decode:
 * @note: (transfer none): a decoded note; no signature is checked here
 * Errors: MALFORMED; UNSUPPORTED.
 */
XimServer *xim_server_decode (const XimNote *note, GError **error);

/**
 * xim_server_decode_text:
 * The same for a text whose signatures were checked before, or do not count.
 */
XimServer *xim_server_decode_text (const char *text, GError **error);

/**
 * xim_server_check:
 * @domain: the domain asked for
 * @pinned: (nullable): the note that the client has of this domain
 *
 * @server counts if it signed itself and, when @pinned is given, is the same
 * text or its direct successor, signed by its key too.
 * Errors: WRONG_NAME; SIGNATURE; KEY_CHANGED.
 */
gboolean xim_server_check (const XimServer *server, const char *domain,
                           const XimServer *pinned, GError **error);

/**
 * xim_server_encode:
 * Returns: (transfer full): the text of a note from all fields but text, hash
 * and note
 */
char *xim_server_encode (const XimServer *server);
void xim_server_free (XimServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimServer, xim_server_free)

/**
 * xim_server_log_key:
 * Returns: (transfer full): the server's key under the name of its log
 */
XimVerifyKey *xim_server_log_key (const XimServer *server);
