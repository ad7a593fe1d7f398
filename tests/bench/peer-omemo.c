/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* OMEMO 0.3 by libomemo-c, with stores in memory. */

#include "config.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <string.h>

#include "key_helper.h"
#include "protocol.h"
#include "session_builder.h"
#include "session_cipher.h"
#include "signal_protocol.h"

#include "bench.h"
#include "omemo-provider.h"
#include "peer.h"

#define KEY_LEN 16
#define TAG_LEN 16
#define IV_LEN 12

/* One device: its library context, its keys, what it knows of others. */
typedef struct
{
  signal_context *context;
  signal_protocol_store_context *store;
  ratchet_identity_key_pair *identity;
  signal_protocol_key_helper_pre_key_list_node *pre_keys;
  session_signed_pre_key *signed_pre_key;
  GHashTable *sessions;        /* address to GBytes */
  GHashTable *pre_key_records; /* id to GBytes */
  GBytes *signed_record;
} Device;

static void
must (int result, const char *what)
{
  if (result < 0)
    bench_refuse (what);
}

static char *
address_key (const signal_protocol_address *address)
{
  return g_strdup_printf ("%.*s/%d", (int)address->name_len, address->name,
                          address->device_id);
}

static int
load_session (signal_buffer **record, signal_buffer **user_record,
              const signal_protocol_address *address, void *data)
{
  Device *device = data;
  g_autofree char *key = address_key (address);
  GBytes *bytes = g_hash_table_lookup (device->sessions, key);

  *user_record = NULL;
  if (bytes == NULL)
    return 0;
  *record = signal_buffer_create (g_bytes_get_data (bytes, NULL),
                                  g_bytes_get_size (bytes));
  return 1;
}

static int
store_session (const signal_protocol_address *address, uint8_t *record,
               size_t len, uint8_t *user_record, size_t user_len, void *data)
{
  Device *device = data;
  (void)user_record, (void)user_len;
  g_hash_table_replace (device->sessions, address_key (address),
                        g_bytes_new (record, len));
  return 0;
}

static int
contains_session (const signal_protocol_address *address, void *data)
{
  Device *device = data;
  g_autofree char *key = address_key (address);
  return g_hash_table_contains (device->sessions, key);
}

static int
load_pre_key (signal_buffer **record, uint32_t id, void *data)
{
  Device *device = data;
  GBytes *bytes
      = g_hash_table_lookup (device->pre_key_records, GUINT_TO_POINTER (id));

  if (bytes == NULL)
    return SG_ERR_INVALID_KEY_ID;
  *record = signal_buffer_create (g_bytes_get_data (bytes, NULL),
                                  g_bytes_get_size (bytes));
  return SG_SUCCESS;
}

static int
contains_pre_key (uint32_t id, void *data)
{
  Device *device = data;
  return g_hash_table_contains (device->pre_key_records,
                                GUINT_TO_POINTER (id));
}

static int
remove_pre_key (uint32_t id, void *data)
{
  Device *device = data;
  g_hash_table_remove (device->pre_key_records, GUINT_TO_POINTER (id));
  return 0;
}

static int
load_signed_pre_key (signal_buffer **record, uint32_t id, void *data)
{
  Device *device = data;
  (void)id;
  *record = signal_buffer_create (g_bytes_get_data (device->signed_record, 0),
                                  g_bytes_get_size (device->signed_record));
  return SG_SUCCESS;
}

static int
get_identity (signal_buffer **public_data, signal_buffer **private_data,
              void *data)
{
  Device *device = data;
  must (ec_public_key_serialize (
            public_data,
            ratchet_identity_key_pair_get_public (device->identity)),
        "an identity key");
  must (ec_private_key_serialize (
            private_data,
            ratchet_identity_key_pair_get_private (device->identity)),
        "a private identity key");
  return 0;
}

static int
get_registration (void *data, uint32_t *id)
{
  (void)data;
  *id = 1;
  return 0;
}

static int
save_identity (const signal_protocol_address *address, uint8_t *key,
               size_t len, void *data)
{
  (void)address, (void)key, (void)len, (void)data;
  return 0;
}

static int
trust_identity (const signal_protocol_address *address, uint8_t *key,
                size_t len, void *data)
{
  (void)address, (void)key, (void)len, (void)data;
  return 1;
}

