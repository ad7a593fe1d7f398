/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Fills the store of a keyserver that is not running with many accounts, each
   of three versions: by its own signer, store and publisher, without HTTP. */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xim.h"

#include "ks-adopt.h"
#include "ks-intake.h"
#include "ks-leaf.h"
#include "ks-settle.h"

#define VERSIONS 3
#define BLOCK 4096 /* accounts of a group: each has two texts to sign */
#define MAKERS 2   /* threads */
#define AHEAD 2    /* blocks that are made and not stored yet */
#define PER_DAY 1000

typedef struct
{
  XimKsConfig *config;
  int lock_fd;
  XimSecret *members;
  XimKsSigner *signer;
  XimKsSigner *prover; /* the same keys in this process, for VRF proofs */
  XimKsStore *store;
  XimKsTiles *tiles;
  XimKsPublisher *publisher;
  guint64 next, end; /* accounts that nobody makes yet */
  XimX25519Public agree;
  GMutex lock;
  GCond changed;
  GQueue made; /* of Block */
} Fill;

typedef struct
{
  guint n;
  XimKsAccountWrite *writes[VERSIONS][BLOCK];
} Block;

typedef struct
{
  XimDeviceId id;
  XimSignKey *key;
} Device;

static void
check (const GError *error)
{
  if (error == NULL)
    return;
  fprintf (stderr, "bench-fill: %s\n", error->message);
  exit (EXIT_FAILURE);
}

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
device_init (Device *device)
{
  GError *error = NULL;
  char name[XIM_DEVICE_NAME_LEN + 1];
  xim_device_id_generate (&device->id);
  xim_device_id_name (&device->id, name);
  device->key = xim_sign_key_generate (name, &error);
  check (error);
}

static char *
sign (const char *text, const Device *devices, guint n)
{
  GError *error = NULL;
  g_autoptr (XimNote) note = xim_note_new (text, &error);
  for (guint i = 0; i < n && error == NULL; i++)
    xim_note_sign (note, devices[i].key, &error);
  check (error);
  return xim_note_encode (note);
}

static XimKsDeviceRow *
make_device_row (const Fill *fill, const char *jid, const Device *device)
{
  XimDevice fields = {
    .jid = (char *)jid,
    .id = device->id,
    .serial = 1,
    .key = fill->agree,
    .created_s = now_s (),
    .expires_s = now_s () + XIM_DEVICE_NOTE_LIFE_S,
  };
  g_autofree char *text = xim_device_encode (&fields);
  g_autofree char *note = sign (text, device, 1);
  return xim_ks_device_row_new (&device->id, 1, note);
}

/* The version after @before with these devices, all of which sign; @added has
 * its first note in it. */
static XimKsAccountWrite *
make_write (const Fill *fill, const char *jid, const XimKsAccountWrite *before,
            const Device *devices, guint n, const Device *added)
{
  GError *error = NULL;
  XimKsAccountWrite *write = g_new0 (XimKsAccountWrite, 1);
  XimAccount account = {
    .jid = (char *)jid,
    .version = before != NULL ? before->version + 1 : 1,
    .has_previous = before != NULL,
    .time_s = now_s (),
    .n_devices = n,
  };
  if (before != NULL)
    account.previous = before->hash;
  for (guint i = 0; i < n; i++)
    account.devices[i] = (XimAccountDevice){
      devices[i].id, xim_sign_key_public (devices[i].key)->key
    };
  g_autofree char *text = account.text = xim_account_encode (&account);
  xim_crypto_sha256 (&(XimPiece){ text, strlen (text) }, 1, &write->hash);
  xim_ks_leaf_begin (&write->leaf, before != NULL ? &before->logged : NULL,
                     FALSE);
  const XimKsLeafOf leaf = { jid, account.version, &write->leaf };
  xim_ks_leaf_prove (fill->prover, &leaf, 1, &error);
  check (error);
  xim_ks_leaf_account (&account, write);
  write->jid = g_strdup (jid);
  write->version = account.version;
  write->note = sign (text, devices, n);
  write->accepted_s = account.time_s;
  write->versions_per_day = PER_DAY;
  memcpy (write->listed, account.devices, sizeof write->listed);
  write->n_listed = n;
  write->devices = xim_ks_device_rows_new ();
  if (added != NULL)
    g_ptr_array_add (write->devices, make_device_row (fill, jid, added));
  return write;
}

