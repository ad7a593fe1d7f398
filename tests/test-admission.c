/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Tests of admission.c. */

#include "config.h"

#include "plugin/admission.h"
#include "tests/fake-net.h"
#include "tests/headless.h"
#include "test-notes.h"

/* Versions that the keyserver has, by number. */
static XimAccount *has[8];
static gboolean down;

static void
handle (const XimHttpRequest *request, FakeAnswer *answer)
{
  const char *slash = strrchr (request->url, '/');
  const guint64 version = g_ascii_strtoull (slash + 1, NULL, 10);
  answer->outcome = down ? XIM_HTTP_TIMEOUT : XIM_HTTP_ANSWER;
  answer->status = 404;
  if (version >= G_N_ELEMENTS (has) || has[version] == NULL)
    return;
  answer->status = 200;
  answer->body = xim_note_encode (has[version]->note);
}

static void
set_up (void)
{
  fake_net_reset (handle, NULL);
  down = FALSE;
}

static void
tear_down (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (has); i++)
    g_clear_pointer (&has[i], xim_account_free);
}

/* The next version, of these devices. */
static const XimAccount *
publish (const char *devices, const char *signers, gboolean reset)
{
  guint n = 1;
  while (has[n] != NULL)
    n++;
  has[n] = test_account ((TestAccount){ .devices = devices,
                                        .signers = signers,
                                        .version = n,
                                        .reset = reset,
                                        .before = has[n - 1] });
  return has[n];
}

/* What device `a` took with it while @account was the newest version. */
static XimAdmission *
exported_at (const XimAccount *account)
{
  g_autoptr (GError) error = NULL;
  const XimDeviceId id = { { 'a' } };
  XimExport *exported = xim_export_new (TEST_JID, &id);
  exported->seed = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (exported->seed), 'a', XIM_KEY_LEN);
  exported->account = xim_note_encode (account->note);
  for (guint i = 1; i <= account->version; i++)
    g_ptr_array_add (exported->versions, g_strdup (has[i]->text));
  XimAdmission *admission = xim_admission_new (exported, &error);
  g_assert_no_error (error);
  return admission;
}

static int result; /* -1: good; -2: none */

static void
checked (const GError *error, gpointer data)
{
  g_assert_true (data == &result);
  g_assert_cmpint (result, ==, -2);
  result = error != NULL ? error->code : -1;
}

static int
check (XimAdmission *admission, const XimAccount *present)
{
  static const XimDomain domain = { .base_url = "https://keys.example.org" };
  XimHttp *http = xim_http_new (NULL);
  result = -2;
  xim_admission_check (admission, http, &domain, present, checked, &result);
  g_assert_cmpint (result, ==, -2);
  fake_run ();
  xim_http_free (http);
  return result;
}

/* Returns the code of the error, or -1 when the keyserver would take it. */
static int
sign (XimAdmission *admission, const XimAccount *present, char letter)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (XimSignKey) key = test_sign_key (letter);
  const XimSender own
      = { .jid = TEST_JID, .device = test_listed (letter).id, .key = key };
  g_autofree char *text
      = xim_admission_sign (admission, &own, TEST_NOW_S, &error);
  if (text == NULL)
    return error->code;
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), &error);
  g_assert_no_error (error);
  g_autoptr (XimAccount) next = xim_account_decode (note, &error);
  g_assert_no_error (error);
  const XimAccountHistory known = { .newest = present };
  XimRelation relation = XIM_RELATION_UNCHANGED;
  xim_account_check_server (next, &known, TEST_NOW_S, &relation, &error);
  g_assert_no_error (error);
  g_assert_cmpint (relation, ==, XIM_RELATION_CONTINUED);
  g_assert_cmpuint (next->version, ==, present->version + 1);
  g_assert_cmpuint (next->n_devices, ==, present->n_devices + 1);
  return -1;
}

static void
test_same_version (void)
{
  set_up ();
  const XimAccount *one = publish ("a", "aS", FALSE);
  g_autoptr (XimAdmission) admission = exported_at (one);
  g_assert_true (xim_admission_is_listed (admission, one));
  g_assert_cmpint (sign (admission, one, 'n'), ==, XIM_ERROR_UNAVAILABLE);
  g_assert_cmpint (check (admission, one), ==, -1);
  g_assert_cmpuint (fake_n_requests (), ==, 0);
  g_assert_cmpint (sign (admission, one, 'n'), ==, -1);
  g_assert_cmpint (sign (admission, one, 'a'), ==, XIM_ERROR_KEY_CHANGED);
  tear_down ();
}

/* The list went on since; the versions between are fetched and checked. */
static void
test_later_version (void)
{
  set_up ();
  g_autoptr (XimAdmission) admission
      = exported_at (publish ("a", "aS", FALSE));
  publish ("ab", "abS", FALSE);
  publish ("abc", "bcS", FALSE);
  const XimAccount *present = publish ("ac", "cS", FALSE);
  g_assert_cmpint (check (admission, present), ==, -1);
  g_assert_cmpuint (fake_n_requests (), ==, 2);
  g_assert_cmpint (sign (admission, present, 'n'), ==, -1);
  tear_down ();
}

