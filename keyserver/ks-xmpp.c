/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The XML of a component's stream, read piece by piece; the only file that
   knows libxml2. */

#include "config.h"

#include "ks-xmpp.h"

#include <libxml/parser.h>
#include <string.h>

#include "xim-error.h"

#define NS_STREAM "http://etherx.jabber.org/streams"
#define VALUE_MAX 4096 /* bytes of an attribute that is kept */

/* libxml2 remembers every name it ever saw; a fresh parser after this many
 * bytes forgets them. */
#define PARSER_BYTES_MAX (1024 * 1024)
#define HEADER "<s:s xmlns:s='" NS_STREAM "' xmlns='jabber:component:accept'>"

struct _XimKsXmpp
{
  const XimKsXmppOps *ops;
  gpointer user_data;
  gsize stanza_max;

  xmlParserCtxtPtr parser;
  gsize parser_bytes;
  gboolean resumed; /* this parser was fed HEADER, not the server's */
  guint depth;      /* open elements */
  gsize stanza_bytes;
  XimKsStanza stanza;
  GError *error;
};

static void
stanza_clear (XimKsStanza *stanza)
{
  g_free (stanza->name);
  g_free (stanza->ns);
  g_free (stanza->type);
  g_free (stanza->id);
  g_free (stanza->from);
  g_free (stanza->to);
  g_free (stanza->child);
  g_free (stanza->child_ns);
  g_free (stanza->child_node);
  g_free (stanza->child_digest);
  memset (stanza, 0, sizeof *stanza);
}

/* libxml2 gives attributes as five pointers each: name, prefix, namespace,
 * begin and end of the value. */
static char *
attribute (const xmlChar **attributes, int n, const char *name)
{
  for (int i = 0; i < n; i++)
    {
      const char *const *five = (const char *const *)(attributes + 5 * i);
      gsize len = (gsize)(five[4] - five[3]);
      if (five[1] == NULL && strcmp (five[0], name) == 0 && len <= VALUE_MAX)
        return g_strndup (five[3], len);
    }
  return NULL;
}

static char *
copy (const xmlChar *text)
{
  return g_strdup ((const char *)text);
}

