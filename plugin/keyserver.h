/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Requests to a keyserver: their addresses, bodies and refusals. */

#pragma once

#include "http.h"
#include "xim.h"

/* Bytes of the answer of /v1/server, and of a refusal. */
#define XIM_KEYSERVER_SERVER_MAX 65536
#define XIM_KEYSERVER_ERROR_MAX 16384

/**
 * xim_keyserver_url:
 * @base_url: without a slash at its end
 * Returns: (transfer full): for example "https://keys.example.org/v1/server"
 */
char *xim_keyserver_server_url (const char *base_url, guint32 serial);
char *xim_keyserver_account_url (const char *base_url, const char *jid);
char *xim_keyserver_version_url (const char *base_url, const char *jid,
                                 guint32 version);
char *xim_keyserver_device_url (const char *base_url, const char *jid,
                                const XimDeviceId *device);
char *xim_keyserver_checkpoint_url (const char *base_url);
char *xim_keyserver_tile_url (const char *base_url, const XimTile *tile);

/**
 * xim_keyserver_registration:
 * @account, @device: notes as text; @device is NULL when there is none
 * Returns: (transfer full): the JSON body of a POST
 */
char *xim_keyserver_registration (const char *account, const char *device);

/**
 * xim_keyserver_server_note:
 * @body: the answer of /v1/server
 * Errors: MALFORMED; UNSUPPORTED; TOO_LARGE.
 * Returns: (transfer full): its server note, with no signature checked
 */
XimServer *xim_keyserver_server_note (GBytes *body, GError **error);

/* What a refusal says besides its code; 0 when it does not. */
typedef struct
{
  guint64 version;
  gboolean has_previous;
  XimHash previous; /* of the text of that version */
  guint64 serial;
  gint64 now_s; /* the keyserver's clock */
} XimRefusal;

/**
 * xim_keyserver_is_outage:
 * Returns: whether @answer says nothing of what was asked for
 */
gboolean xim_keyserver_is_outage (const XimHttpAnswer *answer);

/**
 * xim_keyserver_refusal:
 * @answer: one that is not what was asked for
 * @out: (out) (optional)
 * Sets @error: UNAVAILABLE when no whole answer came, and for an answer that
 * is not a keyserver's; else the code that the keyserver gave.
 */
void xim_keyserver_refusal (const XimHttpAnswer *answer, XimRefusal *out,
                            GError **error);
