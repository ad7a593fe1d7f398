/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Content to envelope to stanza, for one account. */

#include "config.h"

#include "sealer.h"

#include <string.h>

#include "hash-set.h"
#include "sessions.h"

/* Far more than libpurple keeps for a resend. */
#define MADE_MAX 16384

/* A text below this length fits, whatever has to be escaped in it. */
#define SURELY_FITS 4096

struct _XimSealer
{
  char *jid;
  XimEnrol *enrol;
  XimPeers *peers;
  XimSessions *sessions;
  XimHashSet *made;
};

XimSealer *
xim_sealer_new (const char *jid, XimEnrol *enrol, XimPeers *peers)
{
  XimSealer *sealer = g_new0 (XimSealer, 1);

  sealer->jid = g_strdup (jid);
  sealer->enrol = enrol;
  sealer->peers = peers;
  sealer->sessions = xim_sessions_new ();
  sealer->made = xim_hash_set_new (MADE_MAX);
  return sealer;
}

void
xim_sealer_free (XimSealer *sealer)
{
  if (sealer == NULL)
    return;
  g_free (sealer->jid);
  xim_sessions_free (sealer->sessions);
  xim_hash_set_free (sealer->made);
  g_free (sealer);
}

void
xim_sealer_lock (XimSealer *sealer)
{
  xim_sessions_clear (sealer->sessions);
}

/* Whether the own list has changed since the bundle that would be sealed to: a
 * device that was just added must read the next message. */
static gboolean
is_behind (XimSealer *sealer)
{
  const XimVerified *present = xim_enrol_present (sealer->enrol);
  XimTrustPeer own;

  return present != NULL
         && xim_peers_trust (sealer->peers, sealer->jid, &own)
         && xim_verified_account (own.verified)->version
                < xim_verified_account (present)->version;
}

/* The own bundle is judged like that of a contact: every message is sealed to
 * the own devices too. */
gboolean
xim_sealer_ready (XimSealer *sealer, gint64 now_s, XimHoldReason *reason)
{
  XimFacts facts = { 0 };

  *reason = XIM_HOLD_OWN_KEYS;
  if (xim_enrol_state (sealer->enrol) != XIM_ENROL_READY)
    return FALSE;
  xim_peers_facts (sealer->peers, sealer->jid, &facts);
  facts.policy = XIM_POLICY_ALWAYS;
  facts.own_ever = facts.own_unlocked = facts.own_ready = TRUE;
  const gboolean behind = is_behind (sealer);
  if (xim_decide (&facts, now_s, reason) == XIM_SEAL && !behind)
    return TRUE;
  xim_peers_refresh (sealer->peers, sealer->jid,
                     behind || *reason == XIM_HOLD_LOOKING_UP);
  *reason = XIM_HOLD_OWN_KEYS;
  return FALSE;
}

gboolean
xim_sealer_is_stopped (XimSealer *sealer)
{
  XimFacts facts = { 0 };

  xim_peers_facts (sealer->peers, sealer->jid, &facts);
  return facts.peer == XIM_PEER_LOG_FORKED;
}

/* Whether both keyservers answered the last time: only then must a bundle be
 * fresh; decide() has judged each by its own. */
static gboolean
is_online (XimSealer *sealer, const char *jid)
{
  XimFacts own = { 0 };
  XimFacts peer = { 0 };

  xim_peers_facts (sealer->peers, sealer->jid, &own);
  xim_peers_facts (sealer->peers, jid, &peer);
  return own.peer_online && peer.peer_online;
}

static gboolean
load_trust (XimSealer *sealer, const char *jid, XimTrustPeer *out,
            GError **error)
{
  if (xim_peers_trust (sealer->peers, jid, out))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
               "expected a verified bundle of %s, got none", jid);
  return FALSE;
}

static void
add_seen (XimContent *content, const XimTrustPeer *peer)
{
  const XimAccount *account = xim_verified_account (peer->verified);

  xim_content_add_seen (content, account->jid, account->version,
                        &account->hash);
}

