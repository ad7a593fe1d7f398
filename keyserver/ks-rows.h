/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What goes into the store and comes out of it. */

#pragma once

#include "xim-entry.h"

/* One device note. */
typedef struct
{
  XimDeviceId id;
  guint32 serial;
  char *note;
} XimKsDeviceRow;

XimKsDeviceRow *xim_ks_device_row_new (const XimDeviceId *id, guint32 serial,
                                       const char *note);
void xim_ks_device_row_free (XimKsDeviceRow *row);

/**
 * xim_ks_device_rows_new:
 * Returns: (transfer full): an empty array that owns its rows
 */
GPtrArray *xim_ks_device_rows_new (void);

/* What the log holds of one version, and what proves it. */
typedef struct
{
  guint64 leaf;
  XimOpening opening;
  XimVrfProof proof; /* of the version */
  XimVrfProof next;  /* of the version after it */
} XimKsLogged;

/* The newest state of one address, as of one moment. */
typedef struct
{
  guint32 version;
  XimHash hash; /* of the account text */
  char *note;
  gboolean is_logged; /* not, in a store of before the log */
  XimKsLogged logged;
  GPtrArray *devices; /* of XimKsDeviceRow, ascending by id */
} XimKsRecord;

void xim_ks_record_free (XimKsRecord *record);

/**
 * xim_ks_record_logged:
 * @record: (nullable)
 * Returns: (nullable): what the log has of it
 */
const XimKsLogged *xim_ks_record_logged (const XimKsRecord *record);

/**
 * xim_ks_record_device:
 * @record: (nullable)
 * Returns: (nullable): the note of the device @id
 */
const XimKsDeviceRow *xim_ks_record_device (const XimKsRecord *record,
                                            const XimDeviceId *id);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XimKsRecord, xim_ks_record_free)

/* The proofs that a version is logged with: ks-leaf.h. */
typedef struct
{
  gboolean has_proof; /* the version before had it */
  XimVrfProof proof;
  gboolean has_next; /* or none is wanted */
  XimVrfProof next;
} XimKsLeaf;

/* One account version with the notes of the devices that it adds, all without
 * the keyserver's lines. */
typedef struct
{
  char *jid;
  guint32 version;
  XimHash hash;
  char *note;
  XimKsLeaf leaf;
  guint8 entry[XIM_ENTRY_ACCOUNT_LEN]; /* of the log, made from it */
  XimKsLogged logged;                  /* the leaf is given later */
  gint64 accepted_s;
  guint64 versions_per_day;
  XimAccountDevice listed[XIM_DEVICES_MAX];
  guint n_listed;
  GPtrArray *devices; /* of XimKsDeviceRow */
} XimKsAccountWrite;

void xim_ks_account_write_free (XimKsAccountWrite *write);

/* What is left of an address that was erased. */
typedef struct
{
  guint32 version; /* of the erase note; 0: it was not erased, or came back */
  XimHash hash;    /* of its text */
} XimKsErased;

/* One erase note. */
typedef struct
{
  char *jid;
  guint32 version;
  XimHash hash;
  char *text;
  XimKsLeaf leaf;
  guint8 entry[XIM_ENTRY_ACCOUNT_LEN]; /* of the log, made from it */
  gint64 accepted_s;
  guint64 versions_per_day;
} XimKsEraseWrite;

void xim_ks_erase_write_free (XimKsEraseWrite *write);

/* One newer device note. */
typedef struct
{
  char *jid;
  XimHash account; /* the text of the newest account note that listed it */
  XimKsDeviceRow *row;
} XimKsDeviceWrite;

void xim_ks_device_write_free (XimKsDeviceWrite *write);
