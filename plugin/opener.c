/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Envelope to sender to content, for one account. */

#include "config.h"

#include "opener.h"

#include <string.h>

struct _XimOpener
{
  char *jid;
  XimStore *store;
  XimEnrol *enrol;
  XimPeers *peers;
  XimWitness *witness;
};

/* The replay memory, as the envelope asks it. */
typedef struct
{
  XimStore *store;
  GError *error; /* (nullable): it could not be read */
} Memory;

XimOpener *
xim_opener_new (const char *jid, XimStore *store, XimEnrol *enrol,
                XimPeers *peers, XimWitness *witness)
{
  XimOpener *opener = g_new0 (XimOpener, 1);

  opener->jid = g_strdup (jid);
  opener->store = store;
  opener->enrol = enrol;
  opener->peers = peers;
  opener->witness = witness;
  return opener;
}

void
xim_opener_free (XimOpener *opener)
{
  if (opener == NULL)
    return;
  g_free (opener->jid);
  g_free (opener);
}

gboolean
xim_opener_is_ready (const XimOpener *opener)
{
  return xim_enrol_keyring (opener->enrol) != NULL;
}

/* Errors: UNAVAILABLE, no bundle; EXPIRED; KEY_CHANGED. */
static gboolean
load_sender (XimOpener *opener, const char *jid, gint64 now_s,
             XimTrustPeer *out, GError **error)
{
  XimFacts facts = { 0 };

  if (!xim_peers_trust (opener->peers, jid, out))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                   "expected a verified bundle of %s, got none", jid);
      return FALSE;
    }
  xim_peers_facts (opener->peers, jid, &facts);
  return xim_trust_may_read (out, facts.peer_online, now_s, error);
}

gboolean
xim_opener_can_check (XimOpener *opener, const char *jid, gint64 now_s,
                      GError **error)
{
  XimTrustPeer sender;

  return load_sender (opener, jid, now_s, &sender, error);
}

static XimUnwrapped *
unwrap_with (const XimOpenerStanza *stanza, XimKeyring *ring, gint64 now_s,
             GError **error)
{
  XimEnvelope *envelope = xim_envelope_decode_text (
      stanza->base64, strlen (stanza->base64), error);

  return envelope != NULL ? xim_envelope_unwrap (envelope, ring, now_s, error)
                          : NULL;
}

/* The keys of this device, then those of exported ones.
 * @ring: (out): the one that opened it */
static XimUnwrapped *
unwrap_with_any (XimOpener *opener, const XimOpenerStanza *stanza,
                 gint64 now_s, XimKeyring **ring, GError **error)
{
  XimOwn *own = xim_enrol_own (opener->enrol);
  XimImported *imported = own != NULL ? xim_own_imported (own) : NULL;
  g_autoptr (GError) first = NULL;
  XimUnwrapped *unwrapped = unwrap_with (stanza, *ring, now_s, &first);

  const gboolean is_other
      = g_error_matches (first, XIM_ERROR, XIM_ERROR_NOT_FOR_US);
  const guint n = is_other ? xim_imported_n_rings (imported) : 0;
  for (guint i = 0; unwrapped == NULL && i < n; i++)
    {
      *ring = xim_imported_ring (imported, i);
      unwrapped = unwrap_with (stanza, *ring, now_s, NULL);
    }
  if (unwrapped == NULL)
    g_propagate_error (error, g_steal_pointer (&first));
  return unwrapped;
}

static XimUnwrapped *
unwrap (XimOpener *opener, const XimOpenerStanza *stanza, gint64 now_s,
        XimKeyring **ring, GError **error)
{
  g_autoptr (XimUnwrapped) unwrapped = NULL;

  *ring = xim_enrol_keyring (opener->enrol);
  if (*ring == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                           "expected own keys to open with, got none");
      return NULL;
    }
  unwrapped = unwrap_with_any (opener, stanza, now_s, ring, error);
  if (unwrapped == NULL)
    return NULL;
  if (strcmp (xim_unwrapped_jid (unwrapped), stanza->from) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "expected a sender block of %s, got that of %s",
                   stanza->from, xim_unwrapped_jid (unwrapped));
      return NULL;
    }
  return g_steal_pointer (&unwrapped);
}

static gboolean
was_seen (const XimDigest *digest, gpointer user_data)
{
  Memory *memory = user_data;
  gboolean found = FALSE;

  if (memory->error == NULL
      && !xim_store_has_digest (memory->store, digest->bytes, &found,
                                &memory->error))
    return TRUE;
  return found;
}

/* A device may be newer than the bundle at hand: then the keyserver is asked
 * once more before the message is refused. */
