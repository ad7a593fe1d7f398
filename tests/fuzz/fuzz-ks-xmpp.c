/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes ks-xmpp.c and ks-stanzas.c: what an XMPP server sends. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-error.h"

#include "ks-stanzas.h"

#define STANZA_MAX 4096

static void
opened (const char *id, gpointer user_data)
{
  (void)user_data;
  g_assert_true (id == NULL || g_utf8_validate (id, -1, NULL));
}

/* An answer is well-formed whatever it repeats, or there is none. */
static void
came (const XimKsStanza *stanza, gpointer user_data)
{
  const XimKsService *service = user_data;
  g_autofree char *answer = xim_ks_stanzas_answer (service, stanza, 1);
  g_assert_nonnull (stanza->name);
  if (answer == NULL)
    return;
  g_autoptr (GMarkupParseContext) markup = g_markup_parse_context_new (
      &(GMarkupParser){ NULL, NULL, NULL, NULL, NULL }, 0, NULL, NULL);
  g_autoptr (GError) error = NULL;
  if (!g_markup_parse_context_parse (markup, answer, -1, &error))
    g_error ("%s: %s", answer, error->message);
}

static void
closed (gpointer user_data)
{
  (void)user_data;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const XimKsXmppOps ops = { opened, came, closed };
  if (size == 0)
    return 0;
  g_autoptr (XimKsProofs) proofs = xim_ks_proofs_new (4);
  XimKsService service = { .address = "keys.example.org",
                           .domain = "example.org",
                           .vkey = "keys.example.org+00000000+AAAA",
                           .proofs = proofs };
  g_autoptr (XimKsXmpp) xmpp = xim_ks_xmpp_new (&ops, &service, STANZA_MAX);
  size_t step = data[0] == 0 ? size : data[0];
  gboolean ok = TRUE;
  for (size_t i = 1; ok && i < size; i += step)
    {
      g_autoptr (GError) error = NULL;
      ok = xim_ks_xmpp_feed (xmpp, (const char *)data + i,
                             MIN (step, size - i), &error);
      g_assert_true (ok == (error == NULL));
    }
  return 0;
}
