/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The entry point of every fuzz target. */

#pragma once

#include <stddef.h>
#include <stdint.h>

/**
 * LLVMFuzzerTestOneInput:
 * @data: @size bytes of any kind
 *
 * A target NAME is fuzz-NAME.c with this function, at least one seed in
 * corpus/NAME/, and its lines in local.mk.  It aborts when a property does not
 * hold; libFuzzer and the sanitizers find crashes, leaks and time-outs.
 * Returns: 0
 */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
