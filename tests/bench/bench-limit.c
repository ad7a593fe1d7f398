/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What bounds registrations: one core's signatures, checks and VRF proofs
   alone, and the disk's commits in groups. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "xim.h"

#include "ks-intake.h"
#include "ks-pending.h"

#define N_CRYPTO 2000
#define N_GROUPS 60
#define GROUP 64

static double
seconds_since (gint64 begin_us)
{
  return (double)(g_get_monotonic_time () - begin_us) / G_USEC_PER_SEC;
}

/* What else the machine does does not slow the processor's part. */
static double
processor_s (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
refuse (const GError *error)
{
  fprintf (stderr, "bench-limit: %s\n", error->message);
  exit (EXIT_FAILURE);
}

static XimVrfKey *
make_vrf_key (GError **error)
{
  XimSecret *scalar = xim_secret_new (XIM_KEY_LEN);
  memset (xim_secret_data (scalar), 1, XIM_KEY_LEN / 2);
  return xim_vrf_key_new (scalar, error);
}

/* A first registration has two signatures to verify, two keys to check, three
 * notes to sign (account, device, current), and two proofs to make: of its
 * index in the log and of the next one. */
static double
measure_crypto (void)
{
  GError *error = NULL;
  char text[400];
  memset (text, 'x', sizeof text);
  const guint8 *data = (const guint8 *)text;
  g_autoptr (XimSignKey) key = xim_sign_key_generate ("bench", &error);
  g_autoptr (XimSecret) secret = xim_crypto_x25519_generate ();
  XimX25519Public agree;
  xim_crypto_x25519_public (secret, &agree);
  const XimEd25519Public *verify = &xim_sign_key_public (key)->key;
  XimSignature signature;
  xim_sign_key_sign (key, data, sizeof text, &signature);

  g_autoptr (XimVrfKey) vrf = make_vrf_key (&error);
  if (error != NULL)
    refuse (error);

  double begin_s = processor_s ();
  for (guint i = 0; i < N_CRYPTO && error == NULL; i++)
    {
      (void)(xim_crypto_ed25519_check (verify, &error)
             && xim_crypto_x25519_check (&agree, &error));
      for (guint j = 0; j < 2 && error == NULL; j++)
        xim_crypto_ed25519_verify (verify, data, sizeof text, &signature,
                                   &error);
      XimSignature made;
      for (guint j = 0; j < 3; j++)
        xim_sign_key_sign (key, data, sizeof text, &made);
      XimVrfProof proof;
      for (guint32 j = 1; j <= 2; j++)
        xim_entry_prove (vrf, "member@one.test", j, &proof, NULL);
    }
  if (error != NULL)
    refuse (error);
  return N_CRYPTO / (processor_s () - begin_s);
}

static void
put (XimKsStore *store, guint number)
{
  GError *error = NULL;
  guint32 have = 0;
  g_autofree char *note = g_strnfill (700, 'n');
  g_autofree char *jid = g_strdup_printf ("member%u@one.test", number);
  XimKsAccountWrite write = {
    .jid = jid,
    .version = 1,
    .note = note,
    .accepted_s = 1,
    .versions_per_day = 20,
    .n_listed = 1,
    .devices
    = g_ptr_array_new_with_free_func ((GDestroyNotify)xim_ks_device_row_free),
  };
  xim_crypto_random (write.listed[0].key.bytes, XIM_KEY_LEN);
  xim_device_id_generate (&write.listed[0].id);
  g_ptr_array_add (write.devices,
                   xim_ks_device_row_new (&write.listed[0].id, 1, note));
  if (!xim_ks_intake_account (store, &write, &have, &error))
    refuse (error);
  g_ptr_array_unref (write.devices);
}

static void
publish (XimKsStore *store)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) rows = xim_ks_pending_load (store, &error);
  if (rows == NULL)
    refuse (error);
  for (guint i = 0; i < rows->len; i++)
    {
      XimKsPending *row = rows->pdata[i];
      row->signed_note = g_strdup (row->note);
    }
  if (!xim_ks_pending_publish (store, rows, &error))
    refuse (error);
}

static double
measure_disk (const char *folder)
{
  GError *error = NULL;
  g_autofree char *path = g_build_filename (folder, "limit.sqlite", NULL);
  g_autoptr (XimSecret) members = xim_secret_new (XIM_KEY_LEN);
  const XimKsDatabaseOwner owner = { "one.test", "keys.one.test", members };
  if (!xim_ks_database_create (path, &owner, "note", &error))
    refuse (error);
  g_autoptr (XimKsStore) store = xim_ks_store_open (path, &owner, &error);
  if (store == NULL)
    refuse (error);
  gint64 begin_us = g_get_monotonic_time ();
  for (guint i = 0; i < N_GROUPS; i++)
    {
      if (!xim_ks_store_begin (store, &error))
        refuse (error);
      for (guint j = 0; j < GROUP; j++)
        put (store, i * GROUP + j);
      publish (store);
      if (!xim_ks_store_commit (store, &error))
        refuse (error);
    }
  return N_GROUPS * GROUP / seconds_since (begin_us);
}

int
main (int argc, char *argv[])
{
  GError *error = NULL;
  if (argc != 2 || !xim_secret_init (&error))
    return EXIT_FAILURE;
  printf ("%.0f %.0f\n", measure_crypto (), measure_disk (argv[1]));
  return EXIT_SUCCESS;
}
