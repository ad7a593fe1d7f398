/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The master key: made, locked, unlocked; seals what lies on disk. */

#include "config.h"

#include "keystore.h"

#include <string.h>

#include "stretch.h"

/* One call that runs Argon2id, and another time for a new passphrase. */
typedef struct
{
  XimKeystore *keystore;
  XimKeystoreCallback callback;
  gpointer user_data;
  XimStretch *stretch; /* NULL when it is refused */
  guint idle;          /* for an answer that is known already */
  XimStretchHow how;
  XimSecret *fresh; /* (nullable): the passphrase to change to */
} Job;

struct _XimKeystore
{
  XimStore *store;
  gboolean found; /* a sealed master key is on disk */
  XimStoreMaster sealed;
  XimStoreKeyring keyring; /* its id is NULL unless the keyring has the key */
  XimSecret *master;       /* NULL while locked */
  GSList *jobs;
};

static void
job_free (gpointer data)
{
  Job *job = data;
  xim_stretch_cancel (job->stretch);
  if (job->idle != 0)
    g_source_remove (job->idle);
  xim_secret_free (job->fresh);
  g_free (job);
}

static void
job_answer (Job *job, const GError *error)
{
  job->keystore->jobs = g_slist_remove (job->keystore->jobs, job);
  job->callback (error, job->user_data);
  job_free (job);
}

static XimStretchHow
how_of (const XimStoreMaster *sealed)
{
  XimStretchHow how
      = { .bytes = sealed->argon2_bytes, .passes = sealed->argon2_passes };
  memcpy (how.salt, sealed->salt, sizeof how.salt);
  return how;
}

static XimStretchHow
new_how (void)
{
  XimStretchHow how
      = { .bytes = XIM_ARGON2_BYTES_MIN, .passes = XIM_ARGON2_PASSES_MIN };
  xim_crypto_random (how.salt, sizeof how.salt);
  return how;
}

XimKeystore *
xim_keystore_new (XimStore *store, GError **error)
{
  g_autoptr (XimKeystore) keystore = g_new0 (XimKeystore, 1);
  gboolean in_keyring = FALSE;
  keystore->store = store;
  if (!xim_store_load_master (store, &keystore->found, &keystore->sealed,
                              error)
      || !xim_store_load_keyring (store, &in_keyring, &keystore->keyring,
                                  error))
    return NULL;
  const XimStretchHow how = how_of (&keystore->sealed);
  if (keystore->found && !xim_stretch_check (&how, error))
    return NULL;
  return g_steal_pointer (&keystore);
}

static gboolean
is_working (const XimKeystore *keystore)
{
  for (const GSList *item = keystore->jobs; item != NULL; item = item->next)
    if (((const Job *)item->data)->stretch != NULL)
      return TRUE;
  return FALSE;
}

XimKeystoreState
xim_keystore_state (const XimKeystore *keystore)
{
  if (keystore->master != NULL)
    return XIM_KEYSTORE_UNLOCKED;
  if (is_working (keystore))
    return XIM_KEYSTORE_WORKING;
  return keystore->found || keystore->keyring.id != NULL ? XIM_KEYSTORE_LOCKED
                                                         : XIM_KEYSTORE_EMPTY;
}

/* Sealing under any key: nonce 12, then the sealed bytes. */

static char *
place (const char *table, const char *id, const char *kind)
{
  return g_strdup_printf ("%s\n%s\n%s", table, id, kind);
}

static GBytes *
seal (const XimSecret *key, const char *place_name, const guint8 *data,
      gsize len)
{
  gsize out_len = XIM_GCM_NONCE_LEN + len + XIM_GCM_TAG_LEN;
  guint8 *out = g_malloc (out_len);
  XimPiece ad = { place_name, strlen (place_name) };
  XimPiece plain = { data, len };
  g_autoptr (XimGcm) gcm = xim_gcm_new (xim_secret_peek (key));
  xim_crypto_random (out, XIM_GCM_NONCE_LEN);
  xim_gcm_seal (gcm, out, &ad, &plain, out + XIM_GCM_NONCE_LEN);
  return g_bytes_new_take (out, out_len);
}

static XimSecret *
unseal (const XimSecret *key, const char *place_name, GBytes *sealed_bytes)
{
  gsize len = 0;
  const guint8 *data = g_bytes_get_data (sealed_bytes, &len);
  if (len < XIM_GCM_NONCE_LEN + XIM_GCM_TAG_LEN)
    return NULL;
  g_autoptr (XimSecret) plain
      = xim_secret_new (len - XIM_GCM_NONCE_LEN - XIM_GCM_TAG_LEN);
  XimPiece ad = { place_name, strlen (place_name) };
  XimPiece sealed = { data + XIM_GCM_NONCE_LEN, len - XIM_GCM_NONCE_LEN };
  g_autoptr (XimGcm) gcm = xim_gcm_new (xim_secret_peek (key));
  if (!xim_gcm_open (gcm, data, &ad, &sealed, xim_secret_data (plain), NULL))
    return NULL;
  return g_steal_pointer (&plain);
}

/* The master key. */

