/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The master key: made, locked, unlocked; seals what lies on disk. */

#include "config.h"

#include "keystore.h"

#include <string.h>

/* Argon2id in a thread.  Until it is done the thread alone has the secrets;
 * `keystore` is of the main thread only and NULL once nobody waits. */
typedef struct
{
  XimKeystore *keystore;
  XimKeystoreCallback callback;
  gpointer user_data;
  XimSecret *passphrase;
  guint8 salt[XIM_ARGON2_SALT_LEN];
  guint64 bytes;
  guint64 passes;
  XimSecret *key; /* what seals the master key */
  GError *error;
  gboolean refused;   /* there is no thread */
  gboolean cancelled; /* locked meanwhile */
} Job;

struct _XimKeystore
{
  XimStore *store;
  gboolean found; /* a sealed master key is on disk */
  XimStoreMaster sealed;
  XimSecret *master; /* NULL while locked */
  GSList *jobs;
};

static void
job_free (Job *job)
{
  xim_secret_free (job->passphrase);
  xim_secret_free (job->key);
  g_clear_error (&job->error);
  g_free (job);
}

static gboolean
check_parameters (const XimStoreMaster *sealed, GError **error)
{
  if (sealed->argon2_bytes >= XIM_ARGON2_BYTES_MIN
      && sealed->argon2_bytes <= XIM_ARGON2_BYTES_MAX
      && sealed->argon2_passes >= XIM_ARGON2_PASSES_MIN
      && sealed->argon2_passes <= XIM_ARGON2_PASSES_MAX)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "the master key's Argon2id should take 64 MiB to 1 GiB and 3 to"
               " 10 passes, takes %" G_GUINT64_FORMAT
               " bytes and %" G_GUINT64_FORMAT " passes",
               sealed->argon2_bytes, sealed->argon2_passes);
  return FALSE;
}

XimKeystore *
xim_keystore_new (XimStore *store, GError **error)
{
  g_autoptr (XimKeystore) keystore = g_new0 (XimKeystore, 1);
  keystore->store = store;
  if (!xim_store_load_master (store, &keystore->found, &keystore->sealed,
                              error))
    return NULL;
  if (keystore->found && !check_parameters (&keystore->sealed, error))
    return NULL;
  return g_steal_pointer (&keystore);
}

static gboolean
is_working (const XimKeystore *keystore)
{
  for (const GSList *item = keystore->jobs; item != NULL; item = item->next)
    {
      const Job *job = item->data;
      if (!job->refused && !job->cancelled)
        return TRUE;
    }
  return FALSE;
}

XimKeystoreState
xim_keystore_state (const XimKeystore *keystore)
{
  if (keystore->master != NULL)
    return XIM_KEYSTORE_UNLOCKED;
  if (is_working (keystore))
    return XIM_KEYSTORE_WORKING;
  return keystore->found ? XIM_KEYSTORE_LOCKED : XIM_KEYSTORE_EMPTY;
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

/* Unlocking. */

static const char master_place[] = "master\n1\nmaster key";

static gboolean
make_master (XimKeystore *keystore, const Job *job, GError **error)
{
  g_autoptr (XimSecret) master = xim_secret_new (XIM_MASTER_KEY_LEN);
  xim_crypto_random (xim_secret_data (master), XIM_MASTER_KEY_LEN);
  XimStoreMaster sealed
      = { .argon2_bytes = job->bytes, .argon2_passes = job->passes };
  memcpy (sealed.salt, job->salt, sizeof sealed.salt);
  sealed.sealed = seal (job->key, master_place, xim_secret_peek (master),
                        XIM_MASTER_KEY_LEN);
  if (!xim_store_save_master (keystore->store, &sealed, error))
    {
      xim_store_master_clear (&sealed);
      return FALSE;
    }
  keystore->sealed = sealed;
  keystore->found = TRUE;
  keystore->master = g_steal_pointer (&master);
  return TRUE;
}

static gboolean
open_master (XimKeystore *keystore, const Job *job, GError **error)
{
  g_autoptr (XimSecret) master
      = unseal (job->key, master_place, keystore->sealed.sealed);
  if (master == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                           "the master key should open with this passphrase"
                           " and does not");
      return FALSE;
    }
  if (xim_secret_len (master) != XIM_MASTER_KEY_LEN)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
                   "the master key should have 32 bytes, has %" G_GSIZE_FORMAT,
                   xim_secret_len (master));
      return FALSE;
    }
  keystore->master = g_steal_pointer (&master);
  return TRUE;
}

