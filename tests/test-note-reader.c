/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-note-reader.c. */

#include "config.h"

#include "xim-note-reader.h"

#include <string.h>

#include "xim-error.h"

#define KEY "k/PCuE14jym8ntvNBWFL+MHA6Jf4gPkMbeY51sEjeSk="

#define ASSERT_REFUSED(code_, call_)                                          \
  G_STMT_START                                                                \
  {                                                                           \
    g_autoptr (GError) error_ = NULL;                                         \
    GError **error = &error_;                                                 \
    g_assert_false (call_);                                                   \
    g_assert_error (error_, XIM_ERROR, (code_));                              \
  }                                                                           \
  G_STMT_END

static void
test_title (void)
{
  XimNoteReader reader = { "x-im account v1\nrest\n" };
  g_assert_true (xim_note_reader_title (&reader, "account", NULL));
  g_assert_cmpstr (reader.rest, ==, "rest\n");
}

static void
test_title_refuses (void)
{
  const char *const bad[] = {
    "",
    "x-im account v1",
    "x-im device v1\n",
    "x-im account v\n",
    "x-im account v0\n",
    "x-im account v01\n",
    "x-im account v1 \n",
    "x-im account v1x\n",
    "x-im account 1\n",
    "x-im  account v1\n",
    "X-im account v1\n",
    "\nx-im account v1\n",
    "x-im account v99999999999999999999\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      XimNoteReader reader = { bad[i] };
      ASSERT_REFUSED (XIM_ERROR_MALFORMED,
                      xim_note_reader_title (&reader, "account", error));
    }
  XimNoteReader reader = { "x-im account v2\n" };
  ASSERT_REFUSED (XIM_ERROR_UNSUPPORTED,
                  xim_note_reader_title (&reader, "account", error));
}

static void
test_line (void)
{
  XimNoteReader reader = { "name some value\nname x\n" };
  const char *value;
  gsize len;
  g_assert_true (xim_note_reader_peek (&reader, "name"));
  g_assert_false (xim_note_reader_peek (&reader, "nam"));
  g_assert_false (xim_note_reader_peek (&reader, "names"));
  g_assert_true (xim_note_reader_line (&reader, "name", &value, &len, NULL));
  g_assert_cmpmem (value, len, "some value", strlen ("some value"));
  ASSERT_REFUSED (XIM_ERROR_MALFORMED, xim_note_reader_end (&reader, error));
  g_assert_true (xim_note_reader_line (&reader, "name", &value, &len, NULL));
  g_assert_cmpmem (value, len, "x", 1);
  g_assert_true (xim_note_reader_end (&reader, NULL));
  g_assert_false (xim_note_reader_peek (&reader, "name"));
}

static void
test_line_refuses (void)
{
  const char *const bad[] = { "",          "name",      "name\n",  "name \n",
                              "other x\n", "names x\n", "nam x\n", "name x",
                              "name\nx\n", " name x\n", "\n" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      XimNoteReader reader = { bad[i] };
      const char *value;
      gsize len;
      ASSERT_REFUSED (
          XIM_ERROR_MALFORMED,
          xim_note_reader_line (&reader, "name", &value, &len, error));
    }
}

static void
test_typed (void)
{
  XimNoteReader reader = { "jid alice@example.org\nversion 4294967295\n"
                           "time 2026-11-23T10:00:00Z\nhash " KEY "\n" };
  g_autofree char *jid = NULL;
  guint32 number;
  gint64 time_s;
  XimHash hash;
  g_assert_true (xim_note_reader_jid (&reader, "jid", &jid, NULL));
  g_assert_cmpstr (jid, ==, "alice@example.org");
  g_assert_true (xim_note_reader_number (&reader, "version", &number, NULL));
  g_assert_cmpuint (number, ==, G_MAXUINT32);
  g_assert_true (xim_note_reader_time (&reader, "time", &time_s, NULL));
  g_assert_cmpint (time_s, ==, 1795428000);
  g_assert_true (xim_note_reader_hash (&reader, "hash", &hash, NULL));
  g_assert_cmpuint (hash.bytes[0], ==, 0x93);
  g_assert_true (xim_note_reader_end (&reader, NULL));
}

static void
test_typed_refuses (void)
{
  const char *const bad[] = {
    "x 0\n",  "x 01\n", "x -1\n",  "x 4294967296\n", "x 1 \n",
    "x +1\n", "x 1x\n", "x Abc\n", "x \n",           "x 2026-02-30T00:00:00Z\n"
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      XimNoteReader reader = { bad[i] };
      g_autofree char *jid = NULL;
      guint32 number;
      gint64 time_s;
      XimHash hash;
      ASSERT_REFUSED (XIM_ERROR_MALFORMED,
                      xim_note_reader_number (&reader, "x", &number, error));
      reader.rest = bad[i];
      ASSERT_REFUSED (XIM_ERROR_MALFORMED,
                      xim_note_reader_jid (&reader, "x", &jid, error));
      reader.rest = bad[i];
      ASSERT_REFUSED (XIM_ERROR_MALFORMED,
                      xim_note_reader_time (&reader, "x", &time_s, error));
      reader.rest = bad[i];
      ASSERT_REFUSED (XIM_ERROR_MALFORMED,
                      xim_note_reader_hash (&reader, "x", &hash, error));
    }
}

