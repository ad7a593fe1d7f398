/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A bounded set of SHA-256 values that forgets the oldest first. */

#pragma once

#include "xim.h"

typedef struct _XimHashSet XimHashSet;

XimHashSet *xim_hash_set_new (guint max);
void xim_hash_set_free (XimHashSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimHashSet, xim_hash_set_free)

/* The SHA-256 of @text is added, looked for, taken out. */
void xim_hash_set_add (XimHashSet *set, const char *text);
gboolean xim_hash_set_has (const XimHashSet *set, const char *text);
gboolean xim_hash_set_remove (XimHashSet *set, const char *text);
