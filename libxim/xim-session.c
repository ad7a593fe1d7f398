/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Contexts of one conversation: made once, used for an hour at most. */

#include "config.h"

#include "xim-session.h"

#include <string.h>

#include "xim-slot.h"

/* The context for one device.  A device that gets a new key or address gets a
 * new context. */
typedef struct
{
  char *jid;
  XimDeviceId device;
  XimX25519Public key;
  XimHpke *hpke;
  guint64 used; /* the last round in which it was a recipient */
} Context;

struct _XimSession
{
  XimSecret *ephemeral; /* NULL until it is needed */
  gboolean is_fixed;
  XimX25519Public enc;
  gint64 made_s;
  guint64 round;
  GHashTable *contexts; /* set of Context */
};

static guint
context_hash (gconstpointer data)
{
  guint hash;
  memcpy (&hash, ((const Context *)data)->key.bytes, sizeof hash);
  return hash;
}

static gboolean
context_equal (gconstpointer a, gconstpointer b)
{
  const Context *x = a;
  const Context *y = b;
  return xim_device_id_compare (&x->device, &y->device) == 0
         && memcmp (x->key.bytes, y->key.bytes, sizeof x->key) == 0
         && strcmp (x->jid, y->jid) == 0;
}

static void
context_free (gpointer data)
{
  Context *context = data;
  xim_hpke_free (context->hpke);
  g_free (context->jid);
  g_free (context);
}

XimSession *
xim_session_new (void)
{
  XimSession *session = g_new0 (XimSession, 1);
  session->contexts = g_hash_table_new_full (context_hash, context_equal,
                                             context_free, NULL);
  return session;
}

XimSession *
xim_session_new_fixed (XimSecret *ephemeral)
{
  XimSession *session = xim_session_new ();
  session->ephemeral = ephemeral;
  session->is_fixed = TRUE;
  xim_crypto_x25519_public (ephemeral, &session->enc);
  return session;
}

void
xim_session_free (XimSession *session)
{
  if (session == NULL)
    return;
  g_hash_table_unref (session->contexts);
  xim_secret_free (session->ephemeral);
  g_free (session);
}

void
xim_session_expire (XimSession *session, gint64 now_s)
{
  if (session->ephemeral == NULL || session->is_fixed
      || (session->made_s <= now_s
          && now_s - session->made_s < XIM_CONTEXT_LIFE_S))
    return;
  g_hash_table_remove_all (session->contexts);
  g_clear_pointer (&session->ephemeral, xim_secret_free);
}

static void
renew (XimSession *session, gint64 now_s)
{
  xim_session_expire (session, now_s);
  if (session->ephemeral != NULL)
    return;
  session->ephemeral = xim_crypto_x25519_generate ();
  xim_crypto_x25519_public (session->ephemeral, &session->enc);
  session->made_s = now_s;
}

static Context *
add_context (XimSession *session, const XimSessionDevice *device,
             GError **error)
{
  gsize len;
  g_autoptr (GBytes) info = xim_slot_info (device->jid, &device->device);
  const guint8 *data = g_bytes_get_data (info, &len);
  XimHpke *hpke = xim_hpke_new_sender (session->ephemeral, &session->enc,
                                       &device->key, data, len, error);
  if (hpke == NULL)
    return NULL;
  Context *context = g_new0 (Context, 1);
  context->jid = g_strdup (device->jid);
  context->device = device->device;
  context->key = device->key;
  context->hpke = hpke;
  g_hash_table_add (session->contexts, context);
  return context;
}

static Context *
find_context (XimSession *session, const XimSessionDevice *device,
              GError **error)
{
  const Context wanted = { .jid = (char *)device->jid,
                           .device = device->device,
                           .key = device->key };
  Context *found = g_hash_table_lookup (session->contexts, &wanted);
  return found != NULL ? found : add_context (session, device, error);
}

static gboolean
is_unused (gpointer data, gpointer value G_GNUC_UNUSED, gpointer user_data)
{
  return ((Context *)data)->used != ((XimSession *)user_data)->round;
}

GPtrArray *
xim_session_contexts (XimSession *session, const XimSessionDevice *devices,
                      guint n_devices, gint64 now_s, XimX25519Public *enc,
                      GError **error)
{
  g_autoptr (GPtrArray) contexts = g_ptr_array_sized_new (n_devices);
  renew (session, now_s);
  session->round++;
  for (guint i = 0; i < n_devices; i++)
    {
      Context *context = find_context (session, &devices[i], error);
      if (context == NULL)
        return NULL;
      if (context->used != session->round)
        g_ptr_array_add (contexts, context->hpke);
      context->used = session->round;
    }
  if (g_hash_table_size (session->contexts) > contexts->len)
    g_hash_table_foreach_remove (session->contexts, is_unused, session);
  *enc = session->enc;
  return g_steal_pointer (&contexts);
}