/* A member gets a second computer and later puts the first one away. */
static void
make_account (const Fill *fill, guint64 number, Block *block)
{
  g_autofree char *jid = g_strdup_printf ("account%" G_GUINT64_FORMAT "@%s",
                                          number, fill->config->domain);
  Device old, new;
  device_init (&old);
  device_init (&new);
  gboolean ascending = xim_device_id_compare (&old.id, &new.id) < 0;
  const Device both[]
      = { ascending ? old : new, ascending ? new : old };
  XimKsAccountWrite *first = make_write (fill, jid, NULL, &old, 1, &old);
  XimKsAccountWrite *second = make_write (fill, jid, first, both, 2, &new);
  block->writes[0][block->n] = first;
  block->writes[1][block->n] = second;
  block->writes[2][block->n]
      = make_write (fill, jid, second, &new, 1, NULL);
  block->n++;
  xim_sign_key_free (old.key);
  xim_sign_key_free (new.key);
}

static gpointer
make_blocks (gpointer user_data)
{
  Fill *fill = user_data;
  for (;;)
    {
      g_mutex_lock (&fill->lock);
      while (fill->made.length >= AHEAD)
        g_cond_wait (&fill->changed, &fill->lock);
      guint64 first = fill->next;
      fill->next = MIN (first + BLOCK, fill->end);
      guint64 end = fill->next;
      g_mutex_unlock (&fill->lock);
      if (first == end)
        return NULL;
      Block *block = g_new0 (Block, 1);
      for (guint64 number = first; number < end; number++)
        make_account (fill, number, block);
      g_mutex_lock (&fill->lock);
      g_queue_push_tail (&fill->made, block);
      g_cond_broadcast (&fill->changed);
      g_mutex_unlock (&fill->lock);
    }
}

static Block *
next_block (Fill *fill)
{
  g_mutex_lock (&fill->lock);
  while (fill->made.length == 0)
    g_cond_wait (&fill->changed, &fill->lock);
  Block *block = g_queue_pop_head (&fill->made);
  g_cond_broadcast (&fill->changed);
  g_mutex_unlock (&fill->lock);
  return block;
}

/* What the writer of the keyserver does with a group of registrations. */
static void
store_group (Fill *fill, XimKsAccountWrite *const *writes, guint n)
{
  GError *error = NULL;
  guint32 have = 0;
  xim_ks_store_begin (fill->store, &error);
  for (guint i = 0; i < n && error == NULL; i++)
    xim_ks_intake_account (fill->store, writes[i], &have, &error);
  if (error == NULL && xim_ks_publisher_place (fill->publisher, &error))
    xim_ks_store_commit (fill->store, &error);
  check (error);
  xim_ks_publisher_placed (fill->publisher, TRUE);
  xim_ks_publisher_publish (fill->publisher, NULL, NULL, &error);
  check (error);
}

static void
store_block (Fill *fill, Block *block)
{
  for (guint version = 0; version < VERSIONS; version++)
    {
      store_group (fill, block->writes[version], block->n);
      for (guint i = 0; i < block->n; i++)
        xim_ks_account_write_free (block->writes[version][i]);
    }
  g_free (block);
}

static XimServer *
read_newest (const Fill *fill, const XimKsDatabaseOwner *owner)
{
  GError *error = NULL;
  g_autoptr (XimKsStore) store
      = xim_ks_store_open (fill->config->store, owner, &error);
  check (error);
  g_autofree char *text = xim_ks_store_server_note (store, 0, &error);
  check (error);
  g_autoptr (XimNote) note = xim_note_decode (text, strlen (text), &error);
  check (error);
  XimServer *server = xim_server_decode (note, &error);
  check (error);
  return server;
}

