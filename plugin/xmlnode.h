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
 * Returns: (transfer full): what belongs inside: the XML of body, html,
 * subject, thread, … each with its namespace; length 0 when there is nothing
 */
XimSecret *xim_xmlnode_take_content (xmlnode *message);

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
 * Removes every body, html, subject and unknown child (section 7.3).
 */
void xim_xmlnode_remove_readable (xmlnode *message);

/**
 * xim_xmlnode_insert_content:
 * @children: as XimContent has it
 * Errors: MALFORMED.
 */
gboolean xim_xmlnode_insert_content (xmlnode *message,
                                     const XimSecret *children,
                                     GError **error);

/**
 * xim_xmlnode_set_body:
 * Replaces every body by one with this plain text.
 */
void xim_xmlnode_set_body (xmlnode *message, const char *text);
