/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Account notes: who the devices of a member are. */

#include "config.h"

#include "xim-account.h"

#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"
#include "xim-note-reader.h"

#define KEY_TYPE "ed25519"

/* Every device whose line can count: those listed and those of before. */
#define SIGNERS_MAX (2 * XIM_DEVICES_MAX)

const char *
xim_relation_word (XimRelation relation)
{
  static const char *const words[] = {
    [XIM_RELATION_NEW] = "new",
    [XIM_RELATION_UNCHANGED] = "unchanged",
    [XIM_RELATION_CONTINUED] = "continued",
    [XIM_RELATION_RESET] = "reset",
  };
  g_return_val_if_fail ((guint)relation < G_N_ELEMENTS (words), NULL);
  return words[relation];
}

static gboolean
key_equal (const XimEd25519Public *a, const XimEd25519Public *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static gboolean
read_reset (XimNoteReader *reader, gboolean *out, GError **error)
{
  const char *value;
  gsize len;
  if (!xim_note_reader_line (reader, "reset", &value, &len, error))
    return FALSE;
  gboolean yes = len == 3 && memcmp (value, "yes", 3) == 0;
  if (!yes && (len != 2 || memcmp (value, "no", 2) != 0))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                   "expected \"reset yes\" or \"reset no\", got \"%.*s\"",
                   (int)len, value);
      return FALSE;
    }
  *out = yes;
  return TRUE;
}

/* Ids rise, so only keys can still come twice. */
static gboolean
check_device_order (const XimAccount *self, const XimAccountDevice *device,
                    GError **error)
{
  if (self->n_devices > 0
      && xim_device_id_compare (&self->devices[self->n_devices - 1].id,
                                &device->id)
             >= 0)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected devices in ascending order of their "
                           "ids, each once");
      return FALSE;
    }
  for (guint i = 0; i < self->n_devices; i++)
    if (key_equal (&self->devices[i].key, &device->key))
      {
        g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                             "expected a key of its own for each device");
        return FALSE;
      }
  return TRUE;
}

static gboolean
read_device (XimAccount *self, XimNoteReader *reader, GError **error)
{
  XimAccountDevice device;
  if (!xim_note_reader_device (reader, "device", &device.id, KEY_TYPE,
                               device.key.bytes, error))
    return FALSE;
  if (self->n_devices == XIM_DEVICES_MAX)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE,
                   "expected at most %d devices, got more", XIM_DEVICES_MAX);
      return FALSE;
    }
  if (!check_device_order (self, &device, error))
    return FALSE;
  self->devices[self->n_devices++] = device;
  return TRUE;
}

static gboolean
read_text (XimAccount *self, GError **error)
{
  XimNoteReader reader = { self->text };
  if (!xim_note_reader_title (&reader, "account", error)
      || !xim_note_reader_jid (&reader, "jid", &self->jid, error)
      || !xim_note_reader_number (&reader, "version", &self->version, error)
      || !xim_note_reader_previous (&reader, self->version, &self->previous,
                                    error)
      || !xim_note_reader_time (&reader, "time", &self->time_s, error)
      || !read_reset (&reader, &self->reset, error))
    return FALSE;
  self->has_previous = self->version > 1;
  if (self->reset && self->version == 1)
    {
      g_set_error_literal (error, XIM_ERROR, XIM_ERROR_MALFORMED,
                           "expected \"reset no\" in version 1");
      return FALSE;
    }
  do
    {
      if (!read_device (self, &reader, error))
        return FALSE;
    }
  while (xim_note_reader_peek (&reader, "device"));
  return xim_note_reader_end (&reader, error);
}

static gboolean
check_keys (const XimAccount *self, GError **error)
{
  for (guint i = 0; i < self->n_devices; i++)
    if (!xim_crypto_ed25519_check (&self->devices[i].key, error))
      return FALSE;
  return TRUE;
}

