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

const XimVerb xim_verbs_keys[] = {
  { "lock", run_lock, N_ ("/xim lock, /xim unlock: your own keys") },
  { "unlock", run_unlock, NULL },
  { NULL, NULL, NULL },
};
