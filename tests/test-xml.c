/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-xml.c. */

#include "config.h"

#include "xim-xml.h"

#include "test-util.h"
#include "xim-limits.h"

/* Tells what was called, one line each. */
static gboolean
tell_start (gpointer user_data, const XimXmlElement *element, GError **error)
{
  g_autoptr (GError) none = NULL;
  gsize len;
  XimBuffer *tag = xim_buffer_new (10000);
  xim_xml_write_start (tag, element, NULL);
  g_autoptr (XimSecret) text = xim_buffer_finish (tag, &none);
  const char *id = xim_xml_attribute (&element->attributes, "id", &len);
  g_string_append_printf (user_data, "%u %.*s ns %s id %.*s\n", element->depth,
                          (int)xim_secret_len (text), xim_secret_peek (text),
                          element->ns, (int)len, id != NULL ? id : "");
  if (strcmp (element->name, "bad") != 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_EXPIRED, "a bad element");
  return FALSE;
}

static void
tell_end (gpointer user_data, const XimXmlElement *element)
{
  g_string_append_printf (user_data, "%u end %s\n", element->depth,
                          element->name);
}

static void
tell_text (gpointer user_data, const char *text, gsize len)
{
  g_string_append_printf (user_data, "text %.*s\n", (int)len, text);
}

static const XimXmlOps ops = { tell_start, tell_end, tell_text };

static XimSecret *
secret_of (const char *text)
{
  XimSecret *secret = xim_secret_new (strlen (text));
  memcpy (xim_secret_data (secret), text, strlen (text));
  return secret;
}

static void
assert_told (const char *xml, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (XimSecret) secret = secret_of (xml);
  gboolean ok = xim_xml_read (secret, &ops, told, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmpstr (told->str, ==, expected);
}

static void
assert_refused_len (const char *xml, gsize len, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (XimSecret) secret = xim_secret_new (len);
  if (len > 0)
    memcpy (xim_secret_data (secret), xml, len);
  g_assert_false (xim_xml_read (secret, &ops, told, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
assert_refused (const char *xml, XimError code)
{
  assert_refused_len (xml, strlen (xml), code);
}

static void
test_reads (void)
{
  assert_told ("<a/>", "1 <a ns  id \n1 end a\n");
  assert_told ("<a xmlns='u' id='1'>x&amp;<b id=\"&lt;2\"/>y</a>\n",
               "1 <a id='1' ns u id 1\ntext x\ntext &\n"
               "2 <b id='&lt;2' ns u id <2\n2 end b\ntext y\n1 end a\n");
}

static void
test_prefixes (void)
{
  assert_told ("<p:a xmlns:p='u' xmlns:q='v' q:id='1' xml:lang='de'>"
               "<b xmlns='w'/></p:a>",
               "1 <a xml:lang='de' ns u id \n"
               "2 <b ns w id \n2 end b\n1 end a\n");
  assert_told ("<a xmlns:q='v' xml:space='preserve' q:lang='de'/>",
               "1 <a ns  id \n1 end a\n");
}

static void
test_references (void)
{
  assert_told ("<a>&#x41;&#66;</a>",
               "1 <a ns  id \ntext A\ntext B\n1 end a\n");
  assert_refused ("<a>&nbsp;</a>", XIM_ERROR_MALFORMED);
  assert_refused ("<a b='&x;'/>", XIM_ERROR_MALFORMED);
  assert_refused ("<a>&#0;</a>", XIM_ERROR_MALFORMED);
  assert_refused ("<a>&#1;</a>", XIM_ERROR_MALFORMED);
}

static void
test_refuses_other_markup (void)
{
  assert_refused ("<?xml version='1.0'?><a/>", XIM_ERROR_MALFORMED);
  assert_refused ("<!DOCTYPE a><a/>", XIM_ERROR_MALFORMED);
  assert_refused ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
                  XIM_ERROR_MALFORMED);
  assert_refused ("<!DOCTYPE a SYSTEM 'http://127.0.0.1/'><a/>",
                  XIM_ERROR_MALFORMED);
  assert_refused ("<a><!-- c --></a>", XIM_ERROR_MALFORMED);
  assert_refused ("<a><![CDATA[x]]></a>", XIM_ERROR_MALFORMED);
  assert_refused ("<a><?php x?></a>", XIM_ERROR_MALFORMED);
  assert_refused ("<a/><!-- c -->", XIM_ERROR_MALFORMED);
}

static void
test_refuses_malformed (void)
{
  assert_refused ("", XIM_ERROR_MALFORMED);
  assert_refused ("text", XIM_ERROR_MALFORMED);
  assert_refused (" <a/>", XIM_ERROR_MALFORMED);
  assert_refused ("\xef\xbb\xbf<a/>", XIM_ERROR_MALFORMED);
  assert_refused ("<a>", XIM_ERROR_MALFORMED);
  assert_refused ("<a", XIM_ERROR_MALFORMED);
  assert_refused ("<", XIM_ERROR_MALFORMED);
  assert_refused ("<a></b>", XIM_ERROR_MALFORMED);
  assert_refused ("<a/><a/>", XIM_ERROR_MALFORMED);
  assert_refused ("<a/>x", XIM_ERROR_MALFORMED);
  assert_refused ("<a b='1' b='2'/>", XIM_ERROR_MALFORMED);
  assert_refused ("<a b='<'/>", XIM_ERROR_MALFORMED);
  assert_refused ("<a '><b c='>' d='>'/>", XIM_ERROR_MALFORMED);
  assert_refused ("<a>'</a '>", XIM_ERROR_MALFORMED);
  assert_refused ("<a b=''' c=''/>", XIM_ERROR_MALFORMED);
  assert_refused ("<p:a/>", XIM_ERROR_MALFORMED);
  assert_refused ("<a p:b=''/>", XIM_ERROR_MALFORMED);
  assert_refused ("<a>\xff</a>", XIM_ERROR_MALFORMED);
  assert_refused_len ("<a>\0</a>", 8, XIM_ERROR_MALFORMED);
  assert_refused_len ("<\0a\0/\0>\0", 8, XIM_ERROR_MALFORMED);
}

static void
test_refuses_from_the_caller (void)
{
  assert_refused ("<a><bad/></a>", XIM_ERROR_EXPIRED);
  assert_refused ("<a><bad></a>", XIM_ERROR_EXPIRED);
}

static char *
nested (guint depth)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < depth; i++)
    g_string_append (text, "<a>");
  for (guint i = 0; i < depth; i++)
    g_string_append (text, "</a>");
  return g_strdup (text->str);
}

static char *
with_attributes (guint n)
{
  g_autoptr (GString) text = g_string_new ("<a");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, " a%u = '>'", i);
  g_string_append (text, "/>");
  return g_strdup (text->str);
}

