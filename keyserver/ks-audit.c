/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Whether what is stored of an account is what was signed and logged. */

#include "config.h"

#include "ks-audit.h"

#include <string.h>

#include "xim-device.h"
#include "xim-error.h"

#include "ks-entries.h"

void
xim_ks_audit_problem (const XimKsAudit *audit, const char *format, ...)
{
  va_list values;
  va_start (values, format);
  g_autofree char *text = g_strdup_vprintf (format, values);
  va_end (values);
  audit->problem (audit->user_data, text);
}

void
xim_ks_audit_claim (XimKsAudit *audit, guint64 leaf, const char *what)
{
  guint32 bit = 1u << leaf % 32;
  if ((g_atomic_int_or (&audit->claimed[leaf / 32], bit) & bit) != 0)
    xim_ks_audit_problem (audit,
                          "%s: entry %" G_GUINT64_FORMAT
                          " is also that of something else",
                          what, leaf);
}

XimKsAuditAccount *
xim_ks_audit_account_new (const char *jid)
{
  XimKsAuditAccount *account = g_new0 (XimKsAuditAccount, 1);
  account->jid = g_strdup (jid);
  account->versions
      = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_ks_record_free);
  return account;
}

void
xim_ks_audit_account_free (XimKsAuditAccount *account)
{
  if (account == NULL)
    return;
  g_free (account->jid);
  g_ptr_array_unref (account->versions);
  g_clear_pointer (&account->devices, g_ptr_array_unref);
  g_clear_pointer (&account->listed, g_array_unref);
  g_free (account);
}

/* One address on its way through the versions. */
typedef struct
{
  XimKsAudit *audit;
  const XimKsAuditAccount *account;
  const XimKsRecord *record;
  char *what;              /* for sentences */
  GPtrArray *notes;        /* of XimAccount, those that could be read */
  XimAccount *newest;      /* of them */
  const XimVrfProof *next; /* of the version before */
} Walk;

static void
tell (const Walk *walk, const char *where, const GError *error)
{
  xim_ks_audit_problem (walk->audit, "%s: %s: %s", walk->what, where,
                        error != NULL ? error->message : "it does not fit");
}

static const XimServer *
newest_server (const XimKsAudit *audit)
{
  return audit->servers->pdata[audit->servers->len - 1];
}

/* @all: or only by the newest key */
static gboolean
has_server_line (const XimKsAudit *audit, const XimNote *note, gboolean all,
                 GError **error)
{
  guint n = all ? audit->servers->len : 1;
  gboolean found = FALSE;
  for (guint i = 0; i < n && !found; i++)
    {
      const XimServer *server
          = audit->servers->pdata[audit->servers->len - 1 - i];
      const XimVerifyKey *key = server->key;
      g_clear_error (error);
      found = xim_note_verify (note, &key, 1, NULL, error);
    }
  return found;
}

static gboolean
has_device_lines (const XimAccount *note, GError **error)
{
  for (guint i = 0; i < note->n_devices; i++)
    {
      const XimAccountDevice *device = &note->devices[i];
      g_autoptr (XimVerifyKey) key
          = xim_verify_key_new_device (&device->id, &device->key);
      const XimVerifyKey *one = key;
      if (!xim_note_verify (note->note, &one, 1, NULL, error))
        return FALSE;
    }
  return TRUE;
}

/* The first version that is there is version 1, or a reset after an erasure;
 * each other one continues the one before or is a reset. */
static void
check_chain (const Walk *walk, const XimAccount *note)
{
  g_autoptr (GError) error = NULL;
  XimRelation relation;
  if (walk->newest == NULL)
    {
      if (note->version != 1 && !note->reset)
        tell (walk, "expected version 1 or a reset first", NULL);
      else if (!has_device_lines (note, &error))
        tell (walk, "a device's line", error);
      return;
    }
  const XimAccountHistory known = {
    .newest = walk->newest,
    .older = (const XimAccount *const *)walk->notes->pdata,
    .n_older = walk->notes->len,
  };
  if (note->version != walk->newest->version + 1)
    tell (walk, "a version is missing before it", NULL);
  else if (!xim_account_check_step (note, &known, &relation, &error))
    tell (walk, "the chain", error);
}

static gboolean
decode_entry (const Walk *walk, GBytes *bytes, XimEntry *entry, GError **error)
{
  XimEntries entries = { .data = NULL };
  const guint8 *data = NULL;
  gsize len = 0;
  (void)walk;
  entries.data = g_bytes_get_data (bytes, &entries.len);
  return xim_entries_next (&entries, &data, &len, error)
         && xim_entry_decode (data, len, entry, error);
}

static void
check_proofs (const Walk *walk, const XimAccount *note, const XimEntry *entry)
{
  const XimKsLogged *logged = &walk->record->logged;
  const XimVrfPublic *vrf = &newest_server (walk->audit)->vrf;
  g_autoptr (GError) error = NULL;
  XimIndex index, next;
  XimHash commitment;
  xim_entry_commit (&logged->opening, note->text, &commitment);
  if (entry->type != XIM_ENTRY_ACCOUNT)
    tell (walk, "its entry is that of a server note", NULL);
  else if (entry->flags != xim_entry_account_flags (note))
    tell (walk, "the flags of its entry", NULL);
  else if (memcmp (&commitment, &entry->commitment, sizeof commitment) != 0)
    tell (walk, "the commitment of its entry", NULL);
  else if (!xim_entry_verify (vrf, note->jid, note->version, &logged->proof,
                              &index, &error))
    tell (walk, "the proof of its index", error);
  else if (memcmp (&index, &entry->index, sizeof index) != 0)
    tell (walk, "the index of its entry", NULL);
  if (walk->next != NULL
      && memcmp (walk->next, &logged->proof, sizeof logged->proof) != 0
      && !xim_entry_verify (vrf, note->jid, note->version, walk->next, &next,
                            &error))
    tell (walk, "the proof that the version before had of it", error);
}