static void
make_stores (Device *device)
{
  signal_protocol_session_store sessions = {
    .load_session_func = load_session,
    .store_session_func = store_session,
    .contains_session_func = contains_session,
    .user_data = device,
  };
  signal_protocol_pre_key_store pre_keys = {
    .load_pre_key = load_pre_key,
    .contains_pre_key = contains_pre_key,
    .remove_pre_key = remove_pre_key,
    .user_data = device,
  };
  signal_protocol_signed_pre_key_store signed_pre_keys = {
    .load_signed_pre_key = load_signed_pre_key,
    .user_data = device,
  };
  signal_protocol_identity_key_store identities = {
    .get_identity_key_pair = get_identity,
    .get_local_registration_id = get_registration,
    .save_identity = save_identity,
    .is_trusted_identity = trust_identity,
    .user_data = device,
  };

  must (signal_protocol_store_context_create (&device->store, device->context),
        "a store");
  signal_protocol_store_context_set_session_store (device->store, &sessions);
  signal_protocol_store_context_set_pre_key_store (device->store, &pre_keys);
  signal_protocol_store_context_set_signed_pre_key_store (device->store,
                                                          &signed_pre_keys);
  signal_protocol_store_context_set_identity_key_store (device->store,
                                                        &identities);
}

static void
make_keys (Device *device, guint n_pre_keys)
{
  signal_buffer *record = NULL;

  must (signal_protocol_key_helper_generate_identity_key_pair (
            &device->identity, device->context),
        "an identity");
  must (signal_protocol_key_helper_generate_pre_keys (
            &device->pre_keys, 1, n_pre_keys, device->context),
        "pre-keys");
  for (signal_protocol_key_helper_pre_key_list_node *node = device->pre_keys;
       node != NULL; node = signal_protocol_key_helper_key_list_next (node))
    {
      session_pre_key *key
          = signal_protocol_key_helper_key_list_element (node);
      must (session_pre_key_serialize (&record, key), "a pre-key");
      g_hash_table_insert (device->pre_key_records,
                           GUINT_TO_POINTER (session_pre_key_get_id (key)),
                           g_bytes_new (signal_buffer_data (record),
                                        signal_buffer_len (record)));
      signal_buffer_free (record);
    }
  must (signal_protocol_key_helper_generate_signed_pre_key (
            &device->signed_pre_key, device->identity, 1, 0, device->context),
        "a signed pre-key");
  must (session_signed_pre_key_serialize (&record, device->signed_pre_key),
        "a signed pre-key's record");
  device->signed_record
      = g_bytes_new (signal_buffer_data (record), signal_buffer_len (record));
  signal_buffer_free (record);
}

static Device *
device_new (guint n_pre_keys)
{
  Device *device = g_new0 (Device, 1);

  device->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify)g_bytes_unref);
  device->pre_key_records = g_hash_table_new_full (
      NULL, NULL, NULL, (GDestroyNotify)g_bytes_unref);
  must (signal_context_create (&device->context, NULL), "libomemo-c");
  must (signal_context_set_crypto_provider (device->context,
                                            &bench_omemo_provider),
        "a provider of primitives");
  make_stores (device);
  make_keys (device, n_pre_keys);
  return device;
}

/* The pre-key @id of @device as somebody fetches it. */
static session_pre_key_bundle *
bundle_of (Device *device, int device_id, guint id)
{
  session_pre_key_bundle *bundle = NULL;
  session_pre_key *key = NULL;
  GBytes *bytes
      = g_hash_table_lookup (device->pre_key_records, GUINT_TO_POINTER (id));

  must (session_pre_key_deserialize (&key, g_bytes_get_data (bytes, NULL),
                                     g_bytes_get_size (bytes),
                                     device->context),
        "a stored pre-key");
  must (session_pre_key_bundle_create (
            &bundle, 1, device_id, id,
            ec_key_pair_get_public (session_pre_key_get_key_pair (key)), 1,
            ec_key_pair_get_public (
                session_signed_pre_key_get_key_pair (device->signed_pre_key)),
            session_signed_pre_key_get_signature (device->signed_pre_key),
            session_signed_pre_key_get_signature_len (device->signed_pre_key),
            ratchet_identity_key_pair_get_public (device->identity)),
        "a bundle");
  SIGNAL_UNREF (key);
  return bundle;
}

