/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of carbons.c: which copies count. */

#include "config.h"

#include "plugin/carbons.h"
#include "tests/headless.h"

#define OWN "alice@example.org"
#define SEALED "<sealed xmlns='urn:x-im:envelope:1'>AAAA</sealed>"

/* A copy of kind @kind from @from of a message with these attributes. */
static xmlnode *
carbon (const char *from, const char *kind, const char *attributes,
        const char *children)
{
  g_autofree char *xml = g_strdup_printf (
      "<message xmlns='jabber:client' from='%s' to='" OWN "/pc'>"
      "<%s xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
      "<message xmlns='jabber:client' %s>%s</message></forwarded></%s>"
      "</message>",
      from, kind, attributes, children, kind);
  xmlnode *packet = xmlnode_from_str (xml, -1);
  g_assert_nonnull (packet);
  return packet;
}

static gboolean
is_unwrapped (xmlnode *packet)
{
  xmlnode *given = packet;
  xim_carbons_unwrap (OWN, &packet);
  gboolean unwrapped = packet != given;
  if (unwrapped)
    g_assert_cmpstr (packet->name, ==, "message");
  g_assert_true (unwrapped
                 == (xmlnode_get_child (packet, "received") == NULL
                     && xmlnode_get_child (packet, "sent") == NULL));
  xmlnode_free (packet);
  return unwrapped;
}

static void
test_takes (void)
{
  g_assert_true (is_unwrapped (
      carbon (OWN, "received", "from='bob@example.org/x' to='" OWN "/other'",
              "<body>text</body>")));
  g_assert_true (is_unwrapped (carbon (
      OWN, "received", "from='bob@example.org/x' to='" OWN "'", SEALED)));
  g_assert_true (is_unwrapped (carbon (
      OWN, "sent", "from='" OWN "/other' to='bob@example.org'", SEALED)));
}

static void
test_refuses (void)
{
  const char *others[] = { "bob@example.org", OWN "/pc", "example.org",
                           "alice@example.com", "" };
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (is_unwrapped (
        carbon (others[i], "received", "from='bob@example.org/x' to='" OWN "'",
                SEALED)));
  /* Nobody has signed that this was sent by an own device. */
  g_assert_false (is_unwrapped (
      carbon (OWN, "sent", "from='" OWN "/other' to='bob@example.org'",
              "<body>text</body>")));
  /* Of a message to or from somebody else. */
  g_assert_false (is_unwrapped (
      carbon (OWN, "sent", "from='bob@example.org/x' to='" OWN "'", SEALED)));
  g_assert_false (is_unwrapped (
      carbon (OWN, "received",
              "from='bob@example.org/x' to='carol@example.org'", SEALED)));
  g_assert_false (is_unwrapped (
      carbon (OWN, "received", "from='bob@example.org'", SEALED)));
  g_assert_false (is_unwrapped (carbon (
      OWN, "received", "type='groupchat' from='r@example.org/x' to='" OWN "'",
      SEALED)));
}

static void
test_refuses_shapes (void)
{
  static const char *const inside[] = {
    "<received xmlns='urn:xmpp:carbons:2'/>",
    "<received xmlns='urn:xmpp:carbons:2'><forwarded "
    "xmlns='urn:xmpp:forward:0'/></received>",
    "<received xmlns='urn:xmpp:carbons:2'><message xmlns='jabber:client' "
    "from='b@example.org' to='" OWN "'/></received>",
    "<received xmlns='urn:xmpp:carbons:1'><forwarded "
    "xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' "
    "from='b@example.org' to='" OWN "'/></forwarded></received>",
    "<received xmlns='urn:xmpp:carbons:2'><forwarded "
    "xmlns='urn:xmpp:forward:0'><message xmlns='urn:other' "
    "from='b@example.org' to='" OWN "'/></forwarded></received>",
  };
  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    {
      g_autofree char *xml = g_strdup_printf (
          "<message xmlns='jabber:client' from='" OWN "'>%s</message>",
          inside[i]);
      xmlnode *packet = xmlnode_from_str (xml, -1);
      xmlnode *given = packet;
      xim_carbons_unwrap (OWN, &packet);
      g_assert_true (packet == given);
      xmlnode_free (packet);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  headless_start ();
  g_test_add_func ("/carbons/takes", test_takes);
  g_test_add_func ("/carbons/refuses", test_refuses);
  g_test_add_func ("/carbons/refuses-shapes", test_refuses_shapes);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
