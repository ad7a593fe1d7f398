/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the last run found, in a file. */

#pragma once

#include "lc-indices.h"
#include "xim-checkpoint.h"
#include "xim-frontier.h"

/* How far a log was followed.  Without a checkpoint: not at all. */
typedef struct
{
  XimCheckpoint *checkpoint; /* (nullable) */
  XimFrontier frontier;      /* of the tree of the checkpoint */
  XimLcIndices *indices;
} XimLcState;

XimLcState *xim_lc_state_new (void);
void xim_lc_state_free (XimLcState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimLcState, xim_lc_state_free)

/**
 * xim_lc_state_load:
 * @origin: of the log
 *
 * A file that is not there is the state without a checkpoint.
 * Errors: STORE, it cannot be read; MALFORMED, it is damaged; WRONG_NAME, it
 * is of another log.
 */
XimLcState *xim_lc_state_load (const char *path, const char *origin,
                               GError **error);

/**
 * xim_lc_state_save:
 * Replaces the file whole.
 * Errors: STORE.
 */
gboolean xim_lc_state_save (const XimLcState *state, const char *path,
                            GError **error);
