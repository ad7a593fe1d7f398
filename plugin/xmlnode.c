/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* libpurple's xmlnode to UTF-8 and back, and what may stay outside. */

#include "config.h"

#include "xmlnode.h"

#include <string.h>

#define NS_CLIENT "jabber:client"
#define NS_XHTML_IM "http://jabber.org/protocol/xhtml-im"
#define NS_XHTML "http://www.w3.org/1999/xhtml"
#define NS_CORRECT "urn:xmpp:message-correct:0"
#define NS_RECEIPTS "urn:xmpp:receipts"
#define NS_MARKERS "urn:xmpp:chat-markers:0"
#define NS_REPLY "urn:xmpp:reply:0"
#define NS_REACTIONS "urn:xmpp:reactions:0"
#define NS_STATES "http://jabber.org/protocol/chatstates"
#define NS_DELAY "urn:xmpp:delay"
#define NS_OLD_DELAY "jabber:x:delay"
#define NS_HINTS "urn:xmpp:hints"
#define NS_IDS "urn:xmpp:sid:0"
#define NS_CARBONS "urn:xmpp:carbons:2"
#define NS_EME "urn:xmpp:eme:0"
#define NS_OOB "jabber:x:oob"
#define NS_MUC_USER "http://jabber.org/protocol/muc#user"
#define NS_CONFERENCE "jabber:x:conference"

/* For the reader of a client without X-IM; the same in every language, so that
 * a stanza is the same whenever it is made. */
#define FALLBACK                                                              \
  "This message is encrypted with X-IM. To read it, use a client that has "   \
  "X-IM, for example Pidgin or Finch with the X-IM plugin."

typedef struct
{
  const char *name;
  const char *ns;
} Name;

/* Section 5.1: what is sealed. */
static const Name inside[] = {
  { "body", NS_CLIENT },          { "html", NS_XHTML_IM },
  { "subject", NS_CLIENT },       { "thread", NS_CLIENT },
  { "replace", NS_CORRECT },      { "request", NS_RECEIPTS },
  { "received", NS_RECEIPTS },    { "markable", NS_MARKERS },
  { "received", NS_MARKERS },     { "displayed", NS_MARKERS },
  { "acknowledged", NS_MARKERS }, { "reply", NS_REPLY },
  { "reactions", NS_REACTIONS },
};

/* Section 5.2: what stands outside; kept without any text of its own, but for
 * a thread, which is sealed too. */
static const Name outside[] = {
  { "thread", NS_CLIENT },    { "active", NS_STATES },
  { "composing", NS_STATES }, { "paused", NS_STATES },
  { "inactive", NS_STATES },  { "gone", NS_STATES },
  { "delay", NS_DELAY },      { "x", NS_OLD_DELAY },
  { "origin-id", NS_IDS },    { "stanza-id", NS_IDS },
  { "store", NS_HINTS },      { "no-store", NS_HINTS },
  { "no-copy", NS_HINTS },    { "no-permanent-store", NS_HINTS },
  { "private", NS_CARBONS },
};

/* Attributes that elements outside may have, without a prefix. */
static const char *const outside_attributes[]
    = { "id", "by", "from", "stamp" };
static const char *const thread_attributes[] = { "parent" };
static const char *const message_attributes[]
    = { "to", "from", "type", "id", "lang" };

/* What libpurple makes has no namespace at all where the stream's is meant. */
static const char *
namespace_of (const xmlnode *node)
{
  for (; node != NULL; node = node->parent)
    if (node->xmlns != NULL)
      return node->xmlns;
  return NS_CLIENT;
}

static gboolean
is_named (const xmlnode *node, const char *name, const char *ns)
{
  return node->type == XMLNODE_TYPE_TAG && purple_strequal (node->name, name)
         && strcmp (namespace_of (node), ns) == 0;
}

static gboolean
is_one_of (const xmlnode *node, const Name *names, gsize n_names)
{
  for (gsize i = 0; i < n_names; i++)
    if (is_named (node, names[i].name, names[i].ns))
      return TRUE;
  return FALSE;
}

