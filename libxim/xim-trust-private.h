/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Recipients that nobody proved: for test vectors and benchmarks only; `make
 * check` lets no file outside of libxim/ and tests/ include this. */

#pragma once

#include "xim-trust.h"

/**
 * xim_recipients_new_unproven:
 * Returns: (transfer full): no recipients yet
 */
XimRecipients *xim_recipients_new_unproven (void);

/**
 * xim_recipients_add_unproven:
 * Adds one device, whoever it is.
 */
void xim_recipients_add_unproven (XimRecipients *recipients, const char *jid,
                                  const XimDeviceId *device,
                                  const XimX25519Public *key);
