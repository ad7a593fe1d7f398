/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The verb of /xim that proves what a keyserver shows. */

#include "config.h"

#include "verbs.h"

#include "i18n.h"
#include "proof-file.h"
#include "xim-jid.h"

static char *
failure_text (const GError *error, const char *jid)
{
  purple_debug_info ("x-im", "proof: %s: %s\n", jid, error->message);
  switch (error->code)
    {
    case XIM_ERROR_NOT_LOGGED:
      return g_strdup_printf (_ ("The keyserver of %s keeps no public record, "
                                 "so there is nothing to prove."),
                              jid);
    case XIM_ERROR_STORE:
      return g_strdup (_ ("The proof cannot be written. Look whether the disk "
                          "is full."));
    default:
      return g_strdup_printf (_ ("What is known of the keys of %s is too old "
                                 "for a proof. It is looked up again; type "
                                 "/xim proof after that."),
                              jid);
    }
}

static char *
save (const XimCall *call, const char *jid)
{
  const XimAccountState *state = call->state;
  const XimServer *server
      = xim_discovery_known (state->discovery, xim_jid_domain (jid));
  const char *json = xim_peers_bundle (state->peers, jid);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  guint32 version = 0;

  if (json == NULL || server == NULL)
    return g_strdup_printf (_ ("No keys of %s are known here."), jid);
  if (xim_proof_file_save (server, json, xim_store_dir (state->store), &path,
                           &version, &error))
    return g_strdup_printf (
        /* TRANSLATORS: a number, an address, the path of a file. */
        _ ("The proof that version %1$u of the keys of %2$s is in the public "
           "record of the keyserver is in the file %3$s. Anybody can check it "
           "without asking the keyserver. It holds no secret of yours."),
        version, jid, path);
  if (error->code != XIM_ERROR_NOT_LOGGED && error->code != XIM_ERROR_STORE)
    xim_peers_refresh (state->peers, jid, TRUE);
  return failure_text (error, jid);
}

static char *
run_proof (const XimCall *call)
{
  g_autofree char *jid = call->words[0] != NULL
                             ? xim_jid_prepare (call->words[0], NULL)
                             : g_strdup (call->jid);

  if (jid == NULL)
    return g_strdup (_ ("Type /xim proof ADDRESS, where ADDRESS is that of a "
                        "contact or your own"));
  return save (call, jid);
}

const XimVerb xim_verbs_log[] = {
  { "proof", run_proof,
    N_ ("/xim proof [ADDRESS]: put the proof that the keys of a contact, or "
        "your own, are in their keyserver's public record into a file") },
  { NULL, NULL, NULL },
};
