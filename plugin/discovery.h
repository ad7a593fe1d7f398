/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Which keyserver a domain has, and its pin. */

#pragma once

#include "http.h"
#include "iq.h"
#include "store.h"

typedef struct _XimDiscovery XimDiscovery;

/* What was found out of a domain. */
typedef enum
{
  XIM_DOMAIN_PINNED,       /* the newest server note is at hand */
  XIM_DOMAIN_NO_KEYSERVER, /* 7.2 (b) holds: never pinned, definitely none */
  XIM_DOMAIN_UNREACHABLE,  /* an outage: nothing is known or changed */
  XIM_DOMAIN_CHANGED,      /* another key that the pinned one does not lead
                              to: everything of the domain stops */
} XimDomainState;

typedef struct
{
  XimDomainState state;
  const XimServer *server; /* (nullable): the pinned note */
  const char *base_url;    /* "https://keys.DOMAIN" or as set by hand */
  const char *ca_file;     /* (nullable) */
  gboolean local;          /* set by hand: private addresses are allowed */
  const char *shown;       /* (nullable): of CHANGED, the fingerprint of the
                              other key, for people */
} XimDomain;

/* It may call everything of this header but xim_discovery_free(). */
typedef void (*XimDiscoveryCallback) (const XimDomain *domain,
                                      gpointer user_data);

#define XIM_DISCOVERY_FRESH_S 3600

/**
 * xim_discovery_new:
 * @jid: own bare address, prepared
 * Settings made by hand are account strings "xim-keyserver:DOMAIN" with the
 * value "URL VKEY [CA-FILE]" (VKEY `-` for none).
 */
XimDiscovery *xim_discovery_new (PurpleAccount *account, const char *jid,
                                 XimStore *store, XimHttp *http, XimIq *iq);

/**
 * xim_discovery_find:
 * @domain: prepared
 * Fetches /v1/server when the domain is not pinned or was not looked at for an
 * hour; several callers for one domain share a request.  When a pinned domain
 * cannot be reached the answer is UNREACHABLE with the pin.
 * @callback: once, from the main loop and never before this returns; not after
 * xim_discovery_free() or xim_discovery_forget()
 */
void xim_discovery_find (XimDiscovery *discovery, const char *domain,
                         XimDiscoveryCallback callback, gpointer user_data);

/**
 * xim_discovery_known:
 * Returns: (transfer none) (nullable): the pin of the domain, without network
 */
const XimServer *xim_discovery_known (XimDiscovery *discovery,
                                      const char *domain);

/**
 * xim_discovery_doubt:
 * Something that the keyserver of a pinned domain should have signed has no
 * good line of the pinned key: it may have a newer one.
 * Returns: whether the next xim_discovery_find() looks again, so that asking
 * once more makes sense; FALSE when that was done a moment ago
 */
gboolean xim_discovery_doubt (XimDiscovery *discovery, const char *domain);

/**
 * xim_discovery_changed:
 * @known, @shown: (out) (transfer none) (nullable): fingerprints for people of
 * the pinned key and of the other one, until the next look
 * Returns: whether @domain was CHANGED when it was looked at last
 */
gboolean xim_discovery_changed (XimDiscovery *discovery, const char *domain,
                                const char **known, const char **shown);

/**
 * xim_discovery_forget:
 * The callbacks with @user_data do not come any more.
 */
void xim_discovery_forget (XimDiscovery *discovery, gpointer user_data);

/**
 * xim_discovery_retry:
 * The account is online again: what failed may be tried at once.
 */
void xim_discovery_retry (XimDiscovery *discovery);
void xim_discovery_free (XimDiscovery *discovery);
