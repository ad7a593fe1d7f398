/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of plugin/xmlnode.c: what is sealed, what stands outside. */

#include "config.h"

#include "plugin/xmlnode.h"

#include <string.h>

#include "tests/headless.h"

#define STATES "http://jabber.org/protocol/chatstates"
#define XHTML                                                                 \
  "<html xmlns='http://jabber.org/protocol/xhtml-im'>"                        \
  "<body xmlns='http://www.w3.org/1999/xhtml'>"

static xmlnode *
parse (const char *text)
{
  xmlnode *node = xmlnode_from_str (text, -1);
  g_assert_nonnull (node);
  return node;
}

static void
assert_xml (xmlnode *node, const char *expected)
{
  g_autofree char *text = xmlnode_to_str (node, NULL);
  g_assert_cmpstr (text, ==, expected);
}

static char *
take (xmlnode *message, gboolean *lost)
{
  g_autoptr (XimSecret) secret = xim_xmlnode_take_content (message, lost);
  return g_strndup ((const char *)xim_secret_peek (secret),
                    xim_secret_len (secret));
}

/* As libpurple makes it: without any namespace on what is the stream's. */
static xmlnode *
made_by_libpurple (void)
{
  xmlnode *message = xmlnode_new ("message");
  xmlnode *child;

  xmlnode_set_attrib (message, "type", "chat");
  xmlnode_set_attrib (message, "id", "purple1");
  xmlnode_set_attrib (message, "to", "bob@one.test");
  child = xmlnode_new_child (message, "active");
  xmlnode_set_namespace (child, STATES);
  child = xmlnode_new_child (message, "body");
  xmlnode_insert_data (child, "hello <bob> & \"all\"", -1);
  xmlnode_insert_child (message,
                        parse (XHTML "<p><em>hi</em></p></body></html>"));
  return message;
}

static void
test_take_libpurple (void)
{
  xmlnode *message = made_by_libpurple ();
  gboolean lost = TRUE;
  g_autofree char *content = take (message, &lost);

  g_assert_cmpstr (content, ==,
                   "<body xmlns='jabber:client'>hello &lt;bob&gt; &amp; "
                   "&quot;all&quot;</body>" XHTML
                   "<p><em>hi</em></p></body></html>");
  g_assert_false (lost);
  assert_xml (message, "<message type='chat' id='purple1' to='bob@one.test'>"
                       "<active xmlns='" STATES "'/></message>");
  xmlnode_free (message);
}

typedef struct
{
  const char *name;
  const char *in;
  const char *content;
  const char *out;
  gboolean lost;
} Take;

#define MESSAGE(children)                                                     \
  "<message xmlns='jabber:client' to='b@c'>" children "</message>"
#define EMPTY "<message xmlns='jabber:client' to='b@c'/>"

