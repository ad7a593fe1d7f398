/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Which other clients of the own address are online. */

#pragma once

#include <purple.h>

/* More are not kept: an address with so many clients has other troubles. */
#define XIM_RESOURCES_MAX 64

typedef struct _XimResources XimResources;

/**
 * XimResourcesCallback:
 * @full: the full JID of another client of the own address
 * It came online, or went.
 */
typedef void (*XimResourcesCallback) (const char *full, gboolean online,
                                      gpointer user_data);

/**
 * xim_resources_new:
 * @jid: own bare address, prepared
 */
XimResources *xim_resources_new (PurpleAccount *account, const char *jid,
                                 XimResourcesCallback changed,
                                 gpointer user_data);
void xim_resources_free (XimResources *resources);

/**
 * xim_resources_presence:
 * From `jabber-receiving-presence`; every other address is ignored.
 */
void xim_resources_presence (XimResources *resources, const char *type,
                             const char *from);

/* The own stream ended: nobody is known to be online. */
void xim_resources_offline (XimResources *resources);

/**
 * xim_resources_is_other:
 * Returns: whether @from is the full JID of another client of the own address;
 * what comes from there, the server says, is of somebody with its password
 */
gboolean xim_resources_is_other (const XimResources *resources,
                                 const char *from);

/**
 * xim_resources_list:
 * Returns: (transfer full): the full JIDs, NULL at the end
 */
GStrv xim_resources_list (const XimResources *resources);

/**
 * xim_resources_name:
 * Returns: (transfer none): the part behind the slash, for people
 */
const char *xim_resources_name (const char *full);
