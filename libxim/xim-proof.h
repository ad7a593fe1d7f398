/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Proof files: that an account note stands in the log, to be checked by
 * anybody without asking the keyserver. */

#pragma once

#include "xim-logged.h"
#include "xim-server.h"

/**
 * XimProof:
 * A C2SP tlog-proof, version 1, of an account note; not yet trusted.
 * Source: PROTOCOL.md, section 8.
 */
typedef struct
{
  XimLogged *logged; /* its proof of the next index does not count */
  XimAccount *account;
  XimServer *server; /* the note that names the VRF key */
} XimProof;

/**
 * xim_proof_encode:
 * @server: the newest server note, with its lines
 * @account: with its lines
 * Returns: (transfer full): the file, text
 */
char *xim_proof_encode (const XimServer *server, const XimAccount *account,
                        const XimLogged *logged);

/**
 * xim_proof_decode:
 * @data: @len bytes of a file, at most XIM_PROOF_FILE_MAX
 * Errors: MALFORMED, also without the extra data of X-IM; UNSUPPORTED;
 * TOO_LARGE.
 */
XimProof *xim_proof_decode (const char *data, gsize len, GError **error);
void xim_proof_free (XimProof *proof);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimProof, xim_proof_free)

/**
 * xim_proof_check:
 * @log: the key of the log, known from elsewhere
 * @out: (out): the place, without a next index
 *
 * The server note is signed by the key of the log and names the VRF key; the
 * account note is signed by the server and by its devices as at first sight;
 * its leaf is in the tree of the checkpoint.
 * Errors: WRONG_NAME; SIGNATURE; NOT_LOGGED.
 */
gboolean xim_proof_check (const XimProof *proof, const XimVerifyKey *log,
                          XimLogPlace *out, GError **error);
