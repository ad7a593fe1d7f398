/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own decryption keys: on disk, unlocked, replaced, erased. */

#include "config.h"

#include "own-keys.h"

#include <string.h>

struct _XimOwnKeys
{
  XimStore *store;
  XimKeystore *keystore;
  XimTally *tally;
  GPtrArray *list;  /* of XimStoreKey, ascending by serial */
  XimKeyring *ring; /* NULL while locked */
};

XimOwnKeys *
xim_own_keys_new (XimStore *store, XimKeystore *keystore, XimTally *tally,
                  GError **error)
{
  g_autoptr (XimOwnKeys) keys = g_new0 (XimOwnKeys, 1);
  keys->store = store;
  keys->keystore = keystore;
  keys->tally = tally;
  if (!xim_store_load_keys (store, &keys->list, error))
    return NULL;
  return g_steal_pointer (&keys);
}

void
xim_own_keys_free (XimOwnKeys *keys)
{
  if (keys == NULL)
    return;
  xim_own_keys_lock (keys);
  g_clear_pointer (&keys->list, g_ptr_array_unref);
  g_free (keys);
}

guint
xim_own_keys_n (const XimOwnKeys *keys)
{
  return keys->list->len;
}

static XimStoreKey *
key_at (const XimOwnKeys *keys, guint i)
{
  return g_ptr_array_index (keys->list, i);
}

static XimStoreKey *
newest (const XimOwnKeys *keys)
{
  return key_at (keys, keys->list->len - 1);
}

const XimStoreKey *
xim_own_keys_newest (const XimOwnKeys *keys)
{
  return newest (keys);
}

/* Unlocking. */

static char *
serial_text (guint32 serial)
{
  return g_strdup_printf ("%" G_GUINT32_FORMAT, serial);
}

static gboolean
add_to_ring (XimOwnKeys *keys, const XimStoreKey *key, GError **error)
{
  g_autofree char *id = serial_text (key->serial);
  XimSecret *secret = xim_keystore_open_key (keys->keystore, "keys", id,
                                             "x25519", key->sealed_key, error);
  if (secret == NULL)
    return FALSE;
  xim_keyring_add (keys->ring, secret, key->serial, key->created_s,
                   key->expires_s);
  return TRUE;
}

gboolean
xim_own_keys_unlock (XimOwnKeys *keys, const char *jid,
                     const XimDeviceId *device, GError **error)
{
  g_return_val_if_fail (keys->ring == NULL, FALSE);
  keys->ring = xim_keyring_new (jid, device);
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < keys->list->len; i++)
    ok = add_to_ring (keys, key_at (keys, i), error);
  if (!ok)
    xim_own_keys_lock (keys);
  return ok;
}

void
xim_own_keys_lock (XimOwnKeys *keys)
{
  g_clear_pointer (&keys->ring, xim_keyring_free);
}

XimKeyring *
xim_own_keys_ring (XimOwnKeys *keys)
{
  return keys->ring;
}

/* Making. */

char *
xim_own_keys_sign (const XimSender *sender, const char *text, GError **error)
{
  g_autoptr (XimNote) note = xim_note_new (text, error);
  if (note == NULL || !xim_note_sign (note, sender->key, error))
    return NULL;
  return xim_note_encode (note);
}

static char *
make_note (const XimSender *sender, guint32 serial, const XimX25519Public *key,
           gint64 now_s, GError **error)
{
  XimDevice device = {
    .jid = (char *)sender->jid,
    .id = sender->device,
    .serial = serial,
    .key = *key,
    .created_s = now_s,
    .expires_s = now_s + XIM_DEVICE_NOTE_LIFE_S,
  };
  g_autofree char *text = xim_device_encode (&device);
  return xim_own_keys_sign (sender, text, error);
}

