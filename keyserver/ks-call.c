/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Calls to the signer's process and its replies, as bytes. */

#include "config.h"

#include "ks-call.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

static void
put_number (GByteArray *out, guint64 number, guint len)
{
  guint64 big = GUINT64_TO_BE (number);
  g_byte_array_append (out, (const guint8 *)&big + sizeof big - len, len);
}

static void
put_bytes (GByteArray *out, const void *data, gsize len)
{
  g_byte_array_append (out, data, (guint)len);
}

/* @len_len: bytes of the length before the text */
static void
put_text (GByteArray *out, const char *text, guint len_len)
{
  gsize len = text == NULL ? 0 : strlen (text);
  put_number (out, len, len_len);
  put_bytes (out, text, len);
}

static GByteArray *
begin (guint32 id, XimKsVerb verb)
{
  GByteArray *out = g_byte_array_new ();
  put_number (out, id, 4);
  put_number (out, verb, 1);
  return out;
}

static void
put_group (GByteArray *out, const XimKsCall *call)
{
  put_number (out, call->n_items, 2);
  for (gsize i = 0; i < call->n_items; i++)
    put_text (out, call->items[i].text, 4);
  put_number (out, call->tree.text != NULL, 1);
  if (call->tree.text == NULL)
    return;
  put_text (out, call->tree.text, 4);
  put_number (out, call->tree.n_proof, 1);
  put_bytes (out, call->tree.proof, call->tree.n_proof * sizeof (XimHash));
}

static void
put_accounts (GByteArray *out, const XimKsCall *call)
{
  put_number (out, call->n_accounts, 2);
  for (gsize i = 0; i < call->n_accounts; i++)
    {
      const XimKsSignAccount *account = &call->accounts[i];
      put_bytes (out, &account->tag, sizeof account->tag);
      put_number (out, account->version, 4);
      put_bytes (out, &account->hash, sizeof account->hash);
      put_number (out, account->erased != FALSE, 1);
    }
}

static void
put_proofs (GByteArray *out, const XimKsCall *call)
{
  put_number (out, call->n_proofs, 2);
  for (gsize i = 0; i < call->n_proofs; i++)
    {
      put_number (out, call->proofs[i].version, 4);
      put_text (out, call->proofs[i].jid, 2);
    }
}

GByteArray *
xim_ks_call_encode (const XimKsCall *call)
{
  GByteArray *out = begin (call->id, call->verb);
  switch (call->verb)
    {
    case XIM_KS_CALL_SIGN:
      put_bytes (out, call->text, strlen (call->text));
      break;
    case XIM_KS_CALL_GROUP:
      put_group (out, call);
      break;
    case XIM_KS_CALL_PROVE:
      put_proofs (out, call);
      break;
    case XIM_KS_CALL_ADOPT:
      put_accounts (out, call);
      break;
    case XIM_KS_CALL_LAST:
    case XIM_KS_CALL_STOP:
    case XIM_KS_CALL_READY:
    default:
      break;
    }
  return out;
}

static gboolean
get_number (XimReader *reader, guint len, guint64 max, guint64 *number,
            GError **error)
{
  guint64 big = 0;
  const guint8 *bytes = xim_reader_bytes (reader, len, "a number", error);
  if (bytes == NULL)
    return FALSE;
  memcpy ((guint8 *)&big + sizeof big - len, bytes, len);
  *number = GUINT64_FROM_BE (big);
  if (*number <= max)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
               "expected a number up to %" G_GUINT64_FORMAT
               ", got %" G_GUINT64_FORMAT,
               max, *number);
  return FALSE;
}

static gboolean
get_bytes (XimReader *reader, void *out, gsize len, GError **error)
{
  const guint8 *bytes = xim_reader_bytes (reader, len, "bytes", error);
  if (bytes == NULL)
    return FALSE;
  memcpy (out, bytes, len);
  return TRUE;
}

/* Returns: (transfer full): the next @len bytes, which hold no NUL */
static char *
get_text (XimReader *reader, gsize len, gsize max, GError **error)
{
  if (len > max)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected a text of at most %" G_GSIZE_FORMAT
                   " bytes, got %" G_GSIZE_FORMAT,
                   max, len);
      return NULL;
    }
  const guint8 *bytes = xim_reader_bytes (reader, len, "a text", error);
  if (bytes == NULL)
    return NULL;
  if (memchr (bytes, '\0', len) == NULL)
    return g_strndup ((const char *)bytes, len);
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected a text without NUL");
  return NULL;
}

