/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of enrol.c and own.c. */

#include "config.h"

#include "plugin/enrol.h"
#include "tests/fake-log.h"
#include "tests/fake-net.h"
#include "tests/headless.h"
#include "test-bundles.h"

/* The keyserver. */
static XimAccount *account; /* what it has of the address, or NULL */
static XimDevice *device;
static GPtrArray *proofs;   /* digests, base64 */
static const char *down;    /* "POST": such requests are not answered */
static const char *lost;    /* such requests are done, the answer is lost */
static const char *refusal; /* JSON of the answer to every POST and PUT */
static gboolean proves;     /* the component answers */
static char countersigner = 'S';

typedef struct
{
  char *dir;
  PurpleAccount *purple;
  XimStore *store;
  XimKeystore *keystore;
  XimHttp *http;
  XimIq *iq;
  XimDiscovery *discovery;
  XimEnrol *enrol;
} World;

static World *present; /* for what must be true when the keyserver is asked */

static XimNote *
countersign (const char *text)
{
  XimNote *note = xim_note_decode (text, strlen (text), NULL);
  g_autoptr (XimSignKey) key = test_sign_key (countersigner);
  g_assert_true (note != NULL && xim_note_sign (note, key, NULL));
  return note;
}

static TestLog entries;
static FakeLog own_log = { .log = &entries, .status = 200 };

static void
answer_bundle (FakeAnswer *answer)
{
  const char signers[] = { countersigner, '\0' };
  g_autoptr (XimCurrent) current = test_current (account, fake_now_s, signers);
  g_autofree char *a = xim_note_encode (account->note);
  g_autofree char *c = xim_note_encode (current->note);
  g_autofree char *d = xim_note_encode (device->note);
  const char *devices[] = { d };
  g_autoptr (XimLogged) logged = fake_log_account (&own_log, account);
  answer->status = 200;
  answer->body = xim_bundle_encode (account->jid, a, c, devices, 1, logged);
}

static void
answer_lookup (FakeAnswer *answer)
{
  answer->status = 404;
  if (account != NULL)
    answer_bundle (answer);
  else
    answer->body = fake_log_absence (&own_log, TEST_JID, fake_now_s, "S");
}

static void
set_device (const char *text)
{
  g_autoptr (XimNote) note = countersign (text);
  xim_device_free (device);
  device = xim_device_decode (note, NULL);
  g_assert_nonnull (device);
}

static gboolean
is_proven (const XimAccount *offered)
{
  g_autofree char *digest = xim_codec_base64_encode (
      offered->hash.bytes, sizeof offered->hash.bytes);
  return g_ptr_array_find_with_equal_func (proofs, digest, g_str_equal, NULL);
}

/* What is offered must be on the disk of its owner. */
static void
assert_stored (guint32 serial)
{
  g_autoptr (GPtrArray) keys = NULL;
  gboolean found = FALSE;
  XimStoreDevice stored = { 0 };
  g_assert_true (
      xim_store_load_device (present->store, &found, &stored, NULL));
  g_assert_true (found);
  xim_store_device_clear (&stored);
  g_assert_true (xim_store_load_keys (present->store, &keys, NULL));
  g_assert_cmpuint (keys->len, ==, serial);
}

static void
take_registration (const XimHttpRequest *request, FakeAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  const char *text = NULL;
  g_autoptr (XimJson) json = xim_json_decode (request->body, request->body_len,
                                              XIM_REGISTRATION_MAX, &error);
  g_assert_no_error (error);
  g_assert_true (xim_json_string (json, "account", &text, NULL));
  g_assert_true (xim_json_strings (json, "devices", 16, &devices, NULL));
  g_autoptr (XimNote) note = countersign (text);
  g_autoptr (XimAccount) offered = xim_account_decode (note, &error);
  g_assert_no_error (error);
  assert_stored (1);
  if (!is_proven (offered))
    {
      answer->status = 403;
      answer->body = g_strdup ("{\"error\": \"no-proof\", \"message\": \"\"}");
      return;
    }
  xim_account_free (account);
  account = g_steal_pointer (&offered);
  set_device (g_ptr_array_index (devices, 0));
  answer_bundle (answer);
}

