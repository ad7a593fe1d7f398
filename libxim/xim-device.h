/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Device notes: the current encryption key of one device. */

#pragma once

#include "xim-account.h"

/**
 * XimDevice:
 * A device note, parsed; `note` is NULL when only the text was given.
 * Source: PROTOCOL.md, section 4.2.
 */
typedef struct
{
  char *jid;
  XimDeviceId id;
  guint32 serial;
  XimX25519Public key;
  gint64 created_s;
  gint64 expires_s;
  char *text;
  XimNote *note;
} XimDevice;

/**
 * xim_device_decode:
 * Errors: MALFORMED; UNSUPPORTED, suite or key type.
 */
XimDevice *xim_device_decode (const XimNote *note, GError **error);

/**
 * xim_device_decode_text:
 * The same for a text whose signatures were checked before, or do not count.
 */
XimDevice *xim_device_decode_text (const char *text, GError **error);

/**
 * xim_device_decode_form:
 * As xim_device_decode_text(), but any 32 bytes pass for a key.  For what
 * xim_account_decode_form() is for.
 */
XimDevice *xim_device_decode_form (const char *text, GError **error);

/**
 * xim_device_encode:
 * Returns: (transfer full): the text from all fields but text and note
 */
char *xim_device_encode (const XimDevice *device);

/**
 * xim_device_copy:
 * Returns: (transfer full): a copy of all fields, with a copy of the note
 */
XimDevice *xim_device_copy (const XimDevice *device);
void xim_device_free (XimDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimDevice, xim_device_free)

/**
 * xim_device_check_client:
 * @devices: the listed devices (at most 16)
 * @seen: (nullable): the newest note of this device seen so far
 * Errors: WRONG_NAME, another address or a device that is not listed;
 * SIGNATURE; EXPIRED; REPLAYED, a lower serial or the same with another text.
 */
gboolean xim_device_check_client (const XimDevice *device, const char *jid,
                                  const XimAccountDevice *devices,
                                  guint n_devices, const XimVerifyKey *server,
                                  const XimDevice *seen, gint64 now_s,
                                  GError **error);

/**
 * xim_device_check_server:
 * The keyserver's rules for a note that is offered to it: `created` at most
 * 600 s off, the serial the last plus one (1 for the first).
 * Errors: as above; KEY_CHANGED, the serial skips.
 */
gboolean xim_device_check_server (const XimDevice *device, const char *jid,
                                  const XimAccountDevice *devices,
                                  guint n_devices, const XimDevice *seen,
                                  gint64 now_s, GError **error);
