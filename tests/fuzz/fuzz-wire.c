/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes plugin/wire.c: what other plugins write to the stream. */

#include "config.h"

#include <libxml/parser.h>
#include <string.h>

#include "fuzz.h"
#include "plugin/verdict.h"
#include "plugin/wire.h"
#include "tests/world.h"

static WorldClient *client;
static XimVerdict *verdict;

/* Its keys are locked, so that nothing to a person may go. */
static void
start (void)
{
  g_assert_true (xim_secret_init (NULL));
  world_start ();
  atexit (world_stop);
  client = world_client_new (WORLD_ALICE, 'a');
  world_lock (client);
  verdict = xim_verdict_new (
      client->account, client->keystore, client->enrol, client->store,
      client->peers,
      xim_sealer_new (WORLD_ALICE, client->enrol, client->peers));
}

/* A server's view of the stream. */
typedef struct
{
  guint depth;
  guint n_messages; /* stanzas that a person may read */
} View;

static gboolean
is_service (const char *to)
{
  return to != NULL && *to != '\0' && *to != '/'
         && memchr (to, '@', strcspn (to, "/")) == NULL;
}

static void
start_element (void *data, const xmlChar *name, const xmlChar *prefix,
               const xmlChar *uri, int n_namespaces,
               const xmlChar **namespaces, int n_attributes, int n_defaulted,
               const xmlChar **attributes)
{
  View *view = data;
  (void)prefix, (void)uri, (void)n_namespaces, (void)namespaces;
  (void)n_defaulted;
  if (++view->depth != 2 || strcmp ((const char *)name, "message") != 0)
    return;
  /* Five each: name, prefix, namespace, begin, end. */
  g_autofree char *to = NULL;
  for (int i = 0; i < n_attributes; i++, attributes += 5)
    if (strcmp ((const char *)attributes[0], "to") == 0
        && attributes[2] == NULL)
      to = g_strndup ((const char *)attributes[3],
                      (gsize)(attributes[4] - attributes[3]));
  view->n_messages += !is_service (to);
}

static void
end_element (void *data, const xmlChar *name, const xmlChar *prefix,
             const xmlChar *uri)
{
  View *view = data;
  (void)name, (void)prefix, (void)uri;
  view->depth--;
}

/* A server takes each stanza of a stream until there is an error. */
static guint
n_messages (const char *text)
{
  static const char head[] = "<s:s xmlns='jabber:client' xmlns:s='urn:s'>";
  xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
                        .startElementNs = start_element,
                        .endElementNs = end_element };
  View view = { 0, 0 };
  xmlParserCtxt *context
      = xmlCreatePushParserCtxt (&sax, &view, head, strlen (head), NULL);
  xmlCtxtUseOptions (context, XML_PARSE_NONET);
  xmlParseChunk (context, text, (int)strlen (text), 0);
  xmlParseChunk (context, "</s:s>", 6, 1);
  xmlFreeParserCtxt (context);
  return view.n_messages;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (client == NULL)
    start ();
  g_autofree char *text = g_strndup ((const char *)data, size);
  XimWire *wire = xim_wire_new (verdict);
  gboolean allowed = xim_wire_allows (wire, text);
  xim_wire_free (wire);
  if (allowed && n_messages (text) > 0)
    g_error ("a message to a person went: %s", text);
  return 0;
}
