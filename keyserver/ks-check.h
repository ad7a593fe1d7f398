/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver check`: everything that is stored, verified. */

#pragma once

#include "ks-config.h"

/* What was looked at. */
typedef struct
{
  guint64 entries;
  guint64 accounts;
  guint64 versions;
  guint64 of_erased; /* entries of accounts that were erased */
  guint64 pending;   /* accepted and not published yet */
  guint64 problems;
} XimKsChecked;

/**
 * xim_ks_check:
 * @problem: told each thing that is wrong, as a sentence; by any thread, one
 * at a time
 *
 * Verifies the database itself, the chain of server notes, every entry and
 * tile of the log up to its checkpoint, that no index occurs twice, and of
 * every account all notes, countersignatures, the chain and the proofs
 * (ks-audit.h); then that the signer's store fits (ks-check-signer.h).  It
 * makes no signature, and a keyserver may run meanwhile;
 * as long as this lasts, the write-ahead log grows.  On two cores it takes
 * about a minute for 250,000 versions.
 * Errors: STORE or WRONG_NAME, when it cannot be read at all.
 */
gboolean xim_ks_check (const XimKsConfig *config,
                       void (*problem) (const char *text),
                       XimKsChecked *checked, GError **error);
