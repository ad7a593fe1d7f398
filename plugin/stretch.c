/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Passphrases to keys: Argon2id in a worker thread. */

#include "config.h"

#include "stretch.h"

/* Until it is done the thread alone has the secrets; `callback` is of the main
 * thread only and NULL once nobody waits. */
struct _XimStretch
{
  XimStretchCallback callback;
  gpointer user_data;
  XimSecret *passphrase;
  XimStretchHow how;
  XimSecret *key;
  GError *error;
};

gboolean
xim_stretch_check (const XimStretchHow *how, GError **error)
{
  if (how->bytes >= XIM_ARGON2_BYTES_MIN && how->bytes <= XIM_ARGON2_BYTES_MAX
      && how->passes >= XIM_ARGON2_PASSES_MIN
      && how->passes <= XIM_ARGON2_PASSES_MAX)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE,
               "Argon2id should take 64 MiB to 1 GiB and 3 to 10 passes, takes"
               " %" G_GUINT64_FORMAT " bytes and %" G_GUINT64_FORMAT
               " passes",
               how->bytes, how->passes);
  return FALSE;
}

static void
stretch_free (XimStretch *stretch)
{
  xim_secret_free (stretch->passphrase);
  xim_secret_free (stretch->key);
  g_clear_error (&stretch->error);
  g_free (stretch);
}

static gboolean
done (gpointer data)
{
  XimStretch *stretch = data;
  if (stretch->callback != NULL)
    stretch->callback (g_steal_pointer (&stretch->key), stretch->error,
                       stretch->user_data);
  stretch_free (stretch);
  return G_SOURCE_REMOVE;
}

static gpointer
run (gpointer data)
{
  XimStretch *stretch = data;
  stretch->key = xim_crypto_argon2id (stretch->passphrase, stretch->how.salt,
                                      stretch->how.bytes, stretch->how.passes,
                                      XIM_KEY_LEN, &stretch->error);
  g_clear_pointer (&stretch->passphrase, xim_secret_free);
  g_idle_add (done, stretch);
  return NULL;
}

XimStretch *
xim_stretch_start (XimSecret *passphrase, const XimStretchHow *how,
                   XimStretchCallback callback, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  XimStretch *stretch = g_new0 (XimStretch, 1);
  stretch->passphrase = passphrase;
  stretch->how = *how;
  stretch->callback = callback;
  stretch->user_data = user_data;
  GThread *thread = g_thread_try_new ("xim-stretch", run, stretch, &error);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return stretch;
    }
  g_set_error (&stretch->error, XIM_ERROR, XIM_ERROR_STORE,
               "a thread for Argon2id should start: %s", error->message);
  g_idle_add (done, stretch);
  return stretch;
}

void
xim_stretch_cancel (XimStretch *stretch)
{
  if (stretch != NULL)
    stretch->callback = NULL;
}
