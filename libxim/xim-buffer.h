/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A secret that grows while text is written into it. */

#pragma once

#include "xim-secret.h"

/**
 * XimBuffer:
 * Bytes in a #XimSecret that is replaced by a larger one when it is full; the
 * smaller one is wiped.
 */
typedef struct _XimBuffer XimBuffer;

/**
 * xim_buffer_new:
 * @max_len: most bytes that may be written
 */
XimBuffer *xim_buffer_new (gsize max_len);
void xim_buffer_free (XimBuffer *buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimBuffer, xim_buffer_free)

/**
 * xim_buffer_append:
 * Writes @len bytes.  What would pass the limit is not written, nor is
 * anything after it, and xim_buffer_finish() says so.
 */
void xim_buffer_append (XimBuffer *buffer, const void *data, gsize len);
void xim_buffer_append_text (XimBuffer *buffer, const char *text);

/**
 * xim_buffer_append_xml_text:
 * Writes @len bytes of UTF-8 as XML character data: `&`, `<`, `>` and carriage
 * returns as references.
 */
void xim_buffer_append_xml_text (XimBuffer *buffer, const char *text,
                                 gsize len);

/**
 * xim_buffer_append_xml_attribute:
 * Writes a space, @name, and @len bytes of UTF-8 as its value in single
 * quotes: `&`, `<`, `>`, `'`, tabs and line ends as references.
 */
void xim_buffer_append_xml_attribute (XimBuffer *buffer, const char *name,
                                      const char *value, gsize len);

/**
 * xim_buffer_finish:
 * @buffer: (transfer full)
 * Errors: TOO_LARGE, more than the limit was written.
 * Returns: (transfer full): what was written
 */
XimSecret *xim_buffer_finish (XimBuffer *buffer, GError **error);