/* Base64 of @bytes, wrapped for one device. */
static char *
wrap (Device *from, const signal_protocol_address *to, const guint8 *bytes,
      gsize len, int *type)
{
  session_cipher *cipher = NULL;
  ciphertext_message *message = NULL;

  must (session_cipher_create (&cipher, from->store, to, from->context),
        "a cipher");
  must (session_cipher_encrypt (cipher, bytes, len, &message), "wrapping");
  signal_buffer *out = ciphertext_message_get_serialized (message);
  char *text
      = g_base64_encode (signal_buffer_data (out), signal_buffer_len (out));
  *type = ciphertext_message_get_type (message);
  SIGNAL_UNREF (message);
  session_cipher_free (cipher);
  return text;
}

static signal_buffer *
unwrap (Device *to, const signal_protocol_address *from, const char *text,
        int type)
{
  session_cipher *cipher = NULL;
  signal_buffer *out = NULL;
  gsize len;
  g_autofree guchar *bytes = g_base64_decode (text, &len);

  must (session_cipher_create (&cipher, to->store, from, to->context),
        "a cipher to read");
  if (type == CIPHERTEXT_PREKEY_TYPE)
    {
      pre_key_signal_message *message = NULL;
      must (pre_key_signal_message_deserialize (&message, bytes, len,
                                                to->context),
            "a first message");
      must (session_cipher_decrypt_pre_key_signal_message (cipher, message,
                                                           NULL, &out),
            "reading a first message");
      SIGNAL_UNREF (message);
    }
  else
    {
      signal_message *message = NULL;
      must (signal_message_deserialize (&message, bytes, len, to->context),
            "a message");
      must (
          session_cipher_decrypt_signal_message (cipher, message, NULL, &out),
          "reading a message");
      SIGNAL_UNREF (message);
    }
  session_cipher_free (cipher);
  return out;
}

/* The payload: AES-128-GCM, its key and tag wrapped for every device. */
typedef struct
{
  guint8 key_and_tag[KEY_LEN + TAG_LEN];
  char *payload;
  char *iv;
} Payload;

static void
seal_payload (const char *text, Payload *payload)
{
  gsize len = strlen (text), out_len = len + TAG_LEN;
  guint8 iv[IV_LEN];
  g_autofree guint8 *out = g_malloc (out_len);
  gnutls_datum_t key = { payload->key_and_tag, KEY_LEN };
  gnutls_aead_cipher_hd_t cipher;

  randombytes_buf (payload->key_and_tag, KEY_LEN);
  randombytes_buf (iv, sizeof iv);
  must (gnutls_aead_cipher_init (&cipher, GNUTLS_CIPHER_AES_128_GCM, &key),
        "AES-128-GCM");
  must (gnutls_aead_cipher_encrypt (cipher, iv, sizeof iv, NULL, 0, TAG_LEN,
                                    text, len, out, &out_len),
        "sealing the payload");
  gnutls_aead_cipher_deinit (cipher);
  memcpy (payload->key_and_tag + KEY_LEN, out + len, TAG_LEN);
  payload->payload = g_base64_encode (out, len);
  payload->iv = g_base64_encode (iv, sizeof iv);
}

static char *
open_payload (const guint8 *key_and_tag, const char *iv_text,
              const char *payload_text)
{
  gsize len, iv_len;
  g_autofree guchar *iv = g_base64_decode (iv_text, &iv_len);
  g_autofree guchar *sealed = g_base64_decode (payload_text, &len);
  gsize out_len = len;
  char *out = g_malloc (len + 1);
  gnutls_datum_t key = { (guint8 *)key_and_tag, KEY_LEN };
  gnutls_aead_cipher_hd_t cipher;

  sealed = g_realloc (sealed, len + TAG_LEN);
  memcpy (sealed + len, key_and_tag + KEY_LEN, TAG_LEN);
  must (gnutls_aead_cipher_init (&cipher, GNUTLS_CIPHER_AES_128_GCM, &key),
        "AES-128-GCM to open");
  must (gnutls_aead_cipher_decrypt (cipher, iv, iv_len, NULL, 0, TAG_LEN,
                                    sealed, len + TAG_LEN, out, &out_len),
        "opening the payload");
  gnutls_aead_cipher_deinit (cipher);
  out[len] = '\0';
  return out;
}

