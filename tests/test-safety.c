/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-safety.c. */

#include "config.h"

#include "xim-safety.h"

#include "test-notes.h"
#include "xim-error.h"

#define BOB "bob@example.org"
#define HASH "EMXV3NF1BymCxBNCHVexDkr3TZ_xgW_eKG_sXWNp6HY"
#define SIDE_1 "alice%40example.org;3;" HASH
#define SIDE_2 "bob%40example.org;1;" HASH
#define CODE "x-im:" SIDE_1 ";" SIDE_2

/* A start at version 3, and two versions that continue it. */
typedef struct
{
  XimAccount *before; /* 2 */
  XimAccount *start;  /* 3 */
  XimAccount *middle; /* 4 */
  XimAccount *newest; /* 5 */
} Chain;

static void
chain_clear (Chain *chain)
{
  xim_account_free (chain->before);
  xim_account_free (chain->start);
  xim_account_free (chain->middle);
  xim_account_free (chain->newest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chain, chain_clear)

/* @lines: under versions 3, 4 and 5, which list b, b and c, b to d. */
static void
make_chain (Chain *chain, const char *const lines[3])
{
  chain->before = test_account (
      (TestAccount){ .version = 2, .devices = "a", .signers = "a" });
  chain->start = test_account ((TestAccount){ .before = chain->before,
                                              .reset = TRUE,
                                              .devices = "bx",
                                              .signers = lines[0] });
  chain->middle = test_account ((TestAccount){ .before = chain->start,
                                               .devices = "bcx",
                                               .signers = lines[1] });
  chain->newest = test_account ((TestAccount){ .before = chain->middle,
                                               .devices = "bcdx",
                                               .signers = lines[2] });
}

static const XimAccount *
find (const Chain *chain, GError **error)
{
  const XimAccount *between[]
      = { chain->middle, chain->start, chain->before };
  return xim_safety_first (chain->newest, between, G_N_ELEMENTS (between),
                           error);
}

static void
test_first (void)
{
  g_auto (Chain) chain = { 0 };
  g_autoptr (GError) error = NULL;
  make_chain (&chain, (const char *const[]){ "bxS", "bcS", "cdS" });
  g_assert_true (find (&chain, &error) == chain.start);
  g_assert_no_error (error);
  g_assert_true (xim_safety_first (chain.start, NULL, 0, &error)
                 == chain.start);
  g_assert_no_error (error);
  g_autoptr (XimAccount) one
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_assert_true (xim_safety_first (one, NULL, 0, &error) == one);
  g_autoptr (XimAccount) two = test_account ((TestAccount){
      .before = one, .devices = "ab", .signers = "ab" });
  const XimAccount *between[] = { one };
  g_assert_true (xim_safety_first (two, between, 1, &error) == one);
  g_assert_no_error (error);
}

static void
test_first_ends_early (void)
{
  g_auto (Chain) chain = { 0 };
  g_autoptr (GError) error = NULL;
  make_chain (&chain, (const char *const[]){ "bx", "bc", "cd" });
  const XimAccount *between[] = { chain.middle };
  g_assert_null (xim_safety_first (chain.newest, between, 1, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_FOUND);
}

/* A version that no device before it signed was put in by somebody else: the
 * number of the members must not come out. */
static void
test_first_refuses (void)
{
  static const struct
  {
    const char *lines[3];
    XimError code;
  } cases[] = {
    { { "bx", "bc", "d" }, XIM_ERROR_KEY_CHANGED },
    { { "bx", "c", "cd" }, XIM_ERROR_KEY_CHANGED },
    { { "bx", "bc", "c" }, XIM_ERROR_SIGNATURE },
    { { "b", "bc", "cd" }, XIM_ERROR_SIGNATURE },
    { { "S", "bc", "cd" }, XIM_ERROR_SIGNATURE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Chain) chain = { 0 };
      g_autoptr (GError) error = NULL;
      make_chain (&chain, cases[i].lines);
      g_assert_null (find (&chain, &error));
      g_assert_error (error, XIM_ERROR, (gint)cases[i].code);
    }
}

static void
test_first_refuses_another_text (void)
{
  g_auto (Chain) chain = { 0 };
  g_autoptr (GError) error = NULL;
  make_chain (&chain, (const char *const[]){ "bx", "bc", "cd" });
  g_autoptr (XimAccount) other
      = test_account ((TestAccount){ .before = chain.before,
                                     .reset = TRUE,
                                     .time_s = TEST_NOW_S + 1,
                                     .devices = "bx",
                                     .signers = "bx" });
  const XimAccount *between[] = { chain.middle, other };
  g_assert_null (xim_safety_first (chain.newest, between, 2, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED);
}

static void
test_number (void)
{
  char one[XIM_SAFETY_LEN + 1];
  char other[XIM_SAFETY_LEN + 1];
  xim_safety_number ("a text\n", "b text\n", one);
  xim_safety_number ("b text\n", "a text\n", other);
  g_assert_cmpuint (strspn (one, "0123456789"), ==, XIM_SAFETY_LEN);
  g_assert_cmpstr (one, ==, other);
  g_assert_cmpint (strncmp (one, one + XIM_SAFETY_LEN / 2, 30), <=, 0);
  xim_safety_number ("a text\n", "c text\n", other);
  g_assert_cmpstr (one, !=, other);
}

/* A group below 10,000 keeps its zeros. */
static void
test_leading_zeros (void)
{
  char number[XIM_SAFETY_LEN + 1] = "";
  gboolean found = FALSE;
  for (guint i = 0; i < 1000 && !found; i++)
    {
      g_autofree char *text = g_strdup_printf ("text %u\n", i);
      xim_safety_number (text, text, number);
      g_assert_cmpuint (strlen (number), ==, XIM_SAFETY_LEN);
      found = number[0] == '0';
    }
  g_assert_true (found);
}

static void
test_show (void)
{
  g_autofree char *shown = xim_safety_number_show (
      "151328158776964964191550495091934575204260402033914285935062");
  g_assert_cmpstr (shown, ==,
                   "15132 81587 76964 96419 15504 95091\n"
                   "93457 52042 60402 03391 42859 35062");
}

static void
test_code (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimAccount) alice
      = test_account ((TestAccount){ .devices = "a", .signers = "a" });
  g_autoptr (XimAccount) bob = test_account (
      (TestAccount){ .jid = BOB, .devices = "b", .signers = "b" });
  g_autoptr (XimSafety) one = xim_safety_new (alice, bob);
  g_autoptr (XimSafety) other = xim_safety_new (bob, alice);
  g_autofree char *text = xim_safety_encode (one);
  g_autofree char *same = xim_safety_encode (other);
  g_assert_cmpstr (text, ==, same);
  g_assert_true (g_str_has_prefix (text, "x-im:alice%40example.org;1;"));
  g_autoptr (XimSafety) decoded = xim_safety_decode (text, &error);
  g_assert_no_error (error);
  g_assert_true (xim_safety_is_same (one, decoded, TEST_JID));
  g_assert_true (xim_safety_is_same (one, decoded, BOB));
  g_assert_false (xim_safety_is_same (one, decoded, "carol@example.org"));
  g_assert_true (xim_safety_is_about (decoded, BOB));
  g_assert_false (xim_safety_is_about (decoded, "carol@example.org"));
}

/* Each of version and hash alone makes a side another one. */
static void
test_compare (void)
{
  g_autoptr (XimSafety) one = xim_safety_decode (CODE, NULL);
  g_autoptr (XimSafety) version = xim_safety_decode (
      "x-im:alice%40example.org;4;" HASH ";" SIDE_2, NULL);
  g_autoptr (XimSafety) hash = xim_safety_decode (
      "x-im:" SIDE_1 ";bob%40example.org;1;"
      "FMXV3NF1BymCxBNCHVexDkr3TZ_xgW_eKG_sXWNp6HY",
      NULL);
  g_assert_nonnull (one);
  g_assert_nonnull (version);
  g_assert_nonnull (hash);
  g_assert_true (xim_safety_is_same (one, one, TEST_JID));
  g_assert_false (xim_safety_is_same (one, version, TEST_JID));
  g_assert_true (xim_safety_is_same (one, version, BOB));
  g_assert_true (xim_safety_is_same (one, hash, TEST_JID));
  g_assert_false (xim_safety_is_same (one, hash, BOB));
}

static void
test_refuses (void)
{
  static const char *const texts[] = {
    "",
    "x-im:",
    "x-im:;;;;;",
    " " CODE,
    CODE " ",
    CODE "\n",
    CODE ";",
    "X-IM:" SIDE_1 ";" SIDE_2,
    SIDE_1 ";" SIDE_2,
    "x-im:" SIDE_2 ";" SIDE_1,
    "x-im:" SIDE_1 ";" SIDE_1,
    "x-im:" SIDE_1,
    "x-im:alice@example.org;3;" HASH ";" SIDE_2,
    "x-im:%61lice%40example.org;3;" HASH ";" SIDE_2,
    "x-im:Alice%40example.org;3;" HASH ";" SIDE_2,
    "x-im:alice%40example.org%00;3;" HASH ";" SIDE_2,
    "x-im:alice%4;3;" HASH ";" SIDE_2,
    "x-im:alice;3;" HASH ";" SIDE_2,
    "x-im:alice%40example.org%2fpc;3;" HASH ";" SIDE_2,
    "x-im:alice%40example.org;03;" HASH ";" SIDE_2,
    "x-im:alice%40example.org;0;" HASH ";" SIDE_2,
    "x-im:alice%40example.org;4294967296;" HASH ";" SIDE_2,
    "x-im:alice%40example.org;;" HASH ";" SIDE_2,
    "x-im:alice%40example.org;3;" HASH "=;" SIDE_2,
    "x-im:alice%40example.org;3;" HASH "A;" SIDE_2,
    /* Bits behind the last byte; and the other alphabet. */
    "x-im:alice%40example.org;3;EMXV3NF1BymCxBNCHVexDkr3TZ_xgW_eKG_sXWNp6HZ"
    ";" SIDE_2,
    "x-im:alice%40example.org;3;EMXV3NF1BymCxBNCHVexDkr3TZ/xgW/eKG/sXWNp6HY"
    ";" SIDE_2,
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (xim_safety_decode (texts[i], &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

static void
test_too_large (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *long_text = g_strnfill (20000, 'a');
  g_assert_null (xim_safety_decode (long_text, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  g_test_add_func ("/safety/first", test_first);
  g_test_add_func ("/safety/first/ends-early", test_first_ends_early);
  g_test_add_func ("/safety/first/refuses", test_first_refuses);
  g_test_add_func ("/safety/first/refuses-another-text",
                   test_first_refuses_another_text);
  g_test_add_func ("/safety/number", test_number);
  g_test_add_func ("/safety/leading-zeros", test_leading_zeros);
  g_test_add_func ("/safety/show", test_show);
  g_test_add_func ("/safety/code", test_code);
  g_test_add_func ("/safety/code/compare", test_compare);
  g_test_add_func ("/safety/code/refuses", test_refuses);
  g_test_add_func ("/safety/code/too-large", test_too_large);
  return g_test_run ();
}
