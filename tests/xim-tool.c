/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* xim-tool: makes a member's keys and notes for tests.  Not installed, and its
   keys are kept in the clear. */

#include "config.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xim.h"

#include "tests/tool.h"

#define EXIT_USAGE 2

typedef struct
{
  XimDeviceId id;
  XimSignKey *key;
  guint32 serial;
} Device;

/* A member, as one file keeps it between two calls. */
typedef struct
{
  char *jid;
  guint32 version;
  XimHash hash; /* of the text of that version */
  GPtrArray *devices;
} Member;

/* What a test may get wrong on purpose. */
static gint64 time_off_s = 0;
static gboolean bad_signature = FALSE;
static int version_off = 0;
static int serial_off = 0;
static char *other_jid = NULL;
static char *steal_key = NULL; /* state file whose first key to list */
static char *signer = NULL;    /* state file whose first device signs */
static gboolean text_alone = FALSE;

static int first_member = 0; /* of a crowd */

/* What a member who lost everything was told of the account of before. */
static int after_version = 0;
static char *after_hash = NULL;

static void
device_free (Device *device)
{
  xim_sign_key_free (device->key);
  g_free (device);
}

static void
member_free (Member *member)
{
  g_free (member->jid);
  g_ptr_array_unref (member->devices);
  g_free (member);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Member, member_free)

static Member *
member_new (const char *jid)
{
  Member *member = g_new0 (Member, 1);
  member->jid = g_strdup (jid);
  member->devices
      = g_ptr_array_new_with_free_func ((GDestroyNotify)device_free);
  return member;
}

static Device *
device_load (GKeyFile *file, const char *group)
{
  GError *error = NULL;
  Device *device = g_new0 (Device, 1);
  g_autofree char *seed = g_key_file_get_string (file, group, "seed", NULL);
  XimSecret *secret = xim_secret_new (XIM_KEY_LEN);
  if (!xim_codec_hex_decode_exact (group, strlen (group), device->id.bytes,
                                   sizeof device->id.bytes, &error)
      || !xim_codec_base64_decode_exact (
          seed, strlen (seed), xim_secret_data (secret), XIM_KEY_LEN, &error))
    tool_fail (error);
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_name (&device->id, name);
  device->key = xim_sign_key_new (name, secret, &error);
  if (device->key == NULL)
    tool_fail (error);
  device->serial
      = (guint32)g_key_file_get_integer (file, group, "serial", NULL);
  return device;
}

static Member *
member_load (const char *path)
{
  GError *error = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error))
    tool_fail (error);
  g_autofree char *jid = g_key_file_get_string (file, "member", "jid", NULL);
  g_autofree char *hash = g_key_file_get_string (file, "member", "hash", NULL);
  Member *member = member_new (jid);
  member->version
      = (guint32)g_key_file_get_integer (file, "member", "version", NULL);
  if (!xim_codec_base64_decode_exact (hash, strlen (hash), member->hash.bytes,
                                      sizeof member->hash.bytes, &error))
    tool_fail (error);
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    if (strcmp (groups[i], "member") != 0)
      g_ptr_array_add (member->devices, device_load (file, groups[i]));
  return member;
}

static void
member_save (const Member *member, const char *path)
{
  GError *error = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *hash = xim_codec_base64_encode (member->hash.bytes,
                                                   sizeof member->hash.bytes);
  g_key_file_set_string (file, "member", "jid", member->jid);
  g_key_file_set_integer (file, "member", "version", (int)member->version);
  g_key_file_set_string (file, "member", "hash", hash);
  for (guint i = 0; i < member->devices->len; i++)
    {
      const Device *device = member->devices->pdata[i];
      const XimSecret *seed = xim_sign_key_seed (device->key);
      g_autofree char *id
          = xim_codec_hex_encode (device->id.bytes, sizeof device->id.bytes);
      g_autofree char *text = xim_codec_base64_encode (xim_secret_peek (seed),
                                                       xim_secret_len (seed));
      g_key_file_set_string (file, id, "seed", text);
      g_key_file_set_integer (file, id, "serial", (int)device->serial);
    }
  if (!g_key_file_save_to_file (file, path, &error))
    tool_fail (error);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const Device *const *first = a;
  const Device *const *second = b;
  return xim_device_id_compare (&(*first)->id, &(*second)->id);
}

