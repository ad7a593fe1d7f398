/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The primitives that libomemo-c runs on here: the fastest at hand, the same
 * as X-IM's. */

#pragma once

#include <signal_protocol.h>

extern const signal_crypto_provider bench_omemo_provider;