static char *
get_sized_text (XimReader *reader, guint len_len, GError **error)
{
  guint64 len = 0;
  if (!get_number (reader, len_len, G_MAXUINT32, &len, error))
    return NULL;
  return get_text (reader, len, XIM_NOTE_MAX, error);
}

static gboolean
at_end (const XimReader *reader, GError **error)
{
  if (reader->len == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected the end, got %" G_GSIZE_FORMAT " more bytes",
               reader->len);
  return FALSE;
}

/* Gives what @call points to an owner. */
static gboolean
own (XimKsCall *call, gpointer data)
{
  if (data != NULL)
    g_ptr_array_add (call->owned, data);
  return data != NULL;
}

static gboolean
get_tree (XimReader *reader, XimKsCall *call, GError **error)
{
  guint64 has = 0, n = 0;
  if (!get_number (reader, 1, 1, &has, error))
    return FALSE;
  if (has == 0)
    return TRUE;
  call->tree.text = get_sized_text (reader, 4, error);
  if (!own (call, (gpointer)call->tree.text)
      || !get_number (reader, 1, XIM_TREE_PROOF_MAX, &n, error))
    return FALSE;
  XimHash *proof = g_new0 (XimHash, n + 1);
  own (call, proof);
  call->tree.proof = proof;
  call->tree.n_proof = n;
  return get_bytes (reader, proof, n * sizeof *proof, error);
}

static gboolean
get_group (XimReader *reader, XimKsCall *call, GError **error)
{
  guint64 n = 0;
  if (!get_number (reader, 2, XIM_KS_CALL_ITEMS_MAX, &n, error))
    return FALSE;
  call->items = g_new0 (XimKsSignItem, n + 1);
  call->n_items = n;
  for (gsize i = 0; i < n; i++)
    {
      call->items[i].text = get_sized_text (reader, 4, error);
      if (!own (call, (gpointer)call->items[i].text))
        return FALSE;
    }
  return get_tree (reader, call, error);
}

