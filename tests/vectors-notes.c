/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The checks of signed notes: signed-note, account-note, device-note,
 * server-note, absent-note, current-note, erase-note; join-code and
 * safety-number. */

#include "config.h"

#include <string.h>

#include "vector-case.h"
#include "xim-absent.h"
#include "xim-codec.h"
#include "xim-current.h"
#include "xim-device.h"
#include "xim-erase.h"
#include "xim-join.h"
#include "xim-safety.h"
#include "xim-server.h"

/* The note that the case is about: its errors are those the case expects. */
static XimNote *
read_note (const VectorCase *vector, GError **error)
{
  if (vector_case_get (vector, "note", error) == NULL)
    return NULL;
  gsize len;
  const char *data = vector_case_bytes (vector, "note", 0, &len);
  return xim_note_decode (data, len, error);
}

/* What a reader knows already; a fault in it is one of the case. */
static XimVerifyKey *
read_vkey (const char *name, const char *vkey, GError **error)
{
  XimVerifyKey *key = xim_verify_key_decode (vkey, error);
  if (key == NULL)
    vector_blame (name, error);
  return key;
}

static XimVerifyKey *
read_server (const VectorCase *vector, GError **error)
{
  const char *vkey = vector_case_get (vector, "server", error);
  return vkey != NULL ? read_vkey ("server", vkey, error) : NULL;
}

static char *
number (guint64 value)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, value);
}

static gboolean
check_signed_note (const VectorCase *vector,
                   VectorResults *results G_GNUC_UNUSED, GError **error)
{
  g_autoptr (GPtrArray) keys
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_verify_key_free);
  guint n = vector_case_count (vector, "vkey");
  for (guint i = 0; i < n; i++)
    {
      const char *vkey = vector_case_bytes (vector, "vkey", i, NULL);
      XimVerifyKey *key = read_vkey ("vkey", vkey, error);
      if (key == NULL)
        return FALSE;
      g_ptr_array_add (keys, key);
    }
  g_autoptr (XimNote) note = read_note (vector, error);
  return note != NULL
         && xim_note_verify (note, (const XimVerifyKey *const *)keys->pdata,
                             keys->len, NULL, error);
}

/* Puts the texts called @name into @out. */
static gboolean
read_accounts (const VectorCase *vector, const char *name, GPtrArray *out,
               GError **error)
{
  for (guint i = 0; i < vector_case_count (vector, name); i++)
    {
      XimAccount *account = xim_account_decode_text (
          vector_case_bytes (vector, name, i, NULL), error);
      if (account == NULL)
        return vector_blame (name, error);
      g_ptr_array_add (out, account);
    }
  return TRUE;
}

static gboolean
offer_account (const VectorCase *vector, const XimAccount *account,
               const XimAccountHistory *known, XimRelation *relation,
               GError **error)
{
  gint64 now_s;
  return vector_case_time (vector, "now", &now_s, error)
         && xim_account_check_server (account, known, now_s, relation, error);
}

static gboolean
take_account (const VectorCase *vector, const XimAccount *account,
              const XimAccountHistory *known, XimRelation *relation,
              GError **error)
{
  g_autoptr (XimVerifyKey) server = read_server (vector, error);
  if (server == NULL)
    return FALSE;
  const char *jid = vector_case_bytes (vector, "jid", 0, NULL);
  if (jid == NULL) /* asked for whatever the newest known note is of */
    jid = known->newest != NULL ? known->newest->jid : account->jid;
  return xim_account_check_client (account, jid, server, known, relation,
                                   error);
}

static gboolean
check_account_note (const VectorCase *vector, VectorResults *results,
                    GError **error)
{
  g_autoptr (GPtrArray) before
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_account_free);
  g_autoptr (GPtrArray) older
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_account_free);
  if (!read_accounts (vector, "before", before, error)
      || !read_accounts (vector, "older", older, error))
    return FALSE;
  g_autoptr (XimNote) note = read_note (vector, error);
  g_autoptr (XimAccount) account
      = note != NULL ? xim_account_decode (note, error) : NULL;
  if (account == NULL)
    return FALSE;
  const XimAccountHistory known
      = { before->len > 0 ? before->pdata[0] : NULL,
          (const XimAccount *const *)older->pdata, older->len };
  gboolean is_client = vector_case_count (vector, "server") > 0;
  XimRelation relation;
  if (!(is_client ? take_account : offer_account) (vector, account, &known,
                                                   &relation, error))
    return FALSE;
  vector_result (results, "version", number (account->version));
  vector_result (results, "relation", g_strdup (xim_relation_word (relation)));
  vector_result (results, "devices", number (account->n_devices));
  vector_result (
      results, "text-sha256",
      xim_codec_hex_encode (account->hash.bytes, sizeof account->hash.bytes));
  return TRUE;
}

