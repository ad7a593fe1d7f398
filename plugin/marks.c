/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Contacts whose keys the user has compared. */

#include "config.h"

#include "marks.h"

#include <string.h>

typedef enum
{
  MARK_NONE,
  MARK_UNKNOWN, /* there is one; what it stands for cannot be looked at now */
  MARK_HOLDS,
  MARK_LOST,
} MarkState;

static gboolean
has_hash (const char *text, const XimHash *wanted)
{
  const XimPiece piece = { text, strlen (text) };
  XimHash hash;
  xim_crypto_sha256 (&piece, 1, &hash);
  return memcmp (hash.bytes, wanted->bytes, sizeof hash.bytes) == 0;
}

/* A reset is seen twice: by what the peers took, whether or not the user has
 * accepted it, and by the texts of the versions since the mark. */
static MarkState
look (XimStore *store, XimPeers *peers, const char *jid, GError **error)
{
  gboolean found = FALSE;
  gboolean reset = FALSE;
  XimStoreMark mark;
  XimTrustPeer trust;
  g_autofree char *text = NULL;

  if (!xim_store_load_mark (store, jid, &found, &mark, error))
    return MARK_UNKNOWN;
  if (!found)
    return MARK_NONE;
  if (!xim_peers_trust (peers, jid, &trust)
      || !xim_store_load_version (store, jid, mark.version, &text, &reset,
                                  error))
    return MARK_UNKNOWN;
  return trust.reset_version > trust.accepted_version || reset || text == NULL
                 || !has_hash (text, &mark.hash)
             ? MARK_LOST
             : MARK_HOLDS;
}

gboolean
xim_marks_holds (XimStore *store, XimPeers *peers, const char *jid)
{
  g_autoptr (GError) error = NULL;
  MarkState state = look (store, peers, jid, &error);

  if (error != NULL)
    purple_debug_error ("x-im", "marks: %s: %s\n", jid, error->message);
  return state == MARK_HOLDS;
}

gboolean
xim_marks_set (XimStore *store, const XimAccount *first, gint64 now_s,
               GError **error)
{
  const XimStoreMark mark = { first->version, first->hash, now_s };

  if (xim_store_begin (store, XIM_STORE_CACHE, error)
      && xim_store_save_version (store, first->jid, first->version,
                                 first->text, error)
      && xim_store_save_mark (store, first->jid, &mark, error)
      && xim_store_commit (store, XIM_STORE_CACHE, error))
    return TRUE;
  xim_store_rollback (store, XIM_STORE_CACHE);
  return FALSE;
}

gboolean
xim_marks_clear (XimStore *store, const char *jid, gboolean *was,
                 GError **error)
{
  gboolean found = FALSE;
  XimStoreMark mark;

  if (!xim_store_load_mark (store, jid, &found, &mark, error)
      || (found && !xim_store_delete_mark (store, jid, error)))
    return FALSE;
  *was = found;
  return TRUE;
}

gboolean
xim_marks_lost (XimStore *store, XimPeers *peers, const char *jid)
{
  g_autoptr (GError) error = NULL;
  gboolean was = FALSE;

  if (look (store, peers, jid, &error) == MARK_LOST)
    xim_marks_clear (store, jid, &was, &error);
  if (error != NULL)
    purple_debug_error ("x-im", "marks: %s: %s\n", jid, error->message);
  return was;
}
