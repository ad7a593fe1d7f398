/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What two people compare to know that they have each other's keys. */

#include "config.h"

#include "xim-safety.h"

#include <string.h>

#include "xim-chain.h"
#include "xim-codec.h"
#include "xim-error.h"
#include "xim-jid.h"
#include "xim-key.h"

#define PREFIX "x-im safety v1\n"
#define HALF_LEN (XIM_SAFETY_LEN / 2)
#define GROUP_LEN 5        /* digits, and bytes of the hash that make them */
#define GROUP_BOUND 100000 /* below it */
#define SCHEME "x-im:"
#define N_FIELDS 6
#define JID_MAX (2 * XIM_JID_PART_MAX + 1)
/* Every byte of an address percent-encoded, a version, 43 digits of a hash. */
#define SIDE_MAX (3 * JID_MAX + 1 + 10 + 1 + 43)
#define TEXT_MAX (sizeof SCHEME - 1 + 2 * SIDE_MAX + 1)

static gboolean
is_start (const XimAccount *account)
{
  return account->version == 1 || account->reset;
}

static gboolean
check_own_lines (const XimAccount *account, GError **error)
{
  g_autoptr (GPtrArray) keys
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_verify_key_free);
  for (guint i = 0; i < account->n_devices; i++)
    {
      char name[XIM_DEVICE_NAME_LEN + 1];
      xim_device_id_name (&account->devices[i].id, name);
      XimVerifyKey *key
          = xim_verify_key_new (name, &account->devices[i].key, error);
      if (key == NULL)
        return FALSE;
      g_ptr_array_add (keys, key);
    }
  guint64 good = 0;
  if (!xim_note_verify (account->note,
                        (const XimVerifyKey *const *)keys->pdata, keys->len,
                        &good, error))
    return FALSE;
  if (good == (G_GUINT64_CONSTANT (1) << keys->len) - 1)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
               "expected the lines of all devices under version %u, which "
               "starts anew",
               account->version);
  return FALSE;
}

static gboolean
check_walk (const XimAccount *newest, const XimAccount *first,
            const XimAccount *const *between, guint n_between, GError **error)
{
  const XimAccountHistory known = { first, NULL, 0 };
  XimRelation relation;
  if (!xim_chain_walk (newest, &known, between, n_between, &relation, error))
    return FALSE;
  if (relation == XIM_RELATION_CONTINUED)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "expected version %u to continue version %u", newest->version,
               first->version);
  return FALSE;
}

const XimAccount *
xim_safety_first (const XimAccount *newest, const XimAccount *const *between,
                  guint n_between, GError **error)
{
  if (is_start (newest))
    return newest;
  guint i = 0;
  while (i < n_between && !is_start (between[i]))
    i++;
  if (i == n_between)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND,
                   "expected the versions before %u down to the first",
                   newest->version - i);
      return NULL;
    }
  if (!check_walk (newest, between[i], between, i, error)
      || !check_own_lines (between[i], error))
    return NULL;
  return between[i];
}

/* The number */

static void
write_half (const char *text, char out[HALF_LEN + 1])
{
  const XimPiece pieces[]
      = { { PREFIX, strlen (PREFIX) }, { text, strlen (text) } };
  XimDigest digest;
  xim_crypto_sha512 (pieces, G_N_ELEMENTS (pieces), &digest);
  for (guint at = 0; at < HALF_LEN; at += GROUP_LEN)
    {
      guint64 number = 0;
      for (guint i = 0; i < GROUP_LEN; i++)
        number = number << 8 | digest.bytes[at + i];
      g_snprintf (out + at, GROUP_LEN + 1, "%05u",
                  (guint)(number % GROUP_BOUND));
    }
}

void
xim_safety_number (const char *one, const char *other,
                   char out[XIM_SAFETY_LEN + 1])
{
  char halves[2][HALF_LEN + 1];
  write_half (one, halves[0]);
  write_half (other, halves[1]);
  guint first = strcmp (halves[0], halves[1]) <= 0 ? 0 : 1;
  memcpy (out, halves[first], HALF_LEN);
  memcpy (out + HALF_LEN, halves[1 - first], HALF_LEN + 1);
}

char *
xim_safety_number_show (const char *number)
{
  g_return_val_if_fail (strlen (number) == XIM_SAFETY_LEN, NULL);
  GString *shown = g_string_new (NULL);
  for (guint i = 0; i < XIM_SAFETY_LEN; i++)
    {
      if (i > 0 && i % GROUP_LEN == 0)
        g_string_append_c (shown, i == HALF_LEN ? '\n' : ' ');
      g_string_append_c (shown, number[i]);
    }
  return g_string_free (shown, FALSE);
}

/* The text of a QR code */

