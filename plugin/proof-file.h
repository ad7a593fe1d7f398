/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Files that prove to anybody that an account note is in the log. */

#pragma once

#include "store.h"

/**
 * xim_proof_file_save:
 * @server: the pinned note of its domain
 * @json: a bundle that is held
 * @dir: of the account; the file is `proofs/JID-VERSION.tlog-proof` in it,
 * mode 0600, and takes the place of an earlier one of the same version
 * @path: (out) (transfer full); @version: (out)
 *
 * What is written was checked as its reader will.
 * Errors: NOT_LOGGED, the bundle has no proof; those of xim_bundle_decode()
 * and xim_proof_check(); STORE.
 */
gboolean xim_proof_file_save (const XimServer *server, const char *json,
                              const char *dir, char **path, guint32 *version,
                              GError **error);
