/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Bundles, judged by what was seen of their address before. */

#include "config.h"

#include "judge.h"

/* What was seen, decoded. */
typedef struct
{
  GPtrArray *accounts; /* of XimAccount, ascending by version */
  GPtrArray *devices;  /* of XimDevice */
} Seen;

static void
seen_clear (Seen *seen)
{
  g_clear_pointer (&seen->accounts, g_ptr_array_unref);
  g_clear_pointer (&seen->devices, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

static void
account_free (gpointer account)
{
  xim_account_free (account);
}

static void
device_free (gpointer device)
{
  xim_device_free (device);
}

static gboolean
load_accounts (XimStore *store, const char *jid, GPtrArray *out,
               GError **error)
{
  g_autoptr (GPtrArray) texts = NULL;
  if (!xim_store_load_versions (store, jid, &texts, error))
    return FALSE;
  for (guint i = 0; i < texts->len; i++)
    {
      XimAccount *account
          = xim_account_decode_text (g_ptr_array_index (texts, i), error);
      if (account == NULL)
        return FALSE;
      g_ptr_array_add (out, account);
    }
  return TRUE;
}

static gboolean
load_devices (XimStore *store, const char *jid, GPtrArray *out, GError **error)
{
  g_autoptr (GPtrArray) texts = NULL;
  if (!xim_store_load_seen_devices (store, jid, &texts, error))
    return FALSE;
  for (guint i = 0; i < texts->len; i++)
    {
      XimDevice *device
          = xim_device_decode_text (g_ptr_array_index (texts, i), error);
      if (device == NULL)
        return FALSE;
      g_ptr_array_add (out, device);
    }
  return TRUE;
}

static gboolean
load_seen (XimStore *store, const char *jid, Seen *seen, GError **error)
{
  seen->accounts = g_ptr_array_new_with_free_func (account_free);
  seen->devices = g_ptr_array_new_with_free_func (device_free);
  if (load_accounts (store, jid, seen->accounts, error)
      && load_devices (store, jid, seen->devices, error))
    return TRUE;
  /* What is on our own disk is never the keyserver's fault. */
  g_prefix_error (error, "what was seen of %s: ", jid);
  if (error != NULL && *error != NULL)
    (*error)->code = XIM_ERROR_STORE;
  return FALSE;
}

static void
fill_known (const XimJudge *judge, const Seen *seen, XimKnown *known)
{
  guint n = seen->accounts->len;
  if (n > 0)
    {
      known->history.newest = g_ptr_array_index (seen->accounts, n - 1);
      known->history.older = (const XimAccount *const *)seen->accounts->pdata;
      known->history.n_older = n - 1;
    }
  known->devices = (const XimDevice *const *)seen->devices->pdata;
  known->n_devices = seen->devices->len;
  known->walked = judge->walked;
  if (judge->between != NULL)
    {
      known->between = (const XimAccount *const *)judge->between->pdata;
      known->n_between = judge->between->len;
    }
}

static XimVerified *
verify (const XimJudge *judge, const XimBundle *bundle, GError **error)
{
  g_auto (Seen) seen = { 0 };
  XimKnown known = { 0 };
  if (!load_seen (judge->store, judge->jid, &seen, error))
    return NULL;
  fill_known (judge, &seen, &known);
  g_autoptr (XimVerifyKey) log = xim_server_log_key (judge->server);
  XimPin pin = {
    .domain = judge->server->domain,
    .server = judge->server->key,
    .log = log,
    .vrf = judge->server->vrf,
  };
  return xim_verify_bundle (bundle, &pin, judge->jid, &known, judge->now_s,
                            error);
}

XimVerified *
xim_judge_bundle (XimStore *store, const XimServer *server, const char *jid,
                  const char *json, gsize len, gint64 now_s, GError **error)
{
  const XimJudge judge
      = { .store = store, .server = server, .jid = jid, .now_s = now_s };
  g_autoptr (XimBundle) bundle = xim_bundle_decode (json, len, error);
  return bundle != NULL ? verify (&judge, bundle, error) : NULL;
}

static XimBundle *
decode (GBytes *json, GError **error)
{
  gsize len = 0;
  const char *data = g_bytes_get_data (json, &len);
  return xim_bundle_decode (data, len, error);
}

XimVerified *
xim_judge_walked (const XimJudge *judge, GBytes *json, GError **error)
{
  g_autoptr (XimBundle) bundle = decode (json, error);
  return bundle != NULL ? verify (judge, bundle, error) : NULL;
}

gboolean
xim_judge_gap (const XimJudge *judge, GBytes *json, XimAccount **newest,
               guint32 *known)
{
  g_autoptr (GPtrArray) history = NULL;
  g_autoptr (XimBundle) bundle = decode (json, NULL);
  if (bundle == NULL
      || !xim_judge_history (judge->store, judge->jid, &history, NULL)
      || history->len == 0)
    return FALSE;
  const XimAccount *before = g_ptr_array_index (history, history->len - 1);
  if (bundle->account->version <= before->version)
    return FALSE;
  *newest = xim_account_copy (bundle->account);
  *known = before->version;
  return TRUE;
}

gboolean
xim_judge_history (XimStore *store, const char *jid, GPtrArray **out,
                   GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (account_free);
  if (!load_accounts (store, jid, list, error))
    return FALSE;
  *out = g_steal_pointer (&list);
  return TRUE;
}

gint64
xim_judge_clock_off_s (const char *json, gsize len, gint64 now_s)
{
  g_autoptr (XimBundle) bundle = xim_bundle_decode (json, len, NULL);
  return bundle != NULL ? now_s - bundle->current->time_s : 0;
}

gboolean
xim_judge_remember (XimStore *store, const XimVerified *verified,
                    GError **error)
{
  const char *jid = xim_verified_jid (verified);
  const XimAccount *account = xim_verified_account (verified);
  for (guint i = 0; i < xim_verified_n_between (verified); i++)
    {
      const XimAccount *between = xim_verified_between (verified, i);
      if (!xim_store_save_version (store, jid, between->version, between->text,
                                   error))
        return FALSE;
    }
  if (!xim_store_save_version (store, jid, account->version, account->text,
                               error))
    return FALSE;
  for (guint i = 0; i < xim_verified_n_usable (verified); i++)
    {
      const XimDevice *device = xim_verified_usable (verified, i);
      g_autofree char *hex
          = xim_codec_hex_encode (device->id.bytes, sizeof device->id.bytes);
      if (!xim_store_save_seen_device (store, jid, hex, device->serial,
                                       device->text, error))
        return FALSE;
    }
  return TRUE;
}

XimAbsent *
xim_judge_absent (const XimServer *server, const char *jid, GBytes *body,
                  gint64 now_s, GError **error)
{
  gsize len = 0;
  const char *data = g_bytes_get_data (body, &len);
  g_autoptr (XimNote) note = xim_note_decode (data, len, error);
  if (note == NULL)
    return NULL;
  g_autoptr (XimAbsent) absent = xim_absent_decode (note, error);
  if (absent == NULL
      || !xim_absent_check (absent, jid, server->key, now_s, error))
    return NULL;
  return g_steal_pointer (&absent);
}

char *
xim_judge_fingerprint (const XimVerified *verified)
{
  const XimAccount *account = xim_verified_account (verified);
  GString *lines = g_string_new (NULL);
  for (guint i = 0; i < account->n_devices; i++)
    {
      char name[XIM_DEVICE_NAME_LEN + 1];
      xim_device_id_name (&account->devices[i].id, name);
      g_autoptr (XimVerifyKey) key
          = xim_verify_key_new (name, &account->devices[i].key, NULL);
      if (key == NULL)
        continue;
      g_autofree char *fingerprint = xim_verify_key_fingerprint (key);
      if (lines->len > 0)
        g_string_append_c (lines, '\n');
      g_string_append (lines, fingerprint);
    }
  return g_string_free (lines, FALSE);
}