static signal_protocol_address
address_of (guint who, int device_id)
{
  static const char *const names[]
      = { "alice@example.org", "bob@example.org" };
  signal_protocol_address address
      = { names[who], strlen (names[who]), device_id };
  return address;
}

typedef struct
{
  Device *devices[2];
} Pair;

static char *
pair_seal (gpointer state, guint from, const char *text)
{
  Pair *pair = state;
  Payload payload;
  signal_protocol_address to = address_of (1 - from, 1);
  int type;

  seal_payload (text, &payload);
  g_autofree char *key = wrap (pair->devices[from], &to, payload.key_and_tag,
                               sizeof payload.key_and_tag, &type);
  char *sealed = g_strdup_printf ("%d\n%s\n%s\n%s", type, key, payload.iv,
                                  payload.payload);
  g_free (payload.iv);
  g_free (payload.payload);
  return sealed;
}

static char *
pair_open (gpointer state, guint to, const char *sealed)
{
  Pair *pair = state;
  signal_protocol_address from = address_of (1 - to, 1);
  g_auto (GStrv) parts = g_strsplit (sealed, "\n", 4);
  signal_buffer *key
      = unwrap (pair->devices[to], &from, parts[1], parts[0][0] - '0');
  char *text = open_payload (signal_buffer_data (key), parts[2], parts[3]);

  signal_buffer_bzero_free (key);
  return text;
}

static void
start_session (Device *from, const signal_protocol_address *to, Device *peer,
               guint pre_key_id)
{
  session_builder *builder = NULL;
  session_pre_key_bundle *bundle = bundle_of (peer, to->device_id, pre_key_id);

  must (session_builder_create (&builder, from->store, to, from->context),
        "a session builder");
  must (session_builder_process_pre_key_bundle (builder, bundle),
        "a new session");
  session_builder_free (builder);
  SIGNAL_UNREF (bundle);
}

BenchPeer *
bench_omemo_new (void)
{
  Pair *pair = g_new0 (Pair, 1);
  signal_protocol_address bob = address_of (1, 1);

  pair->devices[0] = device_new (1);
  pair->devices[1] = device_new (1);
  start_session (pair->devices[0], &bob, pair->devices[1], 1);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *sealed = pair_seal (pair, i % 2, "hello");
      g_autofree char *text = pair_open (pair, 1 - i % 2, sealed);
      g_assert_cmpstr (text, ==, "hello");
    }
  return bench_peer_new ("libomemo-c", pair, pair_seal, pair_open);
}

static char *
fan_seal (gpointer state, guint n, const char *text)
{
  Pair *pair = state;
  GString *out = g_string_new (NULL);
  Payload payload;

  seal_payload (text, &payload);
  for (guint i = 1; i <= n; i++)
    {
      signal_protocol_address to = address_of (1, (int)i);
      int type;
      g_autofree char *key = wrap (pair->devices[0], &to, payload.key_and_tag,
                                   sizeof payload.key_and_tag, &type);
      g_string_append (out, key);
      g_string_append_c (out, '\n');
    }
  g_string_append (out, payload.payload);
  g_free (payload.iv);
  g_free (payload.payload);
  return g_string_free (out, FALSE);
}

/* Each device answers once, as devices do: then messages are short. */
static void
join_device (Pair *pair, int i)
{
  signal_protocol_address to = address_of (1, i), from = address_of (0, i);
  guint8 bytes[KEY_LEN + TAG_LEN] = { 1 };
  int type;

  start_session (pair->devices[0], &to, pair->devices[1], (guint)i);
  g_autofree char *first
      = wrap (pair->devices[0], &to, bytes, sizeof bytes, &type);
  signal_buffer *read = unwrap (pair->devices[1], &from, first, type);
  signal_buffer_free (read);
  g_autofree char *answer
      = wrap (pair->devices[1], &from, bytes, sizeof bytes, &type);
  read = unwrap (pair->devices[0], &to, answer, type);
  signal_buffer_free (read);
}

BenchFan *
bench_omemo_fan_new (guint n)
{
  BenchFan *fan = g_new0 (BenchFan, 1);
  Pair *pair = g_new0 (Pair, 1);

  pair->devices[0] = device_new (1);
  pair->devices[1] = device_new (n);
  for (guint i = 1; i <= n; i++)
    join_device (pair, (int)i);
  fan->state = pair;
  fan->seal = fan_seal;
  return fan;
}
