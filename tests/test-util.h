/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What several tests of libxim use. */

#pragma once

#include <glib.h>
#include <string.h>

#include "xim-codec.h"
#include "xim-error.h"

/**
 * test_hex:
 * Writes the @len bytes that @hex stands for; stops the test if it does not.
 */
static inline void
test_hex (const char *hex, void *out, gsize len)
{
  g_autoptr (GError) error = NULL;
  xim_codec_hex_decode_exact (hex, strlen (hex), out, len, &error);
  g_assert_no_error (error);
}

/**
 * test_assert_hex:
 * Stops the test unless @data is what @hex says.
 */
static inline void
test_assert_hex (const void *data, gsize len, const char *hex)
{
  g_autofree char *got = xim_codec_hex_encode (data, len);
  g_assert_cmpstr (got, ==, hex);
}
