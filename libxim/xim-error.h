/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The error domain of libxim: one code for each thing a caller can do. */

#pragma once

#include <glib.h>

#define XIM_ERROR (xim_error_quark ())

/**
 * XimError:
 * What went wrong, by what the caller can do about it.  Every code has a word,
 * which the test vectors and the keyserver's JSON errors use.
 * Source: PROTOCOL.md, section "Errors".
 */
typedef enum
{
  XIM_ERROR_MALFORMED,   /* "malformed": the bytes do not have the form */
  XIM_ERROR_TOO_LARGE,   /* "too-large": over a limit */
  XIM_ERROR_UNSUPPORTED, /* "unsupported": unknown version, suite or kind */
  XIM_ERROR_SIGNATURE,   /* "signature": missing or does not verify */
  XIM_ERROR_WRONG_NAME,  /* "wrong-name": of another address, domain, device */
  XIM_ERROR_KEY_CHANGED, /* "key-changed": does not continue the one before */
  XIM_ERROR_EXPIRED,     /* "expired": outside of its time */
  XIM_ERROR_REPLAYED,    /* "replayed": seen before, or a serial falls */
  XIM_ERROR_NOT_FOR_US,  /* "not-for-us": no slot of an own key */
  XIM_ERROR_NOT_FOUND,   /* "not-found": no such address, device or version */
  XIM_ERROR_NOT_LOGGED,  /* "not-logged": a proof that does not prove */
  XIM_ERROR_STORE,       /* "store": disk, database or memory failed */
  XIM_ERROR_NO_PROOF,    /* "no-proof": the address was not proven */
  XIM_ERROR_CONFLICT,    /* "conflict": somebody else was faster */
  XIM_ERROR_TOO_MANY,    /* "too-many": over a rate, try again later */
  XIM_ERROR_UNAVAILABLE, /* "unavailable": cannot be reached or done now */
} XimError;

GQuark xim_error_quark (void);

/**
 * xim_error_word:
 * @code: a #XimError
 *
 * Returns: (transfer none): the word of @code, for example "wrong-name"
 */
const char *xim_error_word (XimError code);

/**
 * xim_error_from_word:
 * @word: a word, for example from the keyserver's JSON
 * @code: (out): the code, written only when the word is known
 *
 * Returns: whether @word is known
 */
gboolean xim_error_from_word (const char *word, XimError *code);