/* Takes "ID KEY", both in hex. */
static gboolean
read_listed (const char *value, XimAccountDevice *out, GError **error)
{
  gsize id_len = strcspn (value, " ");
  const char *key = value[id_len] == ' ' ? value + id_len + 1 : "";
  return (xim_codec_hex_decode_exact (value, id_len, out->id.bytes,
                                      sizeof out->id.bytes, error)
          && xim_codec_hex_decode_exact (key, strlen (key), out->key.bytes,
                                         sizeof out->key.bytes, error))
         || vector_blame ("listed", error);
}

static gboolean
read_all_listed (const VectorCase *vector,
                 XimAccountDevice out[XIM_DEVICES_MAX], guint *n,
                 GError **error)
{
  *n = MIN (vector_case_count (vector, "listed"), XIM_DEVICES_MAX);
  for (guint i = 0; i < *n; i++)
    if (!read_listed (vector_case_bytes (vector, "listed", i, NULL), &out[i],
                      error))
      return FALSE;
  return TRUE;
}

static gboolean
read_seen (const VectorCase *vector, XimDevice **out, GError **error)
{
  const char *text = vector_case_bytes (vector, "seen", 0, NULL);
  if (text == NULL)
    return TRUE;
  *out = xim_device_decode_text (text, error);
  return *out != NULL || vector_blame ("seen", error);
}

/* @server: NULL as the keyserver receives it */
static gboolean
judge_device (const VectorCase *vector, const XimDevice *device,
              const XimVerifyKey *server, const XimDevice *seen,
              GError **error)
{
  XimAccountDevice listed[XIM_DEVICES_MAX];
  guint n;
  gint64 now_s;
  const char *jid = vector_case_get (vector, "jid", error);
  if (jid == NULL || !read_all_listed (vector, listed, &n, error)
      || !vector_case_time (vector, "now", &now_s, error))
    return FALSE;
  return server != NULL ? xim_device_check_client (device, jid, listed, n,
                                                   server, seen, now_s, error)
                        : xim_device_check_server (device, jid, listed, n,
                                                   seen, now_s, error);
}

static gboolean
check_device_note (const VectorCase *vector, VectorResults *results,
                   GError **error)
{
  g_autoptr (XimVerifyKey) server = NULL;
  g_autoptr (XimDevice) seen = NULL;
  if (vector_case_count (vector, "server") > 0)
    {
      server = read_server (vector, error);
      if (server == NULL)
        return FALSE;
    }
  if (!read_seen (vector, &seen, error))
    return FALSE;
  g_autoptr (XimNote) note = read_note (vector, error);
  g_autoptr (XimDevice) device
      = note != NULL ? xim_device_decode (note, error) : NULL;
  if (device == NULL || !judge_device (vector, device, server, seen, error))
    return FALSE;
  vector_result (results, "serial", number (device->serial));
  vector_result (
      results, "key",
      xim_codec_hex_encode (device->key.bytes, sizeof device->key.bytes));
  return TRUE;
}

static gboolean
check_server_note (const VectorCase *vector, VectorResults *results,
                   GError **error)
{
  const char *domain = vector_case_get (vector, "domain", error);
  if (domain == NULL)
    return FALSE;
  const char *before = vector_case_bytes (vector, "before", 0, NULL);
  g_autoptr (XimServer) pinned
      = before != NULL ? xim_server_decode_text (before, error) : NULL;
  if (before != NULL && pinned == NULL)
    return vector_blame ("before", error);
  g_autoptr (XimNote) note = read_note (vector, error);
  g_autoptr (XimServer) server
      = note != NULL ? xim_server_decode (note, error) : NULL;
  if (server == NULL || !xim_server_check (server, domain, pinned, error))
    return FALSE;
  vector_result (results, "serial", number (server->serial));
  vector_result (results, "vkey", xim_verify_key_encode (server->key));
  return TRUE;
}

