/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The inside of opening: for libxim and its tests alone. */

#pragma once

#include "xim-unwrapped.h"

/**
 * xim_envelope_open_with:
 * As xim_envelope_open(), with a key that nobody has verified.
 */
XimSecret *xim_envelope_open_with (XimUnwrapped *unwrapped,
                                   const XimEd25519Public *signer,
                                   XimKeyring *ring,
                                   const XimReplayOps *replay, gint64 now_s,
                                   GError **error);
