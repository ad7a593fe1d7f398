/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-bundle.c. */

#include "config.h"

#include "xim-bundle.h"

#include "test-notes.h"
#include "xim-error.h"

/* The notes of one bundle as text. */
typedef struct
{
  char *account;
  char *current;
  char *devices[2];
} Parts;

static void
parts_clear (Parts *parts)
{
  g_free (parts->account);
  g_free (parts->current);
  g_free (parts->devices[0]);
  g_free (parts->devices[1]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static Parts
make_parts (void)
{
  g_autoptr (XimAccount) account
      = test_account ((TestAccount){ .devices = "ab", .signers = "abS" });
  g_autoptr (XimCurrent) current = test_current (account, TEST_NOW_S, "S");
  g_autoptr (XimDevice) a
      = test_device ((TestDevice){ .device = 'a', .signers = "aS" });
  g_autoptr (XimDevice) b
      = test_device ((TestDevice){ .device = 'b', .signers = "bS" });
  Parts parts = { xim_note_encode (account->note),
                  xim_note_encode (current->note),
                  { xim_note_encode (a->note), xim_note_encode (b->note) } };
  return parts;
}

static char *
encode (const Parts *parts, guint n_devices)
{
  return xim_bundle_encode (TEST_JID, parts->account, parts->current,
                            (const char *const *)parts->devices, n_devices,
                            NULL);
}

static XimBundle *
decode (const char *json)
{
  g_autoptr (GError) error = NULL;
  XimBundle *bundle = xim_bundle_decode (json, strlen (json), &error);
  g_assert_no_error (error);
  return bundle;
}

static void
refuses (const char *json, XimError code)
{
  g_autoptr (GError) error = NULL;
  if (xim_bundle_decode (json, strlen (json), &error) != NULL)
    g_error ("accepted: %s", json);
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_decode (void)
{
  g_auto (Parts) parts = make_parts ();
  g_autofree char *json = encode (&parts, 2);
  g_autoptr (XimBundle) bundle = decode (json);
  g_assert_cmpstr (bundle->jid, ==, TEST_JID);
  g_assert_cmpuint (bundle->account->version, ==, 1);
  g_assert_cmpuint (bundle->current->version, ==, 1);
  g_assert_cmpuint (bundle->n_devices, ==, 2);
  g_assert_cmpuint (bundle->devices[1]->id.bytes[0], ==, 'b');
  g_assert_cmpuint (bundle->n_unusable, ==, 0);
  g_autofree char *account = xim_note_encode (bundle->account->note);
  g_assert_cmpstr (account, ==, parts.account);

  g_autofree char *none = encode (&parts, 0);
  g_autoptr (XimBundle) empty = decode (none);
  g_assert_cmpuint (empty->n_devices, ==, 0);
  xim_bundle_free (NULL);
}

/* A local part may hold what JSON escapes. */
static void
test_encode_escapes (void)
{
  g_auto (Parts) parts = make_parts ();
  g_autofree char *json = xim_bundle_encode ("a\\b@example.org", parts.account,
                                             parts.current, NULL, 0, NULL);
  g_autoptr (XimBundle) bundle = decode (json);
  g_assert_cmpstr (bundle->jid, ==, "a\\b@example.org");
  g_autofree char *control
      = xim_bundle_encode ("\"\x01\n", "", "", NULL, 0, NULL);
  g_assert_nonnull (strstr (control, "\"\\\"\\u0001\\n\""));
}

static void
test_decode_leaves_out (void)
{
  g_auto (Parts) parts = make_parts ();
  const char *const bad[] = { "", "x", "x-im device v1\n" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_free (parts.devices[0]);
      parts.devices[0] = g_strdup (bad[i]);
      g_autofree char *json = encode (&parts, 2);
      g_autoptr (XimBundle) bundle = decode (json);
      g_assert_cmpuint (bundle->n_devices, ==, 1);
      g_assert_cmpuint (bundle->devices[0]->id.bytes[0], ==, 'b');
      g_assert_cmpuint (bundle->n_unusable, ==, 1);
    }
  /* The same for a suite that nobody knows yet. */
  g_autoptr (XimDevice) device
      = test_device ((TestDevice){ .device = 'a', .signers = "aS" });
  g_autofree char *text
      = test_replace_line (device->text, "suite", "suite 2\n");
  g_autoptr (XimNote) note = test_note (text, "aS");
  g_free (parts.devices[0]);
  parts.devices[0] = xim_note_encode (note);
  g_autofree char *json = encode (&parts, 2);
  g_autoptr (XimBundle) bundle = decode (json);
  g_assert_cmpuint (bundle->n_devices, ==, 1);
  g_assert_cmpuint (bundle->n_unusable, ==, 1);
}

static void
test_decode_refuses_two_of_one_device (void)
{
  g_auto (Parts) parts = make_parts ();
  g_autoptr (XimDevice) newer = test_device (
      (TestDevice){ .device = 'b', .serial = 2, .signers = "bS" });
  g_free (parts.devices[0]);
  parts.devices[0] = xim_note_encode (newer->note);
  g_autofree char *json = encode (&parts, 2);
  refuses (json, XIM_ERROR_MALFORMED);
}

static void
test_decode_refuses_notes (void)
{
  g_auto (Parts) parts = make_parts ();
  g_autofree char *swapped = xim_bundle_encode (TEST_JID, parts.current,
                                                parts.account, NULL, 0, NULL);
  refuses (swapped, XIM_ERROR_MALFORMED);
  g_autofree char *no_account
      = xim_bundle_encode (TEST_JID, "", parts.current, NULL, 0, NULL);
  refuses (no_account, XIM_ERROR_MALFORMED);
  g_autofree char *no_current
      = xim_bundle_encode (TEST_JID, parts.account, "", NULL, 0, NULL);
  refuses (no_current, XIM_ERROR_MALFORMED);
  g_autofree char *capital = xim_bundle_encode (
      "Alice@example.org", parts.account, parts.current, NULL, 0, NULL);
  refuses (capital, XIM_ERROR_MALFORMED);

  g_autofree char *start
      = g_strndup (parts.account, strlen ("x-im account v"));
  g_autofree char *v2 = g_strconcat (
      start, "2", parts.account + strlen ("x-im account v1"), NULL);
  g_autofree char *unsupported
      = xim_bundle_encode (TEST_JID, v2, parts.current, NULL, 0, NULL);
  refuses (unsupported, XIM_ERROR_UNSUPPORTED);
}

static void
test_decode_refuses_members (void)
{
  g_auto (Parts) parts = make_parts ();
  g_autofree char *json = encode (&parts, 2);
  g_autofree char *extra = g_strconcat ("{\"log\":{},", json + 1, NULL);
  refuses (extra, XIM_ERROR_MALFORMED);
  g_autofree char *trailing = g_strconcat (json, "x", NULL);
  refuses (trailing, XIM_ERROR_MALFORMED);
  g_autofree char *cut = g_strndup (json, strlen (json) - 1);
  refuses (cut, XIM_ERROR_MALFORMED);
  const char *const bad[] = {
    "",
    "[]",
    "\"x\"",
    "{}",
    "{\"jid\":\"alice@example.org\"}",
    "{\"jid\":1,\"account\":2,\"current\":3,\"devices\":4}",
    "{\"jid\":\"alice@example.org\",\"account\":null,\"current\":\"\","
    "\"devices\":[]}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    refuses (bad[i], XIM_ERROR_MALFORMED);
  /* The array of devices holds something else. */
  g_autofree char *none = encode (&parts, 0);
  char *array = strstr (none, "[]");
  g_assert_nonnull (array);
  array[0] = '{';
  array[1] = '}';
  refuses (none, XIM_ERROR_MALFORMED);
}

static void
test_decode_limits (void)
{
  g_auto (Parts) parts = make_parts ();
  const char *many[XIM_DEVICES_MAX + 1];
  for (guint i = 0; i < G_N_ELEMENTS (many); i++)
    many[i] = "";
  g_autofree char *most = xim_bundle_encode (
      TEST_JID, parts.account, parts.current, many, XIM_DEVICES_MAX, NULL);
  g_autoptr (XimBundle) bundle = decode (most);
  g_assert_cmpuint (bundle->n_unusable, ==, XIM_DEVICES_MAX);
  g_autofree char *more = xim_bundle_encode (
      TEST_JID, parts.account, parts.current, many, XIM_DEVICES_MAX + 1, NULL);
  refuses (more, XIM_ERROR_TOO_LARGE);
  g_autofree char *huge = g_strnfill (XIM_BUNDLE_MAX + 1, ' ');
  refuses (huge, XIM_ERROR_TOO_LARGE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/bundle/decode/accepts", test_decode);
  g_test_add_func ("/bundle/decode/leaves-out", test_decode_leaves_out);
  g_test_add_func ("/bundle/decode/refuses-two-of-one-device",
                   test_decode_refuses_two_of_one_device);
  g_test_add_func ("/bundle/decode/refuses-notes", test_decode_refuses_notes);
  g_test_add_func ("/bundle/decode/refuses-members",
                   test_decode_refuses_members);
  g_test_add_func ("/bundle/decode/limits", test_decode_limits);
  g_test_add_func ("/bundle/encode/escapes", test_encode_escapes);
  return g_test_run ();
}