/* A proof is the same whoever makes it, and one call for each would cost more
 * than the rest. */
static void
open_prover (Fill *fill, const XimServer *newest)
{
  GError *error = NULL;
  XimKsKeys *keys
      = xim_ks_keys_load_newest (fill->config->keys, newest->key, &error);
  check (error);
  fill->prover = xim_ks_signer_new (fill->config->domain, keys);
}

/* As ks-run.c does it, up to where it would open the network. */
static void
open_all (Fill *fill)
{
  GError *error = NULL, *halted = NULL;
  const XimKsConfig *config = fill->config;
  g_autofree char *log = g_strconcat (config->origin, "/log", NULL);
  fill->lock_fd = xim_ks_database_lock (config->store, &error);
  check (error);
  fill->members = xim_ks_keys_load_members (config->keys, &error);
  check (error);
  const XimKsDatabaseOwner owner
      = { config->domain, config->origin, fill->members };
  g_autoptr (XimServer) newest = read_newest (fill, &owner);
  fill->signer = xim_ks_signer_start (config, newest->key, &error);
  check (error);
  open_prover (fill, newest);
  fill->store = xim_ks_store_open (config->store, &owner, &error);
  check (error);
  xim_ks_adopt (fill->signer, config->store, fill->members, &error);
  check (error);
  fill->tiles = xim_ks_tiles_new (fill->store, config->tile_cache_bytes);
  fill->publisher
      = xim_ks_publisher_new (fill->store, fill->signer, fill->tiles, log);
  xim_ks_publisher_start (fill->publisher, &halted, &error);
  check (error != NULL ? error : halted);
  xim_ks_settle (fill->store, fill->signer, fill->publisher, &error);
  check (error);
}

static void
close_all (Fill *fill)
{
  xim_ks_publisher_free (fill->publisher);
  xim_ks_tiles_free (fill->tiles);
  xim_ks_store_free (fill->store);
  xim_ks_signer_free (fill->prover);
  xim_ks_signer_free (fill->signer);
  xim_secret_free (fill->members);
  xim_ks_config_free (fill->config);
  close (fill->lock_fd);
}

static void
fill_up (Fill *fill)
{
  GThread *makers[MAKERS];
  guint64 first = fill->next, n = fill->end - first, done = 0;
  gint64 begin_us = g_get_monotonic_time ();
  for (guint i = 0; i < MAKERS; i++)
    makers[i] = g_thread_new ("maker", make_blocks, fill);
  while (done < n)
    {
      Block *block = next_block (fill);
      done += block->n;
      store_block (fill, block);
      fprintf (stderr, "bench-fill: %" G_GUINT64_FORMAT " accounts, %.0f s\n",
               first + done,
               (double)(g_get_monotonic_time () - begin_us) / G_USEC_PER_SEC);
    }
  for (guint i = 0; i < MAKERS; i++)
    g_thread_join (makers[i]);
}

int
main (int argc, char *argv[])
{
  GError *error = NULL;
  Fill fill = { .lock_fd = -1 };
  if (argc != 4 || !xim_secret_init (&error))
    {
      fprintf (stderr, "usage: bench-fill CONFIG FIRST END\n"
                       "makes accountFIRST to account(END - 1)\n");
      return EXIT_FAILURE;
    }
  fill.config = xim_ks_config_load (argv[1], &error);
  check (error);
  fill.next = g_ascii_strtoull (argv[2], NULL, 10);
  fill.end = g_ascii_strtoull (argv[3], NULL, 10);
  open_all (&fill);
  g_autoptr (XimSecret) secret = xim_crypto_x25519_generate ();
  xim_crypto_x25519_public (secret, &fill.agree);
  fill_up (&fill);
  close_all (&fill);
  return EXIT_SUCCESS;
}
