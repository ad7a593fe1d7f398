/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What the files that hold the statements of a store share. */

#pragma once

#include "sql.h"

struct _XimStore
{
  char *dir;
  XimSql *keys;
  XimSql *cache;
};

/**
 * xim_store_first_row:
 * @query: (nullable): of a statement that has one row at most; NULL came with
 * @error set
 * @row: (out): whether there is one
 */
gboolean xim_store_first_row (XimSqlQuery *query, gboolean *row,
                              GError **error);

/**
 * xim_store_load_list:
 * @query: (nullable): ended by this; NULL came with @error set
 * @out: (out) (transfer full): all rows, each by @read
 */
gboolean xim_store_load_list (XimSqlQuery *query,
                              gpointer (*read) (XimSqlQuery *),
                              GDestroyNotify free_one, GPtrArray **out,
                              GError **error);
