/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Checkpoints: the signed word for how the log is now. */

#pragma once

#include "xim-note.h"
#include "xim-tree.h"

/**
 * XimCheckpoint:
 * Source: C2SP tlog-checkpoint v1.0; PROTOCOL.md, section 8.
 */
typedef struct
{
  char *origin; /* of the log, also the name of the key that signs */
  XimTreeHead head;
  XimNote *note; /* NULL when only the text was given */
} XimCheckpoint;

/**
 * xim_checkpoint_text:
 * Returns: (transfer full): the text that is signed
 */
char *xim_checkpoint_text (const char *origin, const XimTreeHead *head);

/**
 * xim_checkpoint_decode:
 * @data: @len bytes of a note; no signature is checked here
 * Errors: MALFORMED, also extension lines, and size 0 with another root than
 * that of the empty tree; TOO_LARGE.
 */
XimCheckpoint *xim_checkpoint_decode (const char *data, gsize len,
                                      GError **error);

/**
 * xim_checkpoint_decode_text:
 * The same for a text without signatures.
 */
XimCheckpoint *xim_checkpoint_decode_text (const char *text, GError **error);

/**
 * xim_checkpoint_check:
 * @log: the key of the log, named by its origin
 * Errors: WRONG_NAME, the checkpoint of another log; SIGNATURE.
 */
gboolean xim_checkpoint_check (const XimCheckpoint *checkpoint,
                               const XimVerifyKey *log, GError **error);

/**
 * xim_checkpoint_copy:
 * Returns: (transfer full)
 */
XimCheckpoint *xim_checkpoint_copy (const XimCheckpoint *checkpoint);
void xim_checkpoint_free (XimCheckpoint *checkpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimCheckpoint, xim_checkpoint_free)
