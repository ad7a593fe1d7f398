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
char *xim_note_encode (const XimNote *note);
XimNote *xim_note_copy (const XimNote *note);
void xim_note_free (XimNote *note);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimNote, xim_note_free)

const char *xim_note_text (const XimNote *note);
void xim_note_hash (const XimNote *note, XimHash *out); /* of the text */

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
gboolean xim_note_verify (const XimNote *note,
                          const XimVerifyKey *const *keys, guint n_keys,
                          guint64 *good, GError **error);

/**
 * xim_note_keep:
 * Keeps only the lines of @keys, in the order of @keys; the keyserver stores
 * no line that it did not verify.
 */
void xim_note_keep (XimNote *note, const XimVerifyKey *const *keys,
                    guint n_keys);

/**
 * XimNoteReader:
 * Takes the lines of a text in their exact order; each function takes one.
 */
typedef struct
{
  const char *rest;
} XimNoteReader;

/**
 * xim_note_reader_title:
 * Takes the first line, "x-im KIND vN".
 * Errors: MALFORMED, another kind; UNSUPPORTED, another version than v1.
 */
gboolean xim_note_reader_title (XimNoteReader *reader, const char *kind,
                                GError **error);

/**
 * xim_note_reader_line:
 * Takes the line "NAME VALUE".
 * @value: (out) (transfer none): points into the text; not ended by NUL
 * Errors: MALFORMED.
 */
gboolean xim_note_reader_line (XimNoteReader *reader, const char *name,
                               const char **value, gsize *value_len,
                               GError **error);

/**
 * xim_note_reader_peek:
 * Returns: whether the next line begins with "NAME "
 */
gboolean xim_note_reader_peek (const XimNoteReader *reader, const char *name);

/* The same for one typed value each.  Errors: MALFORMED. */
gboolean xim_note_reader_jid (XimNoteReader *reader, const char *name,
                              char **out, GError **error);
gboolean xim_note_reader_number (XimNoteReader *reader, const char *name,
                                 guint32 *out, GError **error);
gboolean xim_note_reader_time (XimNoteReader *reader, const char *name,
                               gint64 *out_s, GError **error);
gboolean xim_note_reader_hash (XimNoteReader *reader, const char *name,
                               XimHash *out, GError **error);

/**
 * xim_note_reader_end:
 * Errors: MALFORMED, a line is left over.
 */
gboolean xim_note_reader_end (const XimNoteReader *reader, GError **error);
