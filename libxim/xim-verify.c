/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Walks a bundle in order; the only maker of XimVerified. */

#include "config.h"

#include "xim-verify.h"

#include <string.h>

#include "xim-error.h"
#include "xim-jid.h"
#include "xim-verify-private.h"

struct _XimVerified
{
  gatomicrefcount ref_count;
  XimAccount *account;
  XimRelation relation;
  gint64 current_s;
  XimDevice *usable[XIM_DEVICES_MAX];
  guint n_usable;
  GPtrArray *between; /* (nullable): of XimAccount, ascending */
  char *unreached;    /* (nullable) */
  char *replayed;     /* (nullable) */
  XimLogPlace place;
  XimCheckpoint *checkpoint; /* (nullable): then there is no place */
};

/* How the account note stands to what is known. */
typedef struct
{
  XimRelation relation;
  GError *unreached; /* (nullable): why it is a reset all the same */
} Standing;

static void
standing_clear (Standing *standing)
{
  g_clear_error (&standing->unreached);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Standing, standing_clear)

static gboolean
check_name (const char *what, const char *got, const char *expected,
            GError **error)
{
  if (strcmp (got, expected) == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_WRONG_NAME,
               "expected the %s of %s, got that of %s", what, expected, got);
  return FALSE;
}

static gboolean
check_names (const XimBundle *bundle, const XimPin *pin, const char *jid,
             GError **error)
{
  return check_name ("bundle", bundle->jid, jid, error)
         && check_name ("keyserver", xim_jid_domain (jid), pin->domain, error)
         && check_name ("account note", bundle->account->jid, jid, error)
         && check_name ("current note", bundle->current->jid, jid, error);
}

/* The account note is the newest: the keyserver says so, with its hash. */
static gboolean
check_newest (const XimBundle *bundle, GError **error)
{
  const XimAccount *account = bundle->account;
  const XimCurrent *current = bundle->current;
  if (current->version == account->version
      && memcmp (current->account.bytes, account->hash.bytes,
                 sizeof account->hash.bytes)
             == 0)
    return TRUE;
  g_set_error (error, XIM_ERROR, XIM_ERROR_KEY_CHANGED,
               "expected version %u, which the current note names, got "
               "version %u or another text",
               current->version, account->version);
  return FALSE;
}

/* A version above the known one that does not continue it by itself: by what
 * was fetched it is reached, or it is a reset.  Returns FALSE when nothing was
 * fetched yet, or when it is no higher version. */
static gboolean
walk (const XimAccount *account, const XimKnown *known, Standing *standing)
{
  const XimAccount *before = known->history.newest;
  if (!known->walked || before == NULL || account->version <= before->version)
    return FALSE;
  if (!xim_chain_walk (account, &known->history, known->between,
                       known->n_between, &standing->relation,
                       &standing->unreached))
    standing->relation = XIM_RELATION_RESET;
  return TRUE;
}

/* What does not continue the chain is evidence only if the keyserver says now
 * that it is the newest: an old answer that somebody kept is not a lie.  So
 * the time comes before the chain. */
static gboolean
check_account (const XimBundle *bundle, const XimPin *pin,
               const XimKnown *known, gint64 now_s, Standing *standing,
               GError **error)
{
  const char *jid = bundle->jid;
  g_autoptr (GError) chain = NULL;
  gboolean ok = xim_account_check_client (bundle->account, jid, pin->server,
                                          &known->history, &standing->relation,
                                          &chain);
  if (!ok && !g_error_matches (chain, XIM_ERROR, XIM_ERROR_KEY_CHANGED))
    {
      g_propagate_error (error, g_steal_pointer (&chain));
      return FALSE;
    }
  if (!xim_current_check (bundle->current, jid, pin->server, now_s, error))
    return FALSE;
  if (ok || walk (bundle->account, known, standing))
    return check_newest (bundle, error);
  g_propagate_error (error, g_steal_pointer (&chain));
  return FALSE;
}

static const XimDevice *
find_seen (const XimKnown *known, const XimDeviceId *id)
{
  for (guint i = 0; i < known->n_devices; i++)
    if (xim_device_id_compare (&known->devices[i]->id, id) == 0)
      return known->devices[i];
  return NULL;
}

/* A device note that does not pass leaves its device out. */
static void
take_usable (XimVerified *self, const XimBundle *bundle, const XimPin *pin,
             const XimKnown *known, gint64 now_s)
{
  const XimAccount *account = self->account;
  for (guint i = 0; i < bundle->n_devices; i++)
    {
      const XimDevice *device = bundle->devices[i];
      g_autoptr (GError) error = NULL;
      if (xim_device_check_client (
              device, account->jid, account->devices, account->n_devices,
              pin->server, find_seen (known, &device->id), now_s, &error))
        self->usable[self->n_usable++] = xim_device_copy (device);
      else if (g_error_matches (error, XIM_ERROR, XIM_ERROR_REPLAYED)
               && self->replayed == NULL)
        self->replayed = g_strdup (error->message);
    }
}

