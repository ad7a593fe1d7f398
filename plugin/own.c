/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own device: its keys, on disk and unlocked, and its notes. */

#include "config.h"

#include "own.h"

#include <string.h>

struct _XimOwn
{
  char *jid;
  XimStore *store;
  XimKeystore *keystore;
  gboolean has_device;
  XimStoreDevice device;
  GPtrArray *keys;  /* of XimStoreKey, ascending by serial */
  XimSignKey *sign; /* NULL while locked */
  XimSender sender;
  XimKeyring *ring; /* NULL while locked */
};

XimOwn *
xim_own_new (const char *jid, XimStore *store, XimKeystore *keystore,
             GError **error)
{
  g_autoptr (XimOwn) own = g_new0 (XimOwn, 1);
  own->jid = g_strdup (jid);
  own->store = store;
  own->keystore = keystore;
  if (!xim_store_load_device (store, &own->has_device, &own->device, error)
      || !xim_store_load_keys (store, &own->keys, error))
    return NULL;
  if (own->has_device && own->keys->len == 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "the device of %s should have a key on disk, has none",
                   jid);
      return NULL;
    }
  return g_steal_pointer (&own);
}

void
xim_own_free (XimOwn *own)
{
  if (own == NULL)
    return;
  xim_own_lock (own);
  xim_store_device_clear (&own->device);
  g_clear_pointer (&own->keys, g_ptr_array_unref);
  g_free (own->jid);
  g_free (own);
}

gboolean
xim_own_ever (const XimOwn *own)
{
  return own->has_device && own->device.account_note != NULL;
}

gboolean
xim_own_has_device (const XimOwn *own)
{
  return own->has_device;
}

static XimStoreKey *
newest_key (const XimOwn *own)
{
  return g_ptr_array_index (own->keys, own->keys->len - 1);
}

/* Unlocking. */

static char *
serial_text (guint32 serial)
{
  return g_strdup_printf ("%" G_GUINT32_FORMAT, serial);
}

static XimSecret *
open_exact (XimOwn *own, const char *table, const char *id, const char *kind,
            GBytes *sealed, GError **error)
{
  g_autoptr (XimSecret) secret
      = xim_keystore_open (own->keystore, table, id, kind, sealed, error);
  if (secret == NULL)
    return NULL;
  if (xim_secret_len (secret) == XIM_KEY_LEN)
    return g_steal_pointer (&secret);
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "a %s should have 32 bytes, has %" G_GSIZE_FORMAT, kind,
               xim_secret_len (secret));
  return NULL;
}

static gboolean
add_to_ring (XimOwn *own, const XimStoreKey *key, GError **error)
{
  g_autofree char *id = serial_text (key->serial);
  XimSecret *secret
      = open_exact (own, "keys", id, "x25519", key->sealed_key, error);
  if (secret == NULL)
    return FALSE;
  xim_keyring_add (own->ring, secret, key->serial, key->created_s,
                   key->expires_s);
  return TRUE;
}

static void
set_sign_key (XimOwn *own, XimSignKey *sign)
{
  own->sign = sign;
  own->sender.jid = own->jid;
  own->sender.device = own->device.id;
  own->sender.key = sign;
}

static gboolean
open_sign_key (XimOwn *own, GError **error)
{
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_name (&own->device.id, name);
  XimSecret *seed = open_exact (own, "device", name, "ed25519",
                                own->device.sealed_seed, error);
  if (seed == NULL)
    return FALSE;
  XimSignKey *sign = xim_sign_key_new (name, seed, error);
  if (sign == NULL)
    return FALSE;
  set_sign_key (own, sign);
  return TRUE;
}

gboolean
xim_own_unlock (XimOwn *own, GError **error)
{
  if (!own->has_device || own->sign != NULL)
    return TRUE;
  gboolean ok = open_sign_key (own, error);
  if (ok)
    own->ring = xim_keyring_new (own->jid, &own->device.id);
  for (guint i = 0; ok && i < own->keys->len; i++)
    ok = add_to_ring (own, g_ptr_array_index (own->keys, i), error);
  if (!ok)
    xim_own_lock (own);
  return ok;
}

void
xim_own_lock (XimOwn *own)
{
  g_clear_pointer (&own->ring, xim_keyring_free);
  g_clear_pointer (&own->sign, xim_sign_key_free);
  own->sender.key = NULL;
}

/* Notes. */

