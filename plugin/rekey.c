/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What unlocks the keys is changed: passphrase, or the desktop's keyring. */

#include "config.h"

#include "rekey.h"

#include "i18n.h"

struct _XimRekey
{
  PurpleAccount *account;
  const char *jid;
  XimKeystore *keystore;
  XimDesktopKeyring *keyring;
  void (*tell) (const char *text, gpointer user_data);
  gpointer user_data;
  XimPassphrase *question; /* (nullable): while it is open */
  char *id;                /* (nullable): of the keyring's item in question */
  gboolean busy;
};

XimRekey *
xim_rekey_new (PurpleAccount *account, const char *jid, XimKeystore *keystore,
               XimDesktopKeyring *keyring,
               void (*tell) (const char *text, gpointer user_data),
               gpointer user_data)
{
  XimRekey *rekey = g_new0 (XimRekey, 1);
  rekey->account = account;
  rekey->jid = jid;
  rekey->keystore = keystore;
  rekey->keyring = keyring;
  rekey->tell = tell;
  rekey->user_data = user_data;
  return rekey;
}

void
xim_rekey_free (XimRekey *rekey)
{
  if (rekey == NULL)
    return;
  xim_passphrase_free (rekey->question);
  g_free (rekey->id);
  g_free (rekey);
}

static void
end (XimRekey *rekey, const char *text)
{
  rekey->busy = FALSE;
  g_clear_pointer (&rekey->id, g_free);
  rekey->tell (text, rekey->user_data);
}

/* Returns: (transfer full) (nullable): why nothing can be changed now */
static char *
why_not (const XimRekey *rekey)
{
  if (rekey->busy)
    return g_strdup (_ ("What unlocks your keys is just being changed."));
  if (xim_keystore_state (rekey->keystore) != XIM_KEYSTORE_UNLOCKED)
    return g_strdup (_ ("Your keys are locked. Unlock them first: type "
                        "/xim unlock"));
  return NULL;
}

static char *
begin (XimRekey *rekey, XimPassphraseKind kind, XimPassphraseCallback callback)
{
  rekey->question = xim_passphrase_ask (rekey->account, rekey->jid, kind, NULL,
                                        callback, rekey);
  if (rekey->question == NULL)
    return g_strdup (_ ("There is nobody to ask for the passphrase."));
  rekey->busy = TRUE;
  return NULL;
}

static const char *
change_problem (const GError *error)
{
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_SIGNATURE))
    return _ ("The old passphrase is wrong. Nothing was changed.");
  if (g_error_matches (error, XIM_ERROR, XIM_ERROR_UNAVAILABLE)
      || g_error_matches (error, XIM_ERROR, XIM_ERROR_CONFLICT))
    return _ ("Your keys were locked meanwhile. Nothing was changed.");
  return _ ("A file of X-IM cannot be written, or there is not enough memory. "
            "Nothing was changed.");
}

/* Passphrase to passphrase. */

static void
changed (const GError *error, gpointer data)
{
  XimRekey *rekey = data;
  if (error != NULL)
    {
      purple_debug_warning ("x-im", "rekey: %s\n", error->message);
      end (rekey, change_problem (error));
      return;
    }
  if (!xim_unlock_has_file ())
    {
      end (rekey, _ ("The passphrase is changed."));
      return;
    }
  g_autofree char *text = g_strdup_printf (
      _ ("The passphrase is changed. The file %s still has the old one: put "
         "the new one there."),
      g_getenv (XIM_PASSPHRASE_FILE_VARIABLE));
  end (rekey, text);
}

static void
got_passphrases (XimSecret *fresh, XimSecret *old, gpointer data)
{
  XimRekey *rekey = data;
  g_clear_pointer (&rekey->question, xim_passphrase_free);
  if (fresh != NULL)
    xim_keystore_change (rekey->keystore, old, fresh, changed, rekey);
  else
    end (rekey, _ ("No passphrase was given. Nothing was changed."));
}

char *
xim_rekey_passphrase (XimRekey *rekey)
{
  char *why = why_not (rekey);
  if (why != NULL)
    return why;
  if (xim_keystore_keyring (rekey->keystore) != NULL)
    return g_strdup (_ ("The keyring of this desktop unlocks your keys. To "
                        "use a passphrase again, type /xim keyring off"));
  return begin (rekey, XIM_PASSPHRASE_CHANGE, got_passphrases);
}

/* Passphrase to keyring: it must give back what it was given before the
 * passphrase goes. */

static void
forgotten (XimSecret *master, const GError *error, gpointer data)
{
  (void)data;
  xim_secret_free (master);
  if (error != NULL)
    purple_debug_warning ("x-im", "rekey: %s\n", error->message);
}

