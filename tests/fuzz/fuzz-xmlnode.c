/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes plugin/xmlnode.c: stanzas of other plugins and of strangers. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "plugin/xmlnode.h"
#include "tests/headless.h"

#define NS_CLIENT "jabber:client"
#define NS_DELAY "urn:xmpp:delay"
#define MARK "[mark] "
#define TIME_S 1795428000

/* Section 5.2, written down once more. */
static const char *const outside[][2] = {
  { "active", "http://jabber.org/protocol/chatstates" },
  { "composing", "http://jabber.org/protocol/chatstates" },
  { "paused", "http://jabber.org/protocol/chatstates" },
  { "inactive", "http://jabber.org/protocol/chatstates" },
  { "gone", "http://jabber.org/protocol/chatstates" },
  { "delay", NS_DELAY },
  { "x", "jabber:x:delay" },
  { "origin-id", "urn:xmpp:sid:0" },
  { "stanza-id", "urn:xmpp:sid:0" },
  { "store", "urn:xmpp:hints" },
  { "no-store", "urn:xmpp:hints" },
  { "no-copy", "urn:xmpp:hints" },
  { "no-permanent-store", "urn:xmpp:hints" },
  { "private", "urn:xmpp:carbons:2" },
};

static const char *
namespace_of (const xmlnode *node)
{
  for (; node != NULL; node = node->parent)
    if (node->xmlns != NULL)
      return node->xmlns;
  return NS_CLIENT;
}

static gboolean
is_a (const xmlnode *node, const char *name, const char *ns)
{
  return node->type == XMLNODE_TYPE_TAG && strcmp (node->name, name) == 0
         && strcmp (namespace_of (node), ns) == 0;
}

static gboolean
may_stand_outside (const xmlnode *node)
{
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++)
    if (is_a (node, outside[i][0], outside[i][1]))
      return TRUE;
  return FALSE;
}

static guint
n_named (const xmlnode *message, const char *name)
{
  guint n = 0;
  for (const xmlnode *child = message->child; child; child = child->next)
    n += child->type == XMLNODE_TYPE_TAG && strcmp (child->name, name) == 0;
  return n;
}

static gboolean
is_in (const char *word, const char *const *words)
{
  return g_strv_contains (words, word);
}

/* An element outside says nothing but by its name and a few attributes; a
 * thread is a bare text. */
static void
check_outside_child (const xmlnode *child)
{
  static const char *const names[]
      = { "id", "by", "from", "stamp", "parent", NULL };
  gboolean thread = is_a (child, "thread", NS_CLIENT);
  g_assert_true (thread || may_stand_outside (child));
  g_assert_true (child->prefix == NULL && child->namespace_map == NULL);
  for (const xmlnode *part = child->child; part != NULL; part = part->next)
    if (part->type == XMLNODE_TYPE_ATTRIB)
      g_assert_true (is_in (part->name, names) && part->prefix == NULL);
    else
      g_assert_true (thread && part->type == XMLNODE_TYPE_DATA);
}

static void
check_outside (const xmlnode *message, gboolean threads)
{
  static const char *const names[]
      = { "to", "from", "type", "id", "lang", NULL };
  g_assert_true (!threads
                 || (message->prefix == NULL && message->namespace_map == NULL
                     && strcmp (namespace_of (message), NS_CLIENT) == 0));
  for (const xmlnode *child = message->child; child; child = child->next)
    if (child->type == XMLNODE_TYPE_ATTRIB)
      g_assert_true (!threads
                     || (is_in (child->name, names)
                         && (child->prefix == NULL
                             || strcmp (child->prefix, "xml") == 0)));
    else
      check_outside_child (child);
  g_assert_true (threads || n_named (message, "thread") == 0);
}

static gboolean
has_prefix (const xmlnode *node)
{
  if (node->prefix != NULL && strcmp (node->prefix, "xml") != 0)
    return TRUE;
  for (const xmlnode *child = node->child; child; child = child->next)
    if (has_prefix (child))
      return TRUE;
  return FALSE;
}

