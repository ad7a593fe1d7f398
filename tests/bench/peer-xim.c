/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* X-IM, from the text to the base64 of a stanza and back. */

#include "config.h"

#include <string.h>

#include "bench.h"
#include "peer.h"
#include "xim-buffer.h"
#include "xim-content.h"
#include "xim-trust-private.h"
#include "xim-unwrapped.h"
#include "xim-verify-private.h"

#define NOW 1795512600
#define DAY 86400
#define BODY "<body xmlns='jabber:client'>"
#define BODY_END "</body>"

/* One device of one person. */
typedef struct
{
  const char *jid;
  XimDeviceId id;
  XimSignKey *key;
  XimKeyring *ring;
  XimVerified *verified;
  XimSession *session;
  XimRecipients *recipients;
  gboolean cold;
} Person;

typedef struct
{
  Person people[2];
} Pair;

static void
must (const GError *error)
{
  if (error != NULL)
    g_error ("bench: X-IM: %s", error->message);
}

static void
person_init (Person *person, const char *jid, guint8 id)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdup_printf ("dev/%02x00000000000000", id);

  person->jid = jid;
  person->id.bytes[0] = id;
  person->key = xim_sign_key_generate (name, &error);
  must (error);
  person->ring = xim_keyring_new (jid, &person->id);
  xim_keyring_add (person->ring, xim_crypto_x25519_generate (), 1, NOW - DAY,
                   NOW + DAY);
  XimAccountDevice listed
      = { person->id, xim_sign_key_public (person->key)->key };
  person->verified = xim_verified_new_unproven (jid, &listed, 1);
  person->session = xim_session_new ();
  person->recipients = xim_recipients_new_unproven ();
}

static void
add_reader (Person *sender, const Person *reader)
{
  xim_recipients_add_unproven (sender->recipients, reader->jid, &reader->id,
                               &xim_keyring_entry (reader->ring, 0)->key);
}

static XimSecret *
content_of (const Person *from, const char *to, const char *text)
{
  static const XimHash hash = { { 1 } };
  g_autoptr (GError) error = NULL;
  XimBuffer *buffer = xim_buffer_new (1000);

  xim_buffer_append_text (buffer, BODY);
  xim_buffer_append_xml_text (buffer, text, strlen (text));
  xim_buffer_append_text (buffer, BODY_END);
  XimSecret *children = xim_buffer_finish (buffer, &error);
  must (error);
  g_autoptr (XimContent) content
      = xim_content_new (from->jid, to, NOW, children);
  xim_content_add_seen (content, from->jid, 1, &hash);
  xim_content_add_seen (content, to, 1, &hash);
  XimSecret *bytes = xim_content_encode (content, &error);
  must (error);
  return bytes;
}

static char *
person_seal (Person *from, const char *to, const char *text)
{
  g_autoptr (GError) error = NULL;
  const XimSender sender = { from->jid, from->id, from->key };
  g_autoptr (XimSecret) content = content_of (from, to, text);

  if (from->cold)
    {
      xim_session_free (from->session);
      from->session = xim_session_new ();
    }
  g_autoptr (GBytes) bytes = xim_envelope_seal (
      from->session, from->recipients, &sender, content, NOW, &error);
  must (error);
  char *sealed = xim_envelope_encode_text (bytes, &error);
  must (error);
  return sealed;
}

static gboolean
never_seen (const XimDigest *digest, gpointer user_data)
{
  (void)digest, (void)user_data;
  return FALSE;
}

static XimContent *
person_open (Person *to, Person *from, const char *sealed)
{
  const XimReplayOps replay = { never_seen, NULL };
  g_autoptr (GError) error = NULL;
  XimEnvelope *envelope
      = xim_envelope_decode_text (sealed, strlen (sealed), &error);
  must (error);
  g_autoptr (XimUnwrapped) unwrapped
      = xim_envelope_unwrap (envelope, to->ring, NOW, &error);
  must (error);
  g_autoptr (XimSecret) bytes = xim_envelope_open (
      unwrapped, from->verified, to->ring, &replay, NOW, &error);
  must (error);
  XimContent *content = xim_content_decode (bytes, &error);
  must (error);
  const XimContentLife life = { NOW - DAY, NOW + DAY };
  xim_content_check (content, from->jid, to->jid, &life, NOW, &error);
  must (error);
  return content;
}

static char *
pair_seal (gpointer state, guint from, const char *text)
{
  Pair *pair = state;
  return person_seal (&pair->people[from], pair->people[1 - from].jid, text);
}

static char *
pair_open (gpointer state, guint to, const char *sealed)
{
  Pair *pair = state;
  g_autoptr (XimContent) content
      = person_open (&pair->people[to], &pair->people[1 - to], sealed);
  const char *body = (const char *)xim_secret_peek (content->children);
  gsize len = xim_secret_len (content->children);
  gsize around = sizeof BODY - 1 + sizeof BODY_END - 1;

  if (len < around)
    bench_refuse ("the content of X-IM");
  return g_strndup (body + sizeof BODY - 1, len - around);
}

BenchPeer *
bench_xim_new (gboolean cold)
{
  Pair *pair = g_new0 (Pair, 1);

  person_init (&pair->people[0], "alice@example.org", 1);
  person_init (&pair->people[1], "bob@example.org", 2);
  for (guint i = 0; i < 2; i++)
    {
      pair->people[i].cold = cold;
      add_reader (&pair->people[i], &pair->people[1 - i]);
      add_reader (&pair->people[i], &pair->people[i]);
    }
  return bench_peer_new ("X-IM", pair, pair_seal, pair_open);
}

/* Senders to the first 1, 10, 100 ... devices, each with its contexts. */
typedef struct
{
  GPtrArray *devices;  /* of Person */
  GHashTable *senders; /* number of devices to Person */
  gboolean cold;
} Fan;

static Person *
sender_to (Fan *fan, guint n)
{
  Person *sender = g_hash_table_lookup (fan->senders, GUINT_TO_POINTER (n));

  if (sender != NULL)
    return sender;
  sender = g_new0 (Person, 1);
  person_init (sender, "alice@example.org", 1);
  sender->cold = fan->cold;
  for (guint i = 0; i < n; i++)
    add_reader (sender, g_ptr_array_index (fan->devices, i));
  add_reader (sender, sender);
  g_hash_table_insert (fan->senders, GUINT_TO_POINTER (n), sender);
  return sender;
}

static char *
fan_seal (gpointer state, guint n, const char *text)
{
  return person_seal (sender_to (state, n), "room@example.org", text);
}

BenchFan *
bench_xim_fan_new (guint n, gboolean cold)
{
  BenchFan *out = g_new0 (BenchFan, 1);
  Fan *fan = g_new0 (Fan, 1);

  fan->devices = g_ptr_array_new ();
  fan->senders = g_hash_table_new (NULL, NULL);
  fan->cold = cold;
  for (guint i = 0; i < n; i++)
    {
      Person *device = g_new0 (Person, 1);
      person_init (device, "bob@example.org", 2);
      device->id.bytes[6] = (guint8)(i >> 8);
      device->id.bytes[7] = (guint8)i;
      g_ptr_array_add (fan->devices, device);
    }
  out->state = fan;
  out->seal = fan_seal;
  return out;
}
