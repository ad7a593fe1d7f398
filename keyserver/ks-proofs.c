/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Proofs of addresses: who said over XMPP that a note is theirs. */

#include "config.h"

#include "ks-proofs.h"

#include <string.h>

#include "xim-error.h"

#define LIFE_US (G_GINT64_CONSTANT (1000000) * XIM_PROOF_LIFE_S)
#define SWEEP_US (G_GINT64_CONSTANT (1000000) * 10)

typedef struct
{
  XimHash digest;
  gint64 end_us; /* 0: free */
} Proof;

typedef struct
{
  Proof proofs[XIM_PROOFS_PER_JID_MAX];
} Address;

struct _XimKsProofs
{
  GMutex lock;
  GHashTable *addresses; /* of char * to Address */
  guint max_addresses;
  gint64 swept_us;
};

XimKsProofs *
xim_ks_proofs_new (guint max_addresses)
{
  XimKsProofs *proofs = g_new0 (XimKsProofs, 1);
  g_mutex_init (&proofs->lock);
  proofs->addresses
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  proofs->max_addresses = max_addresses;
  return proofs;
}

void
xim_ks_proofs_free (XimKsProofs *proofs)
{
  if (proofs == NULL)
    return;
  g_hash_table_unref (proofs->addresses);
  g_mutex_clear (&proofs->lock);
  g_free (proofs);
}

static gboolean
is_over (gpointer key, gpointer value, gpointer user_data)
{
  (void)key;
  const Address *address = value;
  const gint64 *now_us = user_data;
  for (guint i = 0; i < XIM_PROOFS_PER_JID_MAX; i++)
    if (address->proofs[i].end_us > *now_us)
      return FALSE;
  return TRUE;
}

static void
sweep (XimKsProofs *proofs, gint64 now_us)
{
  if (now_us - proofs->swept_us < SWEEP_US)
    return;
  g_hash_table_foreach_remove (proofs->addresses, is_over, &now_us);
  proofs->swept_us = now_us;
}

static Proof *
find (Address *address, const XimHash *digest)
{
  for (guint i = 0; i < XIM_PROOFS_PER_JID_MAX; i++)
    if (address->proofs[i].end_us != 0
        && xim_crypto_equal (&address->proofs[i].digest, digest,
                             sizeof *digest))
      return &address->proofs[i];
  return NULL;
}

static Proof *
oldest (Address *address)
{
  Proof *found = &address->proofs[0];
  for (guint i = 1; i < XIM_PROOFS_PER_JID_MAX; i++)
    if (address->proofs[i].end_us < found->end_us)
      found = &address->proofs[i];
  return found;
}

static gboolean
add (XimKsProofs *proofs, const char *jid, const XimHash *digest,
     gint64 now_us, GError **error)
{
  sweep (proofs, now_us);
  Address *address = g_hash_table_lookup (proofs->addresses, jid);
  if (address == NULL
      && g_hash_table_size (proofs->addresses) >= proofs->max_addresses)
    {
      g_set_error (error, XIM_ERROR, XIM_ERROR_TOO_MANY,
                   "at most %u addresses may have a proof at one time",
                   proofs->max_addresses);
      return FALSE;
    }
  if (address == NULL)
    {
      address = g_new0 (Address, 1);
      g_hash_table_insert (proofs->addresses, g_strdup (jid), address);
    }
  Proof *proof = find (address, digest);
  if (proof == NULL)
    proof = oldest (address);
  *proof = (Proof){ *digest, now_us + LIFE_US };
  return TRUE;
}

gboolean
xim_ks_proofs_add (XimKsProofs *proofs, const char *jid, const XimHash *digest,
                   gint64 now_us, GError **error)
{
  g_mutex_lock (&proofs->lock);
  gboolean added = add (proofs, jid, digest, now_us, error);
  g_mutex_unlock (&proofs->lock);
  return added;
}

static Proof *
find_live (XimKsProofs *proofs, const char *jid, const XimHash *digest,
           gint64 now_us)
{
  Address *address = g_hash_table_lookup (proofs->addresses, jid);
  Proof *proof = address == NULL ? NULL : find (address, digest);
  return proof != NULL && proof->end_us > now_us ? proof : NULL;
}

gboolean
xim_ks_proofs_has (XimKsProofs *proofs, const char *jid, const XimHash *digest,
                   gint64 now_us)
{
  g_mutex_lock (&proofs->lock);
  gboolean there = find_live (proofs, jid, digest, now_us) != NULL;
  g_mutex_unlock (&proofs->lock);
  return there;
}

gboolean
xim_ks_proofs_take (XimKsProofs *proofs, const char *jid,
                    const XimHash *digest, gint64 now_us)
{
  g_mutex_lock (&proofs->lock);
  Proof *proof = find_live (proofs, jid, digest, now_us);
  if (proof != NULL)
    memset (proof, 0, sizeof *proof);
  g_mutex_unlock (&proofs->lock);
  return proof != NULL;
}
