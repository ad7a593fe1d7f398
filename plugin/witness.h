/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What messages say of account versions, compared with what is known here. */

#pragma once

#include "peers.h"

typedef struct _XimWitness XimWitness;

typedef struct
{
  /* A message of @from names keys of @jid, which is the own address or @from
   * itself, that do not fit what the keyserver shows here; it was kept as
   * evidence.  Once for each such statement. */
  void (*alarm) (const char *jid, const char *from, gpointer user_data);
  /* A message names a version of the own account above the newest that is
   * known here.  The own address is being looked up for this already; whoever
   * watches over the own devices may want to look too. */
  void (*own_seen) (gpointer user_data);
} XimWitnessOps;

/**
 * xim_witness_new:
 * @jid: own bare address, prepared
 * @ops: static
 */
XimWitness *xim_witness_new (const char *jid, XimStore *store, XimPeers *peers,
                             const XimWitnessOps *ops, gpointer user_data);
void xim_witness_free (XimWitness *witness);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimWitness, xim_witness_free)

/* A message of which everything was proven. */
typedef struct
{
  const char *from;
  const XimDeviceId *device; /* that signed it */
  const char *base64;        /* its envelope */
  const XimContent *content;
} XimWitnessMessage;

/**
 * xim_witness_take:
 * Compares what @message says of its sender and of the own address (7.6).
 */
void xim_witness_take (XimWitness *witness, const XimWitnessMessage *message);

/**
 * xim_witness_retry:
 * A lookup of @jid ended: what waits for it is compared again.
 */
void xim_witness_retry (XimWitness *witness, const char *jid);
