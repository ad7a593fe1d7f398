/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The checks of the log: vrf, log-entry, inclusion, consistency,
 * checkpoint and bundle. */

#include "config.h"

#include <string.h>

#include "vector-case.h"
#include "xim-checkpoint.h"
#include "xim-codec.h"
#include "xim-entry.h"
#include "xim-server.h"
#include "xim-verify.h"

#define HEX(value) xim_codec_hex_encode ((value).bytes, sizeof (value).bytes)

static gboolean
read_vrf_key (const VectorCase *vector, const char *name, XimVrfPublic *out,
              GError **error)
{
  return vector_case_hex_exact (vector, name, out->bytes, sizeof out->bytes,
                                error)
         && xim_crypto_vrf_check (out, error);
}

static gboolean
check_vrf (const VectorCase *vector, VectorResults *results, GError **error)
{
  XimVrfPublic key;
  XimVrfProof proof;
  XimDigest output;
  g_autoptr (GBytes) alpha = vector_case_hex (vector, "alpha", error);
  g_autoptr (GBytes) bytes
      = alpha != NULL ? vector_case_hex (vector, "proof", error) : NULL;
  if (bytes == NULL || !read_vrf_key (vector, "public", &key, error))
    return FALSE;
  gsize len, alpha_len;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  const guint8 *input = g_bytes_get_data (alpha, &alpha_len);
  if (!xim_vrf_proof_decode (data, len, &proof, error)
      || !xim_vrf_verify (&key, input, alpha_len, &proof, &output, error))
    return FALSE;
  vector_result (results, "output", HEX (output));
  return TRUE;
}

static void
tell_entry (const XimEntry *entry, VectorResults *results)
{
  guint8 bytes[XIM_ENTRY_MAX];
  XimHash leaf;
  gsize len = xim_entry_encode (entry, bytes);
  xim_entry_leaf (entry, &leaf);
  vector_result (results, "entry", xim_codec_hex_encode (bytes, len));
  vector_result (results, "leaf-hash", HEX (leaf));
}

/* What the text of a version is committed to as. */
static gboolean
read_flags (const char *text, XimEntry *entry, GError **error)
{
  if (g_str_has_prefix (text, "x-im erase"))
    {
      entry->flags = XIM_ENTRY_ERASED;
      return TRUE;
    }
  g_autoptr (XimAccount) account = xim_account_decode_text (text, error);
  if (account == NULL)
    return vector_blame ("text", error);
  entry->flags = xim_entry_account_flags (account);
  return TRUE;
}

static gboolean
make_account_entry (const VectorCase *vector, const char *text,
                    VectorResults *results, GError **error)
{
  XimEntry entry = { .type = XIM_ENTRY_ACCOUNT };
  XimOpening opening;
  XimVrfProof proof;
  guint8 scalar[XIM_KEY_LEN];
  const char *jid = vector_case_get (vector, "jid", error);
  const char *version
      = jid != NULL ? vector_case_get (vector, "version", error) : NULL;
  if (version == NULL || !read_flags (text, &entry, error)
      || !vector_case_hex_exact (vector, "opening", opening.bytes,
                                 sizeof opening.bytes, error)
      || !vector_case_hex_exact (vector, "vrf-private", scalar, sizeof scalar,
                                 error))
    return FALSE;
  g_autoptr (XimVrfKey) key
      = xim_vrf_key_new (xim_secret_new_take (scalar, sizeof scalar), error);
  if (key == NULL)
    return vector_blame ("vrf-private", error);
  xim_entry_prove (key, jid, (guint32)g_ascii_strtoull (version, NULL, 10),
                   &proof, &entry.index);
  xim_entry_commit (&opening, text, &entry.commitment);
  vector_result (results, "vrf-proof", HEX (proof));
  tell_entry (&entry, results);
  return TRUE;
}

static gboolean
make_server_entry (const char *text, VectorResults *results, GError **error)
{
  g_autoptr (XimServer) server = xim_server_decode_text (text, error);
  if (server == NULL)
    return vector_blame ("text", error);
  XimEntry entry = { .type = XIM_ENTRY_SERVER, .hash = server->hash };
  tell_entry (&entry, results);
  return TRUE;
}

