/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* From what was accepted to what is signed, logged and served. */

#pragma once

#include "ks-leaf.h"
#include "ks-pending.h"
#include "ks-signer.h"
#include "ks-tiles.h"

/**
 * XimKsPublisher:
 * Each group of registrations takes three steps, each durable before the next:
 * what was accepted and its entries are stored (ks-pending.h); the signer
 * signs the notes and the checkpoint that covers the entries; notes and
 * checkpoint are stored where lookups find them.  After a crash the same texts
 * go to the signer again, which gives the same answer, so that it is never
 * ahead of the log.  By the one thread that writes.
 */
typedef struct _XimKsPublisher XimKsPublisher;

/**
 * xim_ks_publisher_new:
 * @log: the origin of the log
 * All outlive it.
 */
XimKsPublisher *xim_ks_publisher_new (XimKsStore *store, XimKsSigner *signer,
                                      XimKsTiles *tiles, const char *log);
void xim_ks_publisher_free (XimKsPublisher *publisher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsPublisher, xim_ks_publisher_free)

/**
 * xim_ks_publisher_start:
 * @halted: (out): why nothing may be written, while reading goes on: the log
 * is not the one that the signer signed last, or its checkpoint does not fit
 *
 * Loads the log, publishes what was published and finishes what a crash left.
 * Once halted, nothing more is published.
 * Errors: STORE, what is stored cannot be used; those of the signer.
 */
gboolean xim_ks_publisher_start (XimKsPublisher *publisher, GError **halted,
                                 GError **error);

gboolean xim_ks_publisher_is_halted (const XimKsPublisher *publisher);

/**
 * xim_ks_publisher_prove:
 * As xim_ks_leaf_prove().
 */
gboolean xim_ks_publisher_prove (XimKsPublisher *publisher,
                                 const XimKsLeafOf *leaves, gsize n,
                                 GError **error);

/**
 * xim_ks_publisher_place:
 * Gives leaves to what was accepted, inside of its transaction.
 * Errors: STORE.
 */
gboolean xim_ks_publisher_place (XimKsPublisher *publisher, GError **error);

/**
 * xim_ks_publisher_placed:
 * @durable: whether the transaction was committed
 */
void xim_ks_publisher_placed (XimKsPublisher *publisher, gboolean durable);

/* Is told of each row that is published, with its current note, or that the
 * signer refuses. */
typedef void (*XimKsPublished) (gpointer user_data, const XimKsPending *row,
                                const GError *refusal);

/**
 * xim_ks_publisher_publish:
 * @told: (nullable)
 *
 * Has all that waits signed and publishes it.  What the signer refuses is
 * taken away with its entries, which no checkpoint covers, and the rest is
 * published.
 * Errors: those of the signer and STORE: everything goes on waiting;
 * UNAVAILABLE: it is halted.
 */
gboolean xim_ks_publisher_publish (XimKsPublisher *publisher,
                                   XimKsPublished told, gpointer user_data,
                                   GError **error);

/**
 * xim_ks_publisher_is_behind:
 * Returns: whether something waits that was to be published
 */
gboolean xim_ks_publisher_is_behind (const XimKsPublisher *publisher);
