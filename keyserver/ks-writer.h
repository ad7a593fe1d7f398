/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The writer: one thread that stores in groups and publishes them. */

#pragma once

#include "ks-publisher.h"

/**
 * XimKsWriter:
 * Takes jobs from any thread.  All jobs that wait when the disk becomes free
 * go into one transaction, each behind a savepoint, so a job that fails takes
 * none with it; each is answered when what it wrote is signed and published
 * (ks-publisher.h).  What could not be published, because the signer or the
 * disk failed, is tried again each second and before anything else.  After an
 * erasure it sweeps the store (xim_ks_store_sweep()): at once where that is
 * quick, and never for more than about a sixtieth of the time.
 */
typedef struct _XimKsWriter XimKsWriter;

/**
 * XimKsWriterOps:
 * @jid: the address that the job is about
 * @leaf: (nullable): what needs proofs of the log before it runs; FALSE: none
 * @run: does the job's writes, in the writer's thread; FALSE with an error
 * undoes them
 * @done: called once, when all is published or when the job failed; @error is
 * NULL when its writes are durable and published; @current: (nullable): the
 * current note that was signed with its account note
 */
typedef struct
{
  const char *(*jid) (gpointer job);
  gboolean (*leaf) (gpointer job, XimKsLeafOf *out);
  gboolean (*run) (XimKsStore *store, gpointer job, GError **error);
  void (*done) (gpointer job, const char *current, const GError *error);
} XimKsWriterOps;

/**
 * xim_ks_writer_new:
 * @store: outlives the writer, as @publisher does
 * @folder: of the store, whose file system is watched
 * @max_waiting: more jobs than this are refused
 * @free_bytes: with less space than this all jobs are refused
 */
XimKsWriter *xim_ks_writer_new (XimKsStore *store, XimKsPublisher *publisher,
                                const char *folder, guint max_waiting,
                                guint64 free_bytes);

/**
 * xim_ks_writer_watch:
 * @changed: called in the writer's thread for each address of which something
 * was published, before its job is answered
 */
void xim_ks_writer_watch (XimKsWriter *writer,
                          void (*changed) (gpointer user_data,
                                           const char *jid),
                          gpointer user_data);

/**
 * xim_ks_writer_submit:
 * @ops: (static)
 *
 * After success @ops->done will be called; after a failure it will not.
 * Errors: UNAVAILABLE: too many wait, space is short, it is stopping, or the
 * log is halted.
 */
gboolean xim_ks_writer_submit (XimKsWriter *writer, const XimKsWriterOps *ops,
                               gpointer job, GError **error);

/**
 * xim_ks_writer_check:
 * Errors: as xim_ks_writer_submit() would give now.
 */
gboolean xim_ks_writer_check (XimKsWriter *writer, GError **error);

/**
 * xim_ks_writer_stop:
 * Refuses new jobs, ends those that wait, and returns when the thread is gone.
 */
void xim_ks_writer_stop (XimKsWriter *writer);
void xim_ks_writer_free (XimKsWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsWriter, xim_ks_writer_free)
