/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Who may read a message; the only maker of XimRecipients. */

#pragma once

#include "xim-verify.h"

/**
 * XimRecipients:
 * The devices that a message is sealed to: those of the peer and the own ones.
 * No other function makes one, and sealing takes nothing else.
 */
typedef struct _XimRecipients XimRecipients;

/* One member to seal to or to read. */
typedef struct
{
  const XimVerified *verified;
  gint64 checked_s;      /* when it was last fetched or revalidated */
  guint32 reset_version; /* of the newest reset of the known account that was
                            ever seen, 0 if there was none: once such a note is
                            itself known, it verifies as unchanged */
  guint32 accepted_version; /* a reset up to here was accepted by the user */
} XimTrustPeer;

/**
 * xim_trust_recipients:
 * @peers: the recipient(s) and oneself; an address that comes again is left
 * out
 * @online: whether the keyserver can be reached: then a bundle may be one hour
 * old, else 24
 *
 * Errors: EXPIRED, a bundle is too old or from the future; KEY_CHANGED, a
 * reset that nobody accepted; NOT_FOUND, no member, or one without a usable
 * device; TOO_LARGE, more than 2048 devices.
 * Source: PROTOCOL.md, section 7.
 * Returns: (transfer full): every device whose note is valid now, or NULL
 */
XimRecipients *xim_trust_recipients (const XimTrustPeer *peers, guint n_peers,
                                     gboolean online, gint64 now_s,
                                     GError **error);

/**
 * xim_trust_may_read:
 * @online: as for xim_trust_recipients()
 *
 * Whether a signature of @peer counts: its bundle is fresh enough and no
 * unaccepted reset.
 * Errors: EXPIRED; KEY_CHANGED.
 */
gboolean xim_trust_may_read (const XimTrustPeer *peer, gboolean online,
                             gint64 now_s, GError **error);

/* How many devices there are, and device @i of them: address, id, key
 * (transfer none).  Those of a member stand together, in the order of the
 * peers. */
guint xim_recipients_n (const XimRecipients *recipients);
const char *xim_recipients_jid (const XimRecipients *recipients, guint i);
const XimDeviceId *xim_recipients_device (const XimRecipients *recipients,
                                          guint i);
const XimX25519Public *xim_recipients_key (const XimRecipients *recipients,
                                           guint i);
void xim_recipients_free (XimRecipients *recipients);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimRecipients, xim_recipients_free)
