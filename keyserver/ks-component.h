/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The XMPP component (XEP-0114): where members prove their address. */

#pragma once

#include "ks-stanzas.h"

/**
 * XimKsComponent:
 * Connects to the XMPP server and stays connected: after a loss it comes back
 * with growing pauses of random length.  Lives in the default main context.
 * Source: XEP-0114, XEP-0030, XEP-0128, XEP-0199; PROTOCOL.md, section 6.1.
 */
typedef struct _XimKsComponent XimKsComponent;

/**
 * xim_ks_component_new:
 * @host: of the XMPP server, an IP address or a name
 * @service: what it points to, and @host, outlive the component
 * Begins to connect.
 */
XimKsComponent *xim_ks_component_new (const char *host, guint16 port,
                                      const XimKsService *service);
void xim_ks_component_free (XimKsComponent *component);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsComponent, xim_ks_component_free)

/**
 * xim_ks_component_is_up:
 * Returns: whether the server accepted the handshake
 */
gboolean xim_ks_component_is_up (const XimKsComponent *component);