static void
begin_stream (XimKsXmpp *xmpp, const xmlChar *name, const xmlChar *ns,
              const xmlChar **attributes, int n)
{
  if (xmpp->resumed)
    return;
  if (g_strcmp0 ((const char *)name, "stream") != 0
      || g_strcmp0 ((const char *)ns, NS_STREAM) != 0)
    {
      g_set_error (&xmpp->error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected the header of an XMPP stream");
      xmlStopParser (xmpp->parser);
      return;
    }
  g_autofree char *id = attribute (attributes, n, "id");
  xmpp->ops->opened (id, xmpp->user_data);
}

static void
begin_stanza (XimKsXmpp *xmpp, const xmlChar *name, const xmlChar *ns,
              const xmlChar **attributes, int n)
{
  stanza_clear (&xmpp->stanza);
  xmpp->stanza.name = copy (name);
  xmpp->stanza.ns = copy (ns);
  xmpp->stanza.type = attribute (attributes, n, "type");
  xmpp->stanza.id = attribute (attributes, n, "id");
  xmpp->stanza.from = attribute (attributes, n, "from");
  xmpp->stanza.to = attribute (attributes, n, "to");
}

static void
begin_child (XimKsXmpp *xmpp, const xmlChar *name, const xmlChar *ns,
             const xmlChar **attributes, int n)
{
  XimKsStanza *stanza = &xmpp->stanza;
  if (stanza->n_children++ > 0)
    return;
  stanza->child = copy (name);
  stanza->child_ns = copy (ns);
  stanza->child_node = attribute (attributes, n, "node");
  stanza->child_digest = attribute (attributes, n, "digest");
}

static void
start_element (void *user_data, const xmlChar *name, const xmlChar *prefix,
               const xmlChar *ns, int n_namespaces, const xmlChar **namespaces,
               int n_attributes, int n_defaulted, const xmlChar **attributes)
{
  (void)prefix, (void)n_namespaces, (void)namespaces, (void)n_defaulted;
  XimKsXmpp *xmpp = user_data;
  if (xmpp->error != NULL)
    return;
  if (xmpp->depth == 0)
    begin_stream (xmpp, name, ns, attributes, n_attributes);
  else if (xmpp->depth == 1)
    begin_stanza (xmpp, name, ns, attributes, n_attributes);
  else if (xmpp->depth == 2)
    begin_child (xmpp, name, ns, attributes, n_attributes);
  xmpp->depth++;
}

static void
end_element (void *user_data, const xmlChar *name, const xmlChar *prefix,
             const xmlChar *ns)
{
  (void)name, (void)prefix, (void)ns;
  XimKsXmpp *xmpp = user_data;
  if (xmpp->error != NULL)
    return;
  xmpp->depth--;
  if (xmpp->depth == 1)
    {
      xmpp->stanza.bytes = xmpp->stanza_bytes;
      xmpp->stanza_bytes = 0;
      xmpp->ops->stanza (&xmpp->stanza, xmpp->user_data);
      stanza_clear (&xmpp->stanza);
    }
  else if (xmpp->depth == 0)
    xmpp->ops->closed (xmpp->user_data);
}

/* RFC 6120 11.1 forbids them, and they are how XML grows without bound. */
static void
refuse_subset (void *user_data, const xmlChar *name, const xmlChar *public_id,
               const xmlChar *system_id)
{
  (void)name, (void)public_id, (void)system_id;
  XimKsXmpp *xmpp = user_data;
  if (xmpp->error == NULL)
    g_set_error (&xmpp->error, XIM_ERROR, XIM_ERROR_MALFORMED,
                 "expected a stream without a document type");
  xmlStopParser (xmpp->parser);
}

static xmlParserCtxtPtr
parser_new (XimKsXmpp *xmpp)
{
  xmlSAXHandler handler = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = start_element,
    .endElementNs = end_element,
    .internalSubset = refuse_subset,
  };
  xmlParserCtxtPtr parser
      = xmlCreatePushParserCtxt (&handler, xmpp, NULL, 0, NULL);
  g_assert (parser != NULL);
  xmlCtxtUseOptions (parser, XML_PARSE_NONET | XML_PARSE_NOENT
                                 | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  return parser;
}

XimKsXmpp *
xim_ks_xmpp_new (const XimKsXmppOps *ops, gpointer user_data, gsize stanza_max)
{
  XimKsXmpp *xmpp = g_new0 (XimKsXmpp, 1);
  xmpp->ops = ops;
  xmpp->user_data = user_data;
  xmpp->stanza_max = stanza_max;
  xmpp->parser = parser_new (xmpp);
  return xmpp;
}

void
xim_ks_xmpp_free (XimKsXmpp *xmpp)
{
  if (xmpp == NULL)
    return;
  xmlFreeParserCtxt (xmpp->parser);
  stanza_clear (&xmpp->stanza);
  g_clear_error (&xmpp->error);
  g_free (xmpp);
}

/* Only between two stanzas, with nothing left in the old parser. */
static void
renew_parser (XimKsXmpp *xmpp)
{
  const xmlParserInput *input = xmpp->parser->input;
  if (xmpp->parser_bytes < PARSER_BYTES_MAX || xmpp->depth != 1
      || input == NULL || input->cur != input->end)
    return;
  xmlFreeParserCtxt (xmpp->parser);
  xmpp->parser = parser_new (xmpp);
  xmpp->parser_bytes = 0;
  xmpp->resumed = TRUE;
  xmpp->depth = 0;
  xmlParseChunk (xmpp->parser, HEADER, (int)strlen (HEADER), 0);
}

gboolean
xim_ks_xmpp_feed (XimKsXmpp *xmpp, const char *data, gsize len, GError **error)
{
  xmpp->stanza_bytes += len;
  xmpp->parser_bytes += len;
  int result = xmlParseChunk (xmpp->parser, data, (int)len, 0);
  if (xmpp->error == NULL && result != XML_ERR_OK && !xmpp->parser->wellFormed)
    g_set_error (&xmpp->error, XIM_ERROR, XIM_ERROR_MALFORMED,
                 "the stream is not well-formed XML (libxml2 says %d)",
                 result);
  if (xmpp->depth <= 1)
    xmpp->stanza_bytes = 0;
  if (xmpp->error == NULL && xmpp->stanza_bytes > xmpp->stanza_max)
    g_set_error (&xmpp->error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                 "expected stanzas of at most %" G_GSIZE_FORMAT " bytes",
                 xmpp->stanza_max);
  if (xmpp->error != NULL)
    {
      g_propagate_error (error, g_error_copy (xmpp->error));
      return FALSE;
    }
  renew_parser (xmpp);
  return TRUE;
}
