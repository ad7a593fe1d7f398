/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What a sender keeps of one conversation: an ephemeral key and contexts. */

#pragma once

#include "xim-hpke.h"
#include "xim-key.h"

/**
 * XimSession:
 * The ephemeral key and the contexts that a sender keeps in memory for one
 * conversation, for at most one hour; never on disk.
 */
typedef struct _XimSession XimSession;

/* A device that a message is sealed to. */
typedef struct
{
  const char *jid;
  XimDeviceId device;
  XimX25519Public key;
} XimSessionDevice;

XimSession *xim_session_new (void);

/**
 * xim_session_new_fixed:
 * @ephemeral: (transfer full): 32 bytes
 * A session with a given ephemeral key, for test vectors.
 */
XimSession *xim_session_new_fixed (XimSecret *ephemeral);
void xim_session_free (XimSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimSession, xim_session_free)

/**
 * xim_session_expire:
 * Wipes the ephemeral key and all contexts when the key is an hour old (or
 * from what is now the future).  Sealing does it too; call it from a timer, so
 * that it happens when nobody writes.
 */
void xim_session_expire (XimSession *session, gint64 now_s);

/**
 * xim_session_contexts:
 * @devices: @n_devices devices; one that is named twice counts once
 * @enc: (out): the public half of the ephemeral key
 *
 * Makes an ephemeral key when there is none, makes the contexts that are
 * missing and wipes those of devices that are not among @devices.
 * Errors: MALFORMED, a device key of low order.
 * Returns: (transfer container): the contexts (#XimHpke), valid until the
 * session is used again
 */
GPtrArray *xim_session_contexts (XimSession *session,
                                 const XimSessionDevice *devices,
                                 guint n_devices, gint64 now_s,
                                 XimX25519Public *enc, GError **error);
