/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-note.c. */

#include "config.h"

#include "xim-note.h"

#include <string.h>

#include "test-notes.h"
#include "xim-codec.h"
#include "xim-error.h"

/* The example of the C2SP specification of signed notes. */
#define VKEY                                                                  \
  "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define TEXT "This is an example message.\n"
#define DASH "\xe2\x80\x94 "
#define LINE                                                                  \
  DASH "example.com/foo "                                                     \
       "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH"  \
       "3mFXmRKuwHjG1Yu72IneyaQM=\n"
#define NOTE TEXT "\n" LINE

static XimNote *
decode (const char *data)
{
  g_autoptr (GError) error = NULL;
  XimNote *note = xim_note_decode (data, strlen (data), &error);
  g_assert_no_error (error);
  return note;
}

static void
assert_refused_len (const char *data, gsize len, XimError code)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_note_decode (data, len, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
assert_refused (const char *data, XimError code)
{
  assert_refused_len (data, strlen (data), code);
}

/* A key made from one byte, always the same. */
static XimSignKey *
make_key (const char *name, guint8 byte)
{
  g_autoptr (GError) error = NULL;
  XimSecret *seed = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (seed), byte, XIM_KEY_LEN);
  XimSignKey *key = xim_sign_key_new (name, seed, &error);
  g_assert_no_error (error);
  return key;
}

static gboolean
verifies (const XimNote *note, const XimSignKey *key)
{
  g_autoptr (GError) error = NULL;
  const XimVerifyKey *keys[] = { xim_sign_key_public (key) };
  gboolean ok = xim_note_verify (note, keys, 1, NULL, &error);
  g_assert_true (ok == (error == NULL));
  if (!ok)
    g_assert_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE);
  return ok;
}

static void
test_example (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimVerifyKey) key = xim_verify_key_decode (VKEY, &error);
  g_assert_no_error (error);
  g_autoptr (XimNote) note = decode (NOTE);
  g_assert_cmpstr (xim_note_text (note), ==, TEXT);
  const XimVerifyKey *keys[] = { key };
  guint64 good = 0;
  g_assert_true (xim_note_verify (note, keys, 1, &good, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (good, ==, 1);
  g_autofree char *encoded = xim_note_encode (note);
  g_assert_cmpstr (encoded, ==, NOTE);
}

static void
test_decode_accepts (void)
{
  const char *const good[] = {
    "a\n\n" DASH "a AAAAAAA=\n",      /* five bytes of an unknown key */
    "a\n\nb\n\n" DASH "a AAAAAAA=\n", /* blank lines in the text */
    "\n\n" DASH "a AAAAAAA=\n",       /* a text of one empty line */
    DASH "a AAAAAAA=\n\n" DASH "b AAAAAAA=\n",
    "a\n\n" DASH "a AAAAAAA=\n" DASH "a AAAAAQA=\n", /* another id */
    "a\n\n" DASH "a AAAAAAA=\n" DASH "b AAAAAAA=\n", /* another name */
    "a\x7f\xc2\x80\n\n" DASH "!\"~ AAAAAAA=\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (XimNote) note = decode (good[i]);
      g_autofree char *encoded = xim_note_encode (note);
      g_assert_cmpstr (encoded, ==, good[i]);
    }
}

static void
test_decode_refuses (void)
{
  const char *const bad[] = {
    "",
    "\n",
    "\n\n",
    "a\n\n",
    TEXT,
    TEXT "\n",
    LINE,
    "\n" LINE,
    TEXT LINE,
    TEXT "\n\n",
    NOTE "\n",
    NOTE "x",
    NOTE "x\n",
    TEXT "\n" LINE LINE,
    TEXT "\r\n" LINE,
    "a\tb\n\n" LINE,
    "a\xc0\x80\n\n" LINE,
    "a\n\n- a AAAAAAA=\n",
    "a\n\n\xe2\x80\x93 a AAAAAAA=\n", /* an en dash */
    "a\n\n\xe2\x80\x94"
    "a AAAAAAA=\n",
    "a\n\n" DASH "\n",
    "a\n\n" DASH "a\n",
    "a\n\n" DASH "a \n",
    "a\n\n" DASH " AAAAAAA=\n",
    "a\n\n" DASH "a  AAAAAAA=\n",
    "a\n\n" DASH "a AAAAAAA= \n",
    "a\n\n" DASH "a AAAAAAA\n",
    "a\n\n" DASH "a AAAAAAB=\n",
    "a\n\n" DASH "a AAAAAA==\n", /* an id and no signature */
    "a\n\n" DASH "a+b AAAAAAA=\n",
    "a\n\n" DASH "a+AAAAAAA=\n",
    "a\n\n" DASH "\xc3\xa4 AAAAAAA=\n",
    "a\n\n" DASH "a AAAAAAA=",
    "a\n\n" DASH "a AAAAAAA=\n\n" DASH "a AAAAAAA=",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i], XIM_ERROR_MALFORMED);
  static const char nul[] = "a\0b\n\n" LINE;
  assert_refused_len (nul, sizeof nul - 1, XIM_ERROR_MALFORMED);
}