/* A key that is neither on disk nor in the list yet. */
static XimStoreKey *
make_key (XimOwnKeys *keys, const XimSender *sender, guint32 serial,
          gint64 now_s, GError **error)
{
  g_autoptr (XimSecret) secret = xim_crypto_x25519_generate ();
  XimX25519Public public_key;
  xim_crypto_x25519_public (secret, &public_key);
  g_autofree char *id = serial_text (serial);
  g_autofree char *note
      = make_note (sender, serial, &public_key, now_s, error);
  if (note == NULL)
    return NULL;
  GBytes *sealed
      = xim_keystore_seal (keys->keystore, "keys", id, "x25519",
                           xim_secret_peek (secret), XIM_KEY_LEN, error);
  if (sealed == NULL)
    return NULL;
  XimStoreKey *key = g_new0 (XimStoreKey, 1);
  key->serial = serial;
  key->created_s = now_s;
  key->expires_s = now_s + XIM_DEVICE_NOTE_LIFE_S;
  key->made_tally_s = xim_tally_now_s (keys->tally);
  key->sealed_key = sealed;
  key->note = g_steal_pointer (&note);
  return key;
}

gboolean
xim_own_keys_make (XimOwnKeys *keys, const XimSender *sender, gint64 now_s,
                   GError **error)
{
  guint32 serial = keys->list->len > 0 ? newest (keys)->serial + 1 : 1;
  XimStoreKey *key = make_key (keys, sender, serial, now_s, error);
  if (key == NULL)
    return FALSE;
  if (keys->ring == NULL)
    keys->ring = xim_keyring_new (sender->jid, &sender->device);
  if (!add_to_ring (keys, key, error))
    {
      xim_store_key_free (key);
      return FALSE;
    }
  g_ptr_array_add (keys->list, key);
  return TRUE;
}

gboolean
xim_own_keys_wipe (XimOwnKeys *keys, GError **error)
{
  for (guint i = 0; i < keys->list->len; i++)
    if (!xim_store_delete_key (keys->store, key_at (keys, i)->serial, error))
      return FALSE;
  return TRUE;
}

void
xim_own_keys_forget (XimOwnKeys *keys)
{
  xim_own_keys_lock (keys);
  g_ptr_array_set_size (keys->list, 0);
}

static XimDevice *
decode_device (const char *text, GError **error)
{
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), error);
  return note != NULL ? xim_device_decode (note, error) : NULL;
}

gboolean
xim_own_keys_refresh (XimOwnKeys *keys, const XimSender *sender, gint64 now_s,
                      GError **error)
{
  XimStoreKey *key = newest (keys);
  g_autoptr (XimDevice) device = decode_device (key->note, error);
  if (device == NULL)
    return FALSE;
  if (ABS (now_s - device->created_s) < XIM_OWN_OFFER_S)
    return TRUE;
  char *note = make_note (sender, key->serial, &device->key, now_s, error);
  if (note == NULL)
    return FALSE;
  g_free (key->note);
  key->note = note;
  /* A clock that was set back must not shorten the time of the key. */
  key->created_s = MIN (key->created_s, now_s);
  key->expires_s = MAX (key->expires_s, now_s + XIM_DEVICE_NOTE_LIFE_S);
  return TRUE;
}

/* Replacing. */

static XimStoreKey *
find (const XimOwnKeys *keys, guint32 serial)
{
  for (guint i = 0; i < keys->list->len; i++)
    if (key_at (keys, i)->serial == serial)
      return key_at (keys, i);
  return NULL;
}

static gboolean
has_public (const XimKeyring *ring, guint32 serial, const XimX25519Public *key)
{
  for (guint i = 0; i < xim_keyring_n (ring); i++)
    {
      const XimKeyringEntry *entry = xim_keyring_entry (ring, i);
      if (entry->serial == serial)
        return memcmp (&entry->key, key, sizeof *key) == 0;
    }
  return FALSE;
}

const XimStoreKey *
xim_own_keys_find (const XimOwnKeys *keys, guint32 serial,
                   const XimX25519Public *key)
{
  g_return_val_if_fail (keys->ring != NULL, NULL);
  return has_public (keys->ring, serial, key) ? find (keys, serial) : NULL;
}

