/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Proof files: that an account note stands in the log, to be checked by
 * anybody without asking the keyserver. */

#include "config.h"

#include "xim-proof.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-jid.h"

#define TITLE "c2sp.org/tlog-proof@v1"
#define EXTRA_VERSION 1

static void
append_text (GByteArray *out, const char *text)
{
  guint16 len_be = GUINT16_TO_BE ((guint16)strlen (text));
  g_byte_array_append (out, (const guint8 *)&len_be, sizeof len_be);
  g_byte_array_append (out, (const guint8 *)text, (guint)strlen (text));
}

/* What it takes to make the leaf again, in base64. */
static char *
encode_extra (const XimServer *server, const XimAccount *account,
              const XimLogged *logged)
{
  const guint8 version = EXTRA_VERSION;
  g_autofree char *account_note = xim_note_encode (account->note);
  g_autofree char *server_note = xim_note_encode (server->note);
  g_autoptr (GByteArray) extra = g_byte_array_new ();
  g_byte_array_append (extra, &version, 1);
  g_byte_array_append (extra, logged->index.bytes, sizeof logged->index.bytes);
  g_byte_array_append (extra, logged->opening.bytes,
                       sizeof logged->opening.bytes);
  append_text (extra, account_note);
  append_text (extra, server_note);
  return xim_codec_base64_encode (extra->data, extra->len);
}

char *
xim_proof_encode (const XimServer *server, const XimAccount *account,
                  const XimLogged *logged)
{
  g_return_val_if_fail (server->note != NULL && account->note != NULL
                            && logged->checkpoint->note != NULL,
                        NULL);
  g_autofree char *extra = encode_extra (server, account, logged);
  g_autofree char *checkpoint = xim_note_encode (logged->checkpoint->note);
  GString *out = g_string_new (TITLE "\n");
  g_string_append_printf (out, "extra %s\nindex %" G_GUINT64_FORMAT "\n",
                          extra, logged->leaf);
  for (guint i = 0; i < logged->inclusion.n; i++)
    {
      g_autofree char *hash = xim_codec_base64_encode (
          logged->inclusion.hashes[i].bytes, sizeof (XimHash));
      g_string_append_printf (out, "%s\n", hash);
    }
  g_string_append_printf (out, "\n%s", checkpoint);
  return g_string_free (out, FALSE);
}

/* Lines of a file that has not been read yet. */
typedef struct
{
  const char *at;
  const char *end;
} Lines;

/* The next line without its newline, whose length goes to @len. */
static const char *
take_line (Lines *lines, gsize *len, GError **error)
{
  const char *line = lines->at;
  const char *newline = memchr (line, '\n', (gsize)(lines->end - line));
  if (newline == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected another line of a proof");
      return NULL;
    }
  *len = (gsize)(newline - line);
  lines->at = newline + 1;
  return line;
}

/* The next line, which must be "NAME VALUE". */
static const char *
take_value (Lines *lines, const char *name, gsize *len, GError **error)
{
  gsize line_len, name_len = strlen (name);
  const char *line = take_line (lines, &line_len, error);
  if (line == NULL)
    return NULL;
  if (line_len <= name_len || memcmp (line, name, name_len) != 0
      || line[name_len] != ' ')
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected the line \"%s\" of a proof", name);
      return NULL;
    }
  *len = line_len - name_len - 1;
  return line + name_len + 1;
}

static gboolean
take_title (Lines *lines, GError **error)
{
  static const char kind[] = "c2sp.org/tlog-proof@";
  gsize len;
  const char *line = take_line (lines, &len, error);
  if (line == NULL)
    return FALSE;
  if (len == strlen (TITLE) && memcmp (line, TITLE, len) == 0)
    return TRUE;
  gboolean is_other
      = len > strlen (kind) && memcmp (line, kind, strlen (kind)) == 0;
  g_set_error_literal (error, XIM_ERROR,
                       is_other ? XIM_ERROR_UNSUPPORTED : XIM_ERROR_MALFORMED,
                       "expected the first line " TITLE);
  return FALSE;
}

/* A whole note behind its length. */
static XimNote *
read_note (XimReader *reader, const char *what, GError **error)
{
  guint16 len;
  if (!xim_reader_u16 (reader, &len, what, error))
    return NULL;
  const guint8 *data = xim_reader_bytes (reader, len, what, error);
  return data != NULL ? xim_note_decode ((const char *)data, len, error)
                      : NULL;
}

static gboolean
read_account (XimProof *self, XimReader *reader, GError **error)
{
  g_autoptr (XimNote) note = read_note (reader, "an account note", error);
  if (note != NULL)
    self->account = xim_account_decode (note, error);
  return self->account != NULL;
}

static gboolean
read_server (XimProof *self, XimReader *reader, GError **error)
{
  g_autoptr (XimNote) note = read_note (reader, "a server note", error);
  if (note != NULL)
    self->server = xim_server_decode (note, error);
  return self->server != NULL;
}

