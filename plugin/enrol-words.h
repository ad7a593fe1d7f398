/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* How it stands with the own keys, in words. */

#pragma once

#include "enrol.h"

/**
 * xim_enrol_words_state:
 * Returns: (transfer none): behind the address and a colon
 */
const char *xim_enrol_words_state (const XimEnrol *enrol);

/**
 * xim_enrol_words_alarm:
 * Returns: (transfer none) (nullable): what is wrong, and what to do
 */
const char *xim_enrol_words_alarm (XimAlarm alarm);

/**
 * xim_enrol_words_error:
 * Returns: (transfer full) (nullable): what a user must know of the last
 * failure; an outage is for `/xim status`
 */
char *xim_enrol_words_error (const XimEnrol *enrol);
