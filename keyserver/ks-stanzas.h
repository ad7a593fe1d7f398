/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the component answers to each stanza. */

#pragma once

#include "ks-proofs.h"
#include "ks-xmpp.h"

/* What the component offers, and with what. */
typedef struct
{
  const char *address; /* of the component: the origin */
  const char *domain;  /* whose members may prove their address */
  const char *vkey;    /* told in disco#info */
  const XimSecret *secret;
  XimKsProofs *proofs;
  gboolean log_addresses;
} XimKsService;

/**
 * xim_ks_stanzas_answer:
 * @now_us: a clock that does not jump
 *
 * disco#info and disco#items, ping, <prove/>; an error for every other request
 * and message; nothing for presence, results and errors.
 * Returns: (transfer full) (nullable): the stanza to send, with `from`
 */
char *xim_ks_stanzas_answer (const XimKsService *service,
                             const XimKsStanza *stanza, gint64 now_us);

/**
 * xim_ks_stanzas_handshake:
 * @id: of the stream
 * Returns: (transfer full): the <handshake/> with lower-case hex SHA-1 of @id
 * and @secret
 */
char *xim_ks_stanzas_handshake (const char *id, const XimSecret *secret);

/**
 * xim_ks_stanzas_header:
 * Returns: (transfer full): the stream header that opens the connection
 */
char *xim_ks_stanzas_header (const char *address);
