/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Bundles: what a lookup returns, as JSON and as typed notes. */

#pragma once

#include "xim-absent.h"
#include "xim-current.h"
#include "xim-device.h"
#include "xim-logged.h"

/**
 * XimBundle:
 * Decoded and not yet trusted.  Device notes that are malformed or unsupported
 * are counted and left out; two notes of one device are malformed.
 * Source: PROTOCOL.md, section 4.4.
 */
typedef struct
{
  char *jid;
  XimAccount *account;
  XimCurrent *current;
  XimDevice *devices[XIM_DEVICES_MAX];
  guint n_devices;
  guint n_unusable;  /* device notes left out */
  XimLogged *logged; /* (nullable): member `log` */
} XimBundle;

/**
 * xim_bundle_decode:
 * @json: @len bytes with exactly the members of a bundle; without `log` it is
 * read and does not verify
 * Errors: MALFORMED; UNSUPPORTED; TOO_LARGE.
 */
XimBundle *xim_bundle_decode (const char *json, gsize len, GError **error);

/**
 * xim_bundle_encode:
 * @account, @current, @devices: notes as text
 * @logged: (nullable): for the member `log`
 * Returns: (transfer full): the JSON that xim_bundle_decode() reads
 */
char *xim_bundle_encode (const char *jid, const char *account,
                         const char *current, const char *const *devices,
                         guint n_devices, const XimLogged *logged);
void xim_bundle_free (XimBundle *bundle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimBundle, xim_bundle_free)
