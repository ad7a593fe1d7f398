/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Files that prove to anybody that an account note is in the log. */

#include "config.h"

#include "proof-file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define NAME_MAX_LEN 180 /* of an address in a file name */

static char *
path_of (const char *dir, const XimAccount *account)
{
  g_autofree char *name = g_uri_escape_string (account->jid, "@", FALSE);
  if (strlen (name) > NAME_MAX_LEN)
    name[NAME_MAX_LEN] = '\0';
  g_autofree char *file
      = g_strdup_printf ("%s-%u.tlog-proof", name, account->version);
  return g_build_filename (dir, "proofs", file, NULL);
}

static gboolean
write_text (const char *path, const char *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) why = NULL;
  if (g_mkdir_with_parents (folder, 0700) == 0
      && g_file_set_contents_full (path, text, -1,
                                   G_FILE_SET_CONTENTS_CONSISTENT, 0600, &why))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_STORE, "%s should be written: %s",
               path, why != NULL ? why->message : g_strerror (errno));
  return FALSE;
}

static gboolean
check (const XimServer *server, const char *text, GError **error)
{
  XimLogPlace place;
  g_autoptr (XimVerifyKey) key = xim_server_log_key (server);
  g_autoptr (XimProof) proof = xim_proof_decode (text, strlen (text), error);
  return proof != NULL && xim_proof_check (proof, key, &place, error);
}

static char *
encode (const XimServer *server, const XimBundle *bundle, GError **error)
{
  if (bundle->logged == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
                   "expected a bundle of %s with a proof", bundle->jid);
      return NULL;
    }
  g_autofree char *text
      = xim_proof_encode (server, bundle->account, bundle->logged);
  return check (server, text, error) ? g_steal_pointer (&text) : NULL;
}

gboolean
xim_proof_file_save (const XimServer *server, const char *json,
                     const char *dir, char **path, guint32 *version,
                     GError **error)
{
  g_autoptr (XimBundle) bundle
      = xim_bundle_decode (json, strlen (json), error);
  g_autofree char *text
      = bundle != NULL ? encode (server, bundle, error) : NULL;
  g_autofree char *file = text != NULL ? path_of (dir, bundle->account) : NULL;
  if (file == NULL || !write_text (file, text, error))
    return FALSE;
  *version = bundle->account->version;
  *path = g_steal_pointer (&file);
  return TRUE;
}
