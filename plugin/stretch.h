/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* Passphrases to keys: Argon2id in a worker thread. */

#pragma once

#include "xim.h"

/* One passphrase that is worked on. */
typedef struct _XimStretch XimStretch;

/* How: parameters that come from a file are checked before they are used. */
typedef struct
{
  guint8 salt[XIM_ARGON2_SALT_LEN];
  guint64 bytes;
  guint64 passes;
} XimStretchHow;

/**
 * xim_stretch_check:
 * Errors: STORE, outside of XIM_ARGON2_*.
 */
gboolean xim_stretch_check (const XimStretchHow *how, GError **error);

/**
 * XimStretchCallback:
 * @key: (transfer full) (nullable): XIM_KEY_LEN bytes
 * @error: (nullable): STORE, there is no memory or no thread
 */
typedef void (*XimStretchCallback) (XimSecret *key, const GError *error,
                                    gpointer user_data);

/**
 * xim_stretch_start:
 * @passphrase: (transfer full): wiped as soon as the key is made
 * @callback: once, from the main loop, never before this returns
 * Returns: (transfer none): valid until @callback comes or it is cancelled
 */
XimStretch *xim_stretch_start (XimSecret *passphrase, const XimStretchHow *how,
                               XimStretchCallback callback,
                               gpointer user_data);

/**
 * xim_stretch_cancel:
 * @stretch: (nullable)
 * The thread goes on to its end; @callback does not come.
 */
void xim_stretch_cancel (XimStretch *stretch);
