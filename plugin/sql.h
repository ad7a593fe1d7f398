/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* SQLite: a file, its statements and their rows; only store.c uses it. */

#pragma once

#include <glib.h>

/* A database file.  Errors of all functions: STORE. */
typedef struct _XimSql XimSql;

/* A statement that runs; its XimSql owns it. */
typedef struct _XimSqlQuery XimSqlQuery;

/**
 * xim_sql_open:
 * @path: made with mode 0600 when it is missing; journals get its mode
 * @settings: statements to run first
 * @schema: ends with NULL; step i makes version i + 1 of the tables out of
 * version i, and version 0 is an empty file
 * Brings an older file to the newest version, whole or not at all.
 * Errors: STORE; UNSUPPORTED, the file has a later version.
 */
XimSql *xim_sql_open (const char *path, const char *settings,
                      const char *const *schema, GError **error);
void xim_sql_free (XimSql *sql);

/**
 * xim_sql_script:
 * Runs statements that have neither values nor rows.
 */
gboolean xim_sql_script (XimSql *sql, const char *script, GError **error);
gboolean xim_sql_in_transaction (XimSql *sql);
gint64 xim_sql_last_id (XimSql *sql);

/**
 * xim_sql_query:
 * @text: a string literal: it is prepared once and found by its address
 * @types: one character for each value: i a gint64, s a text or NULL, b a
 * GBytes
 * Returns: (transfer none): ended by xim_sql_query_end()
 */
XimSqlQuery *xim_sql_query (XimSql *sql, GError **error, const char *text,
                            const char *types, ...);

/**
 * xim_sql_query_row:
 * @row: (out): whether there is one more
 */
gboolean xim_sql_query_row (XimSqlQuery *query, gboolean *row, GError **error);

/**
 * xim_sql_query_run:
 * @query: (nullable): ended by this; NULL came with @error set
 */
gboolean xim_sql_query_run (XimSqlQuery *query, GError **error);

/**
 * xim_sql_query_end:
 * Forgets the values too: they may be of keys.
 */
void xim_sql_query_end (XimSqlQuery *query);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimSqlQuery, xim_sql_query_end)

/* Columns of the present row.  (transfer full) */
gint64 xim_sql_int (XimSqlQuery *query, int column);
char *xim_sql_text (XimSqlQuery *query, int column);
GBytes *xim_sql_bytes (XimSqlQuery *query, int column);

/**
 * xim_sql_exact:
 * @out: (out): exactly @out_len bytes; @what names them in the error
 */
gboolean xim_sql_exact (XimSqlQuery *query, int column, guint8 *out,
                        gsize out_len, const char *what, GError **error);
