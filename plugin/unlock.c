/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The keys of an account are unlocked: who is asked, and what comes of it. */

#include "config.h"

#include "unlock.h"

#include "i18n.h"

struct _XimUnlock
{
  PurpleAccount *account;
  const char *jid;
  XimKeystore *keystore;
  XimDesktopKeyring *keyring;
  XimUnlockOps ops;
  gpointer user_data;
  XimPassphrase *question; /* (nullable): while it is open */
  gboolean asked;          /* since the last sign-on */
  gboolean ask_again;      /* asked for while a passphrase is tried */
  gboolean loading;        /* the keyring is asked */
};

XimUnlock *
xim_unlock_new (PurpleAccount *account, const char *jid, XimKeystore *keystore,
                XimDesktopKeyring *keyring, const XimUnlockOps *ops,
                gpointer user_data)
{
  XimUnlock *unlock = g_new0 (XimUnlock, 1);
  unlock->account = account;
  unlock->jid = jid;
  unlock->keystore = keystore;
  unlock->keyring = keyring;
  unlock->ops = *ops;
  unlock->user_data = user_data;
  return unlock;
}

void
xim_unlock_free (XimUnlock *unlock)
{
  if (unlock == NULL)
    return;
  xim_passphrase_free (unlock->question);
  g_free (unlock);
}

void
xim_unlock_reset (XimUnlock *unlock)
{
  unlock->asked = FALSE;
}

void
xim_unlock_ask_once (XimUnlock *unlock)
{
  if (!unlock->asked)
    xim_unlock_ask (unlock);
}

gboolean
xim_unlock_has_file (void)
{
  const char *path = g_getenv (XIM_PASSPHRASE_FILE_VARIABLE);
  return path != NULL && *path != '\0';
}

static void
stays_locked (XimUnlock *unlock, const char *why)
{
  g_autofree char *text = g_strdup_printf (
      _ ("%s Your keys stay locked; /xim unlock asks again."), why);
  unlock->ops.tell (text, unlock->user_data);
}

static void ask_user (XimUnlock *unlock, const char *problem);

static void
unlocked (const GError *error, gpointer data)
{
  XimUnlock *unlock = data;
  if (error == NULL)
    {
      purple_debug_info ("x-im", "unlock: %s is unlocked\n", unlock->jid);
      unlock->ops.unlocked (unlock->user_data);
      return;
    }
  purple_debug_warning ("x-im", "unlock: %s: %s\n", unlock->jid,
                        error->message);
  if (unlock->ask_again)
    xim_unlock_ask (unlock);
  else if (!g_error_matches (error, XIM_ERROR, XIM_ERROR_SIGNATURE))
    stays_locked (unlock, _ ("The keys could not be unlocked."));
  else if (xim_unlock_has_file ())
    stays_locked (unlock, _ ("The passphrase is wrong."));
  else
    ask_user (unlock, _ ("The passphrase is wrong."));
}

static void
got_passphrase (XimSecret *passphrase, XimSecret *old, gpointer data)
{
  XimUnlock *unlock = data;
  (void)old;
  g_clear_pointer (&unlock->question, xim_passphrase_free);
  if (passphrase != NULL)
    xim_keystore_unlock (unlock->keystore, passphrase, unlocked, unlock);
  else
    stays_locked (unlock, _ ("No passphrase was given."));
}

static void
ask_user (XimUnlock *unlock, const char *problem)
{
  XimPassphraseKind kind
      = xim_keystore_state (unlock->keystore) == XIM_KEYSTORE_EMPTY
            ? XIM_PASSPHRASE_CHOOSE
            : XIM_PASSPHRASE_UNLOCK;
  unlock->question = xim_passphrase_ask (unlock->account, unlock->jid, kind,
                                         problem, got_passphrase, unlock);
  if (unlock->question == NULL)
    stays_locked (unlock, _ ("There is nobody to ask for the passphrase."));
}

static void
read_file (XimUnlock *unlock)
{
  g_autoptr (GError) error = NULL;
  const char *path = g_getenv (XIM_PASSPHRASE_FILE_VARIABLE);
  XimSecret *passphrase = xim_passphrase_read (path, &error);
  if (passphrase != NULL)
    {
      xim_keystore_unlock (unlock->keystore, passphrase, unlocked, unlock);
      return;
    }
  purple_debug_error ("x-im", "unlock: %s\n", error->message);
  g_autofree char *why = g_strdup_printf (
      _ ("The passphrase file %s was refused: it must be a regular file of "
         "yours with mode 0600 and a passphrase in it."),
      path);
  stays_locked (unlock, why);
}

/* The desktop's keyring. */

static const char *
keyring_problem (const GError *error)
{
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_NOT_FOUND))
    return _ ("The keyring of this desktop does not have what unlocks your "
              "keys any more.");
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE))
    return _ ("The keyring of this desktop cannot be reached or is locked.");
  return _ ("What the keyring of this desktop has does not unlock your keys.");
}

static void
loaded (XimSecret *master, const GError *problem, gpointer data)
{
  XimUnlock *unlock = data;
  g_autoptr (GError) error = problem != NULL ? g_error_copy (problem) : NULL;
  unlock->loading = FALSE;
  /* Meanwhile it may have been told to take a passphrase again. */
  if (xim_keystore_keyring (unlock->keystore) == NULL
      || xim_keystore_state (unlock->keystore) == XIM_KEYSTORE_UNLOCKED)
    {
      xim_secret_free (master);
      return;
    }
  if (master != NULL
      && xim_keystore_unlock_with (unlock->keystore, master, &error))
    {
      unlocked (NULL, unlock);
      return;
    }
  purple_debug_warning ("x-im", "unlock: %s: %s\n", unlock->jid,
                        error->message);
  stays_locked (unlock, keyring_problem (error));
}

void
xim_unlock_ask (XimUnlock *unlock)
{
  const XimKeystoreState state = xim_keystore_state (unlock->keystore);
  const char *id = xim_keystore_keyring (unlock->keystore);
  unlock->ask_again = state == XIM_KEYSTORE_WORKING;
  if (unlock->question != NULL || unlock->loading
      || state == XIM_KEYSTORE_UNLOCKED || state == XIM_KEYSTORE_WORKING)
    return;
  unlock->asked = TRUE;
  if (id != NULL)
    {
      unlock->loading = TRUE;
      xim_desktop_keyring_load (unlock->keyring, id, loaded, unlock);
    }
  else if (xim_unlock_has_file ())
    read_file (unlock);
  else
    ask_user (unlock, NULL);
}