static void
take_device (const XimHttpRequest *request, FakeAnswer *answer)
{
  guint32 before = device->serial;
  assert_stored (before + 1);
  set_device (request->body);
  g_assert_cmpuint (device->serial, ==, before + 1);
  answer->status = 200;
  answer->body = xim_note_encode (device->note);
}

static void
handle (const XimHttpRequest *request, FakeAnswer *answer)
{
  gboolean write = strcmp (request->method, "GET") != 0;
  answer->outcome = XIM_HTTP_ANSWER;
  if (down != NULL && strstr (request->url, down) != NULL)
    answer->outcome = XIM_HTTP_REFUSED;
  else if (down != NULL && strcmp (request->method, down) == 0)
    answer->outcome = XIM_HTTP_TIMEOUT;
  else if (write && refusal != NULL)
    {
      answer->status = 422;
      answer->body = g_strdup (refusal);
    }
  else if (g_str_has_suffix (request->url, "/v1/server"))
    {
      answer->status = 200;
      answer->body = fake_server_json ('S');
    }
  else if (!write && !fake_log_answer (&own_log, request, answer))
    answer_lookup (answer);
  else if (!write)
    return;
  else if (strcmp (request->method, "POST") == 0)
    take_registration (request, answer);
  else
    take_device (request, answer);
  if (g_strcmp0 (lost, request->method) == 0)
    answer->outcome = XIM_HTTP_TIMEOUT;
}

static char *
handle_iq (const char *to, const XimIqElement *element)
{
  if (strcmp (element->name, "prove") != 0 || !proves)
    return NULL;
  g_assert_cmpstr (to, ==, TEST_ORIGIN);
  g_assert_cmpstr (element->ns, ==, XIM_NS_REGISTER);
  g_ptr_array_add (proofs, g_strdup (element->value));
  return g_strdup ("<iq type='result'/>");
}

/* The client. */

static void
changed (gpointer data)
{
  g_assert_true (data == present);
}

static void
start (World *world)
{
  g_autoptr (GError) error = NULL;
  world->store = xim_store_open (world->dir, &error);
  g_assert_no_error (error);
  world->keystore = xim_keystore_new (world->store, &error);
  g_assert_no_error (error);
  world->http = xim_http_new (world->purple);
  world->iq = xim_iq_new (world->purple);
  world->discovery = xim_discovery_new (world->purple, TEST_JID, world->store,
                                        world->http, world->iq);
  world->enrol
      = xim_enrol_new (TEST_JID, world->store, world->keystore, world->http,
                       world->iq, world->discovery, changed, world, &error);
  g_assert_no_error (error);
}

static void
stop (World *world)
{
  xim_enrol_free (world->enrol);
  xim_discovery_free (world->discovery);
  xim_iq_free (world->iq);
  xim_http_free (world->http);
  xim_keystore_free (world->keystore);
  xim_store_free (world->store);
}

static void
unlocked (const GError *error, gpointer data)
{
  g_assert_no_error (error);
  *(gboolean *)data = TRUE;
}

static void
unlock (World *world)
{
  gboolean done = FALSE;
  XimSecret *passphrase = xim_secret_new (1);
  xim_secret_data (passphrase)[0] = 'x';
  xim_keystore_unlock (world->keystore, passphrase, unlocked, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  xim_enrol_unlocked (world->enrol);
}

static XimEnrolState
sign_on (World *world)
{
  xim_discovery_retry (world->discovery);
  xim_enrol_online (world->enrol);
  fake_run ();
  return xim_enrol_state (world->enrol);
}

static void
restart (World *world)
{
  stop (world);
  start (world);
  unlock (world);
}

static void
set_up (World *world, gconstpointer data)
{
  (void)data;
  test_log_init (&entries, 1);
  fake_net_reset (handle, handle_iq);
  fake_now_s = TEST_NOW_S;
  fake_boot_s = 1000;
  proofs = g_ptr_array_new_with_free_func (g_free);
  proves = TRUE;
  countersigner = 'S';
  present = world;
  world->dir = g_dir_make_tmp ("xim-enrol-XXXXXX", NULL);
  world->purple = purple_account_new (TEST_JID, "prpl-jabber");
  start (world);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void)data;
  stop (world);
  purple_account_destroy (world->purple);
  headless_remove (world->dir);
  g_free (world->dir);
  g_ptr_array_unref (proofs);
  g_clear_pointer (&account, xim_account_free);
  g_clear_pointer (&device, xim_device_free);
  down = lost = refusal = NULL;
}