static const char master_place[] = "master\n1\nmaster key";
static const char probe_place[] = "keyring\n1\nprobe";

/* Seals @master for the passphrase that made @key, instead of whatever sealed
 * it before. */
static gboolean
save_master (XimKeystore *keystore, const XimSecret *master,
             const XimSecret *key, const XimStretchHow *how, GError **error)
{
  XimStoreMaster sealed
      = { .argon2_bytes = how->bytes, .argon2_passes = how->passes };
  memcpy (sealed.salt, how->salt, sizeof sealed.salt);
  sealed.sealed = seal (key, master_place, xim_secret_peek (master),
                        XIM_MASTER_KEY_LEN);
  if (!xim_store_save_master (keystore->store, &sealed, error))
    {
      xim_store_master_clear (&sealed);
      return FALSE;
    }
  xim_store_master_clear (&keystore->sealed);
  xim_store_keyring_clear (&keystore->keyring);
  keystore->sealed = sealed;
  keystore->found = TRUE;
  return TRUE;
}

static gboolean
make_master (XimKeystore *keystore, const XimSecret *key,
             const XimStretchHow *how, GError **error)
{
  g_autoptr (XimSecret) master = xim_secret_new (XIM_MASTER_KEY_LEN);
  xim_crypto_random (xim_secret_data (master), XIM_MASTER_KEY_LEN);
  if (!save_master (keystore, master, key, how, error))
    return FALSE;
  keystore->master = g_steal_pointer (&master);
  return TRUE;
}

static gboolean
check_master (const XimSecret *master, GError **error)
{
  if (xim_secret_len (master) == XIM_MASTER_KEY_LEN)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "the master key should have 32 bytes, has %" G_GSIZE_FORMAT,
               xim_secret_len (master));
  return FALSE;
}

static XimSecret *
open_master (const XimKeystore *keystore, const XimSecret *key, GError **error)
{
  g_autoptr (XimSecret) master
      = unseal (key, master_place, keystore->sealed.sealed);
  if (master == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                           "the master key should open with this passphrase"
                           " and does not");
      return NULL;
    }
  return check_master (master, error) ? g_steal_pointer (&master) : NULL;
}

/* Unlocking. */

static gboolean
answer_now (gpointer data)
{
  Job *job = data;
  g_autoptr (GError) error = g_error_new_literal (
      XIM_ERROR, XIM_ERROR_CONFLICT,
      "the keystore should have nothing to do for a passphrase");
  job->idle = 0;
  job_answer (job, error);
  return G_SOURCE_REMOVE;
}

static Job *
job_new (XimKeystore *keystore, XimKeystoreCallback callback,
         gpointer user_data)
{
  Job *job = g_new0 (Job, 1);
  job->keystore = keystore;
  job->callback = callback;
  job->user_data = user_data;
  keystore->jobs = g_slist_prepend (keystore->jobs, job);
  return job;
}

static void
unlock_stretched (XimSecret *key, const GError *problem, gpointer data)
{
  Job *job = data;
  XimKeystore *keystore = job->keystore;
  g_autoptr (XimSecret) owned = key;
  g_autoptr (GError) error = problem != NULL ? g_error_copy (problem) : NULL;
  job->stretch = NULL;
  if (key != NULL && keystore->found)
    keystore->master = open_master (keystore, key, &error);
  else if (key != NULL)
    make_master (keystore, key, &job->how, &error);
  job_answer (job, error);
}

void
xim_keystore_unlock (XimKeystore *keystore, XimSecret *passphrase,
                     XimKeystoreCallback callback, gpointer user_data)
{
  const gboolean busy = keystore->master != NULL || is_working (keystore)
                        || keystore->keyring.id != NULL;
  Job *job = job_new (keystore, callback, user_data);
  if (busy)
    {
      xim_secret_free (passphrase);
      job->idle = g_idle_add (answer_now, job);
      return;
    }
  job->how = keystore->found ? how_of (&keystore->sealed) : new_how ();
  job->stretch
      = xim_stretch_start (passphrase, &job->how, unlock_stretched, job);
}

gboolean
xim_keystore_unlock_with (XimKeystore *keystore, XimSecret *master,
                          GError **error)
{
  g_autoptr (XimSecret) owned = master;
  g_return_val_if_fail (keystore->keyring.id != NULL, FALSE);
  g_return_val_if_fail (keystore->master == NULL, FALSE);
  if (!check_master (master, error))
    return FALSE;
  g_autoptr (XimSecret) probe
      = unseal (master, probe_place, keystore->keyring.probe);
  if (probe == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                           "the keyring should have the master key of these"
                           " files, has another");
      return FALSE;
    }
  keystore->master = g_steal_pointer (&owned);
  return TRUE;
}

/* What is under way ends at once; its thread, later, without an effect. */
void
xim_keystore_lock (XimKeystore *keystore)
{
  g_autoptr (GError) error = g_error_new_literal (
      XIM_ERROR, XIM_ERROR_UNAVAILABLE,
      "the keystore should be left alone and was locked meanwhile");
  g_clear_pointer (&keystore->master, xim_secret_free);
  GSList *item = keystore->jobs;
  while (item != NULL)
    {
      Job *job = item->data;
      const gboolean ends = job->stretch != NULL;
      if (ends)
        job_answer (job, error);
      item = ends ? keystore->jobs : item->next;
    }
}

