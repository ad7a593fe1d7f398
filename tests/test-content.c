/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-content.c. */

#include "config.h"

#include "xim-content.h"

#include "test-util.h"
#include "xim-limits.h"

#define HEAD "<envelope xmlns='urn:xmpp:sce:1'>"
#define TAIL                                                                  \
  "<from jid='alice@example.org'/><to jid='bob@example.org'/>"                \
  "<time stamp='2026-11-24T09:30:00Z'/></envelope>"
#define BODY "<body xmlns='jabber:client'>This is message one.</body>"
#define TIME_S 1795512600
#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static XimSecret *
secret_of (const char *text)
{
  XimSecret *secret = xim_secret_new (strlen (text));
  memcpy (xim_secret_data (secret), text, strlen (text));
  return secret;
}

static void
assert_secret (const XimSecret *secret, const char *expected)
{
  g_autofree char *text = g_strndup ((const char *)xim_secret_peek (secret),
                                     xim_secret_len (secret));
  g_assert_cmpstr (text, ==, expected);
}

static XimContent *
decode (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) secret = secret_of (text);
  XimContent *content = xim_content_decode (secret, &error);
  g_assert_no_error (error);
  g_assert_nonnull (content);
  return content;
}

static void
assert_refused (const char *text, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSecret) secret = secret_of (text);
  g_assert_null (xim_content_decode (secret, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
assert_children (const char *children, const char *expected)
{
  g_autofree char *text
      = g_strconcat (HEAD "<content>", children, "</content>" TAIL, NULL);
  g_autoptr (XimContent) content = decode (text);
  assert_secret (content->children, expected);
}

static void
test_vector (void)
{
  const char *text = HEAD "<content>" BODY "</content>" TAIL;
  g_autoptr (GError) error = NULL;
  g_autoptr (XimContent) content = decode (text);
  g_assert_cmpstr (content->from, ==, "alice@example.org");
  g_assert_cmpstr (content->to, ==, "bob@example.org");
  g_assert_cmpint (content->time_s, ==, TIME_S);
  g_assert_cmpuint (content->seen->len, ==, 0);
  assert_secret (content->children, BODY);

  g_autoptr (XimSecret) again = xim_content_encode (content, &error);
  g_assert_no_error (error);
  assert_secret (again, text);
}

static void
test_any_order (void)
{
  g_autoptr (XimContent) content
      = decode ("<s:envelope xmlns:s='urn:xmpp:sce:1'> <s:rpad>x<y/></s:rpad>"
                "<s:time stamp='2026-11-24T09:30:00Z'/><other xmlns='urn:o'/>"
                "<s:to jid='bob@example.org'>\n</s:to>"
                "<s:content>" BODY "</s:content>"
                "<s:from jid='alice@example.org' x='y'/></s:envelope>");
  g_assert_cmpstr (content->from, ==, "alice@example.org");
  g_assert_cmpint (content->time_s, ==, TIME_S);
  assert_secret (content->children, BODY);
}

static void
test_seen (void)
{
  g_autoptr (GError) error = NULL;
  XimContent *content = xim_content_new ("alice@example.org", "room@x.test",
                                         TIME_S, secret_of (BODY));
  XimHash hash;
  memset (&hash, 0x5a, sizeof hash);
  xim_content_add_seen (content, "alice@example.org", 7, &hash);
  xim_content_add_seen (content, "j\xc3\xb6rg@example.org", XIM_NUMBER_MAX,
                        &hash);
  g_autoptr (XimSecret) bytes = xim_content_encode (content, &error);
  g_assert_no_error (error);
  xim_content_free (content);

  g_autoptr (XimContent) again = xim_content_decode (bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->to, ==, "room@x.test");
  g_assert_cmpuint (again->seen->len, ==, 2);
  const XimSeen *seen = &g_array_index (again->seen, XimSeen, 0);
  g_assert_cmpstr (seen->jid, ==, "alice@example.org");
  g_assert_cmpuint (seen->version, ==, 7);
  g_assert_cmpmem (&seen->hash, sizeof hash, &hash, sizeof hash);
  seen = &g_array_index (again->seen, XimSeen, 1);
  g_assert_cmpuint (seen->version, ==, XIM_NUMBER_MAX);
}

static void
test_allow_list (void)
{
  assert_children ("", "");
  assert_children (" x <y xmlns='urn:y'>z</y> ", "");
  assert_children (BODY "<body xmlns='urn:other'>no</body>", BODY);
  assert_children ("<subject xmlns='jabber:client'>s</subject>"
                   "<thread xmlns='jabber:client' parent='p'>t</thread>",
                   "<subject xmlns='jabber:client'>s</subject>"
                   "<thread xmlns='jabber:client' parent='p'>t</thread>");
  assert_children ("<replace xmlns='urn:xmpp:message-correct:0' id='1'/>"
                   "<request xmlns='urn:xmpp:receipts'/>"
                   "<received xmlns='urn:xmpp:receipts' id='2'/>"
                   "<x xmlns='urn:xmpp:receipts'/>"
                   "<markable xmlns='urn:xmpp:chat-markers:0'/>"
                   "<displayed xmlns='urn:xmpp:chat-markers:0' id='3'/>"
                   "<reply xmlns='urn:xmpp:reply:0' to='a@b' id='4'/>",
                   "<replace xmlns='urn:xmpp:message-correct:0' id='1'/>"
                   "<request xmlns='urn:xmpp:receipts'/>"
                   "<received xmlns='urn:xmpp:receipts' id='2'/>"
                   "<markable xmlns='urn:xmpp:chat-markers:0'/>"
                   "<displayed xmlns='urn:xmpp:chat-markers:0' id='3'/>"
                   "<reply xmlns='urn:xmpp:reply:0' to='a@b' id='4'/>");
  assert_children ("<reactions xmlns='urn:xmpp:reactions:0' id='5'>"
                   "<reaction>\xf0\x9f\x91\x8b</reaction><x xmlns='y'/>"
                   "</reactions>",
                   "<reactions xmlns='urn:xmpp:reactions:0' id='5'>"
                   "<reaction>\xf0\x9f\x91\x8b</reaction></reactions>");
  assert_children ("<addresses xmlns='http://jabber.org/protocol/address'>"
                   "<body xmlns='jabber:client'>no</body></addresses>",
                   "");
}

static void
test_html (void)
{
  const char *html
      = "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
        "<body xmlns='http://www.w3.org/1999/xhtml'><p><span "
        "style='font-weight: bold;'>a &amp; b</span><br/>c</p></body></html>";
  assert_children (html, html);
  assert_children ("<h:html xmlns:h='http://jabber.org/protocol/xhtml-im' "
                   "xmlns:w='http://www.w3.org/1999/xhtml'><w:body w:x='1'>"
                   "<w:p>a<evil xmlns='jabber:client'>b<w:p>c</w:p></evil>"
                   "</w:p></w:body></h:html>",
                   "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
                   "<body xmlns='http://www.w3.org/1999/xhtml'><p>a</p></body>"
                   "</html>");
}

static void
test_one_form (void)
{
  assert_children ("<c:body xmlns:c=\"jabber:client\" c:x='y' xml:lang=\"de\""
                   ">a&#13;&#10;b&apos;<b>no</b>&quot;</c:body>",
                   "<body xmlns='jabber:client' xml:lang='de'>"
                   "a&#13;\nb'\"</body>");
}

static void
test_refuses_missing (void)
{
  const char *const parts[]
      = { "<content/>", "<from jid='alice@example.org'/>",
          "<to jid='bob@example.org'/>",
          "<time stamp='2026-11-24T09:30:00Z'/>" };
  for (gsize missing = 0; missing < G_N_ELEMENTS (parts); missing++)
    {
      g_autoptr (GString) without = g_string_new (HEAD);
      g_autoptr (GString) twice = g_string_new (HEAD);
      for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
        {
          if (i != missing)
            g_string_append (without, parts[i]);
          else
            g_string_append (twice, parts[i]);
          g_string_append (twice, parts[i]);
        }
      g_string_append (without, "</envelope>");
      g_string_append (twice, "</envelope>");
      assert_refused (without->str, XIM_ERROR_MALFORMED);
      assert_refused (twice->str, XIM_ERROR_MALFORMED);
    }
}

static void
test_refuses_values (void)
{
#define WITH(from, to, stamp)                                                 \
  HEAD "<content/><from jid='" from "'/><to jid='" to                         \
       "'/><time stamp='" stamp "'/></envelope>"
#define OK_TIME "2026-11-24T09:30:00Z"
  g_autoptr (XimContent) good
      = decode (WITH ("a@x.test", "b@x.test", OK_TIME));
  g_assert_cmpstr (good->to, ==, "b@x.test");
  assert_refused (WITH ("A@x.test", "b@x.test", OK_TIME), XIM_ERROR_MALFORMED);
  assert_refused (WITH ("a@x.test", "b@x.test/r", OK_TIME),
                  XIM_ERROR_MALFORMED);
  assert_refused (WITH ("a@x.test", "", OK_TIME), XIM_ERROR_MALFORMED);
  assert_refused (WITH ("a@x.test", "b@x.test", "2026-11-24T09:30:00.1Z"),
                  XIM_ERROR_MALFORMED);
  assert_refused (WITH ("a@x.test", "b@x.test", ""), XIM_ERROR_MALFORMED);
  assert_refused (HEAD "<content/><from/><to jid='b@x.test'/>"
                       "<time stamp='" OK_TIME "'/></envelope>",
                  XIM_ERROR_MALFORMED);
  assert_refused (HEAD "<content/><from jid='a@x.test'/><to jid='b@x.test'/>"
                       "<time/></envelope>",
                  XIM_ERROR_MALFORMED);
  assert_refused ("<envelope xmlns='urn:xmpp:sce:0'><content/>" TAIL,
                  XIM_ERROR_MALFORMED);
  assert_refused ("<content xmlns='urn:xmpp:sce:1'/>", XIM_ERROR_MALFORMED);
  assert_refused ("<!DOCTYPE envelope>" HEAD "<content/>" TAIL,
                  XIM_ERROR_MALFORMED);
}

static void
test_refuses_envelope_inside (void)
{
  assert_refused (HEAD "<content><sealed xmlns='urn:x-im:envelope:1'/>"
                       "</content>" TAIL,
                  XIM_ERROR_MALFORMED);
  assert_refused (HEAD "<content><x xmlns='urn:x'><y><e:sealed xmlns:e="
                       "'urn:x-im:envelope:1'/></y></x></content>" TAIL,
                  XIM_ERROR_MALFORMED);
  assert_refused (HEAD "<rpad><sealed xmlns='urn:x-im:envelope:1'/></rpad>"
                       "<content/>" TAIL,
                  XIM_ERROR_MALFORMED);
  assert_refused (HEAD "<content><envelope/></content>" TAIL,
                  XIM_ERROR_MALFORMED);
}

static char *
seen_of (guint n, const char *rest)
{
  g_autoptr (GString) text
      = g_string_new (HEAD "<content/><seen xmlns='urn:x-im:seen:1'>");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (
        text, "<account jid='u%u@x.test' version='1' hash='" HASH "'/>", i);
  g_string_append_printf (text, "%s</seen>" TAIL, rest);
  return g_strdup (text->str);
}

static void
test_refuses_seen (void)
{
  static const char *const bad[]
      = { "<account version='1' hash='" HASH "'/>",
          "<account jid='a@x.test' hash='" HASH "'/>",
          "<account jid='a@x.test' version='1'/>",
          "<account jid='a' version='1' hash='" HASH "'/>",
          "<account jid='a@x.test' version='0' hash='" HASH "'/>",
          "<account jid='a@x.test' version='01' hash='" HASH "'/>",
          "<account jid='a@x.test' version='4294967296' hash='" HASH "'/>",
          "<account jid='a@x.test' version='1' hash='AAAA'/>",
          "<account jid='u0@x.test' version='1' hash='" HASH "'/>",
          "<account jid='b@x.test' version='1' hash='" HASH "'/>"
          "<account jid='b@x.test' version='2' hash='" HASH "'/>" };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = seen_of (1, bad[i]);
      assert_refused (text, XIM_ERROR_MALFORMED);
    }
  g_autofree char *full
      = seen_of (XIM_SEEN_MAX, "<x><account/></x><account xmlns='y'/>");
  g_autofree char *over = seen_of (XIM_SEEN_MAX + 1, "");
  g_autofree char *twice
      = seen_of (1, "</seen><seen xmlns='" XIM_NS_SEEN "'>");
  g_autoptr (XimContent) content = decode (full);
  g_assert_cmpuint (content->seen->len, ==, XIM_SEEN_MAX);
  assert_refused (over, XIM_ERROR_TOO_LARGE);
  assert_refused (twice, XIM_ERROR_MALFORMED);
}

static void
test_refuses_too_large (void)
{
  g_autofree char *fill = g_strnfill (XIM_CONTENT_MAX, 'x');
  g_autofree char *text
      = g_strconcat (HEAD "<content><body xmlns='jabber:client'>", fill,
                     "</body></content>" TAIL, NULL);
  assert_refused (text, XIM_ERROR_TOO_LARGE);
  memset (fill, '>', XIM_CONTENT_MAX);
  fill[XIM_CONTENT_MAX / 2] = 0;
  g_autofree char *grows
      = g_strconcat (HEAD "<content><body xmlns='jabber:client'>", fill,
                     "</body></content>" TAIL, NULL);
  assert_refused (grows, XIM_ERROR_TOO_LARGE);
}

static void
assert_not_encoded (const char *children, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimContent) content = xim_content_new (
      "alice@example.org", "bob@example.org", TIME_S, secret_of (children));
  g_assert_null (xim_content_encode (content, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_encode_refuses (void)
{
  g_autofree char *fill = g_strnfill (XIM_CONTENT_MAX, 'x');
  assert_not_encoded ("<body", XIM_ERROR_MALFORMED);
  assert_not_encoded ("</content>", XIM_ERROR_MALFORMED);
  assert_not_encoded ("</content><from jid='eve@x.test'/><content>",
                      XIM_ERROR_MALFORMED);
  assert_not_encoded ("</content><x><content>", XIM_ERROR_MALFORMED);
  assert_not_encoded ("<sealed xmlns='" XIM_NS_ENVELOPE "'/>",
                      XIM_ERROR_MALFORMED);
  assert_not_encoded (fill, XIM_ERROR_TOO_LARGE);
}

static void
test_encode_drops (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimContent) content
      = xim_content_new ("alice@example.org", "bob@example.org", TIME_S,
                         secret_of (BODY "<x xmlns='urn:x'>secret</x>"));
  g_autoptr (XimSecret) bytes = xim_content_encode (content, &error);
  g_assert_no_error (error);
  assert_secret (bytes, HEAD "<content>" BODY "</content>" TAIL);
}

static void
assert_checked (const char *from, const char *to, gint64 created_s,
                gint64 expires_s, gint64 now_s, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimContent) content
      = decode (HEAD "<content>" BODY "</content>" TAIL);
  gboolean ok = xim_content_check (content, from, to,
                                   &(XimContentLife){ created_s, expires_s },
                                   now_s, &error);
  if (code >= 0)
    g_assert_error (error, XIM_ERROR, code);
  else
    g_assert_no_error (error);
  g_assert_cmpint (ok, ==, code < 0);
}

static void
test_check (void)
{
  const char *from = "alice@example.org";
  const char *to = "bob@example.org";
  const gint64 t = TIME_S, h = XIM_CONTENT_TIME_SLACK_S, day = 86400;
  assert_checked (from, to, t - day, t + day, t, -1);
  assert_checked (to, to, t - day, t + day, t, XIM_ERROR_WRONG_NAME);
  assert_checked (from, from, t - day, t + day, t, XIM_ERROR_WRONG_NAME);
  assert_checked (from, to, t + h, t + day, t + day, -1);
  assert_checked (from, to, t + h + 1, t + day, t + day, XIM_ERROR_EXPIRED);
  assert_checked (from, to, t - day, t - h, t + day, -1);
  assert_checked (from, to, t - day, t - h - 1, t + day, XIM_ERROR_EXPIRED);
  assert_checked (from, to, t - day, t + day, t - h, -1);
  assert_checked (from, to, t - day, t + day, t - h - 1, XIM_ERROR_EXPIRED);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_test_init (&argc, &argv, NULL);
  xim_secret_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/content/decode/vector", test_vector);
  g_test_add_func ("/content/decode/any-order", test_any_order);
  g_test_add_func ("/content/decode/seen", test_seen);
  g_test_add_func ("/content/decode/allow-list", test_allow_list);
  g_test_add_func ("/content/decode/html", test_html);
  g_test_add_func ("/content/decode/one-form", test_one_form);
  g_test_add_func ("/content/decode/refuses-missing", test_refuses_missing);
  g_test_add_func ("/content/decode/refuses-values", test_refuses_values);
  g_test_add_func ("/content/decode/refuses-envelope-inside",
                   test_refuses_envelope_inside);
  g_test_add_func ("/content/decode/refuses-seen", test_refuses_seen);
  g_test_add_func ("/content/decode/refuses-too-large",
                   test_refuses_too_large);
  g_test_add_func ("/content/encode/refuses", test_encode_refuses);
  g_test_add_func ("/content/encode/drops", test_encode_drops);
  g_test_add_func ("/content/check", test_check);
  return g_test_run ();
}