static char *
sign_text (const XimOwn *own, const char *text, GError **error)
{
  g_autoptr (XimNote) note = xim_note_new (text, error);
  if (note == NULL || !xim_note_sign (note, own->sign, error))
    return NULL;
  return xim_note_encode (note);
}

static char *
make_account_note (const XimOwn *own, gint64 now_s, GError **error)
{
  XimAccount account
      = { .jid = own->jid, .version = 1, .time_s = now_s, .n_devices = 1 };
  account.devices[0].id = own->device.id;
  account.devices[0].key = xim_sign_key_public (own->sign)->key;
  g_autofree char *text = xim_account_encode (&account);
  return sign_text (own, text, error);
}

static char *
make_device_note (const XimOwn *own, guint32 serial,
                  const XimX25519Public *key, gint64 now_s, GError **error)
{
  XimDevice device = {
    .jid = own->jid,
    .id = own->device.id,
    .serial = serial,
    .key = *key,
    .created_s = now_s,
    .expires_s = now_s + XIM_DEVICE_NOTE_LIFE_S,
  };
  g_autofree char *text = xim_device_encode (&device);
  return sign_text (own, text, error);
}

static XimDevice *
decode_device (const char *text, gsize len, GError **error)
{
  g_autoptr (XimNote) note = xim_note_decode (text, len, error);
  return note != NULL ? xim_device_decode (note, error) : NULL;
}

static XimAccount *
decode_account (const char *text, GError **error)
{
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), error);
  return note != NULL ? xim_account_decode (note, error) : NULL;
}

/* Making. */

/* A key that is neither on disk nor in the list yet. */
static XimStoreKey *
make_key (XimOwn *own, guint32 serial, gint64 now_s, GError **error)
{
  g_autoptr (XimSecret) secret = xim_crypto_x25519_generate ();
  XimX25519Public public_key;
  xim_crypto_x25519_public (secret, &public_key);
  g_autofree char *id = serial_text (serial);
  g_autofree char *note
      = make_device_note (own, serial, &public_key, now_s, error);
  if (note == NULL)
    return NULL;
  GBytes *sealed
      = xim_keystore_seal (own->keystore, "keys", id, "x25519",
                           xim_secret_peek (secret), XIM_KEY_LEN, error);
  if (sealed == NULL)
    return NULL;
  XimStoreKey *key = g_new0 (XimStoreKey, 1);
  key->serial = serial;
  key->created_s = now_s;
  key->expires_s = now_s + XIM_DEVICE_NOTE_LIFE_S;
  key->sealed_key = sealed;
  key->note = g_steal_pointer (&note);
  return key;
}

static gboolean
save_all (XimOwn *own, const XimStoreDevice *device, GPtrArray *keys,
          GError **error)
{
  gboolean ok = xim_store_begin (own->store, XIM_STORE_KEYS, error)
                && xim_store_save_device (own->store, device, error);
  for (guint i = 0; ok && i < keys->len; i++)
    ok = xim_store_save_key (own->store, g_ptr_array_index (keys, i), error);
  ok = ok && xim_store_commit (own->store, XIM_STORE_KEYS, error);
  if (!ok)
    xim_store_rollback (own->store, XIM_STORE_KEYS);
  return ok;
}

static gboolean
make_device (XimOwn *own, gint64 now_s, GError **error)
{
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_generate (&own->device.id);
  xim_device_id_name (&own->device.id, name);
  XimSignKey *sign = xim_sign_key_generate (name, error);
  if (sign == NULL)
    return FALSE;
  set_sign_key (own, sign);
  own->device.sealed_seed = xim_keystore_seal (
      own->keystore, "device", name, "ed25519",
      xim_secret_peek (xim_sign_key_seed (sign)), XIM_KEY_LEN, error);
  if (own->device.sealed_seed == NULL)
    return FALSE;
  own->device.offered_note = make_account_note (own, now_s, error);
  XimStoreKey *key = own->device.offered_note != NULL
                         ? make_key (own, 1, now_s, error)
                         : NULL;
  if (key == NULL)
    return FALSE;
  g_ptr_array_add (own->keys, key);
  own->ring = xim_keyring_new (own->jid, &own->device.id);
  return add_to_ring (own, key, error)
         && save_all (own, &own->device, own->keys, error);
}

