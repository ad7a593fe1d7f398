/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Envelope to sender to content, for one account. */

#pragma once

#include "enrol.h"
#include "peers.h"
#include "witness.h"

typedef struct _XimOpener XimOpener;

/* What came, and where it says it belongs. */
typedef struct
{
  const char *from;   /* the stanza's, bare, prepared */
  const char *to;     /* (nullable): likewise; NULL is the own address */
  const char *base64; /* of <sealed/> */
  gint64 arrived_s;
  gboolean removed; /* the user asked for what a removed device signed */
} XimOpenerStanza;

/**
 * xim_opener_new:
 * @jid: own bare address, prepared
 * @witness: gets what messages say of versions
 */
XimOpener *xim_opener_new (const char *jid, XimStore *store, XimEnrol *enrol,
                           XimPeers *peers, XimWitness *witness);
void xim_opener_free (XimOpener *opener);

/* Whether the own keys are at hand. */
gboolean xim_opener_is_ready (const XimOpener *opener);

/**
 * xim_opener_can_check:
 * Errors: UNAVAILABLE, no bundle of @jid is held; EXPIRED, it is too old;
 * KEY_CHANGED, a reset that nobody accepted.
 * Returns: whether signatures of @jid count now
 */
gboolean xim_opener_can_check (XimOpener *opener, const char *jid,
                               gint64 now_s, GError **error);

/**
 * xim_opener_open:
 * @mine: (out): whether this very device sealed it
 *
 * All checks of sections 5 and 7.3, then the replay memory.
 * Errors: UNAVAILABLE, keys of one side are not at hand now; REPLAYED, drop it
 * without a word; KEY_CHANGED, good, but of a device that the sender has
 * removed since; NOT_FOUND, of a device that the sender does not list, also
 * after asking again; NOT_FOR_US; WRONG_NAME; SIGNATURE; EXPIRED; MALFORMED;
 * UNSUPPORTED; TOO_LARGE; STORE.
 * Returns: (transfer full): the content, which may be shown
 */
XimContent *xim_opener_open (XimOpener *opener, const XimOpenerStanza *stanza,
                             gint64 now_s, gboolean *mine, GError **error);
