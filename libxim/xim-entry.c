/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Entries of the log: what stands in it for each version of an account. */

#include "config.h"

#include "xim-entry.h"

#include <string.h>

#include "xim-error.h"
#include "xim-tree.h"

/* Length of the address, the address, the version. */
#define ALPHA_MAX (2 + 2 * XIM_JID_PART_MAX + 1 + 4)

static guint8 *
put (guint8 *out, const void *data, gsize len)
{
  memcpy (out, data, len);
  return out + len;
}

gsize
xim_entry_encode (const XimEntry *entry, guint8 out[XIM_ENTRY_MAX])
{
  guint8 *p = out;
  *p++ = (guint8)entry->type;
  if (entry->type == XIM_ENTRY_SERVER)
    return (gsize)(put (p, &entry->hash, sizeof entry->hash) - out);
  p = put (p, &entry->index, sizeof entry->index);
  p = put (p, &entry->commitment, sizeof entry->commitment);
  *p++ = (guint8)entry->flags;
  return (gsize)(p - out);
}

static gboolean
check_len (gsize len, gsize expected, GError **error)
{
  if (len == expected)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected a log entry of %" G_GSIZE_FORMAT
               " bytes, got %" G_GSIZE_FORMAT,
               expected, len);
  return FALSE;
}

static gboolean
check_flags (guint8 flags, GError **error)
{
  if (flags == XIM_ENTRY_NEW || flags == XIM_ENTRY_CONTINUED
      || flags == XIM_ENTRY_RESET || flags == XIM_ENTRY_ERASED)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
               "expected one flag of 1, 2, 4 and 8 in a log entry, got %u",
               flags);
  return FALSE;
}

static gboolean
decode_account (const guint8 *data, gsize len, XimEntry *out, GError **error)
{
  if (!check_len (len, XIM_ENTRY_ACCOUNT_LEN, error)
      || !check_flags (data[len - 1], error))
    return FALSE;
  XimEntry entry = { .type = XIM_ENTRY_ACCOUNT, .flags = data[len - 1] };
  memcpy (&entry.index, data + 1, sizeof entry.index);
  memcpy (&entry.commitment, data + 1 + sizeof entry.index,
          sizeof entry.commitment);
  *out = entry;
  return TRUE;
}

static gboolean
decode_server (const guint8 *data, gsize len, XimEntry *out, GError **error)
{
  if (!check_len (len, XIM_ENTRY_SERVER_LEN, error))
    return FALSE;
  XimEntry entry = { .type = XIM_ENTRY_SERVER };
  memcpy (&entry.hash, data + 1, sizeof entry.hash);
  *out = entry;
  return TRUE;
}

gboolean
xim_entry_decode (const guint8 *data, gsize len, XimEntry *out, GError **error)
{
  if (len > 0 && data[0] == XIM_ENTRY_ACCOUNT)
    return decode_account (data, len, out, error);
  if (len > 0 && data[0] == XIM_ENTRY_SERVER)
    return decode_server (data, len, out, error);
  if (len > 0)
    g_set_error (error, XIM_ERROR, XIM_ERROR_UNSUPPORTED,
                 "expected a log entry of type 0 or 1, got %u", data[0]);
  else
    g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                         "expected a log entry, got no bytes");
  return FALSE;
}

void
xim_entry_leaf (const XimEntry *entry, XimHash *out)
{
  guint8 bytes[XIM_ENTRY_MAX];
  gsize len = xim_entry_encode (entry, bytes);
  xim_tree_leaf (bytes, len, out);
}

void
xim_entry_commit (const XimOpening *opening, const char *text, XimHash *out)
{
  const XimPiece piece = { text, strlen (text) };
  xim_crypto_hmac_sha256 (opening->bytes, sizeof opening->bytes, &piece, 1,
                          out);
}

XimEntryFlags
xim_entry_account_flags (const XimAccount *account)
{
  if (account->version == 1)
    return XIM_ENTRY_NEW;
  return account->reset ? XIM_ENTRY_RESET : XIM_ENTRY_CONTINUED;
}

static gsize
make_alpha (const char *jid, guint32 version, guint8 out[ALPHA_MAX])
{
  gsize len = strlen (jid);
  g_assert (len <= 2 * XIM_JID_PART_MAX + 1);
  guint16 len_be = GUINT16_TO_BE ((guint16)len);
  guint32 version_be = GUINT32_TO_BE (version);
  guint8 *p = put (out, &len_be, sizeof len_be);
  p = put (p, jid, len);
  p = put (p, &version_be, sizeof version_be);
  return (gsize)(p - out);
}

static void
index_of (const XimDigest *output, XimIndex *out)
{
  memcpy (out->bytes, output->bytes, sizeof out->bytes);
}

void
xim_entry_prove (const XimVrfKey *key, const char *jid, guint32 version,
                 XimVrfProof *proof, XimIndex *index)
{
  guint8 alpha[ALPHA_MAX];
  gsize len = make_alpha (jid, version, alpha);
  xim_vrf_key_prove (key, alpha, len, proof);
  if (index != NULL)
    xim_entry_proven (proof, index);
}

void
xim_entry_proven (const XimVrfProof *proof, XimIndex *out)
{
  XimDigest output;
  xim_vrf_output (proof, &output);
  index_of (&output, out);
}

gboolean
xim_entry_verify (const XimVrfPublic *key, const char *jid, guint32 version,
                  const XimVrfProof *proof, XimIndex *out, GError **error)
{
  guint8 alpha[ALPHA_MAX];
  XimDigest output;
  gsize len = make_alpha (jid, version, alpha);
  if (!xim_vrf_verify (key, alpha, len, proof, &output, error))
    {
      g_prefix_error (error, "index of version %u: ", version);
      return FALSE;
    }
  index_of (&output, out);
  return TRUE;
}