static const Take takes[] = {
  { "nothing", EMPTY, "", EMPTY, FALSE },
  { "unknown-element", MESSAGE ("<note xmlns='urn:x'>secret</note>"), "",
    EMPTY, TRUE },
  { "attention", MESSAGE ("<attention xmlns='urn:xmpp:attention:0'/>"), "",
    EMPTY, TRUE },
  { "text-between", MESSAGE ("secret"), "", EMPTY, TRUE },
  { "state-with-text",
    MESSAGE ("<active xmlns='" STATES
             "' note='secret'>secret<b>s</b></active>"),
    "", MESSAGE ("<active xmlns='" STATES "'/>"), FALSE },
  { "state-of-another-namespace", MESSAGE ("<active xmlns='urn:x'/>"), "",
    EMPTY, TRUE },
  { "attributes", "<message xmlns='jabber:client' note='secret' to='b@c'/>",
    "", EMPTY, FALSE },
  { "two-bodies", MESSAGE ("<body>1</body><body xml:lang='de'>2</body>"),
    "<body xmlns='jabber:client'>1</body>"
    "<body xmlns='jabber:client' xml:lang='de'>2</body>",
    EMPTY, FALSE },
  { "body-of-another-namespace", MESSAGE ("<body xmlns='urn:x'>secret</body>"),
    "", EMPTY, TRUE },
  { "thread", MESSAGE ("<thread>t</thread><subject>s</subject>"),
    "<thread xmlns='jabber:client'>t</thread>"
    "<subject xmlns='jabber:client'>s</subject>",
    MESSAGE ("<thread>t</thread>"), FALSE },
  { "thread-with-more",
    MESSAGE ("<thread parent='p' note='secret'>t<b>secret</b></thread>"),
    "<thread xmlns='jabber:client' parent='p' note='secret'>t"
    "<b>secret</b></thread>",
    MESSAGE ("<thread parent='p'>t</thread>"), FALSE },
  { "prefixed-attribute",
    MESSAGE ("<gone xmlns='" STATES "' xmlns:e='urn:e' e:id='secret'/>"), "",
    MESSAGE ("<gone xmlns='" STATES "'/>"), FALSE },
  { "declared-prefix", MESSAGE ("<gone xmlns='" STATES "' xmlns:e='secret'/>"),
    "", MESSAGE ("<gone xmlns='" STATES "'/>"), FALSE },
  { "prefix", MESSAGE ("<secret:gone xmlns:secret='" STATES "'/>"), "",
    MESSAGE ("<gone xmlns='" STATES "'/>"), FALSE },
  { "prefix-of-a-thread",
    MESSAGE ("<thread xmlns:e='secret'>t</thread>"
             "<gone xmlns='" STATES "' xmlns:f='secret'/>"),
    "<thread xmlns:e='secret' xmlns='jabber:client'>t</thread>",
    MESSAGE ("<thread>t</thread><gone xmlns='" STATES "'/>"), FALSE },
  { "prefix-of-the-message",
    "<secret:message xmlns:secret='jabber:client' xmlns:e='secret' to='b@c'/>",
    "", EMPTY, FALSE },
  { "prefixed-body",
    "<message xmlns='jabber:client' xmlns:e='jabber:client' to='b@c'>"
    "<e:body>1</e:body></message>",
    "<body xmlns='jabber:client'>1</body>", EMPTY, FALSE },
  { "namespace-of-the-message",
    "<message xmlns='secret' to='b@c'>"
    "<gone xmlns='" STATES "'/><thread>t</thread></message>",
    "", "<message to='b@c'><gone xmlns='" STATES "'/></message>", TRUE },
  { "receipt", MESSAGE ("<request xmlns='urn:xmpp:receipts'/>"),
    "<request xmlns='urn:xmpp:receipts'/>", EMPTY, FALSE },
  { "correction",
    MESSAGE ("<replace xmlns='urn:xmpp:message-correct:0' id='1'/>"),
    "<replace xmlns='urn:xmpp:message-correct:0' id='1'/>", EMPTY, FALSE },
  { "sealed-by-others",
    MESSAGE ("<sealed xmlns='urn:x-im:envelope:1'>AAAA</sealed>"), "", EMPTY,
    TRUE },
  { "hints-and-ids",
    MESSAGE ("<no-copy xmlns='urn:xmpp:hints'>secret</no-copy>"
             "<origin-id xmlns='urn:xmpp:sid:0' id='7' n='secret'/>"),
    "",
    MESSAGE ("<no-copy xmlns='urn:xmpp:hints'/>"
             "<origin-id xmlns='urn:xmpp:sid:0' id='7'/>"),
    FALSE },
};

static void
test_take (gconstpointer data)
{
  const Take *row = data;
  xmlnode *message = parse (row->in);
  gboolean lost = !row->lost;
  g_autofree char *content = take (message, &lost);

  g_assert_cmpstr (content, ==, row->content);
  g_assert_cmpint (lost, ==, row->lost);
  assert_xml (message, row->out);
  xmlnode_free (message);
}

static void
test_set_sealed (void)
{
  xmlnode *message = parse (MESSAGE ("<store xmlns='urn:xmpp:hints'/>"));
  g_autofree char *text = NULL;
  g_autofree char *sealed = NULL;

  xim_xmlnode_set_sealed (message, "AAAA");
  text = xmlnode_to_str (message, NULL);
  g_assert_true (g_str_has_prefix (
      text, "<message xmlns='jabber:client' to='b@c'>"
            "<sealed xmlns='urn:x-im:envelope:1'>AAAA</sealed>"
            "<encryption xmlns='urn:xmpp:eme:0' "
            "namespace='urn:x-im:envelope:1' name='X-IM'/>"
            "<store xmlns='urn:xmpp:hints'/><body>This message is "));
  sealed = xim_xmlnode_sealed (message);
  g_assert_cmpstr (sealed, ==, "AAAA");
  xmlnode_free (message);
}