/* What is sealed comes back as it was, and nothing of it stays outside. */
static void
seal (const xmlnode *whole)
{
  g_autoptr (GError) error = NULL;
  gboolean lost = FALSE;
  xmlnode *message = xmlnode_copy (whole);
  xmlnode *opened = xmlnode_new ("message");
  g_autoptr (XimSecret) content = xim_xmlnode_take_content (message, &lost);
  check_outside (message, TRUE);
  if (xim_xmlnode_insert_content (opened, content, &error))
    {
      g_autoptr (XimSecret) again = xim_xmlnode_take_content (opened, &lost);
      gsize len = xim_secret_len (content);
      g_assert_false (lost);
      g_assert_true (has_prefix (whole) || xim_secret_len (again) == len);
    }
  else
    g_assert_true (has_prefix (whole));
  xim_xmlnode_set_sealed (message, "QUJD");
  g_autofree char *sealed = xim_xmlnode_sealed (message);
  g_assert_cmpstr (sealed, ==, "QUJD");
  g_assert_cmpuint (n_named (message, "body"), ==, 1);
  xmlnode_free (opened);
  xmlnode_free (message);
}

static void
check_nothing_shown (xmlnode *message)
{
  g_assert_false (xim_xmlnode_has_text (message));
  g_assert_null (xim_xmlnode_html (message));
  g_assert_null (xim_xmlnode_sealed (message));
  g_assert_null (xim_xmlnode_invited (message));
  g_assert_cmpuint (n_named (message, "body"), ==, 0);
  g_assert_cmpuint (n_named (message, "html"), ==, 0);
  g_assert_cmpuint (n_named (message, "subject"), ==, 0);
}

static void
strip (const xmlnode *whole)
{
  xmlnode *message = xmlnode_copy (whole);
  xim_xmlnode_remove_readable (message);
  check_outside (message, FALSE);
  check_nothing_shown (message);
  xmlnode_free (message);
  message = xmlnode_copy (whole);
  xim_xmlnode_remove_bodies (message);
  check_nothing_shown (message);
  xmlnode_free (message);
}

/* Whatever of @whole would be shown begins with the mark. */
static void
mark (const xmlnode *whole)
{
  xmlnode *message = xmlnode_copy (whole);
  gboolean has_text = xim_xmlnode_has_text (message);
  xim_xmlnode_mark (message, MARK);
  g_autofree char *html = xim_xmlnode_html (message);
  g_assert_true (!has_text || (html != NULL && strstr (html, MARK) != NULL));
  for (xmlnode *child = message->child; child != NULL; child = child->next)
    if (is_a (child, "body", NS_CLIENT) || is_a (child, "subject", NS_CLIENT))
      {
        g_autofree char *text = xmlnode_get_data (child);
        g_assert_true (g_str_has_prefix (text, MARK));
      }
  xmlnode_free (message);
}

static void
delay (const xmlnode *whole)
{
  xmlnode *message = xmlnode_copy (whole);
  (void)xim_xmlnode_delay (message);
  xim_xmlnode_set_delay (message, TIME_S);
  g_assert_cmpint (xim_xmlnode_delay (message), ==, TIME_S);
  guint n = 0;
  for (xmlnode *child = message->child; child != NULL; child = child->next)
    n += is_a (child, "delay", NS_DELAY)
         || is_a (child, "x", "jabber:x:delay");
  g_assert_cmpuint (n, ==, 1);
  xmlnode_free (message);
}

static void
insert (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) children = xim_secret_new (size);
  xmlnode *message = xmlnode_new ("message");
  if (size > 0)
    memcpy (xim_secret_data (children), data, size);
  gboolean ok = xim_xmlnode_insert_content (message, children, &error);
  g_assert_true (ok == (error == NULL));
  if (!ok)
    g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  xmlnode_free (message);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gboolean started;
  if (!started)
    {
      g_assert_true (xim_secret_init (NULL));
      headless_start ();
      atexit (headless_stop);
      started = TRUE;
    }
  insert (data, size);
  xmlnode *whole
      = size > 0 ? xmlnode_from_str ((const char *)data, (gssize)size) : NULL;
  if (whole == NULL)
    return 0;
  seal (whole);
  strip (whole);
  mark (whole);
  delay (whole);
  (void)xim_xmlnode_to (whole);
  (void)xim_xmlnode_invited (whole);
  xmlnode_free (whole);
  return 0;
}