/* Changing the passphrase. */

static void
change_stretched (XimSecret *key, const GError *problem, gpointer data)
{
  Job *job = data;
  g_autoptr (XimSecret) owned = key;
  g_autoptr (GError) error = problem != NULL ? g_error_copy (problem) : NULL;
  job->stretch = NULL;
  if (key != NULL)
    save_master (job->keystore, job->keystore->master, key, &job->how, &error);
  job_answer (job, error);
}

static void
stretch_fresh (Job *job)
{
  job->how = new_how ();
  job->stretch = xim_stretch_start (g_steal_pointer (&job->fresh), &job->how,
                                    change_stretched, job);
}

static void
old_stretched (XimSecret *key, const GError *problem, gpointer data)
{
  Job *job = data;
  g_autoptr (XimSecret) owned = key;
  g_autoptr (GError) error = problem != NULL ? g_error_copy (problem) : NULL;
  g_autoptr (XimSecret) master
      = key != NULL ? open_master (job->keystore, key, &error) : NULL;
  job->stretch = NULL;
  if (master != NULL)
    stretch_fresh (job);
  else
    job_answer (job, error);
}

void
xim_keystore_change (XimKeystore *keystore, XimSecret *old, XimSecret *fresh,
                     XimKeystoreCallback callback, gpointer user_data)
{
  const gboolean wrong = keystore->master == NULL || is_working (keystore)
                         || (old != NULL) == (keystore->keyring.id != NULL);
  Job *job = job_new (keystore, callback, user_data);
  job->fresh = fresh;
  if (wrong)
    {
      xim_secret_free (old);
      job->idle = g_idle_add (answer_now, job);
      return;
    }
  if (old == NULL)
    {
      stretch_fresh (job);
      return;
    }
  job->how = how_of (&keystore->sealed);
  job->stretch = xim_stretch_start (old, &job->how, old_stretched, job);
}

/* The desktop's keyring. */

static gboolean
check_unlocked (const XimKeystore *keystore, GError **error)
{
  if (keystore->master != NULL)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                       "the keystore should be unlocked, is locked");
  return FALSE;
}

const char *
xim_keystore_keyring (const XimKeystore *keystore)
{
  return keystore->keyring.id;
}

const XimSecret *
xim_keystore_master (const XimKeystore *keystore)
{
  return keystore->master;
}

gboolean
xim_keystore_use_keyring (XimKeystore *keystore, const char *id,
                          GError **error)
{
  static const guint8 probe[] = "x-im";
  if (!check_unlocked (keystore, error))
    return FALSE;
  XimStoreKeyring keyring
      = { .id = g_strdup (id),
          .probe = seal (keystore->master, probe_place, probe, sizeof probe) };
  if (!xim_store_save_keyring (keystore->store, &keyring, error))
    {
      xim_store_keyring_clear (&keyring);
      return FALSE;
    }
  xim_store_keyring_clear (&keystore->keyring);
  xim_store_master_clear (&keystore->sealed);
  keystore->keyring = keyring;
  keystore->found = FALSE;
  return TRUE;
}

/* Sealing. */

GBytes *
xim_keystore_seal (XimKeystore *keystore, const char *table, const char *id,
                   const char *kind, const guint8 *data, gsize len,
                   GError **error)
{
  if (!check_unlocked (keystore, error))
    return NULL;
  g_autofree char *ad = place (table, id, kind);
  return seal (keystore->master, ad, data, len);
}

XimSecret *
xim_keystore_open (XimKeystore *keystore, const char *table, const char *id,
                   const char *kind, GBytes *sealed, GError **error)
{
  if (!check_unlocked (keystore, error))
    return NULL;
  g_autofree char *ad = place (table, id, kind);
  XimSecret *plain = unseal (keystore->master, ad, sealed);
  if (plain == NULL)
    g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                 "the %s %s of %s should open with the master key and does"
                 " not",
                 kind, id, table);
  return plain;
}

XimSecret *
xim_keystore_open_key (XimKeystore *keystore, const char *table,
                       const char *id, const char *kind, GBytes *sealed,
                       GError **error)
{
  g_autoptr (XimSecret) key
      = xim_keystore_open (keystore, table, id, kind, sealed, error);
  if (key == NULL)
    return NULL;
  if (xim_secret_len (key) == XIM_KEY_LEN)
    return g_steal_pointer (&key);
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "a %s should have 32 bytes, has %" G_GSIZE_FORMAT, kind,
               xim_secret_len (key));
  return NULL;
}

void
xim_keystore_free (XimKeystore *keystore)
{
  if (keystore == NULL)
    return;
  g_slist_free_full (keystore->jobs, job_free);
  xim_store_master_clear (&keystore->sealed);
  xim_store_keyring_clear (&keystore->keyring);
  xim_secret_free (keystore->master);
  g_free (keystore);
}
