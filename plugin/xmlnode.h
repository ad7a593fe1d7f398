/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* libpurple's xmlnode to UTF-8 and back, and what may stay outside. */

#pragma once

#include <purple.h>
#include <xmlnode.h>

#include "xim.h"

/**
 * xim_xmlnode_take_content:
 * @message: a <message/>; reduced to the allow list of section 5.2
 * @lost: (out) (optional): whether something was dropped that cannot be sealed
 *
 * Returns: (transfer full): what belongs inside: the XML of body, html,
 * subject, thread, … each with its namespace; length 0 when there is nothing
 */
XimSecret *xim_xmlnode_take_content (xmlnode *message, gboolean *lost);

/**
 * xim_xmlnode_set_sealed:
 * Puts <sealed/>, <encryption/>, <store/> and the fallback <body/> in.
 */
void xim_xmlnode_set_sealed (xmlnode *message, const char *base64);

/**
 * xim_xmlnode_sealed:
 * Returns: (transfer full) (nullable): the text of the first <sealed/>
 */
char *xim_xmlnode_sealed (xmlnode *message);

/**
 * xim_xmlnode_remove_readable:
 * Removes every envelope, body, html, subject, thread and unknown child
 * (section 7.3).
 */
void xim_xmlnode_remove_readable (xmlnode *message);

/**
 * xim_xmlnode_remove_bodies:
 * Removes what can be read, and envelopes, and leaves the rest: for a
 * <message/> of type error that came.
 */
void xim_xmlnode_remove_bodies (xmlnode *message);

/**
 * xim_xmlnode_insert_content:
 * @children: as XimContent has it
 * Errors: MALFORMED.
 */
gboolean xim_xmlnode_insert_content (xmlnode *message,
                                     const XimSecret *children,
                                     GError **error);

/**
 * xim_xmlnode_to:
 * Returns: (transfer none) (nullable): the address that @message goes to; NULL
 * when it has none, "" when it has several or one in a namespace, of which it
 * is not known what a server takes
 */
const char *xim_xmlnode_to (const xmlnode *message);

/**
 * xim_xmlnode_has_text:
 * Returns: whether libpurple would show a text of @message
 */
gboolean xim_xmlnode_has_text (xmlnode *message);

/**
 * xim_xmlnode_mark:
 * @mark: plain text
 * Puts @mark before every body, subject and html; where only a link would be
 * shown, a body with @mark is added.
 */
void xim_xmlnode_mark (xmlnode *message, const char *mark);

/**
 * xim_xmlnode_html:
 * Returns: (transfer full) (nullable): the text of @message as libpurple's
 * HTML, the formatted one when there is one
 */
char *xim_xmlnode_html (xmlnode *message);

/**
 * xim_xmlnode_delay:
 * Returns: the time of the server's <delay/> in seconds since 1970 UTC, or 0
 */
gint64 xim_xmlnode_delay (xmlnode *message);

/**
 * xim_xmlnode_set_delay:
 * Replaces every <delay/> by one of @time_s, so that windows and logs show it.
 */
void xim_xmlnode_set_delay (xmlnode *message, gint64 time_s);

/**
 * xim_xmlnode_invited:
 * @message: to a room or to a contact
 * Returns: (transfer none) (nullable): the address that @message invites
 */
const char *xim_xmlnode_invited (xmlnode *message);
