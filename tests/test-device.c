/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-device.c. */

#include "config.h"

#include "xim-device.h"

#include "test-notes.h"
#include "xim-error.h"

static void
test_decode (void)
{
  g_autoptr (XimDevice) device = test_device (
      (TestDevice){ .device = 'a', .serial = 7, .signers = "a" });
  g_assert_cmpstr (device->jid, ==, TEST_JID);
  g_assert_cmpuint (device->id.bytes[0], ==, 'a');
  g_assert_cmpuint (device->serial, ==, 7);
  g_assert_cmpint (device->created_s, ==, TEST_NOW_S);
  g_assert_cmpint (device->expires_s, ==, TEST_NOW_S + XIM_DEVICE_NOTE_LIFE_S);
  g_autofree char *text = xim_device_encode (device);
  g_assert_cmpstr (text, ==, device->text);
  g_autoptr (XimDevice) copy = xim_device_copy (device);
  g_assert_cmpstr (copy->text, ==, device->text);
  g_assert_true (copy->note != NULL && copy->note != device->note);
  xim_device_free (NULL);

  g_autoptr (XimDevice) longest = test_device ((TestDevice){
      .device = 'a', .life_s = XIM_DEVICE_NOTE_LIFE_MAX_S, .signers = "a" });
  g_assert_nonnull (longest);
}

