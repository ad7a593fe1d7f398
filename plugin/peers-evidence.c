/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What a keyserver said of a member and does not fit, as evidence. */

#include "config.h"

#include "clock.h"
#include "evidence.h"
#include "peers.h"
#include "peers-state.h"

/* Every text that was taken of the account before. */
static void
add_history (XimEvidence *evidence, Peer *peer)
{
  g_autoptr (GPtrArray) history = NULL;
  if (!xim_judge_history (peer->peers->store, peer->jid, &history, NULL))
    return;
  for (guint i = 0; i < history->len; i++)
    {
      const XimAccount *account = g_ptr_array_index (history, i);
      g_autofree char *name
          = g_strdup_printf ("text of version %u, known", account->version);
      xim_evidence_add_text (evidence, name, account->text);
    }
}

static void
add_fetched (XimEvidence *evidence, GPtrArray *got)
{
  for (guint i = 0; got != NULL && i < got->len; i++)
    {
      const XimAccount *account = g_ptr_array_index (got, i);
      g_autofree char *note = xim_note_encode (account->note);
      g_autofree char *name
          = g_strdup_printf ("version %u, fetched", account->version);
      xim_evidence_add_text (evidence, name, note);
    }
}

static void
add_server (XimEvidence *evidence, const XimServer *server)
{
  if (server == NULL)
    return;
  g_autofree char *vkey = xim_verify_key_encode (server->key);
  xim_evidence_say (evidence, "keyserver", vkey);
  xim_evidence_add_text (evidence, "pinned server note, text", server->text);
}

/* With which what is shown of the log was compared. */
static void
add_log (XimEvidence *evidence, Peer *peer)
{
  g_auto (XimStoreLog) log = { 0 };
  gboolean found = FALSE;
  if (xim_store_load_log (peer->peers->store, xim_jid_domain (peer->jid),
                          &found, &log, NULL)
      && found)
    xim_evidence_add_text (evidence, "signed tree of the log, kept before",
                           log.note);
}

/* A time that does not fit is most often a clock that is wrong, a form that is
 * not known a newer version of X-IM. */
static gboolean
is_evidence (XimError code)
{
  return code != XIM_ERROR_EXPIRED && code != XIM_ERROR_UNSUPPORTED
         && code != XIM_ERROR_STORE;
}

void
xim_peers_keep (Peer *peer, XimError code, const char *why, GBytes *body)
{
  g_autoptr (GError) error = NULL;
  gsize len = 0;
  const char *data = g_bytes_get_data (body, &len);
  gboolean is_new = FALSE;
  if (!is_evidence (code))
    return;
  g_autoptr (XimEvidence) evidence = xim_evidence_new (
      peer->jid, xim_error_word (code), xim_plugin_now_s ());
  xim_evidence_say (evidence, "what", "the answer of a keyserver");
  xim_evidence_say (evidence, "because", why);
  add_server (evidence, xim_peers_pin (peer));
  xim_evidence_add (evidence, "answer", data, len);
  add_fetched (evidence, peer->ahead.got);
  xim_evidence_add_text (evidence, "bundle, held before", peer->row.bundle);
  add_history (evidence, peer);
  if (code == XIM_ERROR_NOT_LOGGED)
    add_log (evidence, peer);
  if (!xim_evidence_save (evidence, xim_store_dir (peer->peers->store),
                          &is_new, &error))
    purple_debug_error ("x-im", "evidence: %s\n", error->message);
  else if (is_new)
    peer->peers->ops->kept (peer->jid, code, peer->peers->user_data);
}
