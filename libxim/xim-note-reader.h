/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Reads the text of a note, line by line, in its exact order. */

#pragma once

#include "xim-key.h"

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
 * xim_note_reader_previous:
 * Takes the line "previous HASH", or "previous -" where @number is 1.
 * @number: the version or serial of this note
 * @out: (out): zeros where @number is 1
 * Errors: MALFORMED, also a hash in the first and none in a later one.
 */
gboolean xim_note_reader_previous (XimNoteReader *reader, guint32 number,
                                   XimHash *out, GError **error);

/**
 * xim_note_reader_key:
 * Takes the line "NAME TYPE KEY".
 * @out: (out): 32 bytes, not checked to be a usable key
 * Errors: MALFORMED; UNSUPPORTED, another key type than @type.
 */
gboolean xim_note_reader_key (XimNoteReader *reader, const char *name,
                              const char *type, guint8 out[XIM_KEY_LEN],
                              GError **error);

/**
 * xim_note_reader_device:
 * Takes the line "NAME ID", or "NAME ID TYPE KEY" when @type is given.
 * @key: (out) (optional): 32 bytes, not checked to be a usable key
 * Errors: MALFORMED; UNSUPPORTED, another key type than @type.
 */
gboolean xim_note_reader_device (XimNoteReader *reader, const char *name,
                                 XimDeviceId *id, const char *type,
                                 guint8 *key, GError **error);

/**
 * xim_note_reader_end:
 * Errors: MALFORMED, a line is left over.
 */
gboolean xim_note_reader_end (const XimNoteReader *reader, GError **error);