static int
error_code (const World *world)
{
  const GError *error = xim_enrol_error (world->enrol);
  return error != NULL ? error->code : -1;
}

static void
test_enrols (World *world, gconstpointer data)
{
  (void)data;
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_NEVER);
  g_assert_true (xim_enrol_needs_unlock (world->enrol));
  g_assert_null (xim_enrol_sender (world->enrol));
  unlock (world);
  fake_run ();
  g_assert_cmpint (xim_enrol_state (world->enrol), ==, XIM_ENROL_READY);
  g_assert_true (xim_enrol_ever (world->enrol));
  g_assert_cmpint (error_code (world), ==, -1);
  const XimSender *sender = xim_enrol_sender (world->enrol);
  g_assert_cmpstr (sender->jid, ==, TEST_JID);
  g_assert_cmpint (
      xim_device_id_compare (&sender->device, &account->devices[0].id), ==, 0);
  XimKeyring *ring = xim_enrol_keyring (world->enrol);
  g_assert_cmpmem (&xim_keyring_entry (ring, 0)->key, 32, &device->key, 32);
  g_assert_cmpuint (account->version, ==, 1);
}

static void
test_comes_back (World *world, gconstpointer data)
{
  (void)data;
  unlock (world);
  sign_on (world);
  g_autofree char *before = xim_enrol_fingerprint (world->enrol);
  stop (world);
  start (world);
  g_autofree char *locked = xim_enrol_fingerprint (world->enrol);
  g_assert_cmpstr (locked, ==, before);
  g_assert_cmpint (xim_enrol_state (world->enrol), ==, XIM_ENROL_LOCKED);
  g_assert_true (xim_enrol_ever (world->enrol));
  g_assert_null (xim_enrol_sender (world->enrol));
  /* Unlocked, it works before anything is asked. */
  down = "keys.example.org";
  unlock (world);
  g_assert_cmpint (xim_enrol_state (world->enrol), ==, XIM_ENROL_READY);
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_READY);
  g_assert_cmpint (error_code (world), ==, XIM_ERROR_UNAVAILABLE);
  xim_enrol_locked (world->enrol);
  g_assert_cmpint (xim_enrol_state (world->enrol), ==, XIM_ENROL_LOCKED);
  g_assert_null (xim_enrol_keyring (world->enrol));
}

/* Whatever fails, the next attempt enrols the keys of the first. */
static void
assert_recovers (World *world, const char *failing, gboolean is_lost)
{
  unlock (world);
  if (is_lost)
    lost = failing;
  else
    down = failing;
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_FAILED);
  g_autofree char *before = xim_enrol_fingerprint (world->enrol);
  down = lost = NULL;
  restart (world);
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_READY);
  g_autofree char *after = xim_enrol_fingerprint (world->enrol);
  g_assert_true (before == NULL || strcmp (before, after) == 0);
  g_assert_cmpuint (account->n_devices, ==, 1);
  g_assert_cmpuint (account->version, ==, 1);
}

static void
test_recovers (World *world, gconstpointer data)
{
  assert_recovers (world, data, FALSE);
}

static void
test_recovers_from_loss (World *world, gconstpointer data)
{
  assert_recovers (world, data, TRUE);
  /* It found itself: nothing was registered twice. */
  guint n = 0;
  for (guint i = 0; i < fake_n_requests (); i++)
    n += g_str_has_prefix (fake_request (i), "POST") ? 1 : 0;
  g_assert_cmpuint (n, ==, 1);
}

