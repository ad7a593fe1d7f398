/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The own device goes into a file. */

#pragma once

#include "enrol.h"
#include "passphrase.h"

/* One file at a time. */
typedef struct _XimTransfer XimTransfer;

/**
 * xim_transfer_new:
 * @jid, @enrol: outlive it
 * @tell: shows the user a line about how it ended
 */
XimTransfer *xim_transfer_new (PurpleAccount *account, const char *jid,
                               XimEnrol *enrol,
                               void (*tell) (const char *text,
                                             gpointer user_data),
                               gpointer user_data);
void xim_transfer_free (XimTransfer *transfer);

/**
 * xim_transfer_export:
 * @name: of a new file, as the user typed it
 * Asks for a passphrase of its own, makes a key of it in a worker thread, and
 * writes the file there too.
 * Returns: (transfer full) (nullable): why it does not begin, as text for the
 * user; what becomes of it is told later
 */
char *xim_transfer_export (XimTransfer *transfer, const char *name);
