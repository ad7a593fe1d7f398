/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A keyserver's store for tests. */

#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "test-notes.h"
#include "xim-error.h"

#include "ks-intake.h"
#include "ks-pending.h"

/* Ends the files of a store, and their folder, which holds nothing else. */
static inline void
test_store_remove (const char *path)
{
  static const char *const ends[] = { "", "-wal", "-shm", ".lock", ".old" };
  g_autofree char *folder = g_path_get_dirname (path);
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *file = g_strconcat (path, ends[i], NULL);
      g_unlink (file);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* For the life of the process. */
static inline const XimSecret *
test_members (void)
{
  static XimSecret *secret = NULL;
  if (secret == NULL)
    {
      secret = xim_secret_new (XIM_KEY_LEN);
      memset (xim_secret_data (secret), 'm', XIM_KEY_LEN);
    }
  return secret;
}

static inline XimKsDatabaseOwner
test_owner (void)
{
  return (XimKsDatabaseOwner){ TEST_DOMAIN, TEST_ORIGIN, test_members () };
}

static inline void
test_store_create (const char *path)
{
  g_autoptr (GError) error = NULL;
  const XimKsDatabaseOwner owner = test_owner ();
  xim_ks_database_create (path, &owner, "the server note", &error);
  g_assert_no_error (error);
}

static inline XimKsStore *
test_store_open (const char *path)
{
  g_autoptr (GError) error = NULL;
  const XimKsDatabaseOwner owner = test_owner ();
  XimKsStore *store = xim_ks_store_open (path, &owner, &error);
  g_assert_no_error (error);
  return store;
}

/* A version with a device for each letter of @listed; each has a note. */
static inline XimKsAccountWrite *
test_account_write (const char *jid, guint32 version, const char *listed)
{
  XimKsAccountWrite *write = g_new0 (XimKsAccountWrite, 1);
  write->jid = g_strdup (jid);
  write->version = version;
  memset (&write->hash, (int)version, sizeof write->hash);
  write->note = g_strdup_printf ("%s version %u", jid, version);
  write->accepted_s = TEST_NOW_S;
  write->versions_per_day = 20;
  write->devices = xim_ks_device_rows_new ();
  for (const char *c = listed; *c != '\0'; c++)
    {
      XimAccountDevice *device = &write->listed[write->n_listed++];
      memset (&device->id, *c, sizeof device->id);
      memset (&device->key, *c, sizeof device->key);
      g_ptr_array_add (write->devices,
                       xim_ks_device_row_new (&device->id, 1, "device"));
    }
  return write;
}

/* What is taken in is published at once, and nothing is signed. */
static inline void
test_publish (XimKsStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = xim_ks_pending_load (store, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < rows->len; i++)
    {
      XimKsPending *row = rows->pdata[i];
      row->signed_note = g_strdup (row->note);
    }
  g_assert_true (xim_ks_pending_publish (store, rows, &error));
}

/* Puts one version, in a transaction of its own; takes @write.
 * Returns: -1 when it is stored, else the code of the error */
static inline int
test_put (XimKsStore *store, XimKsAccountWrite *write, guint32 *have)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (xim_ks_store_begin (store, NULL));
  gboolean ok = xim_ks_intake_account (store, write, have, &error);
  if (ok)
    {
      test_publish (store);
      g_assert_true (xim_ks_store_commit (store, NULL));
    }
  else
    xim_ks_store_abandon (store);
  xim_ks_account_write_free (write);
  if (ok)
    return -1;
  g_assert_true (error->domain == XIM_ERROR);
  return error->code;
}

static inline XimKsRecord *
test_record (XimKsStore *store, const char *jid)
{
  g_autoptr (GError) error = NULL;
  XimKsRecord *found = NULL;
  g_assert_true (xim_ks_store_record (store, jid, &found, &error));
  g_assert_no_error (error);
  return found;
}
