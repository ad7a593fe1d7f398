/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A signer that is younger than the store learns what the store holds. */

#pragma once

#include "ks-signer.h"

/**
 * xim_ks_adopt:
 * @store: the file
 * @members: the secret of its tags
 *
 * Tells a signer that never signed a checkpoint the last version of everybody,
 * so that it goes on from there; does nothing for another signer.
 * Errors: STORE; UNAVAILABLE.
 */
gboolean xim_ks_adopt (XimKsSigner *signer, const char *store,
                       const XimSecret *members, GError **error);
