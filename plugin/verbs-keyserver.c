/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The verb of /xim that says where keyservers are. */

#include "config.h"

#include "verbs.h"

#include <string.h>

#include "i18n.h"
#include "xim-codec.h"
#include "xim-jid.h"

#define SETTING_PREFIX "xim-keyserver:"

static char *
keyserver_set (const XimCall *call, const char *domain, const char *setting)
{
  g_autofree char *name = g_strconcat (SETTING_PREFIX, domain, NULL);

  purple_account_set_string (call->state->purple, name, setting);
  xim_peers_retry (call->state->peers);
  xim_account_state_online (call->state->purple);
  if (setting == NULL)
    return g_strdup_printf (_ ("The keyserver of %s is found by its name "
                               "again: keys.%s"),
                            domain, domain);
  return g_strdup_printf (_ ("The keyserver of %s is %s"), domain, setting);
}

static gboolean
is_keyserver (GStrv words)
{
  const guint n = g_strv_length (words);
  g_autoptr (XimVerifyKey) vkey = NULL;

  if (n < 2 || n > 3 || !g_str_has_prefix (words[0], "https://"))
    return FALSE;
  vkey = xim_verify_key_decode (words[1], NULL);
  return (vkey != NULL || strcmp (words[1], "-") == 0)
         && (n == 2 || g_path_is_absolute (words[2]));
}

static char *
keyserver_show (const XimCall *call)
{
  const char *domain = xim_jid_domain (call->state->jid);
  g_autofree char *name = g_strconcat (SETTING_PREFIX, domain, NULL);
  const char *setting
      = purple_account_get_string (call->state->purple, name, NULL);

  if (setting != NULL && *setting != '\0')
    return g_strdup_printf (_ ("The keyserver of %s was set by hand: %s"),
                            domain, setting);
  return g_strdup_printf (_ ("The keyserver of %s is found by its name: "
                             "keys.%s"),
                          domain, domain);
}

static char *
run_keyserver (const XimCall *call)
{
  g_autofree char *domain = NULL;
  g_autofree char *setting = NULL;

  if (call->words[0] == NULL)
    return keyserver_show (call);
  domain = xim_jid_prepare_domain (call->words[0], NULL);
  if (domain != NULL && g_strv_length (call->words) == 2
      && strcmp (call->words[1], "none") == 0)
    return keyserver_set (call, domain, NULL);
  if (domain == NULL || !is_keyserver (call->words + 1))
    return g_strdup (_ ("Type /xim keyserver DOMAIN https://HOST[:PORT] KEY "
                        "[CA-FILE], where KEY is the line that the keyserver "
                        "printed, or - for none; or /xim keyserver DOMAIN "
                        "none"));
  setting = g_strjoinv (" ", call->words + 1);
  return keyserver_set (call, domain, setting);
}

const XimVerb xim_verbs_keyserver[] = {
  { "keyserver", run_keyserver,
    N_ ("/xim keyserver: where the keys of your domain are; "
        "/xim keyserver DOMAIN URL KEY [CA-FILE] sets that by hand") },
  { NULL, NULL, NULL },
};
