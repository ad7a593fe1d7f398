/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One case of tests/vectors: what it says, and what a check makes of it. */

#pragma once

#include <glib.h>

#include "xim-error.h"

/* What is wrong with a case itself is no XIM_ERROR: it never is what a case
 * expects. */
#define VECTOR_ERROR (vector_error_quark ())
GQuark vector_error_quark (void);

/**
 * VectorCase:
 * The values of a case by name, each a line, a block or bytes given in hex
 * under NAME-hex.  Names of blocks are in small letters.
 * Source: tests/vectors/README.md.
 */
typedef struct _VectorCase VectorCase;

/**
 * vector_case_is:
 * Returns: whether @text, a whole file, is a case
 */
gboolean vector_case_is (const char *text);

/**
 * vector_case_new:
 * @text: a whole file of @len bytes that is a case
 * Errors: VECTOR_ERROR.
 */
VectorCase *vector_case_new (const char *text, gsize len, GError **error);
void vector_case_free (VectorCase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VectorCase, vector_case_free)

/**
 * vector_case_count:
 * Returns: how many values are called @name
 */
guint vector_case_count (const VectorCase *self, const char *name);

/**
 * vector_case_bytes:
 * @nth: from 0
 * @len: (out) (optional)
 * Returns: (transfer none): the bytes of the value, with a NUL behind them, or
 * NULL when there is none
 */
const char *vector_case_bytes (const VectorCase *self, const char *name,
                               guint nth, gsize *len);

/**
 * vector_case_get:
 * Returns: (transfer none): the only value called @name
 * Errors: VECTOR_ERROR, there is none, or more than one.
 */
const char *vector_case_get (const VectorCase *self, const char *name,
                             GError **error);

/**
 * vector_case_hex:
 * Returns: (transfer full): the bytes that the only value called @name stands
 * for in hex
 * Errors: VECTOR_ERROR.
 */
GBytes *vector_case_hex (const VectorCase *self, const char *name,
                         GError **error);

/**
 * vector_case_hex_exact:
 * The same for a value of exactly @len bytes.
 */
gboolean vector_case_hex_exact (const VectorCase *self, const char *name,
                                void *out, gsize len, GError **error);

/**
 * vector_case_time:
 * The only value called @name, a time as in notes.
 * Errors: VECTOR_ERROR.
 */
gboolean vector_case_time (const VectorCase *self, const char *name,
                           gint64 *out_s, GError **error);

/**
 * vector_blame:
 * Turns an error of libxim about a value that the case gives as known into one
 * of the case.
 * Returns: FALSE
 */
gboolean vector_blame (const char *name, GError **error);

/**
 * VectorResults:
 * What a check found where it accepts: names and values as the table of the
 * README has them.
 */
typedef GHashTable VectorResults;

/**
 * vector_result:
 * @value: (transfer full)
 */
void vector_result (VectorResults *results, const char *name, char *value);

/**
 * VectorCheck:
 * @run: reads what it needs from the case, does what the table says, and sets
 * @results where it accepts
 * @results: what the table says of it; a case need not give them all
 */
typedef struct
{
  const char *name;
  gboolean (*run) (const VectorCase *vector, VectorResults *results,
                   GError **error);
  const char *results[6];
} VectorCheck;

/* The checks of each file, ended by one without a name. */
extern const VectorCheck vectors_notes[];
extern const VectorCheck vectors_envelope[];
extern const VectorCheck vectors_log[];