static gboolean
check_log_entry (const VectorCase *vector, VectorResults *results,
                 GError **error)
{
  XimEntry entry;
  const char *text = vector_case_bytes (vector, "text", 0, NULL);
  g_autoptr (GBytes) bytes = vector_case_hex (vector, "entry", error);
  if (bytes == NULL)
    return FALSE;
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  if (!xim_entry_decode (data, len, &entry, error))
    return FALSE;
  if (text == NULL)
    {
      tell_entry (&entry, results);
      return TRUE;
    }
  return vector_case_count (vector, "jid") > 0
             ? make_account_entry (vector, text, results, error)
             : make_server_entry (text, results, error);
}

static gboolean
read_number (const VectorCase *vector, const char *name, guint64 *out,
             GError **error)
{
  const char *value = vector_case_get (vector, name, error);
  if (value == NULL)
    return FALSE;
  return xim_codec_decimal_decode (value, strlen (value), 0,
                                   XIM_TREE_SIZE_MAX - 1, out, error)
         || vector_blame (name, error);
}

static gboolean
read_proof (const VectorCase *vector, XimTreeProof *out, GError **error)
{
  out->n = MIN (vector_case_count (vector, "proof"), XIM_TREE_PROOF_MAX);
  for (guint i = 0; i < out->n; i++)
    {
      const char *hex = vector_case_bytes (vector, "proof", i, NULL);
      if (!xim_codec_hex_decode_exact (hex, strlen (hex), out->hashes[i].bytes,
                                       sizeof out->hashes[i].bytes, error))
        return vector_blame ("proof", error);
    }
  return TRUE;
}

static gboolean
read_head (const VectorCase *vector, const char *size, const char *root,
           XimTreeHead *out, GError **error)
{
  return read_number (vector, size, &out->size, error)
         && vector_case_hex_exact (vector, root, out->root.bytes,
                                   sizeof out->root.bytes, error);
}

static gboolean
check_inclusion (const VectorCase *vector,
                 VectorResults *results G_GNUC_UNUSED, GError **error)
{
  XimTreeHead head;
  XimTreeProof proof;
  XimHash hash;
  guint64 leaf;
  return read_head (vector, "size", "root", &head, error)
         && read_number (vector, "leaf", &leaf, error)
         && vector_case_hex_exact (vector, "leaf-hash", hash.bytes,
                                   sizeof hash.bytes, error)
         && read_proof (vector, &proof, error)
         && xim_tree_verify_inclusion (&hash, leaf, &head, proof.hashes,
                                       proof.n, error);
}

static gboolean
check_consistency (const VectorCase *vector,
                   VectorResults *results G_GNUC_UNUSED, GError **error)
{
  XimTreeHead older, newer;
  XimTreeProof proof;
  return read_head (vector, "size-1", "root-1", &older, error)
         && read_head (vector, "size-2", "root-2", &newer, error)
         && read_proof (vector, &proof, error)
         && xim_tree_verify_consistency (&older, &newer, proof.hashes, proof.n,
                                         error);
}

static gboolean
check_checkpoint (const VectorCase *vector, VectorResults *results,
                  GError **error)
{
  const char *vkey = vector_case_get (vector, "log", error);
  if (vkey == NULL || vector_case_get (vector, "note", error) == NULL)
    return FALSE;
  g_autoptr (XimVerifyKey) log = xim_verify_key_decode (vkey, error);
  if (log == NULL)
    return vector_blame ("log", error);
  gsize len;
  const char *data = vector_case_bytes (vector, "note", 0, &len);
  g_autoptr (XimCheckpoint) checkpoint
      = xim_checkpoint_decode (data, len, error);
  if (checkpoint == NULL || !xim_checkpoint_check (checkpoint, log, error))
    return FALSE;
  vector_result (
      results, "size",
      g_strdup_printf ("%" G_GUINT64_FORMAT, checkpoint->head.size));
  vector_result (results, "root", HEX (checkpoint->head.root));
  return TRUE;
}

/* What a client of the case knows; its faults are those of the case. */
typedef struct
{
  XimVerifyKey *server;
  XimVerifyKey *log;
  XimPin pin;
  GPtrArray *before;
  GPtrArray *older;
  gint64 now_s;
} Reader;

static void
account_free (gpointer account)
{
  xim_account_free (account);
}

