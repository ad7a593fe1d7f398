/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Verbs of /xim about the own devices. */

#include "config.h"

#include "verbs.h"

#include <string.h>

#include "i18n.h"

static char *
run_devices (const XimCall *call)
{
  XimFamily *family = call->state->family;
  const char *verb = call->words[0];
  const char *id = verb != NULL ? call->words[1] : NULL;

  if (verb == NULL)
    return xim_family_list (family);
  if (strcmp (verb, "remove") == 0 && id != NULL && call->words[2] == NULL)
    return xim_family_remove (family, id);
  if (strcmp (verb, "name") == 0 && id != NULL)
    {
      g_autofree char *name = g_strjoinv (" ", call->words + 2);
      return xim_family_name (family, id, *name != '\0' ? name : NULL);
    }
  return g_strdup (_ ("Type /xim devices, /xim devices name ID NAME or /xim "
                      "devices remove ID"));
}

static char *
run_join (const XimCall *call)
{
  return xim_family_join (call->state->family);
}

static char *
run_reset (const XimCall *call)
{
  return xim_family_reset (call->state->family);
}

static char *
run_erase (const XimCall *call)
{
  return xim_family_erase (call->state->family);
}

const XimVerb xim_verbs_devices[] = {
  { "devices", run_devices,
    N_ ("/xim devices: your devices; /xim devices name ID NAME gives one a "
        "name that only you see; /xim devices remove ID takes one out") },
  { "join", run_join,
    N_ ("/xim join: add this device, with a code that is typed on another") },
  { "reset", run_reset,
    N_ ("/xim reset: start again with new keys when no device is left") },
  { "erase", run_erase,
    N_ ("/xim erase: leave X-IM; all keys of your address go") },
  { NULL, NULL, NULL },
};