static XimAccount *
decode (const char *text, gboolean (*check) (const XimAccount *, GError **),
        GError **error)
{
  g_autoptr (XimAccount) self = g_new0 (XimAccount, 1);
  self->text = g_strdup (text);
  if (!read_text (self, error) || (check != NULL && !check (self, error)))
    {
      g_prefix_error (error, "account note: ");
      return NULL;
    }
  const XimPiece piece = { self->text, strlen (self->text) };
  xim_crypto_sha256 (&piece, 1, &self->hash);
  return g_steal_pointer (&self);
}

XimAccount *
xim_account_decode_text (const char *text, GError **error)
{
  return decode (text, check_keys, error);
}

XimAccount *
xim_account_decode_form (const char *text, GError **error)
{
  return decode (text, NULL, error);
}

XimAccount *
xim_account_decode (const XimNote *note, GError **error)
{
  XimAccount *self = xim_account_decode_text (xim_note_text (note), error);
  if (self != NULL)
    self->note = xim_note_copy (note);
  return self;
}

static void
append_device (GString *text, const XimAccountDevice *device)
{
  g_autofree char *id
      = xim_codec_hex_encode (device->id.bytes, sizeof device->id.bytes);
  g_autofree char *key
      = xim_codec_base64_encode (device->key.bytes, sizeof device->key.bytes);
  g_string_append_printf (text, "device %s " KEY_TYPE " %s\n", id, key);
}

char *
xim_account_encode (const XimAccount *account)
{
  g_autofree char *previous
      = account->has_previous ? xim_codec_base64_encode (
            account->previous.bytes, sizeof account->previous.bytes)
                              : g_strdup ("-");
  g_autofree char *time = xim_codec_time_encode (account->time_s);
  GString *text = g_string_new ("x-im account v1\n");
  g_string_append_printf (text,
                          "jid %s\nversion %u\nprevious %s\ntime %s\n"
                          "reset %s\n",
                          account->jid, account->version, previous, time,
                          account->reset ? "yes" : "no");
  for (guint i = 0; i < account->n_devices; i++)
    append_device (text, &account->devices[i]);
  return g_string_free (text, FALSE);
}

XimAccount *
xim_account_copy (const XimAccount *account)
{
  XimAccount *copy = g_new (XimAccount, 1);
  *copy = *account;
  copy->jid = g_strdup (account->jid);
  copy->text = g_strdup (account->text);
  copy->note = account->note != NULL ? xim_note_copy (account->note) : NULL;
  return copy;
}

void
xim_account_free (XimAccount *account)
{
  if (account == NULL)
    return;
  g_free (account->jid);
  g_free (account->text);
  xim_note_free (account->note);
  g_free (account);
}

const XimAccountDevice *
xim_account_find (const XimAccount *account, const XimDeviceId *id)
{
  for (guint i = 0; i < account->n_devices; i++)
    if (xim_device_id_compare (&account->devices[i].id, id) == 0)
      return &account->devices[i];
  return NULL;
}

/* Whether @account lists @device, id and key. */
static gboolean
lists (const XimAccount *account, const XimAccountDevice *device)
{
  const XimAccountDevice *found = xim_account_find (account, &device->id);
  return found != NULL && key_equal (&found->key, &device->key);
}

/* Puts the devices of @account and those of @before that it does not list
 * into @out, at most SIGNERS_MAX, and returns how many they are. */
static guint
collect_signers (const XimAccount *account, const XimAccount *before,
                 XimAccountDevice *out)
{
  guint n = account->n_devices;
  memcpy (out, account->devices, n * sizeof *out);
  for (guint i = 0; before != NULL && i < before->n_devices; i++)
    if (!lists (account, &before->devices[i]))
      out[n++] = before->devices[i];
  return n;
}

static GPtrArray *
make_keys (const XimAccountDevice *devices, guint n_devices)
{
  GPtrArray *keys
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_verify_key_free);
  for (guint i = 0; i < n_devices; i++)
    g_ptr_array_add (
        keys, xim_verify_key_new_device (&devices[i].id, &devices[i].key));
  return keys;
}

/* Version 1 and a reset are signed by all; a successor by those it adds. */
static gboolean
must_sign (const XimAccount *account, const XimAccount *before,
           const XimAccountDevice *device)
{
  if (account->version == 1 || account->reset)
    return TRUE;
  return before != NULL && account->version - 1 == before->version
         && !lists (before, device);
}