static void
reader_clear (Reader *reader)
{
  xim_verify_key_free (reader->server);
  xim_verify_key_free (reader->log);
  g_clear_pointer (&reader->before, g_ptr_array_unref);
  g_clear_pointer (&reader->older, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reader, reader_clear)

static XimVerifyKey *
read_vkey (const VectorCase *vector, const char *name, GError **error)
{
  const char *vkey = vector_case_get (vector, name, error);
  if (vkey == NULL)
    return NULL;
  XimVerifyKey *key = xim_verify_key_decode (vkey, error);
  if (key == NULL)
    vector_blame (name, error);
  return key;
}

static GPtrArray *
read_accounts (const VectorCase *vector, const char *name, GError **error)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func (account_free);
  for (guint i = 0; i < vector_case_count (vector, name); i++)
    {
      XimAccount *account = xim_account_decode_text (
          vector_case_bytes (vector, name, i, NULL), error);
      if (account == NULL)
        {
          vector_blame (name, error);
          return NULL;
        }
      g_ptr_array_add (accounts, account);
    }
  return g_steal_pointer (&accounts);
}

static gboolean
read_reader (const VectorCase *vector, Reader *reader, GError **error)
{
  reader->pin.domain = vector_case_get (vector, "domain", error);
  if (reader->pin.domain == NULL)
    return FALSE;
  reader->server = read_vkey (vector, "server", error);
  if (reader->server == NULL)
    return FALSE;
  reader->log = read_vkey (vector, "log", error);
  if (reader->log == NULL
      || !vector_case_hex_exact (vector, "vrf", reader->pin.vrf.bytes,
                                 sizeof reader->pin.vrf.bytes, error)
      || !vector_case_time (vector, "now", &reader->now_s, error))
    return FALSE;
  reader->pin.server = reader->server;
  reader->pin.log = reader->log;
  reader->before = read_accounts (vector, "before", error);
  reader->older
      = reader->before != NULL ? read_accounts (vector, "older", error) : NULL;
  return reader->older != NULL;
}

static void
tell_usable (const XimVerified *verified, VectorResults *results)
{
  GString *ids = g_string_new (NULL);
  for (guint i = 0; i < xim_verified_n_usable (verified); i++)
    {
      const XimDevice *device = xim_verified_usable (verified, i);
      g_autofree char *id = HEX (device->id);
      g_string_append_printf (ids, "%s%s", i > 0 ? " " : "", id);
    }
  vector_result (results, "usable", g_string_free (ids, FALSE));
}

static void
tell_verified (const XimVerified *verified, VectorResults *results)
{
  const XimLogPlace *place = xim_verified_place (verified);
  guint32 version = xim_verified_account (verified)->version;
  const char *relation = xim_relation_word (xim_verified_relation (verified));
  vector_result (results, "version", g_strdup_printf ("%u", version));
  vector_result (results, "relation", g_strdup (relation));
  tell_usable (verified, results);
  if (place == NULL)
    return;
  tell_entry (&place->entry, results);
  vector_result (results, "next", HEX (place->next));
}

static gboolean
check_bundle (const VectorCase *vector, VectorResults *results, GError **error)
{
  g_auto (Reader) reader = { 0 };
  const char *jid = vector_case_get (vector, "jid", error);
  if (jid == NULL || vector_case_get (vector, "bundle", error) == NULL
      || !read_reader (vector, &reader, error))
    return FALSE;
  const XimKnown known
      = { .history = { reader.before->len > 0 ? reader.before->pdata[0] : NULL,
                       (const XimAccount *const *)reader.older->pdata,
                       reader.older->len } };
  gsize len;
  const char *json = vector_case_bytes (vector, "bundle", 0, &len);
  g_autoptr (XimBundle) bundle = xim_bundle_decode (json, len, error);
  g_autoptr (XimVerified) verified
      = bundle != NULL ? xim_verify_bundle (bundle, &reader.pin, jid, &known,
                                            reader.now_s, error)
                       : NULL;
  if (verified == NULL)
    return FALSE;
  tell_verified (verified, results);
  return TRUE;
}

const VectorCheck vectors_log[] = {
  { "vrf", check_vrf, { "output" } },
  { "log-entry", check_log_entry, { "vrf-proof", "entry", "leaf-hash" } },
  { "inclusion", check_inclusion, { NULL } },
  { "consistency", check_consistency, { NULL } },
  { "checkpoint", check_checkpoint, { "size", "root" } },
  { "bundle",
    check_bundle,
    { "version", "relation", "usable", "entry", "next" } },
  { NULL, NULL, { NULL } },
};