void
xim_own_keys_accept (XimOwnKeys *keys, guint32 serial, char *note,
                     gint64 now_s)
{
  XimStoreKey *key = find (keys, serial);
  g_return_if_fail (key != NULL);
  g_free (key->note);
  key->note = note;
  key->accepted = TRUE;
  for (guint i = 0; i < keys->list->len; i++)
    {
      XimStoreKey *older = key_at (keys, i);
      if (older->serial >= serial || older->replaced_s != 0)
        continue;
      older->replaced_s = now_s;
      older->replaced_tally_s = xim_tally_now_s (keys->tally);
    }
}

gboolean
xim_own_keys_save (XimOwnKeys *keys, GError **error)
{
  gboolean ok = xim_tally_save (keys->tally, error);
  for (guint i = 0; ok && i < keys->list->len; i++)
    ok = xim_store_save_key (keys->store, key_at (keys, i), error);
  return ok;
}

gboolean
xim_own_keys_renewal_due (const XimOwnKeys *keys, gint64 now_s)
{
  if (keys->list->len == 0)
    return FALSE;
  const XimStoreKey *key = newest (keys);
  return !key->accepted || now_s >= key->created_s + XIM_DEVICE_NOTE_RENEW_S
         || xim_tally_now_s (keys->tally)
                >= key->made_tally_s + XIM_DEVICE_NOTE_RENEW_S;
}

/* Erasing. */

/* A wall clock that was set forward erases nothing early: the count does not
 * agree.  Nor does one that was set back, which ends when it is right. */
static gboolean
is_over (const XimOwnKeys *keys, const XimStoreKey *key, gint64 now_s,
         gint64 age_s)
{
  return key->replaced_s != 0 && now_s - key->replaced_s >= age_s
         && xim_tally_now_s (keys->tally) - key->replaced_tally_s >= age_s;
}

static gboolean
delete_from_disk (XimOwnKeys *keys, guint n, GError **error)
{
  gboolean ok = xim_store_begin (keys->store, XIM_STORE_KEYS, error)
                && xim_tally_save (keys->tally, error);
  for (guint i = 0; ok && i < n; i++)
    ok = xim_store_delete_key (keys->store, key_at (keys, i)->serial, error);
  ok = ok && xim_store_commit (keys->store, XIM_STORE_KEYS, error);
  if (!ok)
    xim_store_rollback (keys->store, XIM_STORE_KEYS);
  return ok;
}

/* The digests go after their key: a digest without a key does no harm, a key
 * without its digests could be made to open a message twice. */
gboolean
xim_own_keys_erase (XimOwnKeys *keys, gint64 now_s, gint64 age_s, guint *n,
                    GError **error)
{
  guint over = 0;
  while (over < keys->list->len
         && is_over (keys, key_at (keys, over), now_s, age_s))
    over++;
  if (over > 0 && !delete_from_disk (keys, over, error))
    return FALSE;
  for (guint i = 0; keys->ring != NULL && i < over; i++)
    xim_keyring_remove (keys->ring, key_at (keys, i)->serial);
  if (over > 0)
    g_ptr_array_remove_range (keys->list, 0, over);
  *n = over;
  return over == 0
         || (xim_store_scrub_keys (keys->store, error)
             && xim_store_delete_digests (keys->store, 0,
                                          key_at (keys, 0)->serial, error));
}

gboolean
xim_own_keys_export (XimOwnKeys *keys, XimExport *exported, GError **error)
{
  for (guint i = 0; i < keys->list->len; i++)
    {
      const XimStoreKey *key = key_at (keys, i);
      g_autofree char *id = serial_text (key->serial);
      XimSecret *secret = xim_keystore_open_key (
          keys->keystore, "keys", id, "x25519", key->sealed_key, error);
      if (secret == NULL)
        return FALSE;
      xim_export_add_key (exported, key->serial, key->created_s,
                          key->expires_s, secret);
    }
  return TRUE;
}
