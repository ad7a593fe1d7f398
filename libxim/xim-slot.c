/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* From an HPKE context to a wrapped session key, and back. */

#include "config.h"

#include "xim-slot.h"

#include <string.h>

#define INFO_LABEL "x-im slot v1\n"
#define EXPORT_LABEL "x-im slot"
#define EXPORT_LABEL_LEN (sizeof EXPORT_LABEL - 1)

GBytes *
xim_slot_info (const char *jid, const XimDeviceId *device)
{
  GByteArray *info = g_byte_array_new ();
  g_byte_array_append (info, (const guint8 *)INFO_LABEL,
                       sizeof INFO_LABEL - 1);
  g_byte_array_append (info, device->bytes, sizeof device->bytes);
  g_byte_array_append (info, (const guint8 *)jid, (guint)strlen (jid));
  return g_byte_array_free_to_bytes (info);
}

void
xim_slot_key (const XimHpke *hpke, const guint8 *nonce, XimSlotKey *out)
{
  guint8 context[EXPORT_LABEL_LEN + XIM_ENVELOPE_NONCE_LEN];
  G_STATIC_ASSERT (sizeof *out == sizeof out->tag + sizeof out->w);
  memcpy (context, EXPORT_LABEL, EXPORT_LABEL_LEN);
  memcpy (context + EXPORT_LABEL_LEN, nonce, XIM_ENVELOPE_NONCE_LEN);
  xim_hpke_export (hpke, context, sizeof context, (guint8 *)out, sizeof *out);
}

void
xim_slot_wrap (const XimSlotKey *key, const guint8 *header,
               const XimSecret *session_key, guint8 *out)
{
  g_autoptr (XimGcm) gcm = xim_gcm_new (key->w);
  memcpy (out, key->tag, sizeof key->tag);
  xim_gcm_seal (gcm, NULL, &(XimPiece){ header, XIM_ENVELOPE_HEADER_LEN },
                &(XimPiece){ xim_secret_peek (session_key), XIM_KEY_LEN },
                out + sizeof key->tag);
}

XimSecret *
xim_slot_unwrap (const XimSlotKey *key, const guint8 *header,
                 const guint8 *slot, GError **error)
{
  g_autoptr (XimGcm) gcm = xim_gcm_new (key->w);
  g_autoptr (XimSecret) session_key = xim_secret_new (XIM_KEY_LEN);
  if (xim_gcm_open (gcm, NULL, &(XimPiece){ header, XIM_ENVELOPE_HEADER_LEN },
                    &(XimPiece){ slot + sizeof key->tag, XIM_WRAPPED_LEN },
                    xim_secret_data (session_key), error))
    return g_steal_pointer (&session_key);
  g_prefix_error (error, "unwrapping the session key: ");
  return NULL;
}