static void
test_previous (void)
{
  XimNoteReader reader = { "previous -\nprevious " KEY "\n" };
  XimHash hash;
  memset (&hash, 1, sizeof hash);
  g_assert_true (xim_note_reader_previous (&reader, 1, &hash, NULL));
  g_assert_cmpuint (hash.bytes[0], ==, 0);
  g_assert_true (xim_note_reader_previous (&reader, 2, &hash, NULL));
  g_assert_cmpuint (hash.bytes[0], ==, 0x93);
  g_assert_true (xim_note_reader_end (&reader, NULL));
}

static void
test_previous_refuses (void)
{
  const struct
  {
    const char *text;
    guint32 number;
  } bad[] = {
    { "previous -\n", 2 },        { "previous " KEY "\n", 1 },
    { "previous --\n", 1 },       { "previous AAAA\n", 2 },
    { "previous " KEY "A\n", 2 }, { "other -\n", 1 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      XimNoteReader reader = { bad[i].text };
      XimHash hash;
      ASSERT_REFUSED (
          XIM_ERROR_MALFORMED,
          xim_note_reader_previous (&reader, bad[i].number, &hash, error));
    }
}

static void
test_key (void)
{
  XimNoteReader reader = { "key x25519 " KEY "\nkey ed448 " KEY "\n" };
  guint8 key[XIM_KEY_LEN];
  g_assert_true (xim_note_reader_key (&reader, "key", "x25519", key, NULL));
  g_assert_cmpuint (key[31], ==, 0x29);
  ASSERT_REFUSED (XIM_ERROR_UNSUPPORTED,
                  xim_note_reader_key (&reader, "key", "x25519", key, error));
  const char *const other[] = { "key x25518 " KEY "\n", "key x2551 " KEY "\n",
                                "key x25519x " KEY "\n" };
  for (guint i = 0; i < G_N_ELEMENTS (other); i++)
    {
      reader.rest = other[i];
      ASSERT_REFUSED (
          XIM_ERROR_UNSUPPORTED,
          xim_note_reader_key (&reader, "key", "x25519", key, error));
    }
  const char *const bad[]
      = { "key x25519\n",         "key x25519 \n",         "key  " KEY "\n",
          "key " KEY "\n",        "key x25519  " KEY "\n", "key x25519 AAAA\n",
          "key x25519 " KEY " \n" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      reader.rest = bad[i];
      ASSERT_REFUSED (
          XIM_ERROR_MALFORMED,
          xim_note_reader_key (&reader, "key", "x25519", key, error));
    }
}

static void
test_device (void)
{
  XimNoteReader reader = { "device 1f2e3d4c5b6a7988 ed25519 " KEY "\n"
                           "device 1f2e3d4c5b6a7988\n"
                           "device 1f2e3d4c5b6a7988 ed448 " KEY "\n" };
  XimDeviceId id;
  guint8 key[XIM_KEY_LEN];
  g_assert_true (
      xim_note_reader_device (&reader, "device", &id, "ed25519", key, NULL));
  g_assert_cmpuint (id.bytes[7], ==, 0x88);
  g_assert_cmpuint (key[0], ==, 0x93);
  g_assert_true (
      xim_note_reader_device (&reader, "device", &id, NULL, NULL, NULL));
  ASSERT_REFUSED (
      XIM_ERROR_UNSUPPORTED,
      xim_note_reader_device (&reader, "device", &id, "ed25519", key, error));
}

static void
test_device_refuses (void)
{
  const char *const bad[] = {
    "device 1f2e3d4c5b6a7988x ed25519 " KEY "\n",
    "device 1f2e3d4c5b6a7988xed25519 " KEY "\n",
    "device 1f2e3d4c5b6a798 ed25519 " KEY "\n",
    "device 1F2e3d4c5b6a7988 ed25519 " KEY "\n",
    "device 1f2e3d4c5b6a7988  ed25519 " KEY "\n",
    "device 1f2e3d4c5b6a7988 ed25519\n",
    "device 1f2e3d4c5b6a7988 \n",
    "device 1f2e\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      XimNoteReader reader = { bad[i] };
      XimDeviceId id;
      guint8 key[XIM_KEY_LEN];
      ASSERT_REFUSED (XIM_ERROR_MALFORMED,
                      xim_note_reader_device (&reader, "device", &id,
                                              "ed25519", key, error));
      reader.rest = bad[i];
      ASSERT_REFUSED (
          XIM_ERROR_MALFORMED,
          xim_note_reader_device (&reader, "device", &id, NULL, NULL, error));
    }
  XimNoteReader reader = { "device 1f2e3d4c5b6a7988\n" };
  XimDeviceId id;
  guint8 key[XIM_KEY_LEN];
  ASSERT_REFUSED (
      XIM_ERROR_MALFORMED,
      xim_note_reader_device (&reader, "device", &id, "ed25519", key, error));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/note-reader/title/accepts", test_title);
  g_test_add_func ("/note-reader/title/refuses", test_title_refuses);
  g_test_add_func ("/note-reader/line/accepts", test_line);
  g_test_add_func ("/note-reader/line/refuses", test_line_refuses);
  g_test_add_func ("/note-reader/typed/accepts", test_typed);
  g_test_add_func ("/note-reader/typed/refuses", test_typed_refuses);
  g_test_add_func ("/note-reader/previous/accepts", test_previous);
  g_test_add_func ("/note-reader/previous/refuses", test_previous_refuses);
  g_test_add_func ("/note-reader/key", test_key);
  g_test_add_func ("/note-reader/device/accepts", test_device);
  g_test_add_func ("/note-reader/device/refuses", test_device_refuses);
  return g_test_run ();
}