gboolean
xim_own_make (XimOwn *own, gint64 now_s, GError **error)
{
  g_return_val_if_fail (!own->has_device, FALSE);
  own->has_device = make_device (own, now_s, error);
  if (own->has_device)
    return TRUE;
  xim_own_lock (own);
  xim_store_device_clear (&own->device);
  g_ptr_array_set_size (own->keys, 0);
  return FALSE;
}

/* Offering. */

static gboolean
is_young (gint64 time_s, gint64 now_s)
{
  return ABS (now_s - time_s) < XIM_OWN_OFFER_S;
}

/* The same key under a note with a new time; nothing is saved. */
static gboolean
refresh_key (XimOwn *own, XimStoreKey *key, gint64 now_s, GError **error)
{
  g_autoptr (XimDevice) device
      = decode_device (key->note, strlen (key->note), error);
  if (device == NULL)
    return FALSE;
  if (is_young (device->created_s, now_s))
    return TRUE;
  char *note = make_device_note (own, key->serial, &device->key, now_s, error);
  if (note == NULL)
    return FALSE;
  g_free (key->note);
  key->note = note;
  /* A clock that was set back must not shorten the time of the key. */
  key->created_s = MIN (key->created_s, now_s);
  key->expires_s = MAX (key->expires_s, now_s + XIM_DEVICE_NOTE_LIFE_S);
  return TRUE;
}

static gboolean
refresh_account (XimOwn *own, gint64 now_s, GError **error)
{
  g_autoptr (XimAccount) account
      = decode_account (own->device.offered_note, error);
  if (account == NULL)
    return FALSE;
  if (is_young (account->time_s, now_s))
    return TRUE;
  char *note = make_account_note (own, now_s, error);
  if (note == NULL)
    return FALSE;
  g_free (own->device.offered_note);
  own->device.offered_note = note;
  return TRUE;
}

gboolean
xim_own_offer (XimOwn *own, gint64 now_s, XimOwnOffer *out, GError **error)
{
  g_return_val_if_fail (own->sign != NULL, FALSE);
  g_return_val_if_fail (own->device.offered_note != NULL, FALSE);
  if (!refresh_account (own, now_s, error)
      || !refresh_key (own, newest_key (own), now_s, error)
      || !save_all (own, &own->device, own->keys, error))
    return FALSE;
  g_autoptr (XimAccount) account
      = decode_account (own->device.offered_note, error);
  if (account == NULL)
    return FALSE;
  out->account = own->device.offered_note;
  out->device = newest_key (own)->note;
  out->digest = account->hash;
  return TRUE;
}

/* Accepting. */

static const XimDevice *
find_usable (const XimVerified *verified, const XimDeviceId *id)
{
  for (guint i = 0; i < xim_verified_n_usable (verified); i++)
    {
      const XimDevice *device = xim_verified_usable (verified, i);
      if (xim_device_id_compare (&device->id, id) == 0)
        return device;
    }
  return NULL;
}

static XimStoreKey *
find_key (const XimOwn *own, guint32 serial)
{
  for (guint i = 0; i < own->keys->len; i++)
    {
      XimStoreKey *key = g_ptr_array_index (own->keys, i);
      if (key->serial == serial)
        return key;
    }
  return NULL;
}

static gboolean
has_public (const XimOwn *own, guint32 serial, const XimX25519Public *key)
{
  for (guint i = 0; i < xim_keyring_n (own->ring); i++)
    {
      const XimKeyringEntry *entry = xim_keyring_entry (own->ring, i);
      if (entry->serial == serial)
        return memcmp (&entry->key, key, sizeof *key) == 0;
    }
  return FALSE;
}

static void
mark_accepted (XimOwn *own, XimStoreKey *key, char *note, gint64 now_s)
{
  g_free (key->note);
  key->note = note;
  key->accepted = TRUE;
  for (guint i = 0; i < own->keys->len; i++)
    {
      XimStoreKey *older = g_ptr_array_index (own->keys, i);
      if (older->serial < key->serial && older->replaced_s == 0)
        older->replaced_s = now_s;
    }
}

/* The newest device note that the keyserver has may be one of ours that we
 * never heard of again. */
static XimOwnStanding
take_device (XimOwn *own, const XimDevice *device, gint64 now_s)
{
  XimStoreKey *key = find_key (own, device->serial);
  if (key == NULL || !has_public (own, device->serial, &device->key))
    return XIM_OWN_COPIED;
  if (!key->accepted)
    mark_accepted (own, key, xim_note_encode (device->note), now_s);
  return XIM_OWN_LISTED;
}