static XimSafetySide
make_side (const XimAccount *account)
{
  return (XimSafetySide){ g_strdup (account->jid), account->version,
                          account->hash };
}

XimSafety *
xim_safety_new (const XimAccount *one, const XimAccount *other)
{
  g_return_val_if_fail (strcmp (one->jid, other->jid) != 0, NULL);
  gboolean ascending = strcmp (one->jid, other->jid) < 0;
  XimSafety *safety = g_new0 (XimSafety, 1);
  safety->sides[0] = make_side (ascending ? one : other);
  safety->sides[1] = make_side (ascending ? other : one);
  return safety;
}

static void
append_side (GString *text, const XimSafetySide *side)
{
  g_autofree char *jid = g_uri_escape_string (side->jid, NULL, FALSE);
  g_autofree char *hash = xim_codec_base64url_encode (side->hash.bytes,
                                                      sizeof side->hash.bytes);
  g_string_append_printf (text, "%s;%u;%s", jid, side->version, hash);
}

char *
xim_safety_encode (const XimSafety *safety)
{
  GString *text = g_string_new (SCHEME);
  append_side (text, &safety->sides[0]);
  g_string_append_c (text, ';');
  append_side (text, &safety->sides[1]);
  return g_string_free (text, FALSE);
}

static char *
decode_jid (const char *field, GError **error)
{
  g_autofree char *jid = g_uri_unescape_string (field, NULL);
  if (jid == NULL)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected an address in percent-encoding");
      return NULL;
    }
  return xim_jid_check (jid, strlen (jid), error) ? g_steal_pointer (&jid)
                                                  : NULL;
}

/* There is no other decoder of base64url; whether it is canonical is seen when
 * it is encoded again. */
static gboolean
decode_hash (const char *field, XimHash *out, GError **error)
{
  g_autofree char *text = g_strconcat (field, "=", NULL);
  for (char *p = text; *p != '\0'; p++)
    if (*p == '-')
      *p = '+';
    else if (*p == '_')
      *p = '/';
  return xim_codec_base64_decode_exact (text, strlen (text), out->bytes,
                                        sizeof out->bytes, error);
}

static gboolean
decode_side (char *const *fields, XimSafetySide *side, GError **error)
{
  guint64 version;
  side->jid = decode_jid (fields[0], error);
  if (side->jid == NULL
      || !xim_codec_decimal_decode (fields[1], strlen (fields[1]), 1,
                                    XIM_NUMBER_MAX, &version, error)
      || !decode_hash (fields[2], &side->hash, error))
    return FALSE;
  side->version = (guint32)version;
  return TRUE;
}

XimSafety *
xim_safety_decode (const char *text, GError **error)
{
  if (strlen (text) > TEXT_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected at most %u characters of a QR code",
                   (guint)TEXT_MAX);
      return NULL;
    }
  if (!g_str_has_prefix (text, SCHEME))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected a text that begins with %s", SCHEME);
      return NULL;
    }
  g_auto (GStrv) fields = g_strsplit (text + strlen (SCHEME), ";", -1);
  if (g_strv_length (fields) != N_FIELDS)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected %d fields of a QR code, got %u", N_FIELDS,
                   g_strv_length (fields));
      return NULL;
    }
  g_autoptr (XimSafety) safety = g_new0 (XimSafety, 1);
  if (!decode_side (fields, &safety->sides[0], error)
      || !decode_side (fields + N_FIELDS / 2, &safety->sides[1], error))
    return NULL;
  g_autofree char *again = xim_safety_encode (safety);
  if (strcmp (again, text) == 0
      && strcmp (safety->sides[0].jid, safety->sides[1].jid) < 0)
    return g_steal_pointer (&safety);
  g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                       "expected two addresses in ascending order, encoded as "
                       "a QR code has them");
  return NULL;
}

static const XimSafetySide *
find_side (const XimSafety *safety, const char *jid)
{
  for (guint i = 0; i < G_N_ELEMENTS (safety->sides); i++)
    if (strcmp (safety->sides[i].jid, jid) == 0)
      return &safety->sides[i];
  return NULL;
}

gboolean
xim_safety_is_same (const XimSafety *one, const XimSafety *other,
                    const char *jid)
{
  const XimSafetySide *a = find_side (one, jid);
  const XimSafetySide *b = find_side (other, jid);
  return a != NULL && b != NULL && a->version == b->version
         && memcmp (a->hash.bytes, b->hash.bytes, sizeof a->hash.bytes) == 0;
}

gboolean
xim_safety_is_about (const XimSafety *safety, const char *jid)
{
  return find_side (safety, jid) != NULL;
}

void
xim_safety_free (XimSafety *safety)
{
  if (safety == NULL)
    return;
  g_free (safety->sides[0].jid);
  g_free (safety->sides[1].jid);
  g_free (safety);
}
