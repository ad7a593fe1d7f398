/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* C2SP signed notes: a text and the signature lines under it. */

#pragma once

#include "xim-key.h"

/**
 * XimNote:
 * A text that ends in a newline, and 0 (only while it is being made) to 64
 * signature lines.  Decoded whole or refused; nothing in it is trusted before
 * xim_note_verify().
 * Source: C2SP signed-note v1; PROTOCOL.md, section 4.
 */
typedef struct _XimNote XimNote;

/**
 * xim_note_new:
 * @text: UTF-8, ends in a newline, no other control characters
 * Errors: MALFORMED; TOO_LARGE.
 */
XimNote *xim_note_new (const char *text, GError **error);

/**
 * xim_note_decode:
 * @data: @len bytes of a whole note with at least one signature line
 * Errors: MALFORMED; TOO_LARGE, over 16 KiB or 64 lines.
 */
XimNote *xim_note_decode (const char *data, gsize len, GError **error);

/**
 * xim_note_encode:
 * Returns: (transfer full): the whole note: the text, a blank line, the lines
 * in their order
 */
char *xim_note_encode (const XimNote *note);

/**
 * xim_note_copy:
 * Returns: (transfer full)
 */
XimNote *xim_note_copy (const XimNote *note);
void xim_note_free (XimNote *note);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimNote, xim_note_free)

/**
 * xim_note_text:
 * Returns: (transfer none): the text with its last newline, as it was given
 */
const char *xim_note_text (const XimNote *note);

/**
 * xim_note_hash:
 * @out: (out): SHA-256 of the text, without blank line and signatures
 */
void xim_note_hash (const XimNote *note, XimHash *out);

/**
 * xim_note_sign:
 * Adds the line of @key, or replaces the one of the same name and key id.
 * Errors: TOO_LARGE, more than 64 lines or 16 KiB.
 */
gboolean xim_note_sign (XimNote *note, const XimSignKey *key, GError **error);

/**
 * xim_note_verify:
 * @keys: @n_keys known keys, at most 64
 * @good: (out) (optional): bit i is set when @keys[i] signed well
 *
 * Lines of unknown keys are ignored.
 * Errors: SIGNATURE, a line of a known key fails, or none is good.
 */
gboolean xim_note_verify (const XimNote *note, const XimVerifyKey *const *keys,
                          guint n_keys, guint64 *good, GError **error);

/**
 * xim_note_keep:
 * Keeps only the lines of @keys, in the order of @keys; the keyserver stores
 * no line that it did not verify.
 */
void xim_note_keep (XimNote *note, const XimVerifyKey *const *keys,
                    guint n_keys);

/**
 * xim_note_drop:
 * Drops the line of @key, if there is one.
 */
void xim_note_drop (XimNote *note, const XimVerifyKey *key);
