/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of ks-xmpp.c and ks-stanzas.c. */

#include "config.h"

#include "ks-xmpp.h"

#include <string.h>

#include "xim-error.h"

#include "ks-stanzas.h"

#define HEADER                                                                \
  "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber."   \
  "org/streams' xmlns='jabber:component:accept' id='a&amp;b'>"

typedef struct
{
  GString *seen; /* what came, in words */
  guint n_stanzas;
} Log;

static void
opened (const char *id, gpointer user_data)
{
  Log *log = user_data;
  g_string_append_printf (log->seen, "opened %s;", id);
}

static void
came (const XimKsStanza *stanza, gpointer user_data)
{
  Log *log = user_data;
  log->n_stanzas++;
  if (log->n_stanzas <= 8)
    g_string_append_printf (log->seen, "%s %s %s %u %s %s;", stanza->name,
                            stanza->type, stanza->from, stanza->n_children,
                            stanza->child, stanza->child_digest);
}

static void
closed (gpointer user_data)
{
  Log *log = user_data;
  g_string_append (log->seen, "closed;");
}

static const XimKsXmppOps ops = { opened, came, closed };

static char *
read_in_steps (const char *text, gsize step)
{
  g_autoptr (GError) error = NULL;
  Log log = { g_string_new (NULL), 0 };
  g_autoptr (XimKsXmpp) xmpp = xim_ks_xmpp_new (&ops, &log, 100000);
  gsize len = strlen (text);
  for (gsize i = 0; i < len; i += step)
    {
      g_assert_true (
          xim_ks_xmpp_feed (xmpp, text + i, MIN (step, len - i), &error));
      g_assert_no_error (error);
    }
  return g_string_free (log.seen, FALSE);
}

static void
test_any_steps (void)
{
  static const char text[]
      = HEADER "<handshake/> \n"
               "<iq type='set' from='a@b/&quot;&lt;&amp;&#xe4;' id='1'>"
               "<prove xmlns='urn:x-im:register:1' digest='xyz='/>"
               "<more><deep digest='no'/></more></iq>"
               "<message><![CDATA[<iq/>]]><!-- <iq/> --></message>"
               "</stream:stream>";
  g_autofree char *whole = read_in_steps (text, sizeof text);
  g_assert_cmpstr (whole, ==,
                   "opened a&b;handshake (null) (null) 0 (null) (null);"
                   "iq set a@b/\"<&\xc3\xa4 2 prove xyz=;"
                   "message (null) (null) 0 (null) (null);closed;");
  for (gsize step = 1; step < 40; step++)
    {
      g_autofree char *same = read_in_steps (text, step);
      g_assert_cmpstr (same, ==, whole);
    }
}

static void
assert_refused (const char *text, XimError code)
{
  g_autoptr (GError) error = NULL;
  Log log = { g_string_new (NULL), 0 };
  g_autoptr (XimKsXmpp) xmpp = xim_ks_xmpp_new (&ops, &log, 1000);
  gboolean ok = xim_ks_xmpp_feed (xmpp, text, strlen (text), &error);
  for (guint i = 0; ok && i < 2; i++) /* the parser holds some back */
    ok = xim_ks_xmpp_feed (xmpp, "                ", 16, &error);
  g_assert_false (ok);
  g_assert_error (error, XIM_ERROR, (int)code);
  g_clear_error (&error);
  g_assert_false (xim_ks_xmpp_feed (xmpp, "<a/>", 4, &error));
  g_string_free (log.seen, TRUE);
}

static void
test_refuses (void)
{
  assert_refused ("HTTP/1.1 400 Bad Request\r\n\r\n", XIM_ERROR_MALFORMED);
  assert_refused ("<iq xmlns='jabber:component:accept'>", XIM_ERROR_MALFORMED);
  assert_refused ("<stream xmlns='jabber:component:accept'>",
                  XIM_ERROR_MALFORMED);
  assert_refused ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
                  XIM_ERROR_MALFORMED);
  assert_refused (HEADER "<a></b>", XIM_ERROR_MALFORMED);
  assert_refused (HEADER "<a>&undeclared;</a>", XIM_ERROR_MALFORMED);
  assert_refused (HEADER "<a b='1' b='2'/>", XIM_ERROR_MALFORMED);
  assert_refused (HEADER "<a>\x01</a>", XIM_ERROR_MALFORMED);
  assert_refused (HEADER "<a>\xff\xfe</a>", XIM_ERROR_MALFORMED);
  g_autofree char *fill = g_strnfill (2000, 'x');
  g_autofree char *large = g_strconcat (HEADER "<a>", fill, NULL);
  assert_refused (large, XIM_ERROR_TOO_LARGE);
}