static XimVerified *
verified_new (XimAccount *account, XimRelation relation, gint64 current_s)
{
  XimVerified *self = g_new0 (XimVerified, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->account = account;
  self->relation = relation;
  self->current_s = current_s;
  return self;
}

static void
account_free (gpointer account)
{
  xim_account_free (account);
}

/* The hash binds a text; nothing more is said of it when the walk failed. */
static void
take_between (XimVerified *self, const XimKnown *known)
{
  const XimAccount *before = known->history.newest;
  if (before == NULL || self->account->version <= before->version)
    return;
  guint n
      = MIN (known->n_between, self->account->version - before->version - 1);
  self->between = g_ptr_array_new_with_free_func (account_free);
  for (guint i = xim_chain_bound (self->account, known->between, n); i > 0;
       i--)
    g_ptr_array_add (self->between, xim_account_copy (known->between[i - 1]));
}

static gboolean
check_log (const XimBundle *bundle, const XimPin *pin, XimLogPlace *out,
           GError **error)
{
  if (bundle->logged != NULL)
    return xim_logged_check (bundle->logged, bundle->account, pin->log,
                             &pin->vrf, out, error);
  g_set_error (error, XIM_ERROR, XIM_ERROR_NOT_LOGGED,
               "the bundle has no proof that it is logged");
  return FALSE;
}

XimVerified *
xim_verify_bundle (const XimBundle *bundle, const XimPin *pin, const char *jid,
                   const XimKnown *known, gint64 now_s, GError **error)
{
  g_auto (Standing) standing = { 0 };
  XimLogPlace place = { 0 };
  if (!check_names (bundle, pin, jid, error)
      || !check_account (bundle, pin, known, now_s, &standing, error)
      || !check_log (bundle, pin, &place, error))
    return NULL;
  XimVerified *self
      = verified_new (xim_account_copy (bundle->account), standing.relation,
                      bundle->current->time_s);
  if (standing.unreached != NULL)
    self->unreached = g_strdup (standing.unreached->message);
  self->place = place;
  self->checkpoint = xim_checkpoint_copy (bundle->logged->checkpoint);
  take_between (self, known);
  take_usable (self, bundle, pin, known, now_s);
  return self;
}

XimVerified *
xim_verified_former (const XimVerified *newest, const XimAccount *former)
{
  if (strcmp (newest->account->jid, former->jid) != 0
      || former->version >= newest->account->version)
    return NULL;
  return verified_new (xim_account_copy (former), newest->relation, 0);
}

XimVerified *
xim_verified_new_unproven (const char *jid, const XimAccountDevice *devices,
                           guint n_devices)
{
  g_return_val_if_fail (n_devices <= XIM_DEVICES_MAX, NULL);
  XimAccount *account = g_new0 (XimAccount, 1);
  account->jid = g_strdup (jid);
  account->version = 1;
  account->n_devices = n_devices;
  memcpy (account->devices, devices, n_devices * sizeof *devices);
  return verified_new (account, XIM_RELATION_NEW, 0);
}

XimVerified *
xim_verified_ref (XimVerified *verified)
{
  g_atomic_ref_count_inc (&verified->ref_count);
  return verified;
}

void
xim_verified_unref (XimVerified *verified)
{
  if (verified == NULL || !g_atomic_ref_count_dec (&verified->ref_count))
    return;
  xim_account_free (verified->account);
  for (guint i = 0; i < verified->n_usable; i++)
    xim_device_free (verified->usable[i]);
  if (verified->between != NULL)
    g_ptr_array_unref (verified->between);
  xim_checkpoint_free (verified->checkpoint);
  g_free (verified->unreached);
  g_free (verified->replayed);
  g_free (verified);
}

const char *
xim_verified_jid (const XimVerified *verified)
{
  return verified->account->jid;
}

const XimAccount *
xim_verified_account (const XimVerified *verified)
{
  return verified->account;
}

XimRelation
xim_verified_relation (const XimVerified *verified)
{
  return verified->relation;
}

gint64
xim_verified_current_s (const XimVerified *verified)
{
  return verified->current_s;
}

const char *
xim_verified_unreached (const XimVerified *verified)
{
  return verified->unreached;
}

const char *
xim_verified_replayed (const XimVerified *verified)
{
  return verified->replayed;
}

const XimLogPlace *
xim_verified_place (const XimVerified *verified)
{
  return verified->checkpoint != NULL ? &verified->place : NULL;
}

const XimCheckpoint *
xim_verified_checkpoint (const XimVerified *verified)
{
  return verified->checkpoint;
}

guint
xim_verified_n_between (const XimVerified *verified)
{
  return verified->between != NULL ? verified->between->len : 0;
}

const XimAccount *
xim_verified_between (const XimVerified *verified, guint i)
{
  g_return_val_if_fail (i < xim_verified_n_between (verified), NULL);
  return g_ptr_array_index (verified->between, i);
}

guint
xim_verified_n_usable (const XimVerified *verified)
{
  return verified->n_usable;
}

const XimDevice *
xim_verified_usable (const XimVerified *verified, guint i)
{
  g_return_val_if_fail (i < verified->n_usable, NULL);
  return verified->usable[i];
}

const XimEd25519Public *
xim_verified_signer (const XimVerified *verified, const XimDeviceId *id)
{
  const XimAccountDevice *device = xim_account_find (verified->account, id);
  return device != NULL ? &device->key : NULL;
}
