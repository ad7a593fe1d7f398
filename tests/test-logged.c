/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of xim-logged.c. */

#include "config.h"

#include "xim-logged.h"

#include "test-bundles.h"
#include "test-logs.h"
#include "xim-error.h"

/* Alice's second version behind five others, all of it good. */
typedef struct
{
  XimAccount *first;
  XimAccount *account;
  XimLogged *logged;
  XimVerifyKey *log;
  XimVrfPublic vrf;
} World;

static void
world_setup (World *world, gconstpointer data G_GNUC_UNUSED)
{
  world->first
      = test_account ((TestAccount){ .devices = "a", .signers = "aS" });
  world->account = test_account ((TestAccount){
      .before = world->first, .devices = "ab", .signers = "abS" });
  world->logged = test_log_account (world->account, 5);
  world->log = test_log_public ('S');
  world->vrf = test_vrf_public ('V');
}

static void
world_teardown (World *world, gconstpointer data G_GNUC_UNUSED)
{
  xim_account_free (world->first);
  xim_account_free (world->account);
  xim_logged_free (world->logged);
  xim_verify_key_free (world->log);
}

static void
accepts (const World *world, XimLogPlace *place)
{
  g_autoptr (GError) error = NULL;
  xim_logged_check (world->logged, world->account, world->log, &world->vrf,
                    place, &error);
  g_assert_no_error (error);
}

static void
refuses (const World *world, XimError code)
{
  g_autoptr (GError) error = NULL;
  XimLogPlace place;
  g_assert_false (xim_logged_check (world->logged, world->account, world->log,
                                    &world->vrf, &place, &error));
  g_assert_error (error, XIM_ERROR, (int)code);
}

static void
test_accepts (World *world, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (XimVrfKey) key = test_vrf_key ('V');
  const XimEntry expected = test_entry (world->account);
  XimLogPlace place;
  XimVrfProof proof;
  XimIndex next;
  accepts (world, &place);
  g_assert_cmpuint (place.leaf, ==, 6);
  g_assert_cmpmem (&place.entry, sizeof place.entry, &expected,
                   sizeof expected);
  xim_entry_prove (key, TEST_JID, 3, &proof, &next);
  g_assert_cmpmem (&place.next, sizeof place.next, &next, sizeof next);
}

/* A proof of the whole way that was made for something else. */
static void
test_refuses_leaf (World *world, gconstpointer data G_GNUC_UNUSED)
{
  world->logged->leaf--;
  refuses (world, XIM_ERROR_NOT_LOGGED);
  world->logged->leaf += 2;
  refuses (world, XIM_ERROR_NOT_LOGGED);
  world->logged->leaf = G_MAXUINT64;
  refuses (world, XIM_ERROR_NOT_LOGGED);
}

static void
test_refuses_inclusion (World *world, gconstpointer data G_GNUC_UNUSED)
{
  XimTreeProof *proof = &world->logged->inclusion;
  proof->hashes[1].bytes[7] ^= 1;
  refuses (world, XIM_ERROR_NOT_LOGGED);
  proof->hashes[1].bytes[7] ^= 1;
  proof->n--;
  refuses (world, XIM_ERROR_NOT_LOGGED);
  proof->n += 2;
  refuses (world, XIM_ERROR_NOT_LOGGED);
}

static void
test_refuses_opening (World *world, gconstpointer data G_GNUC_UNUSED)
{
  world->logged->opening.bytes[15] ^= 1;
  refuses (world, XIM_ERROR_NOT_LOGGED);
}

/* The indices of other versions, another address and another key. */
static void
test_refuses_index (World *world, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (XimVrfKey) key = test_vrf_key ('V');
  g_autoptr (XimVrfKey) other_key = test_vrf_key ('W');
  XimLogged *logged = world->logged;
  const XimVrfProof index = logged->index, next = logged->next;
  logged->index = next;
  refuses (world, XIM_ERROR_NOT_LOGGED);
  logged->index = index;
  logged->next = index;
  refuses (world, XIM_ERROR_NOT_LOGGED);
  xim_entry_prove (key, "bob@example.org", 3, &logged->next, NULL);
  refuses (world, XIM_ERROR_NOT_LOGGED);
  xim_entry_prove (other_key, TEST_JID, 3, &logged->next, NULL);
  refuses (world, XIM_ERROR_NOT_LOGGED);
  logged->next = next;
  xim_entry_prove (key, "bob@example.org", 2, &logged->index, NULL);
  refuses (world, XIM_ERROR_NOT_LOGGED);
  logged->index = index;
  world->vrf = test_vrf_public ('W');
  refuses (world, XIM_ERROR_NOT_LOGGED);
}

