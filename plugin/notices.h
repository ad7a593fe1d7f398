/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Lines for users in the conversation, one for each thing that happens. */

#pragma once

#include <purple.h>

#include "decide.h"
#include "xim-error.h"

/**
 * xim_notices_line:
 * Writes a system line into the conversation with @who; opens none unless
 * @open is set.
 */
void xim_notices_line (PurpleAccount *account, const char *who, gboolean open,
                       const char *text);

/* Texts, translated, in plain words.  (transfer full) */
char *xim_notices_hold_text (XimHoldReason reason, const char *who);
char *xim_notices_failure_text (XimError code, const char *who);
