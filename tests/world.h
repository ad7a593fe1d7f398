/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A client of the plugin's message parts: libpurple with a protocol that keeps
 * what it would send, real files and real envelopes; only the clock and the
 * keyserver are made up.  Two members, alice and bob, of example.org. */

#pragma once

#include "plugin/incoming.h"
#include "plugin/outgoing.h"

#define WORLD_ALICE "alice@example.org"
#define WORLD_BOB "bob@example.org"
#define WORLD_CAROL "carol@example.org" /* has no keys */

/* One member, signed on. */
typedef struct
{
  PurpleAccount *account;
  const char *jid;
  char *dir;
  XimStore *store;
  XimKeystore *keystore;
  XimEnrol *enrol;
  XimPeers *peers;
  XimWitness *witness;
  XimOutgoing *outgoing;
  XimIncoming *incoming;
  GPtrArray *sent; /* the text of every stanza that went out */
  guint n_alarms;  /* that messages caused */
} WorldClient;

extern gint64 world_now_s;

void world_start (void);
void world_stop (void);

/**
 * world_client_new:
 * @letter: small; names the device and its keys
 * An enrolled, unlocked, online client that knows nobody yet but itself.
 */
WorldClient *world_client_new (const char *jid, char letter);
void world_client_free (WorldClient *client);

/* The parts are made again on the same files, as after a restart. */
void world_client_restart (WorldClient *client);

/* What @client knows of @jid. */
XimFacts *world_facts (WorldClient *client, const char *jid);

/* The keyserver's answer came: @jid has the keys of device @letter. */
void world_found (WorldClient *client, const char *jid, char letter);

/* Its owner has replaced the devices of @jid that were found by @letter. */
void world_removed (WorldClient *client, const char *jid, char letter);

/* What comparing with what messages say of @jid comes to. */
void world_said (WorldClient *client, const char *jid, XimClaimResult said);
XimPeers *world_peers_new (void);
void world_peers_free (XimPeers *peers);
guint world_n_lookups (WorldClient *client, const char *jid);

/* Own account: as after `/xim lock`, and back. */
void world_lock (WorldClient *client);
void world_unlock (WorldClient *client);
void world_set_never_enrolled (WorldClient *client);
void world_set_offered (WorldClient *client);

/* As the user types into a conversation. */
PurpleConversation *world_conversation (WorldClient *client, const char *who);
void world_type (WorldClient *client, const char *who, const char *html);

/* As another plugin sends a stanza. */
void world_send (WorldClient *client, const char *xml);

/* As another plugin sends raw XML. */
void world_send_raw (WorldClient *client, const char *xml);

/**
 * world_receive:
 * A stanza as the server delivers it, from @from.
 * Returns: (transfer full) (nullable): the HTML that libpurple would show,
 * NULL if there is nothing to show, or the stanza was swallowed
 */
char *world_receive (WorldClient *client, const char *from, const char *xml);

/* (transfer none): the last stanza sent, NULL if there is none. */
const char *world_last (const WorldClient *client);

/* Whether any line contains @text. */
gboolean world_has_line (const char *text);
guint world_n_lines (const char *text);
