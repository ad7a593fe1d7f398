/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The keyserver of the own domain: found, asked and told. */

#pragma once

#include "discovery.h"

/**
 * XimHome:
 * One conversation with the own keyserver: at most one thing is under way at a
 * time.  Each caller has one of its own.
 */
typedef struct _XimHome XimHome;

typedef void (*XimHomeFound) (XimDomainState state, gpointer user_data);

/* @answered: whether the component said anything at all. */
typedef void (*XimHomeProven) (gboolean taken, gboolean answered,
                               gpointer user_data);

/**
 * xim_home_new:
 * @jid: own bare address, prepared
 * @http, @iq, @discovery: outlive it
 * Callbacks come from the main loop, once, never before the function returns
 * that took them, and not after xim_home_stop().
 */
XimHome *xim_home_new (const char *jid, XimHttp *http, XimIq *iq,
                       XimDiscovery *discovery);
void xim_home_free (XimHome *home);

/* Nothing is waited for any more. */
void xim_home_stop (XimHome *home);
gboolean xim_home_is_busy (const XimHome *home);

/**
 * xim_home_server:
 * Returns: (transfer none) (nullable): the pinned note, without network
 */
const XimServer *xim_home_server (const XimHome *home);

/**
 * xim_home_domain:
 * @out: (out): what was found last; borrows from @home
 */
void xim_home_domain (const XimHome *home, XimDomain *out);

/**
 * xim_home_find:
 * Comes first, and whenever the network may be another one.
 */
void xim_home_find (XimHome *home, XimHomeFound callback, gpointer user_data);

/**
 * xim_home_doubt:
 * What the keyserver should have signed has no good line of the pinned key: it
 * may have a newer one, for which the next xim_home_find() looks.
 */
void xim_home_doubt (XimHome *home);

/* The requests of section 6, after xim_home_find() found it. */
void xim_home_look_up (XimHome *home, XimHttpCallback callback,
                       gpointer user_data);

/**
 * xim_home_register:
 * @account, @device: notes; @device is NULL when the version adds none
 */
void xim_home_register (XimHome *home, const char *account, const char *device,
                        XimHttpCallback callback, gpointer user_data);
void xim_home_renew (XimHome *home, const XimDeviceId *device,
                     const char *note, XimHttpCallback callback,
                     gpointer user_data);
void xim_home_erase (XimHome *home, const char *note, XimHttpCallback callback,
                     gpointer user_data);

/**
 * xim_home_prove:
 * @digest: of the text of the note that will be sent; section 6.1
 */
void xim_home_prove (XimHome *home, const XimHash *digest,
                     XimHomeProven callback, gpointer user_data);