static void
test_refuses_checkpoint (World *world, gconstpointer data G_GNUC_UNUSED)
{
  XimTreeHead head = world->logged->checkpoint->head;
  xim_checkpoint_free (world->logged->checkpoint);
  world->logged->checkpoint = test_checkpoint (&head, 'T');
  refuses (world, XIM_ERROR_SIGNATURE);
  head.root.bytes[0] ^= 1;
  xim_checkpoint_free (world->logged->checkpoint);
  world->logged->checkpoint = test_checkpoint (&head, 'S');
  refuses (world, XIM_ERROR_NOT_LOGGED);
  xim_verify_key_free (world->log);
  world->log = test_verify_key ('S');
  refuses (world, XIM_ERROR_WRONG_NAME);
}

/* A log whose entry says something else of the same version. */
static void
test_refuses_flags (World *world, gconstpointer data G_GNUC_UNUSED)
{
  static const XimEntryFlags flags[]
      = { XIM_ENTRY_NEW, XIM_ENTRY_RESET, XIM_ENTRY_ERASED };
  g_autofree TestLog *log = g_new (TestLog, 1);
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    {
      XimEntry entry = test_entry (world->account);
      entry.flags = flags[i];
      test_log_init (log, 3);
      test_log_append (log, &entry);
      xim_logged_free (world->logged);
      world->logged = test_logged (log, world->account, 4);
      refuses (world, XIM_ERROR_NOT_LOGGED);
    }
}

static void
test_refuses_other_text (World *world, gconstpointer data G_GNUC_UNUSED)
{
  XimAccount *logged = world->account;
  world->account = test_account ((TestAccount){
      .before = world->first, .devices = "ac", .signers = "acS" });
  refuses (world, XIM_ERROR_NOT_LOGGED);
  xim_account_free (logged);
}

/* The first version and a reset, each with its flag. */
static void
test_accepts_flags (World *world, gconstpointer data G_GNUC_UNUSED)
{
  XimLogPlace place;
  xim_account_free (world->account);
  world->account = test_account ((TestAccount){ .before = world->first,
                                                .reset = TRUE,
                                                .devices = "b",
                                                .signers = "bS" });
  xim_logged_free (world->logged);
  world->logged = test_log_account (world->account, 0);
  accepts (world, &place);
  g_assert_cmpint (place.entry.flags, ==, XIM_ENTRY_RESET);
  xim_account_free (world->account);
  world->account = g_steal_pointer (&world->first);
  xim_logged_free (world->logged);
  world->logged = test_log_account (world->account, 300);
  accepts (world, &place);
  g_assert_cmpint (place.entry.flags, ==, XIM_ENTRY_NEW);
  g_assert_cmpuint (place.leaf, ==, 301);
}

/* There is no version after the last: nothing proves it. */
static void
test_refuses_last_version (World *world, gconstpointer data G_GNUC_UNUSED)
{
  xim_account_free (world->account);
  world->account = test_account ((TestAccount){ .before = world->first,
                                                .version = XIM_NUMBER_MAX,
                                                .devices = "a",
                                                .signers = "aS" });
  xim_logged_free (world->logged);
  world->logged = test_log_account (world->account, 1);
  refuses (world, XIM_ERROR_NOT_LOGGED);
}

/* The whole way through a bundle: as JSON and back, and verified. */
static char *
encode (const World *world)
{
  g_autoptr (XimCurrent) current
      = test_current (world->account, TEST_NOW_S, "S");
  g_autofree char *account = xim_note_encode (world->account->note);
  g_autofree char *newest = xim_note_encode (current->note);
  return xim_bundle_encode (TEST_JID, account, newest, NULL, 0, world->logged);
}

static XimVerified *
verify (const World *world, const char *json, GError **error)
{
  g_autoptr (XimVerifyKey) server = test_verify_key ('S');
  const XimPin pin = { TEST_DOMAIN, server, world->log, world->vrf };
  const XimKnown known = { .history = { .newest = world->first } };
  g_autoptr (XimBundle) bundle
      = xim_bundle_decode (json, strlen (json), error);
  return bundle != NULL ? xim_verify_bundle (bundle, &pin, TEST_JID, &known,
                                             TEST_NOW_S, error)
                        : NULL;
}

