/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Verbs of /xim that look at a contact or set what holds for it. */

#include "config.h"

#include "verbs.h"

#include <string.h>

#include "evidence.h"
#include "face.h"
#include "i18n.h"
#include "marks.h"
#include "notices.h"
#include "status.h"

static char *
no_contact (void)
{
  return g_strdup (_ ("This works in a conversation with one contact."));
}

static char *
run_status (const XimCall *call)
{
  g_autofree char *account = xim_status_account (call->state);
  g_autofree char *contact = call->jid != NULL
                                 ? xim_status_contact (call->state, call->jid)
                                 : g_strdup (_ ("NOT encrypted: rooms are not "
                                                "encrypted by this version of "
                                                "X-IM."));

  return g_strdup_printf ("%s\n%s", account, contact);
}

static char *
run_fingerprint (const XimCall *call)
{
  g_autofree char *own
      = xim_peers_fingerprint (call->state->peers, call->state->jid);
  g_autofree char *theirs
      = call->jid != NULL
            ? xim_peers_fingerprint (call->state->peers, call->jid)
            : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (own != NULL)
    g_string_append_printf (text, _ ("Your key:\n%s"), own);
  else
    g_string_append (text, _ ("Your own keys are not at hand."));
  if (theirs != NULL)
    g_string_append_printf (text, _ ("\nKeys of %s:\n%s"), call->jid, theirs);
  else if (call->jid != NULL)
    g_string_append_printf (text, _ ("\nNo keys of %s are at hand."),
                            call->jid);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const char *const policy_words[]
    = { [XIM_POLICY_AUTOMATIC] = "automatic",
        [XIM_POLICY_ALWAYS] = "always",
        [XIM_POLICY_NEVER] = "never" };

static char *
policy_text (XimPolicy policy, const char *jid)
{
  switch (policy)
    {
    case XIM_POLICY_ALWAYS:
      return g_strdup_printf (_ ("Messages to %s go only encrypted."), jid);
    case XIM_POLICY_NEVER:
      return g_strdup_printf (_ ("Messages to %s are NOT encrypted."), jid);
    case XIM_POLICY_AUTOMATIC:
    default:
      return g_strdup_printf (_ ("Messages to %s are encrypted unless it is "
                                 "sure that the contact does not use X-IM."),
                              jid);
    }
}

static char *
run_policy (const XimCall *call)
{
  g_autoptr (GError) error = NULL;
  XimPeers *peers = call->state->peers;

  if (call->jid == NULL)
    return no_contact ();
  if (call->words[0] == NULL)
    return policy_text (xim_peers_policy (peers, call->jid), call->jid);
  for (guint i = 0; i < G_N_ELEMENTS (policy_words); i++)
    if (strcmp (call->words[0], policy_words[i]) == 0)
      {
        if (!xim_peers_set_policy (peers, call->jid, (XimPolicy)i, &error))
          {
            purple_debug_error ("x-im", "policy: %s\n", error->message);
            return g_strdup (_ ("This was not kept: a file of X-IM cannot be "
                                "written."));
          }
        xim_outgoing_flush (call->state->outgoing, call->jid);
        xim_face_changed (call->state->purple, call->jid);
        return policy_text ((XimPolicy)i, call->jid);
      }
  return g_strdup (_ ("Type /xim policy automatic, /xim policy always or /xim "
                      "policy never"));
}

static void
tell_unmarked (const XimCall *call)
{
  g_autofree char *text = xim_notices_unmarked_text (call->jid);

  xim_notices_line (call->state->purple, call->jid, TRUE, text);
}

/* Whatever was accepted, the user did not compare it. */
static void
clear_mark (const XimCall *call)
{
  g_autoptr (GError) error = NULL;
  gboolean was = FALSE;

  if (!xim_marks_clear (call->state->store, call->jid, &was, &error))
    purple_debug_error ("x-im", "accepting: %s\n", error->message);
  if (was)
    tell_unmarked (call);
}

static char *
run_accept (const XimCall *call)
{
  g_autoptr (GError) error = NULL;

  if (call->jid == NULL)
    return no_contact ();
  if (xim_marks_lost (call->state->store, call->state->peers, call->jid))
    tell_unmarked (call);
  if (!xim_peers_accept (call->state->peers, call->jid, &error))
    {
      purple_debug_error ("x-im", "accepting: %s\n", error->message);
      return g_strdup_printf (_ ("There are no new keys of %s to accept."),
                              call->jid);
    }
  clear_mark (call);
  xim_outgoing_flush (call->state->outgoing, call->jid);
  xim_incoming_retry (call->state->incoming, call->jid);
  return g_strdup_printf (_ ("The new keys of %s are used from now on."),
                          call->jid);
}

static char *
run_open (const XimCall *call)
{
  XimIncoming *incoming = call->state->incoming;

  if (call->jid == NULL)
    return no_contact ();
  if (xim_incoming_n_removed (incoming, call->jid) > 0)
    {
      xim_incoming_allow (incoming, call->jid);
      return NULL;
    }
  if (xim_incoming_n_waiting (incoming, call->jid) == 0)
    return g_strdup_printf (_ ("No message from %s waits."), call->jid);
  xim_incoming_allow (call->state->incoming, call->jid);
  return g_strdup_printf (_ ("The keys of %s are being looked up."),
                          call->jid);
}

static char *
run_evidence (const XimCall *call)
{
  const char *dir = xim_store_dir (call->state->store);
  g_autofree char *folder = xim_evidence_folder (dir);
  const guint n = xim_evidence_n (dir);

  if (n == 0)
    return g_strdup (_ ("Nothing is kept as evidence: all that keyservers and "
                        "messages said fits."));
  return g_strdup_printf (
      NG_ ("%u file is kept as evidence of what did not fit, in %s. It holds "
           "no secret; you can give it to an expert.",
           "%u files are kept as evidence of what did not fit, in %s. They "
           "hold no secret; you can give them to an expert.",
           n),
      n, folder);
}

static char *
run_discard (const XimCall *call)
{
  guint n;

  if (call->jid == NULL)
    return no_contact ();
  n = xim_outgoing_discard (call->state->outgoing, call->jid);
  return g_strdup_printf (
      NG_ ("%u waiting message to %s was thrown away; it was not sent.",
           "%u waiting messages to %s were thrown away; they were not sent.",
           n),
      n, call->jid);
}

const XimVerb xim_verbs_contact[] = {
  { "status", run_status,
    N_ ("/xim status: whether this conversation is encrypted, and why") },
  { "fingerprint", run_fingerprint,
    N_ ("/xim fingerprint: your key and the keys of the contact") },
  { "policy", run_policy,
    N_ ("/xim policy automatic: encrypt, unless it is sure that the contact "
        "does not use X-IM\n"
        "/xim policy always: send nothing that is not encrypted\n"
        "/xim policy never: do not encrypt for this contact") },
  { "open", run_open,
    N_ ("/xim open: read what somebody sent who is not in your buddy list, "
        "or what a removed device sent") },
  { "accept", run_accept,
    N_ ("/xim accept: use the new keys of a contact that has started "
        "again") },
  { "discard", run_discard,
    N_ ("/xim discard: throw away what waits to be sent to this contact") },
  { "evidence", run_evidence,
    N_ ("/xim evidence: where it is kept what did not fit of what keyservers "
        "said") },
  { NULL, NULL, NULL },
};
