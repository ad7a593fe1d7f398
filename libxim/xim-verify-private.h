/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A verified bundle that nobody verified: for test vectors and benchmarks
 * only; `make check` lets no file outside of libxim/ and tests/ include
 * this. */

#pragma once

#include "xim-verify.h"

/**
 * xim_verified_new_unproven:
 * @devices: @n_devices listed devices, at most XIM_DEVICES_MAX
 * Returns: (transfer full): a bundle of version 1 without device notes
 */
XimVerified *xim_verified_new_unproven (const char *jid,
                                        const XimAccountDevice *devices,
                                        guint n_devices);