static void
test_sealed (void)
{
  xmlnode *message = parse (MESSAGE ("<sealed xmlns='urn:x'>AAAA</sealed>"));
  g_assert_null (xim_xmlnode_sealed (message));
  xmlnode_free (message);

  message = parse (MESSAGE ("<sealed xmlns='urn:x-im:envelope:1'/>"));
  g_autofree char *none = xim_xmlnode_sealed (message);
  g_assert_cmpstr (none, ==, "");
  xmlnode_free (message);

  message = parse (MESSAGE ("<sealed xmlns='urn:x-im:envelope:1'>A</sealed>"
                            "<sealed xmlns='urn:x-im:envelope:1'>B</sealed>"));
  g_autofree char *first = xim_xmlnode_sealed (message);
  g_assert_cmpstr (first, ==, "A");
  xmlnode_free (message);
}

static void
test_remove_readable (void)
{
  xmlnode *message = parse (MESSAGE (
      "<body>1</body><body>2</body><subject>s</subject><thread>t</thread>"
      "<x xmlns='jabber:x:oob'><url>u</url></x>" XHTML "x</body></html>"
      "<sealed xmlns='urn:x-im:envelope:1'>A</sealed>"
      "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'>off</delay>"
      "<composing xmlns='" STATES "'/>text"));

  xim_xmlnode_remove_readable (message);
  assert_xml (
      message,
      MESSAGE ("<delay xmlns='urn:xmpp:delay' "
               "stamp='2026-01-01T00:00:00Z'/><composing xmlns='" STATES
               "'/>"));
  xmlnode_free (message);
}

static void
test_remove_bodies (void)
{
  xmlnode *message
      = parse ("<message xmlns='jabber:client' type='error'><body>1</body>"
               "<sealed xmlns='urn:x-im:envelope:1'>A</sealed>"
               "<error type='cancel'><gone/></error></message>");

  xim_xmlnode_remove_bodies (message);
  assert_xml (message, "<message xmlns='jabber:client' type='error'>"
                       "<error type='cancel'><gone/></error></message>");
  xmlnode_free (message);
}

static gboolean
insert (xmlnode *message, const char *children, GError **error)
{
  g_autofree char *copy = g_strdup (children);
  g_autoptr (XimSecret) secret
      = xim_secret_new_take ((guint8 *)copy, strlen (copy));
  return xim_xmlnode_insert_content (message, secret, error);
}