static char *
make_lines (guint n)
{
  GString *data = g_string_new ("a\n\n");
  for (guint i = 0; i < n; i++)
    g_string_append_printf (data, DASH "k%u AAAAAAA=\n", i);
  return g_string_free (data, FALSE);
}

static void
test_decode_limits (void)
{
  g_autofree char *most = make_lines (XIM_NOTE_SIGNATURES_MAX);
  g_autoptr (XimNote) note = decode (most);
  g_assert_nonnull (note);
  g_autofree char *more = make_lines (XIM_NOTE_SIGNATURES_MAX + 1);
  assert_refused (more, XIM_ERROR_TOO_LARGE);

  g_autofree char *filler
      = g_strnfill (XIM_NOTE_MAX - strlen ("\n\n" LINE), 'a');
  g_autofree char *longest = g_strconcat (filler, "\n\n" LINE, NULL);
  g_autoptr (XimNote) long_note = decode (longest);
  g_assert_nonnull (long_note);
  g_autofree char *too_long = g_strconcat ("a", longest, NULL);
  assert_refused (too_long, XIM_ERROR_TOO_LARGE);
}

static void
test_new (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = xim_note_new ("x\n", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (xim_note_text (note), ==, "x\n");
  const char *const bad[] = { "", "x", "x\r\n", "\xff\n", "x\n\t\n" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (xim_note_new (bad[i], &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
      g_clear_error (&error);
    }
  g_autofree char *filler = g_strnfill (XIM_NOTE_MAX, 'a');
  g_autofree char *too_long = g_strconcat (filler, "\n", NULL);
  g_assert_null (xim_note_new (too_long, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
}

static void
test_hash (void)
{
  g_autoptr (XimNote) note = decode (NOTE);
  XimHash hash, expected;
  xim_note_hash (note, &hash);
  const XimPiece text = { TEXT, strlen (TEXT) };
  xim_crypto_sha256 (&text, 1, &expected);
  g_assert_cmpmem (hash.bytes, 32, expected.bytes, 32);
}

static void
test_sign (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) a = make_key ("a", 1);
  g_autoptr (XimSignKey) b = make_key ("b", 2);
  g_autoptr (XimNote) note = xim_note_new ("x\n", &error);
  g_assert_false (verifies (note, a));
  g_assert_true (xim_note_sign (note, a, &error));
  g_assert_true (verifies (note, a));
  g_assert_false (verifies (note, b));
  g_assert_true (xim_note_sign (note, b, &error));
  g_assert_true (verifies (note, b));

  g_autofree char *first = xim_note_encode (note);
  g_autoptr (XimNote) decoded = decode (first);
  g_assert_true (verifies (decoded, a));
  /* Signing again adds nothing. */
  g_assert_true (xim_note_sign (decoded, a, &error));
  g_autofree char *again = xim_note_encode (decoded);
  g_assert_cmpuint (strlen (again), ==, strlen (first));
}

static void
test_sign_replaces_bad_line (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) key = make_key ("a", 1);
  g_autoptr (XimNote) other = xim_note_new ("y\n", &error);
  g_assert_true (xim_note_sign (other, key, &error));
  g_autofree char *encoded = xim_note_encode (other);
  encoded[0] = 'x';
  g_autoptr (XimNote) note = decode (encoded);
  g_assert_false (verifies (note, key));
  g_assert_true (xim_note_sign (note, key, &error));
  g_assert_true (verifies (note, key));
}

static void
test_sign_limits (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) key = make_key ("a", 1);
  g_autofree char *most = make_lines (XIM_NOTE_SIGNATURES_MAX);
  g_autoptr (XimNote) note = decode (most);
  g_assert_false (xim_note_sign (note, key, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
  g_clear_error (&error);

  g_autofree char *filler = g_strnfill (XIM_NOTE_MAX - 10, 'a');
  g_autofree char *text = g_strconcat (filler, "\n", NULL);
  g_autoptr (XimNote) full = xim_note_new (text, &error);
  g_assert_no_error (error);
  g_assert_false (xim_note_sign (full, key, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
  g_assert_false (verifies (full, key));
}

static void
test_verify_refuses (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) a = make_key ("a", 1);
  g_autoptr (XimSignKey) other_a = make_key ("a", 2);
  g_autoptr (XimSignKey) b = make_key ("b", 1);
  g_autoptr (XimNote) note = xim_note_new ("x\n", &error);
  g_assert_true (xim_note_sign (note, a, &error));
  g_assert_false (verifies (note, other_a));
  g_assert_false (verifies (note, b));
  g_assert_false (xim_note_verify (note, NULL, 0, NULL, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE);
  g_clear_error (&error);

  /* One known line that fails spoils the good one. */
  g_autofree char *good = xim_note_encode (note);
  g_autoptr (XimNote) wrong = xim_note_new ("y\n", &error);
  g_assert_true (xim_note_sign (wrong, b, &error));
  g_autofree char *bad = xim_note_encode (wrong);
  g_autofree char *both = g_strconcat (good, strstr (bad, DASH), NULL);
  g_autoptr (XimNote) mixed = decode (both);
  g_assert_true (verifies (mixed, a));
  const XimVerifyKey *keys[]
      = { xim_sign_key_public (a), xim_sign_key_public (b) };
  guint64 mask = 99;
  g_assert_false (xim_note_verify (mixed, keys, 2, &mask, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_SIGNATURE);
  g_assert_cmpuint (mask, ==, 99);
}

/* A line of a known key is read as 64 bytes, no matter what its first 64
 * are. */
static void
test_verify_refuses_length (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) key = make_key ("a", 1);
  const XimVerifyKey *known = xim_sign_key_public (key);
  XimSignature signature;
  guint8 bytes[XIM_NOTE_KEY_ID_LEN + sizeof signature.bytes + 1] = { 0 };
  xim_sign_key_sign (key, (const guint8 *)"x\n", 2, &signature);
  memcpy (bytes, known->id, sizeof known->id);
  memcpy (bytes + sizeof known->id, signature.bytes, sizeof signature.bytes);
  for (gsize len = sizeof bytes - 2; len <= sizeof bytes; len++)
    {
      g_autofree char *base64 = xim_codec_base64_encode (bytes, len);
      g_autofree char *data
          = g_strconcat ("x\n\n" DASH "a ", base64, "\n", NULL);
      g_autoptr (XimNote) note = decode (data);
      g_assert_true (verifies (note, key) == (len == sizeof bytes - 1));
    }
}

static void
test_verify_mask (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) a = make_key ("a", 1);
  g_autoptr (XimSignKey) b = make_key ("b", 2);
  g_autoptr (XimSignKey) c = make_key ("c", 3);
  g_autoptr (XimNote) note = xim_note_new ("x\n", &error);
  g_assert_true (xim_note_sign (note, c, &error));
  g_assert_true (xim_note_sign (note, a, &error));
  const XimVerifyKey *keys[]
      = { xim_sign_key_public (a), xim_sign_key_public (b),
          xim_sign_key_public (c) };
  guint64 good = 0;
  g_assert_true (xim_note_verify (note, keys, 3, &good, &error));
  g_assert_cmpuint (good, ==, 5);
}

static void
test_keep (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) a = make_key ("a", 1);
  g_autoptr (XimSignKey) b = make_key ("b", 2);
  g_autoptr (XimSignKey) stranger = make_key ("c", 3);
  g_autoptr (XimNote) note = xim_note_new ("x\n", &error);
  g_assert_true (xim_note_sign (note, stranger, &error));
  g_assert_true (xim_note_sign (note, b, &error));
  g_assert_true (xim_note_sign (note, a, &error));
  const XimVerifyKey *keys[]
      = { xim_sign_key_public (a), xim_sign_key_public (b) };
  xim_note_keep (note, keys, 2);
  g_assert_false (verifies (note, stranger));

  g_autoptr (XimNote) expected = xim_note_new ("x\n", &error);
  g_assert_true (xim_note_sign (expected, a, &error));
  g_assert_true (xim_note_sign (expected, b, &error));
  g_autofree char *kept = xim_note_encode (note);
  g_autofree char *wanted = xim_note_encode (expected);
  g_assert_cmpstr (kept, ==, wanted);
}

static void
test_copy (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = decode (NOTE);
  g_autoptr (XimNote) copy = xim_note_copy (note);
  g_autoptr (XimSignKey) key = make_key ("a", 1);
  g_assert_true (xim_note_sign (copy, key, &error));
  g_autofree char *encoded = xim_note_encode (note);
  g_assert_cmpstr (encoded, ==, NOTE);
  xim_note_free (NULL);
}

static void
test_drop (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimNote) note = test_note ("x-im test v1\n", "aST");
  g_autoptr (XimVerifyKey) first = test_verify_key ('S');
  g_autoptr (XimVerifyKey) second = test_verify_key ('T');
  g_autoptr (XimVerifyKey) other = test_verify_key ('b');
  xim_note_drop (note, other);
  xim_note_drop (note, first); /* not the one of the same name */
  const XimVerifyKey *keys[] = { first, second };
  guint64 good = 0;
  g_assert_true (xim_note_verify (note, keys, 2, &good, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (good, ==, 2);
  g_autoptr (XimNote) left = test_note ("x-im test v1\n", "aT");
  g_autofree char *expected = xim_note_encode (left);
  g_autofree char *got = xim_note_encode (note);
  g_assert_cmpstr (got, ==, expected);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/note/example", test_example);
  g_test_add_func ("/note/decode/accepts", test_decode_accepts);
  g_test_add_func ("/note/decode/refuses", test_decode_refuses);
  g_test_add_func ("/note/decode/limits", test_decode_limits);
  g_test_add_func ("/note/new", test_new);
  g_test_add_func ("/note/hash", test_hash);
  g_test_add_func ("/note/sign/adds-line", test_sign);
  g_test_add_func ("/note/sign/replaces-bad-line",
                   test_sign_replaces_bad_line);
  g_test_add_func ("/note/sign/limits", test_sign_limits);
  g_test_add_func ("/note/verify/refuses", test_verify_refuses);
  g_test_add_func ("/note/verify/refuses-length", test_verify_refuses_length);
  g_test_add_func ("/note/verify/mask", test_verify_mask);
  g_test_add_func ("/note/keep", test_keep);
  g_test_add_func ("/note/drop", test_drop);
  g_test_add_func ("/note/copy", test_copy);
  return g_test_run ();
}