static gboolean
keeps_attribute (const xmlnode *attribute, const char *const *names,
                 gsize n_names)
{
  if (attribute->prefix != NULL && strcmp (attribute->prefix, "xml") != 0)
    return FALSE;
  for (gsize i = 0; i < n_names; i++)
    if (strcmp (attribute->name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

/* A prefix and what it is declared for are free texts.  The namespace of the
 * node itself stays, and is written out without them. */
static void
drop_prefixes (xmlnode *node)
{
  g_clear_pointer (&node->namespace_map, g_hash_table_destroy);
  xmlnode_set_prefix (node, NULL);
}

/* xmlnode_remove_attrib() leaves a dangling pointer when the attribute is not
 * the first one; freeing the node takes it out of the tree properly. */
static void
keep_attributes (xmlnode *node, const char *const *names, gsize n_names)
{
  xmlnode *next;

  drop_prefixes (node);
  for (xmlnode *child = node->child; child != NULL; child = next)
    {
      next = child->next;
      if (child->type == XMLNODE_TYPE_ATTRIB
          && !keeps_attribute (child, names, n_names))
        xmlnode_free (child);
    }
}

static void
empty (xmlnode *node)
{
  xmlnode *next;

  for (xmlnode *child = node->child; child != NULL; child = next)
    {
      next = child->next;
      if (child->type != XMLNODE_TYPE_ATTRIB)
        xmlnode_free (child);
    }
  keep_attributes (node, outside_attributes,
                   G_N_ELEMENTS (outside_attributes));
}

/* The name of a thread is its text; nothing else of it stands outside. */
static void
bare (xmlnode *thread)
{
  xmlnode *next;

  for (xmlnode *child = thread->child; child != NULL; child = next)
    {
      next = child->next;
      if (child->type == XMLNODE_TYPE_TAG)
        xmlnode_free (child);
    }
  keep_attributes (thread, thread_attributes,
                   G_N_ELEMENTS (thread_attributes));
}

static void
wipe_and_free (char *text)
{
  if (text != NULL)
    xim_secret_wipe (text, strlen (text));
  g_free (text);
}

/* A copy has no parent, so that its namespace is written out; a node that
 * declares prefixes writes none but those that it declares. */
static void
append_serialised (GString *out, const xmlnode *node)
{
  xmlnode *copy = xmlnode_copy (node);
  char *text;

  xmlnode_set_namespace (copy, namespace_of (node));
  xmlnode_set_prefix (copy, NULL);
  if (copy->namespace_map != NULL)
    g_hash_table_replace (copy->namespace_map, g_strdup (""),
                          g_strdup (copy->xmlns));
  text = xmlnode_to_str (copy, NULL);
  g_string_append (out, text);
  wipe_and_free (text);
  xmlnode_free (copy);
}

/* Keeps what may stand outside, frees the rest. */
static void
reduce (xmlnode *message, gboolean keep_thread)
{
  xmlnode *next;

  for (xmlnode *child = message->child; child != NULL; child = next)
    {
      const gboolean thread = is_named (child, "thread", NS_CLIENT);
      next = child->next;
      if (child->type == XMLNODE_TYPE_ATTRIB)
        continue;
      if (thread && keep_thread)
        bare (child);
      else if (thread || !is_one_of (child, outside, G_N_ELEMENTS (outside)))
        xmlnode_free (child);
      else
        empty (child);
    }
}

XimSecret *
xim_xmlnode_take_content (xmlnode *message, gboolean *lost)
{
  GString *content = g_string_sized_new (4096);
  gboolean dropped = FALSE;
  XimSecret *secret;

  for (xmlnode *child = message->child; child != NULL; child = child->next)
    if (is_one_of (child, inside, G_N_ELEMENTS (inside)))
      append_serialised (content, child);
    else if (child->type != XMLNODE_TYPE_ATTRIB
             && !is_one_of (child, outside, G_N_ELEMENTS (outside)))
      dropped = TRUE;
  reduce (message, TRUE);
  if (message->xmlns != NULL && strcmp (message->xmlns, NS_CLIENT) != 0)
    xmlnode_set_namespace (message, NULL);
  keep_attributes (message, message_attributes,
                   G_N_ELEMENTS (message_attributes));
  secret = xim_secret_new_take ((guint8 *)content->str, content->len);
  g_string_free (content, TRUE);
  if (lost != NULL)
    *lost = dropped;
  return secret;
}

static xmlnode *
add_child (xmlnode *parent, const char *name, const char *ns)
{
  xmlnode *child = xmlnode_new_child (parent, name);

  if (ns != NULL)
    xmlnode_set_namespace (child, ns);
  return child;
}

static void
remove_hints (xmlnode *message)
{
  xmlnode *next;

  for (xmlnode *child = message->child; child != NULL; child = next)
    {
      next = child->next;
      if (is_named (child, "store", NS_HINTS)
          || is_named (child, "no-store", NS_HINTS)
          || is_named (child, "no-permanent-store", NS_HINTS))
        xmlnode_free (child);
    }
}

void
xim_xmlnode_set_sealed (xmlnode *message, const char *base64)
{
  xmlnode *encryption;

  remove_hints (message);
  xmlnode_insert_data (add_child (message, "sealed", XIM_NS_ENVELOPE), base64,
                       -1);
  encryption = add_child (message, "encryption", NS_EME);
  xmlnode_set_attrib (encryption, "namespace", XIM_NS_ENVELOPE);
  xmlnode_set_attrib (encryption, "name", "X-IM");
  add_child (message, "store", NS_HINTS);
  xmlnode_insert_data (add_child (message, "body", NULL), FALLBACK, -1);
}

char *
xim_xmlnode_sealed (xmlnode *message)
{
  for (xmlnode *child = message->child; child != NULL; child = child->next)
    if (is_named (child, "sealed", XIM_NS_ENVELOPE))
      {
        char *text = xmlnode_get_data (child);
        return text != NULL ? text : g_strdup ("");
      }
  return NULL;
}

void
xim_xmlnode_remove_readable (xmlnode *message)
{
  reduce (message, FALSE);
}

void
xim_xmlnode_remove_bodies (xmlnode *message)
{
  xmlnode *next;

  for (xmlnode *child = message->child; child != NULL; child = next)
    {
      next = child->next;
      if (child->type != XMLNODE_TYPE_ATTRIB
          && !is_named (child, "error", NS_CLIENT)
          && !is_one_of (child, outside, G_N_ELEMENTS (outside)))
        xmlnode_free (child);
    }
}

gboolean
xim_xmlnode_insert_content (xmlnode *message, const XimSecret *children,
                            GError **error)
{
  g_autoptr (GString) text = g_string_new ("<content xmlns='" NS_CLIENT "'>");
  xmlnode *content;

  g_string_append_len (text, (const char *)xim_secret_peek (children),
                       (gssize)xim_secret_len (children));
  g_string_append (text, "</content>");
  content = xmlnode_from_str (text->str, (gssize)text->len);
  xim_secret_wipe (text->str, text->len);
  if (content == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected well-formed children of a content, got "
                           "what libpurple cannot read");
      return FALSE;
    }
  for (xmlnode *child = content->child; child != NULL; child = child->next)
    if (child->type == XMLNODE_TYPE_TAG)
      xmlnode_insert_child (message, xmlnode_copy (child));
  xmlnode_free (content);
  return TRUE;
}

const char *
xim_xmlnode_to (const xmlnode *message)
{
  const xmlnode *to = NULL;

  for (const xmlnode *child = message->child; child != NULL;
       child = child->next)
    if (child->type == XMLNODE_TYPE_ATTRIB && strcmp (child->name, "to") == 0)
      {
        if (to != NULL || child->prefix != NULL || child->xmlns != NULL)
          return "";
        to = child;
      }
  return to != NULL ? to->data : NULL;
}

gboolean
xim_xmlnode_has_text (xmlnode *message)
{
  static const Name shown[] = { { "body", NS_CLIENT },
                                { "subject", NS_CLIENT },
                                { "html", NS_XHTML_IM },
                                { "x", NS_OOB } };

  for (xmlnode *child = message->child; child != NULL; child = child->next)
    if (is_one_of (child, shown, G_N_ELEMENTS (shown)))
      return TRUE;
  return FALSE;
}

/* xmlnode can only append; the order of attributes and text is free. */
static void
put_first (xmlnode *node, const char *text)
{
  xmlnode *last = node->lastchild;

  xmlnode_insert_data (node, text, -1);
  if (last == NULL)
    return;
  xmlnode *data = node->lastchild;
  last->next = NULL;
  node->lastchild = last;
  data->next = node->child;
  node->child = data;
}

void
xim_xmlnode_mark (xmlnode *message, const char *mark)
{
  gboolean has_body = FALSE;

  for (xmlnode *child = message->child; child != NULL; child = child->next)
    if (is_named (child, "body", NS_CLIENT)
        || is_named (child, "subject", NS_CLIENT))
      {
        has_body |= is_named (child, "body", NS_CLIENT);
        put_first (child, mark);
      }
    else if (is_named (child, "html", NS_XHTML_IM))
      for (xmlnode *body = child->child; body != NULL; body = body->next)
        if (body->type == XMLNODE_TYPE_TAG)
          put_first (body, mark);
  if (!has_body && xim_xmlnode_has_text (message))
    put_first (add_child (message, "body", NS_CLIENT), mark);
}

/* As libpurple does: a line feed in XHTML is white space. */
static char *
formatted (xmlnode *html)
{
  xmlnode *body = xmlnode_get_child_with_namespace (html, "body", NS_XHTML);

  if (body == NULL)
    return NULL;
  return g_strdelimit (xmlnode_to_str (body, NULL), "\n", ' ');
}

static char *
escaped (xmlnode *body)
{
  g_autofree char *text = xmlnode_get_data (body);
  g_autofree char *markup
      = text != NULL ? purple_markup_escape_text (text, -1) : NULL;

  return markup != NULL ? purple_strdup_withhtml (markup) : NULL;
}

char *
xim_xmlnode_html (xmlnode *message)
{
  char *plain = NULL;

  for (xmlnode *child = message->child; child != NULL; child = child->next)
    if (plain == NULL && is_named (child, "body", NS_CLIENT))
      plain = escaped (child);
    else if (is_named (child, "html", NS_XHTML_IM))
      {
        char *html = formatted (child);
        if (html == NULL)
          continue;
        g_free (plain);
        return html;
      }
  return plain;
}

static gboolean
is_delay (const xmlnode *node)
{
  return is_named (node, "delay", NS_DELAY)
         || is_named (node, "x", NS_OLD_DELAY);
}

gint64
xim_xmlnode_delay (xmlnode *message)
{
  for (xmlnode *child = message->child; child != NULL; child = child->next)
    if (is_delay (child))
      {
        const char *stamp = xmlnode_get_attrib (child, "stamp");
        return stamp == NULL ? 0
                             : (gint64)purple_str_to_time (stamp, TRUE, NULL,
                                                           NULL, NULL);
      }
  return 0;
}

void
xim_xmlnode_set_delay (xmlnode *message, gint64 time_s)
{
  g_autofree char *stamp = xim_codec_time_encode (time_s);
  xmlnode *next;

  for (xmlnode *child = message->child; child != NULL; child = next)
    {
      next = child->next;
      if (is_delay (child))
        xmlnode_free (child);
    }
  xmlnode_set_attrib (add_child (message, "delay", NS_DELAY), "stamp", stamp);
}

const char *
xim_xmlnode_invited (xmlnode *message)
{
  for (xmlnode *child = message->child; child != NULL; child = child->next)
    if (is_named (child, "x", NS_MUC_USER))
      {
        xmlnode *invite = xmlnode_get_child (child, "invite");
        if (invite != NULL)
          return xmlnode_get_attrib (invite, "to");
      }
    else if (is_named (child, "x", NS_CONFERENCE))
      return xmlnode_get_attrib (message, "to");
  return NULL;
}