static void
test_recovers_from_no_proof (World *world, gconstpointer data)
{
  (void)data;
  proves = FALSE;
  unlock (world);
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_FAILED);
  g_assert_cmpint (error_code (world), ==, XIM_ERROR_UNAVAILABLE);
  proves = TRUE;
  /* The keyserver restarts between proof and registration. */
  down = "POST";
  sign_on (world);
  g_ptr_array_set_size (proofs, 0);
  down = NULL;
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_READY);
}

/* The notes of a failed attempt are offered again, or made anew when their
 * time is over; the keys stay. */
static void
test_offers_again (World *world, gconstpointer data)
{
  (void)data;
  down = "POST";
  unlock (world);
  sign_on (world);
  fake_sleep (60);
  sign_on (world);
  g_assert_cmpuint (proofs->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (proofs, 0), ==,
                   g_ptr_array_index (proofs, 1));
  fake_sleep (3600);
  g_autofree char *before = xim_enrol_fingerprint (world->enrol);
  down = NULL;
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_READY);
  g_autofree char *after = xim_enrol_fingerprint (world->enrol);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpint (account->time_s, ==, fake_now_s);
  g_assert_cmpint (device->created_s, ==, fake_now_s);
}

static void
test_other_device (World *world, gconstpointer data)
{
  (void)data;
  account = test_account ((TestAccount){ .devices = "a", .signers = "aS" });
  device = test_device ((TestDevice){ .device = 'a', .signers = "aS" });
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_OTHER_DEVICE);
  /* Its keys are made when it asks to be added. */
  g_assert_true (xim_enrol_needs_unlock (world->enrol));
  unlock (world);
  fake_run ();
  g_assert_cmpint (xim_enrol_state (world->enrol), ==, XIM_ENROL_OTHER_DEVICE);
  g_assert_null (xim_enrol_sender (world->enrol));
  g_assert_cmpuint (proofs->len, ==, 0);
  stop (world);
  start (world);
  g_assert_true (xim_enrol_ever (world->enrol));
}

static void
test_refuses_false_bundle (World *world, gconstpointer data)
{
  (void)data;
  countersigner = 'T';
  unlock (world);
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_FAILED);
  g_assert_cmpint (error_code (world), ==, XIM_ERROR_SIGNATURE);
  g_assert_false (xim_enrol_ever (world->enrol));
  g_assert_null (xim_enrol_keyring (world->enrol));
}

static void
test_clock_off (World *world, gconstpointer data)
{
  (void)data;
  refusal = "{\"error\": \"expired\", \"message\": \"\","
            " \"now\": \"2026-11-23T09:00:00Z\"}";
  unlock (world);
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_FAILED);
  g_assert_cmpint (error_code (world), ==, XIM_ERROR_EXPIRED);
  g_assert_cmpint (xim_enrol_clock_off_s (world->enrol), ==, 3600);
  refusal = NULL;
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_READY);
  g_assert_cmpint (xim_enrol_clock_off_s (world->enrol), ==, 0);
}

static void
test_renews (World *world, gconstpointer data)
{
  (void)data;
  unlock (world);
  sign_on (world);
  guint before = fake_n_requests ();
  sign_on (world);
  g_assert_cmpuint (device->serial, ==, 1);
  g_assert_cmpuint (fake_n_requests (), ==, before + 1);
  fake_sleep (86401);
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_READY);
  g_assert_cmpuint (device->serial, ==, 2);
  g_assert_cmpint (device->created_s, ==, fake_now_s);
  /* The old key goes on opening. */
  XimKeyring *ring = xim_enrol_keyring (world->enrol);
  g_assert_cmpuint (xim_keyring_n (ring), ==, 2);
  g_assert_cmpuint (xim_keyring_entry (ring, 0)->serial, ==, 2);
  g_autoptr (GPtrArray) keys = NULL;
  g_assert_true (xim_store_load_keys (world->store, &keys, NULL));
  const XimStoreKey *first = g_ptr_array_index (keys, 0);
  const XimStoreKey *second = g_ptr_array_index (keys, 1);
  g_assert_cmpint (first->replaced_s, ==, fake_now_s);
  g_assert_cmpint (second->replaced_s, ==, 0);
  g_assert_true (second->accepted);
}

