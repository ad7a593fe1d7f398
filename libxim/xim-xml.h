/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One strict XML reader for plain text: elements, attributes and characters.
 */

#pragma once

#include "xim-buffer.h"

/* The attributes of a start tag; valid during the call that shows them. */
typedef struct
{
  const void *list;
  guint n;
} XimXmlAttributes;

typedef struct
{
  const char *name;            /* without a prefix */
  const char *ns;              /* "" when it has none */
  guint depth;                 /* the root has 1 */
  XimXmlAttributes attributes; /* empty at the end of an element */
} XimXmlElement;

/* What the reader calls; @start may refuse, then nothing more is called. */
typedef struct
{
  gboolean (*start) (gpointer user_data, const XimXmlElement *element,
                     GError **error);
  void (*end) (gpointer user_data, const XimXmlElement *element);
  void (*text) (gpointer user_data, const char *text, gsize len);
} XimXmlOps;

/**
 * xim_xml_read:
 * @bytes: one element in UTF-8
 *
 * Takes elements, attributes, text and references to characters; no XML
 * declaration, DOCTYPE, comment, CDATA section or processing instruction.
 * Elements are at most XIM_CONTENT_DEPTH_MAX deep and have at most
 * XIM_CONTENT_ATTRIBUTES_MAX attributes.  Nothing global of libxml2 is
 * changed and nothing is printed.
 * Errors: MALFORMED; TOO_LARGE; those of @ops->start.
 */
gboolean xim_xml_read (const XimSecret *bytes, const XimXmlOps *ops,
                       gpointer user_data, GError **error);

/**
 * xim_xml_attribute:
 * @name: of an attribute without a prefix
 * Returns: (transfer none) (nullable): its value, @len bytes not ended by NUL
 */
const char *xim_xml_attribute (const XimXmlAttributes *attributes,
                               const char *name, gsize *len);

/**
 * xim_xml_write_start:
 * @new_ns: (nullable): a namespace to declare as the default one
 *
 * Writes a start tag without its `>`.  Of the attributes those without a
 * prefix and xml:lang are written.
 */
void xim_xml_write_start (XimBuffer *out, const XimXmlElement *element,
                          const char *new_ns);
