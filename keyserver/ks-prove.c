/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver proof`: that an account note stands in the log. */

#include "config.h"

#include "ks-prove.h"

#include <string.h>

#include "xim-error.h"
#include "xim-proof.h"

#include "ks-tiles.h"

#define CACHE_BYTES ((gsize)1 << 20)

static XimServer *
newest_server (XimKsStore *store, GError **error)
{
  g_autofree char *text = xim_ks_store_server_note (store, 0, error);
  g_autoptr (XimNote) note
      = text != NULL ? xim_note_decode (text, strlen (text), error) : NULL;
  return note != NULL ? xim_server_decode (note, error) : NULL;
}

static XimAccount *
account_of (const XimKsRecord *record, GError **error)
{
  g_autoptr (XimNote) note
      = xim_note_decode (record->note, strlen (record->note), error);
  return note != NULL ? xim_account_decode (note, error) : NULL;
}

/* Nothing is handed out that the one who gets it would refuse. */
static gboolean
check (const char *file, const XimServer *server, GError **error)
{
  XimLogPlace place;
  g_autoptr (XimVerifyKey) key = xim_server_log_key (server);
  g_autoptr (XimProof) proof = xim_proof_decode (file, strlen (file), error);
  return proof != NULL && xim_proof_check (proof, key, &place, error);
}

char *
xim_ks_prove (const XimKsConfig *config, const char *jid, GError **error)
{
  g_autoptr (XimKsRecord) record = NULL;
  g_autoptr (XimKsStore) store
      = xim_ks_store_view (config->store, config->domain, error);
  if (store == NULL)
    return NULL;
  /* The tree that is read after it has its entry. */
  if (!xim_ks_store_record (store, jid, &record, error))
    return NULL;
  if (record == NULL)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "%s has no account here", jid);
      return NULL;
    }
  XimLogged logged;
  g_autoptr (XimKsTiles) tiles = xim_ks_tiles_new (store, CACHE_BYTES);
  g_autoptr (XimKsHead) head = xim_ks_tiles_load (tiles, NULL, error);
  if (head == NULL
      || !xim_ks_tiles_logged (tiles, head, record, &logged, error))
    return NULL;
  g_autoptr (XimServer) server = newest_server (store, error);
  g_autoptr (XimAccount) account
      = server != NULL ? account_of (record, error) : NULL;
  if (account == NULL)
    return NULL;
  g_autofree char *file = xim_proof_encode (server, account, &logged);
  return check (file, server, error) ? g_steal_pointer (&file) : NULL;
}
