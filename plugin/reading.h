/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The entries of a keyserver's log, read from one tree to another. */

#pragma once

#include "consistent.h"

typedef struct _XimReading XimReading;

/* How it ended. */
typedef enum
{
  XIM_READING_WHOLE,
  XIM_READING_LEFT,   /* `reached` said so */
  XIM_READING_WRONG,  /* what was served does not lead to the signed tree */
  XIM_READING_OUTAGE, /* no answer now, try again */
} XimReadingEnd;

typedef struct
{
  /* Entries that are proven together: what was read since the last time is
   * read again when a reading ended before. */
  guint64 step;
  /* An entry, in order, not proven yet.  What is of an unknown form is passed
   * over: no client takes it for a proof of anything. */
  void (*entry) (guint64 leaf, const XimEntry *entry, gpointer user_data);
  /* Everything before @head is proven to be in the larger tree.
   * Returns: whether to go on */
  gboolean (*reached) (const XimTreeHead *head, gpointer user_data);
  /* The last of all; it may free the reading. */
  void (*ended) (XimReadingEnd end, guint retry_after_s, gpointer user_data);
} XimReadingOps;

/**
 * xim_reading_new:
 * @from: of which everything is known; not size 0
 * @to: larger, signed
 * @ops: static; called from the main loop, never before this returns, and not
 * after xim_reading_free()
 *
 * Needs the memory of one tile, whatever the sizes are.
 * Source: PROTOCOL.md, section 8.
 */
XimReading *xim_reading_new (XimHttp *http, const XimDomain *domain,
                             const XimTreeHead *from, const XimTreeHead *to,
                             const XimReadingOps *ops, gpointer user_data);
void xim_reading_free (XimReading *reading);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimReading, xim_reading_free)

/* The bytes of the tile of entries that was read last; (transfer none)
 * (nullable).  Evidence has them. */
GBytes *xim_reading_tile (const XimReading *reading);