static Device *
add_device (Member *member)
{
  GError *error = NULL;
  Device *device = g_new0 (Device, 1);
  xim_device_id_generate (&device->id);
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_name (&device->id, name);
  if (steal_key != NULL)
    {
      g_autoptr (Member) other = member_load (steal_key);
      const Device *victim = other->devices->pdata[0];
      XimSecret *seed = xim_secret_new (XIM_KEY_LEN);
      memcpy (xim_secret_data (seed),
              xim_secret_peek (xim_sign_key_seed (victim->key)), XIM_KEY_LEN);
      device->key = xim_sign_key_new (name, seed, &error);
    }
  else
    device->key = xim_sign_key_generate (name, &error);
  if (device->key == NULL)
    tool_fail (error);
  g_ptr_array_add (member->devices, device);
  g_ptr_array_sort (member->devices, compare);
  return device;
}

gint64
tool_now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC + time_off_s;
}

/* Turns the last signature into one that does not verify: its first two
 * characters after the key id change places with others. */
static char *
spoil (char *note)
{
  if (bad_signature)
    {
      char *c = note + strlen (note) - 8;
      *c = *c == 'A' ? 'B' : 'A';
    }
  return note;
}

static char *
sign (const char *text, Device *const *signers, guint n)
{
  GError *error = NULL;
  g_autoptr (XimNote) note = xim_note_new (text, &error);
  for (guint i = 0; note != NULL && i < n; i++)
    if (!xim_note_sign (note, signers[i]->key, &error))
      break;
  if (error != NULL)
    tool_fail (error);
  return spoil (xim_note_encode (note));
}

static char *
device_note (const Member *member, Device *device)
{
  g_autoptr (XimSecret) private_key = xim_crypto_x25519_generate ();
  XimDevice note = {
    .jid = other_jid != NULL ? other_jid : member->jid,
    .id = device->id,
    .serial = (guint32)((int)++device->serial + serial_off),
    .created_s = tool_now_s (),
    .expires_s = tool_now_s () + XIM_DEVICE_NOTE_LIFE_S,
  };
  xim_crypto_x25519_public (private_key, &note.key);
  g_autofree char *text = xim_device_encode (&note);
  return sign (text, &device, 1);
}

/* The next account note; @extra signs too (a device that was removed). */
static char *
account_note (Member *member, gboolean reset, Device *extra)
{
  g_autoptr (XimAccount) account = g_new0 (XimAccount, 1);
  account->jid = g_strdup (other_jid != NULL ? other_jid : member->jid);
  account->has_previous = member->version > 0;
  account->previous = member->hash;
  member->version++;
  account->version = (guint32)((int)member->version + version_off);
  account->reset = reset;
  account->time_s = tool_now_s ();
  g_autoptr (GPtrArray) signers = g_ptr_array_new ();
  for (guint i = 0; i < member->devices->len; i++)
    {
      Device *device = member->devices->pdata[i];
      account->devices[account->n_devices].id = device->id;
      account->devices[account->n_devices++].key
          = xim_sign_key_public (device->key)->key;
      g_ptr_array_add (signers, device);
    }
  if (extra != NULL)
    g_ptr_array_add (signers, extra);
  g_autofree char *text = xim_account_encode (account);
  xim_crypto_sha256 (&(XimPiece){ text, strlen (text) }, 1, &member->hash);
  return sign (text, (Device *const *)signers->pdata, signers->len);
}

static char *
make_post (const char *account, const char *device)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "account");
  json_builder_add_string_value (builder, account);
  json_builder_set_member_name (builder, "devices");
  json_builder_begin_array (builder);
  if (device != NULL)
    json_builder_add_string_value (builder, device);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
