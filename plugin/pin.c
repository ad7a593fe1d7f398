/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The server note of a domain that counts, and what was shown instead. */

#include "config.h"

#include "pin.h"

#include <purple.h>
#include <string.h>

#include "clock.h"
#include "evidence.h"

gboolean
xim_pin_load (XimStore *store, const char *domain, XimServer **pin)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  *pin = NULL;
  if (!xim_store_load_pin (store, domain, &text, &error))
    return FALSE;
  if (text == NULL)
    return TRUE;
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), &error);
  g_autoptr (XimServer) server
      = note != NULL ? xim_server_decode (note, &error) : NULL;
  if (server == NULL || !xim_server_check (server, domain, NULL, &error))
    {
      purple_debug_error ("x-im", "discovery: the pin of %s: %s\n", domain,
                          error->message);
      return FALSE;
    }
  *pin = g_steal_pointer (&server);
  return TRUE;
}

gboolean
xim_pin_save (XimStore *store, const char *domain, const XimServer *server)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *note = xim_note_encode (server->note);
  if (xim_store_begin (store, XIM_STORE_CACHE, &error)
      && xim_store_save_pin (store, domain, server->serial, note, &error)
      && xim_store_commit (store, XIM_STORE_CACHE, &error))
    {
      purple_debug_info ("x-im", "discovery: pinned the keyserver of %s\n",
                         domain);
      return TRUE;
    }
  xim_store_rollback (store, XIM_STORE_CACHE);
  purple_debug_error ("x-im", "discovery: %s\n", error->message);
  return FALSE;
}

static void
add_note (XimEvidence *evidence, const char *name, const XimServer *server)
{
  if (server == NULL)
    return;
  g_autofree char *note = xim_note_encode (server->note);
  g_autofree char *fingerprint = xim_verify_key_fingerprint (server->key);
  xim_evidence_say (evidence, name, fingerprint);
  xim_evidence_add (evidence, name, note, strlen (note));
}

void
xim_pin_keep_evidence (XimStore *store, const char *domain,
                       const XimServer *pin, const XimPinShown *shown)
{
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;
  g_autoptr (XimEvidence) evidence = xim_evidence_new (
      domain, xim_error_word (XIM_ERROR_KEY_CHANGED), xim_plugin_now_s ());
  xim_evidence_say (evidence, "what", "the key of a keyserver");
  add_note (evidence, "pinned server note", pin);
  add_note (evidence, "shown server note", shown->server);
  add_note (evidence, "server note on the way to it", shown->step);
  if (shown->vkey != NULL)
    xim_evidence_say (evidence, "vkey in the XMPP server's form", shown->vkey);
  if (!xim_evidence_save (evidence, xim_store_dir (store), &is_new, &error))
    purple_debug_error ("x-im", "evidence: %s\n", error->message);
}