/* libpurple reads a body only in the stream's namespace. */
static void
test_insert (void)
{
  xmlnode *message = parse (EMPTY);
  g_autoptr (GError) error = NULL;

  g_assert_true (insert (message,
                         "<body xmlns='jabber:client'>a &lt;b&gt;\nc</body>"
                         "<thread>t</thread>",
                         &error));
  g_assert_no_error (error);
  g_assert_nonnull (
      xmlnode_get_child_with_namespace (message, "body", "jabber:client"));
  g_assert_nonnull (
      xmlnode_get_child_with_namespace (message, "thread", "jabber:client"));
  assert_xml (message,
              MESSAGE ("<body xmlns='jabber:client'>a &lt;b&gt;\nc</body>"
                       "<thread>t</thread>"));
  g_assert_false (insert (message, "<body>", &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  assert_xml (message,
              MESSAGE ("<body xmlns='jabber:client'>a &lt;b&gt;\nc</body>"
                       "<thread>t</thread>"));
  xmlnode_free (message);
}

static void
test_round_trip (void)
{
  xmlnode *message = made_by_libpurple ();
  g_autoptr (XimSecret) content = xim_xmlnode_take_content (message, NULL);
  g_autofree char *html = NULL;

  xim_xmlnode_remove_readable (message);
  g_assert_true (xim_xmlnode_insert_content (message, content, NULL));
  html = xim_xmlnode_html (message);
  g_assert_cmpstr (html, ==,
                   "<body xmlns='http://www.w3.org/1999/xhtml'><p><em>hi</em>"
                   "</p></body>");
  xmlnode_free (message);
}

typedef struct
{
  const char *name;
  const char *in;
  const char *out;
} Mark;

static const Mark marks[] = {
  { "body", MESSAGE ("<body xml:lang='en'>a</body><body>b</body>"),
    MESSAGE ("<body xml:lang='en'>[!] a</body><body>[!] b</body>") },
  { "empty-body", MESSAGE ("<body/>"), MESSAGE ("<body>[!] </body>") },
  { "html", MESSAGE ("<body>a</body>" XHTML "<p>a</p></body></html>"),
    MESSAGE ("<body>[!] a</body>" XHTML "[!] <p>a</p></body></html>") },
  { "html-alone", MESSAGE (XHTML "<p>a</p></body></html>"),
    MESSAGE (XHTML "[!] <p>a</p></body></html><body>[!] </body>") },
  { "subject", MESSAGE ("<subject>a</subject><body>b</body>"),
    MESSAGE ("<subject>[!] a</subject><body>[!] b</body>") },
  { "link-alone", MESSAGE ("<x xmlns='jabber:x:oob'><url>u</url></x>"),
    MESSAGE ("<x xmlns='jabber:x:oob'><url>u</url></x><body>[!] </body>") },
  { "typing", MESSAGE ("<composing xmlns='" STATES "'/>"),
    MESSAGE ("<composing xmlns='" STATES "'/>") },
};

static void
test_mark (gconstpointer data)
{
  const Mark *row = data;
  xmlnode *message = parse (row->in);

  xim_xmlnode_mark (message, "[!] ");
  assert_xml (message, row->out);
  xmlnode_free (message);
}

static void
test_html (void)
{
  xmlnode *message = parse (MESSAGE ("<body>a &lt;b&gt; &amp;\nc</body>"));
  g_autofree char *plain = xim_xmlnode_html (message);
  g_assert_cmpstr (plain, ==, "a &lt;b&gt; &amp;<BR>c");
  xmlnode_free (message);

  message = parse (MESSAGE ("<body xmlns='urn:x'>a</body>"));
  g_assert_null (xim_xmlnode_html (message));
  xmlnode_free (message);
}

static void
test_delay (void)
{
  xmlnode *message = parse (
      MESSAGE ("<delay xmlns='urn:xmpp:delay' stamp='2026-11-23T10:00:00Z'/>"
               "<x xmlns='jabber:x:delay' stamp='20261123T10:00:00'/>"));

  g_assert_cmpint (xim_xmlnode_delay (message), ==, 1795428000);
  xim_xmlnode_set_delay (message, 1795428060);
  g_assert_cmpint (xim_xmlnode_delay (message), ==, 1795428060);
  assert_xml (message, MESSAGE ("<delay xmlns='urn:xmpp:delay' "
                                "stamp='2026-11-23T10:01:00Z'/>"));
  xmlnode_free (message);
  message = parse (EMPTY);
  g_assert_cmpint (xim_xmlnode_delay (message), ==, 0);
  xmlnode_free (message);
}

static void
test_invited (void)
{
  xmlnode *message = parse (
      MESSAGE ("<x xmlns='http://jabber.org/protocol/muc#user'>"
               "<invite to='carol@two.test'><reason>r</reason></invite></x>"));
  g_assert_cmpstr (xim_xmlnode_invited (message), ==, "carol@two.test");
  xmlnode_free (message);

  message = parse (MESSAGE ("<x xmlns='jabber:x:conference' jid='r@m'/>"));
  g_assert_cmpstr (xim_xmlnode_invited (message), ==, "b@c");
  xmlnode_free (message);

  message = parse (MESSAGE ("<body>r</body>"));
  g_assert_null (xim_xmlnode_invited (message));
  xmlnode_free (message);
}

static void
assert_to (const char *text, const char *expected)
{
  xmlnode *message = parse (text);

  g_assert_cmpstr (xim_xmlnode_to (message), ==, expected);
  xmlnode_free (message);
}

static void
test_to (void)
{
  xmlnode *twice = parse (EMPTY);

  assert_to ("<message/>", NULL);
  assert_to (EMPTY, "b@c");
  xmlnode_set_attrib_full (twice, "to", "urn:x", "x", "d@e");
  g_assert_cmpstr (xim_xmlnode_to (twice), ==, "");
  xmlnode_free (twice);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  g_test_add_func ("/xmlnode/take/libpurple", test_take_libpurple);
  for (guint i = 0; i < G_N_ELEMENTS (takes); i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/xmlnode/take/%s", takes[i].name);
      g_test_add_data_func (path, &takes[i], test_take);
    }
  g_test_add_func ("/xmlnode/set-sealed", test_set_sealed);
  g_test_add_func ("/xmlnode/sealed", test_sealed);
  g_test_add_func ("/xmlnode/remove-readable", test_remove_readable);
  g_test_add_func ("/xmlnode/remove-bodies", test_remove_bodies);
  g_test_add_func ("/xmlnode/insert", test_insert);
  g_test_add_func ("/xmlnode/round-trip", test_round_trip);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/xmlnode/mark/%s", marks[i].name);
      g_test_add_data_func (path, &marks[i], test_mark);
    }
  g_test_add_func ("/xmlnode/to", test_to);
  g_test_add_func ("/xmlnode/html", test_html);
  g_test_add_func ("/xmlnode/delay", test_delay);
  g_test_add_func ("/xmlnode/invited", test_invited);
  int status = g_test_run ();
  headless_stop ();
  return status;
}
