/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whom an address names: a person, a room, a service. */

#pragma once

#include <purple.h>

typedef enum
{
  XIM_ADDRESS_PERSON,  /* a bare or full JID with a local part */
  XIM_ADDRESS_ROOM,    /* a joined room, or an occupant by nick */
  XIM_ADDRESS_SERVICE, /* a domain: it has no account and no keys */
  XIM_ADDRESS_BAD,     /* not an address */
} XimAddressKind;

/**
 * xim_address_kind:
 * @address: (nullable): as a stanza or a conversation has it; none is the own
 * account
 * @jid: (out) (transfer full): of a person: the prepared bare JID; else NULL
 */
XimAddressKind xim_address_kind (PurpleAccount *account, const char *address,
                                 char **jid);

/**
 * xim_address_is_known:
 * Returns: whether @jid is in the buddy list of @account
 */
gboolean xim_address_is_known (PurpleAccount *account, const char *jid);