static void
check_log (const Walk *walk, const XimAccount *note)
{
  const XimKsRecord *record = walk->record;
  g_autoptr (GError) error = NULL;
  XimEntry entry;
  if (!record->is_logged || record->logged.leaf >= walk->audit->size)
    {
      tell (walk, "it is not in the log", NULL);
      return;
    }
  xim_ks_audit_claim (walk->audit, record->logged.leaf, walk->what);
  g_autoptr (GBytes) bytes = xim_ks_entries_read (
      walk->audit->store, record->logged.leaf, 1, &error);
  if (bytes == NULL || !decode_entry (walk, bytes, &entry, &error))
    tell (walk, "its entry", error);
  else
    check_proofs (walk, note, &entry);
}

static XimAccount *
read_note (const Walk *walk)
{
  g_autoptr (GError) error = NULL;
  const char *text = walk->record->note;
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), &error);
  g_autoptr (XimAccount) account
      = note != NULL ? xim_account_decode (note, &error) : NULL;
  if (account == NULL)
    {
      tell (walk, "its note", error);
      return NULL;
    }
  if (strcmp (account->jid, walk->account->jid) != 0
      || account->version != walk->record->version
      || memcmp (&account->hash, &walk->record->hash, sizeof (XimHash)) != 0)
    {
      tell (walk, "its note is another one than its row says", NULL);
      return NULL;
    }
  return g_steal_pointer (&account);
}

static void
check_version (Walk *walk, gboolean is_newest)
{
  g_autoptr (GError) error = NULL;
  XimAccount *note = read_note (walk);
  if (note == NULL)
    return;
  if (!has_server_line (walk->audit, note->note, !is_newest, &error))
    tell (walk, "the countersignature", error);
  check_chain (walk, note);
  check_log (walk, note);
  if (walk->newest != NULL)
    g_ptr_array_add (walk->notes, walk->newest);
  walk->newest = note;
  walk->next = &walk->record->logged.next;
}

/* What the newest version says of the one that is to come. */
static void
check_next (const Walk *walk)
{
  g_autoptr (GError) error = NULL;
  XimIndex index;
  if (walk->newest != NULL && walk->record->is_logged
      && !xim_entry_verify (&newest_server (walk->audit)->vrf,
                            walk->newest->jid, walk->newest->version + 1,
                            walk->next, &index, &error))
    tell (walk, "the proof of the next index", error);
}

static gboolean
check_device (const Walk *walk, const XimKsDeviceRow *row, GError **error)
{
  g_autoptr (XimNote) note
      = xim_note_decode (row->note, strlen (row->note), error);
  g_autoptr (XimDevice) device
      = note != NULL ? xim_device_decode (note, error) : NULL;
  if (device == NULL)
    return FALSE;
  const XimAccountDevice *listed = xim_account_find (walk->newest, &row->id);
  if (listed == NULL || device->serial != row->serial
      || xim_device_id_compare (&device->id, &row->id) != 0
      || strcmp (device->jid, walk->account->jid) != 0)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
                   "it is of another device than its row says");
      return FALSE;
    }
  g_autoptr (XimVerifyKey) key
      = xim_verify_key_new_device (&listed->id, &listed->key);
  const XimVerifyKey *keys[] = { key };
  return xim_note_verify (note, keys, 1, NULL, error)
         && has_server_line (walk->audit, note, FALSE, error);
}

static void
check_devices (const Walk *walk)
{
  g_atomic_int_add (&walk->audit->n_devices,
                    (gint)walk->account->devices->len);
  if (walk->account->devices->len != walk->newest->n_devices)
    tell (walk, "not every device has a note", NULL);
  for (guint i = 0; i < walk->account->devices->len; i++)
    {
      const XimKsDeviceRow *row = walk->account->devices->pdata[i];
      g_autoptr (GError) error = NULL;
      if (!check_device (walk, row, &error))
        tell (walk, "a device note", error);
    }
}

static gboolean
is_kept (const GArray *listed, const XimAccountDevice *device)
{
  for (guint i = 0; i < listed->len; i++)
    if (memcmp (&g_array_index (listed, XimAccountDevice, i), device,
                sizeof *device)
        == 0)
      return TRUE;
  return FALSE;
}

/* Every key that was ever listed is kept, so that it does not come back. */
static void
check_keys (const Walk *walk)
{
  const GArray *listed = walk->account->listed;
  g_atomic_int_add (&walk->audit->n_keys, (gint)listed->len);
  for (guint i = 0; i <= walk->notes->len; i++)
    {
      const XimAccount *note
          = i < walk->notes->len ? walk->notes->pdata[i] : walk->newest;
      for (guint j = 0; j < note->n_devices; j++)
        if (!is_kept (listed, &note->devices[j]))
          tell (walk, "a key that was listed is not kept", NULL);
    }
}

void
xim_ks_audit_account (XimKsAudit *audit, const XimKsAuditAccount *account)
{
  Walk walk = {
    .audit = audit,
    .account = account,
    .notes = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_account_free),
  };
  for (guint i = 0; i < account->versions->len; i++)
    {
      walk.record = account->versions->pdata[i];
      g_free (walk.what);
      walk.what = g_strdup_printf ("%s version %u", account->jid,
                                   walk.record->version);
      check_version (&walk, i + 1 == account->versions->len);
    }
  if (walk.newest != NULL)
    {
      check_next (&walk);
      check_devices (&walk);
      check_keys (&walk);
    }
  xim_account_free (walk.newest);
  g_ptr_array_unref (walk.notes);
  g_free (walk.what);
}