static void
test_bounds (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) told = g_string_new (NULL);
  g_autofree char *deep = nested (XIM_CONTENT_DEPTH_MAX);
  g_autofree char *too_deep = nested (XIM_CONTENT_DEPTH_MAX + 1);
  g_autofree char *wide = with_attributes (XIM_CONTENT_ATTRIBUTES_MAX);
  g_autofree char *too_wide = with_attributes (XIM_CONTENT_ATTRIBUTES_MAX + 1);
  g_autoptr (XimSecret) first = secret_of (deep);
  g_autoptr (XimSecret) second = secret_of (wide);
  g_assert_true (xim_xml_read (first, &ops, told, &error));
  g_assert_true (xim_xml_read (second, &ops, told, &error));
  g_assert_no_error (error);
  assert_refused (too_deep, XIM_ERROR_TOO_LARGE);
  assert_refused (too_wide, XIM_ERROR_TOO_LARGE);

  g_autofree char *fits = g_strnfill (XIM_CONTENT_MAX, ' ');
  memcpy (fits, "<a/>", 4);
  g_autoptr (XimSecret) third = secret_of (fits);
  g_assert_true (xim_xml_read (third, &ops, told, &error));

  g_autofree char *spaces = g_strnfill (XIM_CONTENT_MAX, ' ');
  g_autofree char *too_long = g_strconcat ("<a/>", spaces, NULL);
  assert_refused (too_long, XIM_ERROR_TOO_LARGE);
}

/* Text may hold as many quotes as it likes. */
static void
test_quotes_in_text (void)
{
  g_autoptr (GString) text = g_string_new ("<a>");
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < 2 * XIM_CONTENT_ATTRIBUTES_MAX; i++)
    g_string_append (text, "&lt;b c='d'> \"e\"");
  g_string_append (text, "</a>");
  g_autoptr (XimSecret) secret = secret_of (text->str);
  xim_xml_read (secret, &ops, told, &error);
  g_assert_no_error (error);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  xim_secret_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/xml/reads", test_reads);
  g_test_add_func ("/xml/prefixes", test_prefixes);
  g_test_add_func ("/xml/references", test_references);
  g_test_add_func ("/xml/refuses-other-markup", test_refuses_other_markup);
  g_test_add_func ("/xml/refuses-malformed", test_refuses_malformed);
  g_test_add_func ("/xml/refuses-from-the-caller",
                   test_refuses_from_the_caller);
  g_test_add_func ("/xml/bounds", test_bounds);
  g_test_add_func ("/xml/quotes-in-text", test_quotes_in_text);
  return g_test_run ();
}