print_post (const char *account, const char *device)
{
  g_autofree char *text = make_post (account, device);
  printf ("%s", text);
}

/* Many members that are not kept: a line for each with address, digest and
 * POST body, between tabs. */
static void
do_crowd (const char *count, const char *domain)
{
  guint64 first = (guint64)first_member;
  guint64 end = first + g_ascii_strtoull (count, NULL, 10);
  for (guint64 i = first; i < end; i++)
    {
      g_autofree char *jid
          = g_strdup_printf ("member%" G_GUINT64_FORMAT "@%s", i, domain);
      g_autoptr (Member) member = member_new (jid);
      Device *device = add_device (member);
      g_autofree char *account = account_note (member, FALSE, NULL);
      g_autofree char *note = device_note (member, device);
      g_autofree char *post = make_post (account, note);
      g_autofree char *digest = xim_codec_base64_encode (
          member->hash.bytes, sizeof member->hash.bytes);
      printf ("%s\t%s\t%s\n", jid, digest, post);
    }
}

static void
do_enrol (const char *path, const char *jid)
{
  GError *error = NULL;
  g_autoptr (Member) member = member_new (jid);
  member->version = (guint32)after_version;
  if (after_hash != NULL
      && !xim_codec_base64_decode_exact (after_hash, strlen (after_hash),
                                         member->hash.bytes,
                                         sizeof member->hash.bytes, &error))
    tool_fail (error);
  Device *device = add_device (member);
  g_autofree char *account = account_note (member, after_version > 0, NULL);
  g_autofree char *note = device_note (member, device);
  print_post (account, note);
  member_save (member, path);
}

static void
do_add (const char *path, const char *unused)
{
  (void)unused;
  g_autoptr (Member) member = member_load (path);
  Device *device = add_device (member);
  g_autofree char *account = account_note (member, FALSE, NULL);
  g_autofree char *note = device_note (member, device);
  print_post (account, note);
  member_save (member, path);
}

static void
do_remove (const char *path, const char *unused)
{
  (void)unused;
  g_autoptr (Member) member = member_load (path);
  Device *last
      = g_ptr_array_steal_index (member->devices, member->devices->len - 1);
  g_autofree char *account = account_note (member, FALSE, last);
  print_post (account, NULL);
  device_free (last);
  member_save (member, path);
}

static void
do_reset (const char *path, const char *unused)
{
  (void)unused;
  g_autoptr (Member) member = member_load (path);
  g_ptr_array_set_size (member->devices, 0);
  Device *device = add_device (member);
  g_autofree char *account = account_note (member, TRUE, NULL);
  g_autofree char *note = device_note (member, device);
  print_post (account, note);
  member_save (member, path);
}

/* The erase note; the state goes on behind it, for a reset. */
static void
do_erase (const char *path, const char *unused)
{
  (void)unused;
  g_autoptr (Member) member = member_load (path);
  g_autoptr (Member) other = member_load (signer != NULL ? signer : path);
  XimErase erase = {
    .jid = other_jid != NULL ? other_jid : member->jid,
    .version = (guint32)((int)++member->version + version_off),
    .previous = member->hash,
    .time_s = tool_now_s (),
  };
  g_autofree char *text = xim_erase_encode (&erase);
  g_autofree char *note
      = sign (text, (Device *const *)other->devices->pdata, 1);
  xim_crypto_sha256 (&(XimPiece){ text, strlen (text) }, 1, &member->hash);
  printf ("%s", text_alone ? text : note);
  member_save (member, path);
}

static void
do_renew (const char *path, const char *unused)
{
  (void)unused;
  g_autoptr (Member) member = member_load (path);
  g_autofree char *note = device_note (member, member->devices->pdata[0]);
  printf ("%s", note);
  member_save (member, path);
}

static void
do_digest (const char *path, const char *unused)
{
  (void)unused;
  g_autoptr (Member) member = member_load (path);
  g_autofree char *text = xim_codec_base64_encode (member->hash.bytes,
                                                   sizeof member->hash.bytes);
  printf ("%s\n", text);
}

