/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The checks of test vectors that are about envelopes. */

#pragma once

#include <glib.h>

/**
 * vectors_envelope:
 * @lines: of a case with `check: envelope`
 * @results: (element-type utf8 utf8): gets what came out, by name, as the case
 * writes it
 *
 * Opens the envelope in the order of the specification; a case that prints its
 * making is also sealed again, and `envelope` put into @results.
 * Errors: those of opening; UNAVAILABLE, the case cannot be read.
 */
gboolean vectors_envelope (GStrv lines, GHashTable *results, GError **error);

/**
 * vectors_stanza:
 * The same for `check: stanza`: the text of the element.
 */
gboolean vectors_stanza (GStrv lines, GHashTable *results, GError **error);

/**
 * vectors_chunked:
 * The same for `check: chunked`: opens a ciphertext, or seals `length` bytes.
 */
gboolean vectors_chunked (GStrv lines, GHashTable *results, GError **error);