static void
judge_unknown_device (XimOpener *opener, const XimOpenerStanza *stanza,
                      const XimTrustPeer *sender, GError **error)
{
  if (!g_error_matches (*error, XIM_ERROR, XIM_ERROR_NOT_FOUND)
      || sender->checked_s > stanza->arrived_s)
    return;
  g_clear_error (error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
               "expected a listed device of %s, got one that may be newer "
               "than the bundle",
               stanza->from);
  xim_peers_refresh (opener->peers, stanza->from, TRUE);
}

/* Who holds a device that was removed can still sign with it: nothing of it is
 * shown before the user asks for it. */
static XimSecret *
open_former (XimOpener *opener, const XimOpenerStanza *stanza,
             XimUnwrapped *unwrapped, const XimReplayOps *replay, gint64 now_s,
             GError **error)
{
  g_autoptr (XimVerified) former = xim_peers_former (
      opener->peers, stanza->from, xim_unwrapped_device (unwrapped));
  g_autoptr (XimSecret) bytes = NULL;

  if (former == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "expected a device that %s lists or ever listed",
                   stanza->from);
      return NULL;
    }
  bytes = xim_envelope_open (unwrapped, former,
                             xim_enrol_keyring (opener->enrol), replay, now_s,
                             error);
  if (bytes == NULL || stanza->removed)
    return g_steal_pointer (&bytes);
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "expected a listed device of %s, got one that was removed",
               stanza->from);
  return NULL;
}

static XimSecret *
verify (XimOpener *opener, const XimOpenerStanza *stanza,
        XimUnwrapped *unwrapped, XimKeyring *ring, gint64 now_s,
        GError **error)
{
  Memory memory = { .store = opener->store };
  const XimReplayOps replay = { was_seen, &memory };
  XimTrustPeer sender;
  g_autoptr (GError) why = NULL;
  XimSecret *bytes;

  if (!load_sender (opener, stanza->from, now_s, &sender, &why))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                   "the sender cannot be checked now: %s", why->message);
      return NULL;
    }
  bytes = xim_envelope_open (unwrapped, sender.verified, ring, &replay, now_s,
                             &why);
  if (g_error_matches (why, XIM_ERROR, XIM_ERROR_NOT_FOUND))
    {
      g_clear_error (&why);
      bytes = open_former (opener, stanza, unwrapped, &replay, now_s, &why);
    }
  if (bytes != NULL)
    return bytes;
  judge_unknown_device (opener, stanza, &sender, &why);
  if (memory.error != NULL)
    g_propagate_error (error, memory.error);
  else
    g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

static gboolean
is_mine (const XimOpener *opener, const XimUnwrapped *unwrapped)
{
  const XimSender *own = xim_enrol_sender (opener->enrol);

  return own != NULL && strcmp (xim_unwrapped_jid (unwrapped), own->jid) == 0
         && xim_device_id_compare (xim_unwrapped_device (unwrapped),
                                   &own->device)
                == 0;
}

static XimContent *
check_content (XimOpener *opener, const XimOpenerStanza *stanza,
               const XimUnwrapped *unwrapped, const XimSecret *bytes,
               gint64 now_s, GError **error)
{
  const XimKeyringEntry *entry = xim_unwrapped_entry (unwrapped);
  const XimContentLife life = { entry->created_s, entry->expires_s };
  const gboolean own_copy
      = strcmp (stanza->from, opener->jid) == 0 && stanza->to != NULL;
  g_autoptr (XimContent) content = xim_content_decode (bytes, error);

  if (content == NULL
      || !xim_content_check (content, stanza->from,
                             own_copy ? stanza->to : opener->jid, &life, now_s,
                             error)
      || !xim_store_save_digest (opener->store,
                                 xim_unwrapped_digest (unwrapped)->bytes,
                                 entry->serial, error))
    return NULL;
  return g_steal_pointer (&content);
}

XimContent *
xim_opener_open (XimOpener *opener, const XimOpenerStanza *stanza,
                 gint64 now_s, gboolean *mine, GError **error)
{
  XimKeyring *ring = NULL;
  g_autoptr (XimUnwrapped) unwrapped
      = unwrap (opener, stanza, now_s, &ring, error);
  g_autoptr (XimSecret) bytes = NULL;
  XimContent *content;

  if (unwrapped == NULL)
    return NULL;
  bytes = verify (opener, stanza, unwrapped, ring, now_s, error);
  if (bytes == NULL)
    return NULL;
  content = check_content (opener, stanza, unwrapped, bytes, now_s, error);
  if (content == NULL)
    return NULL;
  *mine = is_mine (opener, unwrapped);
  if (!stanza->removed)
    {
      const XimWitnessMessage message
          = { .from = stanza->from,
              .device = xim_unwrapped_device (unwrapped),
              .base64 = stanza->base64,
              .content = content };
      xim_witness_take (opener->witness, &message);
    }
  return content;
}
