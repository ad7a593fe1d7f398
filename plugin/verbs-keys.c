/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Verbs of /xim about the own keys. */

#include "config.h"

#include "verbs.h"

#include "face.h"
#include "i18n.h"

static char *
run_lock (const XimCall *call)
{
  xim_account_state_lock (call->state);
  xim_face_changed (call->state->purple, NULL);
  return g_strdup (_ ("Your keys are locked. Nothing can be read or sent "
                      "encrypted until you unlock them: type /xim unlock"));
}

static char *
run_unlock (const XimCall *call)
{
  if (xim_keystore_state (call->state->keystore) == XIM_KEYSTORE_UNLOCKED)
    return g_strdup (_ ("Your keys are unlocked already."));
  if (xim_keystore_state (call->state->keystore) == XIM_KEYSTORE_WORKING)
    return g_strdup (_ ("Your keys are just being unlocked."));
  xim_account_state_ask_passphrase (call->state);
  return NULL;
}

static char *
run_passphrase (const XimCall *call)
{
  return xim_rekey_passphrase (call->state->rekey);
}

static char *
run_keyring (const XimCall *call)
{
  const char *word = call->words[0];
  if (g_strcmp0 (word, "on") == 0)
    return xim_rekey_keyring_on (call->state->rekey);
  if (g_strcmp0 (word, "off") == 0)
    return xim_rekey_keyring_off (call->state->rekey);
  if (xim_keystore_keyring (call->state->keystore) != NULL)
    return g_strdup (_ ("The keyring of this desktop unlocks your keys. To "
                        "use a passphrase again, type /xim keyring off"));
  return g_strdup (_ ("A passphrase unlocks your keys. To let the keyring of "
                      "this desktop do it, type /xim keyring on"));
}

static char *
run_export (const XimCall *call)
{
  g_autofree char *name = g_strjoinv (" ", call->words);
  if (*name == '\0')
    return g_strdup (_ ("Type /xim export FILE, where FILE is a new file"));
  return xim_transfer_export (call->state->transfer, name);
}

static char *
run_import (const XimCall *call)
{
  g_autofree char *name = g_strjoinv (" ", call->words);
  if (*name == '\0')
    return g_strdup (_ ("Type /xim import FILE, where FILE holds exported "
                        "keys"));
  return xim_family_import (call->state->family, name);
}

const XimVerb xim_verbs_keys[] = {
  { "lock", run_lock, N_ ("/xim lock, /xim unlock: your own keys") },
  { "unlock", run_unlock, NULL },
  { "passphrase", run_passphrase,
    N_ ("/xim passphrase: change what unlocks your keys") },
  { "keyring", run_keyring,
    N_ ("/xim keyring on, /xim keyring off: let the keyring of this desktop "
        "unlock your keys") },
  { "export", run_export,
    N_ ("/xim export FILE: put your keys into a file, under a passphrase") },
  { "import", run_import,
    N_ ("/xim import FILE: read with exported keys, and add this device") },
  { NULL, NULL, NULL },
};
