/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* One connection to an SQLite database, with prepared statements. */

#pragma once

#include "xim-crypto.h"

/**
 * XimKsSql:
 * Used by one thread at a time.  Statements are prepared when they are first
 * run.  All errors are STORE.
 */
typedef struct _XimKsSql XimKsSql;

/* A row of a result, valid only inside of the function that gets it. */
typedef struct _XimKsSqlRow XimKsSqlRow;

/**
 * xim_ks_sql_open:
 * @path: an existing file; @writable: or only to read
 * @statements: (static): @n_statements texts, known by their index from now on
 */
XimKsSql *xim_ks_sql_open (const char *path, gboolean writable,
                           const char *const *statements, guint n_statements,
                           GError **error);
void xim_ks_sql_free (XimKsSql *sql);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsSql, xim_ks_sql_free)

/**
 * xim_ks_sql_exec:
 * @text: any number of statements, constant
 */
gboolean xim_ks_sql_exec (XimKsSql *sql, const char *text, GError **error);

/**
 * xim_ks_sql_run:
 * @which: index of a statement that gives no rows
 * @types: a letter for each value: i for gint64, t for text, k for a key or
 * hash of 32 bytes, d for a device id, b for bytes (a const XimPiece *); each
 * but i may be NULL
 */
gboolean xim_ks_sql_run (XimKsSql *sql, guint which, GError **error,
                         const char *types, ...);

/* What takes the rows of a result: @each is called for each row with @data;
 * FALSE means that the row is damaged. */
typedef struct
{
  gboolean (*each) (const XimKsSqlRow *row, gpointer data);
  gpointer data;
} XimKsSqlInto;

/**
 * xim_ks_sql_rows:
 * @types: as above
 */
gboolean xim_ks_sql_rows (XimKsSql *sql, guint which, XimKsSqlInto into,
                          GError **error, const char *types, ...);

gint64 xim_ks_sql_number (const XimKsSqlRow *row, int column);
char *xim_ks_sql_text (const XimKsSqlRow *row, int column);

/**
 * xim_ks_sql_bytes:
 * Returns: whether the column holds exactly @len bytes
 */
gboolean xim_ks_sql_bytes (const XimKsSqlRow *row, int column, void *out,
                           gsize len);

/**
 * xim_ks_sql_piece:
 * Returns: the bytes of the column, valid as long as @row is; none for NULL
 */
XimPiece xim_ks_sql_piece (const XimKsSqlRow *row, int column);

/* For @each: keeps the first column in a char * or a gint64. */
gboolean xim_ks_sql_keep_text (const XimKsSqlRow *row, gpointer text);
gboolean xim_ks_sql_keep_number (const XimKsSqlRow *row, gpointer number);

/**
 * xim_ks_sql_pragma:
 * Returns: the number that `PRAGMA name` gives, 0 when it gives none
 */
gint64 xim_ks_sql_pragma (XimKsSql *sql, const char *name);

/**
 * xim_ks_sql_check_schema:
 * Whether what is stored of the tables makes tables.  SQLite does not look at
 * their CHECKs when it only reads, and would refuse the next write.
 * Errors: STORE.
 */
gboolean xim_ks_sql_check_schema (XimKsSql *sql, GError **error);

/**
 * xim_ks_sql_checkpoint:
 * Brings what the write-ahead log holds into the file and empties the log;
 * waits a while for those who read.
 */
gboolean xim_ks_sql_checkpoint (XimKsSql *sql, GError **error);

/**
 * xim_ks_sql_in_transaction:
 * Returns: whether a transaction is open (SQLite ends it by itself when the
 * disk is full)
 */
gboolean xim_ks_sql_in_transaction (const XimKsSql *sql);