static void
do_device (const char *path, const char *unused)
{
  (void)unused;
  g_autoptr (Member) member = member_load (path);
  const Device *device = member->devices->pdata[0];
  g_autofree char *id
      = xim_codec_hex_encode (device->id.bytes, sizeof device->id.bytes);
  printf ("%s\n", id);
}

typedef struct
{
  const char *name;
  guint n_arguments;
  void (*run) (const char *first, const char *second);
  const char *help;
} Verb;

static const Verb verbs[] = {
  { "enrol", 2, do_enrol, "STATE JID: a new member's POST body" },
  { "add", 1, do_add, "STATE: the POST body that adds a device" },
  { "remove", 1, do_remove, "STATE: the POST body that removes the last" },
  { "reset", 1, do_reset, "STATE: the POST body of a reset" },
  { "erase", 1, do_erase, "STATE: the DELETE body that erases the account" },
  { "renew", 1, do_renew, "STATE: the first device's next note" },
  { "digest", 1, do_digest, "STATE: digest of the newest account text" },
  { "device", 1, do_device, "STATE: id of the first device" },
  { "crowd", 2, do_crowd, "N DOMAIN: lines of address, digest, POST body" },
  { "verify", 2, tool_verify, "SERVER-NOTE JID <BUNDLE" },
  { "verify-all", 1, tool_verify_all, "SERVER-NOTE <lines of JID BUNDLE" },
  { "absent", 2, tool_absent, "VKEY JID <NOTE" },
  { "server", 2, tool_server, "VKEY DOMAIN <NOTE" },
  { "follows", 2, tool_follows, "FILE DOMAIN <NOTE: FILE is the pinned one" },
};

static const GOptionEntry entries[] = {
  { "time-off", 0, 0, G_OPTION_ARG_INT64, &time_off_s,
    "seconds that this clock is off", "S" },
  { "bad-signature", 0, 0, G_OPTION_ARG_NONE, &bad_signature,
    "spoil the last signature of each note", NULL },
  { "version-off", 0, 0, G_OPTION_ARG_INT, &version_off,
    "what to add to the version", "N" },
  { "serial-off", 0, 0, G_OPTION_ARG_INT, &serial_off,
    "what to add to the serial", "N" },
  { "other-jid", 0, 0, G_OPTION_ARG_STRING, &other_jid,
    "write another address into the notes", "JID" },
  { "steal-key", 0, 0, G_OPTION_ARG_FILENAME, &steal_key,
    "list the first key of another member", "STATE" },
  { "signer", 0, 0, G_OPTION_ARG_FILENAME, &signer,
    "sign an erase note with the first device of another member", "STATE" },
  { "text-alone", 0, 0, G_OPTION_ARG_NONE, &text_alone,
    "an erase note without signature lines", NULL },
  { "first", 0, 0, G_OPTION_ARG_INT, &first_member,
    "the number of the first member of a crowd", "N" },
  { "after-version", 0, 0, G_OPTION_ARG_INT, &after_version,
    "enrol by a reset after this version", "N" },
  { "after-hash", 0, 0, G_OPTION_ARG_STRING, &after_hash,
    "... whose text has this hash", "BASE64" },
  { .long_name = NULL },
};

int
main (int argc, char *argv[])
{
  GError *error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("VERB ...");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!xim_secret_init (&error)
      || !g_option_context_parse (context, &argc, &argv, &error))
    tool_fail (error);
  for (guint i = 0; argc > 1 && i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (argv[1], verbs[i].name) == 0
        && (guint)argc == verbs[i].n_arguments + 2)
      {
        verbs[i].run (argv[2], argc > 3 ? argv[3] : NULL);
        return EXIT_SUCCESS;
      }
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    fprintf (stderr, "xim-tool %s %s\n", verbs[i].name, verbs[i].help);
  return EXIT_USAGE;
}
