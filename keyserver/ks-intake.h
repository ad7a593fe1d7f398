/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the store takes in, and what it refuses. */

#pragma once

#include "ks-store.h"

/* All of it is for the one thread that writes, behind a savepoint.  What is
 * taken waits until it is signed and published (ks-pending.h), and until then
 * nothing else of its address is taken. */

/**
 * xim_ks_intake_account:
 * @have: (out): the newest version stored or waiting, also of an erasure;
 * written when the error is CONFLICT or KEY_CHANGED
 *
 * Takes a version, the devices it lists and their notes; notes of devices that
 * are no longer listed go.
 * Errors: CONFLICT, it is not the newest version plus one; TOO_MANY, the
 * address had its versions of the day; WRONG_NAME, a device key is listed for
 * another address; KEY_CHANGED, an id or key was erased; STORE.
 */
gboolean xim_ks_intake_account (XimKsStore *store,
                                const XimKsAccountWrite *write, guint32 *have,
                                GError **error);

/**
 * xim_ks_intake_device:
 * @have: (out): the serial stored or waiting, when the error is CONFLICT
 * Errors: CONFLICT, the account changed meanwhile or the serial is not the
 * last plus one; STORE.
 */
gboolean xim_ks_intake_device (XimKsStore *store,
                               const XimKsDeviceWrite *write, guint32 *have,
                               GError **error);

/**
 * xim_ks_intake_erase:
 * @have: (out): the newest version stored or waiting, when the error is
 * CONFLICT
 *
 * Once it is published every note and key of the address is gone.  What stays
 * is: a tag of the address with the version and hash of @write, tags of the
 * ids and keys, and for a day when it was and how many versions the address
 * had that day.
 * Errors: CONFLICT; TOO_MANY; STORE.
 */
gboolean xim_ks_intake_erase (XimKsStore *store, const XimKsEraseWrite *write,
                              guint32 *have, GError **error);