static gboolean
check_signers (const XimAccount *account, const XimAccount *before,
               guint64 good, GError **error)
{
  for (guint i = 0; i < account->n_devices; i++)
    {
      const XimAccountDevice *device = &account->devices[i];
      if ((good >> i & 1) == 1 || !must_sign (account, before, device))
        continue;
      char name[XIM_DEVICE_NAME_LEN + 1];
      xim_device_id_name (&device->id, name);
      g_set_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                   "expected the line of the added device %s", name);
      return FALSE;
    }
  return TRUE;
}

/* @server: NULL at the keyserver, which has not signed yet
 * @before_signed: (out): whether a device of @before did */
static gboolean
check_signatures (const XimAccount *account, const XimAccount *before,
                  const XimVerifyKey *server, gboolean *before_signed,
                  GError **error)
{
  XimAccountDevice signers[SIGNERS_MAX];
  guint n = collect_signers (account, before, signers);
  g_autoptr (GPtrArray) keys = make_keys (signers, n);
  if (server != NULL)
    g_ptr_array_add (keys, xim_verify_key_copy (server));
  guint64 good;
  if (!xim_note_verify (account->note,
                        (const XimVerifyKey *const *)keys->pdata, keys->len,
                        &good, error))
    return FALSE;
  if (server != NULL && (good >> n & 1) == 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE,
                   "expected the line of the keyserver %s", server->name);
      return FALSE;
    }
  if (!check_signers (account, before, good, error))
    return FALSE;
  *before_signed = FALSE;
  for (guint i = 0; before != NULL && i < n; i++)
    if ((good >> i & 1) == 1 && lists (before, &signers[i]))
      *before_signed = TRUE;
  return TRUE;
}

/* Whether @account lists the id or the key of @device. */
static gboolean
knows (const XimAccount *account, const XimAccountDevice *device)
{
  for (guint i = 0; i < account->n_devices; i++)
    if (xim_device_id_compare (&account->devices[i].id, &device->id) == 0
        || key_equal (&account->devices[i].key, &device->key))
      return TRUE;
  return FALSE;
}

static gboolean
history_knows (const XimAccountHistory *known, const XimAccountDevice *device)
{
  if (knows (known->newest, device))
    return TRUE;
  for (guint i = 0; i < known->n_older; i++)
    if (knows (known->older[i], device))
      return TRUE;
  return FALSE;
}

/* What was ever removed does not come back: an id and a key that any version
 * knows may stand in a successor only together, and only if they stand in the
 * version directly before; in a reset not even then. */
static gboolean
check_devices_fresh (const XimAccount *account, const XimAccountHistory *known,
                     GError **error)
{
  for (guint i = 0; i < account->n_devices; i++)
    {
      const XimAccountDevice *device = &account->devices[i];
      if (!account->reset && lists (known->newest, device))
        continue;
      if (!history_knows (known, device))
        continue;
      char name[XIM_DEVICE_NAME_LEN + 1];
      xim_device_id_name (&device->id, name);
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected a new id and key, got %s, which an earlier "
                   "version has",
                   name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_version (const XimAccount *account, const XimAccount *before,
               gboolean may_skip, GError **error)
{
  gboolean follows = account->version - 1 == before->version;
  if (!follows && (!may_skip || account->version <= before->version))
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected the version after %u, got %u", before->version,
                   account->version);
      return FALSE;
    }
  if (follows
      && memcmp (account->previous.bytes, before->hash.bytes,
                 sizeof before->hash.bytes)
             != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected version %u to follow the known version %u, got "
                   "another hash",
                   account->version, before->version);
      return FALSE;
    }
  return TRUE;
}

/* @may_skip: whether versions may lie between the known one and this */
static gboolean
check_chain (const XimAccount *account, const XimAccountHistory *known,
             gboolean before_signed, gboolean may_skip, XimRelation *relation,
             GError **error)
{
  if (!check_version (account, known->newest, may_skip, error))
    return FALSE;
  if (!account->reset && !before_signed)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected the line of a device of version %u",
                   known->newest->version);
      return FALSE;
    }
  if (!check_devices_fresh (account, known, error))
    return FALSE;
  *relation = account->reset ? XIM_RELATION_RESET : XIM_RELATION_CONTINUED;
  return TRUE;
}

