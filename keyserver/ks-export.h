/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* `xim-keyserver export-log`: a mirror of the log in files. */

#pragma once

#include "ks-config.h"

/* What was written. */
typedef struct
{
  guint64 size;    /* entries of the log */
  guint64 written; /* files; those that were there are left alone */
} XimKsExported;

/**
 * xim_ks_export:
 * @folder: made if it is missing
 *
 * Writes checkpoint and tiles under the names that C2SP tlog-tiles gives them,
 * readable for everybody, the checkpoint last: whenever it is cut off, what is
 * there is whole.  The keyserver may run meanwhile.
 * Errors: STORE, also while there is no checkpoint; WRONG_NAME.
 */
gboolean xim_ks_export (const XimKsConfig *config, const char *folder,
                        XimKsExported *exported, GError **error);
