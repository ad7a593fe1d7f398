/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What messages say of account versions, compared with what is known here. */

#include "config.h"

#include "witness.h"

#include <string.h>

#include "clock.h"
#include "evidence.h"

/* What may wait for a lookup, and how many alarms are remembered. */
#define WAITING_MAX 64
#define WAITING_PER_SENDER_MAX 4
#define ALARMS_MAX 256

/* One line of `seen`. */
typedef struct
{
  char *jid;  /* whose account */
  char *from; /* who says so */
  XimPeersClaim claim;
  char *base64; /* the envelope */
  guint after;  /* lookups that had begun by then */
} Statement;

struct _XimWitness
{
  char *jid;
  XimStore *store;
  XimPeers *peers;
  const XimWitnessOps *ops;
  gpointer user_data;
  GPtrArray *waiting; /* of Statement */
  GHashTable *alarms; /* texts of statements that were told */
};

static void
statement_free (gpointer data)
{
  Statement *statement = data;
  g_free (statement->jid);
  g_free (statement->from);
  g_free (statement->base64);
  g_free (statement);
}

XimWitness *
xim_witness_new (const char *jid, XimStore *store, XimPeers *peers,
                 const XimWitnessOps *ops, gpointer user_data)
{
  XimWitness *witness = g_new0 (XimWitness, 1);
  witness->jid = g_strdup (jid);
  witness->store = store;
  witness->peers = peers;
  witness->ops = ops;
  witness->user_data = user_data;
  witness->waiting = g_ptr_array_new_with_free_func (statement_free);
  witness->alarms
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return witness;
}

void
xim_witness_free (XimWitness *witness)
{
  if (witness == NULL)
    return;
  g_free (witness->jid);
  g_ptr_array_unref (witness->waiting);
  g_hash_table_unref (witness->alarms);
  g_free (witness);
}

/* The alarm */

static char *
claim_text (const Statement *statement)
{
  const XimPeersClaim *claim = &statement->claim;
  g_autofree char *device
      = xim_codec_hex_encode (claim->device.bytes, sizeof claim->device.bytes);
  g_autofree char *hash
      = xim_codec_base64_encode (claim->hash.bytes, sizeof claim->hash.bytes);
  return g_strdup_printf ("device %s of %s says that it used version %u of "
                          "%s, SHA-256 %s",
                          device, statement->from, claim->version,
                          statement->jid, hash);
}

static void
keep (XimWitness *witness, const Statement *statement, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimEvidence) evidence
      = xim_evidence_new (statement->jid, "seen", xim_plugin_now_s ());
  const char *own = xim_peers_bundle (witness->peers, statement->jid);
  const char *sender = xim_peers_bundle (witness->peers, statement->from);
  gboolean is_new = FALSE;
  xim_evidence_say (evidence, "what",
                    "a signed message names a version of an account that the "
                    "keyserver does not show here");
  xim_evidence_say (evidence, "because", text);
  xim_evidence_add (evidence, "envelope, base64", statement->base64,
                    strlen (statement->base64));
  if (own != NULL)
    xim_evidence_add (evidence, "bundle shown here", own, strlen (own));
  if (sender != NULL && strcmp (statement->jid, statement->from) != 0)
    xim_evidence_add (evidence, "bundle of the sender", sender,
                      strlen (sender));
  if (!xim_evidence_save (evidence, xim_store_dir (witness->store), &is_new,
                          &error))
    purple_debug_error ("x-im", "witness: %s\n", error->message);
}

static void
alarm_of (XimWitness *witness, const Statement *statement)
{
  g_autofree char *text = claim_text (statement);
  purple_debug_warning ("x-im", "witness: %s\n", text);
  if (g_hash_table_size (witness->alarms) >= ALARMS_MAX)
    g_hash_table_remove_all (witness->alarms);
  if (!g_hash_table_add (witness->alarms, g_strdup (text)))
    return;
  keep (witness, statement, text);
  witness->ops->alarm (statement->jid, statement->from, witness->user_data);
}

/* Comparing */

static gboolean
is_of_sender (const Statement *statement)
{
  return strcmp (statement->jid, statement->from) == 0;
}

