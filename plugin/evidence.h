/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What does not fit, kept as files that an expert can read and hand on. */

#pragma once

#include "xim.h"

/**
 * XimEvidence:
 * One file to be: lines of what happened, then bytes as they came.  Nothing
 * secret belongs into it.
 */
typedef struct _XimEvidence XimEvidence;

#define XIM_EVIDENCE_PER_NAME_MAX 16
#define XIM_EVIDENCE_MAX 256

/**
 * xim_evidence_new:
 * @about: an address or a domain
 * @word: what does not fit, in one word, for example "key-changed"
 */
XimEvidence *xim_evidence_new (const char *about, const char *word,
                               gint64 now_s);

/* A line "@name: @text" of the head, in English, for experts. */
void xim_evidence_say (XimEvidence *evidence, const char *name,
                       const char *text);

/* Bytes under a heading; what is no plain text is written as base64. */
void xim_evidence_add (XimEvidence *evidence, const char *name,
                       gconstpointer data, gsize len);

/* The same for a text; none for NULL. */
void xim_evidence_add_text (XimEvidence *evidence, const char *name,
                            const char *text);

/**
 * xim_evidence_save:
 * @dir: of the account; the file is `evidence/TIME-WORD-ABOUT-DIGEST.txt` in
 * it, mode 0600
 * @is_new: (out): FALSE when the same bytes are kept already
 *
 * Keeps XIM_EVIDENCE_PER_NAME_MAX files of each @about, the first one and the
 * newest, and XIM_EVIDENCE_MAX in all.
 * Errors: STORE.
 */
gboolean xim_evidence_save (const XimEvidence *evidence, const char *dir,
                            gboolean *is_new, GError **error);
void xim_evidence_free (XimEvidence *evidence);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimEvidence, xim_evidence_free)

/* Where the files of the account in @dir are (transfer full), and how many. */
char *xim_evidence_folder (const char *dir);
guint xim_evidence_n (const char *dir);
