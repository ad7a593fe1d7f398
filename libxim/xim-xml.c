/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* libxml2's SAX interface with everything but elements taken away. */

#include "config.h"

#include "xim-xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "xim-error.h"
#include "xim-limits.h"

/* What libxml2's callbacks know. */
typedef struct
{
  xmlParserCtxt *parser;
  const XimXmlOps *ops;
  gpointer user_data;
  guint depth;
  GError *error;
} Reading;

/* libxml2 gives five pointers for each attribute. */
typedef struct
{
  const xmlChar *name;
  const xmlChar *prefix;
  const xmlChar *ns;
  const xmlChar *value;
  const xmlChar *end;
} Attribute;

/* The end of the tag whose `<` is before @text, and how many values its
 * attributes have; NULL if no well-formed tag goes on so.  A quote that does
 * not begin a value must not pass, or values and what is between them would
 * change places from there on. */
static const char *
scan_tag (const char *text, const char *end, guint *n_values)
{
  char quote = 0;
  char last = 0; /* that was no space */
  *n_values = 0;
  for (; text < end && *text != '<'; text++)
    if (quote != 0)
      quote = *text == quote ? 0 : quote;
    else if (*text == '>')
      return text;
    else if (*text != '\'' && *text != '"')
      last = g_ascii_isspace (*text) ? last : *text;
    else if (last != '=')
      return NULL;
    else
      {
        quote = *text;
        last = 0;
        ++*n_values;
      }
  return NULL;
}

/* What begins with the `<` before @tag: nothing but an element with few
 * attributes passes. */
static gboolean
check_tag (const char **tag, const char *end, GError **error)
{
  guint n_values = 0;
  const char *start = *tag;
  if (*start == '!' || *start == '?')
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected nothing but elements in the content, found <%c",
                   *start);
      return FALSE;
    }
  *tag = scan_tag (start, end, &n_values);
  if (*tag == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected tags with values behind = and an end");
      return FALSE;
    }
  if (n_values <= XIM_CONTENT_ATTRIBUTES_MAX)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
               "expected at most %d attributes of an element, found %u",
               XIM_CONTENT_ATTRIBUTES_MAX, n_values);
  return FALSE;
}

/* In well-formed XML `<` stands only where markup begins, so this leaves
 * nothing but elements: no DTD, entity, comment, CDATA, declaration or
 * processing instruction ever reaches libxml2.  Attributes are counted here
 * because libxml2 compares each one with all the others. */
static gboolean
check_markup (const char *text, gsize len, GError **error)
{
  const char *end = text + len;
  while ((text = memchr (text, '<', (gsize)(end - text))) != NULL)
    {
      text++;
      if (!check_tag (&text, end, error))
        return FALSE;
    }
  return TRUE;
}

/* The bytes with a NUL behind them, as libxml2 wants them: as an input that is
 * a string it reads them where they are and makes no copy. */
static XimSecret *
copy_text (const XimSecret *bytes, GError **error)
{
  gsize len = xim_secret_len (bytes);
  if (len > XIM_CONTENT_MAX)
    {
      g_set_error (
          error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
          "expected at most %d bytes of content, found %" G_GSIZE_FORMAT,
          XIM_CONTENT_MAX, len);
      return NULL;
    }
  const char *text = (const char *)xim_secret_peek (bytes);
  if (len == 0 || text[0] != '<' || !g_utf8_validate_len (text, len, NULL))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected content in UTF-8 that begins with <");
      return NULL;
    }
  XimSecret *copy = xim_secret_new (len + 1);
  memcpy (xim_secret_data (copy), text, len);
  return copy;
}

static const char *
ns_text (const xmlChar *ns)
{
  return ns != NULL ? (const char *)ns : "";
}

static void
on_start (void *data, const xmlChar *name, const xmlChar *prefix G_GNUC_UNUSED,
          const xmlChar *ns, int n_namespaces G_GNUC_UNUSED,
          const xmlChar **namespaces G_GNUC_UNUSED, int n_attributes,
          int n_defaulted G_GNUC_UNUSED, const xmlChar **attributes)
{
  Reading *reading = data;
  if (reading->error != NULL)
    return;
  XimXmlElement element = { (const char *)name,
                            ns_text (ns),
                            ++reading->depth,
                            { attributes, (guint)n_attributes } };
  gboolean goes_on = element.depth <= XIM_CONTENT_DEPTH_MAX;
  if (!goes_on)
    g_set_error (&reading->error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                 "expected elements at most %d deep, found more",
                 XIM_CONTENT_DEPTH_MAX);
  if (!goes_on
      || !reading->ops->start (reading->user_data, &element, &reading->error))
    xmlStopParser (reading->parser);
}