static void
test_renewal_recovers (World *world, gconstpointer data)
{
  unlock (world);
  sign_on (world);
  fake_sleep (86401);
  if (data != NULL)
    lost = "PUT";
  else
    down = "PUT";
  /* The old key serves meanwhile. */
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_READY);
  g_assert_cmpint (error_code (world), ==, XIM_ERROR_UNAVAILABLE);
  g_assert_cmpuint (xim_keyring_n (xim_enrol_keyring (world->enrol)), ==, 2);
  lost = down = NULL;
  fake_sleep (3600);
  restart (world);
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_READY);
  g_assert_cmpint (error_code (world), ==, -1);
  g_assert_cmpuint (device->serial, ==, 2);
  XimKeyring *ring = xim_enrol_keyring (world->enrol);
  g_assert_cmpuint (xim_keyring_n (ring), ==, 2);
  g_assert_cmpmem (&xim_keyring_entry (ring, 0)->key, 32, &device->key, 32);
}

static void
test_copied (World *world, gconstpointer data)
{
  (void)data;
  unlock (world);
  sign_on (world);
  /* Somebody with this device's signing key made serial 2. */
  g_autoptr (XimDevice) other = xim_device_copy (device);
  other->serial = 2;
  other->key.bytes[0] ^= 4;
  g_autofree char *text = xim_device_encode (other);
  g_autoptr (XimNote) note = xim_note_new (text, NULL);
  g_assert_true (
      xim_note_sign (note, xim_enrol_sender (world->enrol)->key, NULL));
  g_autofree char *encoded = xim_note_encode (note);
  set_device (encoded);
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_ALARM);
  g_assert_cmpint (xim_enrol_alarm (world->enrol), ==, XIM_ALARM_COPIED);
  g_assert_null (xim_enrol_sender (world->enrol));
  g_assert_nonnull (xim_enrol_keyring (world->enrol));
}

static void
test_erased (World *world, gconstpointer data)
{
  (void)data;
  unlock (world);
  sign_on (world);
  g_clear_pointer (&account, xim_account_free);
  guint n = proofs->len;
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_ALARM);
  g_assert_cmpint (xim_enrol_alarm (world->enrol), ==, XIM_ALARM_ERASED);
  g_assert_cmpuint (proofs->len, ==, n);
}

/* At each moment of an attempt the client may go away. */
static void
test_freed_at_any_time (World *world, gconstpointer data)
{
  (void)data;
  unlock (world);
  for (int steps = 0; steps < 12; steps++)
    {
      xim_enrol_online (world->enrol);
      for (int i = 0; i < steps; i++)
        g_main_context_iteration (NULL, FALSE);
      restart (world);
    }
  g_assert_cmpint (sign_on (world), ==, XIM_ENROL_READY);
  g_assert_cmpuint (account->n_devices, ==, 1);
  g_assert_cmpuint (account->version, ==, 1);
}

#define ADD(path, data, function)                                             \
  g_test_add ("/enrol/" path, World, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  headless_start ();
  ADD ("enrols", NULL, test_enrols);
  ADD ("comes-back", NULL, test_comes_back);
  ADD ("recovers/server", "/v1/server", test_recovers);
  ADD ("recovers/lookup", "/v1/accounts", test_recovers);
  ADD ("recovers/registration", "POST", test_recovers);
  ADD ("recovers/lost-registration", "POST", test_recovers_from_loss);
  ADD ("recovers/no-proof", NULL, test_recovers_from_no_proof);
  ADD ("offers-again", NULL, test_offers_again);
  ADD ("other-device", NULL, test_other_device);
  ADD ("refuses-false-bundle", NULL, test_refuses_false_bundle);
  ADD ("clock-off", NULL, test_clock_off);
  ADD ("renews", NULL, test_renews);
  ADD ("renewal-recovers/down", NULL, test_renewal_recovers);
  ADD ("renewal-recovers/lost", "PUT", test_renewal_recovers);
  ADD ("copied", NULL, test_copied);
  ADD ("erased", NULL, test_erased);
  ADD ("freed-at-any-time", NULL, test_freed_at_any_time);
  int result = g_test_run ();
  headless_stop ();
  return result;
}
