/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* An exported signing key, which adds one new device and no more. */

#pragma once

#include "export.h"
#include "own-keys.h"
#include "walk.h"

typedef struct _XimAdmission XimAdmission;

/**
 * xim_admission_new:
 * @exported: (transfer full): as xim_export_open() gave it; its decryption
 * keys are of no use here
 * Errors: MALFORMED.
 */
XimAdmission *xim_admission_new (XimExport *exported, GError **error);

/* Wipes the signing key. */
void xim_admission_free (XimAdmission *admission);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimAdmission, xim_admission_free)

/**
 * xim_admission_is_listed:
 * Returns: whether @present lists the exported device with its key
 */
gboolean xim_admission_is_listed (const XimAdmission *admission,
                                  const XimAccount *present);

/**
 * XimAdmissionCallback:
 * @error: (nullable): NULL, the list continues the exported one; KEY_CHANGED,
 * it does not; UNAVAILABLE, the versions between cannot be fetched now
 */
typedef void (*XimAdmissionCallback) (const GError *error, gpointer user_data);

/**
 * xim_admission_check:
 * @domain: of the own keyserver
 * @present: the newest version, as it was verified; copied
 * Nobody at another device compares lists here: the export does instead.
 * @callback: once, from the main loop and never before this returns; not after
 * xim_admission_stop()
 */
void xim_admission_check (XimAdmission *admission, XimHttp *http,
                          const XimDomain *domain, const XimAccount *present,
                          XimAdmissionCallback callback, gpointer user_data);
void xim_admission_stop (XimAdmission *admission);

/**
 * xim_admission_sign:
 * @own: this device, which the version that was checked does not list
 * Errors: UNAVAILABLE, nothing was checked; KEY_CHANGED; TOO_LARGE, there are
 * 16 devices already.
 * Returns: (transfer full): the note of the next version, with this device
 * and the lines of both
 */
char *xim_admission_sign (XimAdmission *admission, const XimSender *own,
                          gint64 now_s, GError **error);
