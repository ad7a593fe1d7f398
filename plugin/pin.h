/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The server note of a domain that counts, and what was shown instead. */

#pragma once

#include "store.h"

/**
 * xim_pin_load:
 * @pin: (out): the newest note that was pinned, or NULL
 * Returns: FALSE when one is stored and cannot be read
 */
gboolean xim_pin_load (XimStore *store, const char *domain, XimServer **pin);

/**
 * xim_pin_save:
 * The notes before it stay.
 */
gboolean xim_pin_save (XimStore *store, const char *domain,
                       const XimServer *server);

/* What a domain showed that does not follow its pin. */
typedef struct
{
  const XimServer *server; /* (nullable): by its keyserver */
  const XimServer *step;   /* (nullable): on the way to it */
  const char *vkey;        /* (nullable): by the XMPP server */
} XimPinShown;

/**
 * xim_pin_keep_evidence:
 * Keeps a file with what @domain showed and what was pinned.
 */
void xim_pin_keep_evidence (XimStore *store, const char *domain,
                            const XimServer *pin, const XimPinShown *shown);