static void
use_key (XimKeystore *keystore, Job *job)
{
  if (job->cancelled)
    {
      g_clear_error (&job->error);
      g_set_error_literal (&job->error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                           "the keystore should be unlocked and was locked"
                           " meanwhile");
    }
  else if (job->error == NULL && keystore->found)
    open_master (keystore, job, &job->error);
  else if (job->error == NULL)
    make_master (keystore, job, &job->error);
}

static gboolean
job_done (gpointer data)
{
  Job *job = data;
  XimKeystore *keystore = job->keystore;
  if (keystore != NULL)
    {
      keystore->jobs = g_slist_remove (keystore->jobs, job);
      use_key (keystore, job);
      job->callback (job->error, job->user_data);
    }
  job_free (job);
  return G_SOURCE_REMOVE;
}

static gpointer
job_run (gpointer data)
{
  Job *job = data;
  GError *error = NULL;
  job->key = xim_crypto_argon2id (job->passphrase, job->salt, job->bytes,
                                  job->passes, XIM_KEY_LEN, &error);
  g_clear_pointer (&job->passphrase, xim_secret_free);
  if (job->key == NULL)
    job->error = error;
  g_idle_add (job_done, job);
  return NULL;
}

static void
set_parameters (const XimKeystore *keystore, Job *job)
{
  if (keystore->found)
    {
      memcpy (job->salt, keystore->sealed.salt, sizeof job->salt);
      job->bytes = keystore->sealed.argon2_bytes;
      job->passes = keystore->sealed.argon2_passes;
      return;
    }
  xim_crypto_random (job->salt, sizeof job->salt);
  job->bytes = XIM_ARGON2_BYTES_MIN;
  job->passes = XIM_ARGON2_PASSES_MIN;
}

void
xim_keystore_unlock (XimKeystore *keystore, XimSecret *passphrase,
                     XimKeystoreCallback callback, gpointer user_data)
{
  Job *job = g_new0 (Job, 1);
  gboolean busy = keystore->master != NULL || is_working (keystore);
  job->keystore = keystore;
  job->callback = callback;
  job->user_data = user_data;
  job->passphrase = passphrase;
  keystore->jobs = g_slist_prepend (keystore->jobs, job);
  if (busy)
    {
      job->refused = TRUE;
      g_set_error_literal (&job->error, XIM_ERROR, XIM_ERROR_CONFLICT,
                           "the keystore should be locked and is not, or an"
                           " unlock is under way");
      g_idle_add (job_done, job);
      return;
    }
  set_parameters (keystore, job);
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_try_new ("xim-unlock", job_run, job, &error);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return;
    }
  job->refused = TRUE;
  g_set_error (&job->error, XIM_ERROR, XIM_ERROR_STORE,
               "a thread for Argon2id should start: %s", error->message);
  g_idle_add (job_done, job);
}

void
xim_keystore_lock (XimKeystore *keystore)
{
  g_clear_pointer (&keystore->master, xim_secret_free);
  for (GSList *item = keystore->jobs; item != NULL; item = item->next)
    ((Job *)item->data)->cancelled = TRUE;
}

static gboolean
check_unlocked (const XimKeystore *keystore, GError **error)
{
  if (keystore->master != NULL)
    return TRUE;
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE,
                       "the keystore should be unlocked, is locked");
  return FALSE;
}

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

void
xim_keystore_free (XimKeystore *keystore)
{
  if (keystore == NULL)
    return;
  for (GSList *item = keystore->jobs; item != NULL; item = item->next)
    ((Job *)item->data)->keystore = NULL;
  g_slist_free (keystore->jobs);
  xim_store_master_clear (&keystore->sealed);
  xim_secret_free (keystore->master);
  g_free (keystore);
}
