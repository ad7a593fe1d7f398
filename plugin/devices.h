/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own devices, with names that never leave this machine. */

#pragma once

#include "amend.h"

typedef struct _XimDevices XimDevices;

XimDevices *xim_devices_new (const XimAmendParts *parts);
void xim_devices_free (XimDevices *devices);

/**
 * xim_devices_text:
 * Returns: (transfer full): the list, for people
 */
char *xim_devices_text (const XimDevices *devices);

/**
 * xim_devices_find:
 * @word: an id as the list shows it, or its beginning
 * @out: (out)
 * Returns: whether exactly one listed device fits
 */
gboolean xim_devices_find (const XimDevices *devices, const char *word,
                           XimDeviceId *out);
gboolean xim_devices_is_this (const XimDevices *devices,
                              const XimDeviceId *id);
guint xim_devices_n (const XimDevices *devices);

/**
 * xim_devices_label:
 * Returns: (transfer full): id and name, for people
 */
char *xim_devices_label (const XimDevices *devices, const XimDeviceId *id);

/* @name: (nullable): none any more */
void xim_devices_set_name (XimDevices *devices, const XimDeviceId *id,
                           const char *name);

/* Whether it is to be asked about, also after a restart. */
void xim_devices_doubt (XimDevices *devices, const XimDeviceId *id,
                        gboolean doubt);
gboolean xim_devices_is_doubted (const XimDevices *devices,
                                 const XimDeviceId *id);

/* Every listed device, in the order of the list. */
const XimAccountDevice *xim_devices_get (const XimDevices *devices, guint i);