static gboolean
get_account (XimReader *reader, XimKsSignAccount *account, GError **error)
{
  guint64 version = 0, erased = 0;
  if (!get_bytes (reader, &account->tag, sizeof account->tag, error)
      || !get_number (reader, 4, XIM_NUMBER_MAX, &version, error)
      || !get_bytes (reader, &account->hash, sizeof account->hash, error)
      || !get_number (reader, 1, 1, &erased, error))
    return FALSE;
  account->version = (guint32)version;
  account->erased = erased == 1;
  if (version > 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected a version from 1, got 0");
  return FALSE;
}

static gboolean
get_accounts (XimReader *reader, XimKsCall *call, GError **error)
{
  guint64 n = 0;
  if (!get_number (reader, 2, XIM_KS_CALL_ACCOUNTS_MAX, &n, error))
    return FALSE;
  XimKsSignAccount *accounts = g_new0 (XimKsSignAccount, n + 1);
  own (call, accounts);
  call->accounts = accounts;
  call->n_accounts = n;
  for (gsize i = 0; i < n; i++)
    if (!get_account (reader, &accounts[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
get_proofs (XimReader *reader, XimKsCall *call, GError **error)
{
  guint64 n = 0, version = 0, len = 0;
  if (!get_number (reader, 2, XIM_KS_CALL_PROOFS_MAX, &n, error))
    return FALSE;
  call->proofs = g_new0 (XimKsSignProof, n + 1);
  call->n_proofs = n;
  own (call, call->proofs);
  for (gsize i = 0; i < n; i++)
    {
      if (!get_number (reader, 4, XIM_NUMBER_MAX, &version, error)
          || !get_number (reader, 2, 2 * XIM_JID_PART_MAX + 1, &len, error))
        return FALSE;
      call->proofs[i].version = (guint32)version;
      call->proofs[i].jid = get_text (reader, len, len, error);
      if (!own (call, (gpointer)call->proofs[i].jid))
        return FALSE;
    }
  return TRUE;
}

static gboolean
get_call (XimReader *reader, XimKsCall *call, GError **error)
{
  switch (call->verb)
    {
    case XIM_KS_CALL_SIGN:
      call->text = get_text (reader, reader->len, XIM_NOTE_MAX, error);
      return own (call, (gpointer)call->text);
    case XIM_KS_CALL_GROUP:
      return get_group (reader, call, error);
    case XIM_KS_CALL_PROVE:
      return get_proofs (reader, call, error);
    case XIM_KS_CALL_ADOPT:
      return get_accounts (reader, call, error);
    case XIM_KS_CALL_LAST:
    case XIM_KS_CALL_STOP:
      return TRUE;
    case XIM_KS_CALL_READY:
    default:
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "expected a call, got number %d", (int)call->verb);
      return FALSE;
    }
}

XimKsCall *
xim_ks_call_decode (const guint8 *data, gsize len, guint32 *id, GError **error)
{
  guint64 number = 0, verb = 0;
  XimReader reader = { data, len };
  *id = 0;
  if (!get_number (&reader, 4, G_MAXUINT32, &number, error))
    return NULL;
  *id = (guint32)number;
  if (!get_number (&reader, 1, G_MAXUINT8, &verb, error))
    return NULL;
  g_autoptr (XimKsCall) call = g_new0 (XimKsCall, 1);
  call->owned = g_ptr_array_new_with_free_func (g_free);
  call->id = *id;
  call->verb = (XimKsVerb)verb;
  return get_call (&reader, call, error) && at_end (&reader, error)
             ? g_steal_pointer (&call)
             : NULL;
}

void
xim_ks_call_free (XimKsCall *call)
{
  if (call == NULL)
    return;
  for (gsize i = 0; i < call->n_items; i++)
    xim_ks_sign_item_clear (&call->items[i]);
  g_free (call->items);
  g_ptr_array_unref (call->owned);
  g_free (call);
}

static void
put_error (GByteArray *out, const GError *error)
{
  guint code = error->domain == XIM_ERROR ? (guint)error->code
                                          : (guint)XIM_ERROR_STORE;
  put_number (out, code + 1, 1);
}

/* A sentence may be long where it repeats what was wrong. */
static void
put_sentence (GByteArray *out, const GError *error)
{
  gsize len = MIN (strlen (error->message), XIM_NOTE_MAX);
  put_number (out, len, 2);
  put_bytes (out, error->message, len);
}

static void
put_refusal (GByteArray *out, const XimKsReply *reply)
{
  put_error (out, reply->error);
  guint n = 0;
  for (gsize i = 0; i < reply->n_items; i++)
    n += reply->items[i].error != NULL;
  if (reply->verb == XIM_KS_CALL_GROUP)
    put_number (out, n, 2);
  for (gsize i = 0; i < reply->n_items; i++)
    if (reply->items[i].error != NULL)
      {
        put_number (out, i, 2);
        put_error (out, reply->items[i].error);
        put_sentence (out, reply->items[i].error);
      }
  put_sentence (out, reply->error);
}

GByteArray *
xim_ks_reply_encode (const XimKsReply *reply)
{
  GByteArray *out = begin (reply->id, reply->verb);
  if (reply->error != NULL)
    {
      put_refusal (out, reply);
      return out;
    }
  put_number (out, 0, 1);
  switch (reply->verb)
    {
    case XIM_KS_CALL_SIGN:
      put_text (out, reply->line, 2);
      break;
    case XIM_KS_CALL_GROUP:
      put_number (out, reply->n_items, 2);
      for (gsize i = 0; i < reply->n_items; i++)
        put_text (out, reply->items[i].line, 2);
      put_text (out, reply->line, 2);
      break;
    case XIM_KS_CALL_LAST:
      put_number (out, reply->head.size, 8);
      put_bytes (out, &reply->head.root, sizeof reply->head.root);
      break;
    case XIM_KS_CALL_PROVE:
      for (gsize i = 0; i < reply->n_proofs; i++)
        put_bytes (out, &reply->proofs[i].proof, sizeof (XimVrfProof));
      break;
    case XIM_KS_CALL_READY:
      put_bytes (out, &reply->vrf, sizeof reply->vrf);
      put_text (out, reply->vkey, 2);
      break;
    case XIM_KS_CALL_ADOPT:
    case XIM_KS_CALL_STOP:
    default:
      break;
    }
  return out;
}

static gboolean
get_error (XimReader *reader, guint64 status, GError **into, GError **error)
{
  g_autofree char *sentence = get_sized_text (reader, 2, error);
  if (sentence == NULL)
    return FALSE;
  g_clear_error (into);
  g_set_error_literal (into, XIM_ERROR, (int)status - 1, sentence);
  return TRUE;
}

static gboolean
get_faults (XimReader *reader, XimKsReply *reply, GError **error)
{
  guint64 n = 0, number = 0, status = 0;
  if (!get_number (reader, 2, reply->n_items, &n, error))
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      if (!get_number (reader, 2, reply->n_items - 1, &number, error)
          || !get_number (reader, 1, XIM_ERROR_UNAVAILABLE + 1, &status,
                          error))
        return FALSE;
      if (status == 0)
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected the code of an error, got 0");
          return FALSE;
        }
      if (!get_error (reader, status, &reply->items[number].error, error))
        return FALSE;
    }
  return TRUE;
}

/* An empty line is none. */
static gboolean
get_line (XimReader *reader, char **line, GError **error)
{
  g_autofree char *text = get_sized_text (reader, 2, error);
  if (text != NULL && *text != '\0')
    *line = g_steal_pointer (&text);
  return *line != NULL || text != NULL;
}

static gboolean
get_lines (XimReader *reader, XimKsReply *reply, GError **error)
{
  guint64 n = 0;
  if (!get_number (reader, 2, G_MAXUINT16, &n, error))
    return FALSE;
  if (n != reply->n_items)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected %" G_GSIZE_FORMAT
                   " lines, got %" G_GUINT64_FORMAT,
                   reply->n_items, n);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    if (!get_line (reader, &reply->items[i].line, error))
      return FALSE;
  return get_line (reader, &reply->line, error);
}

/* As many as were called for. */
static gboolean
get_made (XimReader *reader, XimKsReply *reply, GError **error)
{
  reply->n_proofs = reply->n_items;
  reply->owned = g_new0 (XimKsSignProof, reply->n_proofs + 1);
  reply->proofs = reply->owned;
  for (gsize i = 0; i < reply->n_proofs; i++)
    if (!get_bytes (reader, &reply->owned[i].proof, sizeof (XimVrfProof),
                    error))
      return FALSE;
  return TRUE;
}

static gboolean
get_answer (XimReader *reader, XimKsReply *reply, GError **error)
{
  switch (reply->verb)
    {
    case XIM_KS_CALL_SIGN:
      reply->line = get_sized_text (reader, 2, error);
      return reply->line != NULL;
    case XIM_KS_CALL_GROUP:
      return get_lines (reader, reply, error);
    case XIM_KS_CALL_LAST:
      return get_number (reader, 8, XIM_TREE_SIZE_MAX - 1, &reply->head.size,
                         error)
             && get_bytes (reader, &reply->head.root, sizeof reply->head.root,
                           error);
    case XIM_KS_CALL_PROVE:
      return get_made (reader, reply, error);
    case XIM_KS_CALL_READY:
      if (!get_bytes (reader, &reply->vrf, sizeof reply->vrf, error))
        return FALSE;
      reply->vkey = get_sized_text (reader, 2, error);
      return reply->vkey != NULL;
    case XIM_KS_CALL_ADOPT:
    case XIM_KS_CALL_STOP:
      return TRUE;
    default:
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "expected a reply, got number %d", (int)reply->verb);
      return FALSE;
    }
}

