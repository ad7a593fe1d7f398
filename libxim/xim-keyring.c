/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Own decryption keys, newest first, and a bounded cache of contexts. */

#include "config.h"

#include "xim-keyring.h"

#include <string.h>

#include "xim-slot.h"

/* An own key with its private half. */
typedef struct
{
  XimKeyringEntry entry;
  XimSecret *private_key;
} Key;

/* A context of a sender whose signature was good. */
typedef struct
{
  guint32 serial;
  XimX25519Public enc;
  gint64 kept_s;
  XimHpke *hpke;
} Context;

struct _XimKeyring
{
  char *jid;
  XimDeviceId device;
  GBytes *info;
  GPtrArray *keys;      /* of Key, descending by serial */
  GHashTable *contexts; /* set of Context */
  GQueue by_age;        /* of the same, the oldest first */
};

static void
key_free (gpointer data)
{
  Key *key = data;
  xim_secret_free (key->private_key);
  g_free (key);
}

static guint
context_hash (gconstpointer data)
{
  guint hash;
  memcpy (&hash, ((const Context *)data)->enc.bytes, sizeof hash);
  return hash;
}

static gboolean
context_equal (gconstpointer a, gconstpointer b)
{
  const Context *x = a;
  const Context *y = b;
  return x->serial == y->serial
         && memcmp (x->enc.bytes, y->enc.bytes, sizeof x->enc) == 0;
}

static void
context_free (gpointer data)
{
  Context *context = data;
  xim_hpke_free (context->hpke);
  g_free (context);
}

XimKeyring *
xim_keyring_new (const char *jid, const XimDeviceId *device)
{
  XimKeyring *ring = g_new0 (XimKeyring, 1);
  ring->jid = g_strdup (jid);
  ring->device = *device;
  ring->info = xim_slot_info (jid, device);
  ring->keys = g_ptr_array_new_with_free_func (key_free);
  ring->contexts = g_hash_table_new_full (context_hash, context_equal,
                                          context_free, NULL);
  g_queue_init (&ring->by_age);
  return ring;
}

const char *
xim_keyring_jid (const XimKeyring *ring)
{
  return ring->jid;
}

const XimDeviceId *
xim_keyring_device (const XimKeyring *ring)
{
  return &ring->device;
}

static const Key *
key_at (const XimKeyring *ring, guint i)
{
  return g_ptr_array_index (ring->keys, i);
}

/* The index of the first key whose serial is not above @serial. */
static guint
position (const XimKeyring *ring, guint32 serial)
{
  guint i = 0;
  while (i < ring->keys->len && key_at (ring, i)->entry.serial > serial)
    i++;
  return i;
}

static gboolean
has_key (const XimKeyring *ring, guint32 serial)
{
  guint i = position (ring, serial);
  return i < ring->keys->len && key_at (ring, i)->entry.serial == serial;
}

void
xim_keyring_add (XimKeyring *ring, XimSecret *private_key, guint32 serial,
                 gint64 created_s, gint64 expires_s)
{
  g_return_if_fail (xim_secret_len (private_key) == XIM_KEY_LEN);
  g_return_if_fail (!has_key (ring, serial));

  Key *key = g_new0 (Key, 1);
  key->entry.serial = serial;
  key->entry.created_s = created_s;
  key->entry.expires_s = expires_s;
  key->private_key = private_key;
  xim_crypto_x25519_public (private_key, &key->entry.key);
  g_ptr_array_insert (ring->keys, (gint)position (ring, serial), key);
}

static void
drop_context (XimKeyring *ring, Context *context)
{
  g_queue_remove (&ring->by_age, context);
  g_hash_table_remove (ring->contexts, context);
}

void
xim_keyring_remove (XimKeyring *ring, guint32 serial)
{
  if (!has_key (ring, serial))
    return;
  g_ptr_array_remove_index (ring->keys, position (ring, serial));
  GList *next;
  for (GList *link = ring->by_age.head; link != NULL; link = next)
    {
      Context *context = link->data;
      next = link->next;
      if (context->serial == serial)
        drop_context (ring, context);
    }
}

guint
xim_keyring_n (const XimKeyring *ring)
{
  return ring->keys->len;
}

const XimKeyringEntry *
xim_keyring_entry (const XimKeyring *ring, guint i)
{
  g_return_val_if_fail (i < ring->keys->len, NULL);
  return &key_at (ring, i)->entry;
}

const XimHpke *
xim_keyring_find (XimKeyring *ring, guint i, const XimX25519Public *enc,
                  gint64 now_s)
{
  g_return_val_if_fail (i < ring->keys->len, NULL);

  xim_keyring_expire (ring, now_s);
  const Context wanted = { key_at (ring, i)->entry.serial, *enc, 0, NULL };
  const Context *found = g_hash_table_lookup (ring->contexts, &wanted);
  return found != NULL ? found->hpke : NULL;
}

XimHpke *
xim_keyring_derive (const XimKeyring *ring, guint i,
                    const XimX25519Public *enc, GError **error)
{
  g_return_val_if_fail (i < ring->keys->len, NULL);

  const Key *key = key_at (ring, i);
  gsize len;
  const guint8 *info = g_bytes_get_data (ring->info, &len);
  return xim_hpke_new_recipient (key->private_key, &key->entry.key, enc, info,
                                 len, error);
}

void
xim_keyring_keep (XimKeyring *ring, guint32 serial, const XimX25519Public *enc,
                  XimHpke *context, gint64 now_s)
{
  Context *kept = g_new0 (Context, 1);
  kept->serial = serial;
  kept->enc = *enc;
  kept->kept_s = now_s;
  kept->hpke = context;
  xim_keyring_expire (ring, now_s);
  if (!has_key (ring, serial) || g_hash_table_contains (ring->contexts, kept))
    {
      context_free (kept);
      return;
    }
  if (ring->by_age.length == XIM_CONTEXTS_MAX)
    drop_context (ring, ring->by_age.head->data);
  g_queue_push_tail (&ring->by_age, kept);
  g_hash_table_add (ring->contexts, kept);
}

/* Kept contexts are in the order of their times, except after a clock that
 * jumped back: then the oldest is in the future, and it goes. */
void
xim_keyring_expire (XimKeyring *ring, gint64 now_s)
{
  for (Context *oldest; (oldest = g_queue_peek_head (&ring->by_age)) != NULL;)
    {
      if (oldest->kept_s <= now_s
          && now_s - oldest->kept_s < XIM_CONTEXT_LIFE_S)
        return;
      drop_context (ring, oldest);
    }
}

void
xim_keyring_free (XimKeyring *ring)
{
  if (ring == NULL)
    return;
  g_queue_clear (&ring->by_age);
  g_hash_table_unref (ring->contexts);
  g_ptr_array_unref (ring->keys);
  g_bytes_unref (ring->info);
  g_free (ring->jid);
  g_free (ring);
}