static void
on_end (void *data, const xmlChar *name, const xmlChar *prefix G_GNUC_UNUSED,
        const xmlChar *ns)
{
  Reading *reading = data;
  if (reading->error != NULL)
    return;
  const XimXmlElement element
      = { (const char *)name, ns_text (ns), reading->depth--, { NULL, 0 } };
  reading->ops->end (reading->user_data, &element);
}

static void
on_text (void *data, const xmlChar *text, int len)
{
  Reading *reading = data;
  if (reading->error == NULL)
    reading->ops->text (reading->user_data, (const char *)text, (gsize)len);
}

/* Without this libxml2 writes to standard error. */
static void
on_error (void *data G_GNUC_UNUSED, xmlErrorPtr error G_GNUC_UNUSED)
{
}

static void
parse (Reading *reading, const XimSecret *text)
{
  xmlSAXHandler handler = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .serror = on_error,
  };
  xmlParserCtxt *parser = xmlNewParserCtxt ();
  g_assert (parser != NULL);
  reading->parser = parser;
  *parser->sax = handler;
  parser->userData = reading;
  xmlCtxtUseOptions (parser, XML_PARSE_NONET);
  xmlParserInput *input
      = xmlNewStringInputStream (parser, xim_secret_peek (text));
  g_assert (input != NULL);
  inputPush (parser, input);
  xmlParseDocument (parser);
  if (reading->error == NULL && (!parser->wellFormed || !parser->nsWellFormed))
    g_set_error (&reading->error, XIM_ERROR, XIM_ERROR_MALFORMED,
                 "expected well-formed XML, libxml2 says error %d",
                 parser->errNo);
  xmlFreeParserCtxt (parser);
}

gboolean
xim_xml_read (const XimSecret *bytes, const XimXmlOps *ops, gpointer user_data,
              GError **error)
{
  g_autoptr (XimSecret) text = copy_text (bytes, error);
  if (text == NULL
      || !check_markup ((const char *)xim_secret_peek (text),
                        xim_secret_len (text) - 1, error))
    return FALSE;

  Reading reading = { .ops = ops, .user_data = user_data };
  parse (&reading, text);
  if (reading.error == NULL)
    return TRUE;
  g_propagate_error (error, reading.error);
  return FALSE;
}

const char *
xim_xml_attribute (const XimXmlAttributes *attributes, const char *name,
                   gsize *len)
{
  const Attribute *list = attributes->list;
  *len = 0;
  for (guint i = 0; i < attributes->n; i++)
    if (list[i].prefix == NULL
        && strcmp ((const char *)list[i].name, name) == 0)
      {
        *len = (gsize)(list[i].end - list[i].value);
        return (const char *)list[i].value;
      }
  return NULL;
}

static gboolean
is_lang (const Attribute *attribute)
{
  return strcmp ((const char *)attribute->name, "lang") == 0
         && strcmp (ns_text (attribute->ns), (const char *)XML_XML_NAMESPACE)
                == 0;
}

void
xim_xml_write_start (XimBuffer *out, const XimXmlElement *element,
                     const char *new_ns)
{
  xim_buffer_append_text (out, "<");
  xim_buffer_append_text (out, element->name);
  if (new_ns != NULL)
    xim_buffer_append_xml_attribute (out, "xmlns", new_ns, strlen (new_ns));
  const Attribute *list = element->attributes.list;
  for (guint i = 0; i < element->attributes.n; i++)
    {
      if (list[i].prefix != NULL && !is_lang (&list[i]))
        continue;
      xim_buffer_append_xml_attribute (
          out,
          list[i].prefix != NULL ? "xml:lang" : (const char *)list[i].name,
          (const char *)list[i].value, (gsize)(list[i].end - list[i].value));
    }
}