static void
keep_passphrase (XimRekey *rekey, const GError *error, const char *text)
{
  purple_debug_warning ("x-im", "rekey: %s\n",
                        error != NULL ? error->message : "locked");
  xim_desktop_keyring_erase (rekey->keyring, rekey->id, forgotten, rekey);
  end (rekey, text);
}

static const char *
no_keyring (void)
{
  return _ ("The keyring of this desktop cannot be reached or is locked. The "
            "passphrase stays.");
}

static gboolean
is_master (const XimRekey *rekey, const XimSecret *secret)
{
  const XimSecret *master = xim_keystore_master (rekey->keystore);
  return xim_secret_len (secret) == xim_secret_len (master)
         && xim_crypto_equal (xim_secret_peek (secret),
                              xim_secret_peek (master),
                              xim_secret_len (master));
}

static void
given_back (XimSecret *secret, const GError *problem, gpointer data)
{
  XimRekey *rekey = data;
  g_autoptr (XimSecret) owned = secret;
  g_autoptr (GError) error = NULL;
  if (xim_keystore_master (rekey->keystore) == NULL)
    keep_passphrase (rekey, NULL,
                     _ ("Your keys were locked meanwhile. Nothing was "
                        "changed."));
  else if (secret == NULL || !is_master (rekey, secret))
    keep_passphrase (rekey, problem, no_keyring ());
  else if (!xim_keystore_use_keyring (rekey->keystore, rekey->id, &error))
    keep_passphrase (rekey, error,
                     _ ("A file of X-IM cannot be written. The passphrase "
                        "stays."));
  else
    end (rekey, _ ("The keyring of this desktop unlocks your keys from now "
                   "on. The passphrase is not needed any more."));
}

static void
given (XimSecret *none, const GError *problem, gpointer data)
{
  XimRekey *rekey = data;
  xim_secret_free (none);
  if (problem != NULL)
    {
      purple_debug_warning ("x-im", "rekey: %s\n", problem->message);
      end (rekey, no_keyring ());
      return;
    }
  xim_desktop_keyring_load (rekey->keyring, rekey->id, given_back, rekey);
}

char *
xim_rekey_keyring_on (XimRekey *rekey)
{
  char *why = why_not (rekey);
  if (why != NULL)
    return why;
  if (xim_keystore_keyring (rekey->keystore) != NULL)
    return g_strdup (
        _ ("The keyring of this desktop unlocks your keys already."));
  rekey->busy = TRUE;
  rekey->id = xim_desktop_keyring_make_id ();
  xim_desktop_keyring_store (rekey->keyring, rekey->id,
                             xim_keystore_master (rekey->keystore), given,
                             rekey);
  return NULL;
}

/* Keyring to passphrase. */

static void
taken_out (XimSecret *none, const GError *problem, gpointer data)
{
  xim_secret_free (none);
  if (problem == NULL)
    {
      end (data, _ ("The passphrase unlocks your keys from now on. The "
                    "keyring of this desktop does not have them any more."));
      return;
    }
  purple_debug_warning ("x-im", "rekey: %s\n", problem->message);
  end (data, _ ("The passphrase unlocks your keys from now on, but the "
                "keyring of this desktop could not be told to forget them: "
                "delete its entry \"X-IM\" by hand."));
}

static void
sealed (const GError *error, gpointer data)
{
  XimRekey *rekey = data;
  if (error != NULL)
    {
      purple_debug_warning ("x-im", "rekey: %s\n", error->message);
      end (rekey, change_problem (error));
      return;
    }
  xim_desktop_keyring_erase (rekey->keyring, rekey->id, taken_out, rekey);
}

static void
got_fresh (XimSecret *fresh, XimSecret *old, gpointer data)
{
  XimRekey *rekey = data;
  xim_secret_free (old);
  g_clear_pointer (&rekey->question, xim_passphrase_free);
  if (fresh == NULL)
    {
      end (rekey, _ ("No passphrase was given. Nothing was changed."));
      return;
    }
  rekey->id = g_strdup (xim_keystore_keyring (rekey->keystore));
  xim_keystore_change (rekey->keystore, NULL, fresh, sealed, rekey);
}

char *
xim_rekey_keyring_off (XimRekey *rekey)
{
  char *why = why_not (rekey);
  if (why != NULL)
    return why;
  if (xim_keystore_keyring (rekey->keystore) == NULL)
    return g_strdup (_ ("A passphrase unlocks your keys already."));
  return begin (rekey, XIM_PASSPHRASE_CHOOSE, got_fresh);
}
