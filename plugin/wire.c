/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Serialised XML on its way to the stream: what gate 2 passed, and raw XML. */

#include "config.h"

#include "wire.h"

#include <string.h>

#include "hash-set.h"
#include "xmlnode.h"

/* libpurple writes a stanza right after gate 2; more than one is on its way
 * only when a handler of another plugin sends something in between. */
#define PASSED_MAX 16

struct _XimWire
{
  XimVerdict *verdict;
  XimHashSet *passed;
};

XimWire *
xim_wire_new (XimVerdict *verdict)
{
  XimWire *wire = g_new0 (XimWire, 1);

  wire->verdict = verdict;
  wire->passed = xim_hash_set_new (PASSED_MAX);
  return wire;
}

void
xim_wire_free (XimWire *wire)
{
  if (wire == NULL)
    return;
  xim_hash_set_free (wire->passed);
  g_free (wire);
}

void
xim_wire_pass (XimWire *wire, const xmlnode *stanza)
{
  g_autofree char *text = xmlnode_to_str (stanza, NULL);

  xim_hash_set_add (wire->passed, text);
}

/* libpurple adds the stream's namespace to stanzas of BOSH after gate 2. */
static gboolean
was_passed (XimWire *wire, const char *text)
{
  static const char ns[] = " xmlns='jabber:client'";
  const char *found = strstr (text, ns);
  g_autofree char *without = NULL;

  if (xim_hash_set_remove (wire->passed, text))
    return TRUE;
  if (found == NULL)
    return FALSE;
  without = g_strdup_printf ("%.*s%s", (int)(found - text), text,
                             found + strlen (ns));
  return xim_hash_set_remove (wire->passed, without);
}

/* White space, or the one tag that opens or closes the stream. */
static gboolean
is_stream_or_space (const char *text)
{
  static const char space[] = " \t\r\n";

  if (g_str_has_prefix (text, "<?xml ") && strstr (text, "?>") != NULL)
    text = strstr (text, "?>") + 2;
  text += strspn (text, space);
  if (*text == '\0')
    return TRUE;
  return (g_str_has_prefix (text, "<stream:stream ")
          || g_str_has_prefix (text, "</stream:stream>"))
         && strchr (text + 1, '<') == NULL;
}

static gboolean
may_go_raw (XimWire *wire, xmlnode *stanza)
{
  XimHoldReason reason = XIM_HOLD_NONE;
  const char *invited;

  if (strcmp (stanza->name, "message") != 0)
    return TRUE;
  invited = xim_xmlnode_invited (stanza);
  if (invited != NULL
      && xim_verdict_decide_for (wire->verdict, invited, &reason) != XIM_PLAIN)
    return FALSE;
  return xim_verdict_decide_for (wire->verdict, xim_xmlnode_to (stanza),
                                 &reason)
         == XIM_PLAIN;
}

gboolean
xim_wire_allows (XimWire *wire, const char *text)
{
  xmlnode *stanza;
  gboolean may;

  if (was_passed (wire, text))
    return TRUE;
  if (is_stream_or_space (text))
    return TRUE;
  stanza = xmlnode_from_str (text, -1);
  if (stanza == NULL)
    return FALSE;
  may = may_go_raw (wire, stanza);
  xmlnode_free (stanza);
  return may;
}
