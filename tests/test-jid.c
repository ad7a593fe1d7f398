/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-jid.c. */

#include "config.h"

#include "xim-jid.h"

#include <string.h>

#include "xim-error.h"
#include "xim-limits.h"

static gboolean
accepts (const char *jid)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = xim_jid_check (jid, strlen (jid), &error);
  g_assert_true (ok == (error == NULL));
  if (!ok)
    g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  return ok;
}

static char *
repeat (const char *piece, guint n, const char *tail)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append (text, piece);
  g_string_append (text, tail);
  return g_string_free (text, FALSE);
}

static void
test_check_accepts (void)
{
  const char *const good[] = {
    "alice@example.org",
    "a@b",
    "o\\27neil+x-y_z.!#$%*=?^`{|}~@one.test",
    "\xc3\xbc"
    "ber@b\xc3\xbc"
    "cher.example",
    "alice@127.0.0.1",
    "alice@az09.example",
    "\xd7\x90\xd7\x91@example.org",
    "alice@a--b.example",
  };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (accepts (good[i]));
}

static void
test_check_refuses (void)
{
  const char *const bad[] = {
    "",
    "@",
    "alice",
    "alice@",
    "@example.org",
    "Alice@example.org",
    "alice@Example.org",
    "alice@example.org/home",
    "alice@example.org.",
    "alice@.example.org",
    "alice@example..org",
    "alice@-example.org",
    "alice@example-.org",
    "alice@exa_mple.org",
    "alice@exa mple.org",
    "alice@[127.0.0.1]",
    "alice@[::1]",
    "alice@xn--bcher-kva.example",
    "alice@example.xn--bcher-kva",
    "alice@b@example.org",
    "al ice@example.org",
    "al\nice@example.org",
    "al\x7fice@example.org",
    "al\"ice@example.org",
    "al&ice@example.org",
    "al'ice@example.org",
    "al:ice@example.org",
    "al<ice@example.org",
    "al>ice@example.org",
    "\xc3\x9c"
    "ber@example.org", /* capital U umlaut */
    "alice@B\xc3\xbc"
    "cher.example", /* capital B */
    "al\xc2\xad"
    "ice@example.org",            /* soft hyphen, mapped to nothing */
    "al\xef\xbd\x81@example.org", /* full-width a */
    "u\xcc\x88@example.org",      /* not composed */
    "alice@stra\xc3\x9f"
    "e.example",                     /* sharp s becomes ss */
    "al\xe2\x80\xa8ice@example.org", /* line separator */
    "al\xee\x80\x80@example.org",    /* private use */
    "al\xc8\xa1@example.org",        /* U+0221, unassigned in 3.2 */
    "alice@a\xc8\xa1.example",       /* the same in a domain */
    "al\xd7\x90@example.org",        /* left and right mixed */
    "alice@a\xe3\x80\x82"
    "b", /* ideographic full stop */
    "alice@a\xef\xbc\x8e"
    "b",                          /* full-width full stop */
    "al\xc0\xae@example.org",     /* overlong UTF-8 */
    "al\xed\xa0\x80@example.org", /* a surrogate */
    "alice@ex\xff.org",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    if (accepts (bad[i]))
      g_error ("accepted case %u", i);
}

static void
test_check_refuses_nul (void)
{
  static const char inside[] = "alice@exam\0ple.org";
  g_autoptr (GError) error = NULL;
  g_assert_false (xim_jid_check (inside, sizeof inside - 1, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_clear_error (&error);
  static const char local[] = "al\0ice@example.org";
  g_assert_false (xim_jid_check (local, sizeof local - 1, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static void
test_check_lengths (void)
{
  g_autofree char *local = repeat ("a", XIM_JID_PART_MAX, "@example.org");
  g_assert_true (accepts (local));
  g_autofree char *long_local
      = repeat ("a", XIM_JID_PART_MAX + 1, "@example.org");
  g_assert_false (accepts (long_local));

  g_autofree char *labels = repeat ("a.", 511, "a"); /* 1,023 bytes */
  g_autofree char *domain = g_strconcat ("a@", labels, NULL);
  g_assert_true (accepts (domain));
  g_autofree char *long_domain = g_strconcat ("a@", labels, "a", NULL);
  g_assert_false (accepts (long_domain));

  g_autofree char *label = repeat ("a", XIM_JID_LABEL_MAX, "");
  g_autofree char *good = g_strconcat ("a@", label, ".test", NULL);
  g_assert_true (accepts (good));
  g_autofree char *bad = g_strconcat ("a@", label, "a.test", NULL);
  g_assert_false (accepts (bad));

  /* The same limit for what is not ASCII. */
  g_autofree char *u = repeat ("\xc3\xbc", XIM_JID_PART_MAX / 2, "");
  g_autofree char *odd = g_strconcat ("a", u, "@example.org", NULL);
  g_assert_true (accepts (odd));
  g_autofree char *even = g_strconcat ("aa", u, "@example.org", NULL);
  g_assert_false (accepts (even));

  /* Characters count, not bytes. */
  g_autofree char *umlauts = repeat ("\xc3\xbc", XIM_JID_LABEL_MAX, "");
  g_autofree char *unicode = g_strconcat ("a@", umlauts, ".test", NULL);
  g_assert_true (accepts (unicode));
  g_autofree char *more = g_strconcat ("a@", umlauts, "\xc3\xbc.test", NULL);
  g_assert_false (accepts (more));
}

/* The short way for ASCII agrees with the tables: a local part with one more
 * letter behind it that is not ASCII always takes the long way. */
static void
test_check_ascii_as_nodeprep (void)
{
  for (int c = 1; c < 0x80; c++)
    {
      char plain[] = "x?x@example.org";
      char tables[] = "x?\xc3\xbc@example.org";
      plain[1] = (char)c;
      tables[1] = (char)c;
      g_assert_cmpint (accepts (plain), ==, accepts (tables));
    }
}

static void
assert_prepared (const char *jid, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *prepared = xim_jid_prepare (jid, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (prepared, ==, expected);
  g_assert_true (accepts (prepared));
}

static void
test_prepare (void)
{
  assert_prepared ("alice@example.org", "alice@example.org");
  assert_prepared ("Alice@Example.ORG/Home", "alice@example.org");
  assert_prepared ("alice@example.org/a@b/c", "alice@example.org");
  assert_prepared ("alice@XN--Bcher-kva.example", "alice@b\xc3\xbc"
                                                  "cher.example");
  assert_prepared ("al\xc2\xad"
                   "ice@example.org",
                   "alice@example.org");
  assert_prepared ("\xc3\x9c"
                   "ber@Stra\xc3\x9f"
                   "e.example",
                   "\xc3\xbc"
                   "ber@strasse.example");
}

static void
test_prepare_refuses (void)
{
  const char *const bad[] = {
    "",
    "example.org",
    "/alice@example.org",
    "@example.org",
    "alice@",
    "alice@/home",
    "\xc2\xad@example.org", /* nothing is left */
    "al ice@example.org",
    "al\xc8\xa1@example.org",
    "alice@example.org.",
    "alice@[::1]",
    "alice@xn--a.example", /* no such A-label */
    "alice@ex\xff.org",
    "alice@example.org/\xff",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (xim_jid_prepare (bad[i], &error));
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

/* U+FDFA becomes 18 characters: a prepared part may be over the limit. */
static void
test_prepare_refuses_grown (void)
{
  g_autofree char *jid = repeat ("\xef\xb7\xba", 300, "@example.org");
  g_autoptr (GError) error = NULL;
  g_assert_null (xim_jid_prepare (jid, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static void
test_prepare_domain (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *domain
      = xim_jid_prepare_domain ("xn--BCHER-kva.Example", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (domain, ==,
                   "b\xc3\xbc"
                   "cher.example");
  g_assert_null (xim_jid_prepare_domain ("", &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_clear_error (&error);
  g_assert_null (xim_jid_prepare_domain ("\xff", &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static void
test_domain (void)
{
  g_assert_cmpstr (xim_jid_domain ("alice@example.org"), ==, "example.org");
}

static void
test_domain_to_ascii (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *ascii = xim_jid_domain_to_ascii ("b\xc3\xbc"
                                                    "cher.example",
                                                    &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ascii, ==, "xn--bcher-kva.example");
  g_autofree char *plain = xim_jid_domain_to_ascii ("example.org", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plain, ==, "example.org");
  g_autofree char *most = repeat ("a.", 126, "a"); /* 253 characters */
  g_autofree char *longest = xim_jid_domain_to_ascii (most, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (longest, ==, most);
  g_assert_true (xim_jid_check_origin (most, strlen (most), &error));
}

static void
test_domain_to_ascii_refuses (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *label = repeat ("\xc3\xbc", XIM_JID_LABEL_MAX, ".test");
  g_assert_null (xim_jid_domain_to_ascii (label, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
  g_clear_error (&error);
  g_autofree char *longer = repeat ("a.", 127, "a"); /* 255 characters */
  g_assert_null (xim_jid_domain_to_ascii (longer, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
}

static void
test_origin (void)
{
  const char *const good[] = { "keys.example.org", "localhost", "127.0.0.1",
                               "keys.xn--bcher-kva.example" };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_true (xim_jid_check_origin (good[i], strlen (good[i]), &error));
      g_assert_no_error (error);
    }
}

static void
test_origin_refuses (void)
{
  g_autofree char *longer = repeat ("a.", 127, "a");
  const char *const bad[] = {
    "",
    "Keys.example.org",
    "keys.example.org.",
    "keys.example.org:5443",
    "keys.example.org/log",
    "keys.b\xc3\xbc"
    "cher.example",
    "keys.XN--bcher-kva.example",
    "keys.xn--a.example", /* decodes to nothing */
    "keys.xn--bcher-.example",
    "keys.xn--abc-.example",
    "keys.xn--Bcher-kva.example",
    "keys_1.example.org",
    "[::1]",
    longer,
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      if (xim_jid_check_origin (bad[i], strlen (bad[i]), &error))
        g_error ("accepted case %u", i);
      g_assert_error (error, XIM_ERROR, XIM_ERROR_MALFORMED);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jid/check/accepts", test_check_accepts);
  g_test_add_func ("/jid/check/refuses", test_check_refuses);
  g_test_add_func ("/jid/check/refuses-nul", test_check_refuses_nul);
  g_test_add_func ("/jid/check/lengths", test_check_lengths);
  g_test_add_func ("/jid/check/ascii-as-nodeprep",
                   test_check_ascii_as_nodeprep);
  g_test_add_func ("/jid/prepare/accepts", test_prepare);
  g_test_add_func ("/jid/prepare/refuses", test_prepare_refuses);
  g_test_add_func ("/jid/prepare/refuses-grown", test_prepare_refuses_grown);
  g_test_add_func ("/jid/prepare/domain", test_prepare_domain);
  g_test_add_func ("/jid/domain", test_domain);
  g_test_add_func ("/jid/domain-to-ascii/accepts", test_domain_to_ascii);
  g_test_add_func ("/jid/domain-to-ascii/refuses",
                   test_domain_to_ascii_refuses);
  g_test_add_func ("/jid/origin/accepts", test_origin);
  g_test_add_func ("/jid/origin/refuses", test_origin_refuses);
  return g_test_run ();
}