/* Returns: whether the statement is done with. */
static gboolean
judge_newer (XimWitness *witness, const Statement *statement)
{
  if (xim_peers_n_well (witness->peers, statement->jid) > statement->after)
    {
      alarm_of (witness, statement);
      return TRUE;
    }
  xim_peers_refresh (witness->peers, statement->jid, TRUE);
  return FALSE;
}

static gboolean
judge (XimWitness *witness, const Statement *statement)
{
  switch (
      xim_peers_compare (witness->peers, statement->jid, &statement->claim))
    {
    case XIM_CLAIM_NEWER:
      if (is_of_sender (statement))
        xim_peers_hear (witness->peers, statement->jid, &statement->claim);
      return judge_newer (witness, statement);
    case XIM_CLAIM_OTHER:
      if (is_of_sender (statement))
        xim_peers_hear (witness->peers, statement->jid, &statement->claim);
      alarm_of (witness, statement);
      return TRUE;
    case XIM_CLAIM_MISSING:
      if (strcmp (statement->jid, witness->jid) != 0)
        return TRUE;
      xim_peers_complete (witness->peers, statement->jid,
                          statement->claim.version);
      return FALSE;
    case XIM_CLAIM_LACKING:
      alarm_of (witness, statement);
      return TRUE;
    case XIM_CLAIM_FITS:
    case XIM_CLAIM_OLD:
    default:
      return TRUE;
    }
}

static gboolean
has_room (const XimWitness *witness, const char *from)
{
  guint n = 0;
  for (guint i = 0; i < witness->waiting->len; i++)
    {
      const Statement *other = g_ptr_array_index (witness->waiting, i);
      n += strcmp (other->from, from) == 0;
    }
  return n < WAITING_PER_SENDER_MAX && witness->waiting->len < WAITING_MAX;
}

static gboolean
is_own_news (const XimWitness *witness, const Statement *statement)
{
  return strcmp (statement->jid, witness->jid) == 0
         && xim_peers_compare (witness->peers, statement->jid,
                               &statement->claim)
                == XIM_CLAIM_NEWER;
}

static void
take_line (XimWitness *witness, const XimWitnessMessage *message,
           const XimSeen *seen)
{
  Statement *statement = g_new0 (Statement, 1);
  statement->jid = g_strdup (seen->jid);
  statement->from = g_strdup (message->from);
  statement->claim
      = (XimPeersClaim){ seen->version, seen->hash, *message->device };
  statement->base64 = g_strdup (message->base64);
  statement->after = xim_peers_n_begun (witness->peers, seen->jid);
  if (is_own_news (witness, statement))
    witness->ops->own_seen (witness->user_data);
  if (judge (witness, statement) || !has_room (witness, message->from))
    statement_free (statement);
  else
    g_ptr_array_add (witness->waiting, statement);
}

void
xim_witness_take (XimWitness *witness, const XimWitnessMessage *message)
{
  const GArray *lines = message->content->seen;
  for (guint i = 0; i < lines->len; i++)
    {
      const XimSeen *seen = &g_array_index (lines, XimSeen, i);
      if (strcmp (seen->jid, message->from) == 0
          || strcmp (seen->jid, witness->jid) == 0)
        take_line (witness, message, seen);
    }
}

void
xim_witness_retry (XimWitness *witness, const char *jid)
{
  /* Judging may end a lookup, which comes here again. */
  g_autoptr (GPtrArray) mine = g_ptr_array_new_with_free_func (statement_free);
  for (guint i = witness->waiting->len; i > 0; i--)
    {
      const Statement *statement = g_ptr_array_index (witness->waiting, i - 1);
      if (strcmp (statement->jid, jid) == 0)
        g_ptr_array_insert (mine, 0,
                            g_ptr_array_steal_index (witness->waiting, i - 1));
    }
  while (mine->len > 0)
    {
      Statement *statement = g_ptr_array_steal_index (mine, 0);
      if (judge (witness, statement))
        statement_free (statement);
      else
        g_ptr_array_add (witness->waiting, statement);
    }
}
