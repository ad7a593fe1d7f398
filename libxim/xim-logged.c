/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The proof that a version of an account stands in the log. */

#include "config.h"

#include "xim-logged.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

static gboolean
read_bytes (const XimJson *json, const char *name, guint8 *out, gsize len,
            GError **error)
{
  const char *text;
  if (!xim_json_string (json, name, &text, error))
    return FALSE;
  if (xim_codec_base64_decode_exact (text, strlen (text), out, len, error))
    return TRUE;
  g_prefix_error (error, "\"%s\": ", name);
  return FALSE;
}

static gboolean
read_proof (const XimJson *json, const char *name, XimVrfProof *out,
            GError **error)
{
  guint8 bytes[XIM_VRF_PROOF_LEN];
  return read_bytes (json, name, bytes, sizeof bytes, error)
         && xim_vrf_proof_decode (bytes, sizeof bytes, out, error);
}

static gboolean
read_inclusion (const XimJson *json, XimTreeProof *out, GError **error)
{
  g_autoptr (GPtrArray) texts = NULL;
  if (!xim_json_strings (json, "inclusion", XIM_TREE_PROOF_MAX, &texts, error))
    return FALSE;
  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);
      if (!xim_codec_base64_decode_exact (text, strlen (text),
                                          out->hashes[i].bytes,
                                          sizeof (XimHash), error))
        return FALSE;
    }
  out->n = texts->len;
  return TRUE;
}

static gboolean
read_checkpoint (const XimJson *json, XimCheckpoint **out, GError **error)
{
  const char *text;
  if (!xim_json_string (json, "checkpoint", &text, error))
    return FALSE;
  *out = xim_checkpoint_decode (text, strlen (text), error);
  return *out != NULL;
}

XimLogged *
xim_logged_decode (const XimJson *json, GError **error)
{
  static const char *const members[] = { "leaf",    "index",     "next",
                                         "opening", "inclusion", "checkpoint",
                                         NULL };
  g_autoptr (XimLogged) self = g_new0 (XimLogged, 1);
  if (xim_json_members (json, members, error)
      && xim_json_number (json, "leaf", XIM_TREE_SIZE_MAX - 1, &self->leaf,
                          error)
      && read_proof (json, "index", &self->index, error)
      && read_proof (json, "next", &self->next, error)
      && read_bytes (json, "opening", self->opening.bytes,
                     sizeof self->opening.bytes, error)
      && read_inclusion (json, &self->inclusion, error)
      && read_checkpoint (json, &self->checkpoint, error))
    return g_steal_pointer (&self);
  g_prefix_error (error, "log: ");
  return NULL;
}

void
xim_logged_free (XimLogged *logged)
{
  if (logged == NULL)
    return;
  xim_checkpoint_free (logged->checkpoint);
  g_free (logged);
}

gboolean
xim_logged_check_entry (const XimLogged *logged, const XimAccount *account,
                        const XimVerifyKey *log, const XimVrfPublic *vrf,
                        XimLogPlace *out, GError **error)
{
  XimEntry entry = { .type = XIM_ENTRY_ACCOUNT };
  XimHash hash;
  if (!xim_checkpoint_check (logged->checkpoint, log, error)
      || !xim_entry_verify (vrf, account->jid, account->version,
                            &logged->index, &entry.index, error))
    return FALSE;
  xim_entry_commit (&logged->opening, account->text, &entry.commitment);
  entry.flags = xim_entry_account_flags (account);
  xim_entry_leaf (&entry, &hash);
  if (!xim_tree_verify_inclusion (
          &hash, logged->leaf, &logged->checkpoint->head,
          logged->inclusion.hashes, logged->inclusion.n, error))
    {
      g_prefix_error (error, "version %u as leaf %" G_GUINT64_FORMAT ": ",
                      account->version, logged->leaf);
      return FALSE;
    }
  out->leaf = logged->leaf;
  out->entry = entry;
  return TRUE;
}

gboolean
xim_logged_check (const XimLogged *logged, const XimAccount *account,
                  const XimVerifyKey *log, const XimVrfPublic *vrf,
                  XimLogPlace *out, GError **error)
{
  XimLogPlace place;
  if (!xim_logged_check_entry (logged, account, log, vrf, &place, error))
    return FALSE;
  /* Versions end; the last one has no next index. */
  if (account->version == XIM_NUMBER_MAX)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
                           "expected a version that another can follow");
      return FALSE;
    }
  if (!xim_entry_verify (vrf, account->jid, account->version + 1,
                         &logged->next, &place.next, error))
    return FALSE;
  *out = place;
  return TRUE;
}