static char *
seal_content (XimSealer *sealer, const char *jid, const XimTrustPeer *peers,
              guint n_peers, XimContent *content, GError **error)
{
  const XimSender *sender = xim_enrol_sender (sealer->enrol);
  const gint64 now_s = content->time_s;
  g_autoptr (XimRecipients) recipients = xim_trust_recipients (
      peers, n_peers, is_online (sealer, jid), now_s, error);
  g_autoptr (XimSecret) bytes = NULL;
  g_autoptr (GBytes) envelope = NULL;

  if (recipients == NULL)
    return NULL;
  bytes = xim_content_encode (content, error);
  if (bytes == NULL)
    return NULL;
  envelope = xim_envelope_seal (xim_sessions_get (sealer->sessions, jid),
                                recipients, sender, bytes, now_s, error);
  return envelope != NULL ? xim_envelope_encode_text (envelope, error) : NULL;
}

gboolean
xim_sealer_seal (XimSealer *sealer, xmlnode *message, const char *jid,
                 XimSecret *children, gint64 now_s, GError **error)
{
  g_autoptr (XimContent) content
      = xim_content_new (sealer->jid, jid, now_s, children);
  XimTrustPeer peers[2];
  guint n_peers = 0;
  g_autofree char *base64 = NULL;

  if (xim_enrol_sender (sealer->enrol) == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                           "expected own keys, got none or locked ones");
      return FALSE;
    }
  if (!load_trust (sealer, sealer->jid, &peers[n_peers++], error))
    return FALSE;
  if (strcmp (jid, sealer->jid) != 0
      && !load_trust (sealer, jid, &peers[n_peers++], error))
    return FALSE;
  for (guint i = 0; i < n_peers; i++)
    add_seen (content, &peers[i]);
  base64 = seal_content (sealer, jid, peers, n_peers, content, error);
  if (base64 == NULL)
    return FALSE;
  xim_hash_set_add (sealer->made, base64);
  xim_xmlnode_set_sealed (message, base64);
  return TRUE;
}

/* libpurple adds a formatted text only where line breaks are not all of it. */
static gboolean
is_formatted (const char *xhtml, const char *plain)
{
  g_autofree char *lines = purple_strreplace (xhtml, "<br/>", "\n");
  g_autofree char *text = purple_unescape_html (lines);

  return strcmp (text, plain) != 0;
}

/* As libpurple makes it of what was typed. */
static xmlnode *
make_message (const char *html)
{
  xmlnode *message = xmlnode_new ("message");
  g_autofree char *xhtml = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *whole = NULL;
  xmlnode *formatted;

  purple_markup_html_to_xhtml (html, &xhtml, &plain);
  if (*plain != '\0')
    xmlnode_insert_data (xmlnode_new_child (message, "body"), plain, -1);
  if (!is_formatted (xhtml, plain))
    return message;
  whole = g_strdup_printf ("<html xmlns='http://jabber.org/protocol/xhtml-im'>"
                           "<body xmlns='http://www.w3.org/1999/xhtml'>"
                           "<p>%s</p></body></html>",
                           xhtml);
  formatted = xmlnode_from_str (whole, -1);
  if (formatted != NULL)
    xmlnode_insert_child (message, formatted);
  return message;
}

gboolean
xim_sealer_fits (XimSealer *sealer, const char *jid, const char *html,
                 gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  XimSecret *children;
  xmlnode *message;
  gboolean fits;

  if (strlen (html) < SURELY_FITS)
    return TRUE;
  message = make_message (html);
  children = xim_xmlnode_take_content (message, NULL);
  fits = xim_secret_len (children) < XIM_STANZA_BASE64_MAX / 4 * 3;
  if (!fits)
    xim_secret_free (children);
  else if (!xim_sealer_seal (sealer, message, jid, children, now_s, &error))
    fits = !g_error_matches (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
  xmlnode_free (message);
  return fits;
}

gboolean
xim_sealer_made (const XimSealer *sealer, const char *base64)
{
  return xim_hash_set_has (sealer->made, base64);
}
