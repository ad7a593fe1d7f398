/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Invitations to members: they go in the clear, so the user is asked. */

#pragma once

#include <purple.h>
#include <xmlnode.h>

typedef struct _XimInvitations XimInvitations;

/**
 * xim_invitations_new:
 * @jid: own bare address
 */
XimInvitations *xim_invitations_new (PurpleAccount *account, const char *jid);

/* What was not answered is not sent. */
void xim_invitations_free (XimInvitations *invitations);

/**
 * xim_invitations_ask:
 * @who: who is invited
 * @stanza: (inout): is kept as a copy that goes when the user agrees; what is
 * left of it goes to nobody but the own account, empty
 */
void xim_invitations_ask (XimInvitations *invitations, const char *who,
                          xmlnode *stanza);

/**
 * xim_invitations_agreed:
 * Returns: whether @stanza is the one that the user has just agreed to
 */
gboolean xim_invitations_agreed (const XimInvitations *invitations,
                                 const xmlnode *stanza);
