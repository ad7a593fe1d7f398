/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fuzzes xim-jid.c. */

#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "xim-error.h"
#include "xim-jid.h"

/* What is prepared stays as it is, and its host is a good one. */
static void
use_jid (const char *jid)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *again = xim_jid_prepare (jid, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, jid);
  g_autofree char *ascii
      = xim_jid_domain_to_ascii (xim_jid_domain (jid), NULL);
  if (ascii != NULL)
    g_assert_true (xim_jid_check_origin (ascii, strlen (ascii), NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *)data;
  g_autoptr (GError) error = NULL;
  g_autofree char *string = g_strndup (text, size);
  gboolean ok = xim_jid_check (text, size, &error);
  g_assert_true (ok == (error == NULL));
  if (ok)
    use_jid (string);
  (void)xim_jid_check_domain (text, size, NULL);
  (void)xim_jid_check_origin (text, size, NULL);
  g_autofree char *prepared = xim_jid_prepare (string, NULL);
  if (prepared != NULL)
    use_jid (prepared);
  g_autofree char *domain = xim_jid_prepare_domain (string, NULL);
  if (domain != NULL)
    g_assert_true (xim_jid_check_domain (domain, strlen (domain), NULL));
  return 0;
}