XimKsReply *
xim_ks_reply_decode (const guint8 *data, gsize len, gsize n, GError **error)
{
  guint64 id = 0, verb = 0, status = 0;
  XimReader reader = { data, len };
  if (!get_number (&reader, 4, G_MAXUINT32, &id, error)
      || !get_number (&reader, 1, G_MAXUINT8, &verb, error)
      || !get_number (&reader, 1, XIM_ERROR_UNAVAILABLE + 1, &status, error))
    return NULL;
  g_autoptr (XimKsReply) reply = g_new0 (XimKsReply, 1);
  reply->id = (guint32)id;
  reply->verb = (XimKsVerb)verb;
  reply->items = g_new0 (XimKsSignItem, n + 1);
  reply->n_items = n;
  gboolean ok = status == 0
                    ? get_answer (&reader, reply, error)
                    : (reply->verb != XIM_KS_CALL_GROUP
                       || get_faults (&reader, reply, error))
                          && get_error (&reader, status, &reply->error, error);
  return ok && at_end (&reader, error) ? g_steal_pointer (&reply) : NULL;
}

guint32
xim_ks_reply_id (const guint8 *data, gsize len)
{
  XimReader reader = { data, len };
  guint64 id = 0;
  return get_number (&reader, 4, G_MAXUINT32, &id, NULL) ? (guint32)id : 0;
}

void
xim_ks_reply_free (XimKsReply *reply)
{
  if (reply == NULL)
    return;
  for (gsize i = 0; i < reply->n_items; i++)
    xim_ks_sign_item_clear (&reply->items[i]);
  g_free (reply->items);
  g_free (reply->owned);
  g_clear_error (&reply->error);
  g_free (reply->line);
  g_free (reply->vkey);
  g_free (reply);
}
