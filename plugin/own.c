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
  XimTally *tally;
  XimOwnKeys *keys;
  XimImported *imported;
  XimSignKey *sign; /* NULL while locked */
  XimSender sender;
};

XimOwn *
xim_own_new (const char *jid, XimStore *store, XimKeystore *keystore,
             GError **error)
{
  g_autoptr (XimOwn) own = g_new0 (XimOwn, 1);
  own->jid = g_strdup (jid);
  own->store = store;
  own->keystore = keystore;
  own->tally = xim_tally_new (store, error);
  own->keys = own->tally != NULL
                  ? xim_own_keys_new (store, keystore, own->tally, error)
                  : NULL;
  own->imported = own->keys != NULL
                      ? xim_imported_new (own->jid, store, keystore,
                                          own->tally, error)
                      : NULL;
  if (own->imported == NULL
      || !xim_store_load_device (store, &own->has_device, &own->device, error))
    return NULL;
  if (own->has_device && xim_own_keys_n (own->keys) == 0)
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
  if (own->imported != NULL)
    xim_own_lock (own);
  xim_store_device_clear (&own->device);
  xim_imported_free (own->imported);
  xim_own_keys_free (own->keys);
  xim_tally_free (own->tally);
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

/* Unlocking. */

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
  XimSecret *seed
      = xim_keystore_open_key (own->keystore, "device", name, "ed25519",
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
  if (open_sign_key (own, error)
      && xim_own_keys_unlock (own->keys, own->jid, &own->device.id, error)
      && xim_imported_unlock (own->imported, error))
    return TRUE;
  xim_own_lock (own);
  return FALSE;
}

void
xim_own_lock (XimOwn *own)
{
  xim_own_keys_lock (own->keys);
  xim_imported_lock (own->imported);
  g_clear_pointer (&own->sign, xim_sign_key_free);
  own->sender.key = NULL;
}

/* Notes. */

static XimAccountDevice
listed (const XimOwn *own)
{
  XimAccountDevice device
      = { own->device.id, xim_sign_key_public (own->sign)->key };
  return device;
}

static char *
make_account_note (const XimOwn *own, gint64 now_s, GError **error)
{
  const XimAccount account = {
    .jid = own->jid,
    .version = 1,
    .time_s = now_s,
    .n_devices = 1,
    .devices = { listed (own) },
  };
  g_autofree char *text = xim_account_encode (&account);
  return xim_own_keys_sign (&own->sender, text, error);
}

static gboolean
offer_text (XimOwn *own, const char *text, GError **error)
{
  char *note = xim_own_keys_sign (&own->sender, text, error);
  if (note == NULL)
    return FALSE;
  g_free (own->device.offered_note);
  own->device.offered_note = note;
  return TRUE;
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

static gboolean
save_all (XimOwn *own, GError **error)
{
  gboolean ok = xim_store_begin (own->store, XIM_STORE_KEYS, error)
                && xim_store_save_device (own->store, &own->device, error)
                && xim_own_keys_save (own->keys, error)
                && xim_store_commit (own->store, XIM_STORE_KEYS, error);
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
  return own->device.offered_note != NULL
         && xim_own_keys_make (own->keys, &own->sender, now_s, error)
         && xim_imported_unlock (own->imported, error)
         && save_all (own, error);
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
  xim_own_keys_forget (own->keys);
  return FALSE;
}

gboolean
xim_own_prepare (XimOwn *own, gint64 now_s, GError **error)
{
  if (!own->has_device && !xim_own_make (own, now_s, error))
    return FALSE;
  return xim_own_unlock (own, error);
}

/* Offering. */

static gboolean
is_young (gint64 time_s, gint64 now_s)
{
  return ABS (now_s - time_s) < XIM_OWN_OFFER_S;
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
  account->time_s = now_s;
  g_autofree char *text = xim_account_encode (account);
  return offer_text (own, text, error);
}

gboolean
xim_own_offer (XimOwn *own, gint64 now_s, XimOwnOffer *out, GError **error)
{
  g_return_val_if_fail (own->sign != NULL, FALSE);
  g_return_val_if_fail (own->device.offered_note != NULL, FALSE);
  if (!refresh_account (own, now_s, error)
      || !xim_own_keys_refresh (own->keys, &own->sender, now_s, error)
      || !save_all (own, error))
    return FALSE;
  g_autoptr (XimAccount) account
      = decode_account (own->device.offered_note, error);
  if (account == NULL)
    return FALSE;
  out->account = own->device.offered_note;
  out->device = xim_own_keys_newest (own->keys)->note;
  out->digest = account->hash;
  return TRUE;
}

gboolean
xim_own_device_note (XimOwn *own, gint64 now_s, const char **note,
                     GError **error)
{
  g_return_val_if_fail (own->sign != NULL, FALSE);
  if (!xim_own_keys_refresh (own->keys, &own->sender, now_s, error)
      || !save_all (own, error))
    return FALSE;
  *note = xim_own_keys_newest (own->keys)->note;
  return TRUE;
}

/* Starting again. */

gboolean
xim_own_wipe (XimOwn *own, GError **error)
{
  gboolean ok = xim_store_begin (own->store, XIM_STORE_KEYS, error)
                && xim_store_delete_device (own->store, error)
                && xim_own_keys_wipe (own->keys, error)
                && xim_store_commit (own->store, XIM_STORE_KEYS, error);
  if (!ok)
    {
      xim_store_rollback (own->store, XIM_STORE_KEYS);
      return FALSE;
    }
  xim_own_lock (own);
  xim_store_device_clear (&own->device);
  xim_own_keys_forget (own->keys);
  own->has_device = FALSE;
  return TRUE;
}

gboolean
xim_own_start_over (XimOwn *own, guint32 version, const XimHash *previous,
                    gint64 now_s, GError **error)
{
  if (xim_own_ever (own) && !xim_own_wipe (own, error))
    return FALSE;
  if (!own->has_device && !xim_own_make (own, now_s, error))
    return FALSE;
  if (!xim_own_unlock (own, error))
    return FALSE;
  const XimAccountDevice device = listed (own);
  g_autofree char *text
      = xim_change_reset (own->jid, version, previous, &device, now_s);
  return offer_text (own, text, error) && save_all (own, error);
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

/* The newest device note that the keyserver has may be one of ours that we
 * never heard of again. */
static XimOwnStanding
take_device (XimOwn *own, const XimDevice *device, gint64 now_s)
{
  const XimStoreKey *key
      = xim_own_keys_find (own->keys, device->serial, &device->key);
  if (key == NULL)
    return XIM_OWN_COPIED;
  if (!key->accepted)
    xim_own_keys_accept (own->keys, device->serial,
                         xim_note_encode (device->note), now_s);
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
  xim_tally_heard (own->tally, xim_verified_current_s (verified));
  *standing
      = device != NULL ? take_device (own, device, now_s) : XIM_OWN_LISTED;
  g_free (own->device.account_note);
  own->device.account_note
      = xim_note_encode (xim_verified_account (verified)->note);
  g_clear_pointer (&own->device.offered_note, g_free);
  return save_all (own, error);
}

/* Renewing. */

gboolean
xim_own_renewal_due (const XimOwn *own, gint64 now_s)
{
  return own->has_device && xim_own_keys_renewal_due (own->keys, now_s);
}

gboolean
xim_own_renew (XimOwn *own, gint64 now_s, const char **note, GError **error)
{
  g_return_val_if_fail (own->sign != NULL, FALSE);
  const gboolean ok
      = xim_own_keys_newest (own->keys)->accepted
            ? xim_own_keys_make (own->keys, &own->sender, now_s, error)
            : xim_own_keys_refresh (own->keys, &own->sender, now_s, error);
  if (!ok || !save_all (own, error))
    return FALSE;
  *note = xim_own_keys_newest (own->keys)->note;
  return TRUE;
}

static gboolean
check_answer (const XimOwn *own, const XimDevice *device,
              const XimVerifyKey *server, GError **error)
{
  const XimStoreKey *key = xim_own_keys_newest (own->keys);
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
  xim_own_keys_accept (own->keys, device->serial,
                       xim_note_encode (device->note), now_s);
  return save_all (own, error);
}

gboolean
xim_own_erase (XimOwn *own, gint64 now_s, gint64 age_s, guint *n,
               GError **error)
{
  guint n_imported = 0;
  guint n_own = 0;
  if (!xim_imported_erase (own->imported, now_s, &n_imported, error)
      || !xim_own_keys_erase (own->keys, now_s, age_s, &n_own, error))
    return FALSE;
  *n = n_own + n_imported;
  return TRUE;
}

XimImported *
xim_own_imported (XimOwn *own)
{
  return own->imported;
}

static gboolean
fill_export (XimOwn *own, XimExport *exported, GError **error)
{
  const XimSecret *seed = xim_sign_key_seed (own->sign);
  exported->account = g_strdup (own->device.account_note);
  exported->seed = xim_secret_new (xim_secret_len (seed));
  memcpy (xim_secret_data (exported->seed), xim_secret_peek (seed),
          xim_secret_len (seed));
  g_ptr_array_unref (exported->versions);
  exported->versions = NULL;
  return xim_store_load_versions (own->store, own->jid, &exported->versions,
                                  error)
         && xim_own_keys_export (own->keys, exported, error);
}

XimExport *
xim_own_export (XimOwn *own, GError **error)
{
  if (own->sign == NULL || !xim_own_ever (own))
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                           "a registered and unlocked device should be there"
                           " to be exported");
      return NULL;
    }
  g_autoptr (XimExport) exported
      = xim_export_new (own->jid, &own->device.id);
  return fill_export (own, exported, error) ? g_steal_pointer (&exported)
                                            : NULL;
}

const char *
xim_own_account (const XimOwn *own)
{
  return own->has_device ? own->device.account_note : NULL;
}

XimKeyring *
xim_own_keyring (XimOwn *own)
{
  return xim_own_keys_ring (own->keys);
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