static gboolean
check_jid (const XimAccount *account, const char *jid, GError **error)
{
  if (strcmp (account->jid, jid) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected the account note of %s, got that of %s", jid,
               account->jid);
  return FALSE;
}

static gboolean
is_same (const XimAccount *account, const XimAccount *before)
{
  return before != NULL && strcmp (account->text, before->text) == 0;
}

gboolean
xim_account_check_client (const XimAccount *account, const char *jid,
                          const XimVerifyKey *server,
                          const XimAccountHistory *known,
                          XimRelation *relation, GError **error)
{
  g_return_val_if_fail (account->note != NULL && server != NULL, FALSE);
  const XimAccount *before = known->newest;
  gboolean before_signed;
  if (!check_jid (account, jid, error)
      || !check_signatures (account, before, server, &before_signed, error))
    return FALSE;
  if (before != NULL && !is_same (account, before))
    return check_chain (account, known, before_signed, account->reset,
                        relation, error);
  *relation = before == NULL ? XIM_RELATION_NEW : XIM_RELATION_UNCHANGED;
  return TRUE;
}

gboolean
xim_account_check_step (const XimAccount *account,
                        const XimAccountHistory *known, XimRelation *relation,
                        GError **error)
{
  g_return_val_if_fail (account->note != NULL && known->newest != NULL, FALSE);
  gboolean before_signed;
  return check_jid (account, known->newest->jid, error)
         && check_signatures (account, known->newest, NULL, &before_signed,
                              error)
         && check_chain (account, known, before_signed, FALSE, relation,
                         error);
}

static gboolean
check_time (const XimAccount *account, gint64 now_s, GError **error)
{
  gint64 off_s = account->time_s - now_s;
  if (off_s >= -XIM_CLOCK_SKEW_S && off_s <= XIM_CLOCK_SKEW_S)
    return TRUE;
  g_set_error (
      error, XIM_ERROR, XIM_ERROR_EXPIRED,
      "expected a time at most %d s from this clock, got %" G_GINT64_FORMAT
      " s",
      XIM_CLOCK_SKEW_S, off_s);
  return FALSE;
}

gboolean
xim_account_check_server (const XimAccount *account,
                          const XimAccountHistory *known, gint64 now_s,
                          XimRelation *relation, GError **error)
{
  g_return_val_if_fail (account->note != NULL, FALSE);
  const XimAccount *before = known->newest;
  gboolean before_signed;
  if (before != NULL && !check_jid (account, before->jid, error))
    return FALSE;
  if (!check_signatures (account, before, NULL, &before_signed, error))
    return FALSE;
  if (is_same (account, before))
    {
      *relation = XIM_RELATION_UNCHANGED;
      return TRUE;
    }
  if (!check_time (account, now_s, error))
    return FALSE;
  if (before != NULL)
    return check_chain (account, known, before_signed, FALSE, relation, error);
  if (account->version != 1)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
                   "expected version 1 of an unknown account, got %u",
                   account->version);
      return FALSE;
    }
  *relation = XIM_RELATION_NEW;
  return TRUE;
}

gboolean
xim_account_needs_proof (const XimAccount *account)
{
  return account->version == 1 || account->reset;
}

static int
compare_devices (const void *a, const void *b)
{
  const XimAccountDevice *first = a, *second = b;
  int order = xim_device_id_compare (&first->id, &second->id);
  return order != 0 ? order
                    : memcmp (first->key.bytes, second->key.bytes,
                              sizeof first->key.bytes);
}

void
xim_account_keep_lines (const XimAccount *account, const XimAccount *before,
                        XimNote *note)
{
  XimAccountDevice signers[SIGNERS_MAX];
  guint n = collect_signers (account, before, signers);
  qsort (signers, n, sizeof *signers, compare_devices);
  g_autoptr (GPtrArray) keys = make_keys (signers, n);
  xim_note_keep (note, (const XimVerifyKey *const *)keys->pdata, keys->len);
}
