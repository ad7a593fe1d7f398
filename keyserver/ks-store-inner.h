/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* The inside of the store, for the files that make up its interface. */

#pragma once

#include "ks-rows.h"
#include "ks-sql.h"
#include "ks-statements.h"

typedef struct _XimKsStore XimKsStore;

struct _XimKsStore
{
  char *path;
  const XimSecret *members;
  XimKsSql *writer;
  GAsyncQueue *readers; /* of XimKsSql, those that are idle */
};

/**
 * xim_ks_store_take:
 * Returns: a connection to read with, to be given back; NULL with STORE
 */
XimKsSql *xim_ks_store_take (XimKsStore *store, GError **error);
void xim_ks_store_give (XimKsStore *store, XimKsSql *sql); /* or NULL */

/* The rows of two statements.  @record: a XimKsRecord *; @rows: of
 * XimKsDeviceRow */
gboolean xim_ks_store_keep_record (const XimKsSqlRow *row, gpointer record);
gboolean xim_ks_store_keep_device (const XimKsSqlRow *row, gpointer rows);

/**
 * xim_ks_store_keep_listed:
 * @devices: a GArray of XimAccountDevice
 */
gboolean xim_ks_store_keep_listed (const XimKsSqlRow *row, gpointer devices);

/**
 * xim_ks_store_read_erased:
 * @erased: (out): version 0 when @member did not leave
 */
gboolean xim_ks_store_read_erased (XimKsSql *sql, const XimHash *member,
                                   XimKsErased *erased, GError **error);