static gboolean
read_fixed (XimProof *self, XimReader *reader, GError **error)
{
  const guint8 *proof
      = xim_reader_bytes (reader, XIM_VRF_PROOF_LEN, "a VRF proof", error);
  if (proof == NULL
      || !xim_vrf_proof_decode (proof, XIM_VRF_PROOF_LEN, &self->logged->index,
                                error))
    return FALSE;
  const guint8 *opening
      = xim_reader_bytes (reader, XIM_OPENING_LEN, "an opening", error);
  if (opening == NULL)
    return FALSE;
  memcpy (self->logged->opening.bytes, opening, XIM_OPENING_LEN);
  return TRUE;
}

static gboolean
read_extra (XimProof *self, GBytes *bytes, GError **error)
{
  guint8 version;
  XimReader reader = { 0 };
  reader.data = g_bytes_get_data (bytes, &reader.len);
  if (!xim_reader_u8 (&reader, &version, "a version", error))
    return FALSE;
  if (version != EXTRA_VERSION)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                   "expected extra data of version %d, got %u", EXTRA_VERSION,
                   version);
      return FALSE;
    }
  if (!read_fixed (self, &reader, error)
      || !read_account (self, &reader, error)
      || !read_server (self, &reader, error))
    return FALSE;
  if (reader.len == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected nothing behind the server note of a proof, got "
               "%" G_GSIZE_FORMAT " bytes",
               reader.len);
  return FALSE;
}

static gboolean
take_extra (XimProof *self, Lines *lines, GError **error)
{
  gsize len;
  const char *value = take_value (lines, "extra", &len, error);
  g_autoptr (GBytes) bytes
      = value != NULL
            ? xim_codec_base64_decode (value, len, XIM_PROOF_FILE_MAX, error)
            : NULL;
  return bytes != NULL && read_extra (self, bytes, error);
}

static gboolean
take_index (XimProof *self, Lines *lines, GError **error)
{
  gsize len;
  const char *value = take_value (lines, "index", &len, error);
  return value != NULL
         && xim_codec_decimal_decode (value, len, 0, XIM_TREE_SIZE_MAX - 1,
                                      &self->logged->leaf, error);
}

/* The hashes up to the empty line. */
static gboolean
take_inclusion (XimTreeProof *out, Lines *lines, GError **error)
{
  gsize len;
  const char *line = take_line (lines, &len, error);
  for (; line != NULL && len > 0; line = take_line (lines, &len, error))
    {
      if (out->n == XIM_TREE_PROOF_MAX)
        {
          g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                       "expected at most %d hashes in a proof",
                       XIM_TREE_PROOF_MAX);
          return FALSE;
        }
      if (!xim_codec_base64_decode_exact (line, len, out->hashes[out->n].bytes,
                                          sizeof (XimHash), error))
        return FALSE;
      out->n++;
    }
  return line != NULL;
}

static gboolean
read_file (XimProof *self, Lines *lines, GError **error)
{
  if (!take_title (lines, error) || !take_extra (self, lines, error)
      || !take_index (self, lines, error)
      || !take_inclusion (&self->logged->inclusion, lines, error))
    return FALSE;
  self->logged->checkpoint = xim_checkpoint_decode (
      lines->at, (gsize)(lines->end - lines->at), error);
  return self->logged->checkpoint != NULL;
}

XimProof *
xim_proof_decode (const char *data, gsize len, GError **error)
{
  if (len > XIM_PROOF_FILE_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected a proof of at most %d bytes, got "
                   "%" G_GSIZE_FORMAT,
                   XIM_PROOF_FILE_MAX, len);
      return NULL;
    }
  if (len == 0)
    data = ""; /* what is empty may have no address */
  Lines lines = { data, data + len };
  g_autoptr (XimProof) self = g_new0 (XimProof, 1);
  self->logged = g_new0 (XimLogged, 1);
  if (read_file (self, &lines, error))
    return g_steal_pointer (&self);
  g_prefix_error (error, "proof file: ");
  return NULL;
}

void
xim_proof_free (XimProof *proof)
{
  if (proof == NULL)
    return;
  xim_logged_free (proof->logged);
  xim_account_free (proof->account);
  xim_server_free (proof->server);
  g_free (proof);
}

/* The key of the log is that of the server under another name, so that whoever
 * knows it knows the VRF key from the server note. */
static gboolean
check_server (const XimServer *server, const char *domain,
              const XimVerifyKey *log, GError **error)
{
  g_autoptr (XimVerifyKey) own = xim_server_log_key (server);
  if (!xim_server_check (server, domain, NULL, error))
    return FALSE;
  if (xim_verify_key_equal (own, log))
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected the server note of the log %s and its key, got that "
               "of %s or another key",
               log->name, own->name);
  return FALSE;
}

gboolean
xim_proof_check (const XimProof *proof, const XimVerifyKey *log,
                 XimLogPlace *out, GError **error)
{
  const XimAccount *account = proof->account;
  const XimAccountHistory nothing = { 0 };
  XimRelation relation;
  XimLogPlace place = { 0 };
  if (!check_server (proof->server, xim_jid_domain (account->jid), log, error)
      || !xim_account_check_client (account, account->jid, proof->server->key,
                                    &nothing, &relation, error)
      || !xim_logged_check_entry (proof->logged, account, log,
                                  &proof->server->vrf, &place, error))
    return FALSE;
  *out = place;
  return TRUE;
}
