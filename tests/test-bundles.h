/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Makes whole bundles for tests, and verifies them. */

#pragma once

#include "test-logs.h"
#include "test-notes.h"
#include "xim-verify.h"

typedef struct
{
  const char *jid;          /* TEST_JID if NULL */
  const XimAccount *before; /* as for TestAccount */
  gboolean reset;
  const char *devices;         /* letters; each gets a note of serial 1 */
  const char *account_signers; /* all devices and the server if NULL; those of
                                  @before sign too, unless it is a reset */
  const char *current_signers; /* the server if NULL */
  gint64 current_s;            /* TEST_NOW_S if 0 */
  gint64 life_s;               /* of the device notes, as for TestDevice */
} TestBundle;

static inline char *
test_all_signers (const TestBundle *spec)
{
  GString *signers = g_string_new (spec->devices);
  for (guint i = 0;
       !spec->reset && spec->before != NULL && i < spec->before->n_devices;
       i++)
    {
      char letter = (char)spec->before->devices[i].id.bytes[0];
      if (strchr (signers->str, letter) == NULL)
        g_string_append_c (signers, letter);
    }
  g_string_append_c (signers, 'S');
  return g_string_free (signers, FALSE);
}

static inline XimBundle *
test_bundle (TestBundle spec)
{
  g_autofree char *all = test_all_signers (&spec);
  XimBundle *bundle = g_new0 (XimBundle, 1);
  bundle->jid = g_strdup (spec.jid != NULL ? spec.jid : TEST_JID);
  bundle->account = test_account ((TestAccount){
      .jid = spec.jid,
      .before = spec.before,
      .reset = spec.reset,
      .devices = spec.devices,
      .signers = spec.account_signers != NULL ? spec.account_signers : all });
  bundle->current = test_current (
      bundle->account, spec.current_s != 0 ? spec.current_s : TEST_NOW_S,
      spec.current_signers != NULL ? spec.current_signers : "S");
  for (const char *p = spec.devices; *p != '\0'; p++)
    {
      const char signers[] = { *p, 'S', '\0' };
      bundle->devices[bundle->n_devices++]
          = test_device ((TestDevice){ .jid = spec.jid,
                                       .device = *p,
                                       .life_s = spec.life_s,
                                       .signers = signers });
    }
  bundle->logged = test_log_account (bundle->account, 1);
  return bundle;
}

/**
 * test_verify:
 * Verifies @bundle as a client that pinned keyserver S for TEST_DOMAIN.
 */
static inline XimVerified *
test_verify (const XimBundle *bundle, const char *jid, const XimKnown *known,
             gint64 now_s, GError **error)
{
  g_autoptr (XimVerifyKey) server = test_verify_key ('S');
  g_autoptr (XimVerifyKey) log = test_log_public ('S');
  const XimPin pin = { .domain = TEST_DOMAIN,
                       .server = server,
                       .log = log,
                       .vrf = test_vrf_public ('V') };
  return xim_verify_bundle (bundle, &pin, jid, known, now_s, error);
}
