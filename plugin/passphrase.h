/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Where the passphrase of the keystore comes from. */

#pragma once

#include <purple.h>

#include "xim.h"

#define XIM_PASSPHRASE_MAX 1024 /* bytes */
#define XIM_PASSPHRASE_FILE_VARIABLE "XIM_PASSPHRASE_FILE"

/**
 * xim_passphrase_read:
 * @path: a regular file of this user that nobody else can read; one newline at
 * its end does not count
 * Errors: STORE, it cannot be read or is not such a file; MALFORMED, it is
 * empty; TOO_LARGE.
 * Returns: (transfer full): the passphrase
 */
XimSecret *xim_passphrase_read (const char *path, GError **error);

/* What it is asked for.  One that is chosen is asked for twice. */
typedef enum
{
  XIM_PASSPHRASE_UNLOCK,
  XIM_PASSPHRASE_CHOOSE, /* for new keys, or instead of a keyring */
  XIM_PASSPHRASE_CHANGE, /* the old one, and a new one twice */
  XIM_PASSPHRASE_EXPORT, /* for a new file, twice */
  XIM_PASSPHRASE_IMPORT, /* of a file */
} XimPassphraseKind;

/**
 * XimPassphraseCallback:
 * @passphrase: (transfer full) (nullable): NULL when the user cancelled
 * @old: (transfer full) (nullable): the old one, of XIM_PASSPHRASE_CHANGE
 */
typedef void (*XimPassphraseCallback) (XimSecret *passphrase, XimSecret *old,
                                       gpointer user_data);

/* A question that is open. */
typedef struct _XimPassphrase XimPassphrase;

/**
 * xim_passphrase_ask:
 * @problem: (nullable): why it is asked for again
 * @callback: once, from the main loop; not after xim_passphrase_free()
 * Returns: (transfer full) (nullable): NULL when there is nobody to ask
 */
XimPassphrase *xim_passphrase_ask (PurpleAccount *account, const char *jid,
                                   XimPassphraseKind kind,
                                   const char *problem,
                                   XimPassphraseCallback callback,
                                   gpointer user_data);

/**
 * xim_passphrase_free:
 * Closes the question; may be called in its callback.
 */
void xim_passphrase_free (XimPassphrase *question);