static gboolean
check_absent_note (const VectorCase *vector, VectorResults *results,
                   GError **error)
{
  gint64 now_s;
  g_autoptr (XimVerifyKey) server = read_server (vector, error);
  const char *jid
      = server != NULL ? vector_case_get (vector, "jid", error) : NULL;
  if (jid == NULL || !vector_case_time (vector, "now", &now_s, error))
    return FALSE;
  g_autoptr (XimNote) note = read_note (vector, error);
  g_autoptr (XimAbsent) absent
      = note != NULL ? xim_absent_decode (note, error) : NULL;
  if (absent == NULL || !xim_absent_check (absent, jid, server, now_s, error))
    return FALSE;
  vector_result (results, "size", number (absent->size));
  return TRUE;
}

static gboolean
check_current_note (const VectorCase *vector, VectorResults *results,
                    GError **error)
{
  gint64 now_s;
  g_autoptr (XimVerifyKey) server = read_server (vector, error);
  const char *jid
      = server != NULL ? vector_case_get (vector, "jid", error) : NULL;
  if (jid == NULL || !vector_case_time (vector, "now", &now_s, error))
    return FALSE;
  g_autoptr (XimNote) note = read_note (vector, error);
  g_autoptr (XimCurrent) current
      = note != NULL ? xim_current_decode (note, error) : NULL;
  if (current == NULL
      || !xim_current_check (current, jid, server, now_s, error))
    return FALSE;
  vector_result (results, "version", number (current->version));
  return TRUE;
}

static gboolean
check_erase_note (const VectorCase *vector, VectorResults *results,
                  GError **error)
{
  gint64 now_s;
  const char *before = vector_case_get (vector, "before", error);
  g_autoptr (XimAccount) newest
      = before != NULL ? xim_account_decode_text (before, error) : NULL;
  if (newest == NULL)
    return vector_blame ("before", error);
  if (!vector_case_time (vector, "now", &now_s, error)
      || vector_case_get (vector, "note", error) == NULL)
    return FALSE;
  gsize len;
  const char *data = vector_case_bytes (vector, "note", 0, &len);
  g_autoptr (XimErase) erase = xim_erase_decode (data, len, error);
  if (erase == NULL || !xim_erase_check_server (erase, newest, now_s, error))
    return FALSE;
  vector_result (results, "version", number (erase->version));
  return TRUE;
}

static gboolean
check_join_code (const VectorCase *vector, VectorResults *results,
                 GError **error)
{
  const char *text = vector_case_get (vector, "text", error);
  if (text == NULL)
    return FALSE;
  g_autoptr (XimAccount) account = xim_account_decode_text (text, error);
  if (account == NULL)
    return FALSE;
  char *code = g_malloc (XIM_JOIN_CODE_LEN + 1);
  xim_join_code (account->text, code);
  vector_result (results, "code", code);
  return TRUE;
}

static gboolean
check_safety_number (const VectorCase *vector, VectorResults *results,
                     GError **error)
{
  g_autoptr (GPtrArray) firsts
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_account_free);
  for (guint i = 0; i < vector_case_count (vector, "text"); i++)
    {
      XimAccount *account = xim_account_decode_text (
          vector_case_bytes (vector, "text", i, NULL), error);
      if (account == NULL)
        return FALSE;
      g_ptr_array_add (firsts, account);
    }
  if (firsts->len != 2)
    {
      g_set_error_literal (error, VECTOR_ERROR, 0, "two texts make a number");
      return FALSE;
    }
  const XimAccount *one = firsts->pdata[0];
  const XimAccount *other = firsts->pdata[1];
  char *number = g_malloc (XIM_SAFETY_LEN + 1);
  xim_safety_number (one->text, other->text, number);
  vector_result (results, "number", number);
  return TRUE;
}

const VectorCheck vectors_notes[] = {
  { "signed-note", check_signed_note, { NULL } },
  { "account-note",
    check_account_note,
    { "version", "relation", "devices", "text-sha256" } },
  { "device-note", check_device_note, { "serial", "key" } },
  { "server-note", check_server_note, { "serial", "vkey" } },
  { "absent-note", check_absent_note, { "size" } },
  { "current-note", check_current_note, { "version" } },
  { "erase-note", check_erase_note, { "version" } },
  { "join-code", check_join_code, { "code" } },
  { "safety-number", check_safety_number, { "number" } },
  { NULL, NULL, { NULL } },
};