gboolean
xim_own_accept (XimOwn *own, const XimVerified *verified, gint64 now_s,
                XimOwnStanding *standing, GError **error)
{
  const XimEd25519Public *listed
      = own->sign != NULL ? xim_verified_signer (verified, &own->device.id)
                          : NULL;
  if (listed == NULL
      || memcmp (listed, &xim_sign_key_public (own->sign)->key, sizeof *listed)
             != 0)
    {
      *standing = XIM_OWN_NOT_LISTED;
      return TRUE;
    }
  const XimDevice *device = find_usable (verified, &own->device.id);
  *standing
      = device != NULL ? take_device (own, device, now_s) : XIM_OWN_LISTED;
  g_free (own->device.account_note);
  own->device.account_note
      = xim_note_encode (xim_verified_account (verified)->note);
  g_clear_pointer (&own->device.offered_note, g_free);
  return save_all (own, &own->device, own->keys, error);
}

/* Renewing. */

gboolean
xim_own_renewal_due (const XimOwn *own, gint64 now_s)
{
  if (!own->has_device)
    return FALSE;
  const XimStoreKey *key = newest_key (own);
  return !key->accepted || now_s >= key->created_s + XIM_DEVICE_NOTE_RENEW_S;
}

gboolean
xim_own_renew (XimOwn *own, gint64 now_s, const char **note, GError **error)
{
  g_return_val_if_fail (own->sign != NULL, FALSE);
  XimStoreKey *key = newest_key (own);
  if (key->accepted)
    {
      key = make_key (own, key->serial + 1, now_s, error);
      if (key == NULL)
        return FALSE;
      if (!xim_store_save_key (own->store, key, error)
          || !add_to_ring (own, key, error))
        {
          xim_store_key_free (key);
          return FALSE;
        }
      g_ptr_array_add (own->keys, key);
    }
  else if (!refresh_key (own, key, now_s, error)
           || !xim_store_save_key (own->store, key, error))
    return FALSE;
  *note = key->note;
  return TRUE;
}

static gboolean
check_answer (const XimOwn *own, const XimDevice *device,
              const XimVerifyKey *server, GError **error)
{
  const XimStoreKey *key = newest_key (own);
  g_autoptr (XimDevice) offered
      = decode_device (key->note, strlen (key->note), error);
  if (offered == NULL)
    return FALSE;
  if (strcmp (offered->text, device->text) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "the keyserver should answer with the note of serial %u"
                   " that it was offered",
                   key->serial);
      return FALSE;
    }
  const XimVerifyKey *keys[] = { xim_sign_key_public (own->sign), server };
  guint64 good = 0;
  if (!xim_note_verify (device->note, keys, G_N_ELEMENTS (keys), &good, error))
    return FALSE;
  if (good == 3)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                       "the device note should have our line and the"
                       " keyserver's");
  return FALSE;
}

gboolean
xim_own_accept_key (XimOwn *own, const char *note, gsize len,
                    const XimVerifyKey *server, gint64 now_s, GError **error)
{
  g_return_val_if_fail (own->sign != NULL, FALSE);
  g_autoptr (XimDevice) device = decode_device (note, len, error);
  if (device == NULL || !check_answer (own, device, server, error))
    return FALSE;
  mark_accepted (own, newest_key (own), xim_note_encode (device->note), now_s);
  return save_all (own, &own->device, own->keys, error);
}

XimKeyring *
xim_own_keyring (XimOwn *own)
{
  return own->ring;
}

const XimSender *
xim_own_sender (const XimOwn *own)
{
  return own->sign != NULL ? &own->sender : NULL;
}

const XimDeviceId *
xim_own_device (const XimOwn *own)
{
  return own->has_device ? &own->device.id : NULL;
}

char *
xim_own_fingerprint (const XimOwn *own)
{
  if (own->sign != NULL)
    return xim_verify_key_fingerprint (xim_sign_key_public (own->sign));
  g_autoptr (XimAccount) account
      = xim_own_ever (own) ? decode_account (own->device.account_note, NULL)
                           : NULL;
  const XimAccountDevice *device
      = account != NULL ? xim_account_find (account, &own->device.id) : NULL;
  if (device == NULL)
    return NULL;
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_name (&device->id, name);
  g_autoptr (XimVerifyKey) key = xim_verify_key_new (name, &device->key, NULL);
  return key != NULL ? xim_verify_key_fingerprint (key) : NULL;
}
