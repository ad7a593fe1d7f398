/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* plugin/peers.c over real files and a keyserver that the test plays; it knows
 * TEST_JID and serves every version of it that it ever had. */

#pragma once

#include "plugin/peers.h"
#include "tests/fake-client.h"
#include "tests/fake-log.h"
#include "tests/test-bundles.h"

#define PEERS_OWN FAKE_CLIENT_JID

typedef struct
{
  FakeClient client;
  XimPeers *peers;
} PeersWorld;

/* What the keyserver does. */
extern XimHttpOutcome peers_outcome;
extern guint peers_status;
extern char *peers_body;
extern const char *peers_etag;
extern char peers_server_letter;
extern guint peers_version_status; /* of GET versions/N; 200: what it has */

/* The log; NULL: none; what is served is logged.
 * @peers_bend changes what is said of it before it goes out. */
extern FakeLog peers_log;
extern void (*peers_bend) (XimLogged *logged);

/* Of whom the parts may speak: TEST_JID, or whom the test sets. */
extern const char *peers_expected;

/* What came of it. */
extern guint peers_n_changes;
extern guint peers_n_kept;
extern guint peers_n_forked;
extern int peers_kept_code;
extern XimPolicy peers_default_policy;

void peers_set_up (PeersWorld *world, gconstpointer data);
void peers_tear_down (PeersWorld *world, gconstpointer data);

/* The parts are made again on the same files. */
void peers_restart (PeersWorld *world);
void peers_close (PeersWorld *world);
void peers_open (PeersWorld *world);

/**
 * peers_serve:
 * The next answer is the bundle that @spec says, and `versions/N` has its
 * account note from now on.
 * Returns: (transfer full): its account note
 */
XimAccount *peers_serve (TestBundle spec);

/* Likewise, but the version is passed over: only `versions/N` has it. */
XimAccount *peers_pass (TestBundle spec);

/* The keyserver has @note (nullable) as version @version. */
void peers_set_version (guint32 version, const XimNote *note);
void peers_serve_absence (const char *jid, gint64 time_s, const char *signers);

XimPeerState peers_facts (PeersWorld *world, XimFacts *out);
XimPeerState peers_look_up (PeersWorld *world);

/* After the back-off. */
XimPeerState peers_look_up_again (PeersWorld *world);
guint peers_n_evidence (PeersWorld *world);
