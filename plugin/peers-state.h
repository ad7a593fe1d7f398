/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the files of peers share. */

#pragma once

#include "judge.h"
#include "logs.h"
#include "peers-types.h"
#include "site.h"
#include "walk.h"

/* What stands against an address since the last lookup. */
typedef enum
{
  TROUBLE_NONE,
  TROUBLE_UNREACHABLE,
  TROUBLE_WALK, /* a newer version is there and was not reached yet */
  TROUBLE_NO_KEYSERVER,
  TROUBLE_SERVER_CHANGED,
  TROUBLE_NOT_LOGGED,
  TROUBLE_ROLLED_BACK,
  TROUBLE_BAD_ANSWER,
} Trouble;

/* A bundle of a version that does not directly follow the known one. */
typedef struct
{
  XimWalk *walk; /* (nullable) */
  GBytes *json;
  char *etag;     /* (nullable) */
  GPtrArray *got; /* (nullable): versions, also from an earlier attempt */
} Ahead;

/* An answer that was proven, while the log of its keyserver is compared. */
typedef struct
{
  XimLogCheck *check;    /* (nullable) */
  XimLogWord word;       /* what the answer says of the log */
  XimVerified *verified; /* (nullable) */
  XimAbsent *absent;     /* (nullable) */
  GBytes *body;
  char *etag; /* (nullable) */
} Gate;

/* One address; lives as long as the XimPeers. */
typedef struct
{
  XimPeers *peers;
  char *jid;
  XimStorePeer row;
  int policy;
  XimVerified *verified; /* (nullable) */
  XimVerified *pending;  /* (nullable): a version that is not reached from what
                            is known; the user may accept it, and what is known
                            counts again when the keyserver shows it again */
  gint64 absent_s;       /* of the newest absence note; 0 when there is none
                            or a bundle came after it */
  gint64 no_keyserver_s;
  Trouble trouble;
  gboolean online;  /* the keyserver answered the last time */
  gboolean finding; /* the domain is looked for */
  guint request;
  gboolean conditional; /* the request has an ETag */
  guint n_failures;
  gint64 retry_s; /* of the clock that does not jump: not before this */
  guint n_begun;  /* lookups, and which of them ended well last */
  guint n_well;
  XimSite site; /* where the versions are fetched from */
  Ahead ahead;
  Gate gate;
  XimWalk *history;      /* (nullable): older versions are being fetched */
  guint32 wanted;        /* down to this one */
  gboolean lacking;      /* the keyserver does not have them */
  gboolean has_claim;    /* one stands that is not met */
  gboolean has_accepted; /* it stood, and the user went on */
  XimPeersClaim claim;   /* of either */
  guint claim_after;     /* lookups that had begun when it was heard */
} Peer;

struct _XimPeers
{
  XimStore *store;
  XimHttp *http;
  XimDiscovery *discovery;
  const XimPeersOps *ops;
  gpointer user_data;
  GHashTable *table; /* jid -> Peer */
};

/* peers.c */

Peer *xim_peers_get (XimPeers *peers, const char *jid);
const XimServer *xim_peers_pin (Peer *peer);

/* Whether there is a reset that nobody accepted. */
gboolean xim_peers_is_reset (const Peer *peer);

/* Judges what is on the disk. */
void xim_peers_verify_stored (Peer *peer);

/* Forgets the version that is not reached; not on the disk yet. */
void xim_peers_clear_pending (Peer *peer);

/* Keeps @row, what is new in @verified (nullable), and the tree of the log
 * that @word (nullable) names, all or nothing. */
gboolean xim_peers_save (Peer *peer, const XimStorePeer *row,
                         const XimVerified *verified, const XimLogWord *word,
                         GError **error);
void xim_peers_tell (Peer *peer);

/* peers-lookup.c */

/* Ends everything of @peer that waits for an answer. */
void xim_peers_stop (Peer *peer);

/* Takes what waits in the gate: it fits all that is known. */
void xim_peers_take (Peer *peer);

/* What was answered does not verify. */
void xim_peers_refuse (Peer *peer, GBytes *body, const GError *error);

/**
 * xim_peers_miss:
 * @newer: a newer version is known to be there
 * An answer could not be judged: something else of the keyserver did not come.
 */
void xim_peers_miss (Peer *peer, gboolean newer, guint retry_after_s);

/* Its keyserver has two logs. */
void xim_peers_end_forked (Peer *peer);

/* peers-log.c */

/**
 * xim_peers_gate:
 * @verified, @absent: (transfer full) (nullable): one of them, proven
 * @body, @etag: (etag nullable): what was answered
 * Compares what it says of the log with what was said before, then takes or
 * refuses it.
 */
void xim_peers_gate (Peer *peer, XimVerified *verified, XimAbsent *absent,
                     GBytes *body, const char *etag);
void xim_peers_gate_clear (Peer *peer);

/* Whether a newer version is there that is not known yet. */
gboolean xim_peers_is_behind (const Peer *peer);

/* Whether its keyserver was caught with two logs. */
gboolean xim_peers_is_forked (const Peer *peer);

/* peers-evidence.c */

/**
 * xim_peers_keep:
 * @body: what the keyserver answered; @why: what is wrong with it
 * Keeps it as evidence and tells of it when it is not known yet.
 */
void xim_peers_keep (Peer *peer, XimError code, const char *why, GBytes *body);

/* peers-claims.c */

void xim_peers_load_claim (Peer *peer);

/* Forgets the claim when what is known now meets it or its device is gone. */
void xim_peers_settle_claim (Peer *peer);

/* Whether the keyserver was asked since the claim was heard, or contradicts
 * it. */
gboolean xim_peers_claim_denied (const Peer *peer);

/* The user goes on with what the keyserver shows. */
gboolean xim_peers_accept_claim (Peer *peer, GError **error);
