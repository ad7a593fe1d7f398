/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* An exported device is read from a file, and adds this one. */

#pragma once

#include "joining.h"

/* One file at a time. */
typedef struct _XimImporting XimImporting;

/**
 * xim_importing_new:
 * @parts, @joining, @amend: outlive it; of an import of @amend
 * xim_importing_added() is told
 */
XimImporting *xim_importing_new (const XimAmendParts *parts,
                                 XimJoining *joining, XimAmend *amend,
                                 XimTell tell, gpointer user_data);
void xim_importing_free (XimImporting *importing);

/**
 * xim_importing_start:
 * @name: of the file, as the user typed it
 * Reads it, asks for its passphrase, keeps the decryption keys in it, and has
 * its signing key add this device unless it is one of the account.
 * Returns: (transfer full) (nullable): why it does not begin, as text for the
 * user; what becomes of it is told later
 */
char *xim_importing_start (XimImporting *importing, const char *name);

/* Whether this device is being added: it asks for no code meanwhile. */
gboolean xim_importing_is_adding (const XimImporting *importing);

/* How the change of the list ended. */
void xim_importing_added (XimImporting *importing, const GError *error);

/* The account is offline, or its keys are locked: nothing is imported. */
void xim_importing_stop (XimImporting *importing);