static void
test_bundle_with_log (World *world, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *json = encode (world);
  g_autoptr (XimVerified) verified = verify (world, json, &error);
  g_assert_no_error (error);
  XimLogPlace place;
  accepts (world, &place);
  g_assert_cmpmem (xim_verified_place (verified), sizeof place, &place,
                   sizeof place);
  const XimCheckpoint *checkpoint = xim_verified_checkpoint (verified);
  g_assert_cmpstr (checkpoint->origin, ==, TEST_LOG_ORIGIN);
  g_assert_cmpuint (checkpoint->head.size, ==, 7);

  world->logged->opening.bytes[0] ^= 1;
  g_autofree char *wrong = encode (world);
  g_assert_null (verify (world, wrong, &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED);
}

typedef struct
{
  const char *member; /* of the JSON, or NULL: what it is instead of all */
  const char *with;
  XimError code;
} Bad;

/* @json with another value for @member, which holds no comma. */
static char *
replace_member (const char *json, const char *member, const char *with)
{
  g_autofree char *name = g_strdup_printf ("\"%s\":", member);
  const char *at = strstr (strstr (json, "\"log\":"), name);
  g_assert_nonnull (at);
  at += strlen (name);
  const char *end = strcmp (member, "inclusion") == 0    ? strchr (at, ']') + 1
                    : strcmp (member, "checkpoint") == 0 ? strchr (at, '}')
                                                         : strchr (at, ',');
  g_autofree char *head = g_strndup (json, (gsize)(at - json));
  return g_strconcat (head, with, end, NULL);
}

static void
test_decode_refuses (World *world, gconstpointer data G_GNUC_UNUSED)
{
  static const Bad bad[] = {
    { "leaf", "\"6\"", XIM_ERROR_MALFORMED },
    { "leaf", "-1", XIM_ERROR_MALFORMED },
    { "leaf", "9007199254740992", XIM_ERROR_MALFORMED },
    { "index", "\"\"", XIM_ERROR_MALFORMED },
    { "index", "\"AAAA\"", XIM_ERROR_MALFORMED },
    { "next", "null", XIM_ERROR_MALFORMED },
    { "opening", "\"UZZ4ql+OoxQ1t73w+HmG\"", XIM_ERROR_MALFORMED },
    { "inclusion", "\"\"", XIM_ERROR_MALFORMED },
    { "inclusion", "[1]", XIM_ERROR_MALFORMED },
    { "inclusion", "[\"AAAA\"]", XIM_ERROR_MALFORMED },
    { "checkpoint", "\"\"", XIM_ERROR_MALFORMED },
    { "checkpoint", "7", XIM_ERROR_MALFORMED },
    { "leaf", "6,\"more\":6", XIM_ERROR_MALFORMED },
  };
  g_autofree char *json = encode (world);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *wrong
          = replace_member (json, bad[i].member, bad[i].with);
      g_assert_null (xim_bundle_decode (wrong, strlen (wrong), &error));
      g_assert_error (error, XIM_ERROR, (int)bad[i].code);
    }
}

static void
test_decode_refuses_many (World *world, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;
  world->logged->inclusion.n = XIM_TREE_PROOF_MAX;
  g_autofree char *most = encode (world);
  g_autoptr (XimBundle) bundle
      = xim_bundle_decode (most, strlen (most), &error);
  g_assert_no_error (error);
  g_autoptr (GString) more = g_string_new ("[\"\"");
  for (guint i = 0; i < XIM_TREE_PROOF_MAX; i++)
    g_string_append (more, ",\"\"");
  g_string_append_c (more, ']');
  g_autofree char *wrong = replace_member (most, "inclusion", more->str);
  g_assert_null (xim_bundle_decode (wrong, strlen (wrong), &error));
  g_assert_error (error, XIM_ERROR, XIM_ERROR_TOO_LARGE);
}

#define ADD(path, test)                                                       \
  g_test_add (path, World, NULL, world_setup, test, world_teardown)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (xim_secret_init (NULL));
  ADD ("/logged/check/accepts", test_accepts);
  ADD ("/logged/check/accepts-flags", test_accepts_flags);
  ADD ("/logged/check/refuses-leaf", test_refuses_leaf);
  ADD ("/logged/check/refuses-inclusion", test_refuses_inclusion);
  ADD ("/logged/check/refuses-opening", test_refuses_opening);
  ADD ("/logged/check/refuses-index", test_refuses_index);
  ADD ("/logged/check/refuses-checkpoint", test_refuses_checkpoint);
  ADD ("/logged/check/refuses-flags", test_refuses_flags);
  ADD ("/logged/check/refuses-other-text", test_refuses_other_text);
  ADD ("/logged/check/refuses-last-version", test_refuses_last_version);
  ADD ("/logged/bundle", test_bundle_with_log);
  ADD ("/logged/decode/refuses", test_decode_refuses);
  ADD ("/logged/decode/refuses-too-many", test_decode_refuses_many);
  return g_test_run ();
}