/* Nothing of an earlier check counts for another list. */
static void
test_again (void)
{
  set_up ();
  const XimAccount *one = publish ("a", "aS", FALSE);
  g_autoptr (XimAdmission) admission = exported_at (one);
  g_assert_cmpint (check (admission, one), ==, -1);
  const XimAccount *two = publish ("ab", "abS", FALSE);
  g_assert_cmpint (check (admission, two), ==, -1);
  g_assert_cmpint (sign (admission, two, 'n'), ==, -1);
  down = TRUE;
  publish ("abc", "bcS", FALSE);
  const XimAccount *four = publish ("ac", "cS", FALSE);
  g_assert_cmpint (check (admission, four), ==, XIM_ERROR_UNAVAILABLE);
  g_assert_cmpint (sign (admission, four, 'n'), ==, XIM_ERROR_UNAVAILABLE);
  down = FALSE;
  g_assert_cmpint (check (admission, four), ==, -1);
  tear_down ();
}

/* A list that the exported one does not lead to is not signed. */
static void
test_refuses_others (void)
{
  set_up ();
  const XimAccount *one = publish ("a", "aS", FALSE);
  g_autoptr (XimAdmission) admission = exported_at (one);
  g_autoptr (XimAccount) other = test_account (
      (TestAccount){ .devices = "am", .signers = "amS", .version = 1 });
  g_assert_cmpint (check (admission, other), ==, XIM_ERROR_KEY_CHANGED);
  g_assert_cmpint (sign (admission, other, 'n'), ==, XIM_ERROR_UNAVAILABLE);

  g_autoptr (XimAccount) after = test_account ((TestAccount){
      .devices = "am", .signers = "mS", .version = 2, .before = other });
  g_assert_cmpint (check (admission, after), ==, XIM_ERROR_KEY_CHANGED);
  g_autoptr (XimAccount) unsigned_step = test_account ((TestAccount){
      .devices = "am", .signers = "mS", .version = 2, .before = one });
  g_assert_cmpint (check (admission, unsigned_step), ==,
                   XIM_ERROR_KEY_CHANGED);
  const XimAccount *reset = publish ("am", "amS", TRUE);
  g_assert_cmpint (check (admission, reset), ==, XIM_ERROR_KEY_CHANGED);
  tear_down ();
}

/* Neither an older list, nor one whose way is not shown. */
static void
test_refuses_gaps (void)
{
  set_up ();
  const XimAccount *one = publish ("a", "aS", FALSE);
  const XimAccount *two = publish ("ab", "abS", FALSE);
  g_autoptr (XimAdmission) early = exported_at (one);
  g_autoptr (XimAdmission) late = exported_at (two);
  g_assert_cmpint (check (late, one), ==, XIM_ERROR_KEY_CHANGED);
  const XimAccount *three = publish ("ac", "acS", FALSE);
  g_clear_pointer (&has[2], xim_account_free);
  g_assert_cmpint (check (early, three), ==, XIM_ERROR_KEY_CHANGED);
  g_assert_cmpint (check (late, three), ==, -1);
  tear_down ();
}

static void
test_listed_by_key (void)
{
  set_up ();
  const XimAccount *one = publish ("a", "aS", FALSE);
  const XimAccount *two = publish ("ab", "abS", FALSE);
  const XimAccount *three = publish ("b", "bS", FALSE);
  g_autoptr (XimAdmission) admission = exported_at (one);
  g_assert_true (xim_admission_is_listed (admission, two));
  g_assert_false (xim_admission_is_listed (admission, three));
  XimAccount *another = xim_account_copy (one);
  another->devices[0].key = test_listed ('b').key;
  g_assert_false (xim_admission_is_listed (admission, another));
  xim_account_free (another);
  tear_down ();
}

/* Freed while it asks: nobody hears of it. */
static void
test_stops (void)
{
  set_up ();
  g_autoptr (XimAdmission) admission
      = exported_at (publish ("a", "aS", FALSE));
  publish ("ab", "abS", FALSE);
  const XimAccount *present = publish ("abc", "bcS", FALSE);
  static const XimDomain domain = { .base_url = "https://keys.example.org" };
  XimHttp *http = xim_http_new (NULL);
  result = -2;
  xim_admission_check (admission, http, &domain, present, checked, &result);
  g_clear_pointer (&admission, xim_admission_free);
  fake_run ();
  g_assert_cmpint (result, ==, -2);
  xim_http_free (http);
  tear_down ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  headless_start ();
  g_test_add_func ("/admission/same-version", test_same_version);
  g_test_add_func ("/admission/later-version", test_later_version);
  g_test_add_func ("/admission/again", test_again);
  g_test_add_func ("/admission/refuses-others", test_refuses_others);
  g_test_add_func ("/admission/refuses-gaps", test_refuses_gaps);
  g_test_add_func ("/admission/listed-by-key", test_listed_by_key);
  g_test_add_func ("/admission/stops", test_stops);
  const int code = g_test_run ();
  headless_stop ();
  return code;
}
