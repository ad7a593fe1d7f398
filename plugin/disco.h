/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Service discovery (XEP-0030): whether a domain shows a keyserver. */

#pragma once

#include "iq.h"

typedef struct _XimDisco XimDisco;

typedef enum
{
  XIM_DISCO_WITH,    /* something of the domain has the feature */
  XIM_DISCO_WITHOUT, /* everything answered, nothing has it */
  XIM_DISCO_UNKNOWN, /* something did not answer */
} XimDiscoVerdict;

#define XIM_DISCO_ITEMS_MAX 64 /* of a domain; more count as no answer */

/* Called once, from the main loop; it may free the XimDisco. */
typedef void (*XimDiscoSearchCallback) (XimDiscoVerdict verdict,
                                        gpointer user_data);

/**
 * xim_disco_search:
 * Asks for the items of @domain, then for the information of it and of each.
 * An error of the server counts as a result without the feature, but not for
 * @keyserver, the address where the keyserver would be, when the error is to
 * be waited for: servers answer so for a component that is down.
 * Source: PROTOCOL.md, section 7.2 (b).
 */
XimDisco *xim_disco_search (XimIq *iq, const char *domain,
                            const char *keyserver,
                            XimDiscoSearchCallback callback,
                            gpointer user_data);

/**
 * XimDiscoFormCallback:
 * @vkey: (nullable): what the form shows; NULL when there is no answer, or no
 * form of a keyserver in it
 */
typedef void (*XimDiscoFormCallback) (const char *vkey, gpointer user_data);

/**
 * xim_disco_form:
 * Asks the component @origin for its form.
 */
XimDisco *xim_disco_form (XimIq *iq, const char *origin,
                          XimDiscoFormCallback callback, gpointer user_data);
void xim_disco_free (XimDisco *disco);