static void
test_decode_refuses (void)
{
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  const struct
  {
    const char *line;
    const char *with;
    XimError code;
  } bad[] = {
    { "jid", "jid example.org\n", XIM_ERROR_MALFORMED },
    { "device", "device 610000000000000\n", XIM_ERROR_MALFORMED },
    { "device", "device 6100000000000000 x\n", XIM_ERROR_MALFORMED },
    { "serial", "serial 0\n", XIM_ERROR_MALFORMED },
    { "serial", "serial 1\nserial 1\n", XIM_ERROR_MALFORMED },
    { "suite", "suite 2\n", XIM_ERROR_UNSUPPORTED },
    { "suite", "suite 0\n", XIM_ERROR_MALFORMED },
    { "suite", "suite x\n", XIM_ERROR_MALFORMED },
    { "key", "key x448 AAAA\n", XIM_ERROR_UNSUPPORTED },
    { "key", "key x25519 AAAA\n", XIM_ERROR_MALFORMED },
    { "key", "key x25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
      XIM_ERROR_MALFORMED }, /* gives zero with every key */
    { "key", "key x25519 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
      XIM_ERROR_MALFORMED }, /* the same, of order 1 */
    { "created", "created 2026-11-23T10:00:00\n", XIM_ERROR_MALFORMED },
    { "expires", "expires 2026-11-23T10:00:00Z\n", XIM_ERROR_MALFORMED },
    { "expires", "expires 2026-11-23T09:59:59Z\n", XIM_ERROR_MALFORMED },
    { "expires", "expires 2026-12-24T10:00:01Z\n", XIM_ERROR_MALFORMED },
    { "expires", "", XIM_ERROR_MALFORMED },
    { "expires", "expires 2026-12-24T10:00:00Z\nx y\n", XIM_ERROR_MALFORMED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text
          = test_replace_line (device->text, bad[i].line, bad[i].with);
      if (xim_device_decode_text (text, &error) != NULL)
        g_error ("accepted:\n%s", text);
      g_assert_error (error, XIM_ERROR, (int)bad[i].code);
    }
}

/* A client of TEST_JID that lists a and b. */
static gboolean
client (const XimDevice *device, const XimDevice *seen, gint64 now_s,
        GError **error)
{
  const XimAccountDevice listed[] = { test_listed ('a'), test_listed ('b') };
  g_autoptr (XimVerifyKey) server = test_verify_key ('S');
  return xim_device_check_client (device, TEST_JID, listed, 2, server, seen,
                                  now_s, error);
}

static void
client_accepts (const XimDevice *device, const XimDevice *seen, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = client (device, seen, now_s, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
client_refuses (const XimDevice *device, const XimDevice *seen, gint64 now_s,
                XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (client (device, seen, now_s, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_client_names (void)
{
  g_autoptr (XimDevice) other = test_device ((TestDevice){
      .jid = "bob@example.org", .device = 'a', .signers = "aS" });
  client_refuses (other, NULL, TEST_NOW_S, XIM_ERROR_WRONG_NAME);
  g_autoptr (XimDevice) unlisted
      = test_device ((TestDevice){ .device = 'c', .signers = "cS" });
  client_refuses (unlisted, NULL, TEST_NOW_S, XIM_ERROR_WRONG_NAME);
}

static void
test_client_signatures (void)
{
  g_autoptr (XimDevice) good
      = test_device ((TestDevice){ .device = 'b', .signers = "bS" });
  client_accepts (good, NULL, TEST_NOW_S);
  const char *const bad[] = { "b", "S", "aS", "bT", "c", "ab" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (XimDevice) device
          = test_device ((TestDevice){ .device = 'b', .signers = bad[i] });
      client_refuses (device, NULL, TEST_NOW_S, XIM_ERROR_SIGNATURE);
    }
  /* Another listed device may sign too. */
  g_autoptr (XimDevice) both
      = test_device ((TestDevice){ .device = 'b', .signers = "abS" });
  client_accepts (both, NULL, TEST_NOW_S);
}

static void
test_client_sister_under_its_name (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimDevice) unsigned_device
      = test_device ((TestDevice){ .device = 'b', .signers = "S" });
  g_autoptr (XimNote) note = xim_note_copy (unsigned_device->note);
  g_autoptr (XimSignKey) key = test_sign_key_named ('b', 'a');
  g_assert_true (xim_note_sign (note, key, &error));
  g_autoptr (XimDevice) device = xim_device_decode (note, &error);
  g_assert_no_error (error);
  client_refuses (device, NULL, TEST_NOW_S, XIM_ERROR_SIGNATURE);
}

static void
test_client_times (void)
{
  g_autoptr (XimDevice) device = test_device (
      (TestDevice){ .device = 'a', .life_s = 1000, .signers = "aS" });
  client_accepts (device, NULL, TEST_NOW_S - 600);
  client_refuses (device, NULL, TEST_NOW_S - 601, XIM_ERROR_EXPIRED);
  client_accepts (device, NULL, TEST_NOW_S + 999);
  client_refuses (device, NULL, TEST_NOW_S + 1000, XIM_ERROR_EXPIRED);
}

static void
test_client_serials (void)
{
  g_autoptr (XimDevice) seen = test_device (
      (TestDevice){ .device = 'a', .serial = 7, .signers = "aS" });
  client_accepts (seen, seen, TEST_NOW_S);
  g_autoptr (XimDevice) same_text = test_device (
      (TestDevice){ .device = 'a', .serial = 7, .signers = "bSa" });
  client_accepts (same_text, seen, TEST_NOW_S);
  g_autoptr (XimDevice) gap = test_device (
      (TestDevice){ .device = 'a', .serial = 9, .signers = "aS" });
  client_accepts (gap, seen, TEST_NOW_S);
  g_autoptr (XimDevice) lower = test_device (
      (TestDevice){ .device = 'a', .serial = 6, .signers = "aS" });
  client_refuses (lower, seen, TEST_NOW_S, XIM_ERROR_REPLAYED);
  g_autoptr (XimDevice) other = test_device (
      (TestDevice){ .device = 'a', .serial = 7, .key = 'x', .signers = "aS" });
  client_refuses (other, seen, TEST_NOW_S, XIM_ERROR_REPLAYED);
}

/* Two devices may show one X25519 key: both get their slot. */
static void
test_client_shared_key (void)
{
  g_autoptr (XimDevice) device = test_device (
      (TestDevice){ .device = 'a', .key = 'b', .signers = "aS" });
  client_accepts (device, NULL, TEST_NOW_S);
}

static gboolean
server (const XimDevice *device, const XimDevice *seen, gint64 now_s,
        GError **error)
{
  const XimAccountDevice listed[] = { test_listed ('a'), test_listed ('b') };
  return xim_device_check_server (device, TEST_JID, listed, 2, seen, now_s,
                                  error);
}

static void
server_accepts (const XimDevice *device, const XimDevice *seen, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = server (device, seen, now_s, &error);
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
server_refuses (const XimDevice *device, const XimDevice *seen, gint64 now_s,
                XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (server (device, seen, now_s, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_server_names_and_signatures (void)
{
  g_autoptr (XimDevice) other = test_device (
      (TestDevice){ .jid = "bob@example.org", .device = 'a', .signers = "a" });
  server_refuses (other, NULL, TEST_NOW_S, XIM_ERROR_WRONG_NAME);
  g_autoptr (XimDevice) unlisted
      = test_device ((TestDevice){ .device = 'c', .signers = "c" });
  server_refuses (unlisted, NULL, TEST_NOW_S, XIM_ERROR_WRONG_NAME);
  g_autoptr (XimDevice) sister
      = test_device ((TestDevice){ .device = 'a', .signers = "b" });
  server_refuses (sister, NULL, TEST_NOW_S, XIM_ERROR_SIGNATURE);
  g_autoptr (XimDevice) stranger
      = test_device ((TestDevice){ .device = 'a', .signers = "cS" });
  server_refuses (stranger, NULL, TEST_NOW_S, XIM_ERROR_SIGNATURE);
}

static void
test_server_times (void)
{
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  server_accepts (device, NULL, TEST_NOW_S - 600);
  server_accepts (device, NULL, TEST_NOW_S + 600);
  server_refuses (device, NULL, TEST_NOW_S - 601, XIM_ERROR_EXPIRED);
  server_refuses (device, NULL, TEST_NOW_S + 601, XIM_ERROR_EXPIRED);
  g_autoptr (XimDevice) brief = test_device (
      (TestDevice){ .device = 'a', .life_s = 60, .signers = "a" });
  server_accepts (brief, NULL, TEST_NOW_S + 59);
  server_refuses (brief, NULL, TEST_NOW_S + 60, XIM_ERROR_EXPIRED);
}

static void
test_server_serials (void)
{
  g_autoptr (XimDevice) first
      = test_device ((TestDevice){ .device = 'a', .signers = "a" });
  g_autoptr (XimDevice) second = test_device (
      (TestDevice){ .device = 'a', .serial = 2, .signers = "a" });
  g_autoptr (XimDevice) third = test_device (
      (TestDevice){ .device = 'a', .serial = 3, .signers = "a" });
  server_accepts (first, NULL, TEST_NOW_S);
  server_accepts (second, first, TEST_NOW_S);
  server_refuses (second, NULL, TEST_NOW_S, XIM_ERROR_KEY_CHANGED);
  server_refuses (third, first, TEST_NOW_S, XIM_ERROR_KEY_CHANGED);
  server_refuses (first, first, TEST_NOW_S, XIM_ERROR_REPLAYED);
  server_refuses (first, second, TEST_NOW_S, XIM_ERROR_REPLAYED);
  /* After the greatest serial there is none. */
  g_autoptr (XimDevice) last = test_device (
      (TestDevice){ .device = 'a', .serial = XIM_NUMBER_MAX, .signers = "a" });
  server_refuses (first, last, TEST_NOW_S, XIM_ERROR_REPLAYED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/device/decode/accepts", test_decode);
  g_test_add_func ("/device/decode/refuses", test_decode_refuses);
  g_test_add_func ("/device/client/names", test_client_names);
  g_test_add_func ("/device/client/signatures", test_client_signatures);
  g_test_add_func ("/device/client/sister-under-its-name",
                   test_client_sister_under_its_name);
  g_test_add_func ("/device/client/times", test_client_times);
  g_test_add_func ("/device/client/serials", test_client_serials);
  g_test_add_func ("/device/client/shared-key", test_client_shared_key);
  g_test_add_func ("/device/server/names-and-signatures",
                   test_server_names_and_signatures);
  g_test_add_func ("/device/server/times", test_server_times);
  g_test_add_func ("/device/server/serials", test_server_serials);
  return g_test_run ();
}
