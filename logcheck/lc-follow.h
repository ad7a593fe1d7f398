/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Follows a log from where the last run ended. */

#pragma once

#include "lc-fetch.h"
#include "lc-state.h"

/* What a run found. */
typedef struct
{
  guint64 n_new;     /* entries that were looked at */
  GString *evidence; /* text for people; empty unless the log misbehaved */
} XimLcReport;

void xim_lc_report_clear (XimLcReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (XimLcReport, xim_lc_report_clear)

/**
 * xim_lc_follow:
 * @state: (inout): goes on to the new checkpoint only if all is well; else it
 * is of no more use
 * @log: the key of the log, named by its origin
 *
 * Reads every entry and every tile that is new.
 * Errors: NOT_LOGGED, the log misbehaved: @report has the evidence; any other,
 * it could not be checked (UNSUPPORTED: it has entries of a type of later, or
 * more than XIM_LC_LEAVES_MAX).
 * Source: PROTOCOL.md, section 8.
 */
gboolean xim_lc_follow (XimLcState *state, XimLcFetch *fetch,
                        const XimVerifyKey *log, XimLcReport *report,
                        GError **error);