/* Names that never come again must not add up: the parser is renewed. */
static void
test_new_names_for_ever (void)
{
  g_autoptr (GError) error = NULL;
  Log log = { g_string_new (NULL), 0 };
  g_autoptr (XimKsXmpp) xmpp = xim_ks_xmpp_new (&ops, &log, 100000);
  g_assert_true (xim_ks_xmpp_feed (xmpp, HEADER, strlen (HEADER), &error));
  for (guint i = 0; i < 400000; i++)
    {
      g_autofree char *text = g_strdup_printf (
          "<message from='a@b'><a-name-that-is-rather-long-%u/></message>", i);
      g_assert_true (xim_ks_xmpp_feed (xmpp, text, strlen (text), &error));
      g_assert_no_error (error);
    }
  g_assert_cmpuint (log.n_stanzas, ==, 400000);
  g_string_free (log.seen, TRUE);
}

static char *
answer (XimKsStanza stanza, XimKsProofs *proofs)
{
  XimKsService service = {
    .address = "keys.example.org",
    .domain = "example.org",
    .vkey = "keys.example.org+00000000+AAAA",
    .proofs = proofs,
  };
  if (stanza.ns == NULL)
    stanza.ns = (char *)"jabber:component:accept";
  return xim_ks_stanzas_answer (&service, &stanza, 1);
}

#define DIGEST "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define PROVE(sender, text)                                                   \
  ((XimKsStanza){ .name = (char *)"iq",                                       \
                  .type = (char *)"set",                                      \
                  .id = (char *)"1'",                                         \
                  .from = (char *)(sender),                                   \
                  .n_children = 1,                                            \
                  .child = (char *)"prove",                                   \
                  .child_ns = (char *)XIM_NS_REGISTER,                        \
                  .child_digest = (char *)(text) })

static void
test_prove (void)
{
  g_autoptr (XimKsProofs) proofs = xim_ks_proofs_new (1);
  XimHash digest;
  xim_crypto_sha256 (NULL, 0, &digest);
  g_autofree char *good = answer (PROVE ("A@Example.ORG/<&'", DIGEST), proofs);
  g_assert_cmpstr (good, ==,
                   "<iq type='result' from='keys.example.org' "
                   "to='A@Example.ORG/&lt;&amp;&apos;' id='1&apos;'></iq>");
  g_assert_true (xim_ks_proofs_has (proofs, "a@example.org", &digest, 1));
  static const char *const senders[]
      = { "a@two.test/x", "example.org", "a@example.org.evil/x", "@/", "" };
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    {
      g_autofree char *bad = answer (PROVE (senders[i], DIGEST), proofs);
      g_assert_nonnull (strstr (bad, "<forbidden "));
    }
  static const char *const digests[]
      = { NULL, "", "AAAA", DIGEST " ", "?" DIGEST };
  for (guint i = 0; i < G_N_ELEMENTS (digests); i++)
    {
      g_autofree char *bad
          = answer (PROVE ("a@example.org", digests[i]), proofs);
      g_assert_nonnull (strstr (bad, "<bad-request "));
    }
  g_autofree char *full = answer (PROVE ("b@example.org", DIGEST), proofs);
  g_assert_nonnull (strstr (full, "<resource-constraint "));
}

static void
test_silence (void)
{
  static const XimKsStanza stanzas[] = {
    { .name = (char *)"iq", .type = (char *)"result", .from = (char *)"a@b" },
    { .name = (char *)"iq", .type = (char *)"error", .from = (char *)"a@b" },
    { .name = (char *)"iq", .from = (char *)"a@b" },
    { .name = (char *)"iq", .type = (char *)"get" },
    { .name = (char *)"message",
      .type = (char *)"error",
      .from = (char *)"a" },
    { .name = (char *)"presence", .from = (char *)"a@b" },
    { .name = (char *)"message", .ns = (char *)"other", .from = (char *)"a" },
    { .name = (char *)"unknown", .from = (char *)"a@b" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (stanzas); i++)
    g_assert_null (answer (stanzas[i], NULL));
}

/* The example of XEP-0114. */
static void
test_handshake (void)
{
  char secret[] = "test";
  g_autoptr (XimSecret) kept
      = xim_secret_new_take ((guint8 *)secret, strlen (secret));
  g_autofree char *text = xim_ks_stanzas_handshake ("3BF96D32", kept);
  g_assert_cmpstr (
      text, ==,
      "<handshake>aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e</handshake>");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/ks-xmpp/any-steps", test_any_steps);
  g_test_add_func ("/ks-xmpp/refuses", test_refuses);
  g_test_add_func ("/ks-xmpp/new-names-for-ever", test_new_names_for_ever);
  g_test_add_func ("/ks-stanzas/prove", test_prove);
  g_test_add_func ("/ks-stanzas/silence", test_silence);
  g_test_add_func ("/ks-stanzas/handshake", test_handshake);
  return g_test_run ();
}
